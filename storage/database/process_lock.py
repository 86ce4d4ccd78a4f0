"""Let only one bot run on a database: two would send each other's messages twice.

The locks are the operating system's: they are released when the process ends, however it ends, so that nothing has to
be tidied up after a crash. One is on a file beside the database. On Linux another is on the database itself, so that
nobody gets in by removing that file; elsewhere it might stand in the way of SQLite's own locks.
"""

import fcntl
import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.errors import AlreadyRunning, DatabaseUnwritable
from storage.private_files import make_private_file


class RunnerLock:
    """The right to be the only bot on a database.

    A context manager, to be entered before the database is opened and left once it is closed: whoever closes the file
    before SQLite does gives up SQLite's own locks on it (https://www.sqlite.org/howtocorrupt.html).
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._held = ExitStack()

    def __enter__(self) -> Self:
        """Return the lock itself, which holds nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of what is held."""
        self._held.close()

    def take(self, path: Path) -> int:
        """Lock the database at `path`, which is there; return the descriptor of its file, open while the lock is held.

        Other commands are free to use the database.

        Raises:
            AlreadyRunning: another process holds it.
            DatabaseUnwritable: the lock's file cannot be made, or the database cannot be read.
        """
        self.take_beside(path)
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise _unusable(path, error) from error
        self._held.callback(os.close, descriptor)
        if sys.platform == "linux":
            _lock(descriptor, path)
        return descriptor

    def take_beside(self, path: Path) -> None:
        """Lock the file beside the database at `path`, which need not be there.

        Raises:
            AlreadyRunning: another process holds it.
            DatabaseUnwritable: the lock's file cannot be made.
        """
        file = path.with_name(f"{path.name}.lock")
        try:
            with suppress(FileExistsError):
                make_private_file(file)
            beside = self._held.enter_context(file.open("a", encoding="ascii"))
        except OSError as error:
            raise _unusable(file, error) from error
        _lock(beside.fileno(), path)


def _lock(descriptor: int, path: Path) -> None:
    """Lock an open file for the database at `path`."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AlreadyRunning(path) from error


def _unusable(file: Path, error: OSError) -> DatabaseUnwritable:
    remedy = "make the folder writable for this user"
    return DatabaseUnwritable(file, f"cannot be written ({error.strerror})", remedy)
