"""A town in which what we begin is queued and handed over by a delivery, over a network that may fail."""

from datetime import datetime, timedelta

from bot.channels.base import ChannelDown, Inbound, InboundKind
from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.rechecks import OpenerRecheck
from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime, RuntimeOptions
from tests.support.fake_channel import FakeChannel
from tests.support.wave_world import MONDAY, Person, World, flows

QUESTION = "Ask about pain: where is it now?"
WEDNESDAY = datetime(2026, 4, 1, 13, 30, tzinfo=MONDAY.tzinfo)
"""30 days on, half past three in Vienna."""


class Town:
    """A world in which what is queued is carried to people, as long as the network is there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.channel = FakeChannel(world.clock.now, "terminal")
        world.runtime = Runtime(world.database, flows(), world.clock, RuntimeOptions(openers_wait=True))
        world.scheduler = Scheduler(world.database, world.runtime, world.clock)
        self.start()

    def start(self) -> None:
        """A new process takes up what there is."""
        self.delivery = Delivery(
            self.world.database,
            {"terminal": self.channel},
            self.world.clock,
            DeliveryOptions(recheck=OpenerRecheck(self.world.runtime), sleep=clock_sleep(self.world.clock)),
        )

    async def step(self) -> None:
        await self.world.scheduler.tick()
        await self.delivery.drain()

    async def pass_time(self, *, hours: float, every: float = 1) -> None:
        end = self.world.clock.now() + timedelta(hours=hours)
        while self.world.clock.now() < end:
            self.world.clock.move(timedelta(hours=every))
            await self.step()

    def network(self, *, is_there: bool) -> None:
        self.channel._errors.clear()
        if not is_there:
            self.channel.fail("*", *[ChannelDown("gone")] * 1000)

    def heard(self, person: Person) -> list[tuple[datetime, str]]:
        return [
            (call.at, call.text)
            for call in self.channel.delivered
            if call.message.address == f"terminal:{person.id - 1}"
        ]

    async def says(self, person: Person, text: str) -> None:
        number = len(self.world.column("SELECT id FROM inbox"))
        written = Inbound(
            address=f"terminal:{person.id - 1}", kind=InboundKind.TEXT, external_id=f"in-{number}", text=text
        )
        await self.world.runtime.receive([written])
        await self.world.runtime.drain()


def due(town: Town) -> Person:
    """Somebody whose first wave is due on Wednesday at half past three."""
    ann = town.world.person()
    ann.commit("Ask about pain")
    town.world.clock.set(WEDNESDAY)
    return ann


def contacts(town: Town) -> list[tuple[str, str, str]]:
    return town.world.story()
