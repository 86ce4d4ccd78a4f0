"""What was erased stands in no file while `said run` goes on: neither in a page, nor in a log, nor in the journal."""

import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import sleep
from typing import IO

from storage.database.periodic_jobs import PURGE, mark_done
from tests.support.turn_world import make_world

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


@contextmanager
def bot_in(folder: Path, **environment: str) -> Iterator[Running]:
    """A bot in a terminal, somebody talking with it as a clinician."""
    command = [sys.executable, "-m", "bot", "run", "--role", "hcp", "--database", str(folder / "said.sqlite")]
    with subprocess.Popen(
        command,
        env=surroundings(**environment),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Running(process, folder)
        finally:
            process.kill()


def surroundings(**more: str) -> dict[str, str]:
    """The environment of a command, without settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAID_")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | more


def purge(folder: Path, **environment: str) -> None:
    """Run `said purge` beside the bot."""
    command = [sys.executable, "-m", "bot", "purge", "--database", str(folder / "said.sqlite")]
    subprocess.run(
        command, env=surroundings(**environment), cwd=folder, check=True, stdout=subprocess.DEVNULL
    )


def gone(running: Running) -> bool:
    """Wait for a time until no file holds the secret."""
    for _ in range(PATIENCE):
        if not running.files_with_it():
            return True
        sleep(0.1)
    return False


def test_a_process_leaves_nothing_of_what_it_erased(tmp_path: Path) -> None:
    """Words stand in the write-ahead log once they are said, and nowhere once their author had all deleted."""
    with bot_in(tmp_path) as running:
        for reply, until in (("1", "check back"), ("1", "Your role"), ("2", "true?"), ("1", "Write my own")):
            running.say(reply, until=until)
        running.say(f"Ask each patient of {SECRET} about numbness", until="Finish this")
        assert running.files_with_it() != []
        running.say("delete my data", until="No, keep it")
        running.say("yes", until="Your answers are gone")
        assert gone(running)


async def test_a_purge_beside_a_process_leaves_nothing(tmp_path: Path) -> None:
    """What `said purge` let go, of a talk of ten years ago, while the bot goes on and would not purge for years."""
    world = make_world(tmp_path)
    world.clock.jump(timedelta(days=-3_650))
    someone = world.someone()
    await someone.start(world.token())
    for text in ("red", f"My ward {SECRET} has too few nurses at night", "3"):
        await someone.say(text)
    late = datetime(2100, 1, 1, tzinfo=UTC)
    put_off = partial(mark_done, name=PURGE, now=world.clock.now(), next_at=late)
    world.database.write_now(put_off)
    world.database.close()
    key = {"SAID_KEY": b64encode(bytes(32)).decode()}
    with bot_in(tmp_path, **key) as running:
        running.say("1", until="check back")
        assert running.files_with_it() != []
        purge(tmp_path, **key)
        assert gone(running)
        running.say("1", until="Your role")
