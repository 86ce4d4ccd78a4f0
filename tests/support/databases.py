"""Databases for tests: migrated once in a process, then copied as a file; and nobody waits for the disk.

Migrating takes a third of a second and a commit that reaches the disk some milliseconds; most tests open a
database and write to it many times. Statements are compiled once in a process, where SQLAlchemy by itself
does so once a database. What is promised of migrations and of power cuts is tested on databases that are
opened as the program opens them: see the fixture `as_in_production`.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

from storage.database import connection, engines, journal, migrate

_DURABLE = engines._DURABLE
"""What the program asks of SQLite."""
_engine = engines._engine
_sync = journal.sync
_STATEMENTS = 5_000
"""How many compiled ones are kept; the program has some hundreds."""


def prepare(path: Path) -> None:
    """
    Do what `migrate.prepare` does, which here finds that a new database has been migrated.

    It alone looks at a file that is there, and refuses a place where none can be made.
    """
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(_migrated())
    migrate.prepare(path)


@cache
def _migrated() -> bytes:
    """Return the file of a new database, whole: nothing of it is left in a journal."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "said.sqlite"
        migrate.prepare(path)
        assert not path.with_name(f"{path.name}-wal").exists()
        return path.read_bytes()


def engine(
    path: Path,
    connect: Callable[[], sqlite3.Connection],
    begin: str,
    pragmas: Sequence[str],
    connections: int,
) -> sa.Engine:
    """Make an engine as the program does, with the dialect and the compiled statements of those before it."""
    return share_statements(_engine(path, connect, begin, pragmas, connections))


def share_statements(made: sa.Engine) -> sa.Engine:
    """Have an engine use the dialect and the compiled statements of those before it, and return it."""
    first = _first_engine()
    made.dialect = made.pool._dialect = first.dialect
    made._compiled_cache = first._compiled_cache
    return made


@cache
def _first_engine() -> sa.Engine:
    """Return the engine whose dialect and compiled statements are shared. The dialect asks SQLite for its version."""
    made = sa.create_engine("sqlite://", query_cache_size=_STATEMENTS)
    with made.connect():
        pass
    made.dispose()
    return made


@contextmanager
def opened_quickly() -> Iterator[None]:
    """Open databases by copying, and without waiting for the disk, while this lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "prepare", prepare)
        patch.setattr(engines, "_engine", engine)
        patch.setattr(engines, "_DURABLE", engines._NOT_DURABLE)
        patch.setattr(journal, "sync", lambda _descriptor: None)
        yield


@contextmanager
def opened_as_in_production() -> Iterator[None]:
    """Open databases as the program does, also inside `opened_quickly`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "prepare", migrate.prepare)
        patch.setattr(engines, "_engine", _engine)
        patch.setattr(engines, "_DURABLE", _DURABLE)
        patch.setattr(journal, "sync", _sync)
        yield
