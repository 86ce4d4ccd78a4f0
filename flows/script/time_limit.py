"""Hold a turn to its time: whoever runs it says when the time is over, and each step and condition asks before it runs.

The core reads no clock. What is asked is set for the turn that runs in this thread, and for no other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flows.errors import FlowError

_is_over: ContextVar[Callable[[], bool] | None] = ContextVar("is_over", default=None)


class TurnTooLong(FlowError):
    """A turn took longer than it may. It is put aside; nothing of it is kept."""


@contextmanager
def held_to(is_over: Callable[[], bool]) -> Iterator[None]:
    """Hold what runs inside to a time; `is_over` tells whether it is over."""
    before = _is_over.set(is_over)
    try:
        yield
    finally:
        _is_over.reset(before)


def go_on() -> None:
    """Go on, unless the time of the turn is over; without a limit always.

    Raises:
        TurnTooLong: It is over.
    """
    is_over = _is_over.get()
    if is_over is not None and is_over():
        raise TurnTooLong("the turn took longer than it may")
