"""JSON Lines: a JSON object per row, in a file per table."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import NoneType
from typing import Any, Final

from flows.text.terminal_text import escaped_json
from storage.export.formats.format_writer import Advance, CountedChunks, CountedRows
from storage.export.tables.table import ColumnChunks, ExportTable


class JsonLines:
    """Writes each table as a file of JSON Lines: a JSON object per row, by the names of the columns."""

    def files(self, tables: Sequence[ExportTable], book_name: str) -> list[tuple[str, Sequence[ExportTable]]]:  # noqa: ARG002 - no file holds them all
        """Return for each table the name of its file, `NAME.jsonl`, and that table as all that it holds."""
        return [(f"{table.name}.jsonl", [table]) for table in tables]

    def write(self, path: Path, tables: Sequence[ExportTable], advance: Advance) -> dict[str, int]:
        """Write one table as an object per line, and return the number of its rows by its name.

        A reader of JSON finds the words as they are: formulas are not neutralised here, and what could drive a terminal
        is escaped as JSON has it.
        """
        [table] = tables
        rows: CountedRows | CountedChunks
        names = [f"{_dumped(name)}: " for name in table.columns]
        with path.open("w", encoding="utf-8", newline="\n") as file:
            if isinstance(table.rows, ColumnChunks):
                rows = CountedChunks(table.rows.chunks, advance)
                for columns in rows:
                    members = map(_members, names, columns)
                    lines = "}\n{".join(map(", ".join, zip(*members, strict=True)))
                    file.write(escaped_json(f"{{{lines}}}\n"))
            else:
                rows = CountedRows(table.rows, advance)
                for row in rows:
                    line = ", ".join(map(str.__add__, names, map(_dumped, row)))
                    file.write(escaped_json(f"{{{line}}}\n"))
        return {table.name: rows.number}


_quoted: Final = json.encoder.encode_basestring
_dumped: Final = json.JSONEncoder(ensure_ascii=False).encode


def _members(name: str, values: Sequence[Any]) -> list[str]:
    """Return a column as members of objects; what stands there often is written once.

    Values of several types are written one by one: 1 and yes are the same to a dictionary.
    """
    kinds = set(map(type, values)) - {NoneType}
    if len(kinds) > 1 or not kinds <= _HASHABLE:
        return [name + (_quoted(value) if type(value) is str else _dumped(value)) for value in values]
    written = {value: name + _dumped(value) for value in set(values)}
    return [written[value] for value in values]


_HASHABLE: Final = frozenset({str, int, bool, float})
