"""Promises of the registries of storage/export: a table or a format more is one file and one line."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from storage.export import export as exports
from storage.export.export import ExportDestination, export
from storage.export.formats.format_writer import Advance, CountedRows
from storage.export.formats.registry import FORMATS
from storage.export.options import ExportFormat
from storage.export.tables.registry import SUPPORTER_TABLES, TEAM_TABLES, read_tables
from storage.export.tables.table import ExportSelection, ExportTable


@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.connect() as found:
        yield found


def numbers(connection: sa.Connection, selection: ExportSelection) -> list[ExportTable]:
    """A family of one table, as a new module would hold it."""
    return [ExportTable("numbers", ("n", "word"), [(1, "=one"), (2, None)], 2)]


class TabSeparated:
    """A format, as a new module would hold it."""

    def files(self, tables: Sequence[ExportTable], book_name: str):
        return [(f"{table.name}.tsv", [table]) for table in tables]

    def write(self, path: Path, tables: Sequence[ExportTable], advance: Advance) -> dict[str, int]:
        [table] = tables
        rows = CountedRows(table.rows, advance)
        path.write_text("".join("\t".join(map(str, row)) + "\n" for row in [table.columns, *rows]))
        return {table.name: rows.number}


def test_every_format_has_a_writer():
    """None can be asked for that cannot be written."""
    assert set(FORMATS) == set(ExportFormat)


def test_names_of_tables_are_their_own(connection):
    """No two tables of an export would be written to one file."""
    for families in (TEAM_TABLES, SUPPORTER_TABLES):
        names = [table.name for table in read_tables(families, connection, ExportSelection())]
        assert len(set(names)) == len(names) > 0


@pytest.mark.parametrize("form", list(ExportFormat))
def test_a_further_table_is_a_line_in_the_registry(connection, tmp_path, monkeypatch, form):
    """It is written in every format, after the others, with its rows counted."""
    monkeypatch.setattr(exports, "TEAM_TABLES", (*TEAM_TABLES, numbers))
    files = export(connection, ExportDestination(tmp_path, form), ExportSelection())
    assert {name: rows for file in files for name, rows in file.tables.items()}["numbers"] == 2
    if form is ExportFormat.CSV:
        with (tmp_path / "numbers.csv").open(encoding="utf-8-sig", newline="") as file:
            assert list(csv.reader(file)) == [["n", "word"], ["1", "'=one"], ["2", ""]]


def test_a_further_format_is_a_line_in_the_registry(connection, tmp_path, monkeypatch):
    """All tables are written in it, and answers and remarks as JSON Lines beside them as ever."""
    monkeypatch.setattr(exports, "TEAM_TABLES", (numbers,))
    monkeypatch.setattr(exports, "FORMATS", {ExportFormat.CSV: TabSeparated()})
    export(connection, ExportDestination(tmp_path, ExportFormat.CSV), ExportSelection())
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "answers.jsonl",
        "manifest.json",
        "numbers.tsv",
        "remarks.jsonl",
    ]
    assert (tmp_path / "numbers.tsv").read_text() == "n\tword\n1\t=one\n2\tNone\n"


def test_any_table_can_be_written_as_json_lines(connection, tmp_path):
    """An object a row, its columns the names."""
    path = tmp_path / "numbers.jsonl"
    [table] = numbers(connection, ExportSelection())
    assert exports.RAW_FORMAT.write(path, [table], lambda _rows: None) == {"numbers": 2}
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"n": 1, "word": "=one"},
        {"n": 2, "word": None},
    ]
