"""What came in is stored, then answered: many people's turns in one transaction, each person's in order.

Nothing is kept here that a crash may take: what is not handled is found in the rows again. This is the one
place that catches whatever a turn raises: the turn is put aside with its error, and all others go on.
"""

import asyncio
import gc
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.channels.base import Inbound
from bot.clock import Clock
from bot.conversations.facts import conversation_facts
from bot.conversations.flow_registry import FlowRegistry
from bot.conversations.messages import to_payload
from bot.conversations.player import Conversations
from bot.conversations.reconsent import NONE, Reconsents
from bot.conversations.requests import ParticipantRequests
from bot.conversations.safety import get_ready
from bot.errors import RETRY_SECONDS, describe
from bot.turns.dispatch import TurnDispatcher
from bot.turns.invitations import InvitationOpener
from flows.engine.events import Event
from flows.errors import ConversationOver
from flows.i18n.localized_flow import Localizations
from flows.parsing import numbers
from flows.script.facts import Facts
from flows.script.model import Flow
from flows.script.reconsent import may_be_opened
from storage.conversations import conversations, inbox, turns
from storage.conversations.conversations import ConversationRecord
from storage.conversations.inbox import InboundRow, PendingTurn
from storage.conversations.turns import Writes
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.database.wakeups import RECONCILE_SECONDS, EmbeddedWakeups, Wakeups, WorkKind
from storage.errors import StorageError
from storage.people import participants
from storage.schema import ConversationStatus

BATCH = 256
"""Turns in one transaction, at most. More makes people wait longer and saves little (docs/benchmarks.md)."""
MADE_BETWEEN_COLLECTIONS = 10_000
"""Containers: about what a batch of turns makes. Python's own 700 is ten turns."""

_log = structlog.get_logger(__name__)
_Waiting = tuple[Sequence[InboundRow], "asyncio.Future[None]"]


class Runtime:
    """Takes what channels receive and answers it. `pick` is as in `bot.turns.invitations.Entrance`; `opens` says which
    flows people may come to by a link.

    Whoever sends listens to `wakeups` (`WorkKind.OUTBOX`); they are carried while `run` runs.
    """

    def __init__(
        self,
        database: Database,
        flows: Mapping[str, Flow],
        clock: Clock,
        identity: AddressKeys | None = None,
        wake: Wakeups | None = None,
        *,
        pick: Callable[[str], str] = secrets.choice,
        policy: ChannelPolicy = EVERYWHERE,
        localizations: Localizations | None = None,
        batch: int = BATCH,
        opens: Callable[[Flow], bool] = may_be_opened,
    ) -> None:
        self._database = database
        self._clock = clock
        self._identity = identity or database.identity
        self.wakeups: Wakeups = wake or EmbeddedWakeups()
        self.flows = flows
        self.localizations = localizations or Localizations()
        self._player = Conversations(
            FlowRegistry(flows, self.localizations), ParticipantRequests(self._identity, pick, policy), opens
        )
        self._turns = TurnDispatcher(
            self._player, InvitationOpener(self._player, self._identity, pick, policy)
        )
        self._batch = batch
        self._waiting: list[_Waiting] = []
        self._storing: asyncio.Task[None] | None = None
        self._work = asyncio.Event()
        self.wakeups.listen(WorkKind.INBOX, self._work.set)

    async def receive(self, inbounds: Sequence[Inbound]) -> None:
        """
        Store what came in; on return it is durable and may be acknowledged.

        Callers that come while a commit is on its way share the next one.

        Raises:
            StorageError: nothing of it is stored, and nothing may be acknowledged.
        """
        if not inbounds:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(([_arrival(inbound) for inbound in inbounds], done))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_waiting())
        await done

    async def drain(self) -> int:
        """Answer all that is unhandled now; returns how many turns were taken, those put aside included."""
        handled = 0
        while True:
            taken = await self._take_batch()
            handled += taken
            if taken < self._batch:
                return handled

    async def run(self) -> None:
        """Answer what comes in until cancelled; looks at the rows at start and every half minute anyway."""
        await asyncio.to_thread(settle)  # off the loop
        carrier = asyncio.create_task(self.wakeups.run())
        try:
            while True:
                self._work.clear()
                await self._drain_patiently()
                with suppress(TimeoutError):
                    async with asyncio.timeout(RECONCILE_SECONDS):
                        await self._work.wait()
        finally:
            carrier.cancel()

    def begin(
        self,
        connection: Connection,
        *,
        participant_id: int,
        address_id: int,
        program_id: int,
        activity_id: int | None,
        flow: str,
        facts: Facts,
        now: datetime,
        renewals: Reconsents = NONE,
    ) -> int:
        """
        Begin a conversation of our own accord, in the caller's transaction; returns its number.

        `facts` are added to those of the person, programme and schedule.
        """
        person = participants.find(connection, participant_id)
        if person is None:
            raise LookupError(f"participant {participant_id} is not there")
        base = conversation_facts(
            connection, person=person, program_id=program_id, activity_id=activity_id, now=now
        )
        writes = Writes()
        number = self._player.begin(
            connection,
            writes,
            participant_id=participant_id,
            address_id=address_id,
            program_id=program_id,
            activity_id=activity_id,
            flow=flow,
            facts={**base, **facts},
            now=now,
            renewals=renewals,
        )
        self._commit(connection, writes)
        return number

    def apply(self, connection: Connection, conversation_id: int, event: Event, *, now: datetime) -> None:
        """
        Tell a conversation of a reminder or of the end of a pause, in the caller's transaction.

        Raises:
            ConversationOver: it has ended, or has not begun.
        """
        conversation = conversations.load_conversation(connection, conversation_id)
        if conversation is None or conversation.status in (
            ConversationStatus.ENDED,
            ConversationStatus.WAITING,
        ):
            raise ConversationOver(f"conversation {conversation_id} is not open")
        writes = self._player.play(
            connection, conversation, event, address_id=conversation.address_id, now=now
        )
        self._commit(connection, writes)

    def languages_of(self, connection: Connection, conversation: ConversationRecord) -> tuple[str, ...]:
        """The languages in which a talk may be held."""
        return self._player.languages_of(connection, conversation)

    def begin_waiting(self, connection: Connection, participant_id: int, *, now: datetime) -> None:
        """After a conversation was ended from outside: begin the one that waited behind it, if any."""
        writes = Writes()
        self._player.begin_next(connection, writes, participant_id=participant_id, now=now)
        self._commit(connection, writes)

    async def _drain_patiently(self) -> None:
        """The database's trouble (a full disk, another process) is waited out: no message is lost by it."""
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
        for address_id in inbox.store(connection, arrivals, self._identity, now):
            self.wakeups.defer(connection, WorkKind.INBOX, address_id)

    async def _take_batch(self) -> int:
        try:
            return await self._database.write(self._all_at_hand)
        except StorageError:
            raise  # the database's trouble is no turn's fault
        except Exception as error:  # noqa: BLE001 - found again below, one turn at a time
            _log.warning("batch_failed", error=describe(error))
            return await self._one_at_a_time()

    def _all_at_hand(self, connection: Connection) -> int:
        """A batch's worth of turns in one transaction, what stands behind them at an address included.

        Fewer than a batch: nothing is left.
        """
        handled = 0
        while handled < self._batch and (taken := self._batch_of_turns(connection, self._batch - handled)):
            handled += taken
        return handled

    def _batch_of_turns(self, connection: Connection, limit: int) -> int:
        writes = Writes()
        batch = _one_each(inbox.take(connection, limit))
        for taken in batch:
            try:
                writes.add(self._turns.take_turn(connection, taken))
            except StorageError:
                raise
            except Exception as error:  # noqa: BLE001 - the turn is put aside, the others go on
                writes.add(self._aside(connection, taken, describe(error)))
        self._commit(connection, writes)
        return len(batch)

    async def _one_at_a_time(self) -> int:
        """After a commit failed: each turn in a transaction of its own; only the guilty one is put aside."""
        handled = 0
        while batch := await self._database.read(lambda connection: inbox.take(connection, self._batch)):
            for taken in batch:
                try:
                    await self._database.write(partial(self._single_turn, taken.inbox_id))
                except StorageError:
                    raise
                except Exception as error:  # noqa: BLE001 - this one is the guilty turn
                    await self._database.write(partial(self._aside_alone, taken, describe(error)))
            handled += len(batch)
        return handled

    def _single_turn(self, inbox_id: int, connection: Connection) -> None:
        taken = inbox.take_one(connection, inbox_id)
        if taken is not None:
            self._commit(connection, self._turns.take_turn(connection, taken))

    def _aside_alone(self, taken: PendingTurn, error: str, connection: Connection) -> None:
        self._commit(connection, self._aside(connection, taken, error))

    def _aside(self, connection: Connection, taken: PendingTurn, error: str) -> Writes:
        _log.error("turn_put_aside", inbox=taken.inbox_id, error=error)
        return self._turns.put_aside(connection, taken, error, self._clock.now())

    def _commit(self, connection: Connection, writes: Writes) -> None:
        unheard = any(row["unheard"] for row in writes.answers)
        for address_id in turns.commit(connection, writes):
            self.wakeups.defer(connection, WorkKind.OUTBOX, address_id)
            if unheard:  # one wake-up is enough: whoever comes looks at all that is there
                self.wakeups.defer(connection, WorkKind.WORDS, address_id)
                unheard = False


def settle() -> None:
    """Read what every turn needs, and have the garbage collector pass over all that is there now.

    It stays until the process ends, and there is much of it (word lists, scripts, modules): a collection that
    walks through it takes a tenth of a second of somebody's turn. What a batch of turns makes is let go without
    a collector, so that looking less often costs nothing.
    """
    get_ready()
    numbers.warm()
    gc.freeze()  # without a collection before it: there is nothing to collect, and it would hold up the start
    gc.set_threshold(MADE_BETWEEN_COLLECTIONS)


def _arrival(inbound: Inbound) -> InboundRow:
    channel = inbound.address.partition(":")[0]
    return InboundRow(inbound.address, channel, inbound.external_id, to_payload(inbound))


def _one_each(batch: Sequence[PendingTurn]) -> list[PendingTurn]:
    """One turn for each person, also with two addresses: the second must see what the first changed."""
    seen: set[int] = set()
    kept = []
    for taken in batch:
        if taken.person is None or taken.person.id not in seen:
            kept.append(taken)
        if taken.person is not None:
            seen.add(taken.person.id)
    return kept
