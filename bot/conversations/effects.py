"""What the engine asks to be kept, as rows: in bulk what every turn has, one by one what is rare."""

from datetime import datetime
from functools import partial
from typing import assert_never

from sqlalchemy import Connection

from bot.conversations import safety
from bot.conversations.language_detector import worth_hearing
from bot.conversations.pii_reminder import tells_who
from bot.delivery.rows import to_json
from flows.engine.effects import (
    AnswerStatus,
    AskFor,
    Effect,
    EndConversation,
    ForgetWords,
    Hold,
    InvitePartner,
    Pause,
    PromptKind,
    RecordAnswer,
    RecordCommitment,
    RecordConsent,
    RecordImplementation,
    RecordReportAnswer,
    Refresh,
    Restart,
    ReviseCommitment,
    ScheduleWaves,
    SendMessage,
    SetLanguage,
    Snooze,
    TellTeam,
    Withdraw,
)
from storage.conversations.conversations import ConversationRecord
from storage.conversations.turns import Writes
from storage.database.audit import AuditEntry, text_hash
from storage.database.statements import Row
from storage.follow_up import commitments, timers, waves
from storage.people import participants
from storage.privacy import consent_withdrawal
from storage.schema import AuditKind


def keep_answer(
    effect: RecordAnswer, conversation: ConversationRecord, writes: Writes, now: datetime
) -> None:
    if effect.corrects:
        writes.superseded.append({"of": conversation.id, "at_slot": effect.slot, "at": now})
    writes.answers.append(
        {
            "conversation_id": conversation.id,
            "slot": effect.slot,
            "question_key": effect.question_key,
            "item": effect.item,
            "kind": effect.kind,
            "value": None if effect.value is None else to_json(effect.value).decode(),
            "raw": effect.raw,
            "status": effect.status,
            "shown_text": effect.shown_text,
            "language": effect.language,
            "channel": conversation.channel,
            "asked_at": effect.asked_at,
            "answered_at": effect.answered_at or now,
            "personal": effect.personal,
            "identifiers": tells_who(effect),
            "unheard": _is_to_be_heard(effect),
        }
    )
    kind = AuditKind.CORRECTION if effect.corrects else AuditKind.ANSWER
    details = {
        "conversation": conversation.id,
        "slot": effect.slot,
        "status": effect.status.value,
        "language": effect.language,
        "text": text_hash(effect.shown_text),
    }
    writes.audit.append(AuditEntry(now, kind, conversation.participant_id, details))


def _is_to_be_heard(effect: RecordAnswer) -> bool:
    """Whether the language of an answer is to be found out: of own words, and not of a name or an address."""
    own_words = effect.kind is PromptKind.TEXT or effect.status is AnswerStatus.UNPARSED
    return own_words and not effect.personal and worth_hearing(effect.raw)


def keep_consent(
    effect: RecordConsent, conversation: ConversationRecord, writes: Writes, now: datetime
) -> None:
    row: Row = {
        "participant_id": conversation.participant_id,
        "program_id": conversation.program_id,
        "conversation_id": conversation.id,
        "purpose": effect.purpose,
        "granted": effect.granted,
        "shown_text": effect.shown_text,
        "text_hash": text_hash(effect.shown_text),
        "language": effect.language,
        "decided_at": now,
        "flow": effect.flow,
        "source_hash": effect.source,
    }
    writes.consents.append(row)
    if effect.takes_back:
        writes.rare.append(partial(_taken_back, conversation=conversation, effect=effect, now=now))
    details = {
        "conversation": conversation.id,
        "purpose": effect.purpose.value,
        "granted": effect.granted,
        "language": effect.language,
        "text": row["text_hash"],
    }
    writes.audit.append(AuditEntry(now, AuditKind.CONSENT, conversation.participant_id, details))


def _taken_back(
    connection: Connection,
    _writes: Writes,
    *,
    conversation: ConversationRecord,
    effect: RecordConsent,
    now: datetime,
) -> None:
    consent_withdrawal.end_consented_work(
        connection,
        consent_withdrawal.WithdrawnConsent(
            conversation.participant_id, conversation.program_id, effect.purpose, conversation.id
        ),
        now,
    )


def keep_rare(effect: Effect, conversation: ConversationRecord, writes: Writes, now: datetime) -> None:
    """What happens once in many turns runs one by one inside the commit, after the rows of the batch."""
    match effect:
        case EndConversation() | Restart():
            return  # the state says it too: see `_status` and `Player._closing`
        case Withdraw():
            details = {"conversation": conversation.id}
            writes.audit.append(AuditEntry(now, AuditKind.WITHDRAWAL, conversation.participant_id, details))
            writes.rare.append(partial(_withdraw, conversation=conversation, now=now))
        case SetLanguage(language):
            writes.rare.append(partial(_set_language, conversation=conversation, language=language))
        case Hold(until):
            writes.rare.append(partial(_hold, conversation=conversation, until=until, now=now))
        case (
            Pause()
            | Snooze()
            | ScheduleWaves()
            | RecordCommitment()
            | RecordImplementation()
            | ReviseCommitment()
        ):
            writes.rare.append(partial(_act, effect=effect, conversation=conversation, now=now))
        case RecordReportAnswer():
            safety.keep_answer(effect, conversation, writes)
        case (
            SendMessage()
            | Refresh()
            | RecordAnswer()
            | RecordConsent()
            | AskFor()
            | ForgetWords()
            | TellTeam()
            | InvitePartner()
        ):
            raise TypeError(f"{type(effect).__name__} is taken before")
        case _:
            assert_never(effect)


def _act(
    connection: Connection,
    _writes: Writes,
    *,
    effect: Pause | Snooze | ScheduleWaves | RecordCommitment | RecordImplementation | ReviseCommitment,
    conversation: ConversationRecord,
    now: datetime,
) -> None:
    match effect:
        case Pause():
            timers.pause(connection, conversation_id=conversation.id, now=now)
        case Snooze(until):
            person = conversation.participant_id
            timers.snooze(
                connection, conversation_id=conversation.id, participant_id=person, until=until, now=now
            )
        case ScheduleWaves():
            waves.schedule_waves(connection, conversation_id=conversation.id, now=now)
        case RecordCommitment():
            commitments.record(connection, effect, conversation=conversation, now=now)
        case RecordImplementation():
            waves.record_implementation(connection, effect, conversation_id=conversation.id, now=now)
        case ReviseCommitment():
            waves.revise_commitment(connection, effect, now=now)
        case _:
            assert_never(effect)


def _set_language(
    connection: Connection, _writes: Writes, *, conversation: ConversationRecord, language: str
) -> None:
    participants.update(connection, conversation.participant_id, {"language": language})


def _hold(
    connection: Connection,
    _writes: Writes,
    *,
    conversation: ConversationRecord,
    until: datetime,
    now: datetime,
) -> None:
    timers.hold(connection, participant_id=conversation.participant_id, until=until, now=now)


def _withdraw(
    connection: Connection, _writes: Writes, *, conversation: ConversationRecord, now: datetime
) -> None:
    waves.withdraw(connection, participant_id=conversation.participant_id, now=now)
