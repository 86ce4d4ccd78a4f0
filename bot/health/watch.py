"""Look at the database, the channels and what waits, and say whether the bot is ready.

*Live* means that the process answers and can read its database: a service manager ends one that is not. *Ready* means
that people are heard and answered: whoever watches is told, and restarting need not help.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from bot.channels.base import Channel
from bot.channels.hearing import HearingChannel
from bot.clock import Clock
from bot.health import service_manager
from storage.database.connection import Database
from storage.reports.health import HealthFigures, read_health

LONGEST_UNANSWERED: Final = timedelta(minutes=5)
"""A message that has waited longer makes the bot not ready: replies take less than a second."""
PATIENCE_SECONDS: Final = 5.0
"""For the database to be read, and to be written to."""
STANDS_SECONDS: Final = 2.0
"""How long a look stands: whoever asks more often is told the same."""


class HealthTrouble(StrEnum):
    """Why the bot is not ready."""

    DATABASE_UNREADABLE = "database_unreadable"
    DATABASE_UNWRITABLE = "database_unwritable"
    CHANNEL_SILENT = "channel_silent"
    MESSAGE_UNANSWERED = "message_unanswered"


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """For how many seconds a platform has been silent, and within how many it is to be heard."""

    silent_seconds: float
    within_seconds: float

    @property
    def is_heard(self) -> bool:
        """Return whether the platform was heard within its time."""
        return self.silent_seconds <= self.within_seconds


@dataclass(frozen=True, slots=True)
class HealthReport:
    """How the bot stands at a moment. `figures` is None where the database could not be read.

    `channels` are by name, those that can tell; `oldest_seconds` is how long the oldest unanswered message has waited,
    0 where there is none.
    """

    troubles: tuple[HealthTrouble, ...]
    channels: Mapping[str, ChannelHealth]
    figures: HealthFigures | None
    oldest_seconds: float

    @property
    def is_live(self) -> bool:
        """Return whether the bot can read its database; that it answers at all is seen by the answer."""
        return HealthTrouble.DATABASE_UNREADABLE not in self.troubles

    @property
    def is_ready(self) -> bool:
        """Return whether people are heard and answered."""
        return not self.troubles


@dataclass(slots=True)
class HealthWatch:
    """Looks how a bot stands, at most once in two seconds however many ask; `channels` are by name."""

    database: Database
    clock: Clock
    channels: Mapping[str, Channel]
    monotonic: Callable[[], float] = time.monotonic
    patience_seconds: float = PATIENCE_SECONDS
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _last: tuple[float, HealthReport] | None = field(default=None, init=False)
    _read: "asyncio.Task[Any] | None" = field(default=None, init=False)
    _write: "asyncio.Task[Any] | None" = field(default=None, init=False)

    async def report(self) -> HealthReport:
        """Return how the bot stands now, or stood up to two seconds ago."""
        async with self._looking:
            now = self.monotonic()
            if self._last is None or now - self._last[0] >= STANDS_SECONDS:
                self._last = (now, await self._look())
            return self._last[1]

    async def run(self) -> None:
        """Tell systemd that the bot is alive, as often as it wants to hear it, while that is so; until cancelled."""
        every = service_manager.watchdog_seconds()
        if every is None:
            await asyncio.Event().wait()
            return
        while True:
            if (await self.report()).is_live:
                service_manager.notify("WATCHDOG=1")
            await asyncio.sleep(every)

    async def _look(self) -> HealthReport:
        now = self.clock.now()
        if self._read is None:
            self._read = asyncio.create_task(self.database.read(partial(read_health, now=now)))
        if self._write is None:
            self._write = asyncio.create_task(self.database.write(_nothing))
        await asyncio.wait({self._read, self._write}, timeout=self.patience_seconds)
        self._read, figures = _taken(self._read)
        self._write, written = _taken(self._write)
        channels = {
            name: ChannelHealth(
                channel.hearing.silence.total_seconds(), channel.hearing.within.total_seconds()
            )
            for name, channel in self.channels.items()
            if isinstance(channel, HearingChannel)
        }
        oldest = _age(figures.oldest_at if figures is not None else None, now)
        found = {
            HealthTrouble.DATABASE_UNREADABLE: figures is None,
            HealthTrouble.DATABASE_UNWRITABLE: written is None,
            HealthTrouble.CHANNEL_SILENT: not all(one.is_heard for one in channels.values()),
            HealthTrouble.MESSAGE_UNANSWERED: oldest > LONGEST_UNANSWERED.total_seconds(),
        }
        troubles = tuple(trouble for trouble, is_found in found.items() if is_found)
        return HealthReport(troubles, channels, figures, oldest)


def _nothing(_connection: Connection) -> bool:
    """Write nothing: that the transaction came to its end says that the writer is free and the file can be locked."""
    return True


def _taken(task: "asyncio.Task[Any]") -> "tuple[asyncio.Task[Any] | None, Any]":
    """Return the task while it is not done, so that no second one is sent after it, and its result; None without."""
    if not task.done():
        return task, None
    return None, None if task.cancelled() or task.exception() is not None else task.result()


def _age(at: datetime | None, now: datetime) -> float:
    return 0.0 if at is None else max(0.0, (now - at).total_seconds())
