"""The key of a database: made with it, proved by it, and refused before anything is written where it is another."""

import base64
import errno
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.root import app
from storage.database import key_rotation, migrate
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.errors import (
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseMissing,
    IdentityError,
    KeyNotConfirmed,
    KeyUnreadable,
    KeyWrong,
    StorageError,
)
from tests.support import earlier_database

COMMANDS = (
    ["participants"],
    ["program", "list"],
    ["db", "migrate"],
    ["identity", "rotate", "--new-key-file", "new.key"],
    ["identity", "adopt"],
    ["purge"],
    ["export", "--to", "out"],
    ["run", "--role", "hcp"],
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database that was just made, and its key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAID_KEY", raising=False)
    Database.open("said.sqlite").close()
    return tmp_path


def write_key(file: Path, first: int = 7) -> None:
    file.write_text(base64.b64encode(bytes([first]) * 32).decode())
    file.chmod(0o600)


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != ".sqlite-shm"}


def invoke(*command: str) -> BaseException | None:
    return CliRunner().invoke(app, [*command, "--database", "said.sqlite"], input="").exception


def without_proof(path: Path) -> None:
    """As a database of before, with a link that was given."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM key_check")
        needed = connection.execute(
            "SELECT name, type FROM pragma_table_info('invitation') WHERE \"notnull\" AND NOT pk"
        )
        values = {
            name: "'2026-03-02 09:00:00.000000'" if kind == "DATETIME" else "x'01'" if kind == "BLOB" else "1"
            for name, kind in needed
        }
        connection.execute(
            f"INSERT INTO invitation ({', '.join(values)}) VALUES ({', '.join(values.values())})"
        )
        connection.commit()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_missing_key_is_refused_and_none_is_made(folder: Path, command: list[str]) -> None:
    """Also where nobody is in the database yet: links that were given are known by the key."""
    (folder / "said.key").unlink()
    before = content(folder)
    error = invoke(*command)
    assert isinstance(error, KeyUnreadable), error
    assert "there is no identity key" in str(error)
    assert content(folder) == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_wrong_key_is_refused_and_nothing_is_written(folder: Path, command: list[str]) -> None:
    """By every command that uses one."""
    write_key(folder / "said.key")
    before = content(folder)
    error = invoke(*command)
    assert isinstance(error, KeyWrong), error
    assert content(folder) == before


def test_a_wrong_key_does_not_migrate(tmp_path: Path) -> None:
    """A database of before is left as it is, and with its own key gets its proof."""
    path = earlier_database.make(tmp_path / "said.sqlite")
    before = path.read_bytes()
    with pytest.raises(KeyWrong):
        Database.open(path, identity=AddressKeys(bytes(32)))
    assert path.read_bytes() == before
    Database.open(path, identity=AddressKeys(earlier_database.TEST_KEY)).close()
    with closing(sqlite3.connect(path)) as connection:
        [[sealed]] = connection.execute("SELECT sealed FROM key_check")
    assert AddressKeys(earlier_database.TEST_KEY).open(sealed)


def test_where_nothing_tells_the_operator_does(folder: Path) -> None:
    """With links and nobody sealed, `said identity adopt` makes the key its own, and any other is refused."""
    without_proof(folder / "said.sqlite")
    before = content(folder)
    assert isinstance(invoke("participants"), KeyNotConfirmed)
    assert content(folder) == before
    assert invoke("identity", "adopt", "--json") is None
    assert invoke("participants") is None
    write_key(folder / "said.key")
    assert isinstance(invoke("participants"), KeyWrong)


def test_an_empty_file_beside_a_key_is_no_new_database(folder: Path) -> None:
    """What was in it is lost or elsewhere; alone it is a new one, and gets a key."""
    (folder / "said.sqlite").write_bytes(b"")
    with pytest.raises(DatabaseCorrupt, match=r"it is empty, and said\.key"):
        Database.open("said.sqlite")
    with pytest.raises(DatabaseCorrupt, match=r"it is empty, and said\.sqlite\.journal"):
        Database.open("said.sqlite", key_file=Path("elsewhere.key"))  # or SAID_KEY
    (folder / "other.sqlite").touch()
    Database.open("other.sqlite").close()
    assert (folder / "other.key").exists()


def test_a_database_that_is_gone_is_no_new_one(folder: Path) -> None:
    """Its journal tells that it was there: what starts the bot by itself must not begin anew, with strangers."""
    (folder / "said.sqlite").unlink()
    before = content(folder)
    for command in COMMANDS:
        invoke(*command)
    assert isinstance(invoke("run", "--role", "hcp"), DatabaseMissing)
    assert content(folder) == before
    (folder / "said.sqlite.journal").unlink()
    Database.open("said.sqlite").close()


def test_a_rotation_that_is_refused_leaves_nothing(folder: Path) -> None:
    """No key that nobody's addresses are sealed with."""
    with Database.open("said.sqlite") as database:
        database.read_now(lambda connection: None)
        before = sorted(content(folder))
        error = invoke("identity", "rotate", "--new-key-file", "new.key")
        assert isinstance(error, DatabaseBusy), error
        assert sorted(content(folder)) == before


@pytest.mark.parametrize("moment", ["keep_proof", "count_sealed"])
def test_a_rotation_that_was_killed_is_taken_up_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Before its commit, and after it, when nobody was told: the same command brings it to its end."""
    command = ["identity", "rotate", "--new-key-file", "new.key"]

    class Killed(BaseException):
        """The end of a process."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if moment == "keep_proof":
            patch.setattr(key_rotation, moment, killed)
        else:
            patch.setattr(key_rotation, "KeyRotationResult", killed)
        with pytest.raises(Killed):
            CliRunner().invoke(app, [*command, "--database", "said.sqlite"], catch_exceptions=False)
    result = CliRunner().invoke(app, [*command, "--database", "said.sqlite", "--json"])
    assert json.loads(result.stdout)["changed"], result.output
    (folder / "new.key").replace(folder / "said.key")
    Database.open("said.sqlite").close()


def test_a_first_start_that_is_cut_off_leaves_no_half_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_in_production: None
) -> None:
    """A database takes its name once it is whole; the next start makes it with the key that is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAID_KEY", raising=False)

    def no_room(_path: Path) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "upgrade", no_room)
        with pytest.raises(OSError, match="no space"):
            Database.open("said.sqlite")
    assert [file.name for file in tmp_path.iterdir()] == ["said.key"]
    Database.open("said.sqlite").close()


def test_errors_of_the_key_are_shown_in_a_line() -> None:
    """They are among those that the command line knows."""
    assert issubclass(KeyNotConfirmed, IdentityError)
    assert issubclass(IdentityError, StorageError)
