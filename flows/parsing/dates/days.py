"""Read dates as people type them, given today's date.

Theory. Only what is understood whole becomes a date: no lone numbers, no 'sun', and no words beside it whose meaning
is not known, since they may change it ('the Wednesday after next'). A reply goes through these readers:

1. digits: '2026-03-01', '1.3.', '3/4/26'. Which of two numbers is the month follows the language's locale; plain
   'en' does not say, so '3/4' is unclear (`UnclearDate`) and asked again. With dots the day always comes first;
2. phrases of the vocabulary ('tomorrow', 'end of next month'), after words such as 'on' are taken away;
3. 'in two weeks', 'three days ago', weekdays, a month alone, 'the 5th', a day with a month, 'third Tuesday of May';
4. for languages without a vocabulary of their own dateparser, with fixed settings: all numbers typed must be in its
   result, or something else was meant ('1 March at 5');
5. the same words in other languages: only if all that can read them read the same day.

A date without a year is the next such day from today on. A day more than ten years ahead is a slip, and none; one in
the past may be a birth or an illness. A weekday that is not that of the day beside it is a slip too.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Final

from flows.parsing.dates.day_rules import add_months, made, next_numbered
from flows.parsing.dates.library import day_by_library
from flows.parsing.dates.named_days import named_day
from flows.parsing.dates.named_weekdays import (
    is_year,
    next_weekday,
    numbered_weekday,
    past_weekday,
    short_weekday,
    weekday_of_week,
)
from flows.parsing.dates.names import (
    base_name,
    joined_numbers,
    month_comes_first,
    months,
    spelled_out,
    starts_with_weekday,
    weekdays,
    with_months,
)
from flows.parsing.number_words import word_number, word_ordinal
from flows.parsing.vocabulary import base_of, languages, others, vocabulary
from flows.text.emoji import without_emoji
from flows.text.folding import fold, plain_digits

_LONGEST: Final = 60
"""Characters. What is longer is a story."""


@dataclass(frozen=True, slots=True)
class UnclearDate:
    """A date that can be read in two ways, such as '03/04/2026'."""


_AGES: Final = 10
"""Years. A date further ahead than this is a slip of the finger."""
_LIFETIME: Final = 120
"""Years. Nobody tells of a day before."""

_DAYS = re.compile(r"(?<![\d.,/-])\d{1,2}\s?[-\u2013]\s?\d{1,2}(?![\d.,/-])")
"""From a day to another: 'November 19-20'."""
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\.?$")
_SPACED = re.compile(r"^(\d{1,2}) (\d{1,2}) (\d{4})$")
_NUMERIC = re.compile(r"^(\d{1,2})\s?([./-])\s?(\d{1,2})(?:\s?[./-]\s?(\d{4}|\d{2})?)?$")


def find_date(text: str, today: date, language: str) -> date | UnclearDate | None:
    """Find the date that a reply names, in the conversation's language or else in another.

    A day without a year is the next such day from today on. `UnclearDate` where it could be two dates; None
    where it names none. No text raises.
    """
    if len(text) > _LONGEST or not text.strip():
        return None
    base, typed = base_name(language), joined_numbers(without_emoji(text), base_name(language))
    key = fold(typed)
    if key in _vague() or (_DAYS.search(typed) and any(map(str.isalpha, typed))):
        return None
    named = named_day(key, today, base)
    if named is not None:
        return _plausible(named, today)
    words = plain_digits(typed).lower().split()
    while len(words) > 1 and fold(words[0]) in vocabulary(base).dates.filler:
        words.pop(0)
    numeric = _numeric(" ".join(words).strip("!?, "), today, language)
    numeric = numeric or _weekday_in_digits(words, today, language)
    if numeric is not None:
        return numeric
    day = short_weekday(" ".join(words).strip("!?, "), today, base)
    day = day or _plausible(_by_words(fold(" ".join(words)).split(), key, today, base), today)
    return _foreign(text, today, language) if day is None else day


@cache
def _vague() -> frozenset[str]:
    """Return 'one day' in every language: it names no day, though a parser may take it for tomorrow."""
    return frozenset().union(*(vocabulary(name).dates.vague for name in languages()))


def _foreign(text: str, today: date, language: str) -> date | None:
    """Read a date in another language ('morgen', '3 de agosto'); None unless all who can read it read the same."""
    typed = without_emoji(text)
    if fold(typed) in vocabulary(language).ordinary or _is_two_ways(fold(typed).split(), base_name(language)):
        return None
    keys = {name: fold(joined_numbers(typed, name)) for name in others(language)}
    days = {day for name, key in keys.items() if (day := _in_language(key, today, name)) is not None}
    return days.pop() if len(days) == 1 else None


def _in_language(key: str, today: date, language: str) -> date | None:
    """Read a foreign date: a phrase, a weekday, a month or a day of the month, and nothing less sure."""
    day = _plausible(named_day(key, today, language), today)
    if day is not None:
        return day
    tokens = key.split()
    while len(tokens) > 1 and tokens[0] in vocabulary(language).dates.filler:
        tokens.pop(0)
    if any(token[0].isdigit() for token in tokens):
        written = _written_out(tokens, today, language) or _day_of_month(tokens, key, today, language)
        return _plausible(written, today)
    pointing, full = vocabulary(language).dates.pointing, weekdays(language)[0]
    named = " ".join(token for token in tokens if token not in pointing)
    is_day = len(tokens) == 1 or named in full or " ".join(tokens) in full
    return next_weekday(tokens, today, language) if is_day else None


def _numeric(plain: str, today: date, language: str) -> date | UnclearDate | None:
    """Read a date in digits; None where the reply is no such date."""
    iso = _ISO.match(plain)
    if iso:
        return _plausible(made(int(iso[1]), int(iso[2]), int(iso[3])), today)
    numeric = _NUMERIC.match(_SPACED.sub(r"\1/\2/\3", plain))
    if not numeric or (numeric[2] == "-" and numeric[4] is None):  # '1-3' is a range, and no date
        return None
    first, second = int(numeric[1]), int(numeric[3])
    year = None if numeric[4] is None else _full_year(numeric[4], today)
    if numeric[2] == "." and numeric[4] is None and not plain.endswith("."):
        return None  # '1.5' is a number before it is a date
    return _ordered(first, second, year, today, month_comes_first(numeric[2], language))


def _weekday_in_digits(words: list[str], today: date, language: str) -> date | UnclearDate | None:
    """Read a weekday with its date in digits: 'Friday, 18/07/14'; None where it is another weekday, or all else."""
    weekday, length = starts_with_weekday(fold("".join(words[:1])).split(), base_name(language), short=True)
    day = (
        None
        if weekday is None or length > 1
        else _numeric(" ".join(words[1:]).strip("!?, "), today, language)
    )
    return day if not isinstance(day, date) or day.weekday() == weekday else None


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


def _in_year(year: int | None, month: int, day: int, today: date) -> date | None:
    """Return that day; without a year the next such day from today on, up to the next leap day."""
    if year is not None:
        return made(year, month, day)
    found = (made(today.year + later, month, day) for later in range(9))
    return next((candidate for candidate in found if candidate is not None and candidate >= today), None)


def _plausible(day: date | None, today: date) -> date | None:
    """Return the day unless it is more than `_AGES` years ahead, or before any life."""
    return day if day is not None and -_LIFETIME <= day.year - today.year <= _AGES else None


def _full_year(digits: str, today: date) -> int:
    """Return the year that was typed, one of two digits in this century or, where that is too far ahead, the last."""
    year = int(digits)
    if len(digits) > 2:  # noqa: PLR2004 - written in full
        return year
    return 2000 + year if 2000 + year <= today.year + 2 * _AGES else 1900 + year


def _by_words(tokens: list[str], key: str, today: date, base: str) -> date | None:
    """Read a date in words: `tokens` are without leading filler words, `key` has them."""
    if not tokens or _is_two_ways(tokens, base):
        return None
    return (
        next_weekday(key.split()[-len(tokens) - 1 :], today, base)
        or next_weekday(tokens, today, base)
        or weekday_of_week(tokens, today, base)
        or past_weekday(tokens, today, base)
        or _day_of_named_month(tokens, today, base)
        or _month_alone(tokens, today, base)
        or _day_of_month(tokens, key, today, base)
        or numbered_weekday(tokens, today, base)
        or _written_out(tokens, today, base)
        or (day_by_library(tokens, today, base, _in_year) if base_of(base) != base else None)
    )


def _is_two_ways(tokens: list[str], base: str) -> bool:
    """Return whether words are two dates: 'vingt sept' without its hyphen, or 'mar 19', a Tuesday or in March."""
    names, short = months(base), weekdays(base)[1]
    return any(
        (after in names and word_number(f"{word} {after}", base) is not None)
        or (word in names and word in short and after.isdecimal())
        for word, after in pairwise(tokens)
    )


@dataclass(frozen=True, slots=True)
class _WrittenDay:
    """What stands in a date in words: its months and weekdays, and its numbers with the word before each."""

    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    numbers: tuple[tuple[str, str], ...]
    """Pairs of a number as it was typed and the word just before it ('' at the start)."""


def _dated_words(tokens: list[str], base: str) -> _WrittenDay | None:
    """Sort the words of a date; None where one is neither a month, a weekday, a number nor a word that goes with them.

    None too for a small number just before a weekday ('3. Dienstag im Mai'), which counts weekdays.
    """
    words, names, read = vocabulary(base).dates, months(base), with_months(tokens, base)
    passed = words.linking | words.pointing | words.filler
    found: tuple[list[int], list[int], list[tuple[str, str]]] = ([], [], [])
    place = 0
    while place < len(read):
        weekday, length = starts_with_weekday(read[place:], base, short=read[place] not in names)
        before = read[place - 1] if place else ""
        if weekday is not None:
            if found[2] and before == found[2][-1][0] and _ordinal_place(before, base):
                return None
            found[1].append(weekday)
        elif (name := spelled_out(read[place], base)) in names:
            found[0].append(names[name])
        elif read[place] not in passed:
            if not name.isdecimal() or len(name) > 4:  # noqa: PLR2004 - a year
                return None
            found[2].append((read[place], before))
        place += length or 1
    return _WrittenDay(*map(tuple, found))  # type: ignore[arg-type]  # each list has its own type


def _ordinal_place(word: str, base: str) -> bool:
    """Return whether a number may count the weekdays of a month."""
    number = spelled_out(word, base)
    return number.isdecimal() and int(number) <= 5  # noqa: PLR2004 - weekdays in a month


def _written_out(tokens: list[str], today: date, base: str) -> date | None:
    """Read a day and a month among the words that go with them: 'Montag, den 2. März', '15 آذار 2026', 'März 2027'.

    A weekday and a day without a month are the next such day. A weekday must be that of the day.
    """
    written = _dated_words(tokens, base)
    if written is None or len(written.months) > 1 or len(set(written.weekdays)) > 1:
        return None
    numbered = _day_and_year(written, today, base)
    if numbered is None or not (written.months or _is_weekday_and_day(tokens, base)):
        return None
    day, year = numbered
    found = _from_parts(written, day, year, today)
    return found if found is None or not written.weekdays or found.weekday() in written.weekdays else None


def _is_weekday_and_day(tokens: list[str], base: str) -> bool:
    """Return whether tokens are a weekday, a day in digits and words such as 'the': 'Friday the 13th'."""
    words = vocabulary(base).dates
    names = {word for name in (*weekdays(base)[0], *words.before_day) for word in name.split()}
    return all(token[0].isdigit() or token in names | words.linking for token in tokens)


def _day_and_year(written: _WrittenDay, today: date, base: str) -> tuple[int | None, int | None] | None:
    """Return the day of the month and the year among the numbers; None where there is neither, or more."""
    typed = [number for number, _ in written.numbers]
    years = [int(number) for number in typed if is_year(number)]
    days = [int(spelled_out(number, base)) for number in typed if not is_year(number)]
    short = _short_year(written, today, base) if len(days) == 2 and not years else None  # noqa: PLR2004 - day and year
    if short is not None:
        days, years = days[:1], [short]
    if len(years) > 1 or len(days) > 1 or not (days or years):
        return None
    return days[0] if days else None, years[0] if years else None


def _from_parts(written: _WrittenDay, day: int | None, year: int | None, today: date) -> date | None:
    """Return the day that the parts of a date make up: the first of a month with a year, or the next such day."""
    if not written.months:
        return next_numbered(day, today) if day is not None and year is None and written.weekdays else None
    if day is not None:
        return _in_year(year, written.months[0], day, today)
    first = None if year is None or written.weekdays else made(year, written.months[0], 1)
    return today if first == today.replace(day=1) else first


def _short_year(written: _WrittenDay, today: date, base: str) -> int | None:
    """Return the year that the second number is where it has two digits and stands beside the month or the day."""
    (day, before_day), (year, before) = written.numbers
    names = months(base)
    beside = spelled_out(before_day if before == day else before, base) in names
    if not (year.isdecimal() and len(year) == 2 and beside and written.months):  # noqa: PLR2004 - '26'
        return None
    return _full_year(year, today)


def _month_alone(tokens: list[str], today: date, base: str) -> date | None:
    """Read 'March' or 'in March' as its first day, or as today when it is the present month."""
    pointing = vocabulary(base).dates.pointing | {"in"}
    kept = [word for word in with_months(tokens, base) if word not in pointing]
    if len(kept) != 1 or (len(kept[0]) <= 3 and len(tokens) == 1 and kept[0] != "may"):  # noqa: PLR2004 - 'mar', 'dec'
        return None
    month = months(base).get(kept[0])
    if month is None or (month < today.month and not vocabulary(base).dates.this.isdisjoint(tokens)):
        return None  # 'this September', said in November
    return today if month == today.month else _in_year(None, month, 1, today)


def _day_of_named_month(tokens: list[str], today: date, base: str) -> date | None:
    """Read '20 of next month' and 'the 5th of this month'; None for all else."""
    words = vocabulary(base).dates
    passed = words.linking | words.pointing | words.filler
    for name, later in (("next_month", 1), ("this_month", 0)):
        for phrase in words.phrases[name]:
            length = phrase.count(" ") + 1
            if len(tokens) > length and tokens[-length:] == phrase.split():
                number = [word for word in tokens[:-length] if word not in passed]
                day = spelled_out(number[0], base) if len(number) == 1 else ""
                month = add_months(today.replace(day=1), later)
                return made(month.year, month.month, int(day)) if day.isdecimal() and len(day) <= 2 else None  # noqa: PLR2004 - a day
    return None


def _day_of_month(tokens: list[str], key: str, today: date, base: str) -> date | None:
    """Read 'the 5th' or 'el 15' as the next such day; a bare number names none."""
    before, _, last = key.rpartition(" ")
    if last.isdecimal() and before in vocabulary(base).dates.before_day:
        return next_numbered(int(last), today)
    if (
        len(tokens) != 1
        or tokens[0].isdecimal()
        or tokens[0][-1:] == "a"
        or (key == tokens[0] and not tokens[0][0].isdigit())
    ):
        return None
    number = word_ordinal(tokens[0], base)
    return None if number is None else next_numbered(number, today)
