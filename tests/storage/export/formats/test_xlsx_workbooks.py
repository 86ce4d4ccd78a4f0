"""A workbook holds all tables, each under its own name, however long they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from storage.export.formats.xlsx_workbooks import XlsxWorkbooks
from storage.export.tables.table import ColumnChunks, ExportTable

ROWS = [[number, f"n{number}"] for number in range(8)]


def table(name: str, rows: Sequence[Sequence[Any]], per_chunk: int = 8) -> ExportTable:
    """A table of numbers and names, so many rows a chunk."""
    chunks = [list(zip(*rows[at : at + per_chunk], strict=True)) for at in range(0, len(rows), per_chunk)]
    return ExportTable(name, ("number", "name"), ColumnChunks(chunks), len(rows))


def read(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each sheet, read as they come, as programs do that spare memory."""
    book = openpyxl.load_workbook(path, read_only=True)
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_a_long_table_goes_on_in_another_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Rows beyond what a sheet holds stand in a next one, under the same header, in the middle of a chunk too."""
    monkeypatch.setattr("storage.export.formats.xlsx_workbooks.XLSX_ROWS", 4)
    path = tmp_path / "long.xlsx"
    assert XlsxWorkbooks().write(path, [table("long", ROWS)], lambda _rows: None) == {"long": 8}
    found = read(path)
    assert list(found) == ["long", "long 2", "long 3"]
    assert [row for rows in found.values() for row in rows[1:]] == [tuple(row) for row in ROWS]
    assert {rows[0] for rows in found.values()} == {("number", "name")}
    book = openpyxl.load_workbook(path)
    assert {sheet.freeze_panes for sheet in book} == {"A2"}
    assert [sheet.sheet_view.tabSelected for sheet in book] == [True, None, None]


def test_many_bytes_go_on_in_another_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Rows beyond what every reader of archives takes of one sheet stand in a next one, nothing lost and none empty."""
    monkeypatch.setattr("storage.export.formats.xlsx_workbooks.XLSX_BYTES", 100)
    path = tmp_path / "long.xlsx"
    told: list[int] = []
    assert XlsxWorkbooks().write(path, [table("long", ROWS, per_chunk=2)], told.append) == {"long": 8}
    assert told == [2, 2, 2, 2]
    found = read(path)
    assert [len(rows) for rows in found.values()] == [3, 3, 3, 3]
    assert [row for rows in found.values() for row in rows[1:]] == [tuple(row) for row in ROWS]


def test_tables_are_sheets(tmp_path: Path):
    """Each table is a sheet under a bold header that stays in sight; no name is there twice."""
    path = tmp_path / "all.xlsx"
    tables = [
        table("a", ROWS),
        table("empty", []),
        table("A", ROWS[:1]),
        table("n" * 40, ROWS),
        table("n" * 41, ROWS),
    ]
    XlsxWorkbooks().write(path, tables, lambda _rows: None)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["a", "empty", "A 2", "n" * 31, "n" * 29 + " 2"]
    assert [sheet.max_row for sheet in book] == [9, 1, 2, 9, 9]
    assert {cell.font.b for sheet in book for cell in sheet[1]} == {True}
    assert {cell.font.b for cell in book["a"][2]} == {False}


def test_an_error_on_the_way_is_told(tmp_path: Path):
    """What goes wrong while rows are read is what comes out, and the file can be deleted at once."""

    def broken():
        yield [[1], ["n"]]
        raise ZeroDivisionError

    path = tmp_path / "broken.xlsx"
    with pytest.raises(ZeroDivisionError):
        XlsxWorkbooks().write(
            path, [ExportTable("t", ("number", "name"), ColumnChunks(broken()), 2)], lambda _rows: None
        )
    path.unlink()
