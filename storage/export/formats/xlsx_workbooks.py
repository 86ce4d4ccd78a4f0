"""Excel: all tables in one workbook, a worksheet each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from storage.export.formats.format_writer import Advance, CountedRows
from storage.export.formats.spreadsheet_safety import neutral
from storage.export.tables.table import ExportTable, Row

XLSX_CELL = 32_767
"""Characters in one cell of a worksheet, and rows in one worksheet: Excel's specifications and limits."""
XLSX_ROWS = 1_048_576
_CUT = " [cut here; whole in answers.jsonl]"


class XlsxWorkbooks:
    """Writes all tables into one workbook."""

    def files(self, tables: Sequence[ExportTable], book_name: str) -> list[tuple[str, Sequence[ExportTable]]]:
        """Return the name of one file, `BOOK_NAME.xlsx`, with all tables as what it holds."""
        return [(f"{book_name}.xlsx", tables)]

    def write(self, path: Path, tables: Sequence[ExportTable], advance: Advance) -> dict[str, int]:
        """Write all tables as worksheets of one workbook, and return the number of rows of each by its name.

        Rows go to disk as they come (`constant_memory`). Texts stay texts: never formulas, links or numbers.
        """
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": str(path.parent),
        }
        with xlsxwriter.Workbook(str(path), options) as book:
            worksheets = _Worksheets(book)
            return {table.name: worksheets.write_table(table, advance) for table in tables}


class _Worksheets:
    """Adds worksheets to a workbook and fills them; a long table goes on in a further worksheet."""

    def __init__(self, book: Any) -> None:
        """Write into `book`, an open xlsxwriter workbook."""
        self._book = book
        self._bold = book.add_format({"bold": True})
        self._names: set[str] = set()

    def write_table(self, table: ExportTable, advance: Advance) -> int:
        """Write a table, and return the number of its rows."""
        rows = CountedRows(table.rows, advance)
        sheet: Any = None
        place = 0
        for row in rows:
            if sheet is None or place == XLSX_ROWS:
                sheet, place = self._add_sheet(table), 1
            _write_row(sheet, place, row)
            place += 1
        if sheet is None:
            self._add_sheet(table)
        return rows.number

    def _add_sheet(self, table: ExportTable) -> Any:
        sheet = self._book.add_worksheet(self._free_name(table.name))
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(table.columns):
            sheet.write_string(0, place, name, self._bold)
        return sheet

    def _free_name(self, wanted: str) -> str:
        """Return a name of at most 31 characters that no other worksheet has; take it."""
        name, number = wanted[:31], 1
        while name.lower() in self._names:
            number += 1
            tail = f" {number}"
            name = f"{wanted[: 31 - len(tail)]}{tail}"
        self._names.add(name.lower())
        return name


def _write_row(sheet: Any, place: int, row: Row) -> None:
    for column, value in enumerate(row):
        safe = neutral(value)
        if isinstance(safe, str):
            fits = len(safe) <= XLSX_CELL
            sheet.write_string(place, column, safe if fits else safe[: XLSX_CELL - len(_CUT)] + _CUT)
        elif safe is not None:
            sheet.write_number(place, column, safe)
