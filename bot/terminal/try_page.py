"""Serve the page of try mode beside the terminal, on loopback alone.

Its address is there from the start, so that it can be printed; what a page needs is loaded when the first browser
comes, so that the terminal is there as quickly as without it.
"""

import asyncio
import errno
import socket
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from bot.channels.web.channel import WebChannel
from bot.channels.web.options import WebConfig
from bot.channels.web.port import TRY_PATH, TryClock
from bot.terminal.try_mode import WHOM_TO_PLAY, ClockOutcome, TryMode, in_words
from flows.heavy_packages import load
from flows.script.roles import Role

LOOPBACK: Final = "127.0.0.1"
NAMES: Final = frozenset({"localhost", LOOPBACK})
"""Under which the page is given: a page of somebody else that has a name of its own lead here is refused."""


class TryAddress:
    """Where the page of try mode is: a socket that listens, and its address in words.

    `busy` is the port that was asked for and is another program's, None where it was free.
    """

    def __init__(self, listener: socket.socket, busy: int | None) -> None:
        self.listener, self.busy = listener, busy
        self.origin = f"http://localhost:{listener.getsockname()[1]}"

    @property
    def invites(self) -> str:
        """A line that says where one may talk."""
        why = "" if self.busy is None else f" (port {self.busy} is not free: another one was taken)"
        return f"Talk here, or open {self.origin}{TRY_PATH} in a browser{why}."

    def channel(self) -> WebChannel:
        """Return the channel to browsers of this machine."""
        return WebChannel(WebConfig(public_url=self.origin, hosts=NAMES))


@contextmanager
def try_address(port: int) -> Iterator[TryAddress | None]:
    """Listen on loopback while the block runs: at a port, or at a free one where that is in use; 0 is a free one.

    Yields None where this machine lets nobody listen.
    """
    found = _listener(port)
    busy = None if found is not None else port
    found = found or _listener(0)
    if found is None:
        yield None
        return
    with found:
        yield TryAddress(found, busy)


def _listener(port: int) -> socket.socket | None:
    """Return a socket that listens on loopback; None where it cannot, or where `localhost` leads to somebody else."""
    if port and _is_taken_on_ipv6(port):
        return None
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError:
        return None


def _is_taken_on_ipv6(port: int) -> bool:
    """Return whether another program has the port at `::1`, to which browsers go first for `localhost`."""
    try:
        socket.create_server(("::1", port), family=socket.AF_INET6).close()
    except OSError as error:
        return error.errno in (errno.EADDRINUSE, errno.EACCES)
    return False


class TryPages:
    """What the pages ask of try mode, as `TryDoor` says."""

    def __init__(self, mode: TryMode, kept_in: str) -> None:
        self._mode = mode
        self.kept_in = kept_in
        self._moving = asyncio.Lock()
        self._moved_by = ""

    @property
    def roles(self) -> Mapping[str, str]:
        """Whom one may play, with what each is."""
        return {role.value: label for role, label in WHOM_TO_PLAY.items()}

    async def invite(self, role: str, /) -> str:
        """Make an invitation for one of the roles, and return its token."""
        return await self._mode.invite(Role(role))

    async def clock(self) -> TryClock:
        """Return where the clock stands, with its zone, and when something is due next."""
        due = await self._mode.next_due()
        now = self._mode.now()
        return TryClock(now=f"{in_words(now)} {now:%Z}", due="" if due is None else in_words(due))

    async def move(self, text: str, key: str, /) -> str:
        """Move the clock to where a text says; return what is wrong with that, '' where it was moved.

        The same key a second time moves nothing, also while the first is at work: a button was tapped twice.
        """
        async with self._moving:
            if key == self._moved_by:
                return ""
            outcome = await self._mode.move(text)
            if outcome is ClockOutcome.NOTHING_DUE:
                return "Nothing is due: no question is to come."
            if outcome is ClockOutcome.NO_TIME:
                return "That is not a time to come. Write +30d, +3h or a date such as 2027-03-31."
            self._moved_by = key
            return ""


async def serve_beside(
    playing: Coroutine[Any, Any, None], address: TryAddress, channel: WebChannel, mode: TryMode
) -> None:
    """Serve the page while `playing` goes on. What it or the page raises ends both, and is raised."""
    page = (channel.run(mode.take), _serve_whoever_comes(address.listener, channel, mode))
    works = (playing, mode.work(), mode.read_along(), *page)
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _serve_whoever_comes(listener: socket.socket, channel: WebChannel, mode: TryMode) -> None:
    """Wait until somebody connects, load what pages need, and serve them until cancelled."""
    loop, came = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(listener, came.set)
    try:
        await came.wait()
    finally:
        loop.remove_reader(listener)
    async with load("bot.webhooks").serving(channel.routes(), listener, pages=True, unknown=channel.unknown):
        await mode.get_ready()
        await mode.catch_up()
        await asyncio.Event().wait()
