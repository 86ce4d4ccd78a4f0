"""Processor time of starts, beside the import of the libraries that they cannot do without.

Each figure is that of a process of its own, all its threads, until it ends; `run` with the platforms is measured when
both have been asked for messages, emulated on loopback. All take turns, and each is divided by what it is held against
in the same round, so that a machine that is busy for a while is as busy for both.
"""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import arguments, fresh_folder, median, show, show_json
from tests.emulators.slack.server import SlackEmulator
from tests.emulators.telegram.server import TelegramEmulator

HERE = Path(__file__).parents[1]
EMPTY = (
    "import typer; app = typer.Typer(rich_markup_mode=None, add_completion=False);"
    " app.command()(lambda: None); app()"
)
TABLES = "import sqlmodel, typer"
PLATFORMS = "import sqlmodel, typer, telegram.ext, slack_bolt.async_app, aiohttp, starlette.routing, uvicorn"


@dataclass(frozen=True, slots=True)
class Start:
    """A process to be started: its words after `python`, what it is held against, and at most how many times that."""

    words: Sequence[str]
    against: str = ""
    aim: float | None = None


def starts(database: Path, code: str) -> dict[str, Start]:
    """Return what is started, by the name that the table shows; those held against others come after them."""
    where = ("--database", str(database))
    commands = ("", "run", "doctor", "invite", "participants", "why", "export", "safety", "program load")
    return {
        "empty Typer app --help": Start(("-c", EMPTY, "--help")),
        TABLES: Start(("-c", TABLES)),
        PLATFORMS: Start(("-c", PLATFORMS)),
        **{
            " ".join(("said", *name.split(), "--help")): Start(
                ("-m", "bot", *name.split(), "--help"), "empty Typer app --help", 1.5
            )
            for name in commands
        },
        "said participants": Start(("-m", "bot", "participants", *where), TABLES, 1.3),
        "said participants --json": Start(("-m", "bot", "participants", "--json", *where), TABLES, 1.3),
        "said why": Start(("-m", "bot", "why", code, *where), TABLES, 1.3),
        "said program list": Start(("-m", "bot", "program", "list", *where), TABLES, 1.3),
        "said coordinator list": Start(("-m", "bot", "coordinator", "list", *where), TABLES, 1.3),
        "said safety list": Start(("-m", "bot", "safety", "list", *where), TABLES, 1.3),
        "said audit verify": Start(("-m", "bot", "audit", "verify", *where), TABLES, 1.3),
        "said run in the terminal": Start(("-m", "bot", "run", "--role", "hcp", *where)),
    }


def processor_time(words: Sequence[str], environment: Mapping[str, str]) -> float:
    """
    Run Python with these words until it ends, with nothing typed; returns its seconds of processor time.

    Raises:
        RuntimeError: it failed; the message is what it said.
    """
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, *words], env=environment, stdin=nothing, stdout=nothing, stderr=pipe, text=True
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{words}: {said}")
    return used.ru_utime + used.ru_stime


async def time_until_heard(folder: Path, environment: Mapping[str, str]) -> float:
    """Start the bot with both platforms, and return its seconds of processor time once it hears both."""
    async with TelegramEmulator() as telegram, SlackEmulator() as slack:
        known = {
            "SAID_TELEGRAM__TOKEN": telegram.token,
            "SAID_TELEGRAM__API_URL": telegram.url,
            "SAID_SLACK__BOT_TOKEN": slack.bot_token,
            "SAID_SLACK__APP_TOKEN": slack.app_token,
            "SAID_SLACK__API_URL": slack.api_url,
            "SAID_DATABASE": str(folder / "heard.sqlite"),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            env={**environment, **known},
            stderr=asyncio.subprocess.DEVNULL,
        )
        await telegram.wait_until(lambda: "getUpdates" in telegram.methods_called(), 60)
        await slack.dispatcher.wait_connected()
        used = used_by(process.pid)
        process.send_signal(signal.SIGTERM)
        await process.wait()
    return used


def used_by(process: int) -> float:
    """Return the seconds of processor time that a process that goes on has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(repeats: int, folder: Path) -> tuple[dict[str, Start], dict[str, list[float]]]:
    """Start everything in turn, as often as asked; returns what was started, and the seconds of each."""
    # Where Python is told to keep no compiled modules, each start would compile all of ours anew: 0.1 to 0.2 s.
    passed_on = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in passed_on.items() if not name.startswith("SAID_")}
    environment["PYTHONPATH"] = str(HERE)
    database = folder / "said.sqlite"
    few = ("--patients", "4", "--hcps", "4", "--educators", "0", "--months", "1")
    processor_time(("-m", "bot", "simulate", "myeloma", *few, "--database", str(database)), environment)
    with closing(sqlite3.connect(database)) as connection:
        code = str(connection.execute("SELECT code FROM participant ORDER BY id").fetchone()[0])
    known = starts(database, code)
    figures: dict[str, list[float]] = {name: [] for name in known}
    heard = "said run, both platforms heard"
    figures[heard] = []
    for number in range(-1, repeats):  # the first round writes what Python keeps of compiled modules
        for name, start in known.items():
            seconds = processor_time(start.words, environment)
            if number >= 0:
                figures[name].append(seconds)
        seconds = asyncio.run(time_until_heard(folder, environment))
        if number >= 0:
            figures[heard].append(seconds)
    return {**known, heard: Start((), PLATFORMS, 1.3)}, figures


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__.partition("\n")[0] if __doc__ else "")
    parser.set_defaults(repeats=1)  # a round of all starts takes a minute on a busy machine
    chosen = parser.parse_args()
    with fresh_folder(chosen.folder) as folder:
        known, figures = measure(chosen.repeats, folder)
    ratios = {
        name: [mine / theirs for mine, theirs in zip(figures[name], figures[start.against], strict=True)]
        for name, start in known.items()
        if start.against
    }
    if chosen.json:
        show_json({"seconds": figures, "ratios": ratios})
        return
    rows = []
    for name, start in known.items():
        runs, times = figures[name], ratios.get(name)
        rows.append(
            (
                name,
                f"{median(runs):.3f} ({min(runs):.3f} to {max(runs):.3f})",
                "" if times is None else f"{median(times):.2f} ({min(times):.2f} to {max(times):.2f})",
                start.against.partition(",")[0] if start.against != PLATFORMS else "the libraries",
                "" if start.aim is None else f"{start.aim:.1f}",
            )
        )
    show("Processor time of starts", ("", "seconds (spread)", "times (spread)", "of", "aim"), rows)


if __name__ == "__main__":
    main()
