"""The clock that is moved, and the limit of processor time."""

import math
import time
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot.clock import ClockWatch, MovableClock, ProcessorTimeLimit, SystemClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_time_passes_as_a_clock_is_moved_on_and_not_as_it_is_set() -> None:
    """It goes back too, as a machine's clock does; what has passed only grows."""
    clock = MovableClock(NOON)
    clock.move(timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)
    assert clock.passed() == timedelta(hours=1)
    clock.set(NOON)
    assert clock.now() == NOON
    clock.jump(timedelta(days=365))
    assert clock.now() == NOON + timedelta(days=365)
    assert clock.passed() == timedelta(hours=1)


@pytest.mark.parametrize(
    "jump", [timedelta(days=-1), timedelta(seconds=-2), timedelta(0), timedelta(days=366)]
)
def test_a_watch_tells_by_how_much_a_clock_was_set(jump: timedelta) -> None:
    """Also where as much time has passed meanwhile; and once each time."""
    clock = MovableClock(NOON)
    watch = ClockWatch(clock)
    clock.move(abs(jump))
    clock.jump(jump)
    assert watch.jump() == jump
    assert watch.jump() == timedelta(0)


def test_the_machines_clock_is_not_set_while_nobody_sets_it() -> None:
    """Both its times go on alike."""
    watch = ClockWatch(SystemClock())
    time.sleep(0.05)
    assert watch.jump() == timedelta(0)


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
