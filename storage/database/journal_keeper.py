"""Write the notes of a transaction into the journal beside the database, and have a journal there from its opening."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database import audit
from storage.database.address_keys import AddressKeys
from storage.database.commit_notes import JournalNote, take_audited, take_notes
from storage.database.journal import Journal, JournalEntry, journal_path, opened_by
from storage.errors import DatabaseUnwritable, JournalUnreadable, KeyWrong
from storage.schema import AUDIT_EVENT, CONVERSATION, PARTICIPANT, PROGRAM, AuditKind, JournalKind

PERSON: Final = "participant"
COORDINATOR: Final = "coordinator"
INVITATION: Final = "invitation"
WORDS: Final = "words"
"""What a hash is of."""
FROM_THE_BEGINNING: Final = datetime.fromtimestamp(0, UTC)
"""When the journal of a new database begins."""
_ALL_IN_ONE: Final = frozenset({JournalKind.STOP, JournalKind.CONSENT})
"""What an erasure of the same participant says, too."""
_WAS_READ: Final = "journal_was_read"
"""Where a connection keeps that all lines of the journal were read, and nothing failed since."""
_log = logging.getLogger(__name__)


def is_in_order(path: Path, identity: AddressKeys) -> bool:
    """Return whether a journal lies beside the database that its key, and no other, opens."""
    file = journal_path(path)
    try:
        Journal.open(file, identity)
        return opened_by(file) == 1
    except (JournalUnreadable, KeyWrong):
        return False


def put_in_order(connection: Connection, *, path: Path, identity: AddressKeys) -> None:
    """Have a journal beside the database that its key, and no other, opens, in the caller's transaction."""
    with _telling_of_files(path):
        journal = _opened(connection, path, identity)
        if opened_by(journal.file) > 1:  # a change of the key was begun
            journal.seal_for(identity)


def keep_notes(connection: Connection, *, path: Path, identity: AddressKeys) -> None:
    """Write what the caller's transaction noted into the journal; it is on the disk on return. To be committed next.

    Where the transaction left nothing in the audit trail, by which a line is found in a backup, an entry is added.

    Raises:
        DatabaseUnwritable: it cannot be written; the transaction is to be undone.
    """
    notes = _without_repetition(take_notes(connection))
    if not notes:
        return
    number = take_audited(connection)
    if number is None or audit.latest_anchor(connection).rows < number:
        kinds = sorted({one.kind.value for one in notes})
        audit.record(connection, AuditKind.SETTINGS, participant_id=None, now=notes[-1].at, journal=kinds)
    with _telling_of_files(path):
        journal, anchor = _opened(connection, path, identity), str(audit.latest_anchor(connection))
        entries = [_entry(connection, journal, one, anchor) for one in notes]
        was_read = connection.info.pop(_WAS_READ, None) == journal.file
        try:
            journal.append(entries, was_read=was_read)
        except JournalUnreadable as error:
            _set_aside(journal.file, error)
            _opened(connection, path, identity).append(entries)
        connection.info[_WAS_READ] = journal.file


def begin_entry(connection: Connection) -> JournalEntry:
    """Return the first entry of a journal that begins now: it knows of all that happens from here on.

    Its time is that of the newest row of the audit trail, `FROM_THE_BEGINNING` where there is none yet.
    """
    query = sa.select(AUDIT_EVENT.c.at).order_by(AUDIT_EVENT.c.id.desc()).limit(1)
    at = connection.scalar(query) or FROM_THE_BEGINNING
    return JournalEntry(JournalKind.BEGIN, at, str(audit.latest_anchor(connection)))


@contextmanager
def _telling_of_files(path: Path) -> Iterator[None]:
    """Turn errors of the file system within the block into one that names the journal of a database and a remedy."""
    try:
        yield
    except OSError as error:
        remedy = "make room, or make the file and its folder writable for this user"
        what = f"cannot be written ({error.strerror})"
        raise DatabaseUnwritable(journal_path(path), what, remedy) from error


def _opened(connection: Connection, path: Path, identity: AddressKeys) -> Journal:
    """Open the journal of a database; one that is not its own is set aside, and where there is none it begins."""
    file = journal_path(path)
    try:
        return Journal.open(file, identity)
    except (JournalUnreadable, KeyWrong) as error:
        _set_aside(file, error)
    return Journal.begin(file, identity, begin_entry(connection))


def _set_aside(file: Path, why: Exception) -> None:
    """Give a journal that cannot be gone on with another name, which is logged; nothing where there is none."""
    if not file.exists():
        return
    for number in range(1, 1_000):
        aside = file.with_name(f"{file.name}.aside-{number}")
        with suppress(FileExistsError):
            os.link(file, aside)
            file.unlink()
            _log.error("the journal was set aside as %s: %s", aside.name, type(why).__name__)
            return


def _without_repetition(notes: list[JournalNote]) -> list[JournalNote]:
    erased = {one.participant_id for one in notes if one.kind is JournalKind.ERASURE}
    return [one for one in notes if one.participant_id not in erased or one.kind not in _ALL_IN_ONE]


def _entry(connection: Connection, journal: Journal, noted: JournalNote, anchor: str) -> JournalEntry:
    """Return a note as the journal has it: whoever and whatever it is about by hashes and short names."""
    participant_id, program_id, flow = noted.participant_id, noted.program_id, ""
    if noted.conversation_id is not None:
        columns = (CONVERSATION.c.participant_id, CONVERSATION.c.program_id, CONVERSATION.c.flow)
        query = sa.select(*columns).where(CONVERSATION.c.id == noted.conversation_id)
        participant_id, program_id, flow = connection.execute(query).one()
    who, what, program = "", "", ""
    if participant_id is not None:
        code = connection.scalar(sa.select(PARTICIPANT.c.code).where(PARTICIPANT.c.id == participant_id))
        who = journal.hash_of(PERSON, str(code))
    if program_id is not None:
        slug = connection.scalar(sa.select(PROGRAM.c.slug).where(PROGRAM.c.id == program_id))
        program = str(slug)
    if noted.words is not None:
        what = journal.hash_of(PERSON if noted.kind is JournalKind.JOIN else WORDS, noted.words)
    if noted.coordinator is not None:
        who = coordinator_hash(journal, noted.coordinator)
    if noted.invitation is not None:
        what = invitation_hash(journal, noted.invitation)
    return JournalEntry(
        noted.kind,
        noted.at,
        anchor,
        who=who,
        what=what,
        program=program,
        flow=flow,
        purpose=noted.purpose,
        until=noted.until,
        roles=noted.roles,
    )


def coordinator_hash(journal: Journal, code: str) -> str:
    """Return what a journal knows a coordinator by, whichever way their code is capitalised."""
    return journal.hash_of(COORDINATOR, code.upper())


def invitation_hash(journal: Journal, token_hash: bytes) -> str:
    """Return what a journal knows an invitation by."""
    return journal.hash_of(INVITATION, token_hash.hex())
