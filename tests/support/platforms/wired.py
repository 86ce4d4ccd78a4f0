"""Everything but the platform, real and wired, on a clock that is moved by hand: for tests from end to end."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel.sql.sqltypes import UTCDateTime

from bot.app import with_taps
from bot.channels.base import Channel
from bot.clock import MovableClock
from bot.conversations.language_detector import LanguageDetector
from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.language_detection import BackgroundDetection
from bot.schedule.scheduler import Scheduler
from bot.schedule.second_reading import SecondReading
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.script.loader import library
from flows.script.model import Role
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.errors import StorageError
from storage.follow_up import timers
from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from tests.support import fresh
from tests.support.retelling import LOCALIZATIONS
from tests.support.small_reader import READER, WordEncoder

IDENTITY = AddressKeys(bytes(32))
_NEXT_TRY = "SELECT min(not_before) AS at FROM outbox WHERE status = 'queued' AND not_before > :now"


@dataclass
class House:
    """The bot without its `serve`: tests say when turns are taken, messages sent and timers looked at."""

    database: Database
    clock: MovableClock
    runtime: Runtime
    scheduler: Scheduler
    delivery: Delivery
    hearing: BackgroundDetection
    reading: SecondReading
    program_id: int
    activity_id: int | None
    alerts: list[tuple[str, str]]
    language: str | None = None
    """That of the invitations; None says nothing of it."""
    _tokens: Any = field(default_factory=count)

    async def settle(self) -> None:
        """Answer what came in and send what is ready; the clock moves to the next try of what failed."""
        while True:
            await self.runtime.drain()
            await self.hearing.drain()
            await self.delivery.drain()
            if await self.reading.drain():
                await self.delivery.drain()
            at = self.next_try()
            if at is None:
                return
            self.clock.set(at)

    def next_try(self) -> datetime | None:
        """When a message that could not be sent is tried again."""
        moment = sa.bindparam("now", type_=UTCDateTime)
        query = sa.text(_NEXT_TRY).bindparams(moment).columns(at=UTCDateTime)
        values = {"now": self.clock.now()}
        found: datetime | None = self.database.read_now(lambda c: c.execute(query, values).scalar())
        return found

    async def pass_time(
        self, until: datetime, *, before_last: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """
        Time goes by until a moment, with the scheduler at work whenever something is due.

        `before_last` is called when only what is due at that very moment is left.
        """
        while (due := self.database.read_now(timers.next_due)) is not None and due < until:
            self.clock.set(max(due, self.clock.now()))
            await self.scheduler.tick()
            await self.settle()
        if before_last is not None:
            await before_last()
        self.clock.set(until)
        await self.scheduler.tick()
        await self.settle()

    def token(self, flow: str, role: Role) -> str:
        """A new one-time invitation to a flow; its token."""
        token = f"Token-{next(self._tokens):026}"
        wanted = NewInvitation(
            program_id=self.program_id,
            role=role,
            flow=flow,
            source="test",
            activity_id=self.activity_id,
            language=self.language,
        )
        hashed, now = IDENTITY.token_hash(token), self.clock.now()
        self.database.write_now(lambda c: invitations.make_invitation(c, wanted, token_hash=hashed, now=now))
        return token

    def is_about(self, slug: str) -> None:
        """From now on people are invited to this event, or to review this piece of teaching."""
        self.activity_id = self.database.read_now(lambda c: programs.activity_id(c, self.program_id, slug))

    def rows(self, query: str, **values: Any) -> list[sa.Row[Any]]:
        """What a query finds."""
        text = sa.text(query)
        return list(self.database.read_now(lambda c: c.execute(text, values).all()))

    def count(self, query: str) -> int:
        """The one number that a query finds."""
        return int(self.rows(query)[0][0])

    def put_aside(self) -> list[str]:
        """Turns and timers that raised."""
        turns = self.rows("SELECT error FROM inbox WHERE error IS NOT NULL")
        fired = self.rows("SELECT reason FROM timer WHERE reason LIKE 'failed%'")
        return [row[0] for row in (*turns, *fired)]


@contextlib.asynccontextmanager
async def house(folder: Path, channel: Channel, at: datetime, *more: Channel) -> AsyncIterator[House]:
    """A house on this channel, and on more, with the example program loaded and nobody in it."""
    clock = MovableClock(at.astimezone(UTC))
    program, words = fresh.program()
    version = programs.program_hash(program, words)
    with fresh.database(folder / "said.sqlite", IDENTITY) as database:
        loaded = database.write_now(lambda c: programs.load(c, program, version, clock.now(), words))
        slug = program.activities[0].slug
        activity = database.read_now(lambda c: programs.activity_id(c, loaded.program_id, slug))
        channels = {one.name: one for one in (channel, *more)}
        options = RuntimeOptions(pick=Random(7).choice, localizations=LOCALIZATIONS)
        runtime = Runtime(database, library(), clock, with_taps(options, channels))
        alerts: list[tuple[str, str]] = []
        delivery = Delivery(
            database,
            channels,
            clock,
            DeliveryOptions(
                identity=IDENTITY,
                rates={},
                rng=Random(7),
                sleep=clock_sleep(clock),
                alert=lambda name, reason: alerts.append((name, reason)),
            ),
        )
        scheduler = Scheduler(database, runtime, clock, localizations=LOCALIZATIONS)
        hearing = BackgroundDetection(database, runtime, clock, _detector())
        reading = SecondReading(database, runtime, clock, WordEncoder(), reader=READER)
        parts = (database, clock, runtime, scheduler, delivery, hearing, reading)
        yield House(*parts, loaded.program_id, activity, alerts)


@cache
def _detector() -> LanguageDetector:
    """Return the one detector of all houses: reading its profiles takes longer than many a conversation."""
    return LanguageDetector(LOCALIZATIONS.enabled(library().values()))


def fail_once(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next thing that comes in cannot be stored: the disk is full, for a moment."""
    store = home.runtime._store

    def fail(*_: object) -> None:
        monkeypatch.setattr(home.runtime, "_store", store)
        raise StorageError("the disk is full")

    monkeypatch.setattr(home.runtime, "_store", fail)
