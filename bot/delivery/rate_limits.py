"""Compute how fast messages may go: arithmetic on a given time, so that tests need no waiting.

The generic cell rate algorithm: each rate keeps one moment, the theoretical arrival time of the next message.
Nothing is counted per window, so no window's edge lets a double burst through.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MessageRate:
    """How fast messages may go: one every `interval` on average, of which `burst` may go at once.

    The rate keeps nothing itself: its caller keeps one moment for it, the theoretical arrival time of the next message.
    """

    interval: timedelta
    burst: int = 1

    def earliest(self, arrival: datetime) -> datetime:
        """Return when the next message may go, given the theoretical arrival time kept so far (see the module)."""
        return arrival - (self.burst - 1) * self.interval

    def after(self, arrival: datetime, now: datetime) -> datetime:
        """Return the theoretical arrival time to keep once a message has gone at `now`."""
        return max(arrival, now) + self.interval


UNLIMITED = MessageRate(timedelta(0))


@dataclass(frozen=True, slots=True)
class PaidRate:
    """What may be paid for beyond a platform's free pace: messages a second in all, and messages a month at most."""

    per_second: int
    ceiling: int


@dataclass(frozen=True, slots=True)
class ChannelRates:
    """How fast a platform may be written to: the rate over all its addresses, and the rate at any one of them.

    Where the platform has workspaces, each has these rates for itself. `edits` is the rate of messages that are shown
    anew, where the platform counts them apart; `paid` is what may be paid for beyond all; None for nothing.
    """

    channel: MessageRate
    address: MessageRate
    paid: PaidRate | None = None
    edits: MessageRate | None = None


TELEGRAM = ChannelRates(
    channel=MessageRate(timedelta(milliseconds=36)), address=MessageRate(timedelta(seconds=1))
)
"""Telegram's own figures (core.telegram.org/bots/faq): about 30 a second for a bot, 1 a second in a chat.
This is 28 at most, since a limiter set to 30 was seen to let 31 through in one second."""

SLACK = ChannelRates(
    channel=MessageRate(timedelta(milliseconds=250)),
    address=MessageRate(timedelta(seconds=1)),
    edits=MessageRate(timedelta(seconds=1.25), burst=3),
)
"""Slack takes one message a second in a channel and "several hundred" a minute in a workspace: 240; and in a workspace
50 updates of messages a minute (tier 3), counted apart (docs.slack.dev/apis/web-api/rate-limits)."""

EMAIL = ChannelRates(
    channel=MessageRate(timedelta(milliseconds=500), burst=5), address=MessageRate(timedelta(seconds=1))
)
"""Mail servers name no figure. 2 a second is what Gmail's relay takes of an account that asks for no more
(support.google.com/a/answer/2956491), and a wave of a thousand is out in ten minutes."""

NO_LIMIT = ChannelRates(UNLIMITED, UNLIMITED)
"""For channels that are ours: the terminal, tests, simulations."""

CHANNEL_RATES: Mapping[str, ChannelRates] = {"telegram": TELEGRAM, "slack": SLACK, "email": EMAIL}
"""By channel; `NO_LIMIT` for those that are not named."""


class RateLimiter:
    """Says when the next message may go on one channel, by counting those that went.

    The count is kept in memory: after a restart the first message waits for nobody.
    """

    def __init__(self, pace: ChannelRates) -> None:
        self._pace = pace
        self._channel = _LONG_AGO
        self._edits = _LONG_AGO
        self._addresses: dict[int, datetime] = {}

    def channel_free(self) -> datetime:
        """Return from when on the channel as a whole may take one more message; a past moment where it may now."""
        return self._pace.channel.earliest(self._channel)

    def shift(self, by: timedelta) -> None:
        """Move all that was counted by a duration: the clock was set back."""
        self._channel, self._edits = max(_LONG_AGO, self._channel + by), max(_LONG_AGO, self._edits + by)
        self._addresses = {number: at + by for number, at in self._addresses.items()}

    @property
    def at_once(self) -> int:
        """How many messages may go at the same moment, at most."""
        return self._pace.channel.burst if self._pace.channel.interval else sys.maxsize

    def resting(self, now: datetime) -> int:
        """Return how many addresses have had a message so lately that they may not take one more."""
        while self._addresses:
            oldest = next(iter(self._addresses))
            if self._addresses[oldest] > now:
                break
            del self._addresses[oldest]
        return len(self._addresses)

    def free(self, address_id: int, *, urgent: bool) -> datetime:
        """Return from when on a message may go to an address: by both rates, by the channel's alone where urgent."""
        channel = self.channel_free()
        return channel if urgent else max(channel, self.address_free(address_id))

    def address_free(self, address_id: int) -> datetime:
        """Return from when on an address may take one more message; a past moment where it may now."""
        arrival = self._addresses.get(address_id)
        return _LONG_AGO if arrival is None else self._pace.address.earliest(arrival)

    def edits_free(self) -> datetime:
        """Return from when on a message may be shown anew, as far as all edits go; a past moment where it may now."""
        return _LONG_AGO if self._pace.edits is None else self._pace.edits.earliest(self._edits)

    def edit_free(self, address_id: int) -> datetime:
        """Return from when on a message may be shown anew at an address."""
        if self._pace.edits is None:
            return self.free(address_id, urgent=False)
        return max(self.edits_free(), self.address_free(address_id))

    def take_edit(self, address_id: int, now: datetime) -> None:
        """Count a message that is shown anew at an address at `now`."""
        if self._pace.edits is not None:
            self._edits = self._pace.edits.after(self._edits, now)
        self.take(address_id, now, apart=self._pace.edits is not None)

    @property
    def counts_edits_apart(self) -> bool:
        """Whether a limit on messages that are shown anew says nothing about others, and the other way round."""
        return self._pace.edits is not None

    def take(self, address_id: int, now: datetime, *, apart: bool = False) -> None:
        """Count a message that goes to an address at `now`, against both rates.

        Against that of the address alone where it is counted apart: it is paid for, or an edit.
        """
        if not apart:
            self._channel = self._pace.channel.after(self._channel, now)
        before = self._addresses.pop(address_id, now)  # and in again at the end: the longest ago stand first
        if self._pace.address.interval:
            self._addresses[address_id] = self._pace.address.after(before, now)
        self.resting(now)
