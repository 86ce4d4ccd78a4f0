"""Find phone numbers as people of any country write them, and leave doses, dates, counts and lab values alone.

A run of digits is a number to call where one of these says so, the surest first:

1. It begins with + and the code of a country, or with 00 and a number that is valid there.
2. A word before or behind it speaks of calling: "tel", "reach me at", "Handy", "office".
3. It is written as no amount is: with the 0 of its area first, or as 541-714-1388.
4. It is valid in one of the regions that the caller names, or in one of `REGIONS`.

Beside what looks like a dose or a list none of these counts. The first three know every country at the price of a
pattern; only the fourth asks each region's rules, and only about runs that are left.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import phonenumbers

from flows.text.amounts import are_amounts, is_amount
from flows.text.phone_regions import Regions, nowhere

REGIONS: Final = ("GB", "US", "ES", "FR", "DE", "IT", "PT", "BR", "SA", "EG", "AE")
"""Whose numbers are known also where nothing tells the region, in the shipped languages."""

_SPACE = r"[ \u00a0\u202f]"
_GAP = rf"(?:{_SPACE}|[.\-/]|{_SPACE}?\(|\)[ -]?|{_SPACE}[-/]{_SPACE})?"
_RUN: Final = re.compile(
    rf"(?<![\w+])(?<!\d[.,:/-])(?<!\d [/-])(?:\+ ?)?\(?\d(?:{_GAP}\d){{5,16}}"
    r"(?: ?(?:x|ext\.? ?)\d{1,5})?(?!\w)(?![.,:/-]\d)",
    re.IGNORECASE,
)
"""Digits that may be a phone number, with what people write between and behind them."""
_FEWEST: Final = 7
"""Digits of a number that a word of calling stands beside, or that a region knows."""
_FEWEST_ABROAD, _MOST = 8, 15
"""Digits of a number with its country's code (ITU-T E.164: at most 15)."""
_FEWEST_WITH_AREA, _MOST_WITH_AREA = 9, 13
_PAIR, _FRENCH_PAIRS = 2, 5

_WORDS = (
    r"phones?|telephone|cell ?phone|mobile|cell|landline|fax|desk|office|whats ?app|signal|sms|pager"
    r"|(?:call|ring|reach|text|phone|contact|answering|dial|messages)(?: (?:me|us|him|her|them|back|to|on|at|under))+"
    r"|registered|(?:my|our|his|her|their|registered|this) (?:private |work |new |home )?(?:number|no|nr)(?: is)?"
    r"|tel[eé]?(?:f|ph)\w*|tel|m[oó]vil|celular|tlf|fijo|ll[aá]m\w+|marca(?:r|d)?|mi n[uú]mero(?: es)?"
    r"|portable|fixe|appel\w*|joindre|joignable|mon num[eé]ro(?: est)?|mon num[eé]ro c'est"
    r"|handy|mobil\w*|rufnummer|anruf\w*|ruf\w* .{0,12}an|erreich\w*|meine nummer(?: ist)?|durchwahl|festnetz"
    r"|cellulare|cell\.|chiam\w+|mio numero(?: [eè])?|interno"
    r"|telem[oó]vel|telemovel|ligu?e\w*|ligar|liga|zap|meu n[uú]mero(?: [eé])?|contacto|contato"
    r"|هاتف\w*|تلفون\w*|جوال\w*|موبايل\w*|محمول|واتس\w*|اتصل\w*|رقمي|رقم (?:ال)?(?:هاتف|جوال|موبايل|تلفون)\w*"
)
_BEFORE: Final = re.compile(
    rf"(?<!\w)(?:{_WORDS})\W{{0,6}}(?:(?:is|es|est|ist|[eéè]|هو|unter|al|a|au|no|nr)\b)?\W{{0,4}}$",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(
    r"[\s,-]{0,3}\(?(?:office|mobile|mob|cell|fax|home|desk|work)\b(?! \w+ing)", re.IGNORECASE
)
_NEAR: Final = 45

_NORTH_AMERICA: Final = re.compile(
    r"(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}(?: ?x.*| ?ext.*)?", re.IGNORECASE
)
_WITH_AREA: Final = re.compile(r"\(?0[1-9]|\(\d{2,4}\)")
_IN_ONE_PIECE: Final = re.compile(r"0[1-9]\d{8,9}")

_DIGITS: Final = re.compile(r"\d+")
_EXTENSION: Final = re.compile("[xe]", re.IGNORECASE)


def phone_numbers(text: str, regions: Regions = nowhere) -> Iterator[tuple[int, int]]:
    """Yield where phone numbers stand in a text.

    Args:
        text: With digits as 0-9 (`plain_digits`).
        regions: Where people most likely are; codes of no country tell nothing.
    """
    for match in _RUN.finditer(text):
        run, start, end = match[0], match.start(), match.end()
        if run.startswith("(") and ")" not in run:
            run, start = run[1:], start + 1
        groups = _DIGITS.findall(_EXTENSION.split(run)[0])
        before, behind = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
        if is_amount(run, groups, before, behind):
            continue
        is_called = _BEFORE.search(before) is not None or _BEHIND.match(behind) is not None
        if _is_number(run, groups, is_called=is_called):
            yield start, end
        elif sum(map(len, groups)) >= _FEWEST and not are_amounts(run, groups):
            tried = tuple(dict.fromkeys((*map(str.upper, regions()), *REGIONS)))
            yield from ((start + first, start + last) for first, last in _valid_in(run, tried))


def _is_number(run: str, groups: Sequence[str], *, is_called: bool) -> bool:
    """Return whether a run of digits is a number to call in any country.

    `is_called` is whether a word beside it says so.
    """
    length = sum(map(len, groups))
    if run.startswith(("+", "00")):
        return _has_country(run, length)
    if is_called and _FEWEST <= length <= _MOST:
        return True
    return _is_written_to_call(run, groups) and not are_amounts(run, groups)


def _has_country(run: str, length: int) -> bool:
    """Return whether a run begins with the code of a country: after +, or after 00 where it is valid there."""
    if not _FEWEST_ABROAD <= length <= _MOST + len("00"):
        return False
    # "+41 (0)44" has a zero that is dialled at home alone.
    digits = "".join(_DIGITS.findall(_EXTENSION.split(run.replace("(0)", ""))[0]))
    try:
        number = phonenumbers.parse("+" + digits.removeprefix("00"), None)
    except phonenumbers.NumberParseException:
        return False
    return run.startswith("+") or phonenumbers.is_valid_number(number)


def _is_written_to_call(run: str, groups: Sequence[str]) -> bool:
    """Return whether a run is written as no amount is: with the 0 of an area first, or as in North America."""
    if _NORTH_AMERICA.fullmatch(run) or _IN_ONE_PIECE.fullmatch(run):
        return True
    if not _WITH_AREA.match(run) or not _FEWEST_WITH_AREA <= sum(map(len, groups)) <= _MOST_WITH_AREA:
        return False
    pairs = all(len(group) == _PAIR for group in groups)
    return len(groups) > 1 and min(map(len, groups)) >= _PAIR and (not pairs or len(groups) == _FRENCH_PAIRS)


def _valid_in(run: str, regions: Sequence[str]) -> list[tuple[int, int]]:
    """Return where in a run the numbers stand that are valid in a region: of all regions that which finds most."""
    best: list[tuple[int, int]] = []
    for region in regions:
        found = [
            (match.start, match.end)
            for match in phonenumbers.PhoneNumberMatcher(run, region)
            if sum(map(str.isdecimal, match.raw_string)) >= _FEWEST
        ]
        best = max(best, found, key=_length)
        if _length(best) == len(run):
            break
    return best


def _length(places: Sequence[tuple[int, int]]) -> int:
    return sum(end - start for start, end in places)
