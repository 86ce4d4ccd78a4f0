"""Read how far somebody's clock is from UTC, as they write it: 'UTC+2', 'GMT minus 5', '+02:00', 'Greenwich +3'."""

import re
from datetime import timedelta
from functools import cache
from typing import Final

from flows.parsing.place_names import places_file
from flows.parsing.vocabulary import phrases
from flows.text.folding import fold, plain_digits

_SIGN: Final = re.compile(r"(?<!\d)\s*([+-])\s*(?=\d)")
_SIGN_WORDS: Final = {"+": " plus ", "-": " minus "}
_HIGHEST: Final = timedelta(hours=14)
_LOWEST: Final = timedelta(hours=-12)
_QUARTER: Final = 15
_TENTHS: Final = {"5": 30}
"""'5.5' hours are 5:30."""


def with_sign_words(text: str) -> str:
    """Return the text with a plus or minus before a number as a word, which folding keeps."""
    return _SIGN.sub(lambda found: _SIGN_WORDS[found[1]], plain_digits(text))


def offset_told(text: str) -> timedelta | None:
    """Return the offset from UTC that a text tells, with few words round it; None for none, or one that no clock has.

    Without 'UTC' or 'GMT' it needs a sign, and no other word may stand there: '2' is the second choice of a menu.
    """
    key = fold(with_sign_words(text))
    found = _named().fullmatch(key) or _signed().fullmatch(key)
    if found is None:
        return None
    minutes = _TENTHS.get(found["minutes"]) or int(found["minutes"] or 0)
    told = timedelta(hours=int(found["hours"]), minutes=minutes)
    if found["sign"] in _words("minus"):
        told = -told
    return told if _LOWEST <= told <= _HIGHEST and minutes % _QUARTER == 0 else None


@cache
def _words(which: str) -> frozenset[str]:
    """Return the folded words of the file of places that are under a key: `universal`, `plus` or `minus`."""
    return frozenset(phrases(places_file().offsets[which]))


def _any_of(*keys: str) -> str:
    words = sorted((word for key in keys for word in _words(key)), key=len, reverse=True)
    return "|".join(map(re.escape, words))


@cache
def _hours() -> str:
    return rf"(?P<sign>{_any_of('plus', 'minus')})"


_NUMBER: Final = r"(?P<hours>\d{1,2})(?:\s?h?\s?(?P<minutes>\d{2}|5))?"


@cache
def _named() -> re.Pattern[str]:
    """Return what an offset looks like that is named, with up to four words before it and two after it."""
    return re.compile(
        rf"(?:[^\W\d]+ ){{0,4}}(?:{_any_of('universal')}) ?(?:{_hours()} ?)?{_NUMBER}(?: [^\W\d]+){{0,2}}"
    )


@cache
def _signed() -> re.Pattern[str]:
    """Return what an offset looks like that has no name."""
    return re.compile(rf"{_hours()} ?{_NUMBER}(?: h)?")
