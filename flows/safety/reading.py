"""Say in which order people read what patients write: the riskiest first, and before it what has waited for long.

Nothing stays unread but by a person's choice; the rules and the second reader only order the queue. The clock of a text
is that of a safety report, one business day from when it was stored (`flows.schedule.business_days.report_due`).
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Final

from flows.text.folding import fold

LATE_SHARE: Final = 0.5
"""The part of its clock after which a text is read before all others, whatever stands in them."""


class ReadingClass(StrEnum):
    """What a text may tell of, in the order in which texts are read."""

    RISK = "risk"
    """That somebody may be at risk."""
    EVENT = "event"
    """That a medicine may have done harm, or a product failed."""
    PLAIN = "plain"
    """Nothing that the rules or the second reader noticed."""


class SignalSource(StrEnum):
    """Who noticed something in a text: the rules, or the second reader."""

    RULES = "rules"
    SECOND_READER = "second_reader"


class SignalLevel(StrEnum):
    """What follows from a signal: words of care at once, or a place at the top of the queue alone."""

    CARE = "care"
    QUEUE = "queue"


_PLACES: Final = {one: place for place, one in enumerate(ReadingClass)}


def riskiest(classes: Iterable[ReadingClass]) -> ReadingClass:
    """Return the class that is read first; PLAIN where there is none.

    >>> riskiest([ReadingClass.PLAIN, ReadingClass.RISK, ReadingClass.EVENT]).value
    'risk'
    """
    return min(classes, key=_PLACES.__getitem__, default=ReadingClass.PLAIN)


def reading_place(kind: ReadingClass, stored_at: datetime, share: float) -> tuple[bool, int, datetime]:
    """Return a key to sort texts by as they are read: the late ones, the oldest first, then by class and age.

    `share` is the part of a text's clock that has run, see `flows.schedule.business_days.share_used`.
    """
    late = share >= LATE_SHARE
    return (not late, 0 if late else _PLACES[kind], stored_at)


_PLAIN_MARKS: Final = frozenset(
    ".,;'\u2019\u2018\u02bc`\u00b4\"\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u060c\u061b\u00bf\u00a1"
)
"""Marks that make no other sentence: the full stop, commas, quotation marks, and what opens a question in Spanish."""
_SAME_SIGN: Final = {"\u061f": "?", "\uff1f": "?", "\uff01": "!"}
"""Signs of other scripts that stand for one of ours."""
_DOTS: Final = re.compile(r"\.{2,}")
_FRACTIONS: Final = "\u00bc-\u00be\u2150-\u215e\u2189"
"""Half a tablet is not one tablet; folding drops these, as it does marks."""
_MAY_BE_SIGN: Final = re.compile(rf"\.\.|[_{_FRACTIONS}]|[^\w\s{re.escape(''.join(_PLAIN_MARKS))}]")
"""Found in every text that has a sign, so that the others need not be looked at letter by letter."""
_FRACTION: Final = re.compile(f"[{_FRACTIONS}]")
_JOINING: Final = frozenset("-\u2010\u2011'\u2019.,:/@")
"""Marks that make one word, number or address of what stands before and behind them, where no space does."""


def sentence_key(text: str) -> str:
    """Return the key of a sentence: the same for those that one decision is about.

    They have the same words (`fold`) and the same signs between them: "fine" is not "fine?", nor "fine" with a face
    that weeps. How often a sign stands in a row is no matter, nor are full stops and commas.

    >>> sentence_key("All  FINE.") == sentence_key("all fine") != sentence_key("all fine?")
    True
    """
    if _MAY_BE_SIGN.search(text) is None:
        return fold(text)
    parts = groupby(_DOTS.sub("\u2026", text), key=_is_sign)
    folded = (_signs(part) if of_signs else fold("".join(part)) for of_signs, part in parts)
    return " ".join(filter(None, folded))


def _is_sign(character: str) -> bool:
    is_mark = unicodedata.category(character)[0] in "SP" or _FRACTION.match(character) is not None
    return is_mark and character not in _PLAIN_MARKS


def _signs(characters: Iterable[str]) -> str:
    """Return signs in a row, each once where it is repeated."""
    same = (_SAME_SIGN.get(character, character) for character in characters)
    return "".join(sign for sign, _ in groupby(same))


def stands_whole(part: str, text: str) -> bool:
    """Return whether words stand in a text as they are, between others and not inside them: no "ill" in "will".

    >>> [stands_whole("ill", "I was ill, then"), stands_whole("ill", "I will"), stands_whole("5", "5.5 mg")]
    [True, False, False]
    """
    words = part.strip()
    place = text.find(words)
    while place >= 0:
        if _parts_words(text, place) and _parts_words(text, place + len(words)):
            return True
        place = text.find(words, place + 1)
    return False


def _parts_words(text: str, place: int) -> bool:
    """Return whether nothing goes on from before a place in a text to behind it: no word, number or address."""
    before, behind = text[max(0, place - 2) : place][::-1], text[place : place + 2]
    if not before or not behind:
        return True
    if _of_word(before[0]):
        return not (_of_word(behind[0]) or (behind[0] in _JOINING and _of_word(behind[1:])))
    return not (before[0] in _JOINING and _of_word(before[1:]) and _of_word(behind[0]))


def _of_word(character: str) -> bool:
    """Return whether a character is part of a word or a number; '' is none."""
    return bool(character) and (character.isalnum() or unicodedata.category(character)[0] == "M")
