"""Tables into files. Each file appears whole under its name, or not at all."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import xlsxwriter

from storage.export.tables.base import Cell, ExportTable, Row

Advance = Callable[[int], None]
"""Told how many more rows are written."""

REPORT_EVERY = 500
"""Rows between two words to the progress bar."""

_FORMULA = re.compile("^[\\s\ufeff\u200b\\x00-\\x1f]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|^[\\t\\r\\n]")
"""What a spreadsheet may run: = + - @, also behind white space or as full-width signs, and a cell that begins
with a tab or a new line. Source: OWASP, CSV Injection."""

XLSX_CELL = 32_767
"""Characters in one cell of a worksheet, and rows in one worksheet: Excel's specifications and limits."""
XLSX_ROWS = 1_048_576
_CUT = " [cut here; whole in answers.jsonl]"


def neutral(value: Cell) -> Cell:
    """A text that a spreadsheet would run, with an apostrophe before it; all else as it is.

    >>> neutral("=1+1"), neutral("plain"), neutral(-5)
    ("'=1+1", 'plain', -5)
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.search(value) else value


@contextmanager
def whole_files(targets: Iterable[Path]) -> Iterator[dict[Path, Path]]:
    """
    Drafts to write to, which take their names when all of them are written.

    An error on the way, or Ctrl-C, leaves what was there before.
    """
    drafts = {target: target.with_name(f".{target.name}.{uuid4().hex[:8]}.part") for target in targets}
    try:
        yield drafts
        for target, draft in drafts.items():
            draft.replace(target)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def write_csv(path: Path, table: ExportTable, advance: Advance) -> int:
    """
    One table as CSV; answers with the number of its rows.

    UTF-8 with a byte order mark, without which Excel reads accents as something else. Every text is quoted,
    so that a spreadsheet which splits at semicolons does not find a formula inside one.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(table.columns)
        number = 0
        for number, row in enumerate(table.rows, 1):
            writer.writerow([neutral(value) for value in row])
            _tell(number, advance)
    return _done(number, advance)


def write_jsonl(path: Path, objects: Iterable[dict[str, Any]], advance: Advance) -> int:
    """One JSON object a line, with the words byte for byte: nothing is neutralised here."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        number = 0
        for number, found in enumerate(objects, 1):
            file.write(json.dumps(found, ensure_ascii=False))
            file.write("\n")
            _tell(number, advance)
    return _done(number, advance)


def write_xlsx(path: Path, tables: Iterable[ExportTable], advance: Advance) -> dict[str, int]:
    """All tables as worksheets of one workbook; answers with the number of rows of each.

    Rows go to disk as they come (`constant_memory`). Texts stay texts: never formulas, links or numbers.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    written: dict[str, int] = {}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        names = _SheetNames()
        for table in tables:
            written[table.name] = _write_sheets(book, bold, table, names, advance)
    return written


class _SheetNames:
    """Names of worksheets: at most 31 characters, and never the same twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        name, number = wanted[:31], 1
        while name.lower() in self._taken:
            number += 1
            tail = f" {number}"
            name = f"{wanted[: 31 - len(tail)]}{tail}"
        self._taken.add(name.lower())
        return name


def _write_sheets(book: Any, bold: Any, table: ExportTable, names: _SheetNames, advance: Advance) -> int:
    sheet: Any = None
    place = number = 0
    for number, row in enumerate(table.rows, 1):
        if sheet is None or place == XLSX_ROWS:
            sheet, place = _new_sheet(book, bold, table, names), 1
        _write_row(sheet, place, row)
        place += 1
        _tell(number, advance)
    if sheet is None:
        _new_sheet(book, bold, table, names)
    return _done(number, advance)


def _new_sheet(book: Any, bold: Any, table: ExportTable, names: _SheetNames) -> Any:
    sheet = book.add_worksheet(names.take(table.name))
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(table.columns):
        sheet.write_string(0, place, name, bold)
    return sheet


def _write_row(sheet: Any, place: int, row: Row) -> None:
    for column, value in enumerate(row):
        safe = neutral(value)
        if isinstance(safe, str):
            fits = len(safe) <= XLSX_CELL
            sheet.write_string(place, column, safe if fits else safe[: XLSX_CELL - len(_CUT)] + _CUT)
        elif safe is not None:
            sheet.write_number(place, column, safe)


def _tell(number: int, advance: Advance) -> None:
    if number % REPORT_EVERY == 0:
        advance(REPORT_EVERY)


def _done(number: int, advance: Advance) -> int:
    advance(number % REPORT_EVERY)
    return number
