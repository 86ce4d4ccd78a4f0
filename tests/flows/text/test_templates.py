"""Placeholders: where they stand, what fills them, and that nothing put in is read again."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.text.templates import (
    Placeholder,
    TemplateError,
    date_in_words,
    day_in_words,
    fill,
    moment_in_words,
    placeholders,
    short_day,
)

VALUES: dict[str, Any] = {
    "name": "Ann {x}",
    "day": "2026-03-02",
    "days": ["2026-03-02", "2026-04-01", "2026-05-01"],
    "count": 1234,
    "half": 1.5,
    "none": None,
    "empty": [],
    "item": {"code": "a", "label": "The A"},
    "no_day": "soon",
}


def filled(text: str, language: str = "en") -> str:
    return fill(text, lambda path, spec: VALUES.get(path), language)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain", "plain"),
        ("Hi {name}!", "Hi Ann {x}!"),
        ("{{{name}}}", "{Ann {x}}"),
        ("on {day:date}", "on 2 March 2026"),
        ("on {days:date}", "on 2 March 2026, 1 April 2026 and 1 May 2026"),
        ("{count} or {half}", "1,234 or 1.5"),
        ("{none}{empty}{gone}", "………"),
        ("{item}", "The A"),
        ("{no_day:date}", "soon"),
    ],
)
def test_fill(text: str, words: str) -> None:
    """Places are filled by the kind of their value; what is missing shows as an ellipsis."""
    assert filled(text) == words


def test_fill_in_another_language() -> None:
    """Dates, numbers and lists are written as the language writes them."""
    assert (
        filled("{days:date}; {count}; {half}", "de")
        == "2. März 2026, 1. April 2026 und 1. Mai 2026; 1.234; 1,5"
    )


def test_places() -> None:
    """Each place is found with its column, counting from 1, past escaped braces."""
    text = "a {{x}} {c4} and {b.c:date}{{ {d:label}"
    assert placeholders(text) == (
        Placeholder("c4", "", 9),
        Placeholder("b.c", "date", 18),
        Placeholder("d", "label", 31),
    )
    assert all(text[place.column - 1] == "{" for place in placeholders(text))


@pytest.mark.parametrize(
    "text", ["{", "a }", "{a b}", "{a!r}", "{a:x}", "{}", "{a.}", "{0}", "{a[0]}", "x {a:{b}}"]
)
def test_refused(text: str) -> None:
    """What is no plain path is refused when the script is read, not in a chat."""
    with pytest.raises(TemplateError):
        placeholders(text)


@given(words=st.text())
def test_byte_for_byte(words: str) -> None:
    """Whatever a person wrote goes in as it is; words from right to left stand between two marks."""
    expected = words or "…"
    filled = fill("<{x}>", lambda path, spec: words, "en")
    assert filled in (f"<{expected}>", f"<\u2068{expected}\u2069>")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "2 March 2026, 3:05 pm CET"),
        ("de", "2. März 2026, 15:05 CET"),
        ("fr", "2 mars 2026, 15:05 CET"),
        ("ar", "2 مارس 2026، 3:05 م CET"),
    ],
)
def test_a_moment_is_written_as_the_language_writes_it(language, words):
    """Day, hour and zone."""
    at = datetime(2026, 3, 2, 15, 5, tzinfo=ZoneInfo("Europe/Berlin"))
    assert moment_in_words(at, language).replace("\u202f", " ") == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "1 Mar 2027"),
        ("de", "1. März 2027"),
        ("fr", "1er mars 2027"),
        ("es", "1 mar 2027"),
        ("it", "1 mar 2027"),
        ("pt", "1 de mar. de 2027"),
    ],
)
@pytest.mark.parametrize("today", [None, date(2026, 12, 31), date(2028, 3, 1)])
def test_a_year_is_shown_that_is_not_this_one(language, words, today):
    """A day of next March said in December without its year would be taken for one of last March."""
    assert short_day(date(2027, 3, 1), language, today) == words


@pytest.mark.parametrize(
    ("language", "day", "words", "short"),
    [
        ("fr", date(2027, 3, 1), "1er mars 2027", "1er mars"),
        ("fr-CA", date(2027, 8, 1), "1er août 2027", "1er août"),
        ("fr", date(2027, 3, 11), "11 mars 2027", "11 mars"),
        ("fr", date(2027, 3, 21), "21 mars 2027", "21 mars"),
        ("es", date(2027, 3, 1), "1 de marzo de 2027", "1 mar"),
        ("en", date(2027, 3, 1), "1 March 2027", "1 Mar"),
    ],
)
def test_the_first_of_a_french_month(language, day, words, short):
    """It is '1er' wherever a day is written, and no other day is; nor is it in another language."""
    assert day_in_words(day, language) == words == date_in_words(day.isoformat(), language)
    assert short_day(day, language, day) == short
    assert moment_in_words(datetime(day.year, day.month, day.day, 9, tzinfo=UTC), language).startswith(words)


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        ("en", 1, "1 week"),
        ("en", 12, "12 weeks"),
        ("de", 1, "1 Woche"),
        ("ar", 1, "أسبوع"),
        ("ar", 3, "3 أسابيع"),
        ("ar", 12, "12 أسبوعًا"),
    ],
)
def test_weeks_are_counted_as_the_language_counts(language, count, words):
    """With the plural that the number asks for."""
    bare = fill("{n:weeks}", lambda *_: count, language).strip("\u2068\u2069")
    assert bare == words
