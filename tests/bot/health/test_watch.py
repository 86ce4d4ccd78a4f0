"""How a bot stands: what makes it not ready, what makes it not live, and what each look costs."""

import asyncio
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bot.channels.hearing import PlatformHearing
from bot.health import service_manager
from bot.health.watch import HealthTrouble, HealthWatch
from storage.errors import DatabaseUnwritable
from tests.support.turn_world import make_world


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


def watch(world, seconds: Seconds, **channels) -> HealthWatch:
    return HealthWatch(world.database, world.clock, channels, monotonic=seconds, patience_seconds=0.3)


async def test_a_bot_that_is_well(world):
    """Nothing waits, the channel was heard: live and ready. One that cannot tell is not asked."""
    seconds = Seconds()
    heard = SimpleNamespace(hearing=PlatformHearing(timedelta(seconds=60), seconds))
    report = await watch(world, seconds, telegram=heard, terminal=SimpleNamespace()).report()
    assert (report.is_live, report.is_ready, list(report.channels)) == (True, True, ["telegram"])


async def test_a_channel_that_hears_nothing(world):
    """Beyond its time it is a trouble; the bot stays live, since ending it would not help. It comes back by itself."""
    seconds = Seconds()
    hearing = PlatformHearing(timedelta(seconds=60), seconds)
    health = watch(world, seconds, telegram=SimpleNamespace(hearing=hearing))
    seconds.now = 61
    report = await health.report()
    assert (report.is_live, report.troubles) == (True, (HealthTrouble.CHANNEL_SILENT,))
    hearing.heard()
    seconds.now += 3
    assert (await health.report()).is_ready


async def test_a_message_that_nobody_answers(world):
    """After five minutes without an answer the bot is not ready."""
    await world.runtime.receive([world.someone().inbound("text", text="hello")])
    seconds = Seconds()
    health = watch(world, seconds)
    assert (await health.report()).is_ready
    world.clock.move(timedelta(minutes=6))
    seconds.now = 3
    report = await health.report()
    assert report.troubles == (HealthTrouble.MESSAGE_UNANSWERED,)
    assert report.oldest_seconds == 360


async def test_a_writer_that_hangs_is_seen_once(world):
    """The answer comes in time all the same, and however often it is asked no more than one question waits."""
    seconds, free = Seconds(), threading.Event()
    hanging = asyncio.create_task(world.database.write(lambda _c: free.wait(10)))
    health = watch(world, seconds)
    try:
        for moment in range(0, 12, 3):
            seconds.now = moment
            report = await health.report()
            assert (report.is_live, report.troubles) == (True, (HealthTrouble.DATABASE_UNWRITABLE,))
        assert world.database._writer._work_queue.qsize() == 1
    finally:
        free.set()
        await hanging
    seconds.now = 100
    await health.report()
    seconds.now = 200
    assert (await health.report()).is_ready


async def test_a_database_that_cannot_be_read_ends_the_life(world, monkeypatch):
    """Nothing is known then, and no figure is made up; the watchdog hears nothing any more."""
    told = []
    monkeypatch.setattr(service_manager, "notify", told.append)
    monkeypatch.setattr(service_manager, "watchdog_seconds", lambda: 0.01)
    seconds = Seconds()
    health = watch(world, seconds)
    running = asyncio.create_task(health.run())
    await asyncio.sleep(0.3)
    assert set(told) == {"WATCHDOG=1"}

    def broken(_work):
        raise DatabaseUnwritable(world.database.path, "is gone", "put it back")

    monkeypatch.setattr(world.database, "_reading", broken)
    seconds.now = 3
    report = await health.report()
    assert (report.is_live, report.figures) == (False, None)
    told.clear()
    await asyncio.sleep(0.1)
    running.cancel()
    assert told == []


async def test_many_who_ask_are_one_look(world, monkeypatch):
    """Whatever comes in within two seconds is answered from the same look."""
    looks = []
    read = world.database.read
    monkeypatch.setattr(world.database, "read", lambda work: (looks.append(work), read(work))[1])
    health = watch(world, Seconds())
    await asyncio.gather(*(health.report() for _ in range(50)))
    assert len(looks) == 1
