"""Take up what fell due while a participant could not be reached: they had blocked us, or their account was gone.

What is still within its time is planned again; of the rest it is known that it is over. Likewise what a clock that was
far ahead put off, which would wait until that time has come.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule import local_time
from flows.schedule.contact_policy import ContactReason
from storage.conversations import contact_log
from storage.database import periodic_jobs
from storage.follow_up import follow_ons, timers, waves
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

FAR_AHEAD = timedelta(hours=1)
"""A clock that was ahead by less has put off nothing that waits for long, and done no night's jobs too early."""
AHEAD = timedelta(days=1)
"""What is due by less than this from now is left as it is when the clock was put right."""
_BEYOND = TIMER.c.done_at.is_(None) & (TIMER.c.due_at > sa.bindparam("beyond", type_=TIMER.c.due_at.type))
_IS_NOT_QUEUED = TIMER.c.reason.is_distinct_from(ContactReason.QUEUED)
_WAS_PUT_OFF = TIMER.c.reason.is_not(None) & _IS_NOT_QUEUED
_PUT_OFF = sa.select(TIMER.c.id, TIMER.c.kind, TIMER.c.conversation_id, TIMER.c.flow).where(
    _BEYOND, TIMER.c.kind == sa.bindparam("wanted", type_=TIMER.c.kind.type), _WAS_PUT_OFF
)
_MADE_AHEAD = sa.select(
    COMMITMENT.c.id, COMMITMENT.c.participant_id, COMMITMENT.c.program_id, PARTICIPANT.c.timezone
).join(PARTICIPANT, PARTICIPANT.c.id == COMMITMENT.c.participant_id)
_PLANNED = sa.select(FOLLOW_UP.c.id, FOLLOW_UP.c.wave_days).where(
    FOLLOW_UP.c.commitment_id == sa.bindparam("commitment"),
    FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED,
    FOLLOW_UP.c.after_start.is_(sa.false()),
)
_AS_PLANNED = sa.select(FOLLOW_UP.c.due_at).where(FOLLOW_UP.c.id == TIMER.c.follow_up_id).scalar_subquery()
_LOOK_AGAIN = (TimerKind.INTERVIEW_REMINDER, TimerKind.EXPIRE, TimerKind.ERASE, TimerKind.FAREWELL)
"""What reckons anew, whenever it is looked at, when it is due: by the last turn of its conversation."""
_REMINDERS_OF = sa.select(TIMER.c.id).where(
    TIMER.c.kind == TimerKind.WAVE_REMINDER, TIMER.c.conversation_id == sa.bindparam("conversation")
)
_ASKED = (
    sa.select(FOLLOW_UP.c.sent_at, FOLLOW_UP.c.program_id, PARTICIPANT.c.timezone)
    .join(PARTICIPANT, PARTICIPANT.c.id == FOLLOW_UP.c.participant_id)
    .where(FOLLOW_UP.c.conversation_id == sa.bindparam("conversation"), FOLLOW_UP.c.sent_at.is_not(None))
    .order_by(FOLLOW_UP.c.sent_at)
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


def clock_was_ahead(connection: Connection, now: datetime) -> bool:
    """Return whether the bot has acted by a clock that was far ahead: it purged an hour or more after `now`.

    A clock that is set back by seconds just after a purge was not.
    """
    last = periodic_jobs.last_done(connection, periodic_jobs.PURGE)
    return last is not None and last - now >= FAR_AHEAD


def take_up_put_off(connection: Connection, now: datetime) -> int:
    """Have what a clock far ahead put off be due at its right time; return how many timers were set anew.

    Waves come as they were planned, follow-ons and reminders as their programs have it. All is decided on again then:
    what waits for something else goes on to wait. Jobs that were done in the time to come are done again. What was
    said and promised by that clock counts as of now.
    """
    periodic_jobs.forget_done_after(connection, now)
    _date_back(connection, now)
    beyond = {"beyond": now + AHEAD}
    wave_put_off = TIMER.update().where(_BEYOND, TIMER.c.kind == TimerKind.WAVE, _WAS_PUT_OFF)
    as_planned = wave_put_off.values(due_at=_AS_PLANNED, reason=None)
    count = connection.execute(as_planned, beyond).rowcount
    for kind in (TimerKind.FOLLOW_ON, TimerKind.WAVE_REMINDER, TimerKind.RESUME):
        for timer in connection.execute(_PUT_OFF, {**beyond, "wanted": kind}).all():
            timers.put_off(connection, timer.id, _right_time(connection, timer, now), None)
            count += 1
    for kind in _LOOK_AGAIN:
        anew = TIMER.update().where(_BEYOND, TIMER.c.kind == kind, _IS_NOT_QUEUED).values(due_at=now)
        count += connection.execute(anew, beyond).rowcount
    on_its_way = TIMER.update().where(_BEYOND, TIMER.c.reason == ContactReason.QUEUED)
    return count + connection.execute(on_its_way.values(due_at=now + AHEAD), beyond).rowcount


def _date_back(connection: Connection, now: datetime) -> None:
    """Have turns, first messages of waves and commitments of a time to come be of `now`, and plan these ones' waves.

    Else a reminder, an end or a wave would be reckoned from a day that has not come. A wave of the start that somebody
    named stays where it is.
    """
    ahead = {"beyond": now + FAR_AHEAD}
    for column in (CONVERSATION.c.last_turn_at, FOLLOW_UP.c.sent_at):
        of_then = column > sa.bindparam("beyond", type_=column.type)
        connection.execute(sa.update(column.table).where(of_then).values({column.name: now}), ahead)
    of_then = COMMITMENT.c.made_at > sa.bindparam("beyond", type_=COMMITMENT.c.made_at.type)
    for made in connection.execute(_MADE_AHEAD.where(of_then), ahead).all():
        connection.execute(COMMITMENT.update().where(COMMITMENT.c.id == made.id).values(made_at=now))
        program = programs.program_file(connection, made.program_id)
        zone = local_time.known_zone(made.timezone, program.timezone)
        for wave in connection.execute(_PLANNED, {"commitment": made.id}).all():
            due_at = local_time.wave_due(now, wave.wave_days, program.schedule.window, zone)
            connection.execute(FOLLOW_UP.update().where(FOLLOW_UP.c.id == wave.id).values(due_at=due_at))
            undone = TIMER.update().where(TIMER.c.follow_up_id == wave.id, TIMER.c.done_at.is_(None))
            connection.execute(
                undone.where(TIMER.c.kind == TimerKind.WAVE).values(due_at=due_at, reason=None)
            )


def _right_time(connection: Connection, timer: Any, now: datetime) -> datetime:
    """Return when a timer is due by its conversation and program; now where nothing tells."""
    at: datetime | None = None
    if timer.kind is TimerKind.FOLLOW_ON and timer.flow is not None:
        at = follow_ons.planned_at(connection, timer.conversation_id, timer.flow)
    elif timer.kind is TimerKind.WAVE_REMINDER:
        at = _reminder_at(connection, timer.id, timer.conversation_id)
    return now if at is None else at


def _reminder_at(connection: Connection, timer_id: int, conversation_id: int) -> datetime | None:
    """Return when a reminder of a wave is due: they were set in the order in which the program has their days."""
    where = {"conversation": conversation_id}
    asked = connection.execute(_ASKED, where).first()
    if asked is None:
        return None
    program = programs.program_file(connection, asked.program_id)
    days = timers.reminder_days(program.schedule)
    place = list(connection.scalars(_REMINDERS_OF.order_by(TIMER.c.id), where)).index(timer_id)
    if place >= len(days):  # the program was loaded anew
        return None
    zone = local_time.known_zone(asked.timezone, program.timezone)
    return local_time.reminder_due(asked.sent_at, days[place], program.schedule.window, zone)
