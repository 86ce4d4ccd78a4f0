"""A wave of follow-ups to many clinicians: how long a reply, help in a crisis and an alert wait meanwhile.

Real rows, the real bot, and a platform that takes messages at its pace; only the clock is moved. Where nothing is to be
done until a later moment, that moment is now; where something is done, as much time passes as the processor works at
it, whatever else the machine does. Time in which the disk is waited for is not counted.

Of those who get an opener 57 % answer, half of them within 29 minutes, each with up to 8 replies. How far the first
replies are spread is the sigma of a lognormal distribution. Some write words of distress in place of a reply.

    python bench/wave.py --openers 5000
    python bench/wave.py --openers 2000 --sigma 0.6 --paid
    python bench/wave.py --openers 2000 --sigma 0.6 --slack 20
    python bench/wave.py --openers 5000 --sigma 0.6 --coordinators 10
"""

import asyncio
import heapq
import json
import math
import os
import random
import sqlite3
import subprocess
import sys
import time
from argparse import SUPPRESS
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent / "in_checkout"))

from msgspec import structs

from bench.big import peak_mb, quiet_logs
from bench.common import arguments, fresh_folder, percentile, show, show_json
from bench.console import paths
from bench.in_checkout.big_database import SEED, make, stored
from bench.in_checkout.clicking import Clicking
from bench.in_checkout.skipping_clock import LoopClock, MeasuredDatabase, SkippingLoop
from bench.in_checkout.wave_channel import WaveChannel
from bench.in_checkout.wave_table import rows
from bot import app as parts
from bot.channels.base import Inbound, InboundKind, Outbound, Receive
from bot.settings.settings import load_settings
from bot.simulation.behaviour import Behaviour
from bot.simulation.people import SimulatedPerson, known_questions
from bot.simulation.run import SimulationPlan, simulated_identity
from flows.script.loader import library
from flows.script.model import Role

NOON = datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)
"""A Tuesday, just after the program's window has opened."""
REHEARSED = SimulationPlan(
    patients=0,
    hcps=40,
    months=0.6,
    seed=SEED,
    behaviour=Behaviour(breaks_off=0, stops=0, commits=1, agrees=1),
)
"""Clinicians with commitments, before their first wave."""
ANSWERING = Behaviour(breaks_off=0, stops=0, edits=0, answers_wave=0.57, answers_reminder=0)
MEDIAN_SECONDS = 29 * 60.0
REPLIES_EACH = 8
REPLY_SECONDS = 20.0
"""The median from a question to its reply, once somebody is answering."""
REPLY_SIGMA = 0.5
CRISIS_EVERY = 40
"""One of so many who answer writes words of distress as their third reply."""
DISTRESS = "I cannot go on, I want to kill myself"
SENDING_SECONDS = 0.08
"""From a request to the platform's answer."""
TICK_SECONDS = 20.0
QUIET_SECONDS = 3 * 3_600.0
"""When nothing was sent and nobody wrote for so long, it is over."""


# The platform and its people.


@dataclass(slots=True)
class Answerer:
    """Somebody who answers, how often they did, and since when they wait for an answer; None while they do not."""

    person: SimulatedPerson
    replies: int = 0
    waits_since: float | None = None
    in_crisis: bool = False


@dataclass(slots=True)
class WaitingTimes:
    """Seconds from a message's arrival to the first message after it that the platform was handed."""

    replies: list[float] = field(default_factory=list)
    help: list[float] = field(default_factory=list)
    alerts: list[float] = field(default_factory=list)


class SimulatedPlatform:
    """A channel whose people are written to, answer after a while, and wait for what is said to that."""

    edits = True

    def __init__(self, clock: LoopClock, sigma: float, channel: WaveChannel) -> None:
        self.name = channel.name
        self._coordinator = channel.coordinator
        self._clock = clock
        self._sigma = sigma
        self._random = random.Random(SEED)
        self._questions = known_questions(library().values())
        self._people: dict[str, Answerer | None] = {}
        self._plans: list[tuple[float, int, Inbound, bool]] = []
        self._planned = asyncio.Event()
        self._places = count(1_000_000)
        self._order = count()
        self._alerts_awaited: list[float] = []
        self.answering = 0
        self.sent = self.paid = 0
        self.openers_done = 0.0
        self.last_news = 0.0
        self.waited = WaitingTimes()

    @property
    def openers(self) -> int:
        """Return to how many people an opener was handed over."""
        return len(self._people)

    async def run(self, receive: Receive) -> None:
        """Hand over what people write, each thing when its time has come."""
        while True:
            now = self._clock.seconds()
            while self._plans and self._plans[0][0] <= now:
                _, _, inbound, distressed = heapq.heappop(self._plans)
                self._begin_waiting(inbound.address, distressed=distressed)
                place = next(self._places)
                await receive([structs.replace(inbound, message_id=str(place), order=place)])
                now = self._clock.seconds()
            self._planned.clear()
            until = self._plans[0][0] - now if self._plans else None
            try:
                async with asyncio.timeout(until):
                    await self._planned.wait()
            except TimeoutError:
                continue

    def _begin_waiting(self, address: str, *, distressed: bool) -> None:
        now = self._clock.seconds()
        self.last_news = now
        found = self._people[address]
        assert found is not None
        found.waits_since, found.in_crisis = now, distressed
        if distressed:
            self._alerts_awaited.append(now)

    async def send(self, message: Outbound) -> str:
        """Take a message. Whoever gets it may answer."""
        now = self._clock.seconds()
        await asyncio.sleep(SENDING_SECONDS)
        self.sent += 1
        self.paid += message.paid
        place = next(self._places)
        if not message.refresh and message.trace is None:
            self._show(message, now)
        return str(place)

    def _show(self, message: Outbound, now: float) -> None:
        self.last_news = self._clock.seconds()
        if message.address == self._coordinator:
            if self._alerts_awaited:
                self.waited.alerts.append(now - self._alerts_awaited.pop(0))
            return
        first = message.address not in self._people
        if first:
            self.openers_done = now
            self._people[message.address] = self._somebody(message.address)
        found = self._people[message.address]
        if found is None:
            return
        if found.waits_since is not None:
            (self.waited.help if found.in_crisis else self.waited.replies).append(now - found.waits_since)
            found.waits_since, found.in_crisis = None, False
        self._react(found, message)

    def _somebody(self, address: str) -> Answerer | None:
        if self._random.random() >= ANSWERING.answers_wave:
            return None
        self.answering += 1
        always = replace(ANSWERING, answers_wave=1.0)
        own = random.Random(address)
        return Answerer(SimulatedPerson(address, Role.HCP, own, always, self._questions, "Europe/London"))

    def _react(self, who: Answerer, message: Outbound) -> None:
        if who.replies >= REPLIES_EACH:
            return
        for move in who.person.react(message, contacted=who.replies == 0)[:1]:
            after = MEDIAN_SECONDS if who.replies == 0 else REPLY_SECONDS
            spread = self._sigma if who.replies == 0 else REPLY_SIGMA
            who.replies += 1
            self._plan(after * math.exp(self._random.gauss(0, spread)), move.inbound, who)

    def _plan(self, after: float, inbound: Inbound, who: Answerer) -> None:
        distressed = who.replies == 3 and self._random.randrange(CRISIS_EVERY) == 0
        if distressed:
            inbound = structs.replace(inbound, kind=InboundKind.TEXT, text=DISTRESS, button=None, options=())
        heapq.heappush(self._plans, (self._clock.seconds() + after, next(self._order), inbound, distressed))
        self._planned.set()

    async def send_document(self, _address: str, _name: str, _content: str, _caption: str, /) -> str:
        """Take a file."""
        return str(next(self._places))

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Show no toast."""

    async def close(self) -> None:
        """Close nothing."""

    def is_over(self) -> bool:
        """Return whether nobody is to write, and nothing was heard or said for hours."""
        return not self._plans and self._clock.seconds() - self.last_news > QUIET_SECONDS


# The wave.


def make_wave(path: Path, openers: int, channel: WaveChannel) -> int:
    """Make a database with so many clinicians, about, whose first wave is due; return how many exactly."""
    make(path, openers, now=NOON, plan=REHEARSED)
    keys = simulated_identity(SEED)
    with closing(sqlite3.connect(path)) as raw:
        later, due = stored(NOON + timedelta(days=60)), stored(NOON - timedelta(minutes=1))
        raw.execute("UPDATE participant SET timezone = NULL")
        raw.execute("UPDATE address SET timezone = NULL")
        raw.execute("UPDATE timer SET due_at = ? WHERE done_at IS NULL", (later,))
        first = "SELECT id FROM follow_up WHERE wave_days = 30 AND status = 'scheduled'"
        raw.execute(
            f"UPDATE timer SET due_at = ? WHERE done_at IS NULL AND kind = 'wave' AND follow_up_id IN ({first})",
            (due,),
        )
        raw.execute("UPDATE chore SET due_at = ?", (later,))
        for number, settings in raw.execute("SELECT id, settings FROM program").fetchall():
            widened = json.loads(settings)
            widened["schedule"]["window"] |= {"days": list(DAYS), "start": "00:00", "end": "23:59"}
            raw.execute("UPDATE program SET settings = ? WHERE id = ?", (json.dumps(widened), number))
        channel.move_everybody(raw, keys)
        coordinator = channel.coordinator
        told = {"channel": channel.name, "lookup": keys.lookup(coordinator), "sealed": keys.seal(coordinator)}
        raw.execute(
            "INSERT INTO address (channel, lookup, sealed, status, next_seq, created_at)"
            f" VALUES (:channel, :lookup, :sealed, 'active', 1, '{later}')",
            told,
        )
        raw.execute(
            "INSERT INTO coordinator (code, address_id, timezone, digest_hour, digest_due_at, created_at)"
            " VALUES ('C-WAVE', last_insert_rowid(), 'UTC', 9, ?, ?)",
            (later, later),
        )
        raw.commit()
        whose = "SELECT count(DISTINCT participant_id) FROM timer WHERE done_at IS NULL AND due_at = ?"
        return int(raw.execute(whose, (due,)).fetchone()[0])


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def play(path: Path, sigma: float, channel: WaveChannel, clicking: int) -> dict[str, Any]:
    """Let the wave go out and be answered while so many coordinators click; return the figures."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SkippingLoop)
    clock = LoopClock(loop, NOON)
    settings = load_settings()
    MeasuredDatabase.loop, MeasuredDatabase.holds = loop, []
    with MeasuredDatabase.open(path, identity=simulated_identity(SEED)) as database:
        platform = SimulatedPlatform(clock, sigma, channel)
        app = parts.build(settings, database, {channel.name: platform}, clock=clock)
        workers = [
            asyncio.create_task(work)
            for work in (
                app.runtime.run(),
                app.delivery.run(),
                platform.run(app.runtime.receive),
                _ticking(app),
            )
        ]
        team = Clicking(app, loop, clock, paths(path))
        workers.append(asyncio.create_task(team.run(clicking, SEED)))
        while not platform.is_over():
            await asyncio.sleep(60)
            for worker in workers:
                if worker.done():
                    worker.result()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return _figures(path, platform, MeasuredDatabase.holds) | {"page": _spread(team.waited)}


async def _ticking(app: parts.App) -> None:
    while True:
        await app.scheduler.tick()
        await asyncio.sleep(TICK_SECONDS)


def _figures(path: Path, platform: SimulatedPlatform, holds: Sequence[float]) -> dict[str, Any]:
    waited = platform.waited
    return {
        "openers": platform.openers,
        "answering": platform.answering,
        "messages": platform.sent,
        "paid": platform.paid,
        "reply": _spread(waited.replies),
        "help": _spread(waited.help),
        "alert": _spread(waited.alerts),
        "hours_of_openers": platform.openers_done / 3_600,
        "hours_to_finish": platform.last_news / 3_600,
        "processor_seconds": time.process_time(),
        "memory_mb": peak_mb(),
        "file_mb": path.stat().st_size / 1e6,
        "holds": {
            "count": len(holds),
            "p99_ms": 1e3 * percentile(holds, 0.99),
            "p999_ms": 1e3 * percentile(holds, 0.999),
            "longest_ms": 1e3 * max(holds),
        },
    }


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    """Return how many were measured, and what half and nearly all of them stayed under."""
    if not seconds:
        return {"count": 0}
    marks = {f"p{part}": percentile(seconds, part / 100) for part in (50, 95, 99)} | {"longest": max(seconds)}
    return {"count": len(seconds), **marks}


def played(path: Path, sigma: float, channel: WaveChannel, clicking: int) -> dict[str, Any]:
    """Play the wave in this process, on a loop that skips."""
    os.environ |= {"SAID_DATABASE": str(path), **channel.settings()}
    with quiet_logs(), asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(play(path, sigma, channel, clicking))


def main(options: Sequence[str] | None = None) -> None:
    """Make the database, play the wave with each spread of answers, and print."""
    parser = arguments(__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument(
        "--openers", type=int, default=200_000, help="people who are written to (default 200000)"
    )
    parser.add_argument("--sigma", type=float, nargs="*", default=[0.6, 1.2], help="of the first answers")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--paid", action="store_true", help="pay for what Telegram's free pace does not carry")
    how.add_argument("--slack", type=int, default=0, metavar="N", help="spread over N workspaces of Slack")
    parser.add_argument("--coordinators", type=int, default=0, help="who click through their pages meanwhile")
    parser.add_argument("--play", nargs=2, metavar=("FILE", "SIGMA"), help=SUPPRESS)
    asked = parser.parse_args(options)
    channel = WaveChannel(workspaces=asked.slack, paid=asked.paid)
    if asked.play is not None:
        print(json.dumps(played(Path(asked.play[0]), float(asked.play[1]), channel, asked.coordinators)))
        return
    figures = {}
    for sigma in asked.sigma:
        with fresh_folder(asked.folder) as folder, quiet_logs():
            path = folder / "said.sqlite"
            due = make_wave(path, asked.openers, channel)
            team = ["--coordinators", str(asked.coordinators)]
            worker = [sys.executable, __file__, "--play", str(path), str(sigma), *channel.options(), *team]
            played_out = subprocess.run(worker, check=True, stdout=subprocess.PIPE).stdout
            figures[f"sigma {sigma}"] = {"due": due, **json.loads(played_out)}
    if asked.json:
        show_json(figures)
    else:
        show(f"A wave of {asked.openers:,} openers", ("", *figures), list(rows(figures)))


if __name__ == "__main__":
    main()
