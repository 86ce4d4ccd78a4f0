"""What is queued goes out: in order at each address, many addresses at once, no faster than a platform bears.

A row is marked `sending`, in a commit of its own, before the call; so what a crash leaves behind is known, is
resent, and is marked as a possible duplicate. See docs/why/at-least-once.md.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

import msgspec
import structlog
from sqlalchemy import Connection

from bot.channels.base import HOUSE, Channel, MessageRejected, Outbound, OutcomeUnknown, SendError
from bot.clock import Clock, MovableClock
from bot.delivery.rate_limits import NO_LIMIT, PACES, Pace, Pacer
from bot.delivery.retry_policy import Again, GiveUp, StopChannel, StopContact, Verdict, judge
from bot.errors import describe
from flows.engine.effects import Prompt
from flows.i18n.localized_flow import Localizations
from storage.conversations import outbox
from storage.conversations.outbox import Head
from storage.database import audit
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.errors import StorageError
from storage.privacy import subject_access
from storage.schema import AddressStatus, AuditKind, OutboxKind

AT_ONCE = 64
"""Messages on their way at the same time on one channel."""
SEND_TIMEOUT_SECONDS = 60.0
"""After this a call counts as unanswered, whatever its channel's own time-outs are."""
LOOK_AGAIN = timedelta(seconds=30)
"""Look at the rows at least so often, in case a wake-up was lost."""
STORE_RETRY_SECONDS = 5.0
TRY_REFUSED_AGAIN = timedelta(minutes=10)
"""A refused channel is tried with one message so often, for nobody tells us that it has been put right."""

Sleep = Callable[[float], Awaitable[None]]
Alert = Callable[[str, str], None]
"""Told the channel and the reason when the operator must act."""

log = structlog.get_logger(__name__)
_decode = msgspec.json.Decoder(Prompt).decode


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """The platform took it."""

    message_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Landing:
    """What became of one call."""

    head: Head
    outcome: SendOutcome | Verdict


@dataclass(slots=True)
class Lane:
    """A channel: what may go next, how fast, and whether it stands still."""

    channel: Channel
    pacer: Pacer
    waiting: deque[Head] = field(default_factory=deque)
    paused_until: datetime | None = None
    refused_until: datetime | None = None
    """It is the operator's turn to act, and nothing goes before then. After it one message at a time tries the
    channel, until one is taken."""
    limited: dict[int, datetime] = field(default_factory=dict)
    """Addresses that the platform asked to wait, and until when."""


@dataclass(slots=True)
class Round:
    """What one look at the rows came to."""

    launched: int = 0
    dropped: int = 0
    pace: datetime | None = None
    """When a rate lets the next one through."""
    later: datetime | None = None
    """When the next retry, or the end of a pause, is due."""


class Delivery:
    """Sends what is queued. One for a database at a time."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        identity: AddressKeys | None = None,
        *,
        paces: Mapping[str, Pace] = PACES,
        rng: random.Random | None = None,
        sleep: Sleep = asyncio.sleep,
        alert: Alert | None = None,
        localizations: Localizations | None = None,
    ) -> None:
        self._database = database
        self._localizations = localizations
        self._identity = identity or database.identity
        self._clock = clock
        self._sleep = sleep
        self._rng = rng or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._alert = alert or _log_alert
        self._lanes = {
            name: Lane(channel, Pacer(paces.get(name, NO_LIMIT))) for name, channel in channels.items()
        }
        self._flights: dict[asyncio.Task[Landing], Head] = {}
        self._woken = asyncio.Event()
        self._recovered = False

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    async def drain(self) -> int:
        """
        Send all that may be sent now, and return how many were sent.

        Rates are waited for, by the `sleep` given; retries, and pauses that a platform asked for, are left.
        """
        await self._recover()
        sent = 0
        while True:
            sent += await self._land()
            step = await self._launch()
            if self._flights:
                await asyncio.wait(self._flights, return_when=asyncio.FIRST_COMPLETED)
            elif step.pace is not None:
                await self._sleep(max(0.0, (step.pace - self._clock.now()).total_seconds()))
            elif not step.dropped:
                return sent

    async def run(self) -> None:
        """Send until cancelled. What is on its way then ends in `drain`, or is resent after a start."""
        while True:
            self._woken.clear()
            await self._round_patiently()

    async def _round_patiently(self) -> None:
        """The database's trouble (a full disk, another process) is waited out: no message is lost by it."""
        try:
            await self._recover()
            await self._land()
            step = await self._launch()
        except StorageError as error:
            log.error("delivery_waits", error=type(error).__name__)  # noqa: TRY400 - no words in the log
            await asyncio.sleep(STORE_RETRY_SECONDS)
            return
        if not step.dropped:
            await self._wait(step)

    async def _wait(self, step: Round) -> None:
        """Until a message lands, somebody wakes us, or a time that is waited for has come."""
        now = self._clock.now()
        moments = [moment for moment in (step.pace, step.later, now + LOOK_AGAIN) if moment is not None]
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait(
                {*self._flights, woken},
                timeout=max(0.0, (min(moments) - now).total_seconds()),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            woken.cancel()

    async def _recover(self) -> None:
        if not self._recovered:
            count = await self._database.write(outbox.recover)
            self._recovered = True
            if count:
                log.warning("resending_after_crash", count=count)

    # Out.

    async def _launch(self) -> Round:
        """Take what may go now, mark it, and send it on its way."""
        step = Round()
        ready: list[Head] = []
        drop: dict[int, str] = {}
        for name, lane in self._lanes.items():
            await self._choose(name, lane, step, ready, drop)
        if not ready and not drop:
            return step
        taken = await self._database.write(partial(_mark, ready=ready, drop=drop))
        for head in ready:
            if head.id in taken:
                flight = asyncio.create_task(self._fly(head))
                self._flights[flight] = head
                step.launched += 1
        step.dropped = len(drop) + len(ready) - step.launched
        return step

    async def _choose(
        self, name: str, lane: Lane, step: Round, ready: list[Head], drop: dict[int, str]
    ) -> None:
        """The heads of a channel's queues that may go now; what must wait says until when."""
        now = self._clock.now()
        stands_still = [at for at in (lane.paused_until, lane.refused_until) if at is not None and at > now]
        if stands_still:
            step.later = _sooner(step.later, max(stands_still))
            return
        if not lane.waiting:
            busy = [head.address_id for head in self._flights.values() if head.channel == name]
            lane.waiting.extend(
                await self._database.read(partial(outbox.heads, channel=name, busy=busy, limit=AT_ONCE))
            )
        at_once = AT_ONCE if lane.refused_until is None else 1
        room = at_once - sum(head.channel == name for head in self._flights.values())
        while lane.waiting and room > 0:
            free = lane.pacer.channel_free()
            if free > now:
                step.pace = _sooner(step.pace, free)
                return
            head = lane.waiting.popleft()
            if (needless := _needless(head)) is not None:
                drop[head.id] = needless
            elif head.not_before is not None and head.not_before > now:
                step.later = _sooner(step.later, head.not_before)
            elif (free := lane.pacer.address_free(head.address_id)) > now:
                step.pace = _sooner(step.pace, free)
            else:
                lane.pacer.take(head.address_id, now)
                ready.append(head)
                room -= 1

    async def _fly(self, head: Head) -> Landing:
        """One call. Nothing is written here: what lands together is written together."""
        channel = self._lanes[head.channel].channel
        try:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                if head.kind is OutboxKind.DOCUMENT:
                    message_id = await self._send_document(channel, head)
                else:
                    message_id = await channel.send(self._outbound(head))
        except SendError as error:
            return Landing(head, self._judge(head, error))
        except TimeoutError:
            return Landing(head, self._judge(head, OutcomeUnknown("no answer in time")))
        return Landing(head, SendOutcome(message_id, self._clock.now()))

    def _outbound(self, head: Head) -> Outbound:
        prompt = _decode(head.payload)
        house = HOUSE if prompt.ask is not None else None
        return Outbound(
            address=self._identity.open(head.sealed),
            prompt=prompt,
            conversation=house if head.conversation_id is None else head.conversation_id,
            message_id=head.message_id,
            refresh=head.kind is OutboxKind.REFRESH,
        )

    async def _send_document(self, channel: Channel, head: Head) -> str | None:
        """A person's own answers, read now: no copy of them waits anywhere."""
        prompt, person = _decode(head.payload), head.participant_id
        if person is None:
            raise MessageRejected("nobody_at_address")
        text = await self._database.read(
            partial(
                subject_access.participant_data_text,
                participant_id=person,
                language=prompt.language,
                localizations=self._localizations,
            )
        )
        address = self._identity.open(head.sealed)
        return await channel.send_document(address, subject_access.FILE_NAME, text, prompt.text)

    def _judge(self, head: Head, error: SendError) -> Verdict:
        return judge(
            error,
            attempts=head.attempts + 1,
            possibly_duplicate=head.possibly_duplicate,
            created_at=head.created_at,
            now=self._clock.now(),
            jitter=self._rng.random(),
        )

    # And back.

    async def _land(self) -> int:
        """Write what has come back in one transaction; returns how many were sent."""
        done = [flight for flight in self._flights if flight.done()]
        if not done:
            return 0
        now = self._clock.now()
        landings = [_landing(flight, self._flights[flight], now) for flight in done]
        await self._database.write(partial(_write, landings=landings, now=now))
        for flight in done:
            del self._flights[flight]
        for landing in landings:
            self._heed(landing, now)
        return sum(isinstance(landing.outcome, SendOutcome) for landing in landings)

    def _heed(self, landing: Landing, now: datetime) -> None:
        """What one call tells about its whole channel."""
        head, lane = landing.head, self._lanes[landing.head.channel]
        match landing.outcome:
            case Again(at, _, rate_limited):
                if rate_limited:
                    _limit(lane, head.address_id, at, now)
            case StopChannel(reason):
                if lane.refused_until is None:
                    self._alert(head.channel, reason)
                lane.refused_until = now + TRY_REFUSED_AGAIN
                lane.waiting.clear()
            case StopContact(status, _):
                log.info("contact_stopped", channel=head.channel, status=status.value)
            case GiveUp():
                log.warning("message_failed", outbox=head.id, channel=head.channel)
            case SendOutcome():
                lane.limited.pop(head.address_id, None)
                _taken_again(lane, now)
            case _:
                assert_never(landing.outcome)


def clock_sleep(clock: MovableClock) -> Sleep:
    """A sleep that moves the clock on instead of waiting: for simulations and tests."""

    async def sleep(seconds: float) -> None:
        clock.move(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    return sleep


def _limit(lane: Lane, address_id: int, until: datetime, now: datetime) -> None:
    """One address waits by itself. When a second one must wait at the same time, the channel is full."""
    lane.limited = {number: at for number, at in lane.limited.items() if at > now}
    lane.limited[address_id] = until
    if len(lane.limited) > 1:
        lane.paused_until = max(lane.limited.values())


def _taken_again(lane: Lane, now: datetime) -> None:
    """A message went out: a refusal is over, unless it came while this one was on its way."""
    if lane.refused_until is not None and lane.refused_until <= now:
        lane.refused_until = None
        log.info("channel_takes_messages_again", channel=lane.channel.name)


def _landing(flight: asyncio.Task[Landing], head: Head, now: datetime) -> Landing:
    """A call that broke off in an unforeseen way has failed: its message is not tried for ever."""
    if flight.cancelled():
        return Landing(head, Again(now, possibly_duplicate=True, rate_limited=False))
    error = flight.exception()
    return flight.result() if error is None else Landing(head, GiveUp(describe(error)))


def _needless(head: Head) -> str | None:
    """Why a row need not be sent, if it need not."""
    if head.address_status is not AddressStatus.ACTIVE:
        return head.address_status.value
    no_original = head.kind is OutboxKind.REFRESH and head.message_id is None
    return "no message to refresh" if no_original else None


def _mark(connection: Connection, *, ready: Sequence[Head], drop: Mapping[int, str]) -> frozenset[int]:
    for outbox_id, reason in drop.items():
        outbox.mark_dropped(connection, outbox_id, reason)
    outbox.drop_superseded(connection, [head.id for head in ready if head.kind is OutboxKind.REFRESH])
    return outbox.mark_sending(connection, [head.id for head in ready])


def _write(connection: Connection, *, landings: Sequence[Landing], now: datetime) -> None:
    for landing in landings:
        _write_one(connection, landing.head, landing.outcome, now)
    audit.append(
        connection,
        [_shown(one.head, one.outcome) for one in landings if isinstance(one.outcome, SendOutcome)],
    )


def _shown(head: Head, sent: SendOutcome) -> audit.AuditEntry:
    """What was shown, when, in which language: by the hash of its text, never the text."""
    prompt = _decode(head.payload)
    details = {
        "message": head.id,
        "conversation": head.conversation_id,
        "ask": head.ask,
        "language": prompt.language,
        "text": audit.text_hash(prompt.text),
    }
    return audit.AuditEntry(sent.at, AuditKind.SENT, head.participant_id, details)


def _write_one(connection: Connection, head: Head, outcome: SendOutcome | Verdict, now: datetime) -> None:
    match outcome:
        case SendOutcome(message_id, at):
            outbox.mark_sent(connection, head.id, message_id=message_id, now=at)
        case Again(at, possibly_duplicate, _):
            outbox.put_back(connection, head.id, not_before=at, possibly_duplicate=possibly_duplicate)
        case GiveUp(reason):
            outbox.mark_failed(connection, head.id, reason)
        case StopContact(status, reason):
            outbox.stop_contact(connection, head.address_id, status=status, reason=reason, now=now)
        case StopChannel():
            outbox.put_back(connection, head.id, not_before=None, possibly_duplicate=False)
        case _:
            assert_never(outcome)


def _sooner(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def _log_alert(channel: str, reason: str) -> None:
    log.error("channel_stopped", channel=channel, reason=reason)
