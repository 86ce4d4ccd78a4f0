"""The only module that reads the machine's clock; everything else is told the time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter, thread_time
from typing import Protocol

processor_seconds = thread_time
"""Processor time of the thread that asks, in seconds: what a transaction costs whoever waits for the writer."""

SET_BACK = timedelta(seconds=1)
"""A clock that differs by less was not set: two threads that read it may differ so much."""

_NOTHING = timedelta(0)
_SINCE_START = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Counts on while the machine sleeps, where the system has such a clock: waking up is no setting of the clock."""


class Clock(Protocol):
    """What tells the time, as datetimes with a time zone, in UTC; and how much time has passed."""

    def now(self) -> datetime:
        """Return the present moment. Whoever sets the clock, a person or a time server, makes this jump."""

    def passed(self) -> timedelta:
        """Return the time that has passed since some moment that stays the same. It goes on only, whoever sets what."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time, in UTC."""
        return datetime.now(UTC)

    def passed(self) -> timedelta:
        """Return the time since the machine was started."""
        return timedelta(seconds=time.clock_gettime(_SINCE_START))


class MovableClock:
    """A clock that can be moved. It runs on from `start` (terminal) or stands still there (simulations, tests).

    Moved on, so much time passes. Moved back, or by `jump`, it is set, and no time passes.
    """

    def __init__(self, start: datetime, *, running: bool = False) -> None:
        self._at = start.astimezone(UTC)
        self._moved = _NOTHING
        self._machine = SystemClock()
        self._since = self._machine.passed() if running else None

    def now(self) -> datetime:
        """Return the moment at which the clock stands, in UTC."""
        return self._at + self._ran()

    def passed(self) -> timedelta:
        """Return the time that has passed since the start, as far as the clock ran or was moved on."""
        return self._moved + self._ran()

    def move(self, by: timedelta) -> None:
        """Let a duration pass; or set the clock back, where it is negative."""
        self._at += by
        self._moved += max(by, _NOTHING)

    def set(self, at: datetime) -> None:
        """Let time pass until a moment; or set the clock back, where it is before the present one."""
        self.move(at.astimezone(UTC) - self.now())

    def jump(self, by: timedelta) -> None:
        """Set the clock to another time, ahead or back, as somebody does who sets a machine's clock."""
        self._at += by

    def _ran(self) -> timedelta:
        return _NOTHING if self._since is None else self._machine.passed() - self._since


class ClockWatch:
    """Notices that a clock was set, by the time that has passed meanwhile."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = self._reading()

    def jump(self) -> timedelta:
        """Return by how much the clock was set since the last call: negative for back, 0 where it was not set."""
        ahead = self._reading()
        jump, self._ahead = ahead - self._ahead, ahead
        return jump if abs(jump) >= SET_BACK else _NOTHING

    def _reading(self) -> timedelta:
        """Return how far the clock's time is ahead of the time that has passed: the same until somebody sets it."""
        return self._clock.now() - datetime.min.replace(tzinfo=UTC) - self._clock.passed()


class ProcessorTimeLimit:
    """Says when work that is done in steps has had its processor time.

    A thread never works for longer than time passes. So the processor time, which some systems take as long to tell as
    a part of a turn takes, is asked for only once as much time has passed as there is left of it.
    """

    def __init__(
        self,
        seconds: float,
        tell: Callable[[], float] = processor_seconds,
        passing: Callable[[], float] = perf_counter,
    ) -> None:
        """Begin now; `tell` tells the processor time, `passing` the time that passes, both in seconds."""
        self._tell, self._passing = tell, passing
        self._ends_at = tell() + seconds
        self._not_before = passing() + seconds

    def is_reached(self) -> bool:
        """Return whether the time is over."""
        if self._passing() < self._not_before:
            return False
        left = self._ends_at - self._tell()
        self._not_before = self._passing() + left
        return left <= 0
