"""Withdraw a consent: keep the decision, and end all that the consent allowed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.schedule.contact_policy import ContactReason
from flows.script.roles import Purpose
from storage.conversations import contact_log, kept_changes, outbox
from storage.conversations.conversations import UNFINISHED
from storage.database import audit
from storage.database.commit_notes import JournalNote, note
from storage.database.connection import empty_log_after
from storage.follow_up import follow_ons, timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.timers import DueTimer
from storage.privacy import consent_answers
from storage.programs import consents, programs
from storage.programs.consents import ConsentGrant
from storage.schema import (
    CONSENT,
    CONVERSATION,
    FOLLOW_UP,
    TIMER,
    AuditKind,
    ContactAction,
    ConversationStatus,
    FollowUpStatus,
    JournalKind,
    TimerKind,
)


@dataclass(frozen=True, slots=True)
class WithdrawnConsent:
    """A purpose that a participant no longer agrees to in a program.

    `conversation_id` is the conversation in which they said so; it goes on to its own end. None outside of any.
    """

    participant_id: int
    program_id: int
    purpose: Purpose
    conversation_id: int | None = None


def withdraw_consent(
    connection: Connection, participant_id: int, granted: ConsentGrant, *, words: str | None, now: datetime
) -> None:
    """Record that a participant withdrew a consent (`granted`) outside of any question, and end all that it allowed.

    Their answers to the questions that asked for it say no from now on, with the `words` that they wrote; None where it
    ended with their stop.
    """
    row = {
        "participant_id": participant_id,
        "program_id": granted.program_id,
        "purpose": granted.purpose,
        "granted": False,
        "shown_text": granted.shown_text,
        "text_hash": granted.text_hash,
        "language": granted.language,
        "decided_at": now,
        "flow": granted.flow,
        "source_hash": granted.source,
    }
    connection.execute(CONSENT.insert().values(row))
    what = JournalNote(
        JournalKind.CONSENT, now, participant_id, program_id=granted.program_id, purpose=granted.purpose
    )
    note(connection, what)
    withdrawn = WithdrawnConsent(participant_id, granted.program_id, granted.purpose)
    end_consented_work(connection, withdrawn, now)
    consent_answers.supersede_contradicted(connection, participant_id, words=words, now=now)


def leave_behind(connection: Connection, participant_id: int, *, now: datetime) -> None:
    """Take back the leave to be contacted again that somebody gave before they stopped, now that they come back.

    It ended with their stop: the words with which they come back are no answer to it. It is asked again in what they
    begin now; until then nothing is sent of our own accord.
    """
    for granted in consents.current_grants(connection, participant_id):
        if granted.purpose is not Purpose.CONTACT_AGAIN:
            continue
        withdraw_consent(connection, participant_id, granted, words=None, now=now)
        audit.record(
            connection,
            AuditKind.CONSENT,
            participant_id=participant_id,
            now=now,
            purpose=granted.purpose.value,
            granted=False,
            language=granted.language,
            text=granted.text_hash,
        )
    follow_ups.forget_opted_out(connection, participant_id)


def end_consented_work(connection: Connection, withdrawn: WithdrawnConsent, now: datetime) -> None:
    """
    End all that a withdrawn consent allowed, on every channel.

    Without contact again there are no waves, no reminders of them, and nothing that follows a conversation; without
    taking part the conversations of the program end too. The use of words leaves nothing that would have to end. The
    words of changes of answers are forgotten, except where only contact again is no longer wanted.
    """
    if withdrawn.purpose is not Purpose.CONTACT_AGAIN:
        kept_changes.forget_words(connection, withdrawn.participant_id, withdrawn.program_id)
        empty_log_after(connection)
    if withdrawn.purpose is Purpose.USE_WORDS:
        return
    silenced = _close_waves(connection, withdrawn, now)
    ended = list(_end_timers(connection, withdrawn, now))
    if withdrawn.purpose is Purpose.TAKE_PART:
        silenced |= _end_conversations(connection, withdrawn, now)
    silenced -= {withdrawn.conversation_id}
    if withdrawn.purpose is Purpose.TAKE_PART:
        for conversation_id in silenced:
            ended += timers.finish_of_conversation(
                connection, conversation_id, ContactReason.NO_CONSENT, now=now, kinds=list(TimerKind)
            )
    for conversation_id in silenced:
        outbox.drop_for_conversation(connection, conversation_id, ContactReason.NO_CONSENT)
    for timer in ended:
        _log_not_sent(connection, timer, now)


def take_up_consented_work(connection: Connection, given: WithdrawnConsent, now: datetime) -> None:
    """
    Plan again what a withdrawn consent ended, now that it is given again, as far as its time is not over.

    Waves that were not answered, and timers of what follows. What was erased meanwhile is not brought back.
    """
    if given.purpose is Purpose.USE_WORDS:
        return
    in_program = given.participant_id, given.program_id
    if follow_ups.may_contact_again(connection, *in_program) and follow_ups.takes_part(
        connection, *in_program
    ):
        follow_ups.reopen_opted_out(connection, given.participant_id, given.program_id, now=now)
    of_program = sa.select(CONVERSATION.c.id).where(
        CONVERSATION.c.participant_id == given.participant_id, CONVERSATION.c.program_id == given.program_id
    )
    connection.execute(
        TIMER.update()
        .where(
            TIMER.c.participant_id == given.participant_id,
            follow_ons.IS_FOLLOW_ON,
            TIMER.c.conversation_id.in_(of_program),
            TIMER.c.reason == ContactReason.NO_CONSENT,
            TIMER.c.done_at.is_not(None),
            TIMER.c.due_at > now,
        )
        .values(done_at=None, reason=None)
    )


def _close_waves(connection: Connection, withdrawn: WithdrawnConsent, now: datetime) -> set[int]:
    """Close the waves that are not answered, and return the conversations in which some of them were asked."""
    closed = connection.execute(
        FOLLOW_UP.update()
        .where(
            FOLLOW_UP.c.participant_id == withdrawn.participant_id,
            FOLLOW_UP.c.program_id == withdrawn.program_id,
            FOLLOW_UP.c.status.in_(follow_ups.UNCLOSED),
        )
        .values(status=FollowUpStatus.OPTED_OUT, reason=ContactReason.NO_CONSENT, closed_at=now)
        .returning(FOLLOW_UP.c.conversation_id)
    )
    return {row.conversation_id for row in closed if row.conversation_id is not None}


def _end_timers(connection: Connection, withdrawn: WithdrawnConsent, now: datetime) -> tuple[DueTimer, ...]:
    """End the timers of waves, of their reminders and closes, and of what follows by leave to be contacted again.

    Returns:
        The timers that were ended.
    """
    follows = programs.program_file(connection, withdrawn.program_id).follows
    by_leave = [entry.flow for entry in follows if entry.consent is Purpose.CONTACT_AGAIN]
    of_program = sa.select(CONVERSATION.c.id).where(
        CONVERSATION.c.participant_id == withdrawn.participant_id,
        CONVERSATION.c.program_id == withdrawn.program_id,
    )
    waves = sa.select(FOLLOW_UP.c.id).where(
        FOLLOW_UP.c.participant_id == withdrawn.participant_id, FOLLOW_UP.c.program_id == withdrawn.program_id
    )
    in_conversations = TIMER.c.conversation_id.in_(of_program)
    hangs: Any = (
        TIMER.c.follow_up_id.in_(waves)
        | (in_conversations & TIMER.c.kind.in_((TimerKind.WAVE_REMINDER, TimerKind.WAVE_CLOSE)))
        | (in_conversations & (TIMER.c.kind == TimerKind.FOLLOW_ON) & TIMER.c.flow.in_(by_leave))
    )
    rows = connection.execute(
        TIMER.update()
        .where(TIMER.c.participant_id == withdrawn.participant_id, TIMER.c.done_at.is_(None), hangs)
        .values(done_at=now, reason=ContactReason.NO_CONSENT)
        .returning(*timers.COLUMNS)
    )
    return tuple(DueTimer(*row) for row in rows)


def _end_conversations(connection: Connection, withdrawn: WithdrawnConsent, now: datetime) -> set[int]:
    """End the program's other conversations, and return their numbers."""
    rows = connection.execute(
        CONVERSATION.update()
        .where(
            CONVERSATION.c.participant_id == withdrawn.participant_id,
            CONVERSATION.c.program_id == withdrawn.program_id,
            UNFINISHED,
            CONVERSATION.c.id.is_distinct_from(withdrawn.conversation_id),
        )
        .values(status=ConversationStatus.ENDED, outcome=Outcome.DECLINED, ended_at=now)
        .returning(CONVERSATION.c.id)
    )
    return {int(row.id) for row in rows}


def _log_not_sent(connection: Connection, timer: DueTimer, now: datetime) -> None:
    """Log that what a timer would have sent of our own accord was not sent."""
    if timer.kind in contact_log.OF_OUR_OWN_ACCORD:
        not_sent, why = ContactAction.NOT_SENT, ContactReason.NO_CONSENT
        contact_log.record(connection, contact_log.of_timer(timer, not_sent, why, now))
