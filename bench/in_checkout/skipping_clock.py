"""The clock of `wave.py`: time in which nothing is to be done is skipped, and the database says when it is at work."""

import asyncio
import selectors
import time
from datetime import datetime, timedelta
from typing import Any, TypeVar

from storage.database.connection import Database, Work

T = TypeVar("T")


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is that of the processor, and which skips the time in which nothing is to be done."""

    def __init__(self) -> None:
        self.skipped = 0.0
        self.at_work = 0
        """What other threads are doing for it: no time is skipped meanwhile."""
        super().__init__(_SkippingSelector(self))

    def time(self) -> float:
        """Return the seconds that have passed."""
        return time.process_time() + self.skipped


class _SkippingSelector(selectors.SelectSelector):
    """Waits only for what other threads do."""

    def __init__(self, loop: SkippingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        """Return what is ready; skip the time until `timeout` where nothing is."""
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self._loop.at_work or timeout is None:
            return super().select(0.05)
        self._loop.skipped += timeout
        return super().select(0)


class LoopClock:
    """Tells the time of a loop, from `start` on."""

    def __init__(self, loop: asyncio.AbstractEventLoop, start: datetime) -> None:
        self._loop, self._start, self._begun = loop, start, loop.time()

    def now(self) -> datetime:
        """Return the present moment."""
        return self._start + timedelta(seconds=self.seconds())

    def passed(self) -> timedelta:
        """Return the time that has passed since the start: nobody sets this clock."""
        return timedelta(seconds=self.seconds())

    def seconds(self) -> float:
        """Return how many seconds have passed since the start."""
        return self._loop.time() - self._begun


class MeasuredDatabase(Database):
    """A database that says when threads work for it, and notes how long each transaction holds the writer."""

    holds: list[float]
    """Seconds of the processor, one for each transaction."""
    loop: SkippingLoop

    async def write(self, work: Work[T]) -> T:
        """Run `work` in the writer thread."""
        self.loop.at_work += 1
        try:
            return await super().write(work)
        finally:
            self.loop.at_work -= 1

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a reader's thread."""
        self.loop.at_work += 1
        try:
            return await super().read(work)
        finally:
            self.loop.at_work -= 1

    def _writing(self, work: Work[T]) -> T:
        began = time.thread_time()
        try:
            return super()._writing(work)
        finally:
            self.holds.append(time.thread_time() - began)
