"""What the log says, as `said run` sets it up."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from bot import logs

LogLines = Callable[[], list[dict[str, Any]]]
"""Gives the lines that were logged so far, each with its fields."""


_LEVELS_AT_START = [
    (one, one.level) for one in (logging.getLogger(), *map(logging.getLogger, (*logs.NOISY, *logs.SILENT)))
]
"""The levels before any test: this module is imported with the options of the whole run."""


def reset_log_levels() -> None:
    """Give each logger the level of the start of the run: a command in a module's fixture may have set another."""
    for one, level in _LEVELS_AT_START:
        one.setLevel(level)


@contextmanager
def logging_as_before() -> Iterator[None]:
    """Let a block set logging up for the whole process; what stood before stands again at its end."""
    root, libraries = logging.getLogger(), [logging.getLogger(name) for name in (*logs.NOISY, *logs.SILENT)]
    handlers, levels = list(root.handlers), [(one, one.level) for one in (root, *libraries)]
    try:
        yield
    finally:
        root.handlers[:] = handlers
        for one, before in levels:
            one.setLevel(before)
        structlog.reset_defaults()


@contextmanager
def logged_lines(level: str) -> Iterator[LogLines]:
    """Set logging up for a block, from `level` on; what stood before stands again at its end."""
    with logging_as_before():
        stream = io.StringIO()
        logs.configure(level, stream=stream)
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
