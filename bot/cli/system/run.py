"""`said run`: serve the channels in the settings, or with none of them try the program in this terminal and a page."""

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.text import Text

from bot import logs
from bot.app import build, make_channels, serve
from bot.channels.base import Channel
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
from bot.settings.settings import LogLevel, Settings
from bot.terminal.session import SessionScreen, TerminalSession, check_role, start_of_clock
from bot.terminal.try_mode import WHOM_TO_PLAY, TryMode
from bot.terminal.try_page import TryAddress, TryPages, serve_beside, try_address
from flows.script.roles import Role
from flows.text.terminal_text import on_one_line, visible
from storage.database.connection import Database
from storage.database.process_lock import RunnerLock

_STYLES = {"bot": "", "choice": "cyan", "hint": "dim", "you": "bold green", "title": "bold"}
_ROLES = {
    **{str(number): role for number, role in enumerate(WHOM_TO_PLAY, 1)},
    **{role.value: role for role in WHOM_TO_PLAY},
}
"""What may be typed for each role."""
INTERRUPTED = 130
"""The exit code of what was ended by Ctrl-C, as shells have it."""


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
    if role is not None:
        check_role(all_flows(settings), role)
    with RunnerLock() as lock, open_database(settings) as database:
        check_nobody_comes_back(database)
        database.mark_run(lock.take(database.path))
        with _page_address(settings) as address:
            return asyncio.run(_converse(settings, database, role, address))


@contextmanager
def _page_address(settings: Settings) -> Iterator[TryAddress | None]:
    """Listen for browsers of this machine; not where channels are set, for then the people are no try."""
    if settings.channels:
        yield None
        return
    with try_address(settings.web.port) as address:
        yield address


async def _converse(
    settings: Settings, database: Database, role: Role | None, address: TryAddress | None
) -> int:
    clock = MovableClock(database.read_now(start_of_clock), running=True)
    screen, keyboard = console(), _Keyboard()

    def write(lines: list[ScreenLine]) -> None:
        with keyboard.set_aside():
            for line in lines:
                screen.print(Text(visible(line.text), style=_STYLES[line.style]))

    def show(lines: list[ScreenLine]) -> None:
        session.show(lines)

    async def command(line: str) -> bool:
        return await session.command(line)

    async def play() -> None:
        chosen = role or await _ask_role(keyboard)
        if chosen is not None:
            check_role(all_flows(settings), chosen)
            await session.play(chosen)

    _greet(database.path, address, asks=role is None)
    terminal = TerminalChannel("", read=keyboard.read, write=show, command=command)
    page = None if address is None else address.channel()
    channels: dict[str, Channel] = {terminal.name: terminal} | ({} if page is None else {page.name: page})
    mode = TryMode(build(settings, database, channels, clock=clock), clock)
    session = TerminalSession(mode, terminal, SessionScreen(write=write, tell=print_story))
    if page is None or address is None:
        await play()
    else:
        page.trying = TryPages(mode, str(database.path))
        await serve_beside(play(), address, page, mode)
    return 0


def _greet(path: Path, address: TryAddress | None, *, asks: bool) -> None:
    """Say where one may talk, and where all is kept; ask whom to play, if that is asked."""
    screen = console()
    if asks:
        screen.print(f"No channel is configured, so this terminal is one. Everything is kept in {path}.")
    if address is not None:
        screen.print(address.invites, style="" if asks else "dim", soft_wrap=True)
    if asks:
        screen.print("Who would you like to be?")
        for number, words in enumerate(WHOM_TO_PLAY.values(), 1):
            screen.print(f"  {number}. {words}")


async def _ask_role(keyboard: "_Keyboard") -> Role | None:
    """Read which role to play; None at the end of input."""
    while (reply := await keyboard.read()) is not None:
        role = _ROLES.get(reply.strip().lower())
        if role is not None:
            return role
        if reply.strip() in ("/quit", "/exit"):
            return None
        console().print("Please type 1, 2 or 3 (or /quit).")
    return None


class _Keyboard:
    """Reads lines of input, each in a thread of its own that does not keep the process alive."""

    def __init__(self) -> None:
        self._asking = False

    async def read(self) -> str | None:
        """Return the next line without its end; None at the end of input."""
        loop = asyncio.get_running_loop()
        line: asyncio.Future[str | None] = loop.create_future()

        def hand_over(text: str | None, error: BaseException | None) -> None:
            if line.done():
                return
            if error is None:
                line.set_result(text)
            else:
                line.set_exception(error)

        def read() -> None:
            text, raised = None, None
            try:
                text = _prompted()
            except BaseException as error:  # noqa: BLE001 - whoever waits is told of it
                raised = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(hand_over, text, raised)

        threading.Thread(target=read, daemon=True).start()
        self._asking = True
        try:
            return await line
        finally:
            self._asking = False

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Let something be shown although a prompt waits: it begins a line of its own, and the prompt comes again."""
        if not self._asking:
            yield
            return
        sys.stdout.write("\n")
        yield
        _show_prompt()


def _show_prompt() -> None:
    sys.stdout.write("> ")
    sys.stdout.flush()


def _prompted() -> str | None:
    """Read the next line; None at the end.

    What comes from a pipe is shown, so that the conversation can be read.
    """
    _show_prompt()
    line = sys.stdin.readline()
    if not line:
        sys.stdout.write("\n")
        return None
    if not sys.stdin.isatty():
        sys.stdout.write(visible(line if line.endswith("\n") else f"{line}\n"))
        sys.stdout.flush()
    return line.rstrip("\n")
