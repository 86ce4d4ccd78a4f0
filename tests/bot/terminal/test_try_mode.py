"""Try mode: one clock for all, what comes as it moves, and nobody who waits for what is read later on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import build
from bot.channels.base import Inbound, InboundKind, Outbound
from bot.channels.terminal import TerminalChannel
from bot.clock import MovableClock
from bot.opening import open_database
from bot.settings.settings import Settings
from bot.terminal.try_mode import FIRST_FLOW, WHOM_TO_PLAY, ClockOutcome, TryMode
from flows.script.loader import library
from flows.script.roles import Role
from tests.support.said import COMMITMENT

SUNDAY = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


class Tried:
    """Try mode with one person, and what they were told."""

    def __init__(self, mode: TryMode, clock: MovableClock, told: list[Outbound]) -> None:
        self.mode, self.clock, self.told = mode, clock, told
        self._said = 0

    def does(self, kind: InboundKind, text: str) -> Inbound:
        """Something that the person does."""
        self._said += 1
        return Inbound(address="terminal:me", external_id=str(self._said), kind=kind, text=text)

    async def begins(self, role: Role) -> None:
        """The person opens an invitation."""
        await self.mode.receive([self.does(InboundKind.START, await self.mode.invite(role))])


@asynccontextmanager
async def tried(folder: Path) -> AsyncIterator[Tried]:
    """Try mode on a new database."""
    told: list[Outbound] = []

    class Kept(TerminalChannel):
        async def send(self, message: Outbound) -> str | None:
            told.append(message)

    settings = Settings(database=str(folder / "said.sqlite"))
    channel = Kept("me", read=None, write=None, command=None)
    clock = MovableClock(SUNDAY)
    with open_database(settings) as database:
        yield Tried(
            TryMode(build(settings, database, {channel.name: channel}, clock=clock), clock), clock, told
        )


def test_each_role_has_words_and_a_flow_to_begin_with():
    """Whoever chooses a role begins with a flow that is shipped."""
    assert set(WHOM_TO_PLAY) == set(FIRST_FLOW)
    assert set(FIRST_FLOW.values()) <= set(library())


async def test_the_clock_goes_on_to_what_comes(tmp_path):
    """A month brings the follow-up, at the program's own hours, and time stands where it came."""
    async with tried(tmp_path) as one:
        await one.begins(Role.HCP)
        for reply in COMMITMENT:
            await one.mode.receive([one.does(InboundKind.TEXT, reply)])
        one.told.clear()
        assert (await one.mode.move("+30d")).is_moved
        assert "Where is it now?" in one.told[-1].prompt.whole_text
        assert one.mode.now() >= SUNDAY + timedelta(days=29)
        due = await one.mode.next_due()
        assert due is not None
        assert await one.mode.move("next") is ClockOutcome.MOVED
        assert one.mode.now() >= due


@pytest.mark.parametrize(
    "text", ["", "nonsense", "2001-01-01", "-3d", "9999-12-31", "99999w99999w99999w99999w99999w"]
)
async def test_what_is_no_time_to_come_moves_nothing(tmp_path, text):
    """It is said; and so it is where nothing is due."""
    async with tried(tmp_path) as one:
        assert await one.mode.move(text) is ClockOutcome.NO_TIME
        assert await one.mode.move(" Next ") is ClockOutcome.NOTHING_DUE
        assert one.clock.now() == SUNDAY
        assert await one.mode.next_due() is None


async def test_an_answer_on_a_page_waits_for_no_second_reading(tmp_path, monkeypatch):
    """While earlier words are read again, which takes seconds at first, what is posted is answered."""
    async with tried(tmp_path) as one:
        reading, released = asyncio.Event(), asyncio.Event()

        async def slow() -> int:
            reading.set()
            await released.wait()
            return 0

        monkeypatch.setattr(type(one.mode.app.reading), "drain", lambda _self: slow())
        works = [asyncio.create_task(work) for work in (one.mode.work(), one.mode.read_along())]
        token = await one.mode.invite(Role.PATIENT)
        await one.mode.take([one.does(InboundKind.START, token)])
        await asyncio.wait_for(reading.wait(), 60)
        before = len(one.told)
        await one.mode.take([one.does(InboundKind.TEXT, "1")])
        async with asyncio.timeout(60):
            while len(one.told) == before:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        released.set()
        for work in works:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work


async def test_the_heading_is_taken_once(tmp_path):
    """What comes while the clock is moved stands under the moment at which it comes; else there is none."""
    async with tried(tmp_path) as one:
        assert one.mode.take_heading() is None
        await one.begins(Role.HCP)
        headings: list[str | None] = []
        channel = one.mode.app.channels["terminal"]
        keep = type(channel).send

        async def send(self: TerminalChannel, message: Outbound) -> str | None:
            headings.append(one.mode.take_heading())
            return await keep(self, message)

        type(channel).send = send
        await one.mode.move("+3d")
        assert headings
        assert headings[0] is not None
        assert one.mode.take_heading() is None
