"""Open the file of a database to read it, also where nothing more can be written to its disk.

Theory. SQLite reads a database that has a write-ahead log through an index of that log (`-shm`), and makes one where
there is none, which takes room (https://www.sqlite.org/wal.html#read_only_databases). Whoever writes has one already.
So where none can be made nobody writes, and if nothing stands in the log either, the file alone is the whole database:
it may be read as one that never changes.
"""

import sqlite3
from pathlib import Path
from typing import Final

_NO_ROOM: Final = frozenset(
    {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMOPEN", "SQLITE_IOERR_SHMMAP"}
)
"""What SQLite says where the index of the log cannot be made."""


def look_at(path: Path) -> sqlite3.Connection:
    """Open a file for reading without a trace: as immutable, unless a log says that somebody writes it or did."""
    if not _log_of(path).exists():
        return _connected(path, "immutable=1")
    return _connected_or_still(path, "mode=ro")


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a database that others may write to meanwhile for reading. No file is made where there is none.

    Raises:
        sqlite3.Error: it cannot be read; where the disk is full, what stands in its log cannot.
    """
    connection = _connected_or_still(path, "mode=rw")
    connection.execute("PRAGMA query_only=ON")
    return connection


def _connected_or_still(path: Path, how: str) -> sqlite3.Connection:
    """Open a file as asked; as one that never changes where no index of its log can be made, and the log is empty."""
    connection = _connected(path, how)
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorname not in _NO_ROOM or not _is_whole(path):
            raise
        return _connected(path, "immutable=1")
    except sqlite3.DatabaseError:
        pass  # it is damaged, or no database: whoever reads says so
    return connection


def _connected(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, check_same_thread=False)


def _is_whole(path: Path) -> bool:
    """Return whether nothing stands in the write-ahead log of a file."""
    log = _log_of(path)
    return not log.exists() or not log.stat().st_size


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
