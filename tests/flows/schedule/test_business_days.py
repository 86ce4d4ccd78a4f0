"""Promises of business days and a program's safety settings: when a report is due, and what a program may say."""

from datetime import UTC, date, datetime

import pytest

from flows.check.run import check_program_text
from flows.problem_codes import ProblemCode
from flows.program.loader import PROGRAMS, load_program
from flows.program.safety import SafetyProfile, country_of
from flows.schedule.business_days import is_business_day, report_due, share_used
from flows.schedule.local_time import local

LONDON = "Europe/London"
HEAD = """
program: p
title: P
team: T
contact: c@example.org
condition: c
emergency_numbers: {default: "112"}
ask_about_medicine: no
"""


def at(zone: str, *when: int) -> datetime:
    from zoneinfo import ZoneInfo

    return datetime(*when, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("stored", "zone", "country", "part", "due"),
    [
        ((2026, 11, 18, 10, 0), LONDON, "GB", "ENG", (2026, 11, 19, 10, 0)),  # Wednesday
        ((2026, 11, 20, 17, 30), LONDON, "GB", "ENG", (2026, 11, 23, 17, 30)),  # Friday evening
        ((2026, 11, 21, 9, 0), LONDON, "GB", "ENG", (2026, 11, 23, 9, 0)),  # Saturday
        ((2026, 11, 22, 23, 59), LONDON, None, None, (2026, 11, 23, 23, 59)),  # Sunday
        ((2026, 4, 2, 17, 30), LONDON, "GB", "ENG", (2026, 4, 7, 17, 30)),  # before Easter
        ((2026, 4, 2, 17, 30), LONDON, "GB", "SCT", (2026, 4, 6, 17, 30)),  # no Easter Monday in Scotland
        ((2026, 4, 2, 17, 30), LONDON, None, None, (2026, 4, 3, 17, 30)),  # no calendar, no holidays
        ((2026, 12, 24, 12, 0), "Europe/Berlin", "DE", None, (2026, 12, 28, 12, 0)),
        ((2026, 3, 27, 17, 30), LONDON, "GB", "ENG", (2026, 3, 30, 17, 30)),  # summer time begins on Sunday
        ((2026, 10, 23, 17, 30), LONDON, "GB", "ENG", (2026, 10, 26, 17, 30)),  # and ends
        (
            (2026, 11, 19, 9, 0),
            "Asia/Riyadh",
            "SA",
            None,
            (2026, 11, 22, 9, 0),
        ),  # Friday is the weekend there
    ],
)
def test_a_report_is_due_one_business_day_after_it_was_stored(stored, zone, country, part, due):
    """The same local time on the next day on which offices are open, by that country's weekends and holidays."""
    found = report_due(at(zone, *stored), zone, country, part)
    assert tuple(local(found, zone).timetuple()[:5]) == due
    assert found.tzinfo is UTC


def test_a_time_that_the_clocks_leave_out_is_the_moment_after():
    """01:30 does not exist on the night when summer time begins: 02:00 it is."""
    found = report_due(at("America/Sao_Paulo", 2018, 11, 2, 0, 30), "America/Sao_Paulo", None)
    assert local(found, "America/Sao_Paulo").isoformat() == "2018-11-05T00:30:00-02:00"
    cairo = report_due(at("Africa/Cairo", 2026, 4, 23, 0, 30), "Africa/Cairo", None)
    assert local(cairo, "Africa/Cairo").isoformat() == "2026-04-24T01:00:00+03:00"


def test_the_age_of_a_case_is_its_share_of_the_clock():
    """0 when it is opened, a half in the middle, more than 1 when it is overdue."""
    opened, due = datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    shares = [share_used(opened, due, datetime(2026, 11, day, tzinfo=UTC)) for day in (18, 19, 20, 21)]
    assert shares == [0, 0.5, 1, 1.5]


def test_weekends_are_the_countrys_own():
    """Friday is a day of rest in Saudi Arabia and Sunday is not."""
    friday, sunday = date(2026, 11, 20), date(2026, 11, 22)
    assert (is_business_day(friday, "SA"), is_business_day(sunday, "SA")) == (False, True)
    assert (is_business_day(friday, "GB"), is_business_day(sunday, "GB")) == (True, False)


@pytest.mark.parametrize(
    ("zone", "locale", "country"),
    [
        ("Europe/Vienna", None, "AT"),
        ("Europe/London", "en-US", "GB"),  # where they are counts more than how their telephone is set
        (None, "en-GB", "GB"),
        (None, "pt_BR", "BR"),
        ("UTC", "de-CH", "CH"),
        (None, "en", None),
        ("Etc/GMT+3", None, None),
        ("nowhere", "x", None),
        (None, None, None),
    ],
)
def test_where_a_person_is(zone, locale, country):
    """By the time zone, else by the locale's region, else nobody knows."""
    assert country_of(zone, locale) == country


def test_the_example_names_its_products_and_dates_its_help_lines():
    """A worked example: products by brand and generic name, each number with the page that it was taken from."""
    program = load_program(PROGRAMS / "myeloma.yaml")
    assert program.safety_profile is SafetyProfile.SPONSOR_CONTRACT
    assert {product.brand for product in program.known_products} == {"Revlimid", "Velcade"}
    assert program.crisis is not None
    assert program.crisis.lines("GB")[0].phone == "116 123"
    assert program.crisis.lines("XX") == ()
    lines = [line for country in program.crisis.countries.values() for line in country]
    assert all(line.source.startswith("https://") for line in lines)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("products: [{code: a, brand: A}, {code: a, brand: B}]", ProblemCode.PROGRAM_DUPLICATE),
        ("crisis: {as_of: 2026-01-01, countries: {Britain: []}}", ProblemCode.PROGRAM_EMERGENCY),
        ("crisis: {countries: {}}", ProblemCode.MISSING_KEY),
        (
            "crisis: {as_of: 2026-01-01, countries: {GB: [{name: A, phone: us, source: s}]}}",
            ProblemCode.PROGRAM_EMERGENCY,
        ),
        ("business_calendar: {country: XX}", ProblemCode.BAD_VALUE),
        ("business_calendar: {country: GB, subdivision: XXX}", ProblemCode.BAD_VALUE),
        ("safety_profile: maybe", ProblemCode.NOT_ONE_OF),
    ],
)
def test_a_mistake_about_safety_is_told(more, code):
    """Each has its code and a remedy, when the file is checked and not when somebody is in distress."""
    problems = check_program_text(HEAD + more + "\n", "p.yaml")
    assert [problem.code for problem in problems] == [code], problems
    assert all(problem.remedy for problem in problems)
