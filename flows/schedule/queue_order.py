"""Keep the order of what is put off to one moment, in the fraction of the second from which it is due again.

Many thousands may be put off to the minute at which a window opens. Their places in that second tell since when each
has been due, so that whatever puts them off, in whatever order and however often, the first stays the first.
"""

from datetime import datetime, timedelta
from typing import Final

LOOKS_BACK: Final = timedelta(days=15)
"""A window opens within this time; what was due before it shares the first place."""
_SECOND: Final = timedelta(seconds=1)
_FIRST: Final = timedelta(microseconds=1)


def in_order(opening: datetime, due_at: datetime) -> datetime:
    """Return when what was due at `due_at` is due again, put off to `opening`, a whole second: in the second after it.

    Of two that were due at different minutes the earlier is due first; those of one minute share a place.
    """
    waited = min(max(opening - due_at, timedelta()), LOOKS_BACK)
    place = _SECOND * ((LOOKS_BACK - waited) / LOOKS_BACK)
    return opening + min(max(place, _FIRST), _SECOND - _FIRST)


def opening_of(due_at: datetime) -> datetime:
    """Return the moment to which something was put off that `in_order` has given a place in the second after it."""
    return due_at.replace(microsecond=0)


def was_due(due_at: datetime) -> datetime:
    """Return when something was due, to two seconds, that was put off once or several times and is due at `due_at`."""
    opening = opening_of(due_at)
    return opening - LOOKS_BACK + LOOKS_BACK * ((due_at - opening) / _SECOND)
