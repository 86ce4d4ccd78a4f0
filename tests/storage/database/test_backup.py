"""Promises of storage/database/backup.py: a copy is whole and never overwrites; the check finds what must not be."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from storage.database import backup as backup_module
from storage.database.address_keys import AddressKeys
from storage.database.backup import INVARIANTS, backup, check
from storage.database.connection import Database
from storage.errors import BackupError, DatabaseCorrupt, NotADatabase
from tests.support import earlier_database
from tests.support.turn_world import make_world

IDENTITY = AddressKeys(bytes(32))
AT = "2026-03-02 09:00:00.000000"


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "said.sqlite"
    with Database.open(path, identity=IDENTITY) as opened:
        opened.write_now(lambda connection: [connection.exec_driver_sql(line) for line in _WORLD])
        yield opened


def insert(table, **values):
    """One row, as SQL."""
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(repr, values.values()))})"


CONVERSATION = {
    "participant_id": 1,
    "address_id": 1,
    "program_id": 1,
    "flow": "f",
    "flow_hash": "f",
    "channel": "terminal",
}
OPEN = {"status": "open", "state": "{}", "turns": 0, "started_at": AT, "last_turn_at": AT}
IN = {"address_id": 1, "channel": "terminal", "payload": "{}", "received_at": AT}
ANSWER = {"conversation_id": 1, "slot": "q", "question_key": "q", "item": "", "kind": "text", "raw": "x"}
SHOWN = {"status": "answered", "shown_text": "Q?", "language": "en", "channel": "terminal"}
WHEN = {"asked_at": AT, "answered_at": AT, "personal": 0, "identifiers": 0}


def remark(conversation):
    """The first remark of a conversation, as SQL."""
    words = {"conversation_id": conversation, "number": 0, "slot": "q", "raw": "x", "shown_text": "Q?"}
    return insert(
        "remark",
        **words,
        language="en",
        channel="terminal",
        said_at=AT,
        personal=0,
        identifiers=0,
        unheard=0,
    )


_WORLD = [
    insert("program", id=1, slug="mm", title="Myeloma", settings="{}", hash="h", loaded_at=AT),
    insert("participant", id=1, code="P-22222", role="hcp", status="active", created_at=AT),
    insert(
        "address",
        id=1,
        participant_id=1,
        channel="terminal",
        lookup="l",
        sealed="s",
        status="active",
        next_seq=3,
        created_at=AT,
    ),
    insert("flowversion", hash="f", flow="f", source="{}", first_used_at=AT),
    insert("conversation", id=1, **CONVERSATION, **OPEN),
    insert("inbox", id=1, external_id="a", seq=1, handled_at=AT, **IN),
    insert("inbox", id=2, external_id="b", seq=2, **IN),
    insert("answer", id=1, **ANSWER, **SHOWN, **WHEN),
]


def test_a_copy_holds_what_was_committed(database, tmp_path):
    """A backup of an open database is one file that holds all, opens by itself, and only its owner reads.

    Its journal stands beside it.
    """
    copy = backup(database.path, tmp_path / "copies" / "monday.sqlite")
    assert sorted(found.name for found in copy.parent.iterdir()) == ["monday.sqlite", "monday.sqlite.journal"]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700
    assert check(copy) == []
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT raw FROM answer").fetchone() == ("x",)


async def test_a_copy_made_while_writing_is_one_moment(database, tmp_path):
    """While a writer changes two rows together, over and over, the copy never shows one without the other."""
    database.write_now(
        lambda c: c.exec_driver_sql("CREATE TABLE pair (id INTEGER PRIMARY KEY, n INTEGER, pad TEXT)")
    )
    database.write_now(lambda c: c.exec_driver_sql("INSERT INTO pair VALUES (1, 0, ''), (2, 0, '')"))
    done = asyncio.Event()

    async def keep_writing():
        while not done.is_set():
            await database.write(
                lambda c: c.exec_driver_sql("UPDATE pair SET n = n + 1, pad = hex(randomblob(2000))")
            )

    writer = asyncio.create_task(keep_writing())
    for number in range(5):
        copy = await asyncio.to_thread(backup, database.path, tmp_path / f"{number}.sqlite")
        with closing(sqlite3.connect(copy)) as connection:
            counts = {row[0] for row in connection.execute("SELECT n FROM pair")}
        assert len(counts) == 1
    done.set()
    await writer


def test_a_backup_never_overwrites(database, tmp_path):
    """What is at the target stays, and nothing is left beside it."""
    target = tmp_path / "precious.txt"
    target.write_text("keep me")
    with pytest.raises(BackupError, match="never overwrites"):
        backup(database.path, target)
    assert target.read_text() == "keep me"
    assert not list(tmp_path.glob(".*part"))


def test_a_backup_of_nothing_is_refused(tmp_path):
    """No database, no file: neither made at the source nor at the target."""
    with pytest.raises(BackupError, match="there is no database"):
        backup(tmp_path / "none.sqlite", tmp_path / "copy.sqlite")
    (tmp_path / "other").write_text("x" * 200)
    with pytest.raises(NotADatabase):
        backup(tmp_path / "other", tmp_path / "copy.sqlite")
    assert [found.name for found in tmp_path.iterdir()] == ["other"]


def test_a_folder_that_cannot_take_the_copy_is_named(database, tmp_path):
    """The error names the target, and nothing is left."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(BackupError, match=r"copy\.sqlite"):
        backup(database.path, tmp_path / "file" / "copy.sqlite")


def test_a_sound_database_has_no_problems(database):
    """The check says nothing where all is well, also while the database is open."""
    assert check(database.path) == []


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (
            [
                "UPDATE inbox SET handled_at = NULL WHERE id = 1",
                f"UPDATE inbox SET handled_at = '{AT}' WHERE id = 2",
            ],
            "passed over",
        ),
        ([insert("answer", id=2, **ANSWER, **SHOWN, **WHEN)], "two answers of one question"),
        (["PRAGMA foreign_keys=OFF", "UPDATE answer SET conversation_id = 99"], "belongs to no conversation"),
        (
            ["PRAGMA foreign_keys=OFF", "UPDATE answer SET conversation_id = 99"],
            "refers to a row of conversation",
        ),
        ([remark(1), remark(1)], "two wordings of one remark"),
        (["PRAGMA foreign_keys=OFF", remark(99)], "a remark belongs to no conversation"),
        (["PRAGMA foreign_keys=OFF", remark(99)], "remark row 1: refers to a row of conversation"),
        ([insert("conversation", id=2, **CONVERSATION, **OPEN)], "two conversations of one person"),
        (["UPDATE conversation SET status = 'ended'"], "without an outcome"),
        (["UPDATE conversation SET outcome = 'completed'"], "has an outcome and is open"),
        (["UPDATE conversation SET state = ''"], "has not begun"),
        (
            [
                f"INSERT INTO timer (kind, participant_id, due_at) VALUES ('wave', 1, '{AT}')",
                "UPDATE participant SET status = 'withdrawn'",
            ],
            "still to be written to",
        ),
        (["UPDATE address SET next_seq = 2"], "twice"),
    ],
)
def test_what_must_not_be_is_found(database, damage, says):
    """Each state that must not be is named, with the rows that show it."""
    database.close()
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        for statement in damage:
            connection.execute(statement)
    assert any(says in problem for problem in check(database.path))


def test_every_invariant_is_a_query_that_runs(database):
    """No check is written for a table or column that is not there."""
    for query in INVARIANTS.values():
        assert database.read_now(lambda connection, q=query: connection.exec_driver_sql(q).all()) == []


def test_a_database_of_an_earlier_version_is_not_called_damaged(tmp_path):
    """Before it is migrated, and as a copy from before: tables that it has not got are not missed, all else is."""
    whole = earlier_database.make(tmp_path / "said.sqlite")
    assert check(whole) == []
    assert check(backup(whole, tmp_path / "copy.sqlite")) == []
    damaged = earlier_database.make(tmp_path / "damaged.sqlite", "UPDATE answer SET superseded_at = NULL")
    [problem] = check(damaged)
    assert problem.startswith("two answers of one question stand")


def test_a_table_that_this_version_must_have_is_missed(database):
    """In a database of today's schema nothing is passed over."""
    database.write_now(lambda connection: connection.exec_driver_sql("DROP TABLE remark"))
    database.write_now(lambda connection: connection.exec_driver_sql("DROP INDEX ix_text_signal_answer_id"))
    problems = check(database.path)
    assert "the schema is not this version's: table remark is missing" in problems
    assert (
        "the schema is not this version's: index text_signal.ix_text_signal_answer_id is missing" in problems
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("ALTER TABLE answer ADD COLUMN extra TEXT", "column answer.extra should not be there"),
        ("CREATE TABLE strange (id INTEGER)", "table strange should not be there"),
        ("DROP INDEX ix_text_signal_remark_id", "index text_signal.ix_text_signal_remark_id is missing"),
    ],
)
def test_a_schema_of_ones_own_is_told_and_left_alone(database, change, says):
    """Whoever changed tables by hand hears which; looking changes nothing in the file."""
    database.write_now(lambda connection: connection.exec_driver_sql(change))
    database.close()
    before = database.path.read_bytes()
    assert check(database.path) == [f"the schema is not this version's: {says}"]
    assert database.path.read_bytes() == before


def test_damaged_pages_are_reported(database):
    """Pages overwritten in the middle of the file are found."""
    database.close()
    content = bytearray(database.path.read_bytes())
    with closing(sqlite3.connect(database.path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'answer'").fetchone()[0]
    start = (root - 1) * 4096
    content[start : start + 4096] = b"\x5a" * 4096
    database.path.write_bytes(content)
    assert check(database.path)


PAGE = 4_096


async def test_a_torn_copy_is_found(tmp_path):
    """A file that was copied by hand while the bot wrote to it, whichever part of it is of an earlier moment.

    One that differs from a moment only in bytes that no row uses is none.
    """
    world = make_world(tmp_path)
    moments = []
    for people in (range(12), range(12, 24)):
        for number in people:
            someone = world.someone(f"person{number}")
            await someone.start(world.token())
            await someone.say("red")
        world.database.empty_log()
        moments.append(world.database.path.read_bytes())
    world.database.close()
    before, after = moments
    torn = tmp_path / "torn.sqlite"
    for place in range(PAGE, len(before), 20 * PAGE):
        for first, second in ((before, after), (after, before)):
            copied = first[:place] + second[place:]
            torn.write_bytes(copied)
            assert copied in moments or found_in(torn) != [] or rows_in(torn) == rows_of(first, tmp_path)


def rows_of(content, folder):
    """All rows of a file with these bytes."""
    path = folder / "moment.sqlite"
    path.write_bytes(content)
    return rows_in(path)


def rows_in(path):
    """All rows of a file, as the statements that make them."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def found_in(path):
    """What a check says of a file, also where it cannot be opened at all."""
    try:
        return check(path)
    except DatabaseCorrupt as error:
        return [str(error)]


def test_what_is_looked_at_is_told(tmp_path):
    """Of a large database it takes a while: each step is told as it begins, the pages last, which take longest."""
    path = tmp_path / "said.sqlite"
    Database.open(path).close()
    told = []
    assert check(path, told.append) == []
    assert told == [
        "every table and column",
        "every reference to another row",
        *(f"whether {meaning}" for meaning in INVARIANTS),
        "every page of the file",
    ]


def test_a_check_that_is_broken_off_ends_at_once(tmp_path):
    """Ctrl-C does not wait for the pages, which are read beside."""
    path = tmp_path / "said.sqlite"
    Database.open(path).close()

    def break_off(_what):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(path, break_off)


def test_a_copy_under_way_is_private(database, tmp_path, monkeypatch):
    """Nobody else may read the draft while pages are written to it."""
    seen = []
    copied = backup_module.copy_pages

    def copy(source, draft):
        seen.append(draft.stat().st_mode & 0o777)
        copied(source, draft)

    monkeypatch.setattr(backup_module, "copy_pages", copy)
    backup(database.path, tmp_path / "copy.sqlite")
    assert seen == [0o600]
