"""Know who is on a page of ours, and name the messages that a page shows: what a mail and a page share."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

STAYS_SECONDS = 300.0
"""So long after they last sent something from a page somebody counts as being there."""


class PagePresence:
    """Remembers who sent something from a page just now, and tells pages of what is shown to them.

    Kept in memory: what is forgotten by a restart is that somebody needs no mail, so that they get one too many.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: dict[str, float] = {}
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def visit(self, address: str) -> None:
        """Note that whoever is at this address sent something from a page now."""
        now = self._monotonic()
        self._seen.pop(address, None)
        self._seen[address] = now
        while now - self._seen[first := next(iter(self._seen))] >= STAYS_SECONDS:
            del self._seen[first]

    def leave(self, address: str) -> None:
        """Note that whoever is at this address has left the page."""
        self._seen.pop(address, None)

    def is_here(self, address: str) -> bool:
        """Return whether whoever is at this address is on a page."""
        seen = self._seen.get(address)
        return seen is not None and self._monotonic() - seen < STAYS_SECONDS

    def shown(self, address: str) -> None:
        """Tell the pages that wait for it that something was sent to this address."""
        for event in self._waiting.get(address, ()):
            event.set()

    def watch(self, address: str) -> asyncio.Event:
        """Return an event that is set whenever something is sent to this address; give it back to `unwatch`."""
        event = asyncio.Event()
        self._waiting.setdefault(address, set()).add(event)
        return event

    def unwatch(self, address: str, event: asyncio.Event) -> None:
        """Forget an event of `watch`."""
        events = self._waiting.get(address, set())
        events.discard(event)
        if not events:
            self._waiting.pop(address, None)


class MessageNames:
    """Names messages by a number that rises at each address: microseconds since 1970, a clock set back or not."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = 0

    def next(self) -> str:
        """Return the name of the next message."""
        self._last = max(self._last + 1, int(self._now().timestamp() * 1_000_000))
        return str(self._last)
