"""What was erased stands in no file of the database, while it is open: not in a page, and not in its log."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.schedule.retention import purge_now
from bot.schedule.scheduler import Scheduler
from storage.database import connection as connection_module
from storage.database.connection import Database
from storage.privacy import retention
from tests.support.turn_world import IDENTITY, START, World, expire, make_world

WORDS = "My ward has too few nurses at night, said Zebedee"
SECRET = b"Zebedee"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world on an SQLite that leaves what it deletes in its pages, unless it is told not to: not every build does."""
    connect = sqlite3.connect

    def connected(*given: Any, **options: Any) -> sqlite3.Connection:
        made = connect(*given, **options)
        made.execute("PRAGMA secure_delete=OFF")
        return made

    monkeypatch.setattr(sqlite3, "connect", connected)
    return make_world(tmp_path)


def files_with_it(world: World) -> list[str]:
    """The files in the database's folder that hold the words; SQLite has them open."""
    folder = world.database.path.parent
    return sorted(file.name for file in folder.iterdir() if file.is_file() and SECRET in file.read_bytes())


async def after_a_conversation(world: World, name: str = "ann", words: str = WORDS):
    someone = world.someone(name)
    await someone.start(world.token())
    for text in ("red", words, "3"):
        await someone.say(text)
    return someone


async def erased(world: World) -> None:
    """Somebody says something, and has everything deleted."""
    ann = await after_a_conversation(world)
    assert "said.sqlite-wal" in files_with_it(world)
    for text in ("delete my data", "yes"):
        await ann.say(text)


async def test_erased_words_stand_in_no_file(world: World) -> None:
    """At once, before a purge, and while the bot runs: neither in the write-ahead log nor in a page."""
    await erased(world)
    assert files_with_it(world) == []


async def test_words_that_a_reader_keeps_in_the_log_go_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export that reads on a snapshot of before is not waited for: the log is emptied after a later write."""
    monkeypatch.setattr(connection_module, "_LOG_WAIT_MS", 1)
    monkeypatch.setattr(connection_module, "_LOG_AGAIN_SECONDS", 0)
    ann = await after_a_conversation(world)
    with reading(world):
        for text in ("delete my data", "yes"):
            await ann.say(text)
        assert files_with_it(world) == ["said.sqlite-wal"]
    world.database.write_now(lambda connection: None)
    assert files_with_it(world) == []


@contextmanager
def reading(world: World) -> Iterator[None]:
    """Somebody reads on one snapshot meanwhile."""
    with world.database.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM answer").all()
        yield


async def test_what_was_left_in_pages_goes_with_the_next_purge(world: World) -> None:
    """Whatever SQLite left in unused parts of pages, as it does when it moves rows: the file is written anew."""
    world.database.write_now(lambda connection: connection.exec_driver_sql("PRAGMA secure_delete=OFF").all())
    await erased(world)
    assert files_with_it(world) == ["said.sqlite"]
    await Scheduler(world.database, world.runtime, world.clock).tick()
    assert files_with_it(world) == []


async def test_what_a_purge_by_hand_deletes_stands_in_no_file(world: World) -> None:
    """`said purge` beside a running bot, whose readers are open: what is past its time leaves pages and log at once."""
    await after_a_conversation(world)
    expire(world, 14)
    later = START + timedelta(days=5 * 365)
    due = world.database.read_now(lambda connection: retention.due_erasures(connection, later))
    with Database.open(world.database.path, identity=IDENTITY) as beside:
        assert purge_now(beside, due, later, lambda _rows: None) > 0
        assert files_with_it(world) == []
    assert files_with_it(world) == []


async def test_a_number_never_names_another(world: World) -> None:
    """The audit trail names a case and its words by number: who comes after somebody that was erased has others."""
    report = "I fell badly after I took the new tablets and had to go to hospital"

    def numbers(table: str) -> list[int]:
        return [number for (number,) in world.rows(f"SELECT id FROM {table} ORDER BY id")]

    ann = await after_a_conversation(world, words=report)
    given = {table: numbers(table) for table in ("safety_case", "answer")}
    assert given["safety_case"]
    for text in ("delete my data", "yes"):
        await ann.say(text)
    assert numbers("safety_case") == numbers("answer") == []
    await after_a_conversation(world, "bob", report)
    for table, before in given.items():
        assert min(numbers(table)) > max(before), table
