"""Say which messages may be paid for, so that they go faster than a platform's free pace, up to a ceiling a month.

Telegram takes up to 1,000 messages a second from a bot that pays 0.1 Stars for each above its free pace. Only what
would wait longer than a second for the free pace is paid for, in whichever lane it stands. What openers cause comes
half an hour later and may need paying for, too: so openers use no more of the ceiling than leaves enough for that.

What is used is kept in the database (`storage.conversations.paid_messages`), and counted before the call: a message
whose outcome stays unknown may have cost something.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.delivery.rate_limits import MessageRate, PaidRate
from storage.conversations.outbox import Head
from storage.conversations.paid_messages import PaidUse, month_of
from storage.schema import Lane

FREE_PACE_CARRIES = timedelta(seconds=1)
"""What the free pace carries within this time waits for it."""
AT_ONCE_SECONDS = 0.05
"""So much of a second's messages may go at the same moment."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER_PAID = frozenset({Lane.TEAM, Lane.EDIT})


@dataclass(slots=True)
class PaidPace:
    """Says when the next message that is paid for may go on one channel, and counts those that went."""

    terms: PaidRate
    free: MessageRate
    use: PaidUse | None = None
    """What was used in its month; None until it was read from the database, and nothing is paid for before."""
    paused_until: datetime = _LONG_AGO
    """The platform took no payment: all goes at the free pace before then."""
    _arrival: datetime = _LONG_AGO

    @property
    def rate(self) -> MessageRate:
        """How fast messages may go where they are paid for: no second sees more than the terms say."""
        burst = max(1, int(self.terms.per_second * AT_ONCE_SECONDS))
        return MessageRate(timedelta(seconds=1 / (self.terms.per_second - burst + 1)), burst)

    @property
    def unpaid(self) -> int:
        """How many messages the free pace carries in so short a time that they are not paid for."""
        return max(1, int(FREE_PACE_CARRIES / self.free.interval)) if self.free.interval else 0

    def pays(self, lane: Lane, caused: float, now: datetime) -> bool:
        """Return whether a message in a lane may be paid for at `now`: below the ceiling, and not while it is paused.

        `caused` are the messages that an opener causes.
        """
        if self.use is None or lane in _NEVER_PAID or self.paused_until > now:
            return False
        use = self.use if self.use.month == month_of(now) else PaidUse(month_of(now))
        if lane is Lane.BULK and use.openers >= self.terms.ceiling / (1 + caused):
            return False
        return use.total < self.terms.ceiling

    def free_at(self) -> datetime:
        """Return from when on the next message that is paid for may go; a past moment where it may now."""
        return self.rate.earliest(self._arrival)

    def take(self, head: Head, now: datetime) -> None:
        """Count a message that is paid for and goes at `now`."""
        self._arrival = self.rate.after(self._arrival, now)
        if self.use is not None:
            self.use = self.use.plus(head.lane, month_of(now))

    def shift(self, by: timedelta) -> None:
        """Move all that was counted by a duration: the clock was set back."""
        self._arrival = max(_LONG_AGO, self._arrival + by)
        self.paused_until = max(_LONG_AGO, self.paused_until + by)

    def pause(self, until: datetime) -> None:
        """Let all go at the free pace until a moment."""
        self.paused_until = max(self.paused_until, until)
