"""Tell when a participant will be written to next of our own accord, so that a change of that can be said."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import FollowOn
from flows.script.roles import Purpose
from storage.follow_up import due_waves, follow_ons, waves
from storage.programs import programs
from storage.schema import COMMITMENT, CONVERSATION, TIMER

_DUE_AT = sa.select(TIMER.c.id, TIMER.c.due_at).where(
    TIMER.c.participant_id == sa.bindparam("participant"), TIMER.c.done_at.is_(None)
)
_FOLLOW_ONS = (
    sa.select(TIMER.c.due_at, TIMER.c.flow, TIMER.c.conversation_id)
    .join(CONVERSATION, CONVERSATION.c.id == TIMER.c.conversation_id)
    .where(
        TIMER.c.participant_id == sa.bindparam("participant"),
        TIMER.c.done_at.is_(None),
        follow_ons.IS_FOLLOW_ON,
        CONVERSATION.c.program_id == sa.bindparam("program"),
    )
    .order_by(TIMER.c.due_at)
)
_PROGRAMS = (
    sa.select(CONVERSATION.c.program_id)
    .where(CONVERSATION.c.participant_id == sa.bindparam("participant"))
    .distinct()
)


def planned_in_all_programs(
    connection: Connection, participant_id: int, now: datetime
) -> tuple[datetime, ...]:
    """Return when the follow-ups of a participant are due in all programs, the next first; see `planned_contacts`."""
    programs_of = connection.scalars(_PROGRAMS, {"participant": participant_id}).all()
    found = (planned_contacts(connection, participant_id, one, now) for one in programs_of)
    return tuple(sorted(at for of_program in found for at in of_program))


def planned_contacts(
    connection: Connection, participant_id: int, program_id: int, now: datetime
) -> tuple[datetime, ...]:
    """Return when the follow-ups of a participant in a program are due, the next first, as their timers have it.

    Left out is what would not be sent if it were due now: waves of what was dropped or done, all for which a consent is
    missing, and what is said only while a conversation is unfinished.
    """
    found = [
        *_waves(connection, participant_id, program_id),
        *_follow_ons(connection, participant_id, program_id),
    ]
    return tuple(sorted(at for at in found if at >= now))


def _waves(connection: Connection, participant_id: int, program_id: int) -> Iterator[datetime]:
    """Yield when the waves are due that ask about something."""
    in_program = participant_id, program_id
    if not waves.may_contact_again(connection, *in_program) or not waves.takes_part(connection, *in_program):
        return
    times = {row.id: row.due_at for row in connection.execute(_DUE_AT, {"participant": participant_id})}
    if not times:
        return
    asked = due_waves.due_waves(
        connection,
        participant_id=participant_id,
        program_id=program_id,
        until=max(times.values()) + timedelta(days=1),
    )
    yield from (times[wave.timer_id] for wave in asked if wave.worth_asking)


def _follow_ons(connection: Connection, participant_id: int, program_id: int) -> Iterator[datetime]:
    """Yield when the follow-ons are due that have something to tell."""
    values = {"participant": participant_id, "program": program_id}
    rows = connection.execute(_FOLLOW_ONS, values).all()
    program = programs.program_file(connection, program_id) if rows else None
    for row in rows:
        conversation = follow_ons.earlier(connection, row.conversation_id)
        assert program is not None
        entries = [one for one in program.follows if (one.flow, one.after) == (row.flow, conversation.flow)]
        if any(_may_come(connection, conversation, entry) for entry in entries):
            yield row.due_at


def _may_come(connection: Connection, conversation: follow_ons.EarlierConversation, entry: FollowOn) -> bool:
    """Return whether a follow-on would be sent after a conversation, as things are now."""
    if entry.unfinished:
        return False
    if entry.needs == "commitments":
        made = sa.select(COMMITMENT.c.id).where(
            COMMITMENT.c.conversation_id == conversation.id, COMMITMENT.c.confirmed
        )
        if connection.scalar(made.limit(1)) is None:
            return False
    purposes = (entry.consent, Purpose.TAKE_PART)
    return all(follow_ons.has_consent(connection, conversation, purpose) for purpose in purposes)
