"""What every format of an export offers, and how writing tells of its progress."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from storage.export.tables.table import ExportTable, Row

Advance = Callable[[int], None]
"""Told how many more rows are written."""

REPORT_EVERY = 500
"""Rows between two calls of `Advance`."""


class FormatWriter(Protocol):
    """What writes tables as files of one format, such as CSV."""

    def files(self, tables: Sequence[ExportTable], book_name: str) -> list[tuple[str, Sequence[ExportTable]]]:
        """Return the names of the files to write, each with the tables that it will hold.

        `book_name` is the name, without ending, of a file that holds all tables.
        """

    def write(self, path: Path, tables: Sequence[ExportTable], advance: Advance) -> dict[str, int]:
        """Write tables into one file, and return the number of rows of each by its name.

        `advance` is told from time to time how many more rows are written.
        """


class CountedChunks:
    """Counts the rows of chunks as they are read, and tells `advance` of each chunk. `number` is how many so far."""

    def __init__(self, chunks: Iterable[Sequence[Sequence[Any]]], advance: Advance) -> None:
        """Count the rows of `chunks`, and call `advance` with how many more were read."""
        self._chunks = chunks
        self._advance = advance
        self.number = 0

    def __iter__(self) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the chunks, each as its columns."""
        for columns in self._chunks:
            yield columns
            self.number += len(columns[0])
            self._advance(len(columns[0]))


class CountedRows:
    """Counts rows as they are read, and tells `advance` of each full `REPORT_EVERY` of them.

    `number` is how many rows were read so far.
    """

    def __init__(self, rows: Iterable[Row], advance: Advance) -> None:
        """Count the rows of `rows`, and call `advance` with how many more were read."""
        self._rows = rows
        self._advance = advance
        self.number = 0

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows; at the end, tell of those that made no full step."""
        for row in self._rows:
            yield row
            self.number += 1
            if self.number % REPORT_EVERY == 0:
                self._advance(REPORT_EVERY)
        self._advance(self.number % REPORT_EVERY)
