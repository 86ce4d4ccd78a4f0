"""The order of what is put off to one moment."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from flows.schedule.queue_order import LOOKS_BACK, in_order, opening_of, was_due

OPENING = datetime(2026, 4, 2, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("times", [1, 2, 5, 14])
def test_the_order_holds_however_often_it_is_put_off(times: int) -> None:
    """Who was due a minute before others stays before them, among those of other days too; all are due in a second."""
    rng = Random(times)
    due = sorted({OPENING - rng.randrange(1, 60 * 24) * MINUTE for _ in range(500)})
    again = due
    for day in range(times):
        opening = OPENING + timedelta(days=day)
        again = [in_order(opening, was_due(at) if at.microsecond else at) for at in again]
        assert again == sorted(set(again))
        assert all(opening < at < opening + timedelta(seconds=1) for at in again)
        assert {opening_of(at) for at in again} == {opening}
        newcomer = in_order(opening, opening - timedelta(hours=1)) if day else None
        assert newcomer is None or newcomer > again[-1]


@pytest.mark.parametrize("before", [timedelta(), LOOKS_BACK, LOOKS_BACK * 3, -timedelta(hours=1)])
def test_whatever_is_put_off_is_due_in_the_second_after(before: timedelta) -> None:
    """Also what was due long ago, or at that very moment."""
    at = in_order(OPENING, OPENING - before)
    assert OPENING < at < OPENING + timedelta(seconds=1)
