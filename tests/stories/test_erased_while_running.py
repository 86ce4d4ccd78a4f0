"""What was erased stands in no file while `said run` goes on: neither in a page, nor in a log, nor in the journal."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import IO

import pytest

SECRET = "Zebedee"
PATIENCE = 600
"""Looks: a reader that is slow on a busy machine keeps the log until a later write."""
ROOT = Path(__file__).parents[2]


class Running:
    """`said run` as a process of its own, in whose terminal somebody types."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process, self.folder = process, folder
        self._keys: IO[str] = process.stdin
        self._screen: IO[str] = process.stdout

    def say(self, text: str, *, until: str) -> None:
        """Type a line, and read the screen up to a line that holds some words."""
        self._keys.write(f"{text}\n")
        self._keys.flush()
        for line in self._screen:
            if until in line:
                return
        raise AssertionError(f"it ended before it said {until!r}")

    def files_with_it(self) -> list[str]:
        """The files of the folder that hold the secret."""
        assert self.process.poll() is None
        found = SECRET.encode()
        return sorted(
            file.name for file in self.folder.rglob("*") if file.is_file() and found in file.read_bytes()
        )


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A bot in a terminal, somebody talking with it as a clinician."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAID_")}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "run", "--role", "hcp", "--database", str(tmp_path / "said.sqlite")],
        env=kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Running(process, tmp_path)
        finally:
            process.kill()


def test_a_process_leaves_nothing_of_what_it_erased(running: Running) -> None:
    """Words stand in the write-ahead log once they are said, and nowhere once their author had all deleted."""
    for reply, until in (("1", "check back"), ("1", "Your role"), ("2", "true?"), ("1", "Write my own")):
        running.say(reply, until=until)
    running.say(f"Ask each patient of {SECRET} about numbness", until="Finish this")
    assert running.files_with_it() != []
    running.say("delete my data", until="No, keep it")
    running.say("yes", until="Your answers are gone")
    for _ in range(PATIENCE):
        if not running.files_with_it():
            return
        sleep(0.1)
    assert running.files_with_it() == []
