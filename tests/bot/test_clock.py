"""The clock that is moved, and the limit of processor time."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import MovableClock, ProcessorTimeLimit

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_clock_is_moved_on_and_never_back():
    """It stands where it was put, goes on by what is said, and refuses to go back."""
    clock = MovableClock(NOON)
    clock.move(timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)
    with pytest.raises(ValueError, match="does not go back"):
        clock.set(NOON)


def test_a_limit_is_reached_at_the_first_look_after_its_time():
    """The time is looked at every few steps, and not before it is over."""
    spent = iter([0.0, 0.02, 0.04])  # when it begins, and at each look
    limit = ProcessorTimeLimit(0.03, lambda: next(spent))
    reached = [limit.is_reached() for _ in range(8)]
    assert reached == [False] * 7 + [True]


def test_no_time_is_never_over():
    """Where no processor time is told, work ends by its steps alone."""
    limit = ProcessorTimeLimit(0.03, lambda: 0.0)
    assert not any(limit.is_reached() for _ in range(1_000))
