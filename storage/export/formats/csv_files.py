"""CSV: a file per table."""

import csv
from collections.abc import Sequence
from pathlib import Path

from storage.export.formats.format_writer import Advance, CountedChunks, CountedRows
from storage.export.formats.spreadsheet_safety import neutral, neutral_column
from storage.export.tables.table import ColumnChunks, ExportTable


class CsvFiles:
    """Writes each table as a CSV file of its own."""

    def files(self, tables: Sequence[ExportTable], book_name: str) -> list[tuple[str, Sequence[ExportTable]]]:  # noqa: ARG002 - no file holds them all
        """Return for each table the name of its file, `NAME.csv`, and that table as all that it holds."""
        return [(f"{table.name}.csv", [table]) for table in tables]

    def write(self, path: Path, tables: Sequence[ExportTable], advance: Advance) -> dict[str, int]:
        """Write one table as a CSV file, and return the number of its rows by its name.

        UTF-8 with a byte order mark, without which Excel reads accents as something else. Every text is quoted,
        so that a spreadsheet which splits at semicolons does not find a formula inside one.
        """
        [table] = tables
        rows: CountedRows | CountedChunks
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
            writer.writerow(table.columns)
            if isinstance(table.rows, ColumnChunks):
                rows = CountedChunks(table.rows.chunks, advance)
                for columns in rows:
                    writer.writerows(zip(*map(neutral_column, columns), strict=True))
            else:
                rows = CountedRows(table.rows, advance)
                for row in rows:
                    writer.writerow([neutral(value) for value in row])
        return {table.name: rows.number}
