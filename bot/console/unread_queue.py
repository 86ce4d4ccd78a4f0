"""Keep the queue of unread texts at hand: counted at once where it is short, else beside the bot, now and then.

Among a million answers of which nobody has read any, to order the queue takes seconds of the processor. The bot has
conversations to answer meanwhile, so that a process of its own does it, as `said read list`, and pages show what it
found last, with its time. What was read since is passed over when it is shown.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.settings.settings import Settings
from flows.safety.reading import ReadingClass
from storage.database.connection import Database
from storage.programs import programs
from storage.safety import unread_texts
from storage.safety.text_signals import TextSource, how_far
from storage.schema import ANSWER, REMARK, TextPlaceName

log = structlog.get_logger(__name__)

AT_HAND: Final = 200
"""Texts whose order is kept."""
SHORT: Final = 2_000
"""So many rows since the last one that everybody has read are counted at once."""
FRESH_FOR: Final = timedelta(minutes=1)
LONGEST_SECONDS: Final = 300.0
_Wanted = tuple[str | None, ReadingClass | None]
"""A program by its short name, or all; one class of texts, or all."""


@dataclass(frozen=True, slots=True)
class QueuedText:
    """A text in the queue: what holds it, by when it is to be read, and what was noticed in it."""

    source: TextSource
    due_at: datetime
    reading_class: ReadingClass
    is_late: bool


@dataclass(frozen=True, slots=True)
class UnreadQueue:
    """The queue as it was at a moment: how many texts nobody had read, how many of them for a business day, the first.

    The `counts` are by class.
    """

    counts: Mapping[ReadingClass, int]
    overdue: Mapping[ReadingClass, int]
    texts: tuple[QueuedText, ...]
    at: datetime

    @property
    def total(self) -> int:
        """Return how many there were."""
        return sum(self.counts.values())

    @property
    def total_overdue(self) -> int:
        """Return how many were older than one business day."""
        return sum(self.overdue.values())


class UnreadQueues:
    """The queues of a bot's programs, each counted anew when it is asked for and older than a minute."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._kept: dict[_Wanted, UnreadQueue] = {}
        self._counting: dict[_Wanted, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def of(self, program: str | None, only: ReadingClass | None = None) -> UnreadQueue | None:
        """Return the queue of a program, by its short name, or (None) of all; None while it is counted first.

        Its texts are those of one class, or (None) of any; its counts are of all.
        """
        now, wanted = self._clock.now(), (program, only)
        if await self._database.read(_is_short):
            return await self._database.read(partial(_count, wanted=wanted, now=now))
        kept = self._kept.get(wanted)
        if (kept is None or abs(now - kept.at) > FRESH_FOR) and wanted not in self._counting:
            task = asyncio.create_task(self._count_beside(wanted, now))
            self._counting[wanted] = task
            task.add_done_callback(lambda _task: self._counting.pop(wanted, None))
        return kept

    def forget(self, program: str | None, only: ReadingClass | None = None) -> None:
        """Have a queue counted anew the next time: what was at hand of it is read."""
        self._kept.pop((program, only), None)

    async def close(self) -> None:
        """Stop what is being counted."""
        for task in [*self._counting.values()]:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _count_beside(self, wanted: _Wanted, now: datetime) -> None:
        """Count a queue in a process of its own, one at a time, and keep it."""
        program, only = wanted
        named = [] if program is None else ["--program", program]
        named += [] if only is None else ["--class", only.value]
        command = (sys.executable, "-m", "bot", "read", "list", "--json", "--limit", str(AT_HAND), *named)
        key = self._settings.key_file
        environment = {**os.environ, "SAID_DATABASE": str(self._database.path)}
        if key is not None:
            environment["SAID_KEY_FILE"] = str(key.expanduser())
        if self._settings.source is not None:
            environment["SAID_CONFIG"] = str(self._settings.source.resolve())
        async with self._one_at_a_time:
            process = await asyncio.create_subprocess_exec(
                *command,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                async with asyncio.timeout(LONGEST_SECONDS):
                    out, _ = await process.communicate()
            except TimeoutError:
                out = b""
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode == 0:
            self._kept[wanted] = read_queue(json.loads(out), now)
        else:
            log.error("unread_not_counted", code=process.returncode)


def read_queue(told: Mapping[str, Any], at: datetime) -> UnreadQueue:
    """Read what `said read list --json` prints."""
    return UnreadQueue(
        counts={ReadingClass(name): int(number) for name, number in told["unread"].items()},
        overdue={ReadingClass(name): int(number) for name, number in told["over_one_business_day"].items()},
        texts=tuple(
            QueuedText(
                source,
                datetime.fromisoformat(one["due_at"]),
                ReadingClass(one["reading_class"]),
                bool(one["is_late"]),
            )
            for one in told["texts"]
            for source in (TextSource.read(one["source"]),)
            if source is not None
        ),
        at=at,
    )


def _is_short(connection: Connection) -> bool:
    """Return whether few rows were stored since the last one below which nothing is unread."""
    read = how_far(connection, TextPlaceName.READ)
    newest = [connection.scalar(sa.select(sa.func.max(table.c.id))) or 0 for table in (ANSWER, REMARK)]
    return (newest[0] - read.answer) + (newest[1] - read.remark) <= SHORT


def _count(connection: Connection, *, wanted: _Wanted, now: datetime) -> UnreadQueue:
    program, only = wanted
    row = None if program is None else programs.find(connection, program)
    number = None if row is None else row.id
    figures = unread_texts.figures(connection, now, program=number)
    texts = unread_texts.unread(connection, now, program=number, limit=AT_HAND, only=only)
    queued = tuple(QueuedText(one.source, one.due_at, one.reading_class, one.is_late) for one in texts)
    return UnreadQueue(figures.unread, figures.overdue, queued, now)
