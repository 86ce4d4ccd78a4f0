"""What all tables of an export share: the selection, the table as a stream of rows, and how a value becomes a cell.

No table holds an address, a name, or an answer that is marked as personal. Times are ISO 8601 in UTC.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.schema import PROGRAM, READING

CHUNK = 1_000
"""Rows fetched at once; memory does not grow with the size of the export."""
VERSION_LENGTH = 12
"""Characters of a flow version's hash that are shown."""
Cell = str | int | float | None
Row = Sequence[Any]
"""Values in the order of the columns: `Cell`s, except in the one table that is written as JSON."""


@dataclass(frozen=True, slots=True)
class ExportSelection:
    """What is exported: rows of one program (None: of all) from a span of time.

    `since` is included, `until` is not; None leaves that side open.
    """

    program: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self, moment: sa.ColumnElement[Any]) -> list[sa.ColumnElement[bool]]:
        """Return the selection as SQL conditions on `moment`, for a query in which the program is joined."""
        wanted: list[sa.ColumnElement[bool]] = []
        if self.program is not None:
            wanted.append(PROGRAM.c.slug == self.program)
        if self.since is not None:
            wanted.append(moment >= self.since)
        if self.until is not None:
            wanted.append(moment < self.until)
        return wanted


@dataclass(frozen=True, slots=True)
class ColumnChunks:
    """Rows that are made a chunk at a time, column by column: what is done to one column is done in one go.

    Each chunk is its columns, all of one length; what is iterated over are the rows. Read once.
    """

    chunks: Iterable[Sequence[Sequence[Any]]]

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""
        for columns in self.chunks:
            yield from zip(*columns, strict=True)


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One table of an export. `rows` is read once; `total` is how many it has, for a progress bar."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]
    total: int


def stream(connection: Connection, query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
    """Yield the rows of a query, fetched a chunk at a time, so that memory does not grow with their number."""
    found = connection.execute(query, execution_options={"stream_results": True, "yield_per": CHUNK})
    return chain.from_iterable(found.partitions())


def stored_chunks(connection: Connection, query: sa.Select[Any]) -> Iterator[dict[str, list[Any]]]:
    """Yield the rows of a query a chunk at a time, as columns by name, with their values as SQLite stores them.

    Closed sets are their codes, yes and no 1 and 0, times texts for `time_cells`; nothing is made of any value.
    """
    columns = query.selected_columns
    plain = query.with_only_columns(
        *(sa.type_coerce(column, sa.types.NULLTYPE).label(column.name) for column in columns),
    )
    names = [column.name for column in columns]
    options = {"stream_results": True, "yield_per": CHUNK}
    for rows in connection.execute(plain, execution_options=options).partitions():
        yield dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def time_cells(stored: Iterable[str | None]) -> list[str | None]:
    """Return times as cells, from how SQLite stores them.

    >>> time_cells(["2026-03-02 09:00:00.123456", None])
    ['2026-03-02T09:00:00Z', None]
    """
    return [None if at is None else f"{at[:10]}T{at[11:19]}Z" for at in stored]


def first_read_at(mine: sa.ColumnElement[bool]) -> sa.Label[Any]:
    """Return the column that says when a text was first read by somebody, `mine` being what its readings meet."""
    return sa.select(sa.func.min(READING.c.read_at)).where(mine).scalar_subquery().label("read_at")


def count(connection: Connection, query: sa.Select[Any]) -> int:
    """Return how many rows a query has."""
    counted = query.order_by(None).with_only_columns(sa.func.count())
    return int(connection.scalar(counted) or 0)


def cell(value: Any) -> Cell:
    """Return a value as a cell: times in ISO 8601 (UTC, with Z), lists with '; ' between, yes and no as 1 and 0."""
    kind = type(value)
    if kind in _AS_IT_IS:
        kept: Cell = value
        return kept
    return _time(value) if kind is datetime else _other_cell(value)


_AS_IT_IS = frozenset({type(None), str, int, float})


@lru_cache(maxsize=1_024)
def _time(at: datetime) -> str:
    """Return a time as a cell; the rows of one turn share theirs."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _other_cell(value: Any) -> Cell:  # noqa: PLR0911 - one line a type
    """Return a value of a rarer type as a cell."""
    match value:
        case Enum():
            return str(value.value)
        case bool():
            return int(value)
        case str() | int() | float():
            return value
        case datetime():
            return _time(value)
        case date():
            return value.isoformat()
        case list():
            return "; ".join(str(cell(one)) for one in value)
        case _:
            return json.dumps(value, ensure_ascii=False, sort_keys=True)


def read_value(text: str | None) -> Any:
    """Return an answer's value from its JSON; None where it was skipped or could not be read."""
    return None if text is None else json.loads(text)
