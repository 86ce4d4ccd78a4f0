"""Number the messages that a page shows, so that both sides' stand in one order; mails name theirs in the same way.

Ours are multiples of a thousand: the microseconds since 1970 in whole milliseconds, each greater than all before. What
somebody posts stands just above the newest message that their page showed, whenever it comes: a number below the next
of ours. So words typed on an old page are known for what they are.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

STEP = 1_000
"""From one message of ours to the next, at least: between them is room for what is posted."""
MOST_KEPT = 10_000
"""Devices of which it is remembered how much they posted under their newest message."""


class MessageNumbers:
    """Gives messages their numbers. `now` is the time in nanoseconds since 1970."""

    def __init__(self, now: Callable[[], int] = time.time_ns) -> None:
        self._now = now
        self._last = 0
        self._posted: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def of_ours(self, after: int = 0) -> int:
        """Return the number of a message of ours, greater than `after`, the newest number at its address."""
        millisecond = self._now() // 1_000_000 * STEP
        self._last = max(millisecond, self._last + STEP, (after // STEP + 1) * STEP)
        return self._last

    def of_theirs(self, address: str, newest: int) -> int:
        """Return the number of what was posted from an address, on a page whose newest message had that number."""
        under, count = self._posted.pop(address, (newest, 0))
        count = count + 1 if under == newest else 1
        self._posted[address] = (newest, count)
        if len(self._posted) > MOST_KEPT:
            self._posted.popitem(last=False)
        return newest + min(count, STEP - 1)
