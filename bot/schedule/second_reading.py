"""Read what participants wrote once more, after it is stored, by the second reader: it notices what the rules missed.

The work is found by the numbers of answers and remarks, with a place that is kept (`TextPlaceName.SECOND_READER`): a
crash loses nothing, and a turn waits for nothing. What is noticed orders the queue in which people read; words that
surely sound like somebody at risk are also answered by where help can be found, and the script goes on.
Why: docs/why/second-reader.md.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple, Protocol

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.conversations import safety
from bot.errors import describe
from bot.schedule.background_work import BackgroundWork
from bot.schedule.sentence_encoder import SentenceEncoder
from flows.engine.answered_question import asked_in_slot
from flows.engine.compiled import compile_flow
from flows.engine.effects import Outcome
from flows.engine.events import Event, RiskSuspected
from flows.engine.interruptions.safety_notice import RISK_TIER
from flows.safety.products import Product
from flows.safety.reading import SignalLevel, SignalSource
from flows.safety.scan import FindingKind
from flows.safety.second_reader import ReaderSignal, SecondReader, shipped_reader
from flows.script.roles import QuestionTopic, Role
from storage.conversations import conversations
from storage.conversations.conversations import ConversationRecord
from storage.database.connection import Database
from storage.errors import StorageError
from storage.people import participants
from storage.programs import flow_versions, programs
from storage.safety import second_reading, text_signals
from storage.safety.second_reading import WrittenBatch, WrittenText
from storage.safety.text_signals import NotedSignal, TextNumbers, TextSource
from storage.schema import ConversationStatus, TextPlaceName

BATCH: Final = 64
"""Answers, and remarks, that are looked at in one transaction."""
JUST_NOW: Final = timedelta(minutes=15)
"""So long after words an answer to them still belongs to them: later, where the bot was down, they are only queued."""
_HEARS_EVENTS: Final = frozenset({Role.PATIENT, Role.CARER})
"""Whose texts may tell of an adverse event; others' are read for words of risk alone."""
_ENCODED_AT_ONCE: Final = 16
"""Pieces of a long text that are encoded in one go, so that no thread is busy for long."""

log = structlog.get_logger(__name__)


class _Reading(NamedTuple):
    """What came of reading a text: a signal, and whether it surely sounds like no event."""

    signal: ReaderSignal | None
    doubted: bool


_NOT_READ: Final = _Reading(None, doubted=False)


class EventApplier(Protocol):
    """What the second reading needs of a `Runtime`: to play an event to a conversation."""

    def apply(self, connection: Connection, conversation_id: int, event: Event, *, now: datetime) -> None: ...


class SecondReading(BackgroundWork):
    """Reads stored texts once more in the background, and notes what it notices.

    May be stopped at any moment: what was not committed is read again. Where the encoder cannot be used, nothing is
    read and the place stays: once it can, what was written meanwhile is read. `reader` None is the shipped one.
    """

    waits = "second_reading_waits"

    def __init__(
        self,
        database: Database,
        conversations: EventApplier,
        clock: Clock,
        encoder: SentenceEncoder,
        *,
        reader: SecondReader | None = None,
    ) -> None:
        super().__init__()
        self._database = database
        self._conversations = conversations
        self._clock = clock
        self._encoder = encoder
        self._reader = reader or shipped_reader()
        self.rests = True
        """Whether it rests as long after each text as it took, so that turns have the processor in between."""

    async def run(self) -> None:
        """Load the encoder in a thread, then read texts as they are stored, until cancelled.

        Where it cannot be loaded nothing is read until the next start.
        """
        if not self._encoder.usable_for(self._reader.encoder):
            log.info("second_reader_absent")
            await asyncio.Event().wait()
        first = asyncio.to_thread(self._encoder.encode, ("a first text that makes all tables ready",))
        [failed] = await asyncio.gather(first, return_exceptions=True)
        if isinstance(failed, BaseException):  # the bot goes on as it does where the package is not installed
            log.error("second_reader_failed", error=describe(failed))
            await asyncio.Event().wait()
        await self.drain_when_woken()

    async def drain(self) -> int:
        """Read all texts that are new now, and note what is noticed; return how many those were.

        0, and nothing is read, where the encoder cannot be used.
        """
        if not self._encoder.usable_for(self._reader.encoder):
            return 0
        total, more = 0, True
        while more:
            batch = await self._database.read(self._next)
            if batch.texts or batch.more:  # that a few taps alone were passed over is worth no commit
                await self._read(batch)
            total += len(batch.texts)
            more = batch.more
        return total

    def _next(self, connection: Connection) -> WrittenBatch:
        kept = text_signals.how_far(connection, TextPlaceName.SECOND_READER)
        return second_reading.written_after(connection, kept, limit=BATCH)

    async def _read(self, batch: WrittenBatch) -> None:
        """Read texts one by one off the event loop, and keep what is noticed with the place.

        Each that is answered by where help can be found is kept in a transaction of its own, with the answer.
        """
        around = await self._database.read(partial(_questions_around, batch.texts))
        noticed: list[tuple[WrittenText, ReaderSignal]] = []
        doubted: list[WrittenText] = []
        for text in batch.texts:
            began = time.perf_counter()
            signal, is_doubted = await self._noticed_or_passed(text, around[text.source])
            if is_doubted:
                doubted.append(text)
            if self.rests:
                await asyncio.sleep(time.perf_counter() - began)
            if signal is None:
                continue
            if signal.level is SignalLevel.CARE:
                await self._answer(text, signal)
            else:
                noticed.append((text, signal))
        await self._database.write(partial(self._keep, noticed, doubted, batch.reached))

    async def _noticed_or_passed(self, text: WrittenText, around: "_QuestionAround") -> _Reading:
        """Return what is noticed in a text; nothing where reading it fails: it may hold up no other, nor the bot."""
        [found] = await asyncio.gather(self._noticed(text, around), return_exceptions=True)
        if isinstance(found, BaseException):
            log.error("second_reading_failed", conversation=text.conversation_id, error=describe(found))
            return _NOT_READ
        return found

    async def _noticed(self, text: WrittenText, around: "_QuestionAround") -> _Reading:
        """Return what is noticed in a text beyond what the rules find there, and whether weak hits are doubted.

        The rules know what the turn knew: what the question is about, and its language.
        """
        found = await asyncio.to_thread(
            safety.scan_words, text.raw, around.products, around.about, text.language or None
        )
        looks_for_risk = found.tier < RISK_TIER
        looks_for_event = text.role in _HEARS_EVENTS and not (found.reportable or found.is_well)
        if not (looks_for_risk or looks_for_event):
            return _NOT_READ
        pieces = self._reader.pieces(text.raw)
        vectors: list[list[float]] = []
        for first in range(0, len(pieces), _ENCODED_AT_ONCE):
            some = pieces[first : first + _ENCODED_AT_ONCE]
            vectors += await asyncio.to_thread(self._encoder.encode, some)
        hinted = FindingKind.RISK in found.noticed
        signal = self._reader.judge(vectors, risk=looks_for_risk, event=looks_for_event, hinted=hinted)
        may_doubt = not (found.reportable or found.held_back)
        return _Reading(signal, may_doubt and self._reader.doubts_event(vectors))

    def _keep(
        self,
        noticed: Sequence[tuple[WrittenText, ReaderSignal]],
        doubted: Sequence[WrittenText],
        reached: TextNumbers,
        connection: Connection,
    ) -> None:
        for text, signal in noticed:
            self._note(connection, text, signal)
        standing = [one.source for one in doubted if second_reading.stands(connection, one)]
        text_signals.take_back(connection, standing)
        text_signals.keep_place(connection, TextPlaceName.SECOND_READER, reached)

    def _note(self, connection: Connection, text: WrittenText, signal: ReaderSignal) -> bool:
        """Note what was noticed in a text; return whether it was: not in one that was corrected or erased meanwhile."""
        if not second_reading.stands(connection, text):
            return False
        note = NotedSignal(
            text.source,
            text.participant_id,
            signal.reading_class,
            SignalSource.SECOND_READER,
            signal.level,
            self._reader.version,
        )
        text_signals.note(connection, note, now=self._clock.now())
        return True

    async def _answer(self, text: WrittenText, signal: ReaderSignal) -> None:
        """Note a text, and say where help can be found; where that fails, note it without: it may hold up no other."""
        [error] = await asyncio.gather(
            self._database.write(partial(self._note_and_tell, text, signal)), return_exceptions=True
        )
        if isinstance(error, StorageError):
            raise error
        if error is not None:
            log.error("help_failed", conversation=text.conversation_id, error=describe(error))
            await self._database.write(partial(self._note, text=text, signal=signal))

    def _note_and_tell(self, text: WrittenText, signal: ReaderSignal, connection: Connection) -> None:
        if not self._note(connection, text, signal):
            return
        conversation = conversations.find_conversation(connection, text.conversation_id)
        now = self._clock.now()
        if conversation is None or not _is_there(connection, conversation, text, now):
            return
        author = safety.MessageAuthor.in_conversation(conversation, conversation.address_id)
        program = programs.program_file(connection, conversation.program_id)
        care = safety.care_for(connection, author, program)
        self._conversations.apply(connection, conversation.id, RiskSuspected(care), now=now)


def _is_there(
    connection: Connection, conversation: ConversationRecord, text: WrittenText, now: datetime
) -> bool:
    """Return whether whoever wrote a text is still there to be told something: they have just written it.

    Not where they have left or erased their words, or where the conversation ended in any way but its own end.
    """
    person = participants.find(connection, text.participant_id)
    if person is None or not person.active or not conversation.state or now - text.written_at > JUST_NOW:
        return False
    return conversation.status is not ConversationStatus.ENDED or conversation.outcome is Outcome.COMPLETED


class _QuestionAround(NamedTuple):
    """Hold what the rules must know of a text: the products of its program, and what its question is about."""

    products: tuple[Product, ...]
    about: QuestionTopic | None


def _questions_around(
    texts: Sequence[WrittenText], connection: Connection
) -> Mapping[TextSource, _QuestionAround]:
    """Return what the rules must know of each of some texts."""
    return {
        text.source: _QuestionAround(
            programs.program_file(connection, text.program_id).known_products, _topic_of(connection, text)
        )
        for text in texts
    }


def _topic_of(connection: Connection, text: WrittenText) -> QuestionTopic | None:
    """Return what the question of a text is about; None where that is not known."""
    flow = flow_versions.load(connection, text.flow_hash)
    return None if flow is None else asked_in_slot(compile_flow(flow), text.slot or None).topic
