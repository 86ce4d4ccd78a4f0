"""Take up what fell due while a participant could not be reached: they had blocked us, or their account was gone.

What is still within its time is planned again; of the rest it is known that it is over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule import local_time
from flows.schedule.contact_policy import ContactReason
from storage.conversations import contact_log
from storage.follow_up import follow_ons, waves
from storage.programs import programs
from storage.schema import (
    COMMITMENT,
    CONVERSATION,
    FOLLOW_UP,
    PARTICIPANT,
    TIMER,
    ContactAction,
    ConversationStatus,
    FollowUpStatus,
    TimerKind,
)

_UNREACHED = (ContactReason.BLOCKED, ContactReason.UNREACHABLE)
_LAST_TURN = sa.select(sa.func.max(CONVERSATION.c.last_turn_at)).where(
    CONVERSATION.c.participant_id == sa.bindparam("participant")
)
_WAVES = (
    sa.select(
        FOLLOW_UP.c.id, FOLLOW_UP.c.program_id, FOLLOW_UP.c.due_at, FOLLOW_UP.c.closed_at, FOLLOW_UP.c.reason
    )
    .join(COMMITMENT, COMMITMENT.c.id == FOLLOW_UP.c.commitment_id)
    .where(
        FOLLOW_UP.c.participant_id == sa.bindparam("participant"),
        FOLLOW_UP.c.status == FollowUpStatus.NO_RESPONSE,
        FOLLOW_UP.c.reason.in_(_UNREACHED),
        FOLLOW_UP.c.sent_at.is_(None),
        FOLLOW_UP.c.answered_at.is_(None),
        COMMITMENT.c.statement != "",
    )
    .order_by(FOLLOW_UP.c.id)
)
_FOLLOW_ONS = (
    sa.select(
        TIMER.c.id,
        CONVERSATION.c.program_id,
        TIMER.c.due_at,
        TIMER.c.done_at,
        TIMER.c.reason,
        TIMER.c.conversation_id,
    )
    .join(CONVERSATION, CONVERSATION.c.id == TIMER.c.conversation_id)
    .where(
        TIMER.c.participant_id == sa.bindparam("participant"),
        follow_ons.IS_FOLLOW_ON,
        TIMER.c.done_at.is_not(None),
        TIMER.c.reason.in_(_UNREACHED),
        CONVERSATION.c.status == ConversationStatus.ENDED,
    )
    .order_by(TIMER.c.id)
)


@dataclass(frozen=True, slots=True)
class MissedContacts:
    """Hold what a participant missed who can be reached again."""

    next_at: datetime | None
    """When the first comes of what is still within its time; None where nothing is."""
    over: bool
    """Whether something fell due since they were last heard of, and its time is over."""


def take_up_missed(connection: Connection, participant_id: int, now: datetime) -> MissedContacts:
    """Plan again what a participant missed and is still within its time: as long as a wave waits for an answer.

    What is due already comes at the next hour at which the program writes. The contact log says so.
    """
    who = {"participant": participant_id}
    zone = connection.scalar(sa.select(PARTICIPANT.c.timezone).where(PARTICIPANT.c.id == participant_id))
    last_turn: datetime | None = connection.scalar(_LAST_TURN, who)
    times: list[datetime] = []
    over = False
    for row in connection.execute(_WAVES, who).all():
        due_at = _new_time(connection, row.program_id, row.due_at, zone, now)
        if due_at is None:
            over |= last_turn is None or row.closed_at is None or row.closed_at > last_turn
            continue
        waves.schedule_again(connection, row.id, participant_id, due_at)
        wave = contact_log.ContactEntry(
            participant_id,
            ContactAction.DEFERRED,
            row.reason,
            now,
            TimerKind.WAVE,
            follow_up_id=row.id,
            new_due_at=due_at,
        )
        contact_log.record(connection, wave)
        times.append(due_at)
    for timer in connection.execute(_FOLLOW_ONS, who).all():
        due_at = _new_time(connection, timer.program_id, timer.due_at, zone, now)
        if due_at is None:
            continue
        again = TIMER.update().where(TIMER.c.id == timer.id)
        connection.execute(again.values(done_at=None, reason=None, due_at=due_at))
        follow_on = contact_log.ContactEntry(
            participant_id,
            ContactAction.DEFERRED,
            timer.reason,
            now,
            TimerKind.FOLLOW_ON,
            conversation_id=timer.conversation_id,
            new_due_at=due_at,
        )
        contact_log.record(connection, follow_on)
        times.append(due_at)
    return MissedContacts(min(times, default=None), over)


def _new_time(
    connection: Connection, program_id: int, due_at: datetime, zone: str | None, now: datetime
) -> datetime | None:
    """Return when what was due at `due_at` comes now; None where its time is over."""
    program = programs.program_file(connection, program_id)
    schedule = program.schedule
    if due_at + timedelta(days=schedule.close_after) <= now:
        return None
    soonest = local_time.next_in_window(now, schedule.window, zone or program.timezone)
    return max(due_at, soonest)
