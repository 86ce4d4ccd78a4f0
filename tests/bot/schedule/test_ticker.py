"""The ticker: runs at even intervals by the time that passes, whatever is done to the machine's clock."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import ClassVar

import apscheduler.schedulers.base
import pytest

from bot.schedule import ticker
from bot.schedule.ticker import EvenInterval, Ticker
from tests.support.log_lines import logged_lines

EVERY = 0.05
PATIENCE = 20.0
"""Seconds that a busy machine may take."""
MANY = 1_000
"""Runs that nobody asked for: who counts so many counts all that were missed."""


class Wall(datetime):
    """The machine's clock, as somebody sets it."""

    ahead: ClassVar[timedelta] = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.ahead


@pytest.fixture(autouse=True)
def wall(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Wall]]:
    """What both the library and the ticker read."""
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Wall)
    monkeypatch.setattr(ticker, "datetime", Wall)
    yield Wall
    Wall.ahead = timedelta(0)


class Count:
    """Counts runs, and waits for more of them."""

    def __init__(self) -> None:
        self.runs = 0
        self._ran = asyncio.Event()

    async def run(self) -> None:
        self.runs += 1
        self._ran.set()

    async def more(self, runs: int = 3) -> None:
        for _ in range(runs):
            self._ran.clear()
            await asyncio.wait_for(self._ran.wait(), PATIENCE)


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(seconds=-30), timedelta(days=3650)])
async def test_it_goes_on_though_the_clock_is_set(wall: type[Wall], jump: timedelta) -> None:
    """Set back it is not silent for as long, and set ahead it goes on at its pace."""
    count = Count()
    ticking = Ticker(count.run, EVERY)
    await count.more()
    wall.ahead, before = jump, count.runs
    await count.more()
    await ticking.stop()
    assert count.runs >= before + 3


async def test_a_clock_ten_years_ahead_costs_nothing(
    wall: type[Wall], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No missed run is counted: at a run each second there would be 300 million."""
    count, asked = Count(), []
    next_run = EvenInterval.get_next_fire_time

    def counted(self: EvenInterval, previous: datetime | None, now: datetime) -> datetime | None:
        asked.append(now)
        return next_run(self, previous, now) if len(asked) < MANY else None  # None ends the job

    monkeypatch.setattr(EvenInterval, "get_next_fire_time", counted)
    ticking = Ticker(count.run, 1)
    await count.more(1)
    wall.ahead, before = timedelta(days=3650), len(asked)
    await count.more(1)
    await ticking.stop()
    assert len(asked) - before <= 2


async def test_a_stop_during_a_run_waits_for_its_end_and_logs_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever is under way comes to its end, and nothing is said of it."""
    ended: list[bool] = []
    begun = asyncio.Event()

    async def run() -> None:
        begun.set()
        await asyncio.sleep(0.1)
        ended.append(True)

    with caplog.at_level(logging.WARNING):
        ticking = Ticker(run, EVERY)
        await begun.wait()
        await ticking.stop()
    assert ended == [True]
    assert caplog.records == []


async def test_a_stop_at_once_logs_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """Before the first run has had a turn of the loop."""
    count = Count()
    with caplog.at_level(logging.WARNING):
        await Ticker(count.run, EVERY).stop()
    await asyncio.sleep(EVERY * 2)
    assert count.runs <= 1
    assert caplog.records == []


def test_a_loop_that_ends_during_a_run_tells_of_no_error() -> None:
    """Whatever ends the bot is told by itself; that a run was cut off by it is no news."""

    async def main() -> None:
        begun = asyncio.Event()

        async def run() -> None:
            begun.set()
            await asyncio.Event().wait()

        Ticker(run, EVERY)
        await begun.wait()

    with logged_lines("warning") as lines:
        asyncio.run(main())
        assert lines() == []


async def test_a_run_that_outlasts_its_interval_is_told() -> None:
    """In the form of all lines: who hangs is seen by that alone."""
    hanging, count = asyncio.Event(), Count()

    async def run() -> None:
        await count.run()
        await hanging.wait()

    with logged_lines("info") as lines:
        ticking = Ticker(run, EVERY)
        for _ in range(int(PATIENCE / EVERY)):
            await asyncio.sleep(EVERY)
            if lines():
                break
        hanging.set()
        await ticking.stop()
        told = lines()
    assert count.runs >= 1
    assert {one["level"] for one in told} == {"warning"}
    assert "maximum number of running instances reached" in told[0]["event"]


async def test_a_run_that_raises_is_followed_by_the_next() -> None:
    """Its rows are there still."""
    count = Count()

    async def run() -> None:
        await count.run()
        raise RuntimeError("broken")

    ticking = Ticker(run, EVERY)
    await count.more()
    await ticking.stop()
