"""Let somebody try the program on this machine, in the terminal and on a page in a browser, by a clock that moves.

Both run on the parts that every other channel runs on, and by one clock: who moves it moves it for both.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.app import App
from bot.channels.base import Inbound
from bot.clock import MovableClock
from bot.durations import parse_duration, parse_moment
from bot.turns import loading
from flows.i18n.localized_program import translations_beside
from flows.program.loader import load_program, program_paths
from flows.program.model import ProgramFile
from flows.script.bounds import CENTURY_DAYS
from flows.script.roles import Role
from storage.follow_up import timers
from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs

FIRST_FLOW: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.PATIENT: "patient_interview",
        Role.HCP: "hcp_commitment",
        Role.EDUCATOR: "best_practice",
    }
)
"""What each role begins with."""
WHOM_TO_PLAY: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.PATIENT: "A patient, in an interview about care",
        Role.HCP: "A clinician, who says what they will change and is asked later whether they did",
        Role.EDUCATOR: "An education team, which tells how patients helped it to teach",
    }
)
"""What each role is, for whoever chooses one."""
FORTUNATE_WAIT: Final = timedelta(days=4)
"""How far the clock goes beyond the span asked for, to the next hour at which the program writes: the longest gap in
the usual window (Thursday evening to Monday noon) is less.
"""
FARTHEST: Final = timedelta(days=CENTURY_DAYS)
"""How far the clock goes at once: beyond the year 9999 there is no time at all."""


class ClockOutcome(StrEnum):
    """What became of a wish to move the clock."""

    MOVED = auto()
    MOVED_ON = auto()
    """It went on to the next hour at which the program writes, for else nothing would have come."""
    NOTHING_DUE = auto()
    """Nothing is to come, to which it could have moved."""
    NO_TIME = auto()
    """The words are not a time to come."""

    @property
    def is_moved(self) -> bool:
        """Whether the clock was moved."""
        return self in (ClockOutcome.MOVED, ClockOutcome.MOVED_ON)


@dataclass(frozen=True, slots=True)
class TryProgram:
    """The program in which somebody who tries takes part: its id in the database, and its file."""

    program_id: int
    program: ProgramFile


def example_program(connection: Connection, now: datetime) -> TryProgram:
    """Return the first program in the database; if there is none, load the shipped example and return that."""
    known = programs.list_all(connection)
    if known:
        return TryProgram(known[0].id, programs.program_file(connection, known[0].id))
    program = load_program(program_paths()[0])
    words = translations_beside(program_paths()[0], program)
    loaded = programs.load(connection, program, programs.program_hash(program, words), now, words)
    return TryProgram(loaded.program_id, program)


class TryMode:
    """Runs an app for those who try it: what they say is answered at once, and what is due comes as the clock is moved.

    One thing is done after the other, whoever asks for it; only what is read later on is read beside it.
    """

    def __init__(self, app: App, clock: MovableClock) -> None:
        self.app = app
        self._clock = clock
        self._at_work, self._at_reading = asyncio.Lock(), asyncio.Lock()
        self._stored, self._handled = asyncio.Event(), asyncio.Event()
        self._delivered = 0
        self._came_at: datetime | None = None
        self._heading: str | None = None

    def take_heading(self) -> str | None:
        """Return the moment at which the clock stands, in words, once for each; None while it is not being moved."""
        heading, self._heading = self._heading, None
        return heading

    async def get_ready(self) -> None:
        """Read the word lists ahead, in a thread: the first words that are typed would wait for that for a second."""
        await asyncio.to_thread(loading.settle)

    async def receive(self, inbounds: list[Inbound]) -> None:
        """Store what somebody did, and do all that comes of it."""
        await self.app.runtime.receive(inbounds)
        await self.settle()

    async def take(self, inbounds: list[Inbound]) -> None:
        """Store what somebody did on a page: `work` does what comes of it, and the page waits for its answer alone."""
        await self.app.runtime.receive(inbounds)
        self._stored.set()

    async def work(self) -> None:
        """Answer all that is taken, until cancelled."""
        while True:
            await self._stored.wait()
            self._stored.clear()
            async with self._at_work:
                await self._handle()
            self._handled.set()

    async def read_along(self) -> None:
        """Read again what was answered, until cancelled: that takes seconds at first, and keeps no answer waiting."""
        while True:
            await self._handled.wait()
            self._handled.clear()
            await self.settle()

    async def settle(self) -> None:
        """Handle turns and delivery until nothing is left of either, and then read again what was written.

        What the detection of languages and the second reader have to say of it comes after the reply, as it does where
        they work in the background.
        """
        async with self._at_work:
            await self._handle()
        while await self._read():
            async with self._at_work:
                await self._handle()

    async def catch_up(self) -> None:
        """Do what fell due since the last time."""
        async with self._at_work:
            await self.app.scheduler.tick()
            await self._settle()

    async def invite(self, role: Role) -> str:
        """Make an invitation for a role, and return its token."""
        return await self.app.database.write(lambda connection: self._invite(connection, role))

    async def move(self, text: str) -> ClockOutcome:
        """Move the clock to the moment that a text names, such as `+30d` or `next`.

        What is due on the way happens at its own time.
        """
        async with self._at_work:
            target = await self._target(text)
            if target is None:
                return ClockOutcome.NOTHING_DUE if _is_next(text) else ClockOutcome.NO_TIME
            self._came_at = None
            await self._run_until(target)
            if self._came_since(target - FORTUNATE_WAIT):
                return ClockOutcome.MOVED
            return ClockOutcome.MOVED_ON if await self._goes_on_to_open_hours() else ClockOutcome.MOVED

    def now(self) -> datetime:
        """Return the moment at which the clock stands, as it is where the program is."""
        return self._local(self._clock.now())

    async def next_due(self) -> datetime | None:
        """Return when something is due next, as it is where the program is; None for nothing."""
        due = await self._next_due()
        return None if due is None else self._local(due)

    def _invite(self, connection: Connection, role: Role) -> str:
        now = self._clock.now()
        place = example_program(connection, now)
        slugs = [activity.slug for activity in place.program.activities]
        new = NewInvitation(
            program_id=place.program_id,
            role=role,
            flow=FIRST_FLOW[role],
            source="terminal",
            activity_id=programs.activity_id(connection, place.program_id, slugs[0]) if slugs else None,
        )
        token = invitations.new_token()
        token_hash = self.app.database.identity.token_hash(token)
        invitations.make_invitation(connection, new, token_hash=token_hash, now=now)
        return token

    async def _settle(self) -> None:
        await self._handle()
        while await self._read():
            await self._handle()

    async def _handle(self) -> None:
        while True:
            handled = await self.app.runtime.drain()
            sent = await self.app.delivery.drain()
            self._delivered += sent
            self._came_at = self._clock.now() if sent else self._came_at
            if not handled and not sent:
                return

    async def _read(self) -> int:
        """Find languages, then read with the second reader, what is new; return how much that was."""
        async with self._at_reading:
            return await self.app.hearing.drain() or await self.app.reading.drain()

    def _came_since(self, moment: datetime) -> bool:
        return self._came_at is not None and self._came_at >= moment

    async def _target(self, text: str) -> datetime | None:
        now = self._clock.now()
        if _is_next(text):
            return await self._next_due()
        span = parse_duration(text.removeprefix("+"))
        moment = parse_moment(text)
        if span is not None:
            moment = now + span if span <= FARTHEST else None
        return moment if moment is not None and now < moment <= now + FARTHEST else None

    async def _next_due(self) -> datetime | None:
        return await self.app.database.read(timers.next_due)

    async def _run_until(self, target: datetime) -> None:
        """Move the clock to `target`, stopping at each moment at which something is due, and do it."""
        while (due := await self._next_due()) is not None and due <= target:
            if due > self._clock.now():
                self._clock.set(due)
            self._heading = in_words(self._local(self._clock.now()))
            if not await self.app.scheduler.tick():
                break
            await self._settle()
        self._heading = None
        if target > self._clock.now():
            self._clock.set(target)
        await self._settle()

    async def _goes_on_to_open_hours(self) -> bool:
        """Go on to the next hour at which the program writes, if it is near: nothing may have come for that reason.

        Return whether something came of it.
        """
        due = await self._next_due()
        if due is None or due > self._clock.now() + FORTUNATE_WAIT:
            return False
        before = self._delivered
        await self._run_until(due)
        return self._delivered > before

    def _local(self, moment: datetime) -> datetime:
        place = self.app.database.read_now(_first_program)
        return moment.astimezone(ZoneInfo(place.timezone if place is not None else "UTC"))


def in_words(moment: datetime) -> str:
    """Return a moment as it stands on the screen: `Tue 29 Dec 2026, 12:00`."""
    return f"{moment:%a %d %b %Y, %H:%M}"


def _is_next(text: str) -> bool:
    return text.strip().lower() == "next"


def _first_program(connection: Connection) -> ProgramFile | None:
    known = programs.list_all(connection)
    return programs.program_file(connection, known[0].id) if known else None
