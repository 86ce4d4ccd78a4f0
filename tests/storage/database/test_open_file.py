"""An open database whose file is taken away, replaced or overwritten is noticed at the next commit, and saved."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.database.address_keys import AddressKeys
from storage.database.backup import backup
from storage.database.connection import Database
from storage.database.process_lock import RunnerLock
from storage.errors import DatabaseLost

ADD = "INSERT INTO program (slug, title, settings, hash, loaded_at) VALUES ('{}', '', '{{}}', '', '')"


def add(slug: str) -> Callable[[sa.Connection], object]:
    return lambda connection: connection.exec_driver_sql(ADD.format(slug))


def slugs(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT slug FROM program ORDER BY id")]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Database]:
    """A database as `said run` has it open, with one thing written and a backup of before beside it."""
    with (
        RunnerLock() as lock,
        Database.open(tmp_path / "said.sqlite", identity=AddressKeys(bytes(32))) as made,
    ):
        made.mark_run(lock.take(made.path))
        made.write_now(add("before"))
        backup(made.path, tmp_path / "backup.sqlite")
        made.write_now(add("acknowledged"))
        yield made


def delete(path: Path) -> None:
    path.unlink()


def move(path: Path) -> None:
    path.rename(path.with_name("elsewhere.sqlite"))


def replace(path: Path) -> None:
    shutil.copy(path.with_name("backup.sqlite"), path.with_name("new.sqlite"))
    path.with_name("new.sqlite").replace(path)


def remove_log(path: Path) -> None:
    path.with_name("said.sqlite-wal").unlink()


def copy_over(path: Path) -> None:
    shutil.copyfile(path.with_name("backup.sqlite"), path)


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (delete, "deleted or moved"),
        (move, "deleted or moved"),
        (replace, "another file was put in its place"),
        (remove_log, "-wal file was removed"),
        (copy_over, "copied over"),
    ],
)
def test_nothing_is_acknowledged_once_the_file_is_another(
    running: Database, happens: Callable[[Path], None], says: str
) -> None:
    """The next write is refused, and each after it; the look at a tick says the same, without a write."""
    happens(running.path)
    with pytest.raises(DatabaseLost, match=says):
        running.confirm()
    for slug in ("one", "two"):
        with pytest.raises(DatabaseLost, match=says):
            running.write_now(add(slug))
    assert isinstance(running.lost.exception(timeout=0), DatabaseLost)


def test_a_file_that_goes_during_a_write_is_noticed_before_its_end(running: Database) -> None:
    """What is committed into a file that nobody has any more is not acknowledged."""

    def work(connection: sa.Connection) -> None:
        add("into nothing")(connection)
        running.path.unlink()

    with pytest.raises(DatabaseLost, match="deleted or moved"):
        running.write_now(work)


@pytest.mark.parametrize("happens", [delete, move, replace, remove_log])
def test_what_was_acknowledged_is_saved(
    running: Database, tmp_path: Path, happens: Callable[[Path], None]
) -> None:
    """Beside it, whole, for its owner alone: of a file that was deleted nobody else has a copy."""
    happens(running.path)
    with pytest.raises(DatabaseLost) as told:
        running.write_now(add("never"))
    running.close()
    [saved] = tmp_path.glob("*.rescued-*")
    assert saved.name in str(told.value)
    assert slugs(saved) == ["before", "acknowledged"]
    assert saved.stat().st_mode & 0o777 == 0o600


def test_what_others_do_with_the_database_is_no_loss(running: Database) -> None:
    """Commands that write beside the bot, backups, a rewritten file and an emptied log take nothing away."""
    with Database.open(running.path, identity=running.identity) as beside:
        beside.write_now(add("beside"))
    with closing(sqlite3.connect(running.path, isolation_level=None)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("VACUUM")
    running.write_now(add("after"))
    running.confirm()
    running.close()
    assert slugs(running.path) == ["before", "acknowledged", "beside", "after"]
