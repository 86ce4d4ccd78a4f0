"""Find the language of what participants wrote, after it is stored, and offer to go on in it.

The work is found in the rows: an answer that is worth it is stored as `unheard`, and stays so until its
language is kept. So a crash loses nothing, and a turn waits for nothing. `docs/why/language-detection.md`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.clock import Clock
from bot.conversations.language_detector import Detected, LanguageDetector, offer
from bot.errors import describe
from bot.schedule.background_work import BackgroundWork
from bot.schedule.timers import contact_situation, of_conversation
from flows.engine.events import Event, LanguageDetected
from flows.engine.interruptions.language_offer import has_room_for_offer, needs_no_offer
from flows.engine.state import decode_state, is_over
from flows.i18n.localized_flow import first_of
from flows.program.model import ProgramFile
from flows.schedule.contact_policy import ContactLater, ContactNow, ContactReason, NoContact, decide_contact
from storage.conversations import contact_log, conversations, detected_languages
from storage.conversations.conversations import ConversationRecord
from storage.conversations.detected_languages import SURE, DetectedLanguage, UnheardWords, WordsKind
from storage.database.connection import Database
from storage.errors import StorageError
from storage.follow_up.situations import read_situations
from storage.programs import programs
from storage.schema import ContactAction

BATCH = 64
"""Answers, and remarks, in one transaction."""
IN_THE_CONVERSATION = timedelta(minutes=15)
"""So long after the participant's last turn an offer still belongs to it. A later one (the bot was down) is a
contact of our own accord, with its hours and budget.
"""

log = structlog.get_logger(__name__)


class ConversationApplier(Protocol):
    """What the detection needs of a `Runtime`: to play events to conversations, and the languages of each."""

    def apply(self, connection: Connection, conversation_id: int, event: Event, *, now: datetime) -> None: ...

    def languages_of(self, connection: Connection, conversation: ConversationRecord) -> tuple[str, ...]: ...


class BackgroundDetection(BackgroundWork):
    """Finds the language of stored answers in the background, and offers participants to go on in it.

    May be stopped at any moment: answers whose finding was not committed are marked as unheard still.
    """

    waits = "hearing_waits"

    def __init__(
        self,
        database: Database,
        conversations: ConversationApplier,
        clock: Clock,
        detector: LanguageDetector,
        *,
        policy: ChannelPolicy = EVERYWHERE,
    ) -> None:
        super().__init__()
        self._database = database
        self._conversations = conversations
        self._clock = clock
        self._detector = detector
        self._policy = policy

    async def run(self) -> None:
        """Load the detector in a thread, then find the language of answers as they are stored, until cancelled."""
        await self._detector.warm()
        await self.drain_when_woken()

    async def drain(self) -> int:
        """Find and store the language of all words that are unheard now, with the offers that follow from answers.

        Return how many answers and remarks those were.
        """
        total = 0
        while words := await self._database.read(partial(detected_languages.unheard, limit=BATCH)):
            await self._detector.warm()
            names = await self._database.read(partial(_names_of, words))
            found = await asyncio.to_thread(self._detect, words, names)
            await self._keep(words, found)
            total += len(words)
        return total

    def _detect(
        self, words: Sequence[UnheardWords], names: Mapping[int, frozenset[str]]
    ) -> list[Detected | None]:
        return [self._detector.detect(one.raw, names[one.program_id]) for one in words]

    async def _keep(self, words: Sequence[UnheardWords], found: Sequence[Detected | None]) -> None:
        """Keep most in one transaction; each that may lead to an offer in one of its own, with the offer."""
        findings: list[DetectedLanguage] = []
        foreign: list[tuple[UnheardWords, Detected]] = []
        for one, its in zip(words, found, strict=True):
            if its is not None and _is_foreign(one, its):
                foreign.append((one, its))
            else:
                findings.append(_finding(one, its))
        await self._database.write(partial(detected_languages.keep, findings=findings))
        for one, its in foreign:
            await self._keep_foreign(one, its)

    async def _keep_foreign(self, words: UnheardWords, found: Detected) -> None:
        """Keep a finding and offer its language; where the offer fails, keep it without: it may hold up no other."""
        keep = partial(detected_languages.keep, findings=[_finding(words, found)])
        [error] = await asyncio.gather(
            self._database.write(partial(self._keep_and_offer, words=words, found=found)),
            return_exceptions=True,
        )
        if isinstance(error, StorageError):
            raise error
        if error is not None:
            log.error("offer_failed", conversation=words.conversation_id, error=describe(error))
            await self._database.write(keep)

    def _keep_and_offer(self, connection: Connection, *, words: UnheardWords, found: Detected) -> None:
        detected_languages.keep(connection, [_finding(words, found)])
        conversation = conversations.find_conversation(connection, words.conversation_id)
        if (
            conversation is None
            or not conversation.state
            or not detected_languages.stands(connection, words.number)
        ):
            return
        language = self._to_offer(connection, conversation, words, found)
        if language is not None:
            self._offer(connection, conversation, language)

    def _to_offer(
        self, connection: Connection, conversation: ConversationRecord, words: UnheardWords, found: Detected
    ) -> str | None:
        """Return the language to offer, by the rule, if this conversation can be had in it; else None."""
        state = decode_state(conversation.state)
        before = detected_languages.found_before(connection, words.conversation_id, words.number)
        language = offer(
            [Detected(*one) for one in before],
            found,
            conversation_language=state.language,
            offered=needs_no_offer(state) or not self._detector.knows(state.language),
        )
        return first_of((language,), self._conversations.languages_of(connection, conversation))

    def _offer(self, connection: Connection, conversation: ConversationRecord, language: str) -> None:
        """Offer a language, or leave a line that says why not: the next answers may bring it up again."""
        now = self._clock.now()
        reason = self._against(connection, conversation, now)
        if reason is None:
            self._conversations.apply(connection, conversation.id, LanguageDetected(language), now=now)
        contact_log.record(
            connection,
            contact_log.ContactEntry(
                participant_id=conversation.participant_id,
                conversation_id=conversation.id,
                action=ContactAction.SENT if reason is None else ContactAction.NOT_SENT,
                reason=reason or ContactReason.LANGUAGE_OFFERED,
                at=now,
            ),
        )

    def _against(
        self, connection: Connection, conversation: ConversationRecord, now: datetime
    ) -> ContactReason | None:
        """Return why nothing is offered now; None where it may be."""
        state = decode_state(conversation.state)
        if is_over(state) or conversation.ended_at is not None:
            return ContactReason.TALK_ENDED
        program = programs.program_file(connection, conversation.program_id)
        refused = self._contact_refusal(connection, conversation, program, now)
        if refused is not None or has_room_for_offer(state):
            return refused
        return ContactReason.ON_HOLD if state.paused else ContactReason.OTHER_QUESTION_OPEN

    def _contact_refusal(
        self, connection: Connection, conversation: ConversationRecord, program: ProgramFile, now: datetime
    ) -> ContactReason | None:
        """Return why nothing may be sent of our own accord now; None where it may be."""
        number = conversation.participant_id
        known = read_situations(connection, [number], now)[number]
        here = of_conversation(known, self._policy, conversation)
        late = now - conversation.last_turn_at > IN_THE_CONVERSATION
        match decide_contact(contact_situation(known, program, now, own_accord=late, **here)):
            case ContactNow():
                return None
            case NoContact(reason) | ContactLater(reason=reason):
                return reason


def _is_foreign(words: UnheardWords, found: Detected) -> bool:
    """Return whether words may lead to an offer: an answer that is surely in another language than its question.

    A remark never does: it may quote somebody, or be for somebody else.
    """
    if words.kind is WordsKind.REMARK:
        return False
    return found.probability >= SURE and found.language != words.asked_in.partition("-")[0]


def _finding(words: UnheardWords, found: Detected | None) -> DetectedLanguage:
    if found is None:
        return DetectedLanguage(words.kind, words.number, None, None)
    return DetectedLanguage(words.kind, words.number, found.language, found.probability)


def _names_of(words: Sequence[UnheardWords], connection: Connection) -> dict[int, frozenset[str]]:
    """Return the words of which names of products are made, by program."""
    return {
        number: _product_words(programs.program_file(connection, number))
        for number in {one.program_id for one in words}
    }


def _product_words(program: ProgramFile) -> frozenset[str]:
    return frozenset(
        word.lower()
        for product in program.known_products
        for name in (product.brand, product.generic, *product.aliases)
        for word in name.split()
    )
