"""Plan one wave more for a commitment that starts late, so that it is asked about after its start.

The waves of a program count from the day on which a commitment was made, for all of a participant's commitments alike.
One that starts so late that fewer than two of them follow its start gets another, thirty days after it.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule import local_time
from storage.follow_up import timers
from storage.programs import programs
from storage.schema import COMMITMENT, FOLLOW_UP, PARTICIPANT, FollowUpStatus, TimerKind

DAYS_AFTER_START: Final = 30
"""How long after its start a commitment is asked about, where the waves of its program do not do so."""
_ENOUGH: Final = 2
"""How many waves are to follow a start; fewer where a program has fewer."""
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
    schedule, zone = program.schedule, commitment.timezone or program.timezone
    made = connection.execute(_WAVES, {"commitment": commitment_id}).all()
    following = [
        row
        for row in made
        if row.status is not FollowUpStatus.CANCELLED
        and local_time.local(row.due_at, zone).date() > commitment.start_on
    ]
    late_enough = commitment.start_on + timedelta(days=DAYS_AFTER_START - schedule.close_after)
    stands_for_it = any(
        row.after_start and local_time.local(row.due_at, zone).date() > late_enough for row in following
    )
    if len(following) >= min(_ENOUGH, len(schedule.waves)) or stands_for_it:
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


def days_of_wave_after(start_on: date, *, made_on: date, others: Sequence[int], apart: int) -> int:
    """Return how many days after the commitment the wave after its start comes: `DAYS_AFTER_START` after the start.

    Where another wave of it, one of `others` in days, is open on that day or soon (`apart` days), it comes as long
    after that one instead: nobody is asked the same twice in a fortnight.
    """
    days = (start_on + timedelta(days=DAYS_AFTER_START) - made_on).days
    while near := [one for one in others if abs(one - days) < apart]:
        days = max(near) + max(DAYS_AFTER_START, apart)
    return days


def _make(connection: Connection, row: dict[str, Any]) -> None:
    """Make the wave and its timer."""
    number = connection.execute(_MAKE, row).scalar_one()
    timer = timers.NewTimer(TimerKind.WAVE, row["participant_id"], due_at=row["due_at"], follow_up_id=number)
    timers.arm(connection, timer)
