"""Carry wake-ups from a transaction to whoever does the work: "this address has work".

They carry no truth: what is to be done, and its order, is in the rows. A wake-up may come twice and may be lost;
whoever waits for one looks at the rows at start and every half minute too. So another carrier (a queue in PostgreSQL,
say) can take the place of the embedded one, and nothing else changes.
"""

import asyncio
from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from storage.database.connection import after_commit

RECONCILE_SECONDS = 30.0


class WorkKind(StrEnum):
    """What there is to do at an address: handle its inbox, send its outbox, or do something with words."""

    INBOX = "inbox"
    OUTBOX = "outbox"
    WORDS = "words"
    """An answer is stored, and the language of its words is not known yet."""
    READING = "reading"
    """Somebody's own words are stored, which the second reader has not read yet."""


class Wakeups(Protocol):
    """What carries wake-ups from a transaction to whoever does the work."""

    def defer(self, connection: Connection, work: WorkKind, addresses: Collection[int]) -> None:
        """Send a wake-up for each address, by number, once the caller's transaction is committed; none if it is not."""

    def listen(self, work: WorkKind, wake: Callable[[], None]) -> None:
        """Call `wake`, on the event loop, whenever there may be work of that kind."""

    async def run(self) -> None:
        """Carry wake-ups until cancelled, and wake every listener every half minute whatever happened."""


class EmbeddedWakeups:
    """Carries wake-ups inside one process, by a hook that runs after the commit."""

    def __init__(self) -> None:
        """Start with no listeners and no event loop: wake-ups before `run` are lost, and `run` begins with one."""
        self._listeners: dict[WorkKind, list[Callable[[], None]]] = {work: [] for work in WorkKind}
        self._loop: asyncio.AbstractEventLoop | None = None

    def defer(self, connection: Connection, work: WorkKind, addresses: Collection[int]) -> None:
        """Wake the listeners of that kind once after the commit, and tell no addresses: they look at all."""
        if addresses:
            after_commit(connection, work, lambda: self._wake(work))

    def listen(self, work: WorkKind, wake: Callable[[], None]) -> None:
        """Call `wake` on the event loop, once `run` has begun, whenever there may be work of that kind."""
        self._listeners[work].append(wake)

    async def run(self) -> None:
        """Take the running event loop for the listeners, and wake all of them every half minute until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            for work in WorkKind:
                self._wake(work)
            await asyncio.sleep(RECONCILE_SECONDS)

    def _wake(self, work: WorkKind) -> None:
        """Call the listeners of a kind on the event loop; do nothing before `run` or once the loop is closed."""
        if self._loop is not None and not self._loop.is_closed():
            for wake in self._listeners[work]:
                self._loop.call_soon_threadsafe(wake)
