"""Write whole rows into a worksheet of XlsxWriter, a column of many rows at a time.

XlsxWriter makes the workbook; cell by cell it takes seven times the rest of an export. Its temporary file of rows
(`constant_memory`) is open to a subclass of `Worksheet`, so what comes there is made here: a value that stands in a
column often is written out once, and cells name no place of their own, which the format leaves to their order.
"""

import re
from collections.abc import Sequence
from math import isfinite
from typing import Final

from xlsxwriter.worksheet import Worksheet

from storage.export.formats.spreadsheet_safety import neutral
from storage.export.tables.table import Cell

XLSX_CELL: Final = 32_767
"""Units of UTF-16 in one cell of a worksheet: Excel's specifications and limits."""
_CUT: Final = " [cut here; whole in answers.jsonl]"
_RARE: Final = re.compile("[&<>\\x00-\\x08\\x0b-\\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\\s|\\s$")
"""What can not stand in a cell as it is."""
_UNPRINTABLE: Final = re.compile("[\\x00-\\x08\\x0b-\\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML does not hold, and the underscore of what would be read as one of these: `_xHHHH_` stands for each."""
_EMPTY: Final = "<c/>"


class RowsWorksheet(Worksheet):  # type: ignore[misc]
    """A worksheet that takes rows column by column, in order and below all that was written to it before."""

    def write_columns(self, first: int, columns: Sequence[Sequence[Cell]]) -> None:
        """Write rows, the first of which is number `first` from 0, given as their columns, all of one length."""
        after = first + len(columns[0])
        self._check_dimensions(after - 1, len(columns) - 1)
        self._write_single_row(after)  # what was written before waits to be written out
        cells = map("".join, zip(*map(column_cells, columns), strict=True))
        numbered = map('<row r="%d">%s</row>'.__mod__, enumerate(cells, first + 1))
        self.fh.write("".join(numbered))


def column_cells(values: Sequence[Cell]) -> list[str]:
    """Return the cells of a column as XML; what stands there often is written out once."""
    written = {value: _cell(value) for value in set(values)}
    return [written[value] for value in values]


def _cell(value: Cell) -> str:
    """Return one cell as XML: a text is never a formula, whatever it holds, and a number is one to 16 digits.

    >>> _cell(None), _cell(3), _cell("a < b")
    ('<c/>', '<c><v>3</v></c>', '<c t="inlineStr"><is><t>a &lt; b</t></is></c>')
    """
    if value is None:
        return _EMPTY
    if isinstance(value, str):
        return _text_cell(neutral(value))
    return f"<c><v>{value:.16G}</v></c>" if isfinite(value) else _text_cell(str(value))


def _text_cell(text: Cell) -> str:
    words = _within_limit(str(text))
    if not _RARE.search(words):
        return f'<c t="inlineStr"><is><t>{words}</t></is></c>'
    words = _UNPRINTABLE.sub(_escaped, words)
    words = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'


def _escaped(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _within_limit(text: str) -> str:
    """Return a text as a cell can hold it; a longer one is cut, and says so."""
    if len(text) <= XLSX_CELL // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * XLSX_CELL:
        return text
    return units[: 2 * (XLSX_CELL - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
