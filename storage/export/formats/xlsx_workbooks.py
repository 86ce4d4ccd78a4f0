"""Excel: all tables in one workbook, a worksheet each."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter

from storage.export.formats.format_writer import REPORT_EVERY, Advance, CountedChunks
from storage.export.formats.xlsx_rows import RowsWorksheet
from storage.export.tables.table import ColumnChunks, ExportTable

XLSX_ROWS = 1_048_576
"""Rows in one worksheet: Excel's specifications and limits."""


class XlsxWorkbooks:
    """Writes all tables into one workbook."""

    def files(self, tables: Sequence[ExportTable], book_name: str) -> list[tuple[str, Sequence[ExportTable]]]:
        """Return the name of one file, `BOOK_NAME.xlsx`, with all tables as what it holds."""
        return [(f"{book_name}.xlsx", tables)]

    def write(self, path: Path, tables: Sequence[ExportTable], advance: Advance) -> dict[str, int]:
        """Write all tables as worksheets of one workbook, and return the number of rows of each by its name.

        Rows go to disk as they come (`constant_memory`). Texts stay texts: never formulas, links or numbers.
        """
        options = {"constant_memory": True, "tmpdir": str(path.parent)}
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
        chunks = CountedChunks(_chunks(table), advance)
        sheet, place = self._add_sheet(table), 1
        for columns in chunks:
            written, number = 0, len(columns[0])
            while written < number:
                if place == XLSX_ROWS:
                    sheet, place = self._add_sheet(table), 1
                fitting = min(number - written, XLSX_ROWS - place)
                sheet.write_columns(place, [column[written : written + fitting] for column in columns])
                written, place = written + fitting, place + fitting
        return chunks.number

    def _add_sheet(self, table: ExportTable) -> RowsWorksheet:
        sheet: RowsWorksheet = self._book.add_worksheet(self._free_name(table.name), RowsWorksheet)
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


def _chunks(table: ExportTable) -> Iterable[Sequence[Sequence[Any]]]:
    """Return the rows of a table as chunks of columns."""
    if isinstance(table.rows, ColumnChunks):
        return table.rows.chunks
    rows = iter(table.rows)
    taken = iter(lambda: list(islice(rows, REPORT_EVERY)), [])
    return (list(zip(*some, strict=True)) for some in taken)
