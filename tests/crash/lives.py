"""Lives of `said run` that are cut off again and again, and what is the same however people reach it."""

import asyncio
import json
import random
import socket
import sqlite3
import statistics
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from flows.program.loader import program_paths
from tests.crash.bot_process import Bot, BotEnded, Life
from tests.crash.promises import Audit

DATABASE = "said.sqlite"
UP_SECONDS = 60.0
"""How long a start may take on a busy machine before the test gives up."""
SETTLE_SECONDS = 180.0
FAULTS = ("Traceback", "turn_put_aside", "batch_failed", "message_failed", "batch_not_stored", "turns_wait")
"""What must not stand in the log."""
_OWED = (
    "SELECT 1 FROM inbox WHERE handled_at IS NULL LIMIT 1",
    "SELECT 1 FROM outbox WHERE status IN ('queued', 'sending') AND kind != 'edit' LIMIT 1",
)


class Moment(StrEnum):
    """When a life is cut off."""

    STARTING = "while starting"
    ANY = "at any time"
    TAKING = "taking a reply in"
    SENDING = "sending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run: people on Telegram, or with `pages` in browsers.

    `cold`: every start is made from the shell, imports and all; otherwise most have them done.
    """

    kills: int = 50
    people: int = 30
    seed: int = 1
    webhook: bool = False
    pages: bool = False
    cold: bool = False

    @property
    def way(self) -> str:
        """How people's replies reach the bot."""
        return "pages" if self.pages else "webhook" if self.webhook else "polling"

    def moments(self, rng: random.Random) -> list[Moment]:
        """When lives end: a fifth while starting, a quarter each taking in and sending, or at any time."""
        fifth, quarter = self.kills // 5, self.kills // 4
        moments = [Moment.STARTING] * fifth + [Moment.TAKING] * quarter + [Moment.SENDING] * quarter
        moments += [Moment.ANY] * (self.kills - len(moments))
        rng.shuffle(moments)
        return moments


@dataclass
class Outcome:
    """What a run came to."""

    plan: Plan
    kills: Counter[str]
    audit: Audit
    seconds: float
    starts: dict[str, list[float]] = field(default_factory=dict)

    @property
    def figures(self) -> dict[str, object]:
        """For a table, in order."""
        starts = {
            f"seconds to start {kind}, median and worst": (
                f"{statistics.median(seconds):.1f}, {max(seconds):.1f}" if seconds else "-"
            )
            for kind, seconds in self.starts.items()
        }
        return {
            "updates by": self.plan.way,
            "seed": self.plan.seed,
            "kills": sum(self.kills.values()),
            **{f"  {moment.value}": self.kills[moment] for moment in Moment},
            **self.audit.figures,
            **starts,
            "seconds in all": round(self.seconds),
            "promises broken": len(self.audit.problems),
        }


def owes(path: Path) -> bool:
    """Whether the bot has yet to answer or to send: on a busy machine it may be long in starting, and is not silent."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return any(connection.execute(owed).fetchone() for owed in _OWED)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def invitations(bot: Bot) -> tuple[str, str]:
    """The group links of a program: for clinicians and for patients."""
    program = _program_without_cases(bot.folder)
    await _ordered(bot, "program", "load", str(program))
    tokens = []
    for role, flow in (("hcp", "commitment"), ("patient", "interview")):
        made = await _ordered(
            bot,
            "invite",
            program.stem,
            "--role",
            role,
            "--flow",
            flow,
            "--group",
            "--source",
            "load",
            "--json",
        )
        tokens.append(json.loads(made)[0]["token"])
    return tokens[0], tokens[1]


def _program_without_cases(folder: Path) -> Path:
    """The shipped example, but without the questions about side effects, which the people here do not know."""
    (shipped, *_) = program_paths()
    lines = shipped.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("safety_profile:", "ask_about_medicine:"))]
    copy = folder / shipped.name
    copy.write_text(
        "\n".join([*kept, "safety_profile: none", "ask_about_medicine: no", ""]), encoding="utf-8"
    )
    return copy


async def _ordered(bot: Bot, *arguments: str) -> str:
    code, out = await bot.said(*arguments)
    assert code == 0, out
    return out


class Person(Protocol):
    """Somebody who talks to the bot until they have `finished`."""

    @property
    def finished(self) -> bool: ...
    async def live(self, token: str) -> None: ...


P = TypeVar("P", bound=Person)


class Lives(ABC, Generic[P]):
    """The lives of the bot, and the people around it."""

    def __init__(self, plan: Plan, bot: Bot, tokens: Sequence[str]) -> None:
        self.people: list[P] = []
        self.kills: Counter[str] = Counter()
        self.starts: dict[str, list[float]] = {"from the shell": [], "with imports done": []}
        self.plan = plan
        self.bot = bot
        self.rng = random.Random(plan.seed)
        self._tokens = tokens
        self._talks: list[asyncio.Task[None]] = []
        self._numbers = count(1)

    @abstractmethod
    def somebody(self, number: int) -> P:
        """Somebody new, who has not begun."""

    @abstractmethod
    async def until_up(self, life: Life) -> None:
        """Until a life is ready to take what people say, or has ended."""

    @abstractmethod
    async def until(self, moment: Moment) -> None:
        """Until the moment has come; a second at the most, should nothing happen."""

    @abstractmethod
    async def until_finished(self, life: Life) -> None:
        """Until everybody has finished, or has given up."""

    async def kill_often(self) -> None:
        """One life after the other, each cut off at its moment."""
        moments = self.plan.moments(self.rng)
        for number, moment in enumerate(moments):
            if number < 0.7 * len(moments):
                self._let_people_in()
            await self._one_life(moment, cold=self.plan.cold or moment is Moment.STARTING)
            self.kills[moment] += 1

    async def _one_life(self, moment: Moment, *, cold: bool) -> None:
        life = await self.bot.start(cold=cold)
        if moment is Moment.STARTING:
            usual = statistics.median(self.starts["from the shell"] or [1.5])
            await asyncio.sleep(self.rng.uniform(0.02, usual))
        else:
            await self._up(life, cold=cold)
            await self.until(moment)
        await life.kill()

    async def _up(self, life: Life, *, cold: bool) -> None:
        began = time.monotonic()
        await self.until_up(life)
        if life.ended.done():
            raise BotEnded(life.ended.result())
        self.starts["from the shell" if cold else "with imports done"].append(time.monotonic() - began)

    def _let_people_in(self) -> None:
        """As many as the plan says are there at any time: for whoever has finished another one comes."""
        while sum(not someone.finished for someone in self.people) < self.plan.people:
            number = next(self._numbers)
            someone = self.somebody(number)
            self.people.append(someone)
            self._talks.append(asyncio.create_task(someone.live(self._tokens[number % 2])))

    async def settle(self) -> None:
        """A last life, from the shell: everybody finishes, and it leaves in good order, all sent."""
        life = await self.bot.start(cold=True)
        await self._up(life, cold=True)
        async with asyncio.timeout(SETTLE_SECONDS):
            await self.until_finished(life)
        code = await life.stop()
        if code != 0:
            raise BotEnded(code)

    def raise_failed(self) -> None:
        """Raise what somebody ran into."""
        for talk in self._talks:
            if talk.done() and not talk.cancelled() and talk.exception() is not None:
                talk.result()

    async def send_home(self) -> None:
        """Nobody goes on talking; what they ran into is raised."""
        for task in self._talks:
            if not task.done():
                task.cancel()
        for outcome in await asyncio.gather(*self._talks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome


async def live_through(lives: Lives[P], look: Callable[[], Audit]) -> Outcome:
    """Let people in, kill and start, let them finish, and have `look` say what is found then."""
    began = time.monotonic()
    try:
        await lives.kill_often()
        await lives.settle()
    finally:
        await lives.send_home()
    found = look()
    code, out = await lives.bot.said("db", "check")
    if code != 0:
        found.problems.append(f"said db check: {out}")
    log = lives.bot.log.read_text(encoding="utf-8")
    found.problems += [f"the log speaks of {fault}" for fault in FAULTS if fault in log]
    return Outcome(lives.plan, lives.kills, found, time.monotonic() - began, lives.starts)
