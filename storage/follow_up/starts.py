"""Plan one wave more for a commitment that starts late; `flows.schedule.wave_plans` says which and when."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule import local_time
from flows.schedule.wave_plans import DAYS_AFTER_START, days_of_wave_after, enough_follow
from storage.follow_up import timers
from storage.programs import programs
from storage.schema import COMMITMENT, FOLLOW_UP, PARTICIPANT, FollowUpStatus, TimerKind

_COMMITMENT = (
    sa.select(
        COMMITMENT.c.participant_id,
        COMMITMENT.c.program_id,
        COMMITMENT.c.made_at,
        COMMITMENT.c.start_on,
        PARTICIPANT.c.timezone,
    )
    .join(PARTICIPANT, PARTICIPANT.c.id == COMMITMENT.c.participant_id)
    .where(COMMITMENT.c.id == sa.bindparam("commitment"), COMMITMENT.c.start_on.is_not(None))
)
_WAVES = sa.select(
    FOLLOW_UP.c.wave_days, FOLLOW_UP.c.due_at, FOLLOW_UP.c.status, FOLLOW_UP.c.after_start
).where(FOLLOW_UP.c.commitment_id == sa.bindparam("commitment"))
_MAKE = FOLLOW_UP.insert().returning(FOLLOW_UP.c.id)


def plan_wave_after_start(connection: Connection, commitment_id: int) -> None:
    """Plan a wave after the start of a commitment, with its timer, where too few of its waves follow that day.

    Waves that are planned already stay as they are. One that was added for another start is enough where it comes
    about thirty days after this one, or later. Nothing happens where no start is known.
    """
    commitment = connection.execute(_COMMITMENT, {"commitment": commitment_id}).first()
    if commitment is None:
        return
    program = programs.program_file(connection, commitment.program_id)
    schedule, zone = program.schedule, local_time.known_zone(commitment.timezone, program.timezone)
    made = connection.execute(_WAVES, {"commitment": commitment_id}).all()
    standing = [row for row in made if row.status is not FollowUpStatus.CANCELLED]
    late_enough = commitment.start_on + timedelta(days=max(0, DAYS_AFTER_START - schedule.close_after))
    stands_for_it = any(
        row.after_start and local_time.local(row.due_at, zone).date() > late_enough for row in standing
    )
    due = [row.due_at for row in standing]
    if stands_for_it or enough_follow(commitment.start_on, due, schedule, zone):
        return
    days = days_of_wave_after(
        commitment.start_on,
        made_on=local_time.local(commitment.made_at, zone).date(),
        others=[row.wave_days for row in made],
        apart=schedule.close_after,
    )
    row = {
        "commitment_id": commitment_id,
        "participant_id": commitment.participant_id,
        "program_id": commitment.program_id,
        "wave_days": days,
        "due_at": local_time.wave_due(commitment.made_at, days, schedule.window, zone),
        "status": FollowUpStatus.SCHEDULED,
        "reminded": 0,
        "after_start": True,
    }
    _make(connection, row)


def _make(connection: Connection, row: dict[str, Any]) -> None:
    """Make the wave and its timer."""
    number = connection.execute(_MAKE, row).scalar_one()
    timer = timers.NewTimer(TimerKind.WAVE, row["participant_id"], due_at=row["due_at"], follow_up_id=number)
    timers.arm(connection, timer)
