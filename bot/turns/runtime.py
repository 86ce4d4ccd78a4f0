"""Process inbound messages: `receive` persists them, `drain` answers them.

What is acknowledged is durable, and nothing is kept here that a crash may take: what is not handled is found in
the rows again. Many turns share a transaction, the messages of one participant in order. This is the one place
that catches whatever a turn raises: the turn is put aside with its error, and all others go on.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.channels.base import Inbound
from bot.channels.home import HomeState
from bot.clock import SET_BACK, Clock, ProcessorTimeLimit
from bot.conversations.conversations import Conversations
from bot.conversations.facts import facts_of_many
from bot.conversations.flow_registry import FlowRegistry
from bot.conversations.messages import to_payload
from bot.conversations.new_conversation import NewConversation
from bot.conversations.requests import ParticipantRequests
from bot.conversations.sight import NO_READING_TIME, ReadingTime
from bot.delivery.rate_limits import MessageRate
from bot.errors import RETRY_SECONDS, describe
from bot.turn_context import TurnContext
from bot.turns.announced import make_way_for_help
from bot.turns.dispatch import TurnDispatcher
from bot.turns.home_tab import HomeTabReader
from bot.turns.invitations import InvitationOpener
from bot.turns.loading import load_ahead, settle
from bot.turns.turn_budget import TurnBudget, is_urgent, stands_before_risk
from flows.engine.events import Event, Reminded, Resumed, RiskSuspected
from flows.errors import ConversationOver
from flows.i18n.localized_flow import Localizations
from flows.script.model import Flow
from flows.script.reconsent import may_be_opened
from storage.conversations import inbox
from storage.conversations.conversations import ConversationRecord, find_conversation
from storage.conversations.inbox import InboundRow, PendingTurn
from storage.conversations.writes import CommitStage, TapAnswer, Writes, commit
from storage.database.connection import Database
from storage.database.statements import translated
from storage.database.wakeups import RECONCILE_SECONDS, EmbeddedWakeups, Wakeups, WorkKind
from storage.errors import DatabaseCorrupt, StorageError
from storage.people import participants
from storage.programs import programs
from storage.schema import ConversationStatus, Lane

BATCH = 256
"""Turns in one transaction, at most. More makes participants wait longer and saves little (docs/benchmarks.md)."""
BATCH_SECONDS = 0.03
"""Processor time after which a transaction takes no further turn: sending and timers wait for the same writer."""
_BATCH_LIMIT = partial(ProcessorTimeLimit, BATCH_SECONDS)
AT_A_LOOK = 64
"""Messages that are taken from the inbox at a time: about what the time of a transaction is enough for."""

TOAST_WITHIN = timedelta(seconds=0.5)
"""A turn that comes later than this after its tap says in a message what a toast would have said."""

_CLOSED = frozenset({ConversationStatus.ENDED, ConversationStatus.WAITING})
_log = structlog.get_logger(__name__)
Taken = Callable[[str, str, str | None], None]
"""Told the channel and the external id of a tap whose turn is committed, and its toast (None: none)."""
_Waiting = tuple[Sequence[InboundRow], "asyncio.Future[None]"]


def _untold(_channel: str, _external_id: str, _toast: str | None) -> None:
    """Tell no channel of a tap whose turn was taken."""


@dataclass(frozen=True, slots=True)
class RuntimeOptions:
    """What a `Runtime` is made with beside database, flows and clock; the defaults suit a bot with one process."""

    policy: ChannelPolicy = EVERYWHERE
    localizations: Localizations = field(default_factory=Localizations)
    wakeups: Wakeups = field(default_factory=EmbeddedWakeups)
    pick: Callable[[str], str] = secrets.choice
    """Chooses one letter of a text at random, for codes that nobody can guess."""
    opens: Callable[[Flow], bool] = may_be_opened
    """Whether participants may come to a flow by a link."""
    batch: int = BATCH
    """Turns in one transaction, at most."""
    limit: Callable[[], ProcessorTimeLimit] = _BATCH_LIMIT
    """Begins the time by which a transaction is bounded."""
    reading: ReadingTime = NO_READING_TIME
    """How long a question must have been shown before words typed under it are its answer."""
    budget: MessageRate | None = None
    """How fast the turns of one person may follow each other, see `turn_budget`; None for as fast as they come."""
    edits: frozenset[str] = frozenset()
    """The names of the channels that show a question with its trace, and answer a tap by a toast."""
    taken: Taken = _untold
    connecting_seconds: float = 0.0
    """How long a start leaves to the channels before word lists are read beside them; a message that comes ends it."""
    openers_wait: bool = False
    """Whether a delivery, with a recheck, says when what we begin of our own accord is handed over to the platform;
    else that counts as done when it is queued."""


class Runtime:
    """Stores what channels receive, answers it turn by turn, and queues the replies in the outbox.

    It sends nothing itself: it wakes the delivery through `wakeups` (`WorkKind.OUTBOX`), which are carried while
    `run` runs. `flows` are the current scripts by name. The scheduler uses `begin`, `apply` and `begin_waiting`.
    """

    def __init__(
        self,
        database: Database,
        flows: Mapping[str, Flow],
        clock: Clock,
        options: RuntimeOptions | None = None,
    ) -> None:
        options = options or RuntimeOptions()
        keys, pick, policy = database.identity, options.pick, options.policy
        self._database = database
        self._clock = clock
        self.wakeups = options.wakeups
        self.flows = flows
        self.localizations = options.localizations
        self.openers_wait = options.openers_wait
        self._registry = FlowRegistry(flows, options.localizations)
        requests = ParticipantRequests(keys, pick, policy)
        self._edits, self._taken = options.edits, options.taken
        self._conversations = Conversations(
            self._registry, requests, options.opens, options.reading, options.edits
        )
        self._dispatcher = TurnDispatcher(
            self._conversations,
            InvitationOpener(self._conversations, keys, pick, policy),
            self._toast_reaches,
        )
        self._home = HomeTabReader(self._registry, options.localizations)
        self._budget = None if options.budget is None else TurnBudget(options.budget)
        self._batch, self._begin_limit = options.batch, options.limit
        self._connecting_seconds = options.connecting_seconds
        self._waiting: list[_Waiting] = []
        self._answered_at = clock.now()
        self._storing: asyncio.Task[None] | None = None
        self._work = asyncio.Event()
        self.wakeups.listen(WorkKind.INBOX, self._work.set)

    async def home(self, address: str) -> HomeState:
        """Return where whoever is at an address stands, for a Home tab."""
        lookup, now = self._database.identity.lookup(address), self._clock.now()
        return await self._database.read(partial(self._home.read, lookup=lookup, now=now))

    async def receive(self, inbounds: Sequence[Inbound]) -> None:
        """
        Store messages in the inbox, unanswered; on return they are durable and may be acknowledged to the platform.

        `run` or `drain` answers them. Callers that come while a commit is on its way share the next one.

        Raises:
            StorageError: nothing of it is stored, and nothing may be acknowledged.
        """
        if not inbounds:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(([_inbound_row(inbound) for inbound in inbounds], done))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_waiting())
        await done

    async def drain(self) -> int:
        """Answer every message of the inbox that is unhandled now; return how many, those put aside included."""
        handled = 0
        while True:
            answered, more = await self._answer_some()
            handled += answered
            if not more:
                return handled

    async def run(self) -> None:
        """Answer messages as they are stored, until cancelled.

        The inbox is looked at when `receive` has stored something, at the start, and every half minute in case a
        wake-up was lost.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(self._connecting_seconds):
                await self._work.wait()
        await asyncio.to_thread(settle)  # off the loop
        with suppress(StorageError):  # what is not warmed is read when it is needed
            await self._database.read(partial(load_ahead, registry=self._registry))
        carrier = asyncio.create_task(self.wakeups.run())
        try:
            await self._drain_patiently()
            with suppress(StorageError):
                await self._database.read(programs.warm_calendars)
            while True:
                self._work.clear()
                await self._drain_patiently()
                with suppress(TimeoutError):
                    async with asyncio.timeout(await self._seconds_to_wait()):
                        await self._work.wait()
        finally:
            carrier.cancel()

    def begin(self, connection: Connection, new: NewConversation, *, now: datetime) -> int:
        """
        Begin a conversation of our own accord, in the caller's transaction; return its id.

        Its first messages are queued. `new.facts` are added to those of the participant, program and schedule.

        Raises:
            LookupError: there is no such participant.
        """
        [number] = self.begin_all(connection, [new], now=now)
        return number

    def begin_all(
        self, connection: Connection, news: Sequence[NewConversation], *, now: datetime
    ) -> list[int]:
        """
        Begin conversations of our own accord, at most one of each participant, as `begin` does; return their ids.

        Raises:
            LookupError: one of the participants is not there.
        """
        people = participants.find_many(connection, [new.participant_id for new in news])
        base = facts_of_many(
            connection, [(people[new.participant_id], new.program_id, new.activity_id) for new in news], now
        )
        turn = TurnContext(connection, now)
        told = [replace(new, facts={**facts, **new.facts}) for new, facts in zip(news, base, strict=True)]
        ids = self._conversations.begin_all(turn, told)
        self._commit(connection, [turn.writes], Lane.BULK)
        return ids

    def apply(self, connection: Connection, conversation_id: int, event: Event, *, now: datetime) -> None:
        """
        Play an event that no participant made (a reminder, the end of a pause, a language that was found).

        State, answers and messages that come of it are written in the caller's transaction. One that has ended takes
        only `RiskSuspected`.

        Raises:
            ConversationOver: it has ended, or has not begun.
        """
        conversation = find_conversation(connection, conversation_id)
        closed = _CLOSED - {ConversationStatus.ENDED} if isinstance(event, RiskSuspected) else _CLOSED
        if conversation is None or conversation.status in closed:
            raise ConversationOver(f"conversation {conversation_id} is not open")
        turn = TurnContext(connection, now)
        self._conversations.play(turn, conversation, event, address_id=conversation.address_id)
        is_ours = isinstance(event, Reminded | Resumed)
        self._commit(connection, [turn.writes], Lane.REMINDER if is_ours else Lane.REPLY)

    def languages_of(self, connection: Connection, conversation: ConversationRecord) -> tuple[str, ...]:
        """Return the tags of the languages in which a conversation may be held, its script's own first.

        Those into which its version of the flow is translated, and which its program offers.
        """
        flow = self._registry.version(connection, conversation.flow_hash)
        localizations = self._conversations.languages.in_program(connection, conversation.program_id)
        return localizations.offered(flow)

    def begin_waiting(self, connection: Connection, participant_id: int, *, now: datetime) -> None:
        """Begin the participant's next queued conversation, in the caller's transaction.

        For callers who have just ended one outside a turn. Nothing begins if none waits, another one is open, or the
        participant is on a safety hold.
        """
        turn = TurnContext(connection, now)
        self._conversations.begin_next(turn, participant_id)
        self._commit(connection, [turn.writes], Lane.REMINDER)

    def _next_postponed(self, connection: Connection) -> datetime | None:
        """Return when the next message that waits for a sending is due; parse what programs were loaded meanwhile."""
        programs.warm(connection)
        return inbox.next_postponed(connection)

    async def _seconds_to_wait(self) -> float:
        """Return how long `run` may sleep: until a message that waits for a sending is due, half a minute at most."""
        try:
            due = await self._database.read(self._next_postponed)
        except StorageError:
            due = None
        if due is None:
            return RECONCILE_SECONDS
        return min(RECONCILE_SECONDS, max(0.0, (due - self._clock.now()).total_seconds()))

    async def _drain_patiently(self) -> None:
        """Wait out the database's trouble (a full disk, another process): no message is lost by it."""
        try:
            await self.drain()
        except StorageError as error:
            _log.error("turns_wait", error=type(error).__name__, retry_seconds=RETRY_SECONDS)
            await asyncio.sleep(RETRY_SECONDS)
            self._work.set()

    async def _store_waiting(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            arrivals = [arrival for theirs, _ in waiting for arrival in theirs]
            try:
                await self._database.write(partial(self._store, arrivals, self._clock.now()))
            except Exception as error:  # noqa: BLE001 - handed to the callers, who are the ones to know
                for _, done in waiting:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in waiting:
                    if not done.done():
                        done.set_result(None)
            self._work.set()

    def _store(self, arrivals: Sequence[InboundRow], now: datetime, connection: Connection) -> None:
        stored_at = inbox.store(connection, arrivals, self._database.identity, now)
        postponed = inbox.postponed_among(connection, stored_at)
        if postponed and any(is_urgent(one.payload) for one in arrivals):
            inbox.take_up(connection, postponed)
        self.wakeups.defer(connection, WorkKind.INBOX, stored_at)

    async def _answer_some(self) -> tuple[int, bool]:
        """Answer a batch of turns; return how many, and whether there may be more."""
        try:
            handled, more, taps = await self._database.write(self._answer_batch)
        except StorageError:
            raise  # the database's trouble is no turn's fault
        except Exception as error:  # noqa: BLE001 - found again below, one turn at a time
            _log.warning("batch_failed", error=describe(error))
            return await self._one_at_a_time(), False
        self._tell(taps)
        return handled, more

    def _answer_batch(self, connection: Connection) -> tuple[int, bool, list[TapAnswer]]:
        """Answer turns in one transaction; return how many, whether there may be more, and the taps among them.

        A batch is over with its number or with its processor time: whoever else waits for the writer comes in between.
        Each look at the inbox takes one message an address: what stands behind it needs what it changed.
        """
        handled, taps = 0, list[TapAnswer]()
        now, limit = self._clock.now(), self._begin_limit()
        if now < self._answered_at - SET_BACK:
            inbox.take_up_all(connection)
        self._answered_at = now
        has_time = True
        while has_time and handled < self._batch:
            at_hand = inbox.take(connection, min(AT_A_LOOK, self._batch - handled), now)
            if not at_hand:
                return handled, False, taps
            turns = []
            for pending in _one_each(at_hand):
                turns.append(self._answer(connection, pending, now))
                has_time = not limit.is_reached()
                if not has_time:
                    break
            taps += self._commit(connection, turns)
            handled += len(turns)
        return handled, True, taps

    def _answer(self, connection: Connection, pending: PendingTurn, now: datetime) -> Writes:
        """Answer one turn, or put it off; one that raises is put aside, and the others go on."""
        try:
            with translated(self._database.path):
                if self._budget is not None:
                    put_off = self._budget.put_off(connection, pending, self._conversations.languages, now)
                    if put_off is not None:
                        return put_off
                writes = self._dispatcher.answer(connection, pending, now)
                if writes.postponed and stands_before_risk(connection, pending.address_id):
                    writes = self._dispatcher.answer(connection, pending, writes.postponed[0]["until"])
                return writes
        except Exception as error:
            if isinstance(error, StorageError) and not isinstance(error, DatabaseCorrupt):
                raise  # the trouble of the database is no turn's fault, unless it is a page that only this one needs
            return self._put_aside(connection, pending, describe(error))

    async def _one_at_a_time(self) -> int:
        """Answer each turn in a transaction of its own, after a commit failed; only the guilty one is put aside."""
        handled = 0
        now = self._clock.now()
        while batch := await self._database.read(lambda connection: inbox.take(connection, self._batch, now)):
            for pending in batch:
                try:
                    self._tell(await self._database.write(partial(self._single_turn, pending.inbox_id)))
                except StorageError:
                    raise
                except Exception as error:  # noqa: BLE001 - this one is the guilty turn
                    await self._database.write(partial(self._aside_alone, pending, describe(error)))
            handled += len(batch)
        return handled

    def _single_turn(self, inbox_id: int, connection: Connection) -> list[TapAnswer]:
        pending = inbox.take_one(connection, inbox_id)
        if pending is None:
            return []
        return self._commit(connection, [self._dispatcher.answer(connection, pending, self._clock.now())])

    def _toast_reaches(self, pending: PendingTurn) -> bool:
        """Return whether a toast would still reach whoever tapped: their channel has them, and it is not too late."""
        return pending.channel in self._edits and self._clock.now() - pending.received_at < TOAST_WITHIN

    def _tell(self, taps: Sequence[TapAnswer]) -> None:
        """Have the channels answer taps whose turns are committed."""
        for tap in taps:
            if tap.channel in self._edits:
                self._taken(*tap)

    def _aside_alone(self, pending: PendingTurn, error: str, connection: Connection) -> None:
        self._commit(connection, [self._put_aside(connection, pending, error)])

    def _put_aside(self, connection: Connection, pending: PendingTurn, error: str) -> Writes:
        _log.error("turn_put_aside", inbox=pending.inbox_id, error=error)
        return self._dispatcher.put_aside(connection, pending, error, self._clock.now())

    def _commit(
        self, connection: Connection, turns: Sequence[Writes], lane: Lane = Lane.REPLY
    ) -> list[TapAnswer]:
        """Write what turns leave behind, and wake whoever has work by it; return the taps that they answered.

        `lane` is that of the messages that say none of their own.
        """
        writes = Writes()
        for turn in turns:
            writes.add(turn)
        writes.add_step(CommitStage.RECHECK, partial(make_way_for_help, self._clock.now()))
        work = writes.work()
        told = commit(connection, writes, lane)
        for kind in work:
            self.wakeups.defer(connection, kind, told)
        return writes.taps


def _inbound_row(inbound: Inbound) -> InboundRow:
    channel = inbound.address.partition(":")[0]
    return InboundRow(
        inbound.address, channel, inbound.external_id, to_payload(inbound), former_id=inbound.former_id
    )


def _one_each(batch: Sequence[PendingTurn]) -> list[PendingTurn]:
    """Return one turn for each participant, also with two addresses: the second must see what the first changed."""
    seen: set[int] = set()
    kept = []
    for pending in batch:
        if pending.participant is None or pending.participant.id not in seen:
            kept.append(pending)
        if pending.participant is not None:
            seen.add(pending.participant.id)
    return kept
