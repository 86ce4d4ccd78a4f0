"""The page beside the terminal: where it listens, and a whole try in a browser and the terminal by one clock."""

import asyncio
import errno
import re
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.terminal import try_page
from bot.terminal.try_mode import ClockOutcome
from bot.terminal.try_page import TryPages, try_address
from tests.support.said import COMMITMENT
from tests.support.web_browser import Browser

PATIENCE = 200.0
"""Seconds that a process may take to start on a machine that is busy with others."""


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def test_it_listens_at_the_port_of_the_settings_on_loopback():
    """The line says where, by the name that people know."""
    port = free_port()
    with try_address(port) as address:
        assert address.listener.getsockname() == ("127.0.0.1", port)
        assert address.invites == f"Talk here, or open http://localhost:{port}/try in a browser."


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_busy_port_is_told_and_another_one_is_taken(host):
    """On either address of loopback: a browser that is sent to `localhost` would come to the other program."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        other = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip("this machine has no such address")
    with other:
        port = other.getsockname()[1]
        with try_address(port) as address:
            assert address.listener.getsockname()[1] != port
            assert f"port {port} is not free" in address.invites


def test_a_machine_that_lets_nobody_listen_has_the_terminal_alone(monkeypatch):
    """There is no page then, and no error."""

    def refused(*_args: object, **_options: object) -> socket.socket:
        raise OSError(errno.EACCES, "not permitted")

    monkeypatch.setattr(try_page.socket, "create_server", refused)
    with try_address(8080) as address:
        assert address is None


async def test_a_button_that_is_tapped_twice_moves_the_clock_once():
    """Also while the first tap is at work, which takes seconds; the page of the next button moves it again."""

    class SlowMode:
        moved = 0

        async def move(self, _text: str) -> ClockOutcome:
            self.moved += 1
            await asyncio.sleep(0)
            return ClockOutcome.MOVED

    mode = SlowMode()
    pages = TryPages(mode, "said.sqlite")
    assert await asyncio.gather(*(pages.move("+30d", "one") for _ in range(2))) == ["", ""]
    assert mode.moved == 1
    await pages.move("+30d", "another")
    assert mode.moved == 2


class Terminal:
    """The program as `make run` starts it, with somebody at its keyboard."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.shown = ""

    async def until(self, pattern: str) -> re.Match[str]:
        """Wait until what is shown from here on has this; it is read no second time."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while (found := re.search(pattern, self.shown)) is None:
                more = await self.process.stdout.read(4096)
                assert more, self.shown
                self.shown += more.decode()
        self.shown = self.shown[found.end() :]
        return found

    def type(self, *lines: str) -> None:
        """Type these lines."""
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())


@asynccontextmanager
async def tried(folder: Path, *arguments: str, **variables: str) -> AsyncIterator[Terminal]:
    """`said run` in a folder with no settings; it is ended by `/quit`, as people do."""
    environment = {"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": "/usr/bin:/bin", **variables}
    command = (sys.executable, "-m", "bot", "run", *arguments)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdin=PIPE, stdout=PIPE
    )
    terminal = Terminal(process)
    try:
        yield terminal
        terminal.type("/quit")
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_try_in_a_browser_and_the_terminal_by_one_clock(tmp_path):
    """A clinician commits on the page while the terminal asks whom to play; 30 days later both are written to."""
    known = {"SAID_WEB__PORT": str(free_port()), "SAID_READING_SECONDS": "0"}
    async with tried(tmp_path, **known) as terminal:
        url = (await terminal.until(r"open (http://localhost:\d+)/try in a browser")).group(1)
        await terminal.until("Who would you like to be?")
        async with httpx.AsyncClient(base_url=url, follow_redirects=True, timeout=PATIENCE) as client:
            browser = Browser(client)
            await browser.open("/try")
            page = await browser.press("A clinician")
            assert "Shall we start?" in page.text
            for reply in COMMITMENT:
                page = await browser.type(reply)
                while 'id="wait"' in page.response.text:  # the machine is busy with others
                    page = await browser.open("/talk")
            assert "I'll ask how it went" in page.text
            terminal.type("hcp", *COMMITMENT)
            await terminal.until("I'll ask how it went")
            page = await browser.press("Move the clock by +30 days")
            assert f'"{COMMITMENT[5]}" Where is it now?' in page.text
            await terminal.until(r"--- \w+ \d+ \w+ \d+, \d\d:\d\d ---\n.*\n(.*\n)*Where is it now\?")
            terminal.type("2")
            await terminal.until("With how many of your last 10")
            assert "Where is it now?" in (await browser.open("/talk")).text


async def test_beside_channels_there_is_no_page(tmp_path):
    """With a channel set the terminal is no try of the page: nothing listens, and no address is told."""
    port = free_port()
    known = {"SAID_WEB__PORT": str(port), "SAID_WEB__PUBLIC_URL": "http://localhost:8080"}
    async with tried(tmp_path, "--terminal", "--role", "hcp", **known) as terminal:
        await terminal.until("Shall we start?")
        assert "/try" not in terminal.shown
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port))
