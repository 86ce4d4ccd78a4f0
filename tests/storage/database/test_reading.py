"""A database is read where its disk is full, and never as less than it is."""

import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage.database.address_keys import AddressKeys, key_path, load_or_make_key
from storage.database.connection import Database
from storage.database.reading import connect_to_read, look_at

ADD = "INSERT INTO program (slug, title, settings, hash, loaded_at) VALUES ('{}', '', '{{}}', '', '')"
READS = (
    ("participants",),
    ("audit", "verify"),
    ("db", "check"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that is closed, with its key."""
    made = tmp_path / "said.sqlite"
    key = AddressKeys(load_or_make_key(key_path(made)))
    Database.open(made, identity=key).close()
    return made


def with_a_full_disk(path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that can write no file; what it prints goes to a pipe."""
    nothing = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))}
    return subprocess.run(
        (sys.executable, "-m", "bot", *words, "--database", os.fspath(path)),
        capture_output=True,
        text=True,
        check=False,
        **nothing,
    )


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_commands_that_read_do_so_on_a_full_disk(path: Path, words: tuple[str, ...]) -> None:
    """A log is there, as after a bot that was killed, and no index of it can be made."""
    path.with_name(f"{path.name}-wal").touch()
    shown = with_a_full_disk(path, *words)
    assert (shown.returncode, "Traceback" in shown.stderr) == (0, False), shown.stderr
    assert shown.stdout or shown.stderr


def test_a_command_that_writes_says_that_the_disk_is_full(path: Path) -> None:
    """In one line, and nothing is changed."""
    before = path.read_bytes()
    shown = with_a_full_disk(path, "identity", "rotate", "--new-key-file", os.fspath(path.with_name("new")))
    assert shown.returncode == 1
    assert "Traceback" not in shown.stderr
    assert path.read_bytes() == before


def test_what_stands_in_the_log_is_never_left_out(path: Path, tmp_path: Path) -> None:
    """Where the log holds something and cannot be read, the file alone would be an older state: it is refused."""
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute(ADD.format("in-the-log"))
        writer.commit()
        copy = tmp_path / "copy" / path.name
        copy.parent.mkdir()
        for name in (path.name, f"{path.name}-wal", "said.key"):
            copy.with_name(name).write_bytes(path.with_name(name).read_bytes())
            copy.with_name(name).chmod(0o600)
    shown = with_a_full_disk(copy, "program", "list")
    assert (shown.returncode, "check the disk" in shown.stderr) == (1, True), shown.stderr
    with closing(connect_to_read(copy)) as read:
        assert read.execute("SELECT slug FROM program").fetchall() == [("in-the-log",)]


def test_to_read_makes_no_file(tmp_path: Path) -> None:
    """Neither where there is none, nor beside one that nobody has open."""
    with pytest.raises(sqlite3.OperationalError):
        connect_to_read(tmp_path / "none.sqlite").execute("SELECT 1 FROM sqlite_master")
    assert list(tmp_path.iterdir()) == []


def test_to_look_leaves_no_trace(path: Path) -> None:
    """A closed database is looked at without a log."""
    before = sorted(path.parent.iterdir())
    with closing(look_at(path)) as read:
        assert read.execute("SELECT count(*) FROM program").fetchall() == [(0,)]
        assert sorted(path.parent.iterdir()) == before


def test_a_connection_to_read_writes_nothing(path: Path) -> None:
    """What it is asked to write is refused."""
    with closing(connect_to_read(path)) as read, pytest.raises(sqlite3.OperationalError, match="readonly"):
        read.execute(ADD.format("never"))
