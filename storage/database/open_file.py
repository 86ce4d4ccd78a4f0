"""Notice that an open database is not the file at its path any more: deleted, moved, replaced, or without its log.

SQLite goes on with the file that it opened, whatever lies at the path by now: all that is written goes with it. Two
looks at the folder tell, some microseconds each. A copy that was written over the very file is told by the mark of the
run, a number in the header that no backup has (https://www.sqlite.org/fileformat.html#user_version_number).
"""

import glob
import logging
import os
import sqlite3
from contextlib import closing
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

from storage.private_files import make_private_file

MARK_BITS: Final = 31
_MARK_AT: Final = 60
_MARK_BYTES: Final = 4
_RESCUED: Final = ".rescued-"
_log = logging.getLogger(__name__)


class _FileNumber(NamedTuple):
    """What tells a file from every other on the machine, whatever its name."""

    device: int
    inode: int


class OpenFile:
    """The file of a database and its write-ahead log, as they were when they were opened."""

    def __init__(self, path: Path) -> None:
        """Take the file that lies at `path` for the one that is open."""
        self._path = path
        self._log_path = path.with_name(f"{path.name}-wal")
        self._file = _number_of(path)
        self._log: _FileNumber | None = None
        """None until something was written: SQLite makes the log at need, and keeps it while the file is open."""
        self._descriptor: int | None = None
        self._mark = b""

    @cached_property
    def rescue_path(self) -> Path:
        """Where what is open is saved once it is not the file at the path any more: the first name that is free."""
        names = (self._path.with_name(f"{self._path.name}{_RESCUED}{number}") for number in count(1))
        return next(name for name in names if not name.exists())

    def keep_log(self) -> None:
        """Take the log that lies beside the file for the one that is written to, where none is known."""
        if self._log is None:
            self._log = _number_of(self._log_path)

    def hold(self, descriptor: int, mark: int) -> None:
        """Have the header looked at, too, through a descriptor that stays open; it bears `mark` from now on."""
        self._descriptor, self._mark = descriptor, mark.to_bytes(_MARK_BYTES, "big")

    def problem(self) -> str | None:
        """Return what is wrong with the file at the path, in English; None where it is the one that is open."""
        found = _number_of(self._path)
        if found is None:
            return "the file was deleted or moved while it was in use"
        if found != self._file:
            return "another file was put in its place while it was in use"
        if self._log is not None and _number_of(self._log_path) != self._log:
            return "its -wal file was removed or replaced while it was in use"
        if self._descriptor is not None and os.pread(self._descriptor, _MARK_BYTES, _MARK_AT) != self._mark:
            return "something was copied over it while it was in use"
        return None


def rescue(connection: Any, target: Path) -> None:
    """Save what an open SQLite connection holds, which nobody else can reach where its file was deleted, as a new file.

    Where it cannot be saved that is logged.
    """
    try:
        make_private_file(target)
        with closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)
    except (OSError, sqlite3.Error) as error:
        _log.error("what the database held could not be saved: %s", type(error).__name__)


def find_rescued(path: Path) -> tuple[Path, ...]:
    """Return the files that were saved when a database at `path` was taken away, and that nobody has moved since."""
    return tuple(sorted(path.parent.glob(f"{glob.escape(path.name)}{_RESCUED}*")))


def _number_of(path: Path) -> _FileNumber | None:
    """Return what tells the file at a path from others; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a third quicker, at each commit
    except FileNotFoundError:
        return None
    return _FileNumber(found.st_dev, found.st_ino)
