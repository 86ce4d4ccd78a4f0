"""Excel: all tables in one workbook, a worksheet each."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from storage.export.formats.format_writer import REPORT_EVERY, Advance, CountedChunks
from storage.export.formats.xlsx_archive import XlsxArchive
from storage.export.formats.xlsx_rows import rows_as_xml
from storage.export.tables.table import ColumnChunks, ExportTable

XLSX_ROWS = 1_048_576
"""Rows in one worksheet: Excel's specifications and limits."""
XLSX_BYTES = 2_000_000_000
"""Bytes of rows after which a worksheet takes no further chunk: below what every reader of archives takes."""
Chunks = Iterator[Sequence[Sequence[Any]]]
"""Rows, some at a time, as their columns."""


class XlsxWorkbooks:
    """Writes all tables into one workbook."""

    def files(self, tables: Sequence[ExportTable], book_name: str) -> list[tuple[str, Sequence[ExportTable]]]:
        """Return the name of one file, `BOOK_NAME.xlsx`, with all tables as what it holds."""
        return [(f"{book_name}.xlsx", tables)]

    def write(self, path: Path, tables: Sequence[ExportTable], advance: Advance) -> dict[str, int]:
        """Write all tables as worksheets of one workbook, and return the number of rows of each by its name.

        Rows go to disk as they come. Texts stay texts: never formulas, links or numbers.
        """
        with XlsxArchive(path) as archive:
            worksheets = _Worksheets(archive)
            return {table.name: worksheets.write_table(table, advance) for table in tables}


class _Worksheets:
    """Adds worksheets to a workbook and fills them; a long table goes on in a further worksheet."""

    def __init__(self, archive: XlsxArchive) -> None:
        """Write into `archive`, which is open."""
        self._archive = archive
        self._names: set[str] = set()

    def write_table(self, table: ExportTable, advance: Advance) -> int:
        """Write a table, and return the number of its rows."""
        counted = CountedChunks(_chunks(table), advance)
        left: Chunks = iter(counted)
        more = True
        while more:
            with self._archive.sheet(self._free_name(table.name), table.columns) as sheet:
                left, more = _fill(sheet, left)
        return counted.number

    def _free_name(self, wanted: str) -> str:
        """Return a name of at most 31 characters that no other worksheet has; take it."""
        name, number = wanted[:31], 1
        while name.lower() in self._names:
            number += 1
            tail = f" {number}"
            name = f"{wanted[: 31 - len(tail)]}{tail}"
        self._names.add(name.lower())
        return name


def _fill(sheet: IO[bytes], chunks: Chunks) -> tuple[Chunks, bool]:
    """Write rows below the header of a sheet until it is full; return what is left, and whether anything is."""
    row, size = 2, 0
    for columns in chunks:
        fitting = min(len(columns[0]), XLSX_ROWS + 1 - row) if size < XLSX_BYTES else 0
        if fitting:
            size += sheet.write(rows_as_xml(row, [column[:fitting] for column in columns]))
            row += fitting
        if fitting < len(columns[0]):
            return chain([[column[fitting:] for column in columns]], chunks), True
    return chunks, False


def _chunks(table: ExportTable) -> Iterable[Sequence[Sequence[Any]]]:
    """Return the rows of a table as chunks of columns."""
    if isinstance(table.rows, ColumnChunks):
        return table.rows.chunks
    rows = iter(table.rows)
    taken = iter(lambda: list(islice(rows, REPORT_EVERY)), [])
    return (list(zip(*some, strict=True)) for some in taken)
