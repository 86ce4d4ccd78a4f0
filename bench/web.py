"""Pages of the web channel while people answer beside a wave: how long each takes, and what the first one weighs.

The whole bot runs in a process of its own, as `said run` serves it, with real files and the real clock's pace. A wave
of follow-ups goes out on a platform that takes messages at Telegram's pace; beside it people go through the interview
on pages, each with some seconds from a page to the answer (lognormal). Their browsers are another process on this
machine: a request is a connection of its own, timed from before it is opened until all has come. A post is answered
once its turn is over and its messages can be read. Limits on requests are lifted, since all come from one address;
those on open connections are as they are. The first seconds, in which all begin, do not count. At the end everybody
answers in the same moment, once.

    python bench/web.py
    python bench/web.py --people 400 --think 5 --seconds 120
"""

import asyncio
import json
import sys
import time
from argparse import SUPPRESS, Namespace
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.big import peak_mb, quiet_logs
from bench.common import arguments, fresh_folder, percentile, show, show_json
from bench.in_checkout.big_database import SEED
from bench.in_checkout.page_visitor import TOKEN, PageVisitor, Times, first_pages
from bench.in_checkout.wave_channel import WaveChannel
from bench.wave import NOON, SENDING_SECONDS, make_wave
from bot.app import build, serve
from bot.channels.base import Outbound, Receive
from bot.channels.request_limits import RequestLimits, RequestRate
from bot.channels.web.channel import WebChannel
from bot.channels.web.options import WebConfig
from bot.clock import MovableClock
from bot.settings.settings import Settings, WebSettings
from bot.simulation.run import simulated_identity
from flows.script.roles import Role
from storage.database.connection import Database
from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.schema import InvitationKind

HERE = Path(__file__).parents[1]
AIM_MS = 50.0
"""The p95 of a page, at most."""
AIM_BYTES = 60_000
"""What the first page may weigh, with all that it asks for."""
UNLIMITED = RequestRate(1_000_000, 0.000_001)
STARTING_SECONDS = 300.0
RESTED = timedelta(minutes=11)
"""So much has passed when the wave begins: what is due waits for some minutes where a bot was off for days."""
FIRST_TICK_SECONDS = 3.0


# The bot.


class WavePlatform:
    """A channel that takes every message, and counts them."""

    name = "telegram"
    edits = True

    def __init__(self) -> None:
        self.sent = 0

    async def run(self, _receive: Receive) -> None:
        """Hear nothing."""
        await asyncio.Event().wait()

    async def send(self, _message: Outbound) -> str:
        """Take a message."""
        await asyncio.sleep(SENDING_SECONDS)
        self.sent += 1
        return str(1_000_000 + self.sent)

    async def send_document(self, _address: str, _name: str, _content: str, _caption: str, /) -> str:
        """Take a file."""
        self.sent += 1
        return str(1_000_000 + self.sent)

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Show no toast."""

    async def close(self) -> None:
        """Close nothing."""


async def run_bot(path: Path) -> None:
    """Serve the database at `path` until told to stop.

    Prints where the pages are once it runs, and for each line that comes in how many messages of the wave went so far
    and what that took.
    """
    platform = WavePlatform()
    limits = RequestLimits(UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED)
    channel = WebChannel(WebConfig(public_url="http://127.0.0.1", limits=limits))
    settings = Settings(
        database=str(path), web=WebSettings(port=0, public_url="http://127.0.0.1"), tick_seconds=1
    )
    stop, running = asyncio.Event(), asyncio.Event()

    def tell(text: str) -> None:
        if text.startswith("webhooks are received at "):
            print(text.rpartition(":")[2], flush=True)
        if text.startswith("running on "):
            running.set()

    with Database.open(path, identity=simulated_identity(SEED)) as database:
        database.write_now(_invite_everybody)
        clock = MovableClock(NOON, running=True)
        app = build(
            settings, database, {platform.name: platform, channel.name: channel}, clock=clock, say=tell
        )
        serving = asyncio.create_task(serve(app, stop=stop, say=tell))
        async with asyncio.timeout(STARTING_SECONDS):
            await running.wait()
        await asyncio.sleep(FIRST_TICK_SECONDS)
        clock.move(RESTED)
        while await asyncio.to_thread(sys.stdin.readline):
            figures = {"sent": platform.sent, "processor": time.process_time(), "memory_mb": peak_mb()}
            print(json.dumps(figures), flush=True)
        stop.set()
        await serving


def _invite_everybody(connection: Any) -> None:
    new = NewInvitation(
        program_id=programs.list_all(connection)[0].id,
        role=Role.PATIENT,
        flow="patient_interview",
        source="measured",
        kind=InvitationKind.GROUP,
    )
    hashed = simulated_identity(SEED).token_hash(TOKEN)
    invitations.make_invitation(connection, new, token_hash=hashed, now=NOON)


# The measurement.


async def measure(path: Path, chosen: Namespace) -> dict[str, Any]:
    """Start the bot, let people answer beside the wave, and return the figures."""
    command = (sys.executable, str(Path(__file__)), "--serve", str(path))
    process = await asyncio.create_subprocess_exec(*command, cwd=HERE, stdin=PIPE, stdout=PIPE)
    try:
        return await _measured(process, chosen)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _measured(process: Process, chosen: Namespace) -> dict[str, Any]:
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None

    async def told() -> dict[str, float]:
        stdin.write(b"\n")
        figures: dict[str, float] = json.loads(await stdout.readline())
        return figures

    async with asyncio.timeout(STARTING_SECONDS):
        port = int(await stdout.readline())
        while (await told())["sent"] < chosen.openers / 100:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.5)
    weights = await first_pages(port)
    warming, times, at_once = Times(), Times(), Times()
    people = [PageVisitor(port, number, warming, chosen.think) for number in range(chosen.people)]
    await _answering(people, warming, chosen.think)
    before, began = await told(), time.monotonic()
    await _answering(people, times, chosen.seconds)
    took, after = time.monotonic() - began, await told()
    for one in people:
        one.times = at_once
    await asyncio.gather(*(one.answer() for one in people))
    stdin.close()
    await process.wait()
    beside = {
        "posts_per_second": len(times.posts) / took,
        "wave_per_second": (after["sent"] - before["sent"]) / took,
        "processor_share": (after["processor"] - before["processor"]) / took,
        "memory_mb": after["memory_mb"],
    }
    return {**_told(times), **beside, "begun": times.begun, "at_once": _told(at_once), "weights": weights}


async def _answering(people: Sequence[PageVisitor], times: Times, seconds: float) -> None:
    """Let people answer for so long, and keep their times here."""
    until = asyncio.get_running_loop().time() + seconds
    for one in people:
        one.times = times
    await asyncio.gather(*(one.go_on(until) for one in people))


def _told(times: Times) -> dict[str, Any]:
    spreads = {"pages": _spread(times.pages), "posts": _spread(times.posts)}
    return {**spreads, "late": times.late, "failed": dict(times.failed)}


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    """Return how many were measured, and what half and nearly all of them stayed under, in milliseconds."""
    if not seconds:
        return {"count": 0}
    marks = {f"p{mark}_ms": 1e3 * percentile(seconds, mark / 100) for mark in (50, 95, 99)}
    return {"count": len(seconds), **marks, "longest_ms": 1e3 * max(seconds)}


def _row(name: str, spread: Mapping[str, float], aim: str = "") -> tuple[str, ...]:
    marks = [
        f"{spread[key]:.1f}" if key in spread else "" for key in ("p50_ms", "p95_ms", "p99_ms", "longest_ms")
    ]
    return (name, f"{spread['count']:,}", *marks, aim)


def report(figures: Sequence[Mapping[str, Any]], chosen: Namespace) -> None:
    """Print tables, one for each repeat."""
    for one in figures:
        show(
            f"{chosen.people} people beside a wave, {chosen.think:g} s from a page to its answer, {chosen.seconds:g} s",
            ("", "count", "p50 ms", "p95 ms", "p99 ms", "longest", "aim p95"),
            [
                _row("page", one["pages"], f"{AIM_MS:.0f}"),
                _row("post, until its turn is over", one["posts"]),
                _row("page, all in one moment", one["at_once"]["pages"]),
                _row("post, all in one moment", one["at_once"]["posts"]),
            ],
        )
        show(
            "Beside it",
            ("", ""),
            [
                ("answers a second", f"{one['posts_per_second']:.1f}"),
                ("messages of the wave a second", f"{one['wave_per_second']:.1f}"),
                ("processors that the bot used", f"{one['processor_share']:.2f}"),
                ("memory, MB", f"{one['memory_mb']:.0f}"),
                ("conversations begun", f"{one['begun']}"),
                ("pages without their answer yet; then", f"{one['late']}; {one['at_once']['late']}"),
                ("failed, by status; then", f"{one['failed']}; {one['at_once']['failed']}"),
                *(
                    (f"{name}, bytes (aim {AIM_BYTES:,})", f"{size:,}")
                    for name, size in one["weights"].items()
                ),
            ],
        )


def main(options: Sequence[str] | None = None) -> None:
    """Make the database with the wave, measure, and print."""
    parser = arguments(__doc__.partition("\n")[0] if __doc__ else "")
    parser.set_defaults(repeats=1)
    parser.add_argument("--people", type=int, default=200, help="who answer on pages (default 200)")
    parser.add_argument("--think", type=float, default=10.0, help="median seconds to an answer (default 10)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long it is measured (default 60)")
    parser.add_argument("--openers", type=int, default=2_000, help="people of the wave (default 2000)")
    parser.add_argument("--serve", type=Path, help=SUPPRESS)
    chosen = parser.parse_args(options)
    if chosen.serve is not None:
        with quiet_logs():
            asyncio.run(run_bot(chosen.serve))
        return
    figures = []
    for _ in range(chosen.repeats):
        with fresh_folder(chosen.folder) as folder:
            path = folder / "said.sqlite"
            make_wave(path, chosen.openers, WaveChannel(workspaces=0, paid=False))
            figures.append(asyncio.run(measure(path, chosen)))
    if chosen.json:
        show_json(
            {"runs": figures, "people": chosen.people, "think": chosen.think, "seconds": chosen.seconds}
        )
    else:
        report(figures, chosen)


if __name__ == "__main__":
    main()
