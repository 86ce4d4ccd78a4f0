"""Hold a turn to its time: whoever runs it says when the time is over, and each step and condition asks before it runs.

The core reads no clock. What is asked is set for the turn that runs in this thread, and for no other.
"""

from abc import ABC, abstractmethod
from contextvars import ContextVar, Token

from flows.errors import FlowError


class TurnTooLong(FlowError):
    """A turn took longer than it may. It is put aside; nothing of it is kept."""


class TimeLimit(ABC):
    """Holds what runs in its `with` block to a time; `is_over` tells whether it is over.

    A class and no generator: every turn enters one. It is let go of with the block and refers to nothing that refers
    to it, so that what a turn holds is free at once: what only a garbage collection frees piles up to megabytes.
    """

    __slots__ = ("_before",)

    @abstractmethod
    def is_over(self) -> bool:
        """Return whether the time is over; asked before each step and each condition."""

    def __enter__(self) -> None:
        self._before: Token[TimeLimit | None] = _limit.set(self)

    def __exit__(self, *_raised: object) -> None:
        _limit.reset(self._before)


_limit: ContextVar[TimeLimit | None] = ContextVar("limit", default=None)


def go_on() -> None:
    """Go on, unless the time of the turn is over; without a limit always.

    Raises:
        TurnTooLong: It is over.
    """
    limit = _limit.get()
    if limit is not None and limit.is_over():
        raise TurnTooLong("the turn took longer than it may")
