"""What stands in a workbook is what was to be written, however it was said."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.escape import unescape

from storage.export.formats.xlsx_rows import XLSX_CELL, column_cells
from storage.export.formats.xlsx_workbooks import XlsxWorkbooks
from storage.export.tables.table import ColumnChunks, ExportTable

ODD = (
    "plain",
    "a < b & c > d",
    " spaces around ",
    "two\nlines\tand a tab",
    "a bell \x07, a return \r and an escape \x1b[31m",
    "no character: \ufffe \uffff",
    "written _x0041_ by hand",
    "<r><t>no run of rich text</t></r>",
    '<r></r></c><c r="B1"><f>HYPERLINK("http://a.example")</f></c></r>',
    "]]> <!-- & &amp; -->",
    "שלום, 你好, é, 😀",
    "00123",
    "3/4",
    "",
)


def written(path: Path, rows: Sequence[Sequence[Any]], *, chunked: bool = True) -> list[list[Any]]:
    """The rows as they are read again from a workbook, without the header."""
    columns = tuple(f"c{place}" for place in range(len(rows[0])))
    source = ColumnChunks([list(zip(*rows, strict=True))]) if chunked else rows
    told: list[int] = []
    found = XlsxWorkbooks().write(path, [ExportTable("table", columns, source, len(rows))], told.append)
    assert found == {"table": len(rows)}
    assert sum(told) == len(rows)
    sheet = openpyxl.load_workbook(path)["table"]
    read = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert read[0] == list(columns)
    return read[1:]


def plain(value: Any) -> Any:
    """What Excel shows of a text: openpyxl leaves the escapes of characters that XML does not hold."""
    return unescape(value) if isinstance(value, str) else value


def units(text: str) -> int:
    """How long a text is to Excel."""
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("chunked", [True, False])
def test_every_text_comes_back(tmp_path: Path, chunked: bool):
    """Nothing that a person writes breaks the file, is run by it, or comes back as something else."""
    rows = [[text, number, None] for number, text in enumerate(ODD)]
    read = written(tmp_path / "odd.xlsx", rows, chunked=chunked)
    assert [[plain(value) or "", number, none] for value, number, none in read] == rows


def test_words_are_no_markup(tmp_path: Path):
    """Words that look like the file's own markup put no formula into it, and no text into another cell."""
    path = tmp_path / "markup.xlsx"
    written(path, [[text, "next"] for text in ODD])
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<r>" not in sheet
    assert sheet.count("<c ") == 2 * len(ODD) + 2


def test_a_formula_is_neutral(tmp_path: Path):
    """A text that a spreadsheet would run has an apostrophe before it, a number that is below zero has none."""
    read = written(tmp_path / "formula.xlsx", [["=1+1", -5], ["@SUM(A1)", -0.5]])
    assert read == [["'=1+1", -5], ["'@SUM(A1)", -0.5]]


def test_numbers_are_as_the_library_writes_them(tmp_path: Path):
    """Whole numbers, shares, yes and no, and very large and small ones."""
    numbers = [0, 1, -7, 0.5, 1 / 3, True, False, 10**15, 1e-9, 123456789.25, -(10**18) - 1]
    with xlsxwriter.Workbook(str(tmp_path / "theirs.xlsx")) as book:
        sheet = book.add_worksheet()
        for row, number in enumerate(numbers):
            sheet.write_number(row, 0, number)
    theirs = openpyxl.load_workbook(tmp_path / "theirs.xlsx").active
    read = written(tmp_path / "ours.xlsx", [[number] for number in numbers])
    assert [row[0] for row in read] == [row[0].value for row in theirs.iter_rows()]
    for whole in ([5, -12, 10**14], [10**15, 7], [10**18 + 1, 7]):
        assert column_cells(whole) == [f"<c><v>{number:.16G}</v></c>" for number in whole]
    assert column_cells([float("nan")]) == ['<c t="inlineStr"><is><t>nan</t></is></c>']


@pytest.mark.parametrize("letter", ["x", "😀"])
def test_a_long_text_is_cut_where_excel_would_refuse_it(tmp_path: Path, letter: str):
    """A cell holds 32,767 units of UTF-16; a longer text is cut, never within a character, and says so."""
    fits = letter * (XLSX_CELL // units(letter))
    [[whole, cut]] = written(tmp_path / "long.xlsx", [[fits, f"{fits}{letter}"]])
    assert whole == fits
    kept, mark = re.fullmatch(f"({letter}+)( .*)", cut).groups()  # type: ignore[union-attr]
    assert mark == " [cut here; whole in answers.jsonl]"
    assert XLSX_CELL - 1 <= units(f"{kept}{mark}") <= XLSX_CELL
