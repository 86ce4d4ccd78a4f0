"""Keep what SQLite knows of its tables: by it SQLite chooses among indexes, and it finds out nothing by itself.

Without it SQLite guesses, and its guess for a table of one large program can be the slowest way there is. A table is
looked at again once it has grown or shrunk to a multiple; a thousand rows of each index are read then, so that one
table takes some milliseconds whatever its size. Each is a transaction of its own: a turn that comes meanwhile waits
for one table, and not for all.
"""

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.schema import METADATA

FEW_ROWS = 500
"""Any way through a table of so few rows is a short one."""
MULTIPLE = 4
"""A table that has grown or shrunk by this factor since is looked at again."""
_ROWS_READ = 1_000
_NAMES = tuple(
    table.name
    for table in METADATA.sorted_tables
    if table.indexes or any(isinstance(one, sa.UniqueConstraint) for one in table.constraints)
)
"""The tables with more than one way to a row; the audit trail is none."""
_SIZES = "SELECT " + ", ".join(f"(SELECT max(rowid) FROM {name})" for name in _NAMES)  # noqa: S608 - our own names
_IS_KNOWN = "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'"
_KNOWN = "SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl"


def outgrown(connection: Connection) -> tuple[str, ...]:
    """Return the names of the tables about whose size SQLite is wrong by a multiple, in no particular order."""
    sizes = connection.exec_driver_sql(_SIZES).one()
    known: dict[str, int] = {}
    if connection.exec_driver_sql(_IS_KNOWN).scalar():
        known = dict(tuple(row) for row in connection.exec_driver_sql(_KNOWN))
    return tuple(
        name
        for name, size in zip(_NAMES, sizes, strict=True)
        if (size or 0) > FEW_ROWS and not size / MULTIPLE < known.get(name, 0) < size * MULTIPLE
    )


def look_at(connection: Connection, table: str) -> None:
    """Have SQLite look at a table, in the caller's transaction; its other connections know of it once opened anew."""
    connection.exec_driver_sql(f"PRAGMA analysis_limit={_ROWS_READ}")
    connection.exec_driver_sql(f'ANALYZE "{table}"')
