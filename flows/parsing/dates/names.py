"""Name the days and months of a language: by Babel, and by what its vocabulary has besides."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_month_names
from rapidfuzz.distance import OSA

from flows.parsing.number_words import counting_number
from flows.parsing.vocabulary import languages, vocabulary
from flows.text.folding import fold


def base_name(language: str) -> str:
    """Return the language without its region: 'de' for 'de-AT'."""
    return language.partition("-")[0]


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return Babel's locale of a language, or of the language without its region; British English failing both."""
    for name in (language, base_name(language)):
        try:
            return Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en", "GB")


def month_comes_first(separator: str, language: str) -> bool | None:
    """Tell whether '3/4' is in March. None for plain 'en', which does not say; with dots the day comes first."""
    if separator == ".":
        return False
    if language == "en":
        return None
    pattern = str(locale_of(language).date_formats["short"].pattern)
    return pattern.find("M") < pattern.find("d")


@lru_cache(maxsize=64)
def weekdays(base: str) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Map the folded full names of weekdays, and in a second table the short ones, to 0 (Monday) to 6.

    Of 'sexta-feira' the first word is said as often as the whole, so both are full names.
    """
    full, short = (
        {
            name: number
            for context in ("format", "stand-alone")
            for number, name in get_day_names(width, context, locale_of(base)).items()
        }
        for width in ("wide", "abbreviated")
    )
    named = {fold(part): number for name, number in full.items() for part in (name, name.partition("-")[0])}
    named |= {name: number - 1 for name, number in vocabulary(base).dates.weekdays.items()}
    return named, {fold(name): number for name, number in short.items()}


@lru_cache(maxsize=64)
def months(base: str) -> Mapping[str, int]:
    """Map the folded names of months, full and short, to 1 to 12."""
    listed = {
        fold(name): number
        for width in ("abbreviated", "wide")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, locale_of(base)).items()
        if not fold(name).isdecimal()
    }
    return {**listed, **vocabulary(base).dates.months}


def with_months(tokens: list[str], base: str) -> list[str]:
    """Return the words with a month's name of two words ('كانون الثاني') joined into one."""
    known, joined = months(base), list(tokens)
    for place in range(len(tokens) - 1):
        name = " ".join(tokens[place : place + 2])
        if name in known:
            joined[place : place + 2] = [name]
            break
    return joined


@cache
def _small_words() -> frozenset[str]:
    """Return the small words of all languages: none of them is a month with a slip ('about' is not 'août')."""
    known = map(vocabulary, languages())
    return frozenset().union(
        *(words.filler | words.dates.filler | words.roughly | words.ordinary for words in known)
    )


def spelled_out(token: str, base: str) -> str:
    """Return a number word as digits, and a month with one slip as its name; any other word as it is."""
    number = counting_number(token, base) if len(token) <= 24 else None  # noqa: PLR2004 - longer ones are no day or year
    if number is not None and token != "second":  # noqa: S105 - the unit of time
        return str(number)
    if len(token) < 5 or token in months(base) or token in _small_words():  # noqa: PLR2004 - shorter ones are other words too easily
        return token
    near = {name for name in months(base) if OSA.distance(token, name, score_cutoff=1) == 1}
    return near.pop() if len(near) == 1 else token


_HYPHENED = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)+")
_MOST_WORDS = 4
"""Of a number: 'quatre vingt dix sept'."""


def joined_numbers(text: str, base: str) -> str:
    """Return the text with numbers of several words as digits: 'le vingt-sept' is 'le 27'.

    Where the last word is a month's name too, only those with hyphens.
    """
    digits = _HYPHENED.sub(lambda found: _digits_of(fold(found[0]), base) or found[0], text)
    words, place = digits.split(), 0
    while place < len(words):
        for length in range(min(_MOST_WORDS, len(words) - place), 1, -1):
            key = fold(" ".join(words[place : place + length]))
            number = _digits_of(key, base) if key.count(" ") == length - 1 else None
            if number is not None and key.rpartition(" ")[2] not in months(base):
                words[place : place + length] = [number]
                break
        place += 1
    return " ".join(words)


def _digits_of(key: str, base: str) -> str | None:
    """Return the digits of a number of words that have no digits; None for all else."""
    number = counting_number(key, base)
    return None if number is None or any(map(str.isdigit, key)) else str(number)


def starts_with_weekday(tokens: list[str], base: str, *, short: bool = False) -> tuple[int | None, int]:
    """Return the weekday that the tokens begin with, 0 for Monday, and how many words name it; (None, 0) for none.

    `short` takes 'Mon' and the like too.
    """
    full, abbreviated = weekdays(base)
    for length in range(min(3, len(tokens)), 0, -1):
        name = " ".join(tokens[:length])
        number = full.get(name, abbreviated.get(name) if short and length == 1 else None)
        if number is not None:
            return number, length
    return None, 0
