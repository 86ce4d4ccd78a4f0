"""Find numbers of bank accounts (IBAN) and of payment cards by their check digits.

A number is told from any other by arithmetic: of 97 numbers like an IBAN one passes, of ten like a card one does. What
passes by chance, such as the number of a hospital, tells who somebody is as well.
"""

import re
from collections.abc import Iterator
from typing import Final

_LENGTHS: Final = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
IBAN_LENGTHS: Final = {country: length for length, named in _LENGTHS.items() for country in named.split()}
"""Letters and digits of an IBAN by country (ISO 13616, SWIFT's registry, release 101)."""
_SHORTEST, _LONGEST = min(_LENGTHS), 34
_IBAN_START: Final = re.compile(r"(?<![^\W_])[A-Z]{2}[ \u00a0\u202f-]?\d{2}", re.IGNORECASE)
_IBAN_PART: Final = re.compile(r"[ \u00a0\u202f.-]{0,2}([A-Z0-9])", re.IGNORECASE)
"""The next letter or digit of an IBAN, with what people write between groups."""
_IBAN_GAPS: Final = re.compile(r"[ \u00a0\u202f.-]+")
_LONGEST_GROUP: Final = 4
_UNSPACED: Final = re.compile(r"[A-Z0-9]+", re.IGNORECASE)

_GAP: Final = r"[ \u00a0\u202f.-]"
_CARD: Final = re.compile(
    rf"(?<![\w+])(?<!\d{_GAP})(?<!\d,)[1-9](?:{_GAP}?\d){{11,18}}(?!\w)"
    rf"(?!{_GAP}\d(?!\d? ?/ ?\d\d))(?![,/:]\d)"
)
"""12 to 19 digits that no further ones stand beside, but for the month until which a card is valid."""
_GROUPS: Final = re.compile(r"\d+")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_MAESTRO: Final = re.compile(r"5[06-9]|6")
"""How cards of 12 digits begin."""
_SHORTEST_CARD: Final = 13
_FIRST_GROUP: Final = 4
_LEAST_GROUP: Final = 3


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where IBANs stand in a text: in capitals or not, in groups or not."""
    for match in _IBAN_START.finditer(text):
        end = _iban_end(text, match.start())
        if end is not None:
            yield match.start(), end


def _iban_end(text: str, start: int) -> int | None:
    """Return where an IBAN ends that begins at `start`; None where none does.

    Its country says how long it is. In a country without a known length it has to stand in one piece. Its last group
    is no word: of 97 words of the right length behind 'is 59...' one would do.
    """
    length = IBAN_LENGTHS.get(text[start : start + 2].upper())
    if length is None:
        whole = _UNSPACED.match(text, start)
        fits = whole is not None and _SHORTEST <= len(whole[0]) <= _LONGEST and is_iban(whole[0])
        return whole.end() if whole is not None and fits else None
    place = start
    signs: list[str] = []
    while len(signs) < length and (match := _IBAN_PART.match(text, place)):
        signs.append(match[1])
        place = match.end()
    last_group = _IBAN_GAPS.split(text[start:place])[-1]
    ends = len(signs) == length and not text[place : place + 1].isalnum() and not _is_word(last_group)
    return place if ends and is_iban("".join(signs)) else None


def _is_word(group: str) -> bool:
    """Return whether a group is of more letters than stand together in an IBAN that is written in groups ('USD')."""
    return group.isalpha() and len(group) > _LONGEST_GROUP


def is_iban(signs: str) -> bool:
    """Return whether the letters and digits of a number have the check digits of an IBAN (ISO 7064, mod 97-10)."""
    turned = signs[4:] + signs[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Yield where numbers of payment cards stand in a text: in groups or not."""
    for match in _CARD.finditer(text):
        groups = _GROUPS.findall(match[0])
        digits = "".join(groups)
        long_enough = len(digits) >= _SHORTEST_CARD or _MAESTRO.match(digits)
        if long_enough and _is_grouped_as_card(groups) and is_card(digits):
            yield match.span()


def _is_grouped_as_card(groups: list[str]) -> bool:
    """Return whether digits stand in one piece or in groups as on a card; years and round numbers do not."""
    if len(groups) == 1:
        return True
    if len(groups[0]) != _FIRST_GROUP or any(len(group) < _LEAST_GROUP for group in groups[1:-1]):
        return False
    return not all(_YEAR.fullmatch(group) or group.endswith("00") for group in groups)


def is_card(digits: str) -> bool:
    """Return whether the last digit of a number is its check digit by Luhn's sum (ISO/IEC 7812-1)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
