"""When the waves of a commitment are due, also of one that starts late."""

from datetime import UTC, date, datetime

import pytest

from flows.program.model import Schedule
from flows.schedule.wave_plans import days_of_wave_after, wave_dates, waves_due

MONDAY = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
AS_EVER = ["2026-04-01", "2026-05-04", "2026-06-01"]


@pytest.mark.parametrize(
    ("others", "days"), [([30, 60], 90), ([30, 60, 90], 120), ([30, 60, 100], 130), ([90, 110], 140)]
)
def test_waves_stay_a_fortnight_apart(others: list[int], days: int) -> None:
    """A start at day 60 is asked about at day 90, or later where another wave is near."""
    found = days_of_wave_after(date(2026, 5, 1), made_on=date(2026, 3, 2), others=others, apart=14)
    assert found == days


@pytest.mark.parametrize(
    ("start_on", "added"),
    [
        (None, []),
        (date(2026, 4, 20), []),
        (date(2026, 5, 31), ["2026-06-30"]),
        (date(2026, 7, 30), ["2026-08-31"]),  # day 180 is a Saturday
    ],
)
def test_a_late_start_adds_one_wave(start_on, added):
    """Each wave comes on an open day; one more where fewer than two follow the start."""
    due = waves_due(MONDAY, start_on, Schedule(), "Europe/Vienna")
    assert [at.date().isoformat() for at in due] == [*AS_EVER, *added]


def test_the_days_of_several_commitments():
    """Days on which more than one is asked about are named once, and all of them in order."""
    two_days_later = int(MONDAY.timestamp()) + 2 * 24 * 3600
    plans = [(int(MONDAY.timestamp()), "2026-07-30"), (two_days_later, None), (two_days_later, "2026-05-31")]
    assert wave_dates(plans, Schedule(), "Europe/Vienna") == [
        *["2026-04-01", "2026-04-06", "2026-05-04", "2026-06-01", "2026-06-02"],
        *["2026-06-30", "2026-08-31"],
    ]
