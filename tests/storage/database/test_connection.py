"""Promises of storage/database/connection.py: one write at a time, whole or not at all; clear errors for bad places."""

import asyncio
import sqlite3
import threading

import pytest
import sqlalchemy as sa

from storage.database import connection as connection_module
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database, after_commit, database_path, empty_log_after
from storage.database.statements import savepoint
from storage.errors import (
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseError,
    DatabaseUnwritable,
    KeyWrong,
    NotADatabase,
    StorageError,
)

pytestmark = pytest.mark.usefixtures("as_in_production")

IDENTITY = AddressKeys(bytes(32))
ADD_THEME = sa.text(
    "INSERT INTO program (slug, title, settings, hash, loaded_at) VALUES (:s, '', '{}', '', '')"
)


@pytest.fixture
def database(tmp_path):
    with Database.open(tmp_path / "said.sqlite", identity=IDENTITY) as opened:
        yield opened


def slugs(connection):
    return [row[0] for row in connection.execute(sa.text("SELECT slug FROM program ORDER BY id"))]


def add(slug):
    return lambda connection: connection.execute(ADD_THEME, {"s": slug})


def test_the_file_is_durable_and_strict(database):
    """Write-ahead log, a full sync at each commit, and references that are enforced."""

    def pragmas(connection):
        return [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert database.write_now(pragmas) == ["wal", 2, 1]


def test_nobody_else_may_read_the_answers(database):
    """The file and its journal are readable by the user that runs the bot alone, whatever the umask says."""
    database.write_now(add("a"))
    modes = {file.name: file.stat().st_mode & 0o777 for file in database.path.parent.iterdir()}
    assert modes["said.sqlite-wal"] == modes["said.sqlite"] == 0o600


async def test_all_writes_are_made_in_one_thread(database):
    """However many write at once, one thread does it, one after the other."""
    threads = await asyncio.gather(*(database.write(lambda _: threading.get_ident()) for _ in range(20)))
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


async def test_no_update_is_lost_between_writers(database):
    """Read-then-write in one transaction: of a hundred that count up, none is lost."""
    database.write_now(add("0"))

    def count_up(connection):
        number = int(connection.scalar(sa.text("SELECT slug FROM program")))
        connection.execute(sa.text("UPDATE program SET slug = :n"), {"n": str(number + 1)})

    await asyncio.gather(*(database.write(count_up) for _ in range(100)))
    assert await database.read(slugs) == ["100"]


def test_a_write_that_fails_leaves_nothing(database):
    """An error inside undoes all of the transaction, and reaches the caller as it is."""

    def fails(connection):
        add("half")(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write_now(fails)
    assert database.read_now(slugs) == []


async def test_a_cancelled_caller_does_not_tear_a_write(database):
    """The transaction of a caller that was cancelled is finished, and the next write goes on."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection):
        begun.set()
        go_on.wait(10)
        add("whole")(connection)

    task = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await database.write(add("next"))
    assert await database.read(slugs) == ["whole", "next"]


def test_a_write_inside_a_write_is_refused(database):
    """It would wait for itself for ever; it says so instead."""
    with pytest.raises(RuntimeError, match="wait for itself"):
        database.write_now(lambda _: database.write_now(slugs))


def test_reading_cannot_write(database):
    """A read connection refuses to change anything."""
    with pytest.raises(DatabaseUnwritable):
        database.read_now(add("x"))


def test_readers_see_what_was_committed_while_a_write_is_on_its_way(database):
    """A reader neither waits for the writer nor sees half of its work."""
    database.write_now(add("before"))

    def look_aside(connection):
        add("during")(connection)
        return database.read_now(slugs)

    assert database.write_now(look_aside) == ["before"]
    assert database.read_now(slugs) == ["before", "during"]


def test_hooks_run_after_the_commit_and_only_then(database):
    """A hook sees what was committed; after an error there is none, and none is left for the next."""
    seen = []

    def with_hook(connection):
        add("a")(connection)
        after_commit(connection, "hook", lambda: seen.append(database.read_now(slugs)))
        after_commit(connection, "hook", lambda: seen.append(database.read_now(slugs)))

    def fails(connection):
        after_commit(connection, "hook", lambda: seen.append("never"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write_now(fails)
    database.write_now(with_hook)
    database.write_now(slugs)
    assert seen == [["a"]]


def test_another_process_that_holds_the_file_gets_a_clear_error(database):
    """A lock that is not given up in time is said to be one."""
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with (
        Database(database.path, IDENTITY, busy_timeout_ms=10) as quick,
        pytest.raises(DatabaseBusy, match="another process"),
    ):
        quick.write_now(add("x"))
    other.close()


def test_the_wrong_key_is_refused_at_opening(tmp_path):
    """A database opened with another key would know nobody: it is refused before anything is done."""
    path = tmp_path / "said.sqlite"
    add_address = sa.text(
        "INSERT INTO address (channel, lookup, sealed, status, next_seq, created_at)"
        " VALUES ('terminal', :lookup, :sealed, 'active', 1, '2026-01-01 00:00:00.000000')"
    )
    with Database.open(path, identity=IDENTITY) as opened:
        values = {"lookup": IDENTITY.lookup("terminal:me"), "sealed": IDENTITY.seal("terminal:me")}
        opened.write_now(lambda connection: connection.execute(add_address, values))
    with pytest.raises(KeyWrong):
        Database.open(path, identity=AddressKeys(b"x" * 32))
    with Database.open(path, identity=IDENTITY) as opened:
        assert opened.read_now(lambda c: c.scalar(sa.text("SELECT count(*) FROM address"))) == 1


@pytest.mark.parametrize("given", ["postgresql://host/db", "mysql://x", ":memory:", "", "sqlite:///"])
def test_what_is_no_file_is_refused(given):
    """Other kinds of database, and those that keep nothing, are refused with what to write instead."""
    with pytest.raises(DatabaseError, match="sqlite:///FILE"):
        database_path(given)


def test_a_password_in_an_address_is_not_repeated():
    """An address may hold a password: the error names the kind only."""
    with pytest.raises(DatabaseError) as caught:
        database_path("postgresql://said:secret@host/db")
    assert "secret" not in str(caught.value)


def test_paths_and_urls_name_the_same_file(tmp_path, monkeypatch):
    """`sqlite:///data/x` and `data/x` are one file, and an absolute one stays so."""
    monkeypatch.chdir(tmp_path)
    assert (
        database_path("sqlite:///data/x.sqlite")
        == database_path("data/x.sqlite")
        == tmp_path / "data" / "x.sqlite"
    )
    assert database_path(f"sqlite:///{tmp_path}/x") == tmp_path / "x"


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path):
    """A text file is not a database, and stays a text file."""
    path = tmp_path / "notes.txt"
    path.write_text("shopping list, long enough to hold a header of a hundred bytes, " * 3)
    before = path.read_bytes()
    with pytest.raises(NotADatabase, match=r"notes\.txt"):
        Database.open(path, identity=IDENTITY)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["notes.txt"]


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path):
    """An SQLite file with other tables is not taken over."""
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NotADatabase, match="another program"):
        Database.open(path, identity=IDENTITY)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["other.sqlite"]


@pytest.mark.parametrize("keep", [50, 4096, 20_000])
def test_a_file_that_was_cut_off_is_refused_and_left_alone(tmp_path, keep):
    """A copy that stopped halfway is said to be damaged, with what to do."""
    path = tmp_path / "said.sqlite"
    Database.open(path, identity=IDENTITY).close()
    path.write_bytes(path.read_bytes()[:keep])
    before = path.read_bytes()
    with pytest.raises(DatabaseCorrupt, match="restore"):
        Database.open(path, identity=IDENTITY)
    assert path.read_bytes() == before


def test_damage_that_is_met_later_is_said_to_be_damage(tmp_path):
    """Pages that were overwritten are reported as damage when they are read, not as a riddle."""
    path = tmp_path / "said.sqlite"
    Database.open(path, identity=IDENTITY).close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(DatabaseCorrupt):
        Database.open(path, identity=IDENTITY)


def test_places_that_cannot_hold_a_database_are_named(tmp_path):
    """A folder, and a path through a file, get the place and the remedy."""
    with pytest.raises(NotADatabase, match="is a folder"):
        Database.open(tmp_path, identity=IDENTITY)
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatabaseUnwritable, match="folder"):
        Database.open(tmp_path / "file" / "said.sqlite", identity=IDENTITY)


def test_a_place_without_rights_is_named(tmp_path, monkeypatch):
    """Where this user may not write, the error says whom to ask for what; no key is made either."""
    monkeypatch.setattr("storage.database.migrate.os.access", lambda *_: False)
    with pytest.raises(DatabaseUnwritable, match="right"):
        Database.open(tmp_path / "said.sqlite")
    assert not list(tmp_path.iterdir())


def test_the_key_is_made_beside_a_new_database(tmp_path, monkeypatch):
    """The embedded default needs no setting: a key appears beside the file and serves the next time."""
    monkeypatch.delenv("SAID_KEY", raising=False)
    with Database.open(tmp_path / "said.sqlite") as opened:
        sealed = opened.identity.seal("terminal:me")
    with Database.open(tmp_path / "said.sqlite") as opened:
        assert opened.identity.open(sealed) == "terminal:me"


# Parts of a transaction, and a rehearsal's, which gathers many.


def fail_after(slug):
    def work(connection):
        add(slug)(connection)
        raise ValueError(slug)

    return work


def test_a_part_that_fails_is_undone_alone(database):
    """What stands before and after it is kept, and a part within a part is undone by itself too."""

    def work(connection):
        add("a")(connection)
        with pytest.raises(ValueError, match="b"), savepoint(connection):
            fail_after("b")(connection)
        with savepoint(connection):
            add("c")(connection)
            with pytest.raises(ValueError, match="d"), savepoint(connection):
                fail_after("d")(connection)
        add("e")(connection)

    database.write_now(work)
    assert database.read_now(slugs) == ["a", "c", "e"]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO program (slug, title, settings, hash, loaded_at) VALUES ('b', :long, '{}', '', '')",
        "UPDATE program SET title = title || :long",
    ],
    ids=["all is undone", "the statement is"],
)
def test_nobody_goes_on_without_a_part_after_a_full_disk(database, statement):
    """It is the database's trouble and no part's own fault, and SQLite may have undone all that came before, too."""

    def work(connection):
        add("a")(connection)
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        try:
            with savepoint(connection), savepoint(connection):
                connection.execute(sa.text(statement), {"long": "b" * 1_000_000})
        except StorageError:
            raise
        except Exception:  # noqa: BLE001 - as turns and contacts do that go on without one that failed
            pytest.fail("taken for a part that failed alone")
        finally:
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")

    with pytest.raises(DatabaseUnwritable, match="the disk is full"):
        database.write_now(work)
    assert database.read_now(slugs) == []
    database.write_now(add("c"))
    assert database.read_now(slugs) == ["c"]


def test_an_error_after_which_all_is_undone_stops_everybody(database):
    """What is written before it is gone, so what comes after it must not be kept alone."""

    def work(connection):
        with savepoint(connection):
            connection.connection.cursor().execute("ROLLBACK")
            raise ValueError("its cause")

    with pytest.raises(DatabaseUnwritable) as told:
        database.write_now(work)
    assert repr(told.value.__cause__) == "ValueError('its cause')"
    assert database.read_now(slugs) == []


class Cut(BaseException):
    """What ends a process from outside, in the middle of a part."""


@pytest.mark.parametrize("is_lost", [False, True], ids=["the part is undone", "all is undone"])
@pytest.mark.parametrize("kind", [Cut, KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_passes_a_part_as_it_is(database, kind, is_lost):
    """It is taken for no error of the database, though nothing could be undone any more."""

    def work(connection):
        add("a")(connection)
        with savepoint(connection):
            add("b")(connection)
            if is_lost:
                connection.connection.cursor().execute("ROLLBACK")
            raise kind

    with pytest.raises(kind) as raised:
        database.write_now(work)
    assert raised.type is kind
    assert raised.value.__cause__ is None
    assert database.read_now(slugs) == []


@pytest.fixture
def rehearsal(tmp_path):
    with Database.open(tmp_path / "r.sqlite", identity=IDENTITY, durable=False, threads=False) as opened:
        yield opened


def kept(rehearsal):
    with sqlite3.connect(rehearsal.path) as raw:
        return [row[0] for row in raw.execute("SELECT slug FROM program ORDER BY id")]


def test_a_rehearsal_gathers_its_writes(rehearsal):
    """They are read at once, one that fails is undone alone, and others see them when the block is over."""
    rehearsal.write_now(add("a"))
    with rehearsal.gathering():
        rehearsal.write_now(add("b"))
        with pytest.raises(ValueError, match="c"):
            rehearsal.write_now(fail_after("c"))
        assert rehearsal.read_now(slugs) == ["a", "b"]
        assert kept(rehearsal) == ["a"]
    assert kept(rehearsal) == ["a", "b"]
    rehearsal.write_now(add("d"))
    assert kept(rehearsal) == ["a", "b", "d"]


def test_a_long_rehearsal_is_committed_now_and_then(rehearsal, monkeypatch):
    """So that the write-ahead log does not grow with its length."""
    monkeypatch.setattr(connection_module, "GATHERED_AT_MOST", 3)
    with rehearsal.gathering():
        for slug in "abcdefgh":
            rehearsal.write_now(add(slug))
        assert len(kept(rehearsal)) == 7
    assert len(kept(rehearsal)) == 8


def test_what_a_rehearsal_did_before_an_error_is_kept(rehearsal):
    """As it is without gathering; what is registered for after the commit runs after each write."""
    heard = []

    def play():
        with rehearsal.gathering():
            rehearsal.write_now(lambda connection: after_commit(connection, "x", lambda: heard.append(1)))
            rehearsal.write_now(add("a"))
            rehearsal.write_now(fail_after("b"))

    with pytest.raises(ValueError, match="b"):
        play()
    assert kept(rehearsal) == ["a"]
    assert heard == [1]


async def test_the_log_is_emptied_though_nobody_writes_any_more(database):
    """Somebody read on, as an export does, while something was erased: a tick empties the log once they have done."""
    log = database.path.with_name("said.sqlite-wal")

    def erase(connection):
        connection.exec_driver_sql("DELETE FROM program")
        empty_log_after(connection)

    database.write_now(add("erased words"))
    with database.reading() as reader:
        slugs(reader)
        database.write_now(erase)
        await database.empty_due_log()
        assert b"erased words" in log.read_bytes()
    await database.empty_due_log()
    assert log.stat().st_size == 0
