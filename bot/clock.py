"""The only module that reads the machine's clock; everything else is told the time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter, thread_time
from typing import Protocol

processor_seconds = thread_time
"""Processor time of the thread that asks, in seconds: what a transaction costs whoever waits for the writer."""

SET_BACK = timedelta(seconds=1)
"""A clock that goes back by less was not set back: two threads that read it may differ so much."""


class Clock(Protocol):
    """What tells the time, as datetimes with a time zone, in UTC."""

    def now(self) -> datetime:
        """Return the present moment."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time, in UTC."""
        return datetime.now(UTC)


class MovableClock:
    """A clock that can be moved on. It runs on from `start` (terminal) or stands still there (simulations, tests)."""

    def __init__(self, start: datetime, *, running: bool = False) -> None:
        self._at = start.astimezone(UTC)
        self._since = datetime.now(UTC) if running else None

    def now(self) -> datetime:
        """Return the moment at which the clock stands, in UTC."""
        if self._since is None:
            return self._at
        return self._at + (datetime.now(UTC) - self._since)

    def move(self, by: timedelta) -> None:
        """Move the clock on by a duration.

        Raises:
            ValueError: the duration is negative; time never goes back.
        """
        if by < timedelta(0):
            message = "the clock does not go back; give a duration such as +30d"
            raise ValueError(message)
        self._at += by

    def set(self, at: datetime) -> None:
        """Move the clock on to a moment.

        Raises:
            ValueError: the moment is before the present one.
        """
        self.move(at.astimezone(UTC) - self.now())


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
