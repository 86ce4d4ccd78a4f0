"""A bot with a small program behind it that serves the team's pages on this machine, for a browser of a test."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from bot.channels.base import Channel
from bot.clock import Clock
from bot.health.watch import HealthWatch
from bot.listeners import serving_all
from bot.settings.settings import Settings
from bot.simulation.run import Simulation, SimulationPlan
from bot.turns.runtime import Runtime
from flows.script.loader import library
from flows.script.model import Role
from storage.database.connection import Database
from storage.people import coordinators
from storage.people.coordinators import CoordinatorSettings
from storage.programs import programs
from storage.safety import samples
from storage.safety.samples import SamplePlan
from storage.schema import TeamRole
from storage.team import roles, sign_in
from storage.team.roles import GivenRole
from tests.support import fresh
from tests.support.turn_world import IDENTITY, MovableClock, World, make_runtime

T = TypeVar("T")

PLAN = SimulationPlan(patients=4, hcps=4, educators=0, months=1.6, seed=11)
WORDS = (
    ("eve", "I don't want to live any more"),
    ("fay", "Since I started the new tablets my hands shake so badly that I drop my cup."),
    ("gil", "They explained it twice, and the second time my daughter could ask her questions too."),
    ("ida", "Nobody told me whom to call at night. I sat there with the leaflet until the morning."),
)
"""What people of a small talk write, beside what those of the simulation do."""
HUMAN = "human"
DOUBTFUL = (
    ("joe", ["maybe blue"]),
    ("kim", ["purple is what I like, honestly", "red"]),
    ("lou", ["grean"]),
)
"""What people write who do not name the choice that they mean."""


@dataclass
class ServedBot:
    """The parts of a bot that serves nothing but the team's pages."""

    settings: Settings
    database: Database
    clock: Clock
    runtime: Runtime
    health: HealthWatch
    channels: Mapping[str, Channel] = field(default_factory=dict)


async def busy_world(folder: Path, plan: SimulationPlan = PLAN) -> World:
    """Two months of the example program, and some people who wrote last of all; one asked for a human being."""
    path, (program, _) = folder / "said.sqlite", fresh.program()
    with Database.open(path, identity=IDENTITY, durable=False, threads=False) as simulated:
        await Simulation(simulated, library(), program, plan).run(lambda _share: None)
    database = Database.open(path, identity=IDENTITY)
    clock = MovableClock(plan.end)
    [loaded] = database.read_now(programs.list_all)
    activity = database.read_now(lambda c: programs.activity_id(c, loaded.id, program.activities[0].slug))
    world = World(database, clock, make_runtime(database, clock), loaded.id, activity)
    for name, words in WORDS:
        person = world.someone(name)
        await person.start(world.token("small", role=Role.PATIENT))
        await person.say("red")
        await person.say(words)
    await world.someone("ida").say(HUMAN)
    for name, words in DOUBTFUL:
        person = world.someone(name)
        await person.start(world.token("small", role=Role.PATIENT))
        for line in words:
            await person.say(line)
    database.write_now(_draw_sample(clock.now()))
    return world


def _draw_sample(now: datetime) -> Callable[[Connection], int]:
    """A sample of the words in which no rule found anything, drawn by somebody of the team."""

    def draw(connection: Connection) -> int:
        coordinators.enrol(connection, "MAYA", token_hash=b"MAYA", now=now)
        by = coordinators.by_code(connection, "MAYA")
        return samples.draw(connection, SamplePlan(7, share=2), by=by, now=now)

    return draw


@dataclass
class ServedConsole:
    """The pages at `url`, and the world behind them, in a thread of its own."""

    world: World
    url: str
    loop: asyncio.AbstractEventLoop

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something in the thread of the bot."""

        async def done() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(120)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says."""

        async def read() -> list[tuple[Any, ...]]:
            return self.world.rows(query)

        return self.run(read)

    def link(self, code: str, *given: TeamRole) -> str:
        """A link that lets somebody in once, enrolled with these roles where they are not yet; the whole address."""
        token, now = coordinators.new_team_token(), self.world.clock.now()

        def work(connection: Connection) -> None:
            if coordinators.find_by_code(connection, code) is None:
                told = CoordinatorSettings(timezone="Europe/Berlin")
                coordinators.enrol(connection, code, token_hash=code.encode(), settings=told, now=now)
                who = coordinators.by_code(connection, code)
                roles.give_roles(connection, who, [GivenRole(one) for one in given], now)
            who = coordinators.by_code(connection, code)
            sign_in.make_link(connection, who.id, IDENTITY.token_hash(token), now)

        async def write() -> None:
            await self.world.database.write(work)

        self.run(write)
        return f"{self.url}/team/in/{token}"


@contextmanager
def served_console(folder: Path) -> Iterator[ServedConsole]:
    """Serve the pages of a busy world while the block runs."""
    ready: threading.Event = threading.Event()
    made: dict[str, Any] = {}

    async def serve() -> None:
        stop = asyncio.Event()
        world = await busy_world(folder)
        settings = Settings.model_validate({"console": {"port": 0}, "database": str(world.database.path)})
        watch = HealthWatch(world.database, world.clock, {})
        bot = ServedBot(settings, world.database, world.clock, world.runtime, watch)
        told: list[str] = []
        async with serving_all(bot, told.append):
            url = told[-1].partition(" at ")[2].partition("/team;")[0]
            made["stop"] = stop
            made["console"] = ServedConsole(world, url, asyncio.get_running_loop())
            ready.set()
            await stop.wait()
        world.database.close()

    def thread() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            made["error"] = error
            raise
        finally:
            ready.set()

    running = threading.Thread(target=thread, name="console", daemon=True)
    running.start()
    ready.wait(300)
    if "error" in made or "console" not in made:
        raise RuntimeError("the bot of the console did not start") from made.get("error")
    console: ServedConsole = made["console"]
    try:
        yield console
    finally:
        console.loop.call_soon_threadsafe(made["stop"].set)
        running.join(60)
