"""Record the statements that run, and say how SQLite would run them: which tables it walks through, by which index.

SQLite is asked for its plan with the parameters bound and not written out, as the program runs them: a partial index
that a constant would use may not be used by a parameter.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

Recorded = dict[str, Any]
"""Statements with the parameters that each was first run with."""

_recorded: Recorded | None = None
_READS_OR_WRITES = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
_STEP = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?(?:[^(]*\(([^)]*)\))?")
_COLUMN = re.compile(r"(\w+)[=<>]")


class QueryStep(NamedTuple):
    """How SQLite comes to the rows of a table: SCAN or SEARCH, by which index ('' for none) and which columns of it."""

    how: str
    table: str
    index: str
    by: tuple[str, ...]


class RecordingCursor(sqlite3.Cursor):
    """A cursor that keeps what it runs, while somebody asks for it."""

    def execute(self, sql: str, parameters: Any = (), /) -> "RecordingCursor":
        if _recorded is not None and _READS_OR_WRITES.match(sql):
            _recorded.setdefault(sql, parameters)
        super().execute(sql, parameters)
        return self

    def executemany(self, sql: str, parameters: Any, /) -> "RecordingCursor":
        rows = list(parameters)
        if _recorded is not None and rows and _READS_OR_WRITES.match(sql):
            _recorded.setdefault(sql, rows[0])
        super().executemany(sql, rows)
        return self


class RecordingConnection(sqlite3.Connection):
    """A connection whose cursors record."""

    def cursor(self, factory: Any = RecordingCursor, /) -> Any:
        return super().cursor(factory)


@contextmanager
def recording_connections() -> Iterator[None]:
    """Within the block, databases are opened with connections that can record."""
    real = sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        return real(*arguments, **{"factory": RecordingConnection, **options})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect)  # by which the program opens files
        yield


@contextmanager
def recorded() -> Iterator[Recorded]:
    """Yield the statements that run within the block, as they come."""
    global _recorded  # noqa: PLW0603 - cursors are made by the driver, and know nobody
    _recorded = {}
    try:
        yield _recorded
    finally:
        _recorded = None


def plan(connection: sqlite3.Connection, statement: str, parameters: Any) -> tuple[str, ...]:
    """Return the steps by which SQLite would run a statement, a line each."""
    return tuple(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))


def tables_of(connection: sqlite3.Connection, statement: str) -> Mapping[str, str]:
    """Return the table behind each name that a plan may use: its own, and its aliases in the statement."""
    names = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    found = {name: name for name in names}
    for name in names:
        for alias in re.findall(rf"\b{name} AS (\w+)", statement):
            found[alias] = name
    return found


def steps(connection: sqlite3.Connection, statement: str, parameters: Any) -> Iterator[QueryStep]:
    """Yield how SQLite would come to rows.

    Subqueries that are walked through are left out: what they hold is told by steps of their own.
    """
    tables = tables_of(connection, statement)
    for line in plan(connection, statement, parameters):
        step = _STEP.match(line)
        if step is not None and step[2] in tables:
            how = "SCAN" if "AUTOMATIC" in line else step[1]  # an index made for the occasion, of all rows
            columns = tuple(_COLUMN.findall(step[4] or ""))
            yield QueryStep(how, tables[step[2]], step[3] or "", columns)


def counts_preparations(connection: sqlite3.Connection) -> bool:
    """Return whether SQLite was built with its table of prepared statements, which `prepares` looks at."""
    modules = connection.execute("SELECT 1 FROM pragma_module_list WHERE name = 'sqlite_stmt'")
    return modules.fetchone() is not None


def prepares(connection: sqlite3.Connection, statement: str, parameters: Any) -> int:
    """Return how often SQLite prepares a statement anew that is run twice. It is explained, and changes nothing."""
    explained = f"EXPLAIN {statement}"
    for _ in range(2):
        connection.execute(explained, parameters).fetchall()
    found = connection.execute("SELECT reprep FROM sqlite_stmt WHERE sql = ?", (explained,)).fetchone()
    return int(found[0])
