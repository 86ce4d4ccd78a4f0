"""Say in which order people read what patients write: the riskiest first, and before it what has waited for long.

Nothing stays unread but by a person's choice; the rules and the second reader only order the queue. The clock of a text
is that of a safety report, one business day from when it was stored (`flows.schedule.business_days.report_due`).
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

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
