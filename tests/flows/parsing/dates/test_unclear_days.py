"""Days as calendars write them, and which of the days that people name must be said back."""

from datetime import date, timedelta

import pytest
from babel.dates import format_date, format_skeleton
from hypothesis import given
from hypothesis import strategies as st

from flows.parsing.dates.days import UnclearDate, find_date
from flows.parsing.dates.unclear_days import is_named_in_full
from flows.parsing.vocabulary import languages

TODAY = date(2026, 2, 10)  # a Tuesday
WITH_YEAR = ("short", "medium", "long", "full")
SKELETONS = ("yMMMd", "yMMMMd", "yMMMEd", "yMd", "yMMdd")
WITHOUT_YEAR = ("MMMd", "MMMMd", "MMMEd", "Md")


def next_such_day(day: date) -> date:
    """The day with this number and month from today on."""
    years = (day.replace(year=TODAY.year + later) for later in (0, 1))
    return next(one for one in years if one >= TODAY)


@given(
    st.sampled_from([*languages(), "en-GB", "en-US", "de-AT", "fr-CA", "pt-BR", "es-MX"]),
    st.dates(date(2024, 1, 1), date(2029, 12, 31)),
    st.sampled_from((*WITH_YEAR, *SKELETONS)),
)
def test_a_day_of_a_calendar_is_itself(language, day, form):
    """A day as Babel writes it is read as itself or asked again, and no other one may be meant by it in silence."""
    locale = language.replace("-", "_")
    write = (
        format_date
        if form in WITH_YEAR
        else lambda day, form, locale: format_skeleton(form, day, locale=locale)
    )
    words = write(day, form, locale=locale)
    found = find_date(words, TODAY, language)
    assert found is None or isinstance(found, UnclearDate) or found == day, words


@given(
    st.sampled_from(languages()),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.sampled_from(WITHOUT_YEAR),
)
def test_a_day_without_its_year_is_the_next_one(language, day, form):
    """A day and a month are the next such day or asked again; with another weekday than that day's they are none."""
    words = format_skeleton(form, day, locale=language)
    found = find_date(words, TODAY, language)
    assert found is None or isinstance(found, UnclearDate) or found == next_such_day(day), words


@pytest.mark.parametrize("language", languages())
def test_long_days_are_read(language):
    """The long form of a day, and the one with its weekday, are read in every language."""
    for ahead in range(0, 400, 9):
        day = TODAY + timedelta(days=ahead)
        for form in ("long", "full"):
            assert find_date(format_date(day, form, locale=language), TODAY, language) == day


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1 March 2026"),
        ("en", "3 June"),
        ("en", "2026-03-04"),
        ("en", "13/4/2026"),
        ("de", "3.4.2026"),
        ("de", "3. Juni"),
        ("fr", "le 14 juillet"),
        ("ar", "15 آذار"),
        ("en", "tomorrow"),
        ("en", "I will start today"),
        ("en", "in two weeks"),
        ("pt", "daqui a 3 dias"),
        ("it", "l'altro ieri"),
    ],
)
def test_days_named_in_full(language, text):
    """Number and month, today and its neighbours, and counted distances can mean one day alone."""
    day = find_date(text, TODAY, language)
    assert isinstance(day, date)
    assert is_named_in_full(text, day, TODAY, language)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "next Sunday", "2026-02-15"),
        ("en", "Tuesday", "2026-02-17"),
        ("en", "mon.", "2026-02-16"),
        ("en", "last Sunday", "2026-02-08"),
        ("en", "wednesday of next week", "2026-02-18"),
        ("en", "Friday this week", "2026-02-13"),
        ("en", "around next Tuesday", "2026-02-17"),
        ("en", "next month", "2026-03-01"),
        ("en", "the 27th", "2026-02-27"),
        ("en", "Thursday the 12th", "2026-02-12"),
        ("en", "20 of next month", "2026-03-20"),
        ("en", "the 5th of this month", "2026-02-05"),
        ("en", "1 February", "2027-02-01"),
        ("en", "31.10.1974", "1974-10-31"),
        ("en", "31/10/74", "1974-10-31"),
        ("en-GB", "03/04/2026", "2026-04-03"),
        ("en-US", "03/04/2026", "2026-03-04"),
        ("de", "03/04/2026", "2026-04-03"),
        ("de", "Mittwoch nächste Woche", "2026-02-18"),
        ("de", "letzten Sonntag", "2026-02-08"),
        ("de", "20. des nächsten Monats", "2026-03-20"),
        ("de", "Freitag, 13.02.26", "2026-02-13"),
        ("fr", "lundi de la semaine prochaine", "2026-02-16"),
        ("fr", "vendredi 13", "2026-02-13"),
        ("fr", "dimanche dernier", "2026-02-08"),
        ("fr", "mardi suivant", "2026-02-17"),
        ("es", "lunes de la próxima semana", "2026-02-16"),
        ("es", "último domingo", "2026-02-08"),
        ("es", "13 02 2026", "2026-02-13"),
        ("it", "giovedì 12", "2026-02-12"),
        ("it", "mercoledì della prossima settimana", "2026-02-18"),
        ("it", "domenica scorsa", "2026-02-08"),
        ("pt", "quarta da semana que vem", "2026-02-18"),
        ("pt", "seg", "2026-02-16"),
        ("pt", "sex.", "2026-02-13"),
        ("pt", "essa segunda", "2026-02-16"),
        ("ar", "الأربعاء من الأسبوع القادم", "2026-02-18"),
        ("ar", "الأحد الماضي", "2026-02-08"),
        ("ar", "يوم الخامس والعشرين", "2026-02-25"),
    ],
)
def test_days_to_be_said_back(language, text, expected):
    """Weekdays, spans, days without their month and days long ago are read, and may be meant otherwise."""
    day = find_date(text, TODAY, language)
    assert day == date.fromisoformat(expected)
    is_plain = text in ("13 02 2026", "Freitag, 13.02.26")
    assert is_plain or not is_named_in_full(text, day, TODAY, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "jeden Donnerstag"),
        ("de", "Mittwoch übernächste Woche"),
        ("en", "November 19-20"),
        ("en", "start of this year"),
        ("es", "comienzos de este año"),
        ("es", "un mes entero"),
        ("es", "la mañana"),
        ("es", "un martes de septiembre"),
        ("en", "this January"),
        ("en", "31/10/37"),
        ("en", "31.10.1874"),
        ("de", "Montag, 13.02.26"),
        ("de", "do"),
        ("es", "mar"),
        ("en", "sun"),
        ("en", "31st of next February"),
    ],
)
def test_days_asked_again(language, text):
    """Habits, ranges, parts of a span, impossible days and words that may be none are no date."""
    assert find_date(text, TODAY, language) is None
