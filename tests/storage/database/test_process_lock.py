"""One running bot for a database."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.database.process_lock import RunnerLock
from storage.errors import AlreadyRunning, DatabaseUnwritable

HOLD = """
import sys, time
from pathlib import Path
from storage.database.process_lock import RunnerLock
with RunnerLock() as lock:
    lock.take(Path(sys.argv[1]))
    print("held", flush=True)
    time.sleep(60)
"""


def made(path: Path) -> Path:
    """A file that stands for a database."""
    path.touch()
    return path


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    """While one runs there is no second; afterwards, and at another database, there is."""
    again = r"another `said run` uses this database; stop that one"
    one, other = made(tmp_path / "said.sqlite"), made(tmp_path / "other.sqlite")
    with RunnerLock() as first, RunnerLock() as second:
        first.take(one)
        first.take(other)
        with pytest.raises(AlreadyRunning, match=again):
            second.take(one)
    with RunnerLock() as lock:
        lock.take(one)


def test_a_crash_lets_go(tmp_path: Path) -> None:
    """A process that is killed leaves the database free."""
    path = made(tmp_path / "said.sqlite")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with RunnerLock() as lock, pytest.raises(AlreadyRunning):
            lock.take(path)
        other.send_signal(signal.SIGKILL)
    with RunnerLock() as lock:
        lock.take(path)


@pytest.mark.skipif(sys.platform != "linux", reason="the lock on the database itself is Linux's")
def test_nobody_gets_in_by_removing_the_file_of_the_lock(tmp_path: Path) -> None:
    """The database itself is locked, too."""
    path = made(tmp_path / "said.sqlite")
    with RunnerLock() as first, RunnerLock() as second:
        first.take(path)
        (tmp_path / "said.sqlite.lock").unlink()
        with pytest.raises(AlreadyRunning):
            second.take(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The lock's file names its trouble as the database does."""
    with RunnerLock() as lock, pytest.raises(DatabaseUnwritable, match="cannot be written"):
        lock.take(tmp_path / "no" / "said.sqlite")
