"""Know who is on a page of ours, so that they get no mail of what they see there."""

import time
from collections.abc import Callable

STAYS_SECONDS = 300.0
"""So long after they last sent something from a page somebody counts as being there."""


class PagePresence:
    """Remembers who sent something from a page just now.

    Kept in memory: what is forgotten by a restart is that somebody needs no mail, so that they get one too many.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: dict[str, float] = {}

    def visit(self, address: str) -> None:
        """Note that whoever is at this address sent something from a page now."""
        now = self._monotonic()
        self._seen.pop(address, None)
        self._seen[address] = now
        while now - self._seen[first := next(iter(self._seen))] >= STAYS_SECONDS:
            del self._seen[first]

    def is_here(self, address: str) -> bool:
        """Return whether whoever is at this address is on a page."""
        seen = self._seen.get(address)
        return seen is not None and self._monotonic() - seen < STAYS_SECONDS
