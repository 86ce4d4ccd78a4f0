"""A house that people leave: everything that sends, and every byte that is left."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.scheduler import Scheduler
from storage.follow_up import timers
from tests.support.fake_channel import FakeChannel
from tests.support.turn_world import IDENTITY, World, make_world


@dataclass
class House:
    """A world with everything that sends, in a folder of its own."""

    world: World
    channel: FakeChannel
    delivery: Delivery
    scheduler: Scheduler

    async def time_passes(self, *, days: int, step: int = 1) -> None:
        """The scheduler ticks whenever something is due, so also at the hours at which people may be written to,
        and every so many days.
        """
        for _ in range(0, days, step):
            await self._until(self.world.clock.now() + timedelta(days=step))

    async def _until(self, end: datetime) -> None:
        database, clock = self.world.database, self.world.clock
        while clock.now() < end:
            due = database.read_now(timers.next_due)
            clock.set(end if due is None else min(end, max(due, clock.now())))
            await self.scheduler.tick()
            await self.delivery.drain()


def make_house(folder: Path) -> House:
    world = make_world(folder)
    channel = FakeChannel(world.clock.now, name="terminal")
    delivery = Delivery(
        world.database,
        {"terminal": channel},
        world.clock,
        DeliveryOptions(identity=IDENTITY, sleep=clock_sleep(world.clock)),
    )
    return House(world, channel, delivery, Scheduler(world.database, world.runtime, world.clock))


def all_bytes(folder: Path) -> bytes:
    """The database file, and its write-ahead log where there is one."""
    return b"".join(path.read_bytes() for path in folder.iterdir())
