"""Many people of one bot, in memory, round by round: the clock, restarts, and the walk from beginning to end."""

import asyncio
import math
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from bot.clock import MovableClock, ProcessorTimeLimit
from bot.conversations.sight import NO_READING_TIME, ReadingTime
from bot.delivery.results import decode_prompt
from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime, RuntimeOptions
from flows.script.model import Role
from storage.database.connection import Database
from storage.follow_up import timers
from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.schema import InvitationKind
from tests.support import fresh
from tests.support.retelling import LOCALIZATIONS
from tests.support.turn_world import IDENTITY, START, flows, opens
from tests.walks.evidence import Evidence, Shown
from tests.walks.kinds import Noise
from tests.walks.noise import ACTIONS, choose
from tests.walks.phone import Phone, Playground
from tests.walks.suspected import moment, second_reading
from tests.walks.walker import Walker
from tests.walks.world import Platform, chance_of

ROUND = timedelta(seconds=20)
QUICK_ROUND = timedelta(seconds=3)
"""Where questions need reading time: people are sometimes too quick for it."""
READING = timedelta(seconds=6)
MOST_ROUNDS = 140
LEAPS = (timedelta(hours=3), timedelta(hours=26), timedelta(days=4), timedelta(days=12), timedelta(days=32))
FLOWS = (
    ("small", Role.HCP, None),
    ("patient_interview", Role.PATIENT, None),
    ("hcp_commitment", Role.HCP, None),
    ("content_review", Role.PATIENT, "side_effect_slides"),
)
"""The scripts that are walked through, for whom, and what they are about."""


@dataclass(frozen=True, slots=True)
class TownPlan:
    """Which town: the seed decides all of it. `only` leaves the others out, `quiet` are steps without noise."""

    seed: str
    people: int = 100
    only: Collection[int] | None = None
    quiet: Collection[int] = ()

    @property
    def reads(self) -> bool:
        """Whether questions need reading time: in every third town."""
        return self.seed.endswith(("0", "3", "6", "9"))

    @property
    def countries(self) -> tuple[str, ...]:
        """Where the program says that people are: in every second town it may be several times there."""
        return ("GB", "US", "IN") if self.seed.endswith(("0", "2", "4", "6", "8")) else ("GB",)


@dataclass
class Town:
    """The bot, its platforms, and who writes to it."""

    plan: TownPlan
    database: Database
    evidence: Evidence
    clock: MovableClock
    platforms: Mapping[str, Playground]
    tokens: dict[str, str] = field(default_factory=dict)
    walkers: list[Walker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.evidence.database = self.database
        self._rounds = 0
        self.wake()
        self._chance = chance_of(self.plan.seed, "town")
        self._leaps = sorted(self._chance.sample(range(4, 60), 3))
        self._restarts = sorted(self._chance.sample(range(3, 90), 12))

    def wake(self) -> None:
        """Start the bot: nothing in memory is left of before."""
        pick = chance_of(self.plan.seed, "codes", self._rounds)
        reading = ReadingTime(READING) if self.plan.reads else NO_READING_TIME
        options = RuntimeOptions(
            pick=pick.choice,
            opens=opens,
            localizations=LOCALIZATIONS,
            reading=reading,
            edits=frozenset(name for name, one in self.platforms.items() if one.channel.edits),
            taken=self._taken,
            limit=no_limit,
        )
        self.runtime = Runtime(self.database, flows(), self.clock, options)
        self.runtime._dispatcher = self.evidence.watch(self.runtime._dispatcher)
        sending = DeliveryOptions(
            identity=IDENTITY,
            rates={},
            rng=chance_of(self.plan.seed, "sending", self._rounds),
            sleep=clock_sleep(self.clock),
        )
        channels = {name: platform.channel for name, platform in self.platforms.items()}
        self.delivery = Delivery(self.database, channels, self.clock, sending)
        self.scheduler = Scheduler(self.database, self.runtime, self.clock, localizations=LOCALIZATIONS)
        self.reading = second_reading(self.database, self.runtime, self.clock, self.evidence)

    def _taken(self, channel: str, external_id: str, toast: str | None) -> None:
        """A tap's turn is over: its platform answers it."""
        self.platforms[channel].channel.turn_taken(external_id, toast)

    async def restart(self) -> None:
        """Kill the bot with messages on their way, of which some have arrived, and start it again."""
        self.evidence.remark("", "the bot is killed and started again")
        await self.runtime.drain()
        await self.delivery._launch()
        await self._reads(self._chance.random() < 0.5)
        flights = dict(self.delivery._in_flight)
        for flight, head in flights.items():
            key = None if head.ask is None else (head.conversation_id or 0, head.ask)
            self.evidence.doubt(key, decode_prompt(head.payload).whole_text)
            if self._chance.random() < 0.5:
                flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        self.wake()
        self._count(Noise.RESTART)

    async def walk(self) -> None:
        """From the first link to the last follow-up."""
        await self._rounds_until_quiet(MOST_ROUNDS)
        for leap in LEAPS:
            await self._leap(leap)
            await self._rounds_until_quiet(40)
        await self.settle()

    async def settle(self) -> None:
        """Answer and send all that is left, whatever must wait."""
        for platform in self.platforms.values():
            platform.round += 100
        for _ in range(12):
            await self._bot()
            await self._reads(True)
            self.clock.move(timedelta(minutes=6))

    async def _rounds_until_quiet(self, most: int) -> None:
        for _ in range(most):
            await self.round()
            if all(walker.is_done for walker in self.walkers):
                return

    async def round(self) -> None:
        """Everybody does something or nothing, and the bot answers."""
        self._rounds += 1
        for platform in self.platforms.values():
            platform.round = self._rounds
        for walker in self.walkers:
            await walker.step()
        if self._rounds in self._leaps:
            await self._leap(
                self._chance.choice((timedelta(minutes=20), timedelta(hours=25), timedelta(days=3)))
            )
        if self._rounds in self._restarts:
            await self.restart()
        await self._bot()
        self.clock.move(QUICK_ROUND if self.plan.reads else ROUND)

    async def _bot(self) -> None:
        """Answer and send; somewhere in between the second reader reads, or not before the next round."""
        reads = moment(chance_of(self.plan.seed, "second reader", self._rounds), 4)
        for platform in self.platforms.values():
            await platform.hand_over(self.runtime.receive)
        await self._reads(reads == 0)
        await self.runtime.drain()
        await self._reads(reads == 1)
        await self.delivery.drain()
        await self._reads(reads == 2)
        due = self.database.read_now(timers.next_due)
        if due is not None and due <= self.clock.now():
            await self.scheduler.tick()
            await self._reads(reads == 3)
        await self.delivery.drain()

    async def _reads(self, now: bool) -> None:
        """What was stored is read once more, if it is so decided."""
        if now:
            await self.reading.drain()

    async def _leap(self, by: timedelta) -> None:
        """Time goes by, and all that comes due in it is done at its hour."""
        until = self.clock.now() + by
        self.evidence.remark("", f"{by} go by")
        while (due := self.database.read_now(timers.next_due)) is not None and due < until:
            self.clock.set(max(due, self.clock.now()) + timedelta(minutes=5))
            await self.scheduler.tick()
            await self.delivery.drain()
            if self.clock.now() >= until:
                break
        self.clock.set(max(until, self.clock.now()))
        self._count(Noise.CLOCK)

    def _count(self, noise: Noise) -> None:
        """Noise that meets everybody who is in the middle of something."""
        self.evidence.noises[noise] += sum(not walker.is_done for walker in self.walkers) or 1


def no_limit() -> ProcessorTimeLimit:
    """A time that is never over: with one, a busy machine would hold turns that a quiet one takes at once."""
    return ProcessorTimeLimit(math.inf)


async def _noise_of(one: Walker) -> Noise | None:
    """Make some noise; None where that kind cannot be now."""
    noise = choose(one)
    return noise if await ACTIONS[noise](one) else None


Makes = Callable[[Evidence, MovableClock], Mapping[str, Playground]]
"""Makes the platforms of a town, by their names."""


def in_memory(evidence: Evidence, clock: MovableClock) -> Mapping[str, Playground]:
    """Both platforms, in memory."""
    return {name: Platform(name, evidence, clock) for name in ("telegram", "slack")}


@contextmanager
def town(plan: TownPlan, make: Makes = in_memory) -> Iterator[Town]:
    """A town with everybody in it, before the first round."""
    folder = Path(tempfile.mkdtemp(prefix="said-walks-"))
    try:
        path = folder / "said.sqlite"
        shutil.copyfile(empty_database(), path)
        with Database.open(path, identity=IDENTITY, durable=False, threads=False) as database:
            clock = MovableClock(START)
            evidence = Evidence(clock.now)
            made = Town(plan, database, evidence, clock, make(evidence, clock))
            made.tokens = invite(database, plan, clock.now())
            for number in range(1, plan.people + 1):
                if plan.only is None or number in plan.only:
                    made.walkers.append(person_of(made, number))
            yield made
    finally:
        shutil.rmtree(folder)


def person_of(made: Town, number: int) -> Walker:
    seed, name = made.plan.seed, f"person {number}"
    first = chance_of(seed, number, "first")
    names = list(made.platforms)
    first.shuffle(names)
    flow = first.choice(FLOWS)[0]

    def phone(platform: str) -> Phone:
        chat = made.platforms[platform].phone(number)
        made.evidence.person_at(chat.address, name, IDENTITY.lookup(chat.address))
        return chat

    def strangers() -> list[Shown]:
        other = made.walkers[(number * 7) % len(made.walkers)]
        return other.phone.keyboards if other.number != number else []

    def draw(step: int) -> Random:
        return chance_of(seed, number, step)

    return Walker(
        name=name,
        number=number,
        token=made.tokens[flow],
        evidence=made.evidence,
        phones=[phone(names[0])],
        make_phone=(lambda: phone(names[1])) if len(names) > 1 else None,
        strangers=strangers,
        make_noise=_noise_of,
        draw=draw,
        quiet=made.plan.quiet,
    )


def invite(database: Database, plan: TownPlan, now: datetime) -> dict[str, str]:
    """Load the example program, and make a link for many to each script; the tokens by the scripts' names."""
    example, words = fresh.program()
    program = example.model_copy(update={"countries": plan.countries})
    loaded = database.write_now(
        lambda c: programs.load(c, program, programs.program_hash(program, words), now, words)
    )
    tokens = {}
    for flow, role, about in FLOWS:
        slug = about or program.activities[0].slug
        activity = database.read_now(lambda c, slug=slug: programs.activity_id(c, loaded.program_id, slug))
        token = f"walk-{flow.replace('_', '-')}-0123456789"
        new = NewInvitation(
            program_id=loaded.program_id,
            role=role,
            flow=flow,
            source="walk",
            activity_id=activity,
            kind=InvitationKind.GROUP,
        )
        hashed = IDENTITY.token_hash(token)
        database.write_now(
            lambda c, new=new, hashed=hashed: invitations.make_invitation(c, new, token_hash=hashed, now=now)
        )
        tokens[flow] = token
    return tokens


@cache
def empty_database() -> Path:
    """A database with nothing in it, made once in a process and copied."""
    path = Path(tempfile.mkdtemp(prefix="said-walks-")) / "empty.sqlite"
    Database.open(path, identity=IDENTITY).close()
    return path
