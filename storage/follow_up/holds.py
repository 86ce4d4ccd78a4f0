"""Hold contact of our own accord with a participant for a time: they are away, or a coordinator wants quiet."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.contact_policy import ContactReason
from storage.database.commit_notes import JournalNote, note
from storage.database.statements import TupleQuery
from storage.follow_up import timers
from storage.schema import PARTICIPANT, TIMER, JournalKind, TimerKind

_CHOSEN_HOUR = (
    sa.select(sa.func.max(TIMER.c.due_at))
    .where(
        TIMER.c.participant_id == sa.bindparam("participant"),
        TIMER.c.done_at.is_(None),
        TIMER.c.kind == TimerKind.RESUME,
    )
    .scalar_subquery()
)
_HOLDS = TupleQuery(
    sa.select(
        PARTICIPANT.c.hold_until, PARTICIPANT.c.team_hold_until, _CHOSEN_HOUR.label("chosen_hour")
    ).where(PARTICIPANT.c.id == sa.bindparam("participant"))
)


def hold(connection: Connection, *, participant_id: int, until: datetime, now: datetime) -> None:
    """Hold contact of our own accord with a participant who is away until then.

    Timers that were put off to the end of an earlier hold become due now, to be decided on again.
    """
    connection.execute(
        PARTICIPANT.update().where(PARTICIPANT.c.id == participant_id).values(hold_until=until)
    )
    note(connection, JournalNote(JournalKind.HOLD, now, participant_id, until=until))
    _decide_again(connection, participant_id, now)


def hold_for_team(
    connection: Connection, *, participant_id: int, until: datetime | None, now: datetime
) -> None:
    """Hold contact of our own accord with a participant until then, because a coordinator wants it.

    None ends that, and leaves the participant's own hold. Timers put off by a hold become due, to be decided on again.
    """
    connection.execute(
        PARTICIPANT.update().where(PARTICIPANT.c.id == participant_id).values(team_hold_until=until)
    )
    note(connection, JournalNote(JournalKind.TEAM_HOLD, now, participant_id, until=until))
    _decide_again(connection, participant_id, now)


def held_for_team(connection: Connection, participant_id: int) -> datetime | None:
    """Return until when a coordinator wants no contact with a participant; None if none does. It may be past."""
    until: datetime | None = connection.scalar(
        sa.select(PARTICIPANT.c.team_hold_until).where(PARTICIPANT.c.id == participant_id)
    )
    return until


def contact_hold(connection: Connection, participant_id: int) -> datetime | None:
    """
    Return until when nothing is sent to a participant of our own accord; None if nothing holds it back.

    The latest of three: they are away, a coordinator wants quiet, they chose an hour to be asked again.
    """
    rows = _HOLDS.run(connection, participant=participant_id)
    return max((until for row in rows for until in row if until is not None), default=None)


def held_until(connection: Connection, participant_id: int) -> datetime | None:
    """Return until when the participant said to be away; None if they did not. It may be past."""
    until: datetime | None = connection.scalar(
        sa.select(PARTICIPANT.c.hold_until).where(PARTICIPANT.c.id == participant_id)
    )
    return until


def _decide_again(connection: Connection, participant_id: int, now: datetime) -> None:
    """Have what a hold put off, whoever wanted it, be due now, to be decided on again."""
    for reason in (ContactReason.ON_HOLD, ContactReason.TEAM_HOLD):
        timers.decide_again(connection, participant_id, reason, now=now)
