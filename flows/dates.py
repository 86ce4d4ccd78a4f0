"""Dates as people type them, told today's date. Only what is surely a date becomes one: no lone numbers, no
'sun'.

Numeric dates, weekdays, months and the commonest phrases are read here, by the names of days and months that
Babel has for the language; relative and written-out dates go through dateparser with fixed settings, and
only when they look so.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, assert_never

from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_month_names

from flows.folding import fold, plain_digits
from flows.numbers import counting_number, word_ordinal
from flows.vocabulary import others, vocabulary

_LONGEST: Final = 60
"""Characters. What is longer is a story."""

ShortcutName = Literal["today", "tomorrow", "end_of_week", "end_of_month", "end_of_next_month"]


@dataclass(frozen=True, slots=True)
class UnclearDate:
    """A date that can be read in two ways: '03/04/2026'."""


def end_of_month(day: date) -> date:
    """The last day of the day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day so many months on; the last day of a month that is shorter."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    return first.replace(day=min(day.day, end_of_month(first).day))


def shortcut_day(name: str, today: date) -> date:
    """The day of a shortcut of `flows.script.Shortcut`. A week ends on Sunday."""
    shortcut: ShortcutName = name  # type: ignore[assignment]  # the script's model admits no other
    match shortcut:
        case "today":
            return today
        case "tomorrow":
            return today + timedelta(days=1)
        case "end_of_week":
            return today + timedelta(days=6 - today.weekday())
        case "end_of_month":
            return end_of_month(today)
        case "end_of_next_month":
            return end_of_month(add_months(today.replace(day=1), 1))
        case _:
            assert_never(shortcut)


def _next_week(today: date) -> date:
    return today + timedelta(days=7 - today.weekday())


def _next_month(today: date) -> date:
    return end_of_month(today) + timedelta(days=1)


_Rule = Callable[[date], date]

_RULES: Final[Mapping[str, _Rule]] = MappingProxyType(
    {
        "today": lambda today: today,
        "tomorrow": lambda today: today + timedelta(days=1),
        "day_after_tomorrow": lambda today: today + timedelta(days=2),
        "yesterday": lambda today: today - timedelta(days=1),
        "this_week": lambda today: shortcut_day("end_of_week", today),
        "next_week": _next_week,
        "end_of_next_week": lambda today: _next_week(today) + timedelta(days=6),
        "fortnight": lambda today: today + timedelta(days=14),
        "this_month": end_of_month,
        "next_month": _next_month,
        "end_of_next_month": lambda today: end_of_month(_next_month(today)),
        "this_year": lambda today: date(today.year, 12, 31),
        "next_year": lambda today: date(today.year + 1, 1, 1),
    }
)
"""What each set of phrases in a vocabulary's `dates` means."""


def _without_linking(words: Iterable[str], language: str) -> str:
    linking = vocabulary(language).dates.linking
    return " ".join(word for word in words if word not in linking)


@lru_cache(maxsize=64)
def _phrases(language: str) -> Mapping[str, _Rule]:
    """Phrases without their linking words."""
    return {
        _without_linking(phrase.split(), language): _RULES[name]
        for name, phrases in vocabulary(language).dates.phrases.items()
        for phrase in phrases
    }


_AGES: Final = 10
"""Years. A date further away than this is a slip of the finger."""

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\.?$")
_NUMERIC = re.compile(r"^(\d{1,2})\s?([./-])\s?(\d{1,2})(?:\s?[./-]\s?(\d{4}|\d{2})?)?$")


def find_date(text: str, today: date, language: str) -> date | UnclearDate | None:
    """The date that a reply names; `UnclearDate` where it could be two; None where it is none. Nothing is
    raised.
    """
    if len(text) > _LONGEST or not text.strip():
        return None
    base = _base(language)
    words = plain_digits(text).lower().split()
    while len(words) > 1 and fold(words[0]) in vocabulary(base).dates.filler:
        words.pop(0)
    numeric = _numeric(" ".join(words).strip("!?, "), today, language)
    if numeric is not None:
        return numeric
    day = _plausible(_by_words(fold(" ".join(words)).split(), fold(text), today, base), today)
    return _foreign(text, today, language) if day is None else day


def _foreign(text: str, today: date, language: str) -> date | None:
    """A date in another language ('morgen', '3 de agosto'): one that all who can read it read the same."""
    key = fold(text)
    if key in vocabulary(language).ordinary:
        return None
    days = {day for name in others(language) if (day := _in_language(key, today, name)) is not None}
    return days.pop() if len(days) == 1 else None


def _in_language(key: str, today: date, language: str) -> date | None:
    """A date by a phrase, a weekday or a month of the language: no more is looked for in a foreign one."""
    tokens = key.split()
    while len(tokens) > 1 and tokens[0] in vocabulary(language).dates.filler:
        tokens.pop(0)
    rule = _phrases(language).get(_without_linking(tokens, language))
    if rule is not None:
        return rule(today)
    if any(token in _months(language) for token in tokens) and any(map(str.isdecimal, tokens)):
        return _plausible(_by_library(tokens, today, language), today)
    is_day = len(tokens) == 1 or " ".join(tokens) in _weekdays(language)[0]
    return _weekday(tokens, today, language) if is_day else None


def _base(language: str) -> str:
    return language.partition("-")[0]


def _numeric(plain: str, today: date, language: str) -> date | UnclearDate | None:
    iso = _ISO.match(plain)
    if iso:
        return _plausible(_made(int(iso[1]), int(iso[2]), int(iso[3])), today)
    numeric = _NUMERIC.match(plain)
    if not numeric or (numeric[2] == "-" and numeric[4] is None):  # '1-3' is a range, and no date
        return None
    first, second = int(numeric[1]), int(numeric[3])
    year = None if numeric[4] is None else int(numeric[4]) + (2000 if len(numeric[4]) == 2 else 0)  # noqa: PLR2004
    if numeric[2] == "." and numeric[4] is None and not plain.endswith("."):
        return None  # '1.5' is a number before it is a date
    return _ordered(first, second, year, today, _month_comes_first(numeric[2], language))


def _ordered(
    first: int,
    second: int,
    year: int | None,
    today: date,
    month_first: bool | None,  # noqa: FBT001 - None: not known
) -> date | UnclearDate | None:
    day_first = _in_year(year, second, first, today)
    other = _in_year(year, first, second, today)
    if month_first is None and day_first and other and day_first != other:
        return UnclearDate()
    chosen = other if month_first else day_first
    return _plausible(chosen or (other if not month_first else day_first), today)


def _month_comes_first(separator: str, language: str) -> bool | None:
    """Whether '3/4' is in March. Plain 'en' does not say; with dots the day always comes first."""
    if separator == ".":
        return False
    if language == "en":
        return None
    pattern = str(_locale(language).date_formats["short"].pattern)
    return pattern.find("M") < pattern.find("d")


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    for name in (language, _base(language)):
        try:
            return Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en", "GB")


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_year(year: int | None, month: int, day: int, today: date) -> date | None:
    """That day; without a year the next such day from today on, up to the next leap day."""
    if year is not None:
        return _made(year, month, day)
    found = (_made(today.year + later, month, day) for later in range(9))
    return next((candidate for candidate in found if candidate is not None and candidate >= today), None)


def _plausible(day: date | None, today: date) -> date | None:
    return day if day is not None and abs(day.year - today.year) <= _AGES else None


def _by_words(tokens: list[str], key: str, today: date, base: str) -> date | None:
    """`tokens` without leading filler words, `key` with them."""
    if not tokens:
        return None
    rule = _phrases(base).get(_without_linking(tokens, base))
    if rule is not None:
        return rule(today)
    return (
        _weekday(key.split()[-len(tokens) - 1 :], today, base)
        or _month_alone(tokens, today, base)
        or _day_of_month(tokens, key, today, base)
        or _by_library(tokens, today, base)
    )


@lru_cache(maxsize=64)
def _weekdays(base: str) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Full names, and short ones. Of 'sexta-feira' the first word is said as often as the whole."""
    full, short = (
        {
            name: number
            for context in ("format", "stand-alone")
            for number, name in get_day_names(width, context, _locale(base)).items()
        }
        for width in ("wide", "abbreviated")
    )
    named = {fold(part): number for name, number in full.items() for part in (name, name.partition("-")[0])}
    return named, {fold(name): number for name, number in short.items()}


def _weekday(tokens: list[str], today: date, base: str) -> date | None:
    """The first such day after today; 'this Friday' said on a Friday is today."""
    full, short = _weekdays(base)
    pointers = vocabulary(base).dates.pointing
    kept = [word for word in tokens if word not in pointers]
    name = " ".join(kept)
    number = full.get(name, short.get(name) if len(kept) < len(tokens) else None)
    if number is None:
        return None
    ahead = (number - today.weekday()) % 7
    return today + timedelta(days=ahead or (0 if vocabulary(base).dates.this.intersection(tokens) else 7))


@lru_cache(maxsize=64)
def _months(base: str) -> Mapping[str, int]:
    """Names of months, full and short, folded."""
    return {
        fold(name): number
        for width in ("abbreviated", "wide")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, _locale(base)).items()
        if not fold(name).isdecimal()
    }


def _month_alone(tokens: list[str], today: date, base: str) -> date | None:
    """'March', 'in March': its first day, or today when it is the present month."""
    kept = [word for word in tokens if word not in vocabulary(base).dates.pointing | {"in"}]
    if len(kept) != 1 or (len(kept[0]) <= 3 and len(tokens) == 1 and kept[0] != "may"):  # noqa: PLR2004 - 'mar', 'dec'
        return None
    month = _months(base).get(kept[0])
    if month is None:
        return None
    return today if month == today.month else _in_year(None, month, 1, today)


def _day_of_month(tokens: list[str], key: str, today: date, base: str) -> date | None:
    """'the 5th': the next one. A bare number is none."""
    if len(tokens) != 1 or tokens[0].isdecimal() or (key == tokens[0] and not tokens[0][0].isdigit()):
        return None
    number = word_ordinal(tokens[0], base)
    if number is None or number > 31:  # noqa: PLR2004 - days of a month
        return None
    first = today.replace(day=1)
    candidates = (
        _made(month.year, month.month, number) for later in range(3) for month in [add_months(first, later)]
    )
    return next((day for day in candidates if day is not None and day >= today), None)


def _by_library(tokens: list[str], today: date, base: str) -> date | None:
    """Relative and written-out dates, by dateparser."""
    if not 1 <= len(tokens) <= 6 or sum(map(len, tokens)) < 4:  # noqa: PLR2004 - 'in two weeks from today'; 'a'
        return None
    spelled = [_spelled_out(token, base) for token in tokens]
    numbers = {int(token) for token in spelled if token.isdecimal()}
    month = next((token for token in spelled if token in _months(base)), None)
    if month is None:
        day = _parsed(" ".join(spelled), today, base, "relative-time")
        return day if day is not None and _accounts_for(numbers, day, today) else None
    if not numbers:
        return None
    day = _parsed(" ".join(spelled), today, base, "absolute-time")
    # All that was typed must be in the date, or something else was meant ('1 March at 5').
    if day is None or not numbers <= {day.day, day.year, day.year % 100}:
        return None
    return day if len(numbers) > 1 else _in_year(None, day.month, day.day, today)


def _accounts_for(numbers: set[int], day: date, today: date) -> bool:
    """Whether the only number typed is the distance, so that '5 a day' is no date."""
    days = abs((day - today).days)
    months = abs((day.year - today.year) * 12 + day.month - today.month)
    return len(numbers) <= 1 and all(number in {days, days / 7, months, months / 12} for number in numbers)


def _spelled_out(token: str, base: str) -> str:
    """Number words as digits, a month with one slip as it should be."""
    number = counting_number(token, base) if len(token) <= 12 else None  # noqa: PLR2004 - longer ones are no day or year
    if number is not None and token != "second":  # noqa: S105 - the unit of time
        return str(number)
    if len(token) < 5 or token in _months(base):  # noqa: PLR2004 - shorter ones are other words too easily
        return token
    from rapidfuzz.distance import OSA  # here: few replies come this far

    near = {name for name in _months(base) if OSA.distance(token, name, score_cutoff=1) == 1}
    return near.pop() if len(near) == 1 else token


def _parsed(
    phrase: str, today: date, base: str, parser: Literal["relative-time", "absolute-time"]
) -> date | None:
    from dateparser.data.languages_info import language_order  # here: it takes a quarter of a second to load
    from dateparser.date import DateDataParser

    settings = {
        "RELATIVE_BASE": datetime.combine(today, time(12)),
        "PREFER_DATES_FROM": "future",
        "PREFER_DAY_OF_MONTH": "first" if parser == "absolute-time" else "current",
        "PREFER_MONTH_OF_YEAR": "first" if parser == "absolute-time" else "current",
        "DATE_ORDER": "DMY",
        "TIMEZONE": "UTC",
        "TO_TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": False,
        "PARSERS": [parser],
    }
    known = base if base in language_order else "en"
    try:
        found = DateDataParser(languages=[known], settings=settings).get_date_data(phrase).date_obj
    except (ValueError, OverflowError):
        return None  # a day beyond the calendar
    return None if found is None else found.date()
