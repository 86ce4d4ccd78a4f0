"""What a large programme costs: its operator's commands, the start, and a reply while thousands of timers are due.

A database of 100,344 people is made first (`in_checkout/big_database.py`); `--database FILE` takes one that is
there, and leaves it changed. Each command runs in a process of its own. Last of all the bot itself is started on it,
with a channel that is connected to nothing: people write to it while the timers that are due are worked off, and then
it is told to stop.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from argparse import SUPPRESS
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent / "in_checkout"))

import sqlite3

from bench.common import arguments, fresh_folder, show, show_json
from bench.in_checkout.big_database import PEOPLE, account, make, shape

ROOT = Path(__file__).parent.parent
SETTLE_SECONDS = 3.0
"""After the start, before anybody writes."""
WRITERS = 8
WRITE_EVERY_SECONDS = 2.0
PATIENCE_SECONDS = 60.0
"""How long an answer is waited for."""


@dataclass(frozen=True, slots=True)
class CommandCost:
    """What one command took: by the clock, of the processor, and of memory at most (10^6 bytes)."""

    name: str
    seconds: float
    processor_seconds: float
    memory_mb: float


def command_lines(path: Path, folder: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the commands to measure, by the name in the table."""
    with closing(sqlite3.connect(path)) as raw:
        code = raw.execute("SELECT code FROM participant ORDER BY id DESC LIMIT 1 OFFSET 7").fetchone()[0]
    yield "participants", ["participants"]
    yield "why", ["why", code]
    yield "program figures", ["program", "figures", "myeloma"]
    yield "doctor", ["doctor"]
    yield "db check", ["db", "check"]
    yield "audit verify", ["audit", "verify"]
    yield "purge --dry-run", ["purge", "--dry-run"]
    yield "export", ["export", "--to", str(folder / "export")]


def measure_command(name: str, words: Sequence[str], path: Path) -> CommandCost:
    """Run a command of `said` on the database, and return what it took."""
    line = [sys.executable, "-m", "bot", *words, "--database", str(path)]
    began = perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(line, cwd=ROOT, env=surroundings(), stdout=out, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        if process.returncode not in (0, 1):  # 1: something was found, such as no coordinator
            raise RuntimeError(
                f"said {' '.join(words)} ended with {process.returncode}: {out.read()[-500:]!r}"
            )
    processor = used.ru_utime + used.ru_stime
    return CommandCost(name, perf_counter() - began, processor, used.ru_maxrss * 1024 / 1e6)


def surroundings() -> dict[str, str]:
    """Return the environment without settings of ours, and with this checkout in front."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAID_")}
    return kept | {"PYTHONPATH": str(ROOT)}


# The bot itself.


class WrittenTo:
    """A channel that is connected to nothing: people of the database write to it, one after another."""

    name = "telegram"
    edits = True

    def __init__(self, addresses: Sequence[str], stop: asyncio.Event) -> None:
        self._addresses = addresses
        self._stop = stop
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._sent = 0
        self.seconds: list[float | None] = []
        """From each message to the first one that answers it; None where none came in time."""
        self.stopped_at = 0.0

    async def run(self, receive: Callable[[Any], Any]) -> None:
        """Have people write, wait for what they are answered, and then have the bot stopped."""
        await asyncio.sleep(SETTLE_SECONDS)
        answers = []
        for number, address in enumerate(self._addresses):
            answers.append(asyncio.create_task(self._write(receive, address, number)))
            await asyncio.sleep(WRITE_EVERY_SECONDS)
        self.seconds = list(await asyncio.gather(*answers))
        self.stopped_at = perf_counter()
        self._stop.set()
        await asyncio.Event().wait()

    async def _write(self, receive: Callable[[Any], Any], address: str, number: int) -> float | None:
        from bot.channels.base import Inbound, InboundKind

        place = 10_000_000 + number
        hello = Inbound(
            address=address,
            external_id=f"hello:{number}",
            kind=InboundKind.TEXT,
            text="hello",
            message_id=str(place),
            order=place,
        )
        self._waiting[address] = asyncio.get_running_loop().create_future()
        began = perf_counter()
        await receive([hello])
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._waiting[address] - began
        except TimeoutError:
            return None

    async def send(self, message: Any) -> str:
        """Take a message, and note when it is an answer that somebody waits for."""
        self._sent += 1
        waiting = self._waiting.get(message.address)
        if waiting is not None and not waiting.done() and not message.refresh and message.trace is None:
            waiting.set_result(perf_counter())
        return str(20_000_000 + self._sent)

    async def send_document(self, _address: str, _name: str, _content: str, _caption: str, /) -> str:
        """Take a file."""
        self._sent += 1
        return str(20_000_000 + self._sent)

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Show no toast."""

    async def close(self) -> None:
        """Close nothing."""


@contextmanager
def quiet_logs() -> Iterator[None]:
    """Log errors alone."""
    from bot import logs
    from bot.settings.settings import LogLevel

    logs.configure(LogLevel.ERROR, None)
    yield


async def run_bot(path: Path) -> dict[str, Any]:
    """Start the bot on the database in this process, have it written to, stop it, and return the figures."""
    from bot import app as parts
    from bot.opening import open_database
    from bot.settings.settings import load_settings

    os.environ |= {"SAID_DATABASE": str(path), "SAID_TELEGRAM__TOKEN": "1:made-up"}
    os.environ |= {"SAID_TELEGRAM__BOT_NAME": "measured_bot"}
    due = due_timers(path)
    began = perf_counter()
    settings = load_settings()
    with open_database(settings) as database:
        stop = asyncio.Event()
        channel = WrittenTo(writers(path), stop)
        app = parts.build(settings, database, {"telegram": channel})
        heard: list[float] = []
        await parts.serve(app, stop=stop, say=lambda _text: heard.append(perf_counter()))
        ended = perf_counter()
    left, lasted = due_timers(path), channel.stopped_at - heard[0]
    answered = sorted(one for one in channel.seconds if one is not None)
    return {
        "start_seconds": heard[0] - began,
        "timers_due": due,
        "timers_a_second": (due - left) / lasted,
        "answered": len(answered),
        "written": len(channel.seconds),
        "answer_seconds": answered,
        "stop_seconds": ended - channel.stopped_at,
        "memory_mb": peak_mb(),
    }


def writers(path: Path) -> list[str]:
    """Return the addresses of some people with an open talk, spread over all."""
    query = "SELECT address_id FROM conversation WHERE status = 'open' ORDER BY (id * 7919) % 104729 LIMIT ?"
    with closing(sqlite3.connect(path)) as raw:
        return [account(number) for (number,) in raw.execute(query, (WRITERS,))]


def due_timers(path: Path) -> int:
    """Return how many timers are due by the machine's clock."""
    query = (
        "SELECT count(*) FROM timer WHERE done_at IS NULL AND due_at <= strftime('%Y-%m-%d %H:%M:%f', 'now')"
    )
    with closing(sqlite3.connect(path)) as raw:
        return int(raw.execute(query).fetchone()[0])


def peak_mb() -> float:
    """Return the most resident memory that this process has had, in MB (10^6 bytes). Linux only."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError("no VmHWM in /proc/self/status")


# The run.


def measure(path: Path, folder: Path, only: Sequence[str]) -> dict[str, Any]:
    """Measure the commands, then the bot, and return all figures."""
    costs = [
        measure_command(name, words, path)
        for name, words in command_lines(path, folder)
        if not only or name.split()[0] in only
    ]
    figures: dict[str, Any] = {"shape": shape(path), "commands": [asdict(one) for one in costs]}
    if not only or "run" in only:
        worker = [sys.executable, __file__, "--run", str(path)]
        figures["run"] = json.loads(subprocess.run(worker, check=True, stdout=subprocess.PIPE).stdout)
    return figures


def show_figures(figures: dict[str, Any]) -> None:
    """Print the tables."""
    rows = figures["shape"]
    title = (
        f"{rows['participant']:,} people, {rows['answer']:,} answers, {rows['audit_event']:,} rows of audit"
    )
    show(
        f"{title}, {rows['file_mb']:,} MB",
        ("command", "seconds", "of processor", "MB at most"),
        [
            (
                one["name"],
                f"{one['seconds']:.1f}",
                f"{one['processor_seconds']:.1f}",
                f"{one['memory_mb']:.0f}",
            )
            for one in figures["commands"]
        ],
    )
    if "run" in figures:
        run = figures["run"]
        answers = ", ".join(f"{seconds:.2f}" for seconds in run["answer_seconds"])
        show(
            f"The bot, with {run['timers_due']:,} timers due",
            ("", "figure"),
            [
                ("seconds to start", f"{run['start_seconds']:.1f}"),
                (f"answered of {run['written']} who wrote", str(run["answered"])),
                ("seconds until answered", answers),
                ("timers a second", f"{run['timers_a_second']:.1f}"),
                ("seconds to stop", f"{run['stop_seconds']:.1f}"),
                ("MB at most", f"{run['memory_mb']:.0f}"),
            ],
        )


def main(options: Sequence[str] | None = None) -> None:
    """Make the database, measure, and print."""
    parser = arguments(__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"participants (default {PEOPLE})")
    parser.add_argument(
        "--database", type=Path, help="measure this one, which is changed by it; none is made"
    )
    parser.add_argument(
        "--only", nargs="*", default=[], help="first words of the commands to measure, or run"
    )
    parser.add_argument("--run", type=Path, help=SUPPRESS)
    asked = parser.parse_args(options)
    if asked.run is not None:
        with quiet_logs():
            print(json.dumps(asyncio.run(run_bot(asked.run))))
        return
    with fresh_folder(asked.folder) as folder:
        path, began = asked.database, perf_counter()
        if path is None:
            path = folder / "said.sqlite"
            with quiet_logs():
                make(path, asked.people)
        making = perf_counter() - began
        figures = {"making_seconds": making, **measure(path, folder, asked.only)}
    if asked.json:
        show_json(figures)
    else:
        show_figures(figures)


if __name__ == "__main__":
    main()
