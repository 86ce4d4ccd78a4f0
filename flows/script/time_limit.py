"""Hold a turn to its time: whoever runs it says when the time is over, and each step and condition asks before it runs.

The core reads no clock. What is asked is set for the turn that runs in this thread, and for no other.
"""

from collections.abc import Callable
from contextvars import ContextVar, Token

from flows.errors import FlowError

_is_over: ContextVar[Callable[[], bool] | None] = ContextVar("is_over", default=None)


class TurnTooLong(FlowError):
    """A turn took longer than it may. It is put aside; nothing of it is kept."""


class TimeLimit:
    """Holds what runs in its `with` block to a time; `is_over` tells whether it is over.

    A class and no generator: every turn enters one.
    """

    __slots__ = ("_before", "_is_over")

    def __init__(self, is_over: Callable[[], bool]) -> None:
        self._is_over = is_over

    def __enter__(self) -> None:
        self._before: Token[Callable[[], bool] | None] = _is_over.set(self._is_over)

    def __exit__(self, *_raised: object) -> None:
        _is_over.reset(self._before)


def go_on() -> None:
    """Go on, unless the time of the turn is over; without a limit always.

    Raises:
        TurnTooLong: It is over.
    """
    is_over = _is_over.get()
    if is_over is not None and is_over():
        raise TurnTooLong("the turn took longer than it may")
