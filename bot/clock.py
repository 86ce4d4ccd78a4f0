"""The only place that reads the clock. Everything else is told the time."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock that can be moved: runs on from where it was set (the terminal) or stands still (simulations, tests)."""

    def __init__(self, start: datetime, *, running: bool = False) -> None:
        self._at = start.astimezone(UTC)
        self._since = datetime.now(UTC) if running else None

    def now(self) -> datetime:
        if self._since is None:
            return self._at
        return self._at + (datetime.now(UTC) - self._since)

    def move(self, by: timedelta) -> None:
        """Move by a duration; time never goes back."""
        if by < timedelta(0):
            message = "the clock does not go back; give a duration such as +30d"
            raise ValueError(message)
        self._at += by

    def set(self, at: datetime) -> None:
        """Stand at a moment, which is not before the present one."""
        self.move(at.astimezone(UTC) - self.now())
