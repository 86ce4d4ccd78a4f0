"""Run something again and again at even intervals by the time that passes, whatever is done to the machine's clock.

APScheduler goes by the clock on the wall: set back by an hour, it would be silent for an hour, and set a year ahead it
would count every run of that year. So its job is always due one interval after now, and where the clock was set back
the job is due at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.errors import describe
from storage.errors import DatabaseLost

log = structlog.get_logger(__name__)


class EvenInterval(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Is due one interval after now. What was missed is not counted, however long ago the last run was."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """Return when to run next."""
        return now + self._interval


class Ticker:
    """Runs `tick` at once and then every so many seconds, one run at a time, in the running event loop.

    A run that raises is logged, and the next one comes in its time.
    """

    def __init__(self, tick: Callable[[], Awaitable[Any]], every_seconds: float) -> None:
        self._tick = tick
        self._interval = timedelta(seconds=every_seconds)
        self._running: asyncio.Task[Any] | None = None
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        trigger = EvenInterval(self._interval)
        self._job: Job = self._scheduler.add_job(self._run, trigger, next_run_time=_now())
        self._scheduler.start()
        self._watching = asyncio.create_task(self._keep_on())

    async def stop(self) -> None:
        """Begin no more runs, and wait for the end of the one that is under way."""
        self._watching.cancel()
        self._scheduler.pause()
        await asyncio.sleep(0)  # a run that was begun in this very moment is known then, and not cut off
        if self._running is not None:
            await asyncio.wait({self._running})
        self._scheduler.shutdown(wait=False)

    async def _run(self) -> None:
        self._running = asyncio.current_task()
        try:
            await self._tick()
        except DatabaseLost:
            pass  # which ends the bot, and is told by whoever ends it
        # Any error: the rows are there still, and the next run may do better.
        except Exception as error:  # noqa: BLE001
            log.error("tick_failed", error=describe(error))  # noqa: TRY400 - no words in the log
        finally:
            self._running = None

    async def _keep_on(self) -> None:
        """Make the job due where it waits for longer than its interval: the clock was set back."""
        while True:
            await asyncio.sleep(self._interval.total_seconds())
            due, now = self._job.next_run_time, _now()
            if due is not None and due - now > self._interval:
                self._job.modify(next_run_time=now)


def _now() -> datetime:
    """Return the time as APScheduler reads it, of the machine's clock."""
    return datetime.now(UTC)
