"""Texts that a spreadsheet would run as a formula."""

import re

from storage.export.tables.table import Cell

_FORMULA = re.compile("^[\\s\ufeff\u200b\\x00-\\x1f]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\\t\\r\\n]")
"""What a spreadsheet may run: = + - @, also behind white space or as full-width signs, and a cell that begins
with a tab or a new line. Source: OWASP, CSV Injection."""


def neutral(value: Cell) -> Cell:
    """Return a text with an apostrophe before it where a spreadsheet would run it as a formula, all else as it is.

    >>> neutral("=1+1"), neutral("plain"), neutral(-5)
    ("'=1+1", 'plain', -5)
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.search(value) else value
