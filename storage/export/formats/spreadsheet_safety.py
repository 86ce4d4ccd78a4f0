"""Texts that a spreadsheet would run as a formula."""

import re
from collections.abc import Sequence

from storage.export.tables.table import Cell

_FORMULA = re.compile("^[\\s\ufeff\u200b\\x00-\\x1f]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\\t\\r\\n]")
"""What a spreadsheet may run: = + - @, also behind white space or as full-width signs, and a cell that begins
with a tab or a new line. Source: OWASP, CSV Injection."""


def neutral_column(values: Sequence[Cell]) -> Sequence[Cell]:
    """Return the cells of a column, each as `neutral` does; the very same sequence where none is changed."""
    changed = {
        value: found
        for value in set(values)
        if isinstance(value, str) and (found := neutral(value)) is not value
    }
    return [changed.get(value, value) for value in values] if changed else values  # type: ignore[arg-type]


def neutral(value: Cell) -> Cell:
    """Return a text with an apostrophe before it where a spreadsheet would run it as a formula, all else as it is.

    >>> neutral("=1+1"), neutral("plain"), neutral(-5)
    ("'=1+1", 'plain', -5)
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
