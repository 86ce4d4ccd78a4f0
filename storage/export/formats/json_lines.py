"""JSON Lines: a JSON object per row, in a file per table."""

import json
from collections.abc import Sequence
from pathlib import Path

from flows.text.terminal_text import escaped_json
from storage.export.formats.format_writer import Advance, CountedRows
from storage.export.tables.table import ExportTable


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
        rows = CountedRows(table.rows, advance)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for row in rows:
                line = json.dumps(dict(zip(table.columns, row, strict=True)), ensure_ascii=False)
                file.write(escaped_json(line))
                file.write("\n")
        return {table.name: rows.number}
