"""`said run`: serve the channels in the settings, or open a conversation in this terminal when there are none."""

import asyncio
import signal
import sys
import threading
from pathlib import Path

import typer
from rich.text import Text

from bot import logs
from bot.app import build, make_channels, serve
from bot.channels.terminal import ScreenLine, TerminalChannel
from bot.cli.common import console
from bot.cli.lazy import collector_at_rest
from bot.cli.people.why import print_story
from bot.cli.resources import settings_for, with_telegram_name
from bot.clock import MovableClock
from bot.opening import (
    all_flows,
    check_nobody_comes_back,
    check_nothing_rescued,
    check_time_zones,
    open_database,
)
from bot.settings import LogLevel, Settings
from bot.terminal.session import SessionScreen, TerminalSession, check_role, start_of_clock
from flows.script.roles import Role
from flows.text.terminal_text import on_one_line, visible
from storage.database.connection import Database, database_path
from storage.database.process_lock import RunnerLock

_STYLES = {"bot": "", "choice": "cyan", "hint": "dim", "you": "bold green", "title": "bold"}
_ROLES = {
    "1": Role.PATIENT,
    "2": Role.HCP,
    "3": Role.EDUCATOR,
    "patient": Role.PATIENT,
    "hcp": Role.HCP,
    "educator": Role.EDUCATOR,
}
INTERRUPTED = 130
"""The exit code of what was ended by Ctrl-C, as shells have it."""
GREETING = (
    "No channel is configured, so this terminal is one. Everything is kept in {path}.",
    "Who would you like to be?",
    "  1. A patient, in an interview about care",
    "  2. A clinician, who says what they will change and is asked later whether they did",
    "  3. An education team, which tells how patients helped it to teach",
)


def run(role: Role | None, terminal: bool, config: Path | None, database: str | None) -> None:
    """Run `said run`; `bot.cli.system.commands` says what each option is."""
    settings = settings_for(config, database)
    check_time_zones()
    check_nothing_rescued(settings)
    if settings.channels and not terminal:
        raise typer.Exit(_on_channels(settings))
    try:
        code = _in_terminal(settings, role)
    except KeyboardInterrupt:  # a way to leave like any other: what was said is kept
        sys.stdout.write("\n")
        code = INTERRUPTED
    raise typer.Exit(code)


def _on_channels(settings: Settings) -> int:
    logs.configure(settings.log.level, settings.log.file)

    async def main() -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        with collector_at_rest():  # the platforms' libraries are imported here
            named = await with_telegram_name(settings)
            app = build(named, database, make_channels(named), say=_say)
        return await serve(app, stop=stop, say=_say)

    with RunnerLock() as lock, open_database(settings) as database:
        check_nobody_comes_back(database)
        database.mark_run(lock.take(database.path))
        return asyncio.run(main())


def _say(text: str) -> None:
    sys.stderr.write(f"said: {on_one_line(text)}\n")
    sys.stderr.flush()


def _in_terminal(settings: Settings, role: Role | None) -> int:
    logs.configure(LogLevel.ERROR if settings.log.file is None else settings.log.level, settings.log.file)
    flows = all_flows(settings)
    if role is None:
        role = _ask_role(database_path(settings.database))
    if role is None:
        return 0
    check_role(flows, role)
    with RunnerLock() as lock, open_database(settings) as database:
        check_nobody_comes_back(database)
        database.mark_run(lock.take(database.path))
        return asyncio.run(_converse(settings, database, role))


async def _converse(settings: Settings, database: Database, role: Role) -> int:
    clock = MovableClock(database.read_now(start_of_clock), running=True)
    screen = console()

    def write(lines: list[ScreenLine]) -> None:
        for line in lines:
            screen.print(Text(visible(line.text), style=_STYLES[line.style]))

    def show(lines: list[ScreenLine]) -> None:
        session.show(lines)

    async def command(line: str) -> bool:
        return await session.command(line)

    channel = TerminalChannel(role.value, read=_read_line, write=show, command=command)
    app = build(settings, database, {channel.name: channel}, clock=clock)
    session = TerminalSession(app, channel, clock, role, SessionScreen(write=write, tell=print_story))
    await session.play()
    return 0


def _ask_role(path: Path) -> Role | None:
    """Ask which role to play; None at the end of input."""
    screen = console()
    for line in GREETING:
        screen.print(line.format(path=path))
    while (reply := _prompted()) is not None:
        role = _ROLES.get(reply.strip().lower())
        if role is not None:
            return role
        if reply.strip() in ("/quit", "/exit"):
            return None
        screen.print("Please type 1, 2 or 3 (or /quit).")
    return None


async def _read_line() -> str | None:
    """Read a line of input, in a thread of its own that does not keep the process alive."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str | None] = loop.create_future()

    def hand_over(text: str | None) -> None:
        if not line.done():
            line.set_result(text)

    def read() -> None:
        text = _prompted()
        if not loop.is_closed():
            loop.call_soon_threadsafe(hand_over, text)

    threading.Thread(target=read, daemon=True).start()
    return await line


def _prompted() -> str | None:
    """Read the next line; None at the end.

    What comes from a pipe is shown, so that the conversation can be read.
    """
    sys.stdout.write("> ")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stdout.write("\n")
        return None
    if not sys.stdin.isatty():
        sys.stdout.write(visible(line if line.endswith("\n") else f"{line}\n"))
        sys.stdout.flush()
    return line.rstrip("\n")
