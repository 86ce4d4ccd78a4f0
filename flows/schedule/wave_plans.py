"""Compute when the waves of a commitment are due, also of one that starts late.

The waves of a program count from the day on which a commitment was made, for all of a participant's commitments alike.
One that starts so late that fewer than two of them follow its start gets another, thirty days after it. What is
promised in a conversation and what is planned for it are computed here, so that they are the same.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from flows.program.model import Schedule
from flows.schedule.local_time import local, wave_due

DAYS_AFTER_START: Final = 30
"""How long after its start a commitment is asked about, where the waves of its program do not do so."""
_ENOUGH: Final = 2
"""How many waves are to follow a start; fewer where a program has fewer."""


def enough_follow(start_on: date, due: Iterable[datetime], schedule: Schedule, zone: str) -> bool:
    """Return whether so many of the waves that are `due` come after the day of the start that none is added."""
    following = sum(local(at, zone).date() > start_on for at in due)
    return following >= min(_ENOUGH, len(schedule.waves))


def days_of_wave_after(start_on: date, *, made_on: date, others: Sequence[int], apart: int) -> int:
    """Return how many days after the commitment the wave after its start comes: `DAYS_AFTER_START` after the start.

    Where another wave of it, one of `others` in days, is open on that day or soon (`apart` days), it comes as long
    after that one instead: nobody is asked the same twice in a fortnight.
    """
    days = (start_on + timedelta(days=DAYS_AFTER_START) - made_on).days
    while near := [one for one in others if abs(one - days) < apart]:
        days = max(near) + max(DAYS_AFTER_START, apart)
    return days


def waves_due(made_at: datetime, start_on: date | None, schedule: Schedule, zone: str) -> list[datetime]:
    """Return when the waves of a commitment are due, the one that is added for a late start among them.

    `start_on` None is a start that is not known: nothing is added.
    """
    window, days = schedule.window, sorted(set(schedule.waves))
    due = [wave_due(made_at, one, window, zone) for one in days]
    if start_on is None or enough_follow(start_on, due, schedule, zone):
        return due
    made_on = local(made_at, zone).date()
    added = days_of_wave_after(start_on, made_on=made_on, others=days, apart=schedule.close_after)
    return [*due, wave_due(made_at, added, window, zone)]


def wave_dates(plans: Iterable[tuple[int, str | None]], schedule: Schedule, zone: str) -> list[str]:
    """Return the local days on which something is asked about these commitments, as ISO dates, the next first.

    Each is given by when it was made (seconds since 1970, UTC) and its start (an ISO date, or None).
    """
    due = (
        at
        for made, start in plans
        for at in waves_due(
            datetime.fromtimestamp(made, UTC),
            None if start is None else date.fromisoformat(start),
            schedule,
            zone,
        )
    )
    return sorted({local(at, zone).date().isoformat() for at in due})
