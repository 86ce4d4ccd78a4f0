"""`said run` under load, killed again and again: people answer at once, the process dies, and starts anew."""

import asyncio
import json
import random
import socket
import sqlite3
import statistics
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from pathlib import Path

from flows.program.loader import program_paths
from tests.crash.audit import Audit, audit
from tests.crash.bot_process import Bot, BotEnded, Life
from tests.crash.people import Respondent
from tests.emulators.telegram.server import TelegramEmulator

DATABASE = "said.sqlite"
SECRET = "a-secret-of-the-webhook-0123456789"
UP_SECONDS = 60.0
"""How long a start may take on a busy machine before the test gives up."""
SILENCE_SECONDS = 4.0
"""After so long without a message or a reply, and with nothing left that the bot owes, whoever has not finished asks
for help. Far above the second that Telegram's pace puts between two messages."""
PATIENCE = 3
"""Calls for help without an end of the conversation after which the rest is left to the audit to tell."""
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
    """A run. `cold`: every start is made from the shell, imports and all; otherwise most have them done."""

    kills: int = 50
    people: int = 30
    seed: int = 1
    webhook: bool = False
    cold: bool = False

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
            "updates by": "webhook" if self.plan.webhook else "polling",
            "seed": self.plan.seed,
            "kills": sum(self.kills.values()),
            **{f"  {moment.value}": self.kills[moment] for moment in Moment},
            **self.audit.figures,
            **starts,
            "seconds in all": round(self.seconds),
            "promises broken": len(self.audit.problems),
        }


async def crash(plan: Plan, folder: Path) -> Outcome:
    """Make a program and invitations, let people in, kill and start, let them finish, and look."""
    began = time.monotonic()
    async with TelegramEmulator() as telegram, Bot(folder, settings(plan, telegram)) as bot:
        tokens = await _invitations(bot)
        run = _Run(plan, telegram, bot, tokens)
        try:
            await run.kill_often()
            await run.settle()
        finally:
            await run.send_home()
        found = audit(folder / DATABASE, telegram.state, run.people)
        code, out = await bot.said("db", "check")
        if code != 0:
            found.problems.append(f"said db check: {out}")
        log = bot.log.read_text(encoding="utf-8")
        found.problems += [f"the log speaks of {fault}" for fault in FAULTS if fault in log]
    return Outcome(plan, run.kills, found, time.monotonic() - began, run.starts)


def settings(plan: Plan, telegram: TelegramEmulator) -> dict[str, str]:
    """The environment of the bot."""
    given = {
        "SAID_DATABASE": DATABASE,
        "SAID_TICK_SECONDS": "1",
        "SAID_READING_SECONDS": "0",  # people here answer at once
        "SAID_TELEGRAM__TOKEN": telegram.token,
        "SAID_TELEGRAM__API_URL": telegram.url,
    }
    if plan.webhook:
        port = _free_port()
        given |= {
            "SAID_WEB__PORT": str(port),
            "SAID_TELEGRAM__MODE": "webhook",
            "SAID_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram",
            "SAID_TELEGRAM__WEBHOOK_SECRET": SECRET,
        }
    return given


def owes(path: Path) -> bool:
    """Whether the bot has yet to answer or to send: on a busy machine it may be long in starting, and is not silent."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return any(connection.execute(owed).fetchone() for owed in _OWED)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _invitations(bot: Bot) -> tuple[str, str]:
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


class _Run:
    """The lives of the bot and the people around it."""

    def __init__(self, plan: Plan, telegram: TelegramEmulator, bot: Bot, tokens: tuple[str, str]) -> None:
        self.people: list[Respondent] = []
        self.kills: Counter[str] = Counter()
        self.starts: dict[str, list[float]] = {"from the shell": [], "with imports done": []}
        self._plan = plan
        self._telegram = telegram
        self._bot = bot
        self._tokens = tokens
        self._rng = random.Random(plan.seed)
        self._lives: list[asyncio.Task[None]] = []
        self._numbers = count(1)
        self._life: Life | None = None

    # The lives.

    async def kill_often(self) -> None:
        """One life after the other, each cut off at its moment."""
        moments = self._plan.moments(self._rng)
        for number, moment in enumerate(moments):
            if number < 0.7 * len(moments):
                self._let_people_in()
            await self._one_life(moment, cold=self._plan.cold or moment is Moment.STARTING)
            self.kills[moment] += 1

    async def _one_life(self, moment: Moment, *, cold: bool) -> None:
        life = self._life = await self._bot.start(cold=cold)
        if moment is Moment.STARTING:
            usual = statistics.median(self.starts["from the shell"] or [1.5])
            await asyncio.sleep(self._rng.uniform(0.02, usual))
        else:
            await self._until_up(life, cold=cold)
            await self._until(moment)
        await life.kill()

    async def _until_up(self, life: Life, *, cold: bool) -> None:
        """Until Telegram hears that it is ready to take updates."""
        began, sign = time.monotonic(), "setWebhook" if self._plan.webhook else "getUpdates"
        before = self._called(sign)
        await self._telegram.wait_until(lambda: self._called(sign) > before or life.ended.done(), UP_SECONDS)
        if life.ended.done():
            raise BotEnded(life.ended.result())
        self.starts["from the shell" if cold else "with imports done"].append(time.monotonic() - began)

    async def _until(self, moment: Moment) -> None:
        """Until the moment has come; a second at the most, should nothing happen."""
        telegram, uptime = self._telegram, self._rng.uniform(0.1, 0.8)
        with suppress(TimeoutError):
            match moment:
                case Moment.TAKING:
                    await asyncio.sleep(uptime / 2)
                    await self._until_taken(acknowledged=self._rng.random() < 0.5)
                case Moment.SENDING:
                    sign = self._rng.choice(("sendMessage", "sendMessage", "sendChatAction"))
                    enough = self._called(sign) + self._rng.randint(1, 12)
                    await telegram.wait_until(lambda: self._called(sign) >= enough, 1)
                case _:
                    await asyncio.sleep(uptime)

    async def _until_taken(self, *, acknowledged: bool) -> None:
        """Until the instant in which a reply is acknowledged, or a moment after it was there to be had."""
        state = self._telegram.state
        before = len(state.confirmed)
        if acknowledged:
            await self._telegram.wait_until(lambda: len(state.confirmed) > before, 1)
        else:
            await self._telegram.wait_until(lambda: state.pending, 1)
            await asyncio.sleep(self._rng.uniform(0, 0.04))

    def _called(self, method: str) -> int:
        return sum(call.method == method for call in self._telegram.calls)

    # The people.

    def _let_people_in(self) -> None:
        """As many as the plan says are there at any time: for whoever has finished another one comes."""
        while sum(not someone.finished for someone in self.people) < self._plan.people:
            number = next(self._numbers)
            person = self._telegram.person(number)
            someone = Respondent(person, self._telegram.state, random.Random(f"{self._plan.seed} {number}"))
            self.people.append(someone)
            self._lives.append(asyncio.create_task(someone.live(self._tokens[number % 2])))

    async def settle(self) -> None:
        """A last life, from the shell: everybody finishes, and it leaves in good order, all sent."""
        life = self._life = await self._bot.start(cold=True)
        await self._until_up(life, cold=True)
        async with asyncio.timeout(SETTLE_SECONDS):
            while unfinished := self._waiting():
                before = len(self._telegram.calls)
                with suppress(TimeoutError):
                    await self._telegram.wait_until(
                        lambda: not self._waiting() or life.ended.done(),
                        SILENCE_SECONDS,
                    )
                if life.ended.done():
                    raise BotEnded(life.ended.result())
                is_silent = len(self._telegram.calls) <= before + 1  # a long poll may have come round
                if is_silent and not self._telegram.state.pending and not owes(self._bot.folder / DATABASE):
                    for someone in unfinished:
                        await someone.call_for_help()
            await self._telegram.wait_until(lambda: not self._telegram.state.pending, SETTLE_SECONDS)
        code = await life.stop()
        if code != 0:
            raise BotEnded(code)

    def _waiting(self) -> list[Respondent]:
        """Those who have not finished and have not given up."""
        return [one for one in self.people if not one.finished and one.calls_for_help < PATIENCE]

    async def send_home(self) -> None:
        """Nobody goes on talking; what they ran into is raised."""
        for task in self._lives:
            if not task.done():
                task.cancel()
        for outcome in await asyncio.gather(*self._lives, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
