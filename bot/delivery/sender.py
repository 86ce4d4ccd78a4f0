"""Send what is queued: in order at each address, many addresses at once, no faster than a platform bears.

A round has two halves. `_launch` takes the heads of the addresses' queues that may go now, the most urgent lane first,
marks them `sending` in a commit of their own, and starts a task for each. `_land` takes the tasks that have ended and
writes their results in one transaction. So what a crash leaves behind is known, is resent, and is marked as a possible
duplicate (docs/why/at-least-once.md).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

import structlog
from msgspec import structs
from sqlalchemy import Connection

from bot.channels.base import HOUSE, Channel, MessageRejected, Outbound, OutcomeUnknown, SendError
from bot.clock import Clock, ClockWatch, MovableClock
from bot.delivery.admission import opener_waits, openers_waiting
from bot.delivery.channel_queue import ChannelQueue, LaunchResult
from bot.delivery.lines import ChannelQueues
from bot.delivery.rate_limits import CHANNEL_RATES, NO_LIMIT, ChannelRates, RateLimiter
from bot.delivery.results import (
    ContactEnded,
    Recheck,
    SendResult,
    SentMessage,
    decode_prompt,
    mark_on_their_way,
    needed_among,
    result_of,
    tell_nobody,
    unchecked,
    write_results,
)
from bot.delivery.retry_policy import (
    LONGEST_WAIT,
    FailedAttempt,
    FailureDecision,
    GiveUp,
    RetryLater,
    StopChannel,
    StopContact,
    decide,
)
from bot.delivery.traces import TraceDelivery
from flows.i18n.localized_flow import Localizations
from storage.conversations import inbox, outbox, outbox_in_doubt, outbox_order
from storage.conversations.outbox import Head
from storage.conversations.outbox_lines import channel_of, name_workspaces
from storage.conversations.paid_messages import month_of, used_in
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.database.wakeups import EmbeddedWakeups, Wakeups, WorkKind
from storage.errors import StorageError
from storage.privacy import subject_access
from storage.schema import OutboxKind

SEND_TIMEOUT_SECONDS = 60.0
"""After this a call counts as unanswered, whatever its channel's own time-outs are."""
LOOK_AGAIN = timedelta(seconds=30)
"""Look at the rows at least so often, in case a wake-up was lost."""
STORE_RETRY_SECONDS = 5.0
TRY_REFUSED_AGAIN = timedelta(minutes=10)
"""A refused channel is tried with one message so often, for nobody tells us that it has been put right."""
PAY_AGAIN = timedelta(hours=1)
"""So long nothing is paid for where the platform takes no payment: somebody may have bought Stars by then."""

Sleep = Callable[[float], Awaitable[None]]
Alert = Callable[[str, str], None]
"""Told the channel and the reason when the operator must act."""

log = structlog.get_logger(__name__)


def _log_alert(channel: str, reason: str) -> None:
    log.error("channel_stopped", channel=channel, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOptions:
    """
    What may differ from one delivery to another; the defaults are those of `said run`.

    identity  opens the addresses; the database's own where it is None
    rates     how much each channel bears, by its name; no limit for those that are not named
    rng       spreads retries
    sleep     waits so many seconds; tests and simulations move their clock instead
    alert     is told when the operator must act
    localizations  translations, for a person's own answers as a file
    wakeups   carry to the turns that a sending has an outcome
    recheck   decides again, at the moment of sending, on what was queued of our own accord
    contact_ended  is told of each address at which a platform says that nobody is reached
    """

    identity: AddressKeys | None = None
    rates: Mapping[str, ChannelRates] = field(default_factory=lambda: CHANNEL_RATES)
    rng: random.Random = field(default_factory=random.Random)
    sleep: Sleep = asyncio.sleep
    alert: Alert = _log_alert
    localizations: Localizations | None = None
    wakeups: Wakeups = field(default_factory=EmbeddedWakeups)
    recheck: Recheck = unchecked
    contact_ended: ContactEnded = tell_nobody


class Delivery:
    """Sends the messages in a database's outbox through its channels, in order at each address.

    A database may have only one `Delivery` at work. `channels` are by name.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        options: DeliveryOptions | None = None,
    ) -> None:
        options = options or DeliveryOptions()
        self._database = database
        self._localizations = options.localizations
        self._identity = options.identity or database.identity
        self._clock = clock
        self._watch = ClockWatch(clock)
        self._sleep = options.sleep
        self._rng = options.rng
        self._alert = options.alert
        self._wakeups = options.wakeups
        self._recheck = options.recheck
        self._contact_ended = options.contact_ended
        self._channels = channels
        self._queues = ChannelQueues(channels, options.rates)
        self._traces = {
            name: TraceDelivery(
                database, clock, self._identity, channel, RateLimiter(options.rates.get(name, NO_LIMIT))
            )
            for name, channel in channels.items()
            if channel.edits
        }
        self._in_flight: dict[asyncio.Task[SendResult], Head] = {}
        self._departing: asyncio.Task[int] | None = None
        """What marks and sends the messages that were found last."""
        self._woken = asyncio.Event()
        self._recovered = False

    def wake(self) -> None:
        """Have `run` look at the outbox now: there may be something to send. Returns at once."""
        self._woken.set()

    def has_room(self, connection: Connection, line: str) -> bool:
        """Return whether the openers that wait on a line are sent within a minute, so that more may be queued.

        True for a channel without a limit, and for one that is not served here.
        """
        if channel_of(line) not in self._channels:
            return True
        most = self._queues.of(line).openers.bears(self._clock.now())
        return most is None or openers_waiting(connection, line, most) < most

    async def drain(self) -> int:
        """Send all messages of the outbox that may be sent now, and return how many were sent.

        Waits, by the `sleep` of its options, where a rate limit allows the next one only later. Messages that wait for
        a retry, or for a pause that a platform asked for, are left in the outbox. Traces that may go then go too.
        """
        if self._departing is not None:  # of a `run` that was cancelled meanwhile
            await asyncio.gather(self._departing, return_exceptions=True)
        await self._recover()
        sent = 0
        while True:
            sent += await self._land()
            step = await self._launch()
            if self._in_flight:
                await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)
            elif step.pace is not None:
                await self._sleep(max(0.0, (step.pace - self._clock.now()).total_seconds()))
            elif traces := [task for one in self._traces.values() for task in one.on_their_way]:
                await asyncio.wait(traces)
            elif not step.dropped:
                return sent

    async def run(self) -> None:
        """Send what is queued, as it comes, until cancelled.

        A message that is on its way then is finished by a later `drain`, or resent after the next start.
        """
        while True:
            self._woken.clear()
            await self._do_round()

    async def _do_round(self) -> None:
        """Do one round, and wait for the next. While the database cannot be used (a full disk), try again later."""
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

    async def _wait(self, step: LaunchResult) -> None:
        """Wait until a message lands, somebody wakes us, or a time that is waited for has come."""
        now = self._clock.now()
        moments = [moment for moment in (step.pace, step.later, now + LOOK_AGAIN) if moment is not None]
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait(
                {*self._in_flight, woken},
                timeout=max(0.0, (min(moments) - now).total_seconds()),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            woken.cancel()

    async def _recover(self) -> None:
        """Put back what an earlier process left as `sending`, and what it put off by a wrong clock, once."""
        if not self._recovered:
            now = self._clock.now()
            count = await self._database.write(partial(outbox_in_doubt.recover, now=now))
            await self._database.write(partial(outbox_order.try_again, now=now, beyond=LONGEST_WAIT))
            if self._queues.may_split:
                await self._database.write(partial(name_workspaces, identity=self._identity))
            await self._database.read(partial(self._read_paid, month=month_of(now)))
            self._recovered = True
            if count:
                log.warning("resending_after_crash", count=count)

    def _read_paid(self, connection: Connection, month: str) -> None:
        """Read what was paid for this month: nothing is before it is known."""
        for name in self._channels:
            paid = self._queues.of(name).paid
            if paid is not None:
                paid.use = used_in(connection, name, month)

    async def _launch(self) -> LaunchResult:
        """Take what may go now, mark it, and send it on its way; traces where nothing else may."""
        await self._mind_the_clock()
        step = await self._launch_messages()
        if not step.launched and not step.dropped:
            busy = {head.channel for head in self._in_flight.values()}
            for name, traces in self._traces.items():
                if name not in busy and all(queue.idle for queue in self._queues.of_channel(name)):
                    step.wait(await traces.launch())
        return step

    async def _mind_the_clock(self) -> None:
        """Let what waits for a moment wait as long as before, where the clock was set back since the last look.

        A clock that was set ahead ends waits early, which the platforms bear: they say if it was too early.
        """
        jump = self._watch.jump()
        if jump >= timedelta(0):
            return
        for name in self._channels:
            for queue in self._queues.of_channel(name):
                queue.set_back(jump)
        for traces in self._traces.values():
            traces.limiter.shift(jump)
        await self._database.write(partial(outbox_order.try_again, now=self._clock.now()))

    async def _launch_messages(self) -> LaunchResult:
        """Take the messages that may go now, mark them, and send them on their way."""
        step = LaunchResult()
        ready: list[Head] = []
        drop: dict[int, str] = {}
        for line in await self._lines():
            await self._choose(line, self._queues.of(line), step, ready, drop)
        if not ready and not drop:
            return step
        self._departing = asyncio.create_task(self._depart(ready, drop))
        step.launched = await asyncio.shield(self._departing)
        step.dropped = len(drop) + len(ready) - step.launched
        return step

    async def _depart(self, ready: Sequence[Head], drop: Mapping[int, str]) -> int:
        """Mark messages as being sent, and send them; return how many.

        To be shielded: a stop in between would leave them marked and unsent, and the next start in doubt of them.
        """
        mark = partial(mark_on_their_way, recheck=self._recheck, now=self._clock.now())
        taken = await self._database.write(partial(mark, ready=ready, drop=drop))
        going = [head for head in ready if head.id in taken]
        for head in going:
            self._in_flight[asyncio.create_task(self._send_one(head))] = head
        return len(going)

    async def _lines(self) -> list[str]:
        """Return the lines to look at: the channels, and the workspaces in which something waits."""
        if not self._queues.may_split:
            return list(self._channels)
        found = await self._database.read(self._queues.lines)
        for name in self._channels:
            for queue in self._queues.of_channel(name):
                queue.idle = True
        return found

    async def _choose(
        self, line: str, queue: ChannelQueue, step: LaunchResult, ready: list[Head], drop: dict[int, str]
    ) -> None:
        """Add to `ready` the heads of a line's queues that may go now, and to `drop` those that need not be sent.

        What must wait is noted in `step`, with the moment until when.
        """
        now = self._clock.now()
        queue.idle = False
        stands_still = queue.stands_still(now)
        if stands_still is not None:
            step.wait(stands_still)
            return
        lanes, room = queue.room([head for head in self._in_flight.values() if head.line == line], now)
        free = queue.free()
        if room <= 0:
            return
        limit = queue.looks_at(room, now)
        edits_wait = queue.edits_wait(step, now)
        look = outbox.heads_but_refreshes if edits_wait else outbox.heads
        found = await self._database.read(partial(look, line=line, now=now, lanes=lanes, limit=limit))
        step.wait(found.later)
        queue.idle = not found.ready and not edits_wait
        if found.ready and free > now:
            step.wait_for_pace(free)
            return
        opener = queue.openers.free(now)
        if opener > now and not found.ready and await self._database.read(partial(opener_waits, line=line)):
            step.wait_for_pace(opener)
        needed = needed_among(found.ready, drop)
        ready += queue.pick(needed, room, step, now)

    async def _send_one(self, head: Head) -> SendResult:
        """Send one message, and return what became of it. Nothing is written here: `_land` writes many together."""
        channel = self._channels[head.channel]
        try:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                if head.kind is OutboxKind.DOCUMENT:
                    message_id = await self._send_document(channel, head)
                else:
                    message_id = await channel.send(self._outbound(head))
        except SendError as error:
            return SendResult(head, self._decide(head, error))
        except TimeoutError:
            return SendResult(head, self._decide(head, OutcomeUnknown("no answer in time")))
        return SendResult(head, SentMessage(message_id, self._clock.now()))

    def _outbound(self, head: Head) -> Outbound:
        """Turn an outbox row into what a channel sends: the prompt, and the address opened with the key."""
        prompt = decode_prompt(head.payload)
        house = HOUSE if prompt.ask is not None else None
        return Outbound(
            address=self._identity.open(head.sealed),
            prompt=structs.replace(prompt, lead=head.lead) if head.lead else prompt,
            conversation=house if head.conversation_id is None else head.conversation_id,
            message_id=head.message_id,
            refresh=head.kind is OutboxKind.REFRESH,
            thread=head.thread,
            paid=head.paid,
        )

    async def _send_document(self, channel: Channel, head: Head) -> str | None:
        """Send a participant's own answers as a file. They are read now: no copy of them waits anywhere."""
        prompt, person = decode_prompt(head.payload), head.participant_id
        if person is None:
            raise MessageRejected("nobody_at_address")
        text = await self._database.read(
            partial(
                subject_access.participant_data_text,
                participant_id=person,
                language=prompt.language,
                localizations=self._localizations,
                open_address=self._identity.open,
            )
        )
        to = self._identity.open(head.sealed)
        return await channel.send_document(to, subject_access.FILE_NAME, text, prompt.text)

    def _decide(self, head: Head, error: SendError) -> FailureDecision:
        attempt = FailedAttempt(head.attempts + 1, head.possibly_duplicate, head.created_at)
        return decide(error, attempt, now=self._clock.now(), jitter=self._rng.random())

    # Results

    async def _land(self) -> int:
        """Write the results of calls that have ended in one transaction, and return how many messages were sent."""
        done = [flight for flight in self._in_flight if flight.done()]
        if not done:
            return 0
        now = self._clock.now()
        results = [result_of(flight, self._in_flight[flight], now) for flight in done]
        written = await self._database.write(partial(self._write, results=results, now=now))
        for flight in done:
            del self._in_flight[flight]
        for result in written:
            self._apply_to_channel(result, now)
        return sum(isinstance(result.outcome, SentMessage) for result in written)

    def _write(self, connection: Connection, results: list[SendResult], now: datetime) -> list[SendResult]:
        """Write results, and have replies that waited for them handled; return them as they were written."""
        written = write_results(connection, results=results, now=now, contact_ended=self._contact_ended)
        addresses = {result.head.address_id for result in results}
        if inbox.take_up(connection, addresses):
            self._wakeups.defer(connection, WorkKind.INBOX, addresses)
        return written

    def _apply_to_channel(self, result: SendResult, now: datetime) -> None:
        """Apply what one result tells about its whole channel: a rate limit, a refusal, or that it takes messages."""
        head, queue = result.head, self._queues.of(result.head.line)
        match result.outcome:
            case RetryLater(at, _, rate_limited, unpaid):
                if unpaid:
                    queue.unpaid(now + PAY_AGAIN)
                elif rate_limited:
                    queue.limit(head, at, now)
            case StopChannel(reason):
                if all(one.refused_until is None for one in self._queues.of_channel(head.channel)):
                    self._alert(head.channel, reason)
                queue.refused_until = now + TRY_REFUSED_AGAIN
            case StopContact(status, _):
                log.info("contact_stopped", channel=head.channel, status=status.value)
            case GiveUp():
                log.warning("message_failed", outbox=head.id, channel=head.channel)
            case SentMessage(_, at):
                queue.taken(head.address_id, now)
                queue.openers.delivered(head, at)
            case _:
                assert_never(result.outcome)


def clock_sleep(clock: MovableClock) -> Sleep:
    """Return a `sleep` for `DeliveryOptions` that moves a clock on by so many seconds instead of waiting.

    For simulations and tests.
    """

    async def sleep(seconds: float) -> None:
        clock.move(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    return sleep
