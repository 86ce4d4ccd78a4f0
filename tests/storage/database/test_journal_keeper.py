"""What a transaction notes stands in the journal before it is committed; what is undone takes its notes with it."""

import os
import sqlite3
from contextlib import closing, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.database import audit, journal_keeper
from storage.database.address_keys import AddressKeys
from storage.database.commit_notes import JournalNote, note
from storage.database.connection import Database
from storage.database.journal import Journal, JournalEntry, journal_path, opened_by
from storage.database.journal_keeper import is_in_order
from storage.database.key_rotation import rotate
from storage.database.statements import savepoint
from storage.errors import DatabaseBusy, DatabaseUnwritable, KeyWrong
from storage.schema import AuditKind, JournalKind

KEY, OTHER = AddressKeys(bytes(32)), AddressKeys(bytes([1]) * 32)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path):
    with Database.open(tmp_path / "said.sqlite", identity=KEY) as opened:
        yield opened


def noting(connection: sa.Connection, code: str = "C") -> None:
    note(connection, JournalNote(JournalKind.COORDINATOR, AT, coordinator=code))


def entries(path: Path, identity: AddressKeys = KEY) -> tuple[JournalEntry, ...]:
    return Journal.open(journal_path(path), identity).read().entries


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM audit_event").fetchone()[0])


def test_a_new_database_has_a_journal(database: Database) -> None:
    """It knows of all from the beginning."""
    assert [one.kind for one in entries(database.path)] == [JournalKind.BEGIN]


def test_a_rehearsal_has_none(tmp_path: Path) -> None:
    """Its people are nobody."""
    with Database.open(tmp_path / "said.sqlite", identity=KEY, durable=False) as rehearsed:
        rehearsed.write_now(noting)
    assert not journal_path(tmp_path / "said.sqlite").exists()


@pytest.mark.usefixtures("as_in_production")
def test_it_is_on_the_disk_before_the_commit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at from another connection while the file is synced: nothing of the transaction is there yet."""
    seen = []
    sync = os.fsync

    def synced(descriptor: int) -> None:
        seen.append((len(entries(database.path)), rows(database.path)))
        sync(descriptor)

    monkeypatch.setattr("storage.database.journal.os.fsync", synced)
    database.write_now(noting)
    assert seen == [(2, 0)]
    assert rows(database.path) == 1


def test_what_fails_leaves_nothing(database: Database) -> None:
    """Neither a transaction that is undone, nor a part of one."""

    def failing(connection: sa.Connection) -> None:
        noting(connection)
        raise ValueError

    def failing_in_part(connection: sa.Connection) -> None:
        noting(connection, "kept")
        with pytest.raises(ValueError), savepoint(connection):  # noqa: PT011 - our own
            failing(connection)

    with pytest.raises(ValueError):  # noqa: PT011 - our own
        database.write_now(failing)
    assert len(entries(database.path)) == 1
    database.write_now(failing_in_part)
    assert len(entries(database.path)) == 2


def test_what_a_power_cut_left_of_many_lines_hides_nothing_that_comes_after(tmp_path: Path) -> None:
    """The first page of one append is zeros and its last lines are whole: the next process writes before all that."""
    path = tmp_path / "said.sqlite"

    def noting_many(connection: sa.Connection) -> None:
        for number in range(60):
            noting(connection, f"C-{number}")

    with Database.open(path, identity=KEY) as before:
        before.write_now(noting)
        sound = journal_path(path).stat().st_size
        before.write_now(noting_many)
    text = bytearray(journal_path(path).read_bytes())
    assert len(text) - sound > 8_192
    text[sound : sound + 4_096] = bytes(4_096)
    journal_path(path).write_bytes(text)
    with Database.open(path, identity=KEY) as after:
        after.write_now(partial(noting, code="D"))
        after.write_now(partial(noting, code="E"))
    reading = Journal.open(journal_path(path), KEY).read()
    assert (len(reading.entries), *reading[1:]) == (4, None, False)


def test_all_lines_are_read_once_and_again_after_a_failure(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a process has read it does not read for each line that it appends."""
    read, whole = [], Journal._whole_tail

    def counted(self: Journal, size: int):
        read.append(size)
        return whole(self, size)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "_whole_tail", counted)
    database.write_now(noting)
    database.write_now(noting)
    assert len(read) == 1
    with monkeypatch.context() as patch:
        patch.setattr("storage.database.journal.sync", full)
        with pytest.raises(DatabaseUnwritable):
            database.write_now(noting)
    database.write_now(noting)
    database.write_now(noting)
    assert len(read) == 2


def test_a_line_names_a_row_of_its_own_transaction(database: Database) -> None:
    """Where the transaction left nothing in the audit trail, an entry is added: the line is found by it in a backup."""

    def audited(connection: sa.Connection) -> None:
        audit.record(connection, AuditKind.SETTINGS, participant_id=None, now=AT)
        noting(connection)

    database.write_now(noting)
    database.write_now(audited)
    database.write_now(noting)
    assert [one.audit.partition(":")[0] for one in entries(database.path)] == ["0", "1", "2", "3"]


def test_a_transaction_whose_entry_was_undone_adds_one(database: Database) -> None:
    """The trail's row that a part of it wrote went with that part."""

    def work(connection: sa.Connection) -> None:
        noting(connection)
        with suppress(ValueError), savepoint(connection):
            audit.record(connection, AuditKind.SETTINGS, participant_id=None, now=AT)
            raise ValueError

    database.write_now(noting)
    database.write_now(work)
    assert [one.audit.partition(":")[0] for one in entries(database.path)] == ["0", "1", "2"]


def test_a_journal_that_cannot_be_written_undoes_the_transaction(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is answered then; once there is room, all is well."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("storage.database.journal.os.write", full)
        with pytest.raises(DatabaseUnwritable, match="No space left"):
            database.write_now(noting)
    assert rows(database.path) == 0
    database.write_now(noting)
    assert (len(entries(database.path)), rows(database.path)) == (2, 1)


def test_others_cost_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that notes nothing does not look at the journal."""
    monkeypatch.setattr(journal_keeper, "Journal", None)
    database.write_now(
        lambda connection: audit.record(connection, AuditKind.SETTINGS, participant_id=None, now=AT)
    )
    assert rows(database.path) == 1


@pytest.mark.parametrize("harm", ["removed", "of another key", "forged", "emptied"])
def test_a_journal_that_is_lost_begins_anew(database: Database, harm: str) -> None:
    """Also while the bot runs: the person is answered, what lay there is kept, and the new one says when it began."""
    database.write_now(noting)
    file = journal_path(database.path)
    if harm == "removed":
        file.unlink()
    elif harm == "of another key":
        Journal.open(file, KEY).seal_for(OTHER)
    else:
        file.write_bytes(file.read_bytes() + b"{} 00\n" if harm == "forged" else b"")
    database.write_now(partial(noting, code="D"))
    assert [one.kind for one in entries(database.path)] == [JournalKind.BEGIN, JournalKind.COORDINATOR]
    assert [one.audit.partition(":")[0] for one in entries(database.path)] == ["2", "2"]
    aside = [found.name for found in file.parent.glob("*.aside-*")]
    assert aside == ([] if harm == "removed" else ["said.sqlite.journal.aside-1"])


def test_a_page_of_zeros_at_its_end_takes_nothing_away(database: Database) -> None:
    """A power cut may leave the file longer, and not written to: its lines are gone on with, not set aside."""
    database.write_now(noting)
    file = journal_path(database.path)
    file.write_bytes(file.read_bytes() + b"\0" * 4_096)
    database.write_now(partial(noting, code="D"))
    kinds = [JournalKind.BEGIN, JournalKind.COORDINATOR, JournalKind.COORDINATOR]
    assert [one.kind for one in entries(database.path)] == kinds
    assert list(file.parent.glob("*.aside-*")) == []


def test_two_processes_append_to_one_chain(database: Database) -> None:
    """A command beside the bot: each reads what the other wrote last."""
    with Database.open(database.path, identity=KEY) as beside:
        for opened in (database, beside, database, beside):
            opened.write_now(noting)
    assert len(entries(database.path)) == 5


def keys(path: Path) -> list[AddressKeys]:
    """Which keys open the journal."""
    return [key for key in (KEY, OTHER) if _opens(path, key)]


def _opens(path: Path, key: AddressKeys) -> bool:
    try:
        Journal.open(journal_path(path), key)
    except KeyWrong:
        return False
    return True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that nobody has open, with a line in its journal."""
    with Database.open(tmp_path / "said.sqlite", identity=KEY) as opened:
        opened.write_now(noting)
    return tmp_path / "said.sqlite"


def test_it_goes_with_a_new_identity_key(path: Path) -> None:
    """Its lines stay, and the new key alone opens it."""
    before = entries(path)
    rotate(path, KEY, OTHER, now=AT)
    assert keys(path) == [OTHER]
    assert entries(path, OTHER) == before


def test_a_change_of_the_key_that_is_refused_leaves_it(path: Path) -> None:
    """Another process has the database open: the old key alone opens both."""
    with Database.open(path, identity=KEY), pytest.raises(DatabaseBusy):
        rotate(path, KEY, OTHER, now=AT)
    assert keys(path) == [KEY]
    assert opened_by(journal_path(path)) == 1


def files(path: Path) -> dict[str, tuple[int, bytes]]:
    """Each file beside a database, as it is: whatever is written anew has another number."""
    found = (one for one in path.parent.iterdir() if not one.name.endswith("-shm"))  # locks of who reads
    return {one.name: (one.stat().st_ino, one.read_bytes()) for one in found}


@pytest.mark.parametrize("change", [(KEY, OTHER), (OTHER, KEY)], ids=["one that ended", "a new one"])
def test_a_change_of_the_key_beside_a_bot_writes_nothing(
    path: Path, change: tuple[AddressKeys, AddressKeys]
) -> None:
    """What the bot appends to the journal meanwhile would be lost: one that ended is told again, another is refused."""
    rotate(path, KEY, OTHER, now=AT)
    with Database.open(path, identity=OTHER) as running:
        running.write_now(noting)
        before = files(path)
        with nullcontext() if change == (KEY, OTHER) else pytest.raises(DatabaseBusy):
            rotate(path, *change, now=AT)
        assert files(path) == before


def test_nobody_opens_the_database_until_the_journal_has_its_key(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the beginning of a change to its end, whatever is appended would be lost."""
    seal, opened = Journal.seal_for, []

    def sealed(self: Journal, *identities: AddressKeys) -> None:
        with closing(sqlite3.connect(path, timeout=0)) as other, suppress(sqlite3.OperationalError):
            other.execute("SELECT count(*) FROM address").fetchone()
            opened.append(identities)
        seal(self, *identities)

    monkeypatch.setattr(Journal, "seal_for", sealed)
    rotate(path, KEY, OTHER, now=AT)
    assert opened == []
    assert keys(path) == [OTHER]


@pytest.mark.parametrize("moment", ["before the commit", "after the commit"])
def test_a_change_of_the_key_that_is_killed_can_be_taken_up(
    path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The key that the database has opens the journal at each moment, alone from the next start on."""
    seal, calls = Journal.seal_for, 0

    def sealed(self: Journal, *identities: AddressKeys) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            os._exit(9)
        seal(self, *identities)
        if moment == "before the commit":
            os._exit(9)

    child = os.fork()
    if not child:
        monkeypatch.setattr(Journal, "seal_for", sealed)
        try:
            rotate(path, KEY, OTHER, now=AT)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert keys(path) == [KEY, OTHER]
    now = KEY if moment == "before the commit" else OTHER
    with Database.open(path, identity=now):
        assert keys(path) == [now]
        assert is_in_order(path, now)
    rotate(path, KEY, OTHER, now=AT)
    assert keys(path) == [OTHER]
    assert len(entries(path, OTHER)) == 2
