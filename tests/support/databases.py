"""Databases for tests: migrated once in a process, then copied as a file; and nobody waits for the disk.

Migrating takes a third of a second and a commit that reaches the disk some milliseconds; most tests open a
database and write to it many times. What is promised of migrations and of power cuts is tested on databases
that are opened as the program opens them: see the fixture `as_in_production`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from storage.database import connection, migrate

_DURABLE = connection._DURABLE
"""What the program asks of SQLite."""


def prepare(path: Path) -> None:
    """
    Do what `migrate.prepare` does, which here finds that a new database has been migrated.

    It alone looks at a file that is there, and refuses a place where none can be made.
    """
    if not path.exists() and path.parent.is_dir():
        path.touch(mode=0o600)
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


@contextmanager
def opened_quickly() -> Iterator[None]:
    """Open databases by copying, and without waiting for the disk, while this lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "prepare", prepare)
        patch.setattr(connection, "_DURABLE", connection._NOT_DURABLE)
        yield


@contextmanager
def opened_as_in_production() -> Iterator[None]:
    """Open databases as the program does, also inside `opened_quickly`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "prepare", migrate.prepare)
        patch.setattr(connection, "_DURABLE", _DURABLE)
        yield
