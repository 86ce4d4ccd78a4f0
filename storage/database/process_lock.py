"""Let only one bot run on a database: two would send each other's messages twice.

The lock is the operating system's, on a file beside the database: it is released when the process ends,
however it ends, so that nothing has to be tidied up after a crash.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import AlreadyRunning, DatabaseUnwritable


@contextmanager
def only_runner(path: Path) -> Iterator[None]:
    """Hold the lock of the database at `path` while inside the block. Other commands are free to use the database.

    Raises:
        AlreadyRunning: another process holds it.
        DatabaseUnwritable: the lock's file cannot be made.
    """
    file = path.with_name(f"{path.name}.lock")
    try:
        handle = file.open("a", encoding="ascii")
    except OSError as error:
        raise DatabaseUnwritable(
            file, f"cannot be written ({error.strerror})", "make the folder writable for this user"
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(path) from error
        yield
