"""Make the engines of a database: one connection that writes, a few that read."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from storage.database.reading import connect_to_read

_WRITER_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)
_DURABLE = "PRAGMA synchronous=FULL"
_NOT_DURABLE = "PRAGMA synchronous=OFF"
_READER_CACHE: Final = "PRAGMA cache_size=-16384"


def write_engine(path: Path, wait: str, *, durable: bool) -> sa.Engine:
    """Make the engine of the one connection that writes; `wait` is the pragma of how long it waits for a lock.

    `durable` False waits for no disk.
    """
    pragmas = (wait, *_WRITER_PRAGMAS, _DURABLE if durable else _NOT_DURABLE)
    return _engine(path, partial(_connect_to_write, path), "BEGIN IMMEDIATE", pragmas, 1)


def read_engine(path: Path, wait: str, *, connections: int) -> sa.Engine:
    """Make the engine of the connections that read; `wait` is the pragma of how long they wait for a lock."""
    return _engine(path, partial(connect_to_read, path), "BEGIN", (wait, _READER_CACHE), connections)


def _connect_to_write(path: Path) -> sqlite3.Connection:
    """Open a database to write to. No file is made where there is none: it would stand in place of a lost one."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False)


def _engine(
    path: Path,
    connect: Callable[[], sqlite3.Connection],
    begin: str,
    pragmas: Sequence[str],
    connections: int,
) -> sa.Engine:
    """Make an engine whose connections run `pragmas` when opened, and whose transactions begin with `begin`.

    `connect` opens the file; the engine knows the path for what is said of errors.
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=os.fspath(path)),
        creator=connect,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=connections,
    )

    @sa.event.listens_for(engine, "connect")
    def _connected(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # the driver begins nothing by itself: see "begin"
        for pragma in pragmas:
            raw.execute(pragma)

    @sa.event.listens_for(engine, "begin")
    def _began(connection: sa.Connection) -> None:
        connection.connection.cursor().execute(begin)

    return engine
