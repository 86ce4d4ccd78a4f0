"""Put a backup in the place of the database, once it knows of whoever left since it was made.

All is done to a copy of the backup beside the database, which takes its place at the very end: whatever is refused, or
killed, leaves the database as it was. What lay there is kept under another name.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database import audit
from storage.database.address_keys import AddressKeys
from storage.database.backup import copy_pages
from storage.database.connection import Database
from storage.database.journal import Journal, JournalEntry, copy_journal, journal_path, sync_folder
from storage.database.key_check import confirm
from storage.database.migrate import examine, prepare
from storage.database.process_lock import RunnerLock
from storage.database.statements import translated
from storage.errors import BackupError, JournalUnreadable, KeyWrong, RestoreRefused
from storage.people import account_links, coordinators
from storage.private_files import make_private_file, make_private_folder
from storage.restore.replay import ReplayResult, replay
from storage.restore.untold import find_untold
from storage.schema import AUDIT_EVENT, INBOX, AuditKind, JournalKind
from storage.team import accounts, recovery_codes, sign_in

_LOGS: Final = ("-wal", "-shm")
_AS_BEFORE: Final = (
    "whoever stopped, was erased or took a consent back since then comes back, and whatever the team revoked"
)
_REMEDY: Final = (
    "give the journal that you keep elsewhere to --journal, or add --anyway to restore all the same"
)


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """Which backup is to be put in the place of which database, at which time.

    `identity` is the key of both; `journal` None is the one beside the database. `journal_identity` opens the journal
    where the identity key was changed after the backup; None is the same key.
    """

    backup: Path
    database: Path
    identity: AddressKeys
    now: datetime
    journal: Path | None = None
    journal_identity: AddressKeys | None = None


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was done to the backup, or would be.

    `kept` is where the database that lay there is now, None where none did. `backup_until` is the newest thing in the
    backup, `journal_until` in the journal; None where there is nothing, as in a journal that nobody has left a line in.
    `uncovered` says in English what is not known to it, None where the journal reaches back to the backup. `ended` is
    how many sessions, and links and codes that let somebody in once, are not good any more.
    """

    kept: Path | None
    backup_until: datetime | None
    journal_until: datetime | None
    uncovered: str | None
    replayed: ReplayResult = field(default_factory=ReplayResult)
    ended: int = 0


class _Told(NamedTuple):
    """What a backup was told, what was ended in it, and the anchor of its audit trail then."""

    replayed: ReplayResult
    ended: int
    anchor: str


@dataclass(frozen=True, slots=True)
class _Coverage:
    """What of a journal a backup is to be told; `gap` says why that is not all, None where it is.

    `journal` is None where it cannot be read; `goes_on` is whether lines can be added to it.
    """

    journal: Journal | None
    entries: Sequence[JournalEntry]
    until: datetime | None
    gap: str | None
    goes_on: bool = True


def restore(wanted: RestoreRequest, *, anyway: bool = False, dry_run: bool = False) -> RestoreReport:
    """Put a backup in place, and do again to it what its journal tells. With `dry_run` it is only rehearsed.

    With `anyway` a backup is put in place to which the journal does not reach back.

    Raises:
        RestoreRefused: people would come back who left.
        AlreadyRunning: the bot runs on the database.
        BackupError, NotADatabase, DatabaseTooNew, DatabaseCorrupt, KeyWrong: it is no backup of ours, or damaged.
    """
    if not wanted.backup.is_file():
        raise BackupError(wanted.backup, "there is no backup", "name the file of one")
    examine(wanted.backup)
    confirm(wanted.backup, wanted.identity, adopting=anyway)
    make_private_folder(wanted.database.parent)
    with RunnerLock() as lock, translated(wanted.database), _draft(wanted, lock) as draft:
        prepare(draft)
        with Database(draft, wanted.identity) as database:
            until = database.read_now(_newest)
            covered = database.read_now(lambda connection: _coverage(connection, wanted, until))
            uncovered = (
                None if covered.gap is None else f"{covered.gap}: {_days(until, wanted.now)}{_AS_BEFORE}"
            )
            if uncovered is not None and not anyway:
                raise RestoreRefused(wanted.backup, uncovered, _REMEDY)
            told = database.write_now(lambda connection: _replay(connection, covered, wanted.now))
        kept = None
        if not dry_run:
            _rewrite(draft)
            _keep_journal(wanted, covered, told.anchor)
            kept = _put_in_place(draft, wanted)
        return RestoreReport(kept, until, covered.until, uncovered, told.replayed, told.ended)


@contextmanager
def _draft(wanted: RestoreRequest, lock: RunnerLock) -> Iterator[Path]:
    """Yield a copy of the backup beside the database, which goes at the end, unless it has another name by then.

    It is made once nobody else runs on the database, which may be the backup itself: one that was put in place by hand.
    """
    if wanted.database.exists():
        lock.take(wanted.database)
    else:
        lock.take_beside(wanted.database)
    draft = wanted.database.with_name(f".{wanted.database.name}.{os.getpid()}.restore")
    try:
        make_private_file(draft)
        copy_pages(wanted.backup, draft)
        yield draft
    finally:
        for file in (draft, *(draft.with_name(draft.name + end) for end in _LOGS)):
            file.unlink(missing_ok=True)


def _newest(connection: Connection) -> datetime | None:
    """Return when the newest thing happened that a database knows of; None where it knows of nothing."""
    times = [
        connection.scalar(sa.select(sa.func.max(one))) for one in (AUDIT_EVENT.c.at, INBOX.c.received_at)
    ]
    return max((at for at in times if at is not None), default=None)


def _coverage(connection: Connection, wanted: RestoreRequest, until: datetime | None) -> _Coverage:
    """Find what a backup is to be told: all that stands in the journal and that it does not know of."""
    file = wanted.journal or journal_path(wanted.database)
    try:
        journal = Journal.open(file, wanted.journal_identity or wanted.identity)
        reading = journal.read()
    except JournalUnreadable as error:
        return _Coverage(None, (), None, f"the journal {file} cannot be used ({error.what})", goes_on=False)
    except KeyWrong:
        gap = f"the journal {file} belongs to another identity key"
        return _Coverage(None, (), None, gap, goes_on=False)
    entries = reading.entries
    untold = find_untold(connection, entries)
    why: str | None = None
    if reading.broken is not None:
        why = f"line {reading.broken + 1} of the journal {file} was changed after it was written"
    elif not entries:
        why = f"the journal {file} holds nothing"
    elif not untold.is_any_known and (until is None or entries[0].at > until):
        why = f"the journal {file} begins on {entries[0].at:%Y-%m-%d}, after the backup"
    elif not untold.is_any_known:
        why = f"the journal {file} is not of the database of this backup"
    newest = next((one.at for one in reversed(entries) if one.kind is not JournalKind.BEGIN), None)
    goes_on = reading.broken is None and bool(entries)
    return _Coverage(journal, untold.entries, newest, why, goes_on=goes_on)


def _days(since: datetime | None, now: datetime) -> str:
    """Say since when nothing is known, with what follows."""
    if since is None:
        return ""
    days = (now - since).days
    length = f"{days} days" if days > 1 else "a day" if days == 1 else "less than a day"
    return f"nothing is known of what happened since {since:%Y-%m-%d %H:%M} UTC ({length}), and "


def _replay(connection: Connection, covered: _Coverage, now: datetime) -> _Told:
    """Do again what the journal tells, end what lets somebody in once, and audit it."""
    done = ReplayResult()
    if covered.journal is not None:
        done = replay(connection, covered.journal, covered.entries)
    ended = _end_what_lets_in(connection)
    counts = Counter({kind.value: count for kind, count in done.done.items()})
    audit.record(connection, AuditKind.SETTINGS, participant_id=None, now=now, restored=dict(counts))
    return _Told(done, ended, str(audit.latest_anchor(connection)))


def _end_what_lets_in(connection: Connection) -> int:
    """End all sessions, and links and codes of which the backup does not know that they were used; return how many."""
    return (
        sign_in.forget_all(connection)
        + accounts.disconnect_all(connection)
        + recovery_codes.forget_all(connection)
        + coordinators.forget_links(connection)
        + account_links.forget_codes(connection)
    )


def _rewrite(draft: Path) -> None:
    """Write the file anew, complete in itself: no byte of what was deleted is left in a page."""
    with closing(sqlite3.connect(draft)) as connection:
        for pragma in ("temp_store=MEMORY", "journal_mode=DELETE"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("VACUUM")
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_journal(wanted: RestoreRequest, covered: _Coverage, anchor: str) -> None:
    """Have the journal beside the database tell that the backup knows of all that stands in it.

    Before the backup is in place: else it would be told again of the same after another restore. One that cannot be
    gone on with is kept under another name, and a new one begins when the database is opened.
    """
    place = journal_path(wanted.database)
    source = wanted.journal or place
    if place.exists() and (not covered.goes_on or source.absolute() != place.absolute()):
        _link_aside(place, wanted.now)
        place.unlink()
    if not covered.goes_on:
        return
    if source.absolute() != place.absolute():
        copy_journal(source, place)
    journal = Journal.open(place, wanted.journal_identity or wanted.identity)
    journal.seal_for(wanted.identity)
    journal.append([JournalEntry(JournalKind.RESTORE, wanted.now, anchor)])


def _put_in_place(draft: Path, wanted: RestoreRequest) -> Path | None:
    """Give the draft the name of the database; return the name of what lay there, with its logs, None for nothing."""
    path, kept = wanted.database, None
    logs = [path.with_name(path.name + end) for end in _LOGS]
    if path.exists():
        kept = _link_aside(path, wanted.now)
    for log in logs:
        if log.exists():
            beside = kept or _aside(path, wanted.now)
            with suppress(FileExistsError):
                os.link(log, beside.with_name(beside.name + log.name.removeprefix(path.name)))
            log.unlink()
    draft.replace(path)
    sync_folder(path.parent)
    return kept


def _link_aside(file: Path, now: datetime) -> Path:
    """Give a file another name, beside its own, and return that."""
    aside = _aside(file, now)
    os.link(file, aside)
    return aside


def _aside(file: Path, now: datetime) -> Path:
    """Return a name for what a restore at some time replaces, which no file has."""
    stem = f"{file.name}.before-{now:%Y%m%d-%H%M%S}"
    names = (file.with_name(stem if not number else f"{stem}-{number}") for number in range(1_000))
    return next(name for name in names if not name.exists())
