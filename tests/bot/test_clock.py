"""The clock that is moved, and the limit of processor time."""

import math
from datetime import UTC, datetime, timedelta
from itertools import count

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


def test_a_limit_is_reached_by_processor_time_not_by_waiting():
    """While another process had the machine, time passed without work: what is left of it still counts."""
    worked, passed = 0.0, 0.0
    limit = ProcessorTimeLimit(0.03, lambda: worked, lambda: passed)
    worked, passed = 0.02, 0.05
    assert not limit.is_reached()
    worked, passed = 0.03, 0.06
    assert limit.is_reached()


def test_processor_time_is_asked_for_only_when_it_may_be_over():
    """As much time must have passed as was left when it was told last: telling it is slow."""
    moments, asked = count(step=0.01), []

    def tell() -> float:
        asked.append(None)
        return 0.0

    limit = ProcessorTimeLimit(0.1, tell, lambda: next(moments))
    assert not any(limit.is_reached() for _ in range(100))
    assert len(asked) < 15


def test_no_time_is_never_over():
    """Where no end is set, work ends by its steps alone."""
    limit = ProcessorTimeLimit(math.inf)
    assert not any(limit.is_reached() for _ in range(1_000))
