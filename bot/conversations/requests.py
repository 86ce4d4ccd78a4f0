"""What a person may ask for at any time, in a talk or not: a human being, their data, its end, another app."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.channels.base import HOUSE, InboundKind, read_button
from bot.conversations.messages import Message
from bot.delivery.rows import message_row, sentence_row
from flows.engine.effects import Option, Prompt, PromptKind, RequestKind
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, read_yes_no
from flows.schedule.local_time import local
from flows.script.model import Purpose
from storage.conversations.inbox import PendingTurn
from storage.conversations.turns import Writes
from storage.database import audit
from storage.database.address_keys import AddressKeys
from storage.database.statements import Row
from storage.follow_up import timers
from storage.people import account_links, contact_requests, participants
from storage.people.account_links import LinkProblem
from storage.privacy import consent_withdrawal, erasure
from storage.programs import consents as decisions
from storage.programs import programs
from storage.schema import CONVERSATION, AuditKind, OutboxKind

ASK_DELETE: Final = 1
"""The number of the question whether all is to be deleted, in the buttons of no conversation (`HOUSE`)."""
ANSWER_WITHIN: Final = timedelta(days=1)
"""A yes after this is no longer an answer to that question."""

_PROBLEMS: Final = {
    LinkProblem.WRONG: Sentence.LINK_WRONG,
    LinkProblem.TRIED_OUT: Sentence.LINK_TRIED_OUT,
    LinkProblem.TAKEN: Sentence.LINK_TAKEN,
    LinkProblem.SAME: Sentence.LINK_SAME,
}


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, where, in which language; the conversation and its programme where one is open."""

    participant_id: int
    address_id: int
    language: str
    conversation_id: int | None = None


@dataclass(frozen=True, slots=True)
class ParticipantRequests:
    """Grants them. `pick` chooses one letter of a text at random, for codes that nobody can guess."""

    identity: AddressKeys
    pick: Callable[[str], str] = secrets.choice
    policy: ChannelPolicy = EVERYWHERE

    def grant(  # noqa: PLR0911 - one line a wish
        self, connection: Connection, wish: RequestKind, asker: Requester, *, now: datetime
    ) -> list[Row]:
        """What is said to it."""
        match wish:
            case RequestKind.HUMAN:
                return [self._human(connection, asker, now)]
            case RequestKind.MY_DATA:
                return [_document(connection, asker, now)]
            case RequestKind.DELETE_MY_DATA:
                return [_ask_whether_sure(connection, asker, now)]
            case RequestKind.LINK:
                return [self._code(connection, asker, now)]
            case RequestKind.MY_CHOICES:
                return [_choices(connection, asker, now)]
            case RequestKind.NO_CONTACT:
                return [_take_back(connection, Purpose.CONTACT_AGAIN, asker, now)]
            case RequestKind.NOT_MY_WORDS:
                return [_take_back(connection, Purpose.USE_WORDS, asker, now)]
            case _:
                assert_never(wish)

    def _human(self, connection: Connection, asker: Requester, now: datetime) -> Row:
        program_id = _program_of(connection, asker)
        contact_requests.add_request(
            connection,
            participant_id=asker.participant_id,
            program_id=program_id,
            conversation_id=asker.conversation_id,
            now=now,
        )
        contact = programs.program_file(connection, program_id).contact if program_id is not None else "…"
        return sentence_row(Sentence.HUMAN_TOLD, asker.language, asker.address_id, now, contact=contact)

    def _code(self, connection: Connection, asker: Requester, now: datetime) -> Row:
        code = account_links.make_code(
            connection,
            participant_id=asker.participant_id,
            code_hash=self._code_hash,
            pick=self.pick,
            now=now,
        )
        return sentence_row(Sentence.LINK_CODE, asker.language, asker.address_id, now, code=code)

    def link(
        self, connection: Connection, taken: PendingTurn, code: str, language: str, *, now: datetime
    ) -> tuple[list[Row], bool]:
        """A code was written: the address joins its person, or is told why not. And whether it joined."""
        claimed = account_links.claim_code(
            connection,
            code_hash=self._code_hash(code),
            address_id=taken.address_id,
            person=taken.person,
            now=now,
        )
        if isinstance(claimed, LinkProblem):
            return [sentence_row(_PROBLEMS[claimed], language, taken.address_id, now)], False
        if not self.policy.allows(claimed.person.role, taken.channel):
            return [sentence_row(Sentence.INVITATION_ROLE, language, taken.address_id, now)], False
        account_links.join_address(
            connection, claimed, address_id=taken.address_id, person=taken.person, now=now
        )
        audit.record(
            connection, AuditKind.ENTERED, participant_id=claimed.person.id, now=now, linked=taken.channel
        )
        spoken = claimed.person.language or language
        return [sentence_row(Sentence.LINK_DONE, spoken, taken.address_id, now)], True

    def _code_hash(self, code: str) -> bytes:
        return self.identity.token_hash(f"link:{code.upper()}")

    def erase(self, connection: Connection, taken: PendingTurn, language: str, *, now: datetime) -> list[Row]:
        """Delete all that is known of who wrote, who is nobody from now on; the last message."""
        assert taken.person is not None
        person = taken.person.id
        last, report = erasure.erase_participant(
            connection, erasure.ErasureRequest(person, taken.address_id, taken.inbox_id), now
        )
        audit.record(connection, AuditKind.DELETION, participant_id=person, now=now, report_kept=report)
        taken.address_id, taken.person = last, None
        taken.conversations.clear()
        sentence = Sentence.DELETED_BUT_REPORT if report else Sentence.DELETED
        return [sentence_row(sentence, language, last, now)]


def sure(message: Message, asked_at: datetime | None, language: str, now: datetime) -> bool | None:
    """What was answered to 'Shall I delete all?'; None where it was something else, or is too long ago."""
    if asked_at is None or now - asked_at > ANSWER_WITHIN:
        return None
    if message.kind is InboundKind.TAP:
        button = read_button(message.button or "")
        ours = button is not None and button[:2] == (HOUSE, ASK_DELETE)
        return button[2] == 0 if ours and button is not None else None
    if message.kind is not InboundKind.TEXT:
        return None
    agree, decline = say(Sentence.DELETE_YES, language), say(Sentence.DELETE_NO, language)
    read = read_yes_no(message.text, agree=agree, decline=decline, language=language)
    return read.value is True if isinstance(read, ReadReply) else None


def _choices(connection: Connection, asker: Requester, now: datetime) -> Row:
    """What they have said yes to, word for word, and how to take one of it back."""
    texts = [
        f"\N{BULLET} {one.shown_text}" for one in decisions.current_grants(connection, asker.participant_id)
    ]
    if not texts:
        return sentence_row(Sentence.CHOICES_NONE, asker.language, asker.address_id, now)
    given = "\n".join(dict.fromkeys(texts))
    return sentence_row(Sentence.CHOICES, asker.language, asker.address_id, now, given=given)


def _take_back(connection: Connection, purpose: Purpose, asker: Requester, now: datetime) -> Row:
    """One purpose is taken back, in every programme, and what hangs on it ends now."""
    standing = decisions.current_grants(connection, asker.participant_id)
    given = [one for one in standing if one.purpose is purpose]
    for one in given:
        consent_withdrawal.withdraw_consent(connection, asker.participant_id, one, now=now)
        details = {
            "purpose": purpose.value,
            "granted": False,
            "language": one.language,
            "text": one.text_hash,
        }
        audit.record(connection, AuditKind.CONSENT, participant_id=asker.participant_id, now=now, **details)
    sentence = Sentence.CONSENT_TAKEN_BACK if given else Sentence.CHOICES_NONE
    return sentence_row(sentence, asker.language, asker.address_id, now)


def _document(connection: Connection, asker: Requester, now: datetime) -> Row:
    audit.record(connection, AuditKind.EXPORT, participant_id=asker.participant_id, now=now, to="themselves")
    row = sentence_row(Sentence.MY_DATA_HERE, asker.language, asker.address_id, now)
    return {**row, "kind": OutboxKind.DOCUMENT}


def _ask_whether_sure(connection: Connection, asker: Requester, now: datetime) -> Row:
    participants.update(connection, asker.participant_id, {"erasure_asked_at": now})
    language = asker.language
    options = tuple(Option(say(label, language)) for label in (Sentence.DELETE_YES, Sentence.DELETE_NO))
    prompt = Prompt(
        say(Sentence.DELETE_SURE, language),
        PromptKind.CONFIRM,
        ASK_DELETE,
        options=options,
        language=language,
    )
    return {**message_row(prompt, asker.address_id, None, now), "ask": None}


def _program_of(connection: Connection, asker: Requester) -> int | None:
    """The programme of the talk, else that of the person's latest one."""
    mine = CONVERSATION.c.participant_id == asker.participant_id
    if asker.conversation_id is not None:
        mine = CONVERSATION.c.id == asker.conversation_id
    latest = sa.select(CONVERSATION.c.program_id).where(mine).order_by(CONVERSATION.c.id.desc()).limit(1)
    found: int | None = connection.scalar(latest)
    return found


def hold_stands(
    connection: Connection, writes: Writes, *, asker: Requester, until: datetime, now: datetime
) -> None:
    """An hour was chosen that comes before the end of a hold: the hold is kept to, and they are told how to end it."""
    held = timers.held_until(connection, asker.participant_id)
    if held is None or held <= until:
        return
    person = participants.find(connection, asker.participant_id)
    when = local(held, (person.timezone if person else None) or "UTC")
    row = sentence_row(Sentence.HOLD_STANDS, asker.language, asker.address_id, now, when=when)
    writes.outbox.append(row)
