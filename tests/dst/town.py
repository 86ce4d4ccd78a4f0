"""One bot with its people, months long: it dies and is started again, and nothing of it may be lost."""

import asyncio
import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count, pairwise
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.clock import MovableClock
from bot.delivery.results import decode_prompt
from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.rechecks import OpenerRecheck
from bot.schedule.scheduler import Scheduler
from bot.turns.runtime import Runtime, RuntimeOptions
from bot.turns.turn_budget import ORDINARY
from storage.conversations import outbox
from storage.database.connection import Database
from storage.errors import StorageError
from storage.follow_up import timers
from tests.dst import witness
from tests.dst.faults import Counts, Fault
from tests.dst.mortal import Death, Life, MortalDatabase
from tests.dst.platform import HARD, QUIET, FaultyChat, FaultyPlatform, Rates
from tests.support.retelling import LOCALIZATIONS
from tests.support.turn_world import IDENTITY, flows, opens
from tests.walks.evidence import Evidence
from tests.walks.suspected import second_reading
from tests.walks.town import TownPlan, empty_database, invite, no_limit, person_of
from tests.walks.walker import Walker
from tests.walks.world import chance_of

T = TypeVar("T")
SHARED_MEMORY = Path("/dev/shm")
"""Where the files stand, if the system has it: nobody waits for their disk."""
ROUND = timedelta(seconds=20)
MOST_ROUNDS = 140
AFTER_A_LEAP = 40
STARTS = (
    datetime(2026, 2, 2, 9, 0, tzinfo=UTC),
    datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    datetime(2026, 7, 13, 9, 0, tzinfo=UTC),
    datetime(2026, 9, 7, 9, 0, tzinfo=UTC),
)
"""When towns begin: clocks change in the months that follow, in the one direction or the other."""


WHOLE = 100
"""People of a town of a whole run; a smaller one has a harder life, so that all that goes wrong is met in it."""
DAYS = 128


@dataclass(frozen=True, slots=True)
class LifePlan:
    """Which town, and how hard its life is: the seed decides all of it.

    `dying` is the rate of deaths and faults of the disk, 0 for none of them.
    """

    seed: str
    people: int = WHOLE
    days: int = DAYS
    dying: float = 0.01
    rates: Rates = field(default_factory=Rates)
    quiet: Collection[int] = ()
    """The steps of people at which nothing else happens."""


def plan_of(seed: str, people: int = WHOLE, days: int = DAYS) -> LifePlan:
    """The plan of a town. A seed names its people, too, where they are not as many as in a whole run: 7/31/30."""
    run, town, *named = seed.split("/")
    people = int(named[0]) if named else people
    if people >= WHOLE:
        return LifePlan(f"{run}/{town}" if people == WHOLE else f"{run}/{town}/{people}", people, days)
    return LifePlan(f"{run}/{town}/{people}", people, days, dying=0.03, rates=HARD)


class HardTown:
    """The bot, life after life, its platforms, and who writes to it."""

    def __init__(self, plan: LifePlan, folder: Path, counts: Counts) -> None:
        self.plan = plan
        self.counts = counts
        self.walk = TownPlan(plan.seed, plan.people)
        self.chance = chance_of(plan.seed, "hard")
        self.start = self.chance.choice(STARTS)
        self.clock = MovableClock(self.start)
        self.evidence = Evidence(self.true_time)
        self.platforms = {
            name: FaultyPlatform(
                name,
                self.evidence,
                self.clock,
                chance=chance_of(plan.seed, name),
                rates=plan.rates,
            )
            for name in ("telegram", "slack")
        }
        self.walkers: list[Walker] = []
        self.tokens: dict[str, str] = {}
        self._folder = folder
        self._numbers = count(1)
        self._rounds = 0
        self._wrong_until = 0
        """The round in which somebody sets the clock right; 0 where it is right."""
        self.lives = 0
        self.quiet = False
        """Whether nothing more goes wrong: what is left is to be brought to its end."""

    def true_time(self) -> datetime:
        """The time that it is, whatever the bot's clock says."""
        return self.start + self.clock.passed()

    def found(self) -> None:
        """Make the town's database, with the program loaded and an invitation to each script, and its people."""
        path = self._path()
        shutil.copyfile(empty_database(), path)
        with Database.open(path, identity=IDENTITY, durable=False, threads=False) as database:
            self.tokens = invite(database, self.walk, self.start)
        with closing(sqlite3.connect(path)) as connection:
            witness.install(connection)
        self._at = path
        for number in range(1, self.plan.people + 1):
            self.walkers.append(person_of(self, number))  # type: ignore[arg-type]

    def _path(self) -> Path:
        return self._folder / f"life-{next(self._numbers)}.sqlite"

    # Lives.

    def wake(self) -> None:
        """Start the bot on the files as they are: nothing in memory is left of before."""
        self.lives += 1
        seed, number = self.plan.seed, self.lives
        self.life = Life(
            chance_of(seed, "life", number), self.counts, rate=0 if self.quiet else self.plan.dying
        )
        self.database = MortalDatabase.alive(self._at, self.life)
        self.evidence.database = self.database
        self._doubt_what_was_on_its_way()
        next_path = self._path()

        def leave() -> None:
            self.database.leave(next_path)
            self._at = next_path

        self.life.at_death = leave
        for platform in self.platforms.values():
            platform.life = self.life
            if self.quiet:
                platform.rates, platform.revoked_until = QUIET, 0
        of_turns = RuntimeOptions(
            pick=chance_of(seed, "codes", number).choice,
            opens=opens,
            localizations=LOCALIZATIONS,
            edits=frozenset(self.platforms),
            taken=self._taken,
            limit=no_limit,
            budget=ORDINARY,
            openers_wait=True,
        )
        self.runtime = Runtime(self.database, _flows(), self.clock, of_turns)
        self.runtime._dispatcher = self.evidence.watch(self.runtime._dispatcher)  # type: ignore[assignment]
        sending = DeliveryOptions(
            identity=IDENTITY,
            rates={},
            rng=chance_of(seed, "sending", number),
            sleep=clock_sleep(self.clock),
            localizations=LOCALIZATIONS,
            wakeups=self.runtime.wakeups,
            recheck=OpenerRecheck(self.runtime),
            alert=_heard,
        )
        self.delivery = Delivery(self.database, self.platforms, self.clock, sending)
        self.scheduler = Scheduler(self.database, self.runtime, self.clock, localizations=LOCALIZATIONS)
        self.scheduler.has_room = self.delivery.has_room
        self.scheduler.ask_for_absence()
        self.reading = second_reading(self.database, self.runtime, self.clock, self.evidence)

    def _doubt_what_was_on_its_way(self) -> None:
        """Note the sendings of which the last life was not told what became of them."""
        query = "SELECT conversation_id, ask, payload FROM outbox WHERE status = 'sending' ORDER BY id"
        for conversation, ask, payload in self.database.read_now(lambda c: c.exec_driver_sql(query).all()):
            key = None if ask is None else (conversation or 0, ask)
            self.evidence.doubt(key, decode_prompt(payload).whole_text)

    def _taken(self, channel: str, external_id: str, toast: str | None) -> None:
        self.platforms[channel].turn_taken(external_id, toast)

    async def does(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Have the bot do something; None where it dies of it, or its disk fails it: it goes on another time."""
        task = asyncio.ensure_future(work)
        await asyncio.wait({task, self.life.over}, return_when=asyncio.FIRST_COMPLETED)
        if not self.life.over.done():
            try:
                return task.result()
            except StorageError:
                self.counts.figures["troubles that the bot waited out"] += 1
                return None
            except Death:
                pass
        await self._bury()
        self.wake()
        return None

    async def _bury(self) -> None:
        """Drop all objects of the life that is over."""
        this = asyncio.current_task()
        left = [task for task in asyncio.all_tasks() if task is not this]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self.evidence.remark("", "the process dies")
        self.database.bury()

    # Days.

    async def live(self) -> None:
        """From the first link to the last follow-up: talks, and between them hours and days go by."""
        asyncio.get_running_loop().set_exception_handler(_tell_but_death)
        self.wake()
        await self.does(self.scheduler.tick())  # as a start does
        await self._rounds_until_quiet(MOST_ROUNDS)
        ends = timedelta(days=self.plan.days)
        while self.clock.passed() < ends:
            await self._leap(timedelta(hours=self.chance.choice((3, 9, 26, 50, 97))))
            await self._rounds_until_quiet(AFTER_A_LEAP)
        await self.settle()
        self._count()

    async def settle(self) -> None:
        """Nothing goes wrong any more: answer and send all that is left, whatever must wait."""
        self.quiet = True
        self._set_right()
        self.life.at_death()
        self.life.over.set_result(None)
        await self._bury()
        self.wake()
        for platform in self.platforms.values():
            platform.round += 100
            for chat in platform.chats.values():
                if isinstance(chat, FaultyChat) and chat.blocked:
                    chat.unblock()
        for _ in range(14):
            await self._bot()
            self._pass(timedelta(minutes=13))
        for _ in range(24):  # openers wait for somebody's morning
            if not await self.does(self.database.read(_anything_waits)):
                return
            self._pass(timedelta(hours=1))
            await self._bot()

    async def _rounds_until_quiet(self, most: int) -> None:
        for _ in range(most):
            await self.round()
            if all(walker.is_done and not walker._has_news() for walker in self.walkers):
                return

    async def round(self) -> None:
        """Everybody does something or nothing, and the bot answers."""
        self._rounds += 1
        for platform in self.platforms.values():
            platform.round = self._rounds
            for chat in platform.chats.values():
                if isinstance(chat, FaultyChat) and chat.blocked and self.chance.random() < 0.05:
                    chat.unblock()
        for walker in self.walkers:
            await walker.step()
        self._mind_the_clock()
        await self._bot()
        self._pass(ROUND)

    async def _bot(self) -> None:
        """Hear, answer and send, and do what is due."""
        is_idle = self._rounds % 2 and not self.quiet  # a bot that nobody wakes looks every half minute
        for platform in self.platforms.values():
            if platform.has_news():
                is_idle = False
                await self.does(platform.hand_over(self.runtime.receive))
        if is_idle:
            return
        await self.does(self.runtime.drain())
        if self.chance.random() < 0.5:
            await self.does(self.reading.drain())
        await self.does(self.delivery.drain())
        due = await self.does(self.database.read(timers.next_due))
        if due is not None and due <= self.clock.now():
            await self.does(self.scheduler.tick())
            await self.does(self.delivery.drain())

    async def _leap(self, by: timedelta) -> None:
        """Time goes by, and what comes due in it is done at its hour."""
        self._set_right()
        self.evidence.remark("", f"{by} go by")
        until = self.clock.passed() + by
        while self.clock.passed() < until:
            due = await self.does(self.database.read(timers.next_due))
            left = until - self.clock.passed()
            ahead = left if due is None else max(timedelta(0), due - self.clock.now()) + timedelta(minutes=5)
            if ahead >= left:
                self._pass(left)
                return
            self._pass(ahead)
            await self.does(self.scheduler.tick())
            await self._send_patiently()

    async def _send_patiently(self) -> None:
        """Send what is due, and what must be tried again within a quarter of an hour."""
        for wait in (20, 300, 700):
            await self.does(self.delivery.drain())
            if not await self.does(self.database.read(outbox.unsent)):
                return
            self._pass(timedelta(seconds=wait))

    # The clock.

    def _pass(self, by: timedelta) -> None:
        self.clock.move(by)

    def _mind_the_clock(self) -> None:
        """Somebody sets the machine's clock wrong, and after some rounds right again."""
        if self._wrong_until and self._rounds >= self._wrong_until:
            self._set_right()
        elif not self._wrong_until and self.plan.dying and self.chance.random() < 0.04:
            by = timedelta(minutes=self.chance.choice((1, 10, 50, 61, 180, 60 * 30, 60 * 24 * 400)))
            if self.chance.random() < 0.5:
                by = -min(by, timedelta(days=2))
            self._jump(by)
            self._wrong_until = self._rounds + self.chance.randint(1, 12)

    def _set_right(self) -> None:
        self._wrong_until = 0
        wrong = self.true_time() - self.clock.now()
        if wrong:
            self._jump(wrong)

    def _jump(self, by: timedelta) -> None:
        self.counts.faults[Fault.AHEAD if by > timedelta(0) else Fault.BACK] += 1
        self.evidence.remark("", f"the clock is set by {by}")
        self.clock.jump(by)

    # What came of it.

    def _count(self) -> None:
        figures, evidence = self.counts.figures, self.evidence
        days = self.clock.passed() / timedelta(days=1)
        figures["person-days"] += round(len(self.walkers) * days)
        figures["people"] += len(self.walkers)
        figures["messages of people"] += len(evidence.done)
        figures["of these noise"] += sum(done.noise is not None for done in evidence.done)
        figures["messages of the bot shown"] += sum(len(screen) for screen in evidence.screens.values())
        figures["turns"] += len(evidence.turns)
        figures["lives"] += self.lives
        for platform in self.platforms.values():
            figures["updates acknowledged"] += len(platform.acknowledged)
            for chat in platform.chats.values():
                if isinstance(chat, FaultyChat) and chat.is_slack and evidence.screens[chat.address]:
                    self.counts.faults[Fault.CHANGE_OF_CLOCKS] += _changes(
                        chat.zone, self.start, self.true_time()
                    )

    def at_rest(self) -> Path:
        """The file of the database, with all that was written in it."""
        self.database.empty_log()
        self.database._let_go()
        return self.database.path

    def digest(self) -> str:
        """A hash of all that was done, shown and remarked, and of the rows that are left."""
        hashed = hashlib.sha256()
        for one in (*self.evidence.done, *self.evidence.remarks, *self.evidence.attempts):
            hashed.update(repr(one).encode())
        for address, screen in sorted(self.evidence.screens.items()):
            hashed.update(
                repr((address, [(one.place, one.message_id, one.prompt.text) for one in screen])).encode()
            )
        with closing(sqlite3.connect(self.database.path)) as connection:
            for table in ("witness_inbox", "witness_outbox", "answer", "contact", "timer", "follow_up"):
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1"):
                    hashed.update(repr(row).encode())
        return hashed.hexdigest()


def _tell_but_death(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell what nobody waited for, but for the deaths of tasks whose process is dead."""
    if not isinstance(context.get("exception"), Death):
        loop.default_exception_handler(context)


_flows = cache(flows)
"""The scripts, read once."""


def _heard(_channel: str, _reason: str) -> None:
    """The operator knows."""


def _anything_waits(connection: Connection) -> bool:
    """Whether a message waits to be sent; what is only shown anew may wait for ever."""
    query = "SELECT 1 FROM outbox WHERE status IN ('queued', 'sending') AND kind != 'edit'"
    return connection.exec_driver_sql(query).first() is not None


def _changes(zone: str, start: datetime, end: datetime) -> int:
    """How often the clocks of a zone changed in a time."""
    there, days = ZoneInfo(zone), (end - start).days
    offsets = [(start + timedelta(days=day)).astimezone(there).utcoffset() for day in range(days + 1)]
    return sum(one != other for one, other in pairwise(offsets))


@contextmanager
def hard_town(plan: LifePlan, counts: Counts) -> Iterator[HardTown]:
    """A town with everybody in it, before the first round. Its database is open until the end of the block."""
    where = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="said-dst-", dir=where))
    made = HardTown(plan, folder, counts)
    try:
        made.found()
        yield made
    finally:
        if hasattr(made, "database"):
            made.database.close()
        shutil.rmtree(folder)
