"""A purpose is taken back: the decision is kept, and what hung on it ends."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.schedule.contact_policy import ContactReason
from flows.script.model import Purpose
from storage.conversations import contact_log, outbox
from storage.follow_up import timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.timers import DueTimer
from storage.programs import programs
from storage.programs.consents import Granted
from storage.schema import (
    CONSENT,
    CONVERSATION,
    FOLLOW_UP,
    TIMER,
    ContactAction,
    ConversationStatus,
    FollowUpStatus,
    TimerKind,
)


def take_back(connection: Connection, participant_id: int, granted: Granted, *, now: datetime) -> None:
    """Keep that the person took one purpose back, outside of any question, and end what hung on it."""
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
    end_what_hangs_on(
        connection,
        granted.purpose,
        participant_id=participant_id,
        program_id=granted.program_id,
        conversation=None,
        now=now,
    )


def end_what_hangs_on(
    connection: Connection,
    purpose: Purpose,
    *,
    participant_id: int,
    program_id: int,
    conversation: int | None,
    now: datetime,
) -> None:
    """
    A purpose was taken back: what was to come of it ends now, on every channel. `conversation` is where it was said.

    Without contact again there are no waves, no reminders of them, and nothing that follows on a talk; without
    taking part the talks of the programme end too. The use of words leaves nothing that would have to end.
    """
    if purpose is Purpose.USE_WORDS:
        return
    asked_in = _close_waves(connection, participant_id, program_id, now)
    ended = list(_end_timers(connection, participant_id, program_id, now))
    silenced = asked_in
    if purpose is Purpose.TAKE_PART:
        silenced |= _end_conversations(connection, participant_id, program_id, conversation, now)
        for conversation_id in silenced - {conversation}:
            ended += timers.finish_of_conversation(
                connection, conversation_id, ContactReason.NO_CONSENT, now=now, kinds=list(TimerKind)
            )
    for conversation_id in silenced - {conversation}:
        outbox.drop_for_conversation(connection, conversation_id, ContactReason.NO_CONSENT)
    for timer in ended:
        _tell(connection, timer, now)


def _close_waves(connection: Connection, participant_id: int, program_id: int, now: datetime) -> set[int]:
    """Close the waves that are not answered; the talks in which some of them were asked."""
    closed = connection.execute(
        FOLLOW_UP.update()
        .where(
            FOLLOW_UP.c.participant_id == participant_id,
            FOLLOW_UP.c.program_id == program_id,
            FOLLOW_UP.c.status.in_(follow_ups.UNCLOSED),
        )
        .values(status=FollowUpStatus.OPTED_OUT, reason=ContactReason.NO_CONSENT, closed_at=now)
        .returning(FOLLOW_UP.c.conversation_id)
    )
    return {row.conversation_id for row in closed if row.conversation_id is not None}


def _end_timers(
    connection: Connection, participant_id: int, program_id: int, now: datetime
) -> tuple[DueTimer, ...]:
    """Waves, their reminders and closes, and what follows on a talk by leave to be contacted again."""
    follows = programs.program_file(connection, program_id).follows
    by_leave = [entry.flow for entry in follows if entry.consent is Purpose.CONTACT_AGAIN]
    of_program = sa.select(CONVERSATION.c.id).where(
        CONVERSATION.c.participant_id == participant_id, CONVERSATION.c.program_id == program_id
    )
    waves = sa.select(FOLLOW_UP.c.id).where(
        FOLLOW_UP.c.participant_id == participant_id, FOLLOW_UP.c.program_id == program_id
    )
    in_conversations = TIMER.c.conversation_id.in_(of_program)
    hangs: Any = (
        TIMER.c.follow_up_id.in_(waves)
        | (in_conversations & TIMER.c.kind.in_((TimerKind.WAVE_REMINDER, TimerKind.WAVE_CLOSE)))
        | (in_conversations & (TIMER.c.kind == TimerKind.FOLLOW_ON) & TIMER.c.flow.in_(by_leave))
    )
    rows = connection.execute(
        TIMER.update()
        .where(TIMER.c.participant_id == participant_id, TIMER.c.done_at.is_(None), hangs)
        .values(done_at=now, reason=ContactReason.NO_CONSENT)
        .returning(*timers.COLUMNS)
    )
    return tuple(DueTimer(*row) for row in rows)


def _end_conversations(
    connection: Connection, participant_id: int, program_id: int, conversation: int | None, now: datetime
) -> set[int]:
    """End the programme's other talks; which they were."""
    rows = connection.execute(
        CONVERSATION.update()
        .where(
            CONVERSATION.c.participant_id == participant_id,
            CONVERSATION.c.program_id == program_id,
            CONVERSATION.c.status != ConversationStatus.ENDED,
            CONVERSATION.c.id.is_distinct_from(conversation),
        )
        .values(status=ConversationStatus.ENDED, outcome=Outcome.DECLINED, ended_at=now)
        .returning(CONVERSATION.c.id)
    )
    return {int(row.id) for row in rows}


def _tell(connection: Connection, timer: DueTimer, now: datetime) -> None:
    if timer.kind in contact_log.OF_OUR_OWN_ACCORD:
        contact_log.record(
            connection,
            participant_id=timer.participant_id,
            timer_kind=timer.kind,
            follow_up_id=timer.follow_up_id,
            conversation_id=timer.conversation_id,
            action=ContactAction.NOT_SENT,
            reason=ContactReason.NO_CONSENT,
            at=now,
        )
