"""A backup that was put in place by hand is told, and told what it does not know, whatever was written since."""

import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.errors import BotError
from bot.opening import check_nobody_comes_back
from storage.database import connection as connection_module
from storage.database.journal import JournalEntry, journal_path
from storage.database.process_lock import RunnerLock
from storage.errors import AlreadyRunning, DatabaseBusy
from storage.restore.place import restore
from storage.restore.untold import look_at_journal
from storage.schema import JournalKind
from tests.support.restoring import Town, make_town
from tests.support.turn_world import IDENTITY


@pytest.fixture
async def town(tmp_path: Path) -> Town:
    """Three people committed to something, a backup was made, and one of them stopped."""
    made = make_town(tmp_path)
    await made.settle("ann", "bob", "cid")
    made.back_up()
    await made["ann"].say("stop")
    return made


def put_by_hand(town: Town) -> None:
    """End the bot, copy the backup over the database, and start it."""
    town.world.database.close()
    shutil.copy(town.backup, town.world.database.path)
    town.start()


def untold(town: Town) -> list[JournalKind]:
    database = town.world.database
    look = partial(look_at_journal, path=database.path, identity=IDENTITY)
    found: tuple[JournalEntry, ...] = database.read_now(look).untold
    return [one.kind for one in found]


async def test_a_backup_put_in_place_by_hand_is_told(town: Town) -> None:
    """Not the database that wrote the journal, nor one that `said db restore` has put there."""
    assert untold(town) == []
    check_nobody_comes_back(town.world.database)
    put_by_hand(town)
    assert untold(town) == [JournalKind.STOP]
    with pytest.raises(BotError, match="1 line of the journal"):
        check_nobody_comes_back(town.world.database)
    town.begin_again()
    assert untold(town) == []


async def test_what_was_written_since_hides_nothing(town: Town) -> None:
    """The database that was put there has lines of its own: it is restored onto itself, and keeps them."""
    put_by_hand(town)
    await town["bob"].say("stop")
    assert untold(town) == [JournalKind.STOP]
    town.world.database.close()
    report = restore(town.request(backup=town.world.database.path))
    assert report.replayed.done == {JournalKind.STOP: 1}
    town.start()
    assert untold(town) == []
    statuses = "SELECT count(*) FROM participant WHERE status = 'withdrawn'"
    assert town.world.rows(statuses) == [(2,)]
    town.written_to()
    await town.live(6)
    assert town.written_to() == {"cid"}


async def test_a_later_backup_of_it_is_told_too(town: Town) -> None:
    """It knows the last line of the journal, and not one above."""
    put_by_hand(town)
    await town["bob"].say("stop")
    town.backup = town.backup.with_name("second.sqlite")
    town.back_up()
    assert town.restore().replayed.done == {JournalKind.STOP: 1}


async def test_a_turn_that_was_killed_and_taken_up_again_is_not_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line stands there twice; who came back since is not stopped by the first one."""
    keep, journal = connection_module.keep_notes, journal_path(town.world.database.path)

    def keep_and_die(*given: Any, **more: Any) -> None:
        before = journal.stat().st_size
        keep(*given, **more)
        if journal.stat().st_size > before:
            raise DatabaseBusy(town.world.database.path)

    with monkeypatch.context() as patched:
        patched.setattr(connection_module, "keep_notes", keep_and_die)
        with pytest.raises(DatabaseBusy):
            await town["bob"].say("stop")
    assert untold(town) == [JournalKind.STOP]
    town.world.restart()
    await town.world.runtime.drain()
    assert untold(town) == []


async def test_the_database_itself_is_not_taken_from_a_running_bot(town: Town) -> None:
    """Nothing is copied before its lock is held."""
    with RunnerLock() as lock:
        lock.take(town.world.database.path)
        with pytest.raises(AlreadyRunning):
            restore(town.request(backup=town.world.database.path))
