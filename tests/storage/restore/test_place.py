"""A restored backup writes to nobody who left since; it is put in place whole, or not at all."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from storage.database.address_keys import AddressKeys
from storage.database.backup import backup, check
from storage.database.journal import Journal, journal_path
from storage.database.process_lock import RunnerLock
from storage.errors import AlreadyRunning, BackupError, JournalUnreadable, KeyWrong, RestoreRefused
from storage.restore import place as place_module
from storage.restore.place import restore
from storage.schema import JournalKind
from tests.support.restoring import Town, make_town
from tests.support.turn_world import IDENTITY, through


@pytest.fixture
async def town(tmp_path: Path) -> Town:
    """Four people committed to something, a backup was made, and three of them left in three ways."""
    made = make_town(tmp_path)
    await made.settle("ann", "bob", "cid", "dan")
    made.back_up()
    await made["ann"].say("stop")
    await through(made["bob"], "delete my data", "yes")
    await made["cid"].say("no contact")
    return made


def modes(folder: Path) -> dict[str, int]:
    return {
        file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir() if ".lock" not in file.name
    }


async def test_who_left_after_the_backup_is_not_written_to(town: Town) -> None:
    """Who stopped, was erased, or took back the leave to be contacted again; the others go on."""
    report = town.begin_again()
    assert report.replayed.done == {JournalKind.STOP: 1, JournalKind.ERASURE: 1, JournalKind.CONSENT: 1}
    town.written_to()
    await town.live(6)
    assert town.written_to() == {"dan"}
    assert check(town.world.database.path) == []


async def test_without_the_journal_all_would_come_back(town: Town) -> None:
    """What the test above would find if nothing were replayed: people are written to who left."""
    town.world.database.close()
    report = restore(town.request(journal=Path("nowhere")), anyway=True)
    assert report.uncovered is not None
    town.start()
    town.written_to()
    await town.live(6)
    assert town.written_to() >= {"ann", "cid", "dan"}


async def test_erased_words_are_in_no_file(town: Town) -> None:
    """Neither in the restored database nor beside it; nothing tells that the address was theirs."""
    town.begin_again()
    assert town.files_with("before I prescribe, said ann") != []
    assert town.files_with("before I prescribe, said bob") == []
    found = town.world.rows(
        "SELECT id FROM address WHERE lookup = :hash", hash=IDENTITY.lookup("terminal:bob")
    )
    assert found == []


async def test_files_are_private_and_the_old_ones_kept(town: Town) -> None:
    """What lay there has another name, with all that was written to it."""
    report = town.restore()
    assert report.kept is not None
    assert report.kept.parent == town.folder
    assert set(modes(town.folder).values()) == {0o600}
    statuses = town.world.database.path.with_name("said.sqlite")
    assert statuses.exists()
    assert check(report.kept) == []
    assert not list(town.folder.glob("*-wal"))
    assert not list(town.folder.glob(".*restore*"))


async def test_a_rehearsal_changes_nothing(town: Town) -> None:
    """It counts what would be done, and every file is as it was."""
    town.world.database.close()
    before = {name: (town.folder / name).read_bytes() for name in modes(town.folder)}
    report = restore(town.request(), dry_run=True)
    assert report.replayed.done.total() == 3
    assert {name: (town.folder / name).read_bytes() for name in modes(town.folder)} == before


async def test_a_second_backup_is_told_only_what_it_does_not_know(town: Town) -> None:
    """Who came back after a backup stays, though the stop before stands in the journal."""
    ann = town["ann"]
    await ann.start(town.world.token())
    town.backup = town.backup.with_name("second.sqlite")
    town.back_up()
    await town["dan"].say("stop")
    report = town.begin_again()
    assert report.replayed.done == {JournalKind.STOP: 1}
    assert (await ann.say("red"))[-1].text == "Say something."


async def test_what_a_restored_database_lived_through_is_not_undone(town: Town) -> None:
    """A backup of the restored database knows of all that stood in the journal before: nobody is stopped twice."""
    town.begin_again()
    await town["ann"].start(town.world.token())
    town.backup = town.backup.with_name("second.sqlite")
    town.back_up()
    report = town.begin_again()
    assert report.replayed.done == {}
    assert (await town["ann"].say("red"))[-1].text == "Say something."


async def test_a_backup_can_be_restored_twice(town: Town) -> None:
    """The second time from the same file: the same people are left in peace, and all that was kept is kept."""
    first = town.begin_again()
    second = town.begin_again()
    assert second.replayed.done == first.replayed.done
    assert second.kept != first.kept
    await town.live(6)
    assert "ann" not in town.written_to()


async def test_people_who_came_after_the_backup_are_counted(town: Town) -> None:
    """They are not in it: there is nothing to do."""
    await town.settle("eve")
    await town["eve"].say("stop")
    assert town.restore().replayed.unknown == 1


async def test_a_running_bot_is_not_disturbed(town: Town) -> None:
    """Its lock is held: nothing is changed."""
    with RunnerLock() as lock:
        lock.take(town.world.database.path)
        with pytest.raises(AlreadyRunning):
            restore(town.request())


async def test_a_bot_whose_file_is_gone_is_not_disturbed(town: Town) -> None:
    """It holds the lock still."""
    with RunnerLock() as lock:
        lock.take(town.world.database.path)
        town.world.database.close()
        town.world.database.path.unlink()
        with pytest.raises(AlreadyRunning):
            restore(town.request())


async def test_a_machine_that_has_nothing_but_backup_journal_and_key(town: Town, tmp_path: Path) -> None:
    """The folder is made; the journal that was shipped is taken over."""
    town.world.database.close()
    shipped = journal_path(town.world.database.path)
    new = tmp_path / "new" / "said.sqlite"
    report = restore(town.request(database=new, journal=shipped))
    assert report.kept is None
    assert report.replayed.done.total() == 3
    assert sorted(modes(new.parent)) == ["said.sqlite", "said.sqlite.journal"]
    assert Journal.open(journal_path(new), IDENTITY).read().entries[-1].kind is JournalKind.RESTORE


def unlink(journal: Path) -> None:
    journal.unlink()


def forge(journal: Path) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:-1], lines[-1].replace(b'"kind":"consent"', b'"kind":"program"')]))


def take_out(journal: Path) -> None:
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:2], *lines[3:]]))


def of_another_key(journal: Path) -> None:
    Journal.open(journal, IDENTITY).seal_for(AddressKeys(bytes([9]) * 32))


@pytest.mark.parametrize("harm", [unlink, forge, take_out, of_another_key])
async def test_a_journal_that_does_not_tell_all_is_refused(town: Town, harm) -> None:
    """Missing, changed, with a line taken out, or of another key: it says since when nothing is known."""
    town.world.database.close()
    harm(journal_path(town.world.database.path))
    before = town.world.database.path.read_bytes()
    with pytest.raises(
        RestoreRefused, match=r"since 2026-03-02 09:00 UTC \(less than a day\), and whoever stopped"
    ):
        restore(town.request())
    assert town.world.database.path.read_bytes() == before
    report = restore(town.request(), anyway=True)
    assert report.uncovered is not None
    town.start()  # and a journal begins that tells of all from here on
    assert Journal.open(journal_path(town.world.database.path), IDENTITY).read().broken is None


async def test_a_journal_that_begins_after_the_backup_is_refused(town: Town) -> None:
    """As one does that was lost, and begun anew: it does not reach back."""
    town.world.database.close()
    journal_path(town.world.database.path).unlink()
    town.world.clock.move(timedelta(days=3))
    town.start()
    await town["dan"].say("stop")
    town.world.database.close()
    with pytest.raises(RestoreRefused, match="is not of the database of this backup"):
        restore(town.request())
    report = restore(town.request(), anyway=True)
    assert report.replayed.done == {JournalKind.STOP: 1}  # what it tells is done all the same


@pytest.mark.parametrize("torn", [b'{"kind":"stop","at":"2026-03-02T0', b"\0" * 4_096])
async def test_a_torn_last_line_is_survived(town: Town, torn: bytes) -> None:
    """Nobody was answered for it, or a page that was never written: all before it is told, and the journal goes on."""
    town.world.database.close()
    file = journal_path(town.world.database.path)
    file.write_bytes(file.read_bytes() + torn)
    assert town.restore().replayed.done.total() == 3
    reading = Journal.open(file, IDENTITY).read()
    assert (reading.broken, reading.is_torn) == (None, False)
    assert reading.entries[-1].kind is JournalKind.RESTORE


async def test_killed_before_the_end_nothing_is_lost(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """At any step: the database that lay there is there, and the next call does it all."""
    town.world.database.close()
    for step in ("_rewrite", "_keep_journal", "_put_in_place"):

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(place_module, step, killed)
            with pytest.raises(KeyboardInterrupt):
                restore(town.request())
        assert check(town.world.database.path) == []
    assert restore(town.request()).replayed.done.total() == 3


async def test_a_log_of_the_old_file_is_not_taken_for_the_new(town: Town) -> None:
    """What stands in the write-ahead log of a database that was killed belongs to that one, and is kept with it."""
    path = town.world.database.path
    wal = path.with_name("said.sqlite-wal").read_bytes()
    assert wal
    main = path.read_bytes()
    town.world.database.close()
    path.write_bytes(main)
    path.with_name("said.sqlite-wal").write_bytes(wal)
    report = restore(town.request())
    assert report.kept is not None
    assert report.kept.with_name(f"{report.kept.name}-wal").read_bytes() == wal
    assert not path.with_name("said.sqlite-wal").exists()
    assert check(path) == []


async def test_the_key_was_changed_after_the_backup(town: Town) -> None:
    """The backup needs the old key, and the journal the new one; from then on both are of the old."""
    new = AddressKeys(bytes([9]) * 32)
    Journal.open(journal_path(town.world.database.path), IDENTITY).seal_for(new)
    with pytest.raises(RestoreRefused, match="another identity key"):
        town.restore()
    assert restore(town.request(journal_identity=new)).replayed.done.total() == 3
    assert Journal.open(journal_path(town.world.database.path), IDENTITY).read().broken is None


async def test_what_is_no_backup_is_refused(town: Town, tmp_path: Path) -> None:
    """A file that is not there, and a backup with another key."""
    town.world.database.close()
    with pytest.raises(BackupError):
        restore(town.request(backup=tmp_path / "none.sqlite"))
    with pytest.raises(KeyWrong):
        restore(town.request(identity=AddressKeys(bytes([9]) * 32)))


async def test_a_backup_has_its_journal_beside_it(town: Town) -> None:
    """Private, whole, and never over another file."""
    beside = journal_path(town.backup)
    assert Journal.open(beside, IDENTITY).read().entries[0].kind is JournalKind.BEGIN
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    other = town.backup.with_name("other.sqlite")
    journal_path(other).touch()
    with pytest.raises(BackupError, match="is there already"):
        backup(town.world.database.path, other)
    with pytest.raises(JournalUnreadable):
        Journal.open(journal_path(other), IDENTITY)
