"""Keep what delivery knows of a channel while it runs: its rates, its pauses, and which lanes may go on it now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.channels.base import Channel
from bot.delivery.admission import OpenerAdmission
from bot.delivery.paid_pace import PaidPace
from bot.delivery.rate_limits import RateLimiter
from storage.conversations.outbox import LANES, Head
from storage.schema import Lane, OutboxKind

AT_ONCE = 64
"""Messages on their way at the same time on one channel."""
OURS_AT_ONCE = 32
"""Of these, how many may be on their way before nothing more of our own accord is begun: replies need room, too."""
HELP_AT_ONCE = 8
"""Messages with help for somebody at risk that go although the channel has no more room."""

_OURS = (Lane.REMINDER, Lane.BULK)
_MESSAGES = (OutboxKind.MESSAGE, OutboxKind.HELP)
"""What may be paid for: neither files nor what is shown anew."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ChannelQueue:
    """A channel, or one workspace of it, with its rate limits, and until when it is paused or refused."""

    channel: Channel
    limiter: RateLimiter
    openers: OpenerAdmission
    paid: PaidPace | None = None
    """What may be paid for beyond the limits; None for nothing."""
    idle: bool = False
    """Whether the last look found nothing that may go now, although the channel could send."""
    paused_until: datetime | None = None
    edits_paused_until: datetime | None = None
    """Nothing is shown anew before then: where the platform counts that apart, a limit on it holds back that alone."""
    refused_until: datetime | None = None
    """It is the operator's turn to act, and nothing goes before then. After it one message at a time tries the
    channel, until one is taken."""
    limited: dict[int, datetime] = field(default_factory=dict)
    """Addresses that the platform asked to wait, and until when."""

    def set_back(self, by: timedelta) -> None:
        """Move all that was counted, and all pauses, by a negative duration: the clock was set back by so much.

        What waits for a moment then waits as long as before: else nothing would be sent until the clock is again where
        it was.
        """
        self.limiter.shift(by)
        self.openers.shift(by)
        if self.paid is not None:
            self.paid.shift(by)
        self.paused_until = None if self.paused_until is None else self.paused_until + by
        self.refused_until = None if self.refused_until is None else self.refused_until + by
        self.edits_paused_until = None if self.edits_paused_until is None else self.edits_paused_until + by
        self.limited = {number: until + by for number, until in self.limited.items()}

    def stands_still(self, now: datetime) -> datetime | None:
        """Return until when nothing may be sent on the channel; None where it may be now."""
        ends = (self.paused_until, self.refused_until)
        return max((at for at in ends if at is not None and at > now), default=None)

    def room(self, on_their_way: Collection[Head], now: datetime) -> tuple[Sequence[Lane], int]:
        """Return the lanes of which something may go, and how many messages, given what is on its way on the channel.

        Calls that take long fill the channel: help for somebody at risk has room of its own then. Openers are left out
        where none is admitted now.
        """
        lanes, room = self._room(on_their_way)
        if self.openers.free(now) > now:
            lanes = tuple(lane for lane in lanes if lane is not Lane.BULK)
        return lanes, room

    def _room(self, on_their_way: Collection[Head]) -> tuple[Sequence[Lane], int]:
        if self.refused_until is not None:
            return LANES, 1 - len(on_their_way)
        room = AT_ONCE - len(on_their_way)
        if room <= 0:
            return (Lane.SAFETY,), room + HELP_AT_ONCE
        quick = tuple(lane for lane in LANES if lane not in _OURS)
        return (LANES if room > AT_ONCE - OURS_AT_ONCE else quick), room

    def free(self) -> datetime:
        """Return from when on the channel may take one more message, one that is paid for among them."""
        free = self.limiter.channel_free()
        return free if self.paid is None else min(free, self.paid.free_at())

    def edits_wait(self, step: "LaunchResult", now: datetime) -> bool:
        """Return whether nothing may be shown anew now, though other messages may go; note in `step` until when."""
        if self.edits_paused_until is not None and self.edits_paused_until > now:
            step.wait(self.edits_paused_until)
            return True
        free = self.limiter.edits_free()
        if free > now:
            step.wait_for_pace(free)
        return free > now

    def looks_at(self, room: int, now: datetime) -> int:
        """Return how many heads to look at, so that what goes now is among them, given the room for it."""
        most = self.limiter.at_once
        if self.paid is not None:
            most += self.paid.unpaid + self.paid.rate.burst
        return min(room, most) + self.limiter.resting(now)

    def pick(self, heads: Sequence[Head], room: int, step: "LaunchResult", now: datetime) -> list[Head]:
        """Return the heads that go now, at most `room`, and count them against the rates.

        Where more wait than the free pace carries within a second, so many more are paid for, where that may be. Until
        when the others wait is noted in `step`.
        """
        picked: list[Head] = []
        to_pay = self._too_many(heads, now)
        for head in heads:
            free = self._free(head, now)
            paid = self._free_if_paid(head, now) if to_pay > 0 and free > now else None
            if free > now and (paid is None or paid > now):
                step.wait_for_pace(free if paid is None else min(free, paid))
            elif len(picked) < room:
                to_pay -= free > now
                going = head if free <= now else replace(head, paid=True)
                self._take(going, now)
                picked.append(going)
        return picked

    def _too_many(self, heads: Sequence[Head], now: datetime) -> int:
        """Return how many of these heads the free pace does not carry within a second; 0 where nothing may be paid for.

        Of openers those count that are admitted in that time.
        """
        if self.paid is None:
            return 0
        bulk = sum(head.lane is Lane.BULK for head in heads)
        others = sum(
            head.lane is not Lane.BULK and self.limiter.address_free(head.address_id) <= now for head in heads
        )
        return others + min(bulk, int(self.openers.rate(now) or 0)) - self.paid.unpaid

    def _free_if_paid(self, head: Head, now: datetime) -> datetime | None:
        """Return from when on a head may go if it is paid for; None where it may not be."""
        if self.paid is None or head.kind not in _MESSAGES:
            return None
        if not self.paid.pays(head.lane, self.openers.caused, now):
            return None
        free = self.paid.free_at()
        if head.lane is Lane.BULK:
            free = max(free, self.openers.free(now))
        return free if head.lane is Lane.SAFETY else max(free, self.limiter.address_free(head.address_id))

    def _free(self, head: Head, now: datetime) -> datetime:
        """Return from when on a head may go: by the rates of channel and address, and for an opener by that of openers.

        The rate of the address holds back no help for somebody at risk.
        """
        if head.kind is OutboxKind.REFRESH:
            return self.limiter.edit_free(head.address_id)
        free = self.limiter.free(head.address_id, urgent=head.lane is Lane.SAFETY)
        return max(free, self.openers.free(now)) if head.lane is Lane.BULK else free

    def _take(self, head: Head, now: datetime) -> None:
        """Count a head that goes at `now` against the rates."""
        if head.kind is OutboxKind.REFRESH:
            self.limiter.take_edit(head.address_id, now)
        else:
            self.limiter.take(head.address_id, now, apart=head.paid)
        if head.paid and self.paid is not None:
            self.paid.take(head, now)
        if head.lane is Lane.BULK:
            self.openers.take(now)

    def limit(self, head: Head, until: datetime, now: datetime) -> None:
        """Let an address wait by itself. When a second one must wait at the same time, the whole queue waits.

        A limit on what is paid for ends the paying, and one on what is shown anew holds back that alone, where the
        platform counts it apart.
        """
        if head.paid:
            self.unpaid(until)
            return
        if head.kind is OutboxKind.REFRESH and self.limiter.counts_edits_apart:
            self.edits_paused_until = until
            return
        address_id = head.address_id
        self.limited = {number: at for number, at in self.limited.items() if at > now}
        self.limited[address_id] = until
        if len(self.limited) > 1:
            self.paused_until = max(self.limited.values())

    def unpaid(self, until: datetime) -> None:
        """Pay for nothing until a moment: the platform did not take what was paid for."""
        if self.paid is not None:
            log.warning("nothing_is_paid_for", channel=self.channel.name)
            self.paid.pause(until)

    def taken(self, address_id: int, now: datetime) -> None:
        """End a channel's refusal, since it took a message; unless the refusal came while that one was on its way."""
        self.limited.pop(address_id, None)
        if self.refused_until is not None and self.refused_until <= now:
            self.refused_until = None
            log.info("channel_takes_messages_again", channel=self.channel.name)


@dataclass(slots=True)
class LaunchResult:
    """What came of one look at the outbox: how many rows were started or dropped, and until when the others wait."""

    launched: int = 0
    dropped: int = 0
    pace: datetime | None = None
    """When a rate lets the next one through."""
    later: datetime | None = None
    """When the next retry, or the end of a pause, is due."""

    def wait_for_pace(self, until: datetime) -> None:
        """Note that something may go at a moment, when a rate allows it."""
        self.pace = until if self.pace is None else min(self.pace, until)

    def wait(self, until: datetime | None) -> None:
        """Note that something may go at a moment, when a pause ends or a retry is due; nothing for None."""
        if until is not None:
            self.later = until if self.later is None else min(self.later, until)
