"""Read how long something has lasted, in completed years: '8 months', 'two and a half years', 'since March 2021'.

Theory. Words round a length of time that change nothing in it ('I have had it for') are listed; where any other word
is left over, nothing is read. A number without a unit counts years only alone, with courtesy or 'about' round it: 'I
had 2' may be two of anything. What may be this number of years or the one before is a range of both: '2019' when this
year's months are not over, 'nearly six years'. A length is read in the conversation's language, else in another.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from flows.parsing.dates.names import base_name, joined_numbers, months, with_months
from flows.parsing.number_words import word_number
from flows.parsing.numbers import read_elsewhere, with_decimals
from flows.parsing.vocabulary import vocabulary
from flows.text.folding import fold

_LONGEST: Final = 120
"""Characters. What is longer is a story."""
_MOST_YEARS: Final = 120
"""Nothing lasts longer in a life."""
_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:['\u2019\u02bc][^\W\d_]+)*|[-+<>/\u2264\u2265]")
_PASSED_SIGNS = re.compile(r"[\s.,;:!~\u2248()\u060c'\u2019\"]*")
_ELIDED = re.compile(r"\bd['\u2019](?=un)")
_OTHER_SIGNS = re.compile(
    r"^\w.*\d\s?['\"\u2019\u2032\u2033]|^\d+\s?['\"\u2019\u2032\u2033]|(?<!\w)['\u2019]\d\d\b"
)
"""Of minutes and seconds, and of a short year: 'since '19' is no length of time."""
_JOINED = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_HALF: Final = "\u00bd"
_TOLD: Final = "told"
_DASH: Final = "-"
_WITH_MONTH = re.compile(r"\b(\d{1,2})[./-](\d{4})\b|\b(\d{4})[./-](\d{1,2})(?:[./-]\d{1,2})?\b")
_WITH_DAY = re.compile(r"\b\d{1,2}[./-](\d{1,2})[./-](\d{4})\b")
_MONTHS_OF: Final = {"d": 12 / 365.25, "w": 84 / 365.25, "m": 1.0, "y": 12.0}


@dataclass(frozen=True, slots=True)
class Duration:
    """How many completed years something has lasted: from `low` to `high`, both inside; None is open.

    `number` is the one that was named; None where a range or an open end was.
    """

    low: int
    high: int | None
    number: int | None = None


def find_years(text: str, today: date, language: str) -> Duration | None:
    """Find how many completed years a reply names, from a length of time or from when it began; None for none.

    A number alone counts years. A year alone is its distance to this year, and may be one less.
    """
    if len(text) > _LONGEST:
        return None
    found = _read(text, today, language)
    if found is None and vocabulary(language).dates.ago.isdisjoint(fold(text).split()):
        return read_elsewhere(fold(text), language, lambda name: _read(text, today, name))
    return found  # '4 ago' is no 4 August


def _read(text: str, today: date, language: str) -> Duration | None:
    """Read the reply by the words of one language."""
    plain = with_decimals(joined_numbers(text, base_name(language)))
    if plain is None:
        return None
    plain = _ELIDED.sub("de ", _JOINED.sub(" ", plain))
    began = _WITH_DAY.sub(r"\1/\2", plain)
    if _PASSED_SIGNS.sub("", _TOKEN.sub("", plain)) or _OTHER_SIGNS.search(plain):
        return None  # a sign that is not known
    numeric = _WITH_MONTH.search(began)
    if numeric is not None:
        month, year = int(numeric[1] or numeric[4]), int(numeric[2] or numeric[3])
        rest = _tokens(_WITH_MONTH.sub(" ", began, count=1), language)
        is_date = 1 <= month <= 12 and not set(rest) - _passed(language)  # noqa: PLR2004 - months
        return _since(year, month, today) if is_date else None
    return _by_words(" ".join(_tokens(plain, language)), today, language)


def _by_words(whole: str, today: date, language: str) -> Duration | None:
    """Read the words of a reply: a beginning, a range or a length."""
    if _lies_ahead(whole, language) or _is_an_age(whole.split(), language):
        return None
    key, bound, is_told = _without_bounds(whole, language)
    if key in vocabulary(language).durations.just:
        return Duration(0, 0, 0) if bound is None else None
    tokens = key.split()
    found = _beginning(tokens, bound, today, language)
    if found is None and not (is_told and _units(language).keys().isdisjoint(tokens)):
        found = _range(tokens, bound, language) or _length(tokens, bound, language)
    return found


def _lies_ahead(key: str, language: str) -> bool:
    """Return whether a reply names a time to come: 'three years from now'."""
    return any(f" {phrase} " in f" {key} " for phrase in vocabulary(language).dates.from_now)


def _is_an_age(tokens: list[str], language: str) -> bool:
    """Return whether a reply begins with 'with' or 'at' before a number, which is an age: 'con 63 años', 'mit 63'."""
    is_number = len(tokens) > 1 and tokens[1].isdecimal() and len(tokens[1]) <= _LONGEST_AGE
    return is_number and tokens[0] in vocabulary(language).joining | {_AT}


_AT: Final = "a"
"""'À 63 ans', 'a 63 anni'."""
_LONGEST_AGE: Final = 3
"""Digits: more are a year."""


def _tokens(plain: str, language: str) -> list[str]:
    """Return the folded words of a reply, with numbers as they are, dashes, and a half for its phrases."""
    found = [token if token[0].isdigit() else fold(token) or token for token in _TOKEN.findall(plain)]
    key = f" {' '.join(found)} "
    for phrase in sorted(vocabulary(language).and_a_half, key=len, reverse=True):
        key = key.replace(f" {phrase} ", f" {_HALF} ")
    return key.split()


@lru_cache(maxsize=64)
def _passed(language: str) -> frozenset[str]:
    """Return the words round a beginning that change nothing in it: 'since', 'in', 'the year'."""
    words = vocabulary(language)
    years = {word for word, distance in _units(language).items() if distance == "1y"}
    single = {word for phrase in words.dates.ago | words.durations.since for word in phrase.split()}
    return frozenset(words.durations.filler | words.durations.at | words.dates.linking | years | single)


@lru_cache(maxsize=64)
def _units(language: str) -> dict[str, str]:
    """Return the units of time with their distances ('1y'), short forms too."""
    words = vocabulary(language)
    return {**words.dates.distances, **words.durations.units}


@lru_cache(maxsize=64)
def _bounds(language: str) -> tuple[tuple[str, str | None], ...]:
    """Return the phrases round a length, long ones first, each with the bound that it names.

    None for 'about' and courtesy, `_TOLD` for the words of a sentence.
    """
    words = vocabulary(language)
    telling = (
        (words.dates.ago | words.durations.since | words.durations.filler) - words.roughly - words.polite
    )
    kinds: tuple[tuple[str | None, Iterable[str]], ...] = (
        ("above", words.above | words.or_more | {">", "\u2265", "+"}),
        ("below", words.below | {"<", "\u2264"}),
        ("nearly", words.durations.nearly),
        (None, words.roughly | words.polite),
        (_TOLD, telling),
    )
    listed = ((phrase, kind) for kind, phrases in kinds for phrase in phrases)
    return tuple(sorted(listed, key=lambda one: (-len(one[0]), one[0])))


def _without_bounds(key: str, language: str) -> tuple[str, str | None, bool]:
    """Return a reply without the words round it, which bound they name, and whether a sentence was among them.

    The bound is 'above', 'below', 'nearly' or None. Two bounds are left in it, so that it is not read.
    """
    words, listed = vocabulary(language), _bounds(language)
    bound: str | None = None
    is_told = False
    while key not in words.durations.just:
        found = next(
            (one for one in listed if key.startswith(f"{one[0]} ") or key.endswith(f" {one[0]}")), None
        )
        if found is None or (found[1] not in (None, _TOLD) and bound is not None):
            break
        phrase, kind = found
        key = key[len(phrase) + 1 :] if key.startswith(f"{phrase} ") else key[: -len(phrase) - 1]
        is_told = is_told or kind == _TOLD
        bound = bound or (None if kind == _TOLD else kind)
    return key, bound, is_told


_DATED: Final = {(1, 1, 1), (1, 1, 0), (0, 1, 0), (1, 0, 0), (1, 0, 1)}
"""How many months, years and days name a beginning."""


def _beginning(tokens: list[str], bound: str | None, today: date, language: str) -> Duration | None:
    """Read when it began: '2019', 'March 2021', 'the 3rd of March 2021', 'March' of the last twelve months."""
    named, years = _months_and_years(tokens, language)
    if bound is not None:
        return None
    if years:
        return _since(years[0], named[0] if named else None, today)
    if not named or not _units(language).keys().isdisjoint(tokens):
        return None  # 'sept ans' are seven years
    return Duration(0, 1) if named[0] == today.month else Duration(0, 0, 0)


def _months_and_years(tokens: list[str], language: str) -> tuple[list[int], list[int]]:
    """Return the months and years of a beginning, at most one of each; none where other words are among them."""
    names = months(base_name(language))
    left = [token for token in with_months(tokens, base_name(language)) if token not in _passed(language)]
    numbers = [token for token in left if token.isdecimal()]
    named = [names[token] for token in left if token in names]
    years = [int(token) for token in numbers if len(token) == 4]  # noqa: PLR2004 - a year
    days = [token for token in numbers if len(token) <= 2]  # noqa: PLR2004 - a day of a month
    counted = len(named), len(years), len(days)
    return (named, years) if sum(counted) == len(left) and counted in _DATED else ([], [])


def _since(year: int, month: int | None, today: date) -> Duration | None:
    """Return the years since a month, or since some day of a year; None for what lies ahead or too far back."""
    passed = (today.year - year) * 12 + (0 if month is None else today.month - month)
    number = passed // 12
    if passed < 0 or number > _MOST_YEARS:
        return None
    is_sure = number == 0 or (month is not None and month != today.month)
    return Duration(number if is_sure else number - 1, number, number)


def _number(tokens: list[str], language: str) -> tuple[float | None, int]:
    """Return the number that the tokens begin with, and how many they are; (None, 0) for none."""
    value, used = _half(tokens, language)
    if value is None and tokens:
        value, used = _value(tokens[0], language), 1
    if value is None:
        return None, 0
    is_more = tokens[used : used + 1] == [_HALF] and value.is_integer()
    return (value + 0.5, used + 1) if is_more else (value, used)


def _half(tokens: list[str], language: str) -> tuple[float | None, int]:
    """Return a half, and of how many words it is: 'half a', 'ein halbes'; (None, 0) for none."""
    half = vocabulary(language).durations.half
    if tokens[:1] and tokens[0] in half:
        return 0.5, 1 + (tokens[1:2] != [] and tokens[1] in _ARTICLES)
    if tokens[1:] and tokens[1] in half and _is_one(tokens[0], language):
        return 0.5, 2
    return None, 0


def _value(word: str, language: str) -> float | None:
    """Return the value of a number in digits or one word; None for all else."""
    if word[0].isdigit():
        return float(word.replace(",", "."))
    if word in vocabulary(language).durations.one_and_a_half:
        return 1.5
    whole = 1 if _is_one(word, language) else word_number(word, language)
    return _with_half_inside(word, language) if whole is None else float(whole)


def _is_one(word: str, language: str) -> bool:
    """Return whether a word is one, or an article that stands for it."""
    return word in _ARTICLES or word_number(word, language) == 1


_ARTICLES: Final = frozenset({"a", "an", "une"})


def _with_half_inside(word: str, language: str) -> float | None:
    """Return the value of a word that ends with its half: 'zweieinhalb'; None for all else."""
    halves = (word.removesuffix(half) for half in vocabulary(language).and_a_half if word.endswith(half))
    whole = next((word_number(part, language) for part in halves if part), None)
    return None if whole is None else whole + 0.5


def _length(tokens: list[str], bound: str | None, language: str) -> Duration | None:
    """Read a length: '3', '18 months', '2 years and 3 months', 'a year and a half', 'a few weeks'."""
    number, used = _number(tokens, language)
    if number is not None and used == len(tokens):
        return _bounded(number * 12, bound) if number <= _MOST_YEARS else None
    total = _in_months(tokens, language)
    return None if total is None or total > _MOST_YEARS * 12 else _bounded(total, bound)


def _in_months(tokens: list[str], language: str) -> float | None:
    """Return the months that pairs of number and unit make up together, each smaller than the one before.

    None where they are not, or anything else stands among them.
    """
    joining, total, place, before = vocabulary(language).joining, 0.0, 0, math.inf
    while place < len(tokens):
        if place and tokens[place] in joining:
            place += 1
        count, used = _measure(tokens[place:], language)
        if count is None or count >= before:
            return None
        before = count
        total, place = total + count, place + used
    return total if tokens else None


def _measure(tokens: list[str], language: str) -> tuple[float | None, int]:
    """Return the months of the number and unit that the tokens begin with, and how many they are; (None, 0) for none.

    A half may follow, or in Arabic the word for one.
    """
    few = _few(tokens, language)
    number, used = (3.0, few) if few else _number(tokens, language)
    unit = _units(language).get(tokens[used]) if used < len(tokens) else None
    is_vague = number is None or bool(few)
    if unit is None or (is_vague and not _may_stand_alone(tokens, unit, language)):
        return None, 0
    size, used = _MONTHS_OF[unit[-1]], used + 1
    months_told = (1.0 if number is None else number) * int(unit[:-1]) * size
    if tokens[used : used + 1] == [_HALF] and (number is None or number.is_integer()):
        return months_told + size / 2, used + 1
    says_one = number is None and tokens[used:] and word_number(tokens[used], language) == 1
    return months_told, used + bool(says_one)


def _few(tokens: list[str], language: str) -> int:
    """Return how many words say 'a few', without a number, at the start; 0 for none."""
    few = vocabulary(language).durations.few
    if tokens[:1] and tokens[0] in few:
        return 1
    return 2 if tokens[1:] and tokens[1] in few and _is_one(tokens[0], language) else 0


def _may_stand_alone(tokens: list[str], unit: str, language: str) -> bool:
    """Return whether a unit may stand without a number: 'months', 'a few weeks', 'سنتين'; 'years' says too little."""
    return (
        unit[-1] != "y"
        or (unit != "1y" and tokens[0] in _units(language))
        or tokens[0] in vocabulary(language).durations.year_alone
    )


def _bounded(count: float, bound: str | None) -> Duration:
    """Return the completed years of so many months, or of more, fewer or nearly so many."""
    completed = math.floor(count / 12 + 1e-6)
    before = math.ceil(count / 12 - 1e-6) - 1
    match bound:
        case "above":
            return Duration(completed, None)
        case "below":
            return Duration(0, before, 0 if before == 0 else None)
        case "nearly":
            return Duration(max(before, 0), completed, completed if before == completed else None)
        case _:
            return Duration(completed, completed, completed)


def _range(tokens: list[str], bound: str | None, language: str) -> Duration | None:
    """Read '2 to 3 years', 'between 2 and 3', '5-10'; None where there is no range."""
    words = vocabulary(language)
    is_between = bool(tokens) and tokens[0] in words.between
    inner, left = (words.between | words.until if is_between else words.until), tokens[is_between:]
    low, used = _number(left, language)
    if low is None or bound is not None or len(left) <= used or left[used] not in inner | {_DASH}:
        return None
    high, more = _number(left[used + 1 :], language)
    factor = _months_of(left[used + 1 + more :], language)
    if high is None or factor is None or low > high or high * factor > _MOST_YEARS * 12:
        return None
    first, last = _bounded(low * factor, None).low, _bounded(high * factor, None).low
    return Duration(first, last, first if first == last else None)


def _months_of(unit: list[str], language: str) -> float | None:
    """Return the months of a unit of one word, of years where there is none; None for other words."""
    named = "1y" if not unit else _units(language).get(unit[0])
    return None if named is None or len(unit) > 1 else int(named[:-1]) * _MONTHS_OF[named[-1]]
