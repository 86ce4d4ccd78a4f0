"""Read dates as people type them, given today's date.

Theory. Only what is surely a date becomes one: no lone numbers, no 'sun'. A reply goes through these
readers:

1. digits: '2026-03-01', '1.3.', '3/4/26'. Which of two numbers is the month follows the language's locale; plain
   'en' does not say, so '3/4' is unclear (`UnclearDate`) and asked again. With dots the day always comes first;
2. phrases of the vocabulary ('tomorrow', 'end of next month'), after words such as 'on' are taken away;
3. 'in two weeks', weekdays, a month alone, 'the 5th', and a day with a month;
4. dateparser, with fixed settings, for relative and written-out dates; all numbers typed must be in its result,
   or something else was meant ('1 March at 5');
5. the same words in other languages: only if all that can read them read the same day.

A date without a year is the next such day from today on. A day more than ten years away is a slip, and none.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final, Literal, assert_never

from flows.heavy_packages import load
from flows.parsing.date_names import base_name, locale_of, months, spelled_out, weekdays, with_months
from flows.parsing.numbers import counting_number, word_ordinal
from flows.parsing.vocabulary import languages, others, vocabulary
from flows.text.emoji import without_emoji
from flows.text.folding import fold, plain_digits

_LONGEST: Final = 60
"""Characters. What is longer is a story."""

ShortcutName = Literal["today", "tomorrow", "end_of_week", "end_of_month", "end_of_next_month"]


@dataclass(frozen=True, slots=True)
class UnclearDate:
    """A date that can be read in two ways, such as '03/04/2026'."""


def end_of_month(day: date) -> date:
    """Return the last day of the day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later; the last day of the month if that month is shorter."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    return first.replace(day=min(day.day, end_of_month(first).day))


def shortcut_day(name: str, today: date) -> date:
    """Return the day that a shortcut (`tomorrow`, `end_of_month`) means, said today. A week ends on Sunday."""
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
    """Return the Monday of next week."""
    return today + timedelta(days=7 - today.weekday())


def _next_month(today: date) -> date:
    """Return the first day of next month."""
    return end_of_month(today) + timedelta(days=1)


_DayRule = Callable[[date], date]

_RULES: Final[Mapping[str, _DayRule]] = MappingProxyType(
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
    """Join the words that are not linking words ('of', 'the') of dates."""
    linking = vocabulary(language).dates.linking
    return " ".join(word for word in words if word not in linking)


@lru_cache(maxsize=64)
def _phrases(language: str) -> Mapping[str, _DayRule]:
    """Map the phrases of a language, without their linking words, to the rules that give their day."""
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
    """Find the date that a reply names, in the conversation's language or else in another.

    A day without a year is the next such day from today on. `UnclearDate` where it could be two dates; None
    where it names none. No text raises.
    """
    if len(text) > _LONGEST or not text.strip():
        return None
    written = without_emoji(text)
    base, typed = base_name(language), fold(written)
    if typed in _vague():
        return None
    words = plain_digits(written).lower().split()
    while len(words) > 1 and fold(words[0]) in vocabulary(base).dates.filler:
        words.pop(0)
    numeric = _numeric(" ".join(words).strip("!?, "), today, language)
    if numeric is not None:
        return numeric
    day = _plausible(_by_words(fold(" ".join(words)).split(), typed, today, base), today)
    return _foreign(typed, today, language) if day is None else day


@cache
def _vague() -> frozenset[str]:
    """Return 'one day' in every language: it names no day, though a parser may take it for tomorrow."""
    return frozenset().union(*(vocabulary(name).dates.vague for name in languages()))


def _foreign(key: str, today: date, language: str) -> date | None:
    """Read a date in another language ('morgen', '3 de agosto'); None unless all who can read it read the same."""
    if key in vocabulary(language).ordinary:
        return None
    days = {day for name in others(language) if (day := _in_language(key, today, name)) is not None}
    return days.pop() if len(days) == 1 else None


def _in_language(key: str, today: date, language: str) -> date | None:
    """Read a foreign date: a phrase, a weekday, a month or a day of the month, and nothing less sure."""
    ahead = _plausible(_ahead(key, today, language), today)
    if ahead is not None:
        return ahead
    tokens = key.split()
    while len(tokens) > 1 and tokens[0] in vocabulary(language).dates.filler:
        tokens.pop(0)
    rule = _phrases(language).get(_without_linking(tokens, language))
    if rule is not None:
        return rule(today)
    if any(token[0].isdigit() for token in tokens):
        written = _written_out(tokens, today, language) or _day_of_month(tokens, key, today, language)
        return _plausible(written, today)
    pointing, full = vocabulary(language).dates.pointing, weekdays(language)[0]
    named = " ".join(token for token in tokens if token not in pointing)
    is_day = len(tokens) == 1 or named in full or " ".join(tokens) in full
    return _weekday(tokens, today, language) if is_day else None


def _numeric(plain: str, today: date, language: str) -> date | UnclearDate | None:
    """Read a date in digits; None where the reply is no such date."""
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
    """Choose between day-month and month-day; `month_first` None means that the language does not say."""
    day_first = _in_year(year, second, first, today)
    other = _in_year(year, first, second, today)
    if month_first is None and day_first and other and day_first != other:
        return UnclearDate()
    chosen = other if month_first else day_first
    return _plausible(chosen or (other if not month_first else day_first), today)


def _month_comes_first(separator: str, language: str) -> bool | None:
    """Tell whether '3/4' is in March. None for plain 'en', which does not say; with dots the day comes first."""
    if separator == ".":
        return False
    if language == "en":
        return None
    pattern = str(locale_of(language).date_formats["short"].pattern)
    return pattern.find("M") < pattern.find("d")


def _made(year: int, month: int, day: int) -> date | None:
    """Return that day, or None where the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_year(year: int | None, month: int, day: int, today: date) -> date | None:
    """Return that day; without a year the next such day from today on, up to the next leap day."""
    if year is not None:
        return _made(year, month, day)
    found = (_made(today.year + later, month, day) for later in range(9))
    return next((candidate for candidate in found if candidate is not None and candidate >= today), None)


def _plausible(day: date | None, today: date) -> date | None:
    """Return the day unless it is more than `_AGES` years away."""
    return day if day is not None and abs(day.year - today.year) <= _AGES else None


def _by_words(tokens: list[str], key: str, today: date, base: str) -> date | None:
    """Read a date in words: `tokens` are without leading filler words, `key` has them."""
    if not tokens:
        return None
    rule = _phrases(base).get(_without_linking(tokens, base))
    if rule is not None:
        return rule(today)
    return (
        _ahead(key, today, base)
        or _weekday(key.split()[-len(tokens) - 1 :], today, base)
        or _month_alone(tokens, today, base)
        or _day_of_month(tokens, key, today, base)
        or _written_out(tokens, today, base)
        or _by_library(tokens, today, base)
    )


def _weekday(tokens: list[str], today: date, base: str) -> date | None:
    """Return the first such weekday after today; 'this Friday' said on a Friday is today."""
    full, short = weekdays(base)
    pointers = vocabulary(base).dates.pointing
    kept = [word for word in tokens if word not in pointers]
    name = " ".join(kept)
    number = full.get(name, full.get(" ".join(tokens)))
    if number is None and len(kept) < len(tokens):
        number = short.get(name)
    if number is None:
        return None
    ahead = (number - today.weekday()) % 7
    return today + timedelta(days=ahead or (0 if vocabulary(base).dates.this.intersection(tokens) else 7))


def _dated_words(tokens: list[str], passed: frozenset[str], base: str) -> Iterator[str]:
    """Yield months as they are named and other words with their numbers as digits; words of `passed` are left out."""
    names = months(base)
    for word in with_months(tokens, base):
        if word in names:
            yield word
        elif word not in passed:
            yield spelled_out(word, base)


def _written_out(tokens: list[str], today: date, base: str) -> date | None:
    """Read a day and a month among the words that go with them: 'Montag, den 2. März', '15 آذار 2026'."""
    words, names = vocabulary(base).dates, months(base)
    passed = words.linking | words.pointing | words.filler | frozenset(" ".join(weekdays(base)[0]).split())
    kept = list(_dated_words(tokens, passed, base))
    named = [names[word] for word in kept if word in names]
    numbers = [int(word) for word in kept if word.isdecimal() and len(word) <= 4]  # noqa: PLR2004 - a year
    if len(named) != 1 or len(named) + len(numbers) != len(kept) or len(numbers) not in (1, 2):
        return None
    day, year = numbers[0], numbers[1] if len(numbers) > 1 else None
    if year is not None and year < 100:  # noqa: PLR2004 - '26'
        year += 2000
    return _in_year(year, named[0], day, today)


def _month_alone(tokens: list[str], today: date, base: str) -> date | None:
    """Read 'March' or 'in March' as its first day, or as today when it is the present month."""
    pointing = vocabulary(base).dates.pointing | {"in"}
    kept = [word for word in with_months(tokens, base) if word not in pointing]
    if len(kept) != 1 or (len(kept[0]) <= 3 and len(tokens) == 1 and kept[0] != "may"):  # noqa: PLR2004 - 'mar', 'dec'
        return None
    month = months(base).get(kept[0])
    if month is None:
        return None
    return today if month == today.month else _in_year(None, month, 1, today)


def _day_of_month(tokens: list[str], key: str, today: date, base: str) -> date | None:
    """Read 'the 5th' or 'el 15' as the next such day; a bare number names none."""
    before, _, last = key.rpartition(" ")
    if last.isdecimal() and before in vocabulary(base).dates.before_day:
        return _next_numbered(int(last), today)
    if len(tokens) != 1 or tokens[0].isdecimal() or (key == tokens[0] and not tokens[0][0].isdigit()):
        return None
    number = word_ordinal(tokens[0], base)
    return None if number is None else _next_numbered(number, today)


def _next_numbered(number: int, today: date) -> date | None:
    """Return the next day with this number in its month."""
    if not 1 <= number <= 31:  # noqa: PLR2004 - days of a month
        return None
    first = today.replace(day=1)
    candidates = (
        _made(month.year, month.month, number) for later in range(3) for month in [add_months(first, later)]
    )
    return next((day for day in candidates if day is not None and day >= today), None)


_DISTANCE: Final = re.compile(r"(\d+)([dwmy])")


def _ahead(key: str, today: date, language: str) -> date | None:
    """Read 'in two weeks' or 'بعد أسبوعين' by the words of the language."""
    words = vocabulary(language).dates
    from_now = (phrase for phrase in words.phrases["today"] if key.endswith(f" {phrase}"))
    now = max(from_now, key=len, default="")
    tokens = key.removesuffix(now).split()
    for length in (3, 2, 1):
        if " ".join(tokens[:length]) in words.ahead:
            return _at_distance(tokens[length:], today, language)
    return None


def _at_distance(tokens: list[str], today: date, language: str) -> date | None:
    """Return the day at a distance from today: the tokens of '3 weeks'."""
    distance = _DISTANCE.fullmatch(vocabulary(language).dates.distances.get(" ".join(tokens[-1:]), ""))
    number = counting_number(" ".join(tokens[:-1]), language) if tokens[1:] else 1
    if distance is None or number is None or number > 1000:  # noqa: PLR2004 - nobody plans as far
        return None
    count = number * int(distance[1])
    match distance[2]:
        case "d":
            return today + timedelta(days=count)
        case "w":
            return today + timedelta(weeks=count)
        case "m":
            return add_months(today, count)
        case _:
            return add_months(today, count * 12)


def _by_library(tokens: list[str], today: date, base: str) -> date | None:
    """Read a relative or written-out date by dateparser."""
    if not 1 <= len(tokens) <= 6 or sum(map(len, tokens)) < 4:  # noqa: PLR2004 - 'in two weeks from today'; 'a'
        return None
    spelled = [spelled_out(token, base) for token in tokens]
    numbers = {int(token) for token in spelled if token.isdecimal()}
    month = next((token for token in spelled if token in months(base)), None)
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
    """Tell whether the only number typed is the distance to the day, so that '5 a day' is no date."""
    days = abs((day - today).days)
    months = abs((day.year - today.year) * 12 + day.month - today.month)
    return len(numbers) <= 1 and all(number in {days, days / 7, months, months / 12} for number in numbers)


def _parsed(
    phrase: str, today: date, base: str, parser: Literal["relative-time", "absolute-time"]
) -> date | None:
    """Return the day that dateparser finds with one of its parsers.

    None if it finds none, or one beyond the calendar.
    """
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
    known = base if base in load("dateparser.data.languages_info").language_order else "en"
    try:
        parser_of_language = load("dateparser.date").DateDataParser(languages=[known], settings=settings)
        found: datetime | None = parser_of_language.get_date_data(phrase).date_obj
    except (ValueError, OverflowError):
        return None  # a day beyond the calendar
    return None if found is None else found.date()
