"""One running bot for a database."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.database.process_lock import only_runner
from storage.errors import AlreadyRunning, DatabaseUnwritable

HOLD = """
import sys, time
from pathlib import Path
from storage.database.process_lock import only_runner
with only_runner(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    """While one runs there is no second; afterwards, and at another database, there is."""
    again = r"another `said run` uses this database; stop that one"
    one, other = tmp_path / "said.sqlite", tmp_path / "other.sqlite"
    with only_runner(one), only_runner(other), pytest.raises(AlreadyRunning, match=again), only_runner(one):
        pass
    with only_runner(tmp_path / "said.sqlite"):
        pass


def test_a_crash_lets_go(tmp_path: Path) -> None:
    """A process that is killed leaves the database free."""
    path = tmp_path / "said.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning), only_runner(path):
            pass
        other.send_signal(signal.SIGKILL)
    with only_runner(path):
        pass


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """The lock's file names its trouble as the database does."""
    with (
        pytest.raises(DatabaseUnwritable, match="cannot be written"),
        only_runner(tmp_path / "no" / "said.sqlite"),
    ):
        pass
