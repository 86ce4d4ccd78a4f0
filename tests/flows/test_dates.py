from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.dates import UnclearDate, add_months, end_of_month, find_date, shortcut_day

TUESDAY = date(2026, 2, 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "2026-02-10"),
        ("Now", "2026-02-10"),
        ("Tomorrow!", "2026-02-11"),
        ("the day after tomorrow", "2026-02-12"),
        ("yesterday", "2026-02-09"),
        ("in two weeks", "2026-02-24"),
        ("In 3 days.", "2026-02-13"),
        ("two weeks from now", "2026-02-24"),
        ("in a fortnight", "2026-02-24"),
        ("in a month", "2026-03-10"),
        ("in twelve weeks", "2026-05-05"),
        ("2 days ago", "2026-02-08"),
        ("1 March", "2026-03-01"),
        ("March 1st", "2026-03-01"),
        ("the first of March", "2026-03-01"),
        ("I will start on 1 March", "2026-03-01"),
        ("1 mrach", "2026-03-01"),
        ("1 March 2027", "2027-03-01"),
        ("March 1, 2026", "2026-03-01"),
        ("1 January", "2027-01-01"),  # the next one
        ("10 February", "2026-02-10"),  # today counts
        ("29 Feb", "2028-02-29"),  # the next leap year
        ("2026-03-01", "2026-03-01"),
        ("01.03.2026", "2026-03-01"),
        ("1.3.26", "2026-03-01"),
        ("1.3.", "2026-03-01"),
        ("13/3/2026", "2026-03-13"),
        ("3/13", "2026-03-13"),
        ("2/2", "2027-02-02"),
        ("\u0660\u0661.\u0660\u0663.\u0662\u0660\u0662\u0666", "2026-03-01"),
        ("next Monday", "2026-02-16"),
        ("Monday", "2026-02-16"),
        ("on sat", "2026-02-14"),
        ("this Tuesday", "2026-02-10"),
        ("Tuesday", "2026-02-17"),
        ("next week", "2026-02-16"),
        ("next month", "2026-03-01"),
        ("end of the month", "2026-02-28"),
        ("by the end of next month", "2026-03-31"),
        ("in March", "2026-03-01"),
        ("February", "2026-02-10"),  # this month: today
        ("the 5th", "2026-03-05"),
    ],
)
def test_dates(text, expected):
    """The forms in which people write a day, told today's date."""
    assert find_date(text, TUESDAY, "en") == date.fromisoformat(expected)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "banana",
            "sun",
            "sat",
            "mon",
            "5",
            "2026",
            "20260301",
            "a",
            "two",
            "one",
            "week",
            "soon",
            "1.5",
            "1-3",
        ),
        *(
            "12:30",
            "10pm",
            "5 a day",
            "2 patients a week",
            "20 mg",
            "5 sun",
            "31 April",
            "30.02.2026",
            "1 March at 5",
        ),
        *(
            "1 March 1990",
            "in 99999999999 weeks",
            "in 80 years",
            "mid march",
            "0000-00-00",
            "2026-13-45",
            "maybe",
        ),
        *(
            "I have had it since my last visit in the spring of that year or so",
            "99/99/9999",
            "1 2 3",
            "\x00",
        ),
    ],
)
def test_no_date(text):
    """Words, lone numbers, times, doses and impossible days do not become dates."""
    assert find_date(text, TUESDAY, "en") is None


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("3/4/2026", "en", UnclearDate()),
        ("3/4/2026", "en-GB", date(2026, 4, 3)),
        ("3/4/2026", "en-US", date(2026, 3, 4)),
        ("3.4.2026", "en", date(2026, 4, 3)),
        ("3/4/2026", "de", date(2026, 4, 3)),
        ("1. März", "de", date(2026, 3, 1)),
        ("in zwei Wochen", "de", date(2026, 2, 24)),
        ("Montag", "de", date(2026, 2, 16)),
        ("morgen", "de", date(2026, 2, 11)),
        ("1 mars", "fr", date(2026, 3, 1)),
        ("demain", "fr", date(2026, 2, 11)),
        ("1 March", "xx", date(2026, 3, 1)),
    ],
)
def test_languages(text, language, expected):
    """Names of days and months are the language's; plain English does not say whether the day comes first."""
    assert find_date(text, TUESDAY, language) == expected


def test_same_text_same_date():
    """The day is counted from the today that is given, whenever the program runs."""
    for ahead in range(0, 400, 37):
        today = TUESDAY + timedelta(days=ahead)
        assert find_date("in two weeks", today, "en") == today + timedelta(days=14)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("today", "2026-02-10"),
        ("tomorrow", "2026-02-11"),
        ("end_of_week", "2026-02-15"),
        ("end_of_month", "2026-02-28"),
        ("end_of_next_month", "2026-03-31"),
    ],
)
def test_shortcuts(name, expected):
    """A tap means a day; a week ends on Sunday."""
    assert shortcut_day(name, TUESDAY) == date.fromisoformat(expected)


def test_months():
    """A month on from the 31st is the last day of a shorter month."""
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2027, 12, 31), 2) == date(2028, 2, 29)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert end_of_month(date(2026, 12, 5)) == date(2026, 12, 31)


@given(
    st.text(max_size=70), st.sampled_from(["en", "de", "xx"]), st.dates(date(2000, 1, 1), date(2090, 1, 1))
)
def test_any_text(text, language, today):
    """No text raises."""
    find_date(text, today, language)


PIECES = (
    "in on the 1 2 31 99 week weeks march May monday from now next of end month ago 2026 . / - 1st second"
)


@given(st.lists(st.sampled_from(PIECES.split()), max_size=7).map(" ".join))
def test_any_date_like_text(text):
    """No jumble of the words of dates raises, and what comes out is within ten years."""
    found = find_date(text, TUESDAY, "en")
    assert found is None or isinstance(found, UnclearDate) or abs(found.year - TUESDAY.year) <= 10
