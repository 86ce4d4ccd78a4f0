"""When a platform was last heard, and within what time it is to be heard again: a channel that hears nothing is ill."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol, runtime_checkable


class PlatformHearing:
    """Remembers when a platform last answered or posted anything, be it that there is nothing new.

    `within` is the time in which that is so on a channel that is well. The making of it counts as heard.
    """

    def __init__(self, within: timedelta, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.within = within
        self._monotonic = monotonic
        self._heard_at = monotonic()

    def heard(self) -> None:
        """Note that the platform was heard now."""
        self._heard_at = self._monotonic()

    @property
    def silence(self) -> timedelta:
        """Return how long nothing was heard."""
        return timedelta(seconds=self._monotonic() - self._heard_at)


@runtime_checkable
class HearingChannel(Protocol):
    """A channel that knows when its platform was last heard."""

    hearing: PlatformHearing
