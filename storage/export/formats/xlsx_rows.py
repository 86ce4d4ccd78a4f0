"""Make rows of a worksheet as XML, a column of many rows at a time.

Cell by cell a library takes seven times the rest of an export. A value that stands in a column often is written out
once here, and cells name no place of their own, which the format leaves to their order.
"""

import re
from collections.abc import Sequence
from math import isfinite
from typing import Any, Final

from storage.export.formats.spreadsheet_safety import neutral
from storage.export.tables.table import Cell

XLSX_CELL: Final = 32_767
"""Units of UTF-16 in one cell of a worksheet: Excel's specifications and limits."""
_CUT: Final = " [cut here; whole in answers.jsonl]"
_RARE: Final = re.compile("[&<>\\x00-\\x08\\x0b-\\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\\s|\\s$")
"""What can not stand in a cell as it is."""
_UNPRINTABLE: Final = re.compile("[\\x00-\\x08\\x0b-\\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML does not hold, and the underscore of what would be read as one of these: `_xHHHH_` stands for each."""
_PLAIN: Final = re.compile(
    "[0-9A-Za-z\u00c0-\u02af(\\[{'\"](?:[^&<>_\\x00-\\x1f\ufffe\uffff]++|_(?!x))*+(?<!\\s)"
)
"""A text without any of these, that is nothing a spreadsheet may run; not all such texts are of this form."""
_SHORT: Final = XLSX_CELL // 2
"""Characters that are never more than a cell holds."""
_EMPTY: Final = "<c/>"
_WHOLE: Final = 10**15
"""Whole numbers below this have at most 15 digits, which Excel keeps all."""


def rows_as_xml(first: int, columns: Sequence[Sequence[Cell]]) -> bytes:
    """Return rows, the first of which is number `first` from 1, given as their columns, all of one length.

    >>> rows_as_xml(2, [[1, 2], ["a", None]])
    b'<row r="2"><c><v>1</v></c><c t="inlineStr"><is><t>a</t></is></c></row><row r="3"><c><v>2</v></c><c/></row>'
    """
    number = len(columns[0])
    begun = list(map('<row r="%d">'.__mod__, range(first, first + number)))
    cells = map("".join, zip(begun, *map(column_cells, columns), strict=True))
    return ("</row>".join(cells) + "</row>").encode()


def header_as_xml(names: Sequence[str], style: str) -> bytes:
    """Return the first row, of names; `style` is the attribute that says how its cells look, such as `s="1"`."""
    cells = (_cell(name).replace("<c", f"<c {style}", 1) for name in names)
    return f'<row r="1">{"".join(cells)}</row>'.encode()


def column_cells(values: Sequence[Cell]) -> list[str]:
    """Return the cells of a column as XML; what stands there often is written out once."""
    distinct: set[Any] = set(values)
    if len(distinct) == 1:
        return [_cell(values[0])] * len(values)
    if set(map(type, distinct)) == {int} and min(distinct) > -_WHOLE and max(distinct) < _WHOLE:
        return list(map("<c><v>%d</v></c>".__mod__, values))
    written = {
        value: f'<c t="inlineStr"><is><t>{value}</t></is></c>' if _is_plain(value) else _cell(value)
        for value in distinct
    }
    return list(map(written.__getitem__, values))


def _is_plain(value: Cell) -> bool:
    """Return whether a value is a text that stands in its cell as it is: most are, and that is told in one look."""
    return type(value) is str and len(value) <= _SHORT and _PLAIN.fullmatch(value) is not None


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
    if len(text) <= _SHORT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * XLSX_CELL:
        return text
    return units[: 2 * (XLSX_CELL - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
