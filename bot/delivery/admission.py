"""Say when the next opener, the first words of a conversation that we begin, may go on a channel.

Each opener causes replies, and those come half an hour later. Openers at the full pace of a platform would then cause
more messages than that pace carries, whatever goes first. So their rate is what the pace bears together with what they
cause: at most the pace over one plus the messages that an opener causes, and so that those need four fifths of it.
"""

from datetime import UTC, datetime, timedelta
from math import exp

from sqlalchemy import Connection

from bot.delivery.paid_pace import PaidPace
from bot.delivery.rate_limits import MessageRate
from storage.conversations import outbox
from storage.conversations.outbox import Head
from storage.schema import Lane

CAUSED_AT_FIRST = 8.0
"""Messages that an opener is taken to cause, until enough of them have been watched."""
ENOUGH_OPENERS = 50
WATCHED = timedelta(hours=2)
"""So long it is counted what an opener causes."""
RIPE = timedelta(hours=1)
"""Openers that are not as old as this are not looked at yet: most of what they cause has still to come."""
SHARE_OF_REPLIES = 0.8
"""Of the pace, for what openers cause. While other messages need more than this at the moment, no opener goes."""
BACKLOG_SECONDS = 60.0
"""Openers that need more time than this wait: none is to be added."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_WATCH_EVERY = timedelta(seconds=0.2)
"""Not every opener is watched where they go faster than this: the memory that it takes is bounded."""
_LOOK_EVERY = timedelta(seconds=10)
_BUSY_OVER = 30.0
"""Seconds over which the messages of the moment are averaged."""


class OpenerAdmission:
    """Counts what goes out on one channel, and says when the next opener may go. All is kept in memory.

    The pace is the free one, or that which is paid for as long as openers may be paid for.
    """

    def __init__(self, pace: MessageRate, paid: PaidPace | None = None) -> None:
        seconds = pace.interval.total_seconds()
        self._free_pace = 1 / seconds if seconds else None
        self._paid = paid
        self._caused = CAUSED_AT_FIRST
        self._last = _LONG_AGO
        self._watched: dict[int, tuple[datetime, int]] = {}
        """When an opener went, and how many messages it has caused, by its conversation; the oldest first."""
        self._watched_last = _LONG_AGO
        self._looked_at = _LONG_AGO
        self._others = 0.0
        self._others_at = _LONG_AGO

    @property
    def caused(self) -> float:
        """How many messages an opener causes."""
        return self._caused

    def rate(self, now: datetime) -> float | None:
        """Return how many openers a second may go at `now`; None where there is no limit.

        It is at most the pace over one plus what an opener causes, and so that this needs four fifths of the pace.
        """
        pace, caused = self._pace(now), self._caused
        if pace is None:
            return None
        alone = pace / (1 + caused)
        return min(alone, SHARE_OF_REPLIES * pace / caused) if caused else alone

    def free(self, now: datetime) -> datetime:
        """Return from when on the next opener may go; a past moment where it may now."""
        pace, rate = self._pace(now), self.rate(now)
        if pace is None or rate is None:
            return _LONG_AGO
        if self._others_now(now) > SHARE_OF_REPLIES * pace:
            return now + timedelta(seconds=1)
        return self._last + timedelta(seconds=1 / rate)

    def take(self, now: datetime) -> None:
        """Count an opener that goes at `now` against the rate."""
        self._last = now

    def delivered(self, head: Head, at: datetime) -> None:
        """Count a message that was handed over."""
        if self._free_pace is None:
            return
        if head.lane is not Lane.BULK:
            self._others = self._others_now(at) + 1 / _BUSY_OVER
            self._others_at = at
        if head.conversation_id is None:
            return
        if head.conversation_id in self._watched:
            since, caused = self._watched[head.conversation_id]
            self._watched[head.conversation_id] = since, caused + 1
        elif head.lane is Lane.BULK and at - self._watched_last >= _WATCH_EVERY:
            self._watched[head.conversation_id] = at, 0
            self._watched_last = at
        if at - self._looked_at >= _LOOK_EVERY:
            self._looked_at = at
            self._look(at)

    def shift(self, by: timedelta) -> None:
        """Move all that was counted by a duration: the clock was set back."""
        self._last = max(_LONG_AGO, self._last + by)
        self._others_at = max(_LONG_AGO, self._others_at + by)
        self._watched_last = max(_LONG_AGO, self._watched_last + by)
        self._looked_at = max(_LONG_AGO, self._looked_at + by)
        self._watched = {number: (since + by, caused) for number, (since, caused) in self._watched.items()}

    def bears(self, now: datetime) -> int | None:
        """Return how many openers may wait so that they are sent within a minute; None for any number."""
        rate = self.rate(now)
        return None if rate is None else max(1, int(rate * BACKLOG_SECONDS))

    def _pace(self, now: datetime) -> float | None:
        """Return how many messages a second go in all; None where there is no limit."""
        if self._paid is not None and self._paid.pays(Lane.BULK, self._caused, now):
            return float(self._paid.terms.per_second)
        return self._free_pace

    def _others_now(self, now: datetime) -> float:
        """Return how many messages a second went of late that were no openers."""
        return self._others * exp(-max(0.0, (now - self._others_at).total_seconds()) / _BUSY_OVER)

    def _look(self, now: datetime) -> None:
        """Take what an opener causes anew from what the openers of the second hour before now have caused."""
        while self._watched:
            oldest = next(iter(self._watched))
            if self._watched[oldest][0] > now - WATCHED:
                break
            del self._watched[oldest]
        count = total = 0
        for since, caused in self._watched.values():
            if since > now - RIPE:
                break
            count, total = count + 1, total + caused
        self._caused = total / count if count >= ENOUGH_OPENERS else CAUSED_AT_FIRST


def openers_waiting(connection: Connection, line: str, most: int) -> int:
    """Return how many openers are queued on a line; `most` where there are more."""
    return outbox.waiting(connection, line=line, lane=Lane.BULK, most=most)


def opener_waits(connection: Connection, line: str) -> bool:
    """Return whether an opener is queued on a line."""
    return openers_waiting(connection, line, 1) > 0
