"""Share how commands print (lines, tables, JSON): what people wrote reaches a terminal by this module alone."""

import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from flows.heavy_packages import load
from flows.text.terminal_text import escaped_json, on_one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn
    from rich.table import Table
    from rich.text import Text

UNFOLDED = 240
"""Columns of a table that no screen shows (a pipe, a file): wide enough that lines are not folded."""


def console(*, error: bool = False) -> "Console":
    """Return a console on standard output, or with `error` on standard error.

    What people wrote is never read as markup. Where no screen shows it (a pipe, a file), lines may be 240 letters wide.
    """
    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else UNFOLDED
    made: Console = load("rich.console").Console(file=stream, markup=False, highlight=False, width=width)
    return made


def say(text: object = "", *, err: bool = False) -> None:
    """Write one line on standard output, or with `err` on standard error; whatever is in the text, it stays one line.

    What could drive a terminal is shown as an escape (`flows.text.terminal_text`).
    """
    typer.echo(on_one_line(str(text)), err=err)


def progress_bar(*columns: "ProgressColumn") -> "Progress":
    """Return a display of progress on standard error, which is taken away at its end.

    Nothing is written where no screen shows it, not even the empty line with which Rich would end. Without `columns` it
    has Rich's own.
    """
    target = console(error=True)
    made: Progress = load("rich.progress").Progress(
        *columns, console=target, transient=True, disable=not target.is_interactive
    )
    return made


def print_json(value: Any) -> None:
    """Print a value as one JSON document on standard output; what JSON does not know, such as a time, as text.

    What could drive a terminal is escaped as JSON has it.
    """
    sys.stdout.write(escaped_json(json.dumps(value, ensure_ascii=False, indent=2, default=str)))
    sys.stdout.write("\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, paged: bool = False) -> None:
    """Print rows under the names of their columns, aligned; None is an empty cell.

    A break in a text is shown as ↵ and no line ends there: nobody can write what looks like another row.

    With `paged` a table that is longer than the screen is shown in pages, where somebody watches.
    """
    table, target = _table(columns, rows), console()
    if paged and target.is_terminal and len(rows) > target.height - 2:
        with target.pager():
            target.print(table)
    else:
        target.print(table)


def print_page(parts: Sequence[str | tuple[Sequence[str], Sequence[Sequence[object]]]]) -> None:
    """Print lines and tables (their columns, then their rows) below one another, with an empty line between them.

    All of it is shown in pages where it is longer than the screen, and somebody watches.
    """
    target = console()
    shown = [on_one_line(part) if isinstance(part, str) else _table(*part) for part in parts]
    lines = sum(2 if isinstance(part, str) else len(part[1]) + 2 for part in parts)
    with target.pager() if target.is_terminal and lines > target.height else nullcontext():
        for place, part in enumerate(shown):
            if place:
                target.print()
            target.print(part)


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> "Table":
    """Return a table as Rich shows it; None is an empty cell."""
    kind = load("rich.text").Text
    table: Table = load("rich.table").Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(value if isinstance(value, kind) else _cell(value) for value in row))
    return table


def _cell(value: object) -> "Text":
    made: Text = load("rich.text").Text("" if value is None else on_one_line(str(value)))
    return made


def count(number: int, noun: str) -> str:
    """Write a number with its noun, in the plural unless it is 1.

    >>> count(1, "problem"), count(2, "problem")
    ('1 problem', '2 problems')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def when(moment: datetime | None) -> str:
    """Write a time for a table, such as 2026-03-31 09:00, in UTC; '' for None."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
