"""Find what stands in a journal that a database does not know of: it is a backup, or one was put in its place by hand.

Each line names the newest row of the audit trail in its transaction. A line whose row is in the trail is known, and so
is all that stands above a restore that is. Any other is to be told, wherever it stands: a database that was put in
place by hand has lines of its own below those that it never heard of. One is not told again where a later line about
the same is known: its transaction was killed before the commit and taken up again, or something newer was said.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.address_keys import AddressKeys
from storage.database.audit import AuditAnchor
from storage.database.journal import Journal, JournalEntry, journal_path
from storage.database.statements import among, numbers
from storage.errors import JournalUnreadable, KeyWrong
from storage.schema import AUDIT_EVENT, JournalKind

_NOTHING_BEHIND: Final = frozenset({JournalKind.BEGIN, JournalKind.RESTORE})
_OVERTAKES: Final = {
    JournalKind.PROGRAM_RESUMED: JournalKind.PROGRAM_PAUSED,
    JournalKind.INVITATION_EXTENDED: JournalKind.INVITATION_REVOKED,
    JournalKind.PAUSE: JournalKind.SNOOZE,
}
"""Kinds that say anew what another one says, by one of the two."""
_ROWS = sa.select(AUDIT_EVENT.c.id, AUDIT_EVENT.c.hash).where(among(AUDIT_EVENT.c.id, "rows"))


class UntoldEntries(NamedTuple):
    """What a database does not know of, the oldest first; and whether it knows any line of the journal at all."""

    entries: tuple[JournalEntry, ...]
    is_any_known: bool


class JournalLook(NamedTuple):
    """How the journal beside a database and the database agree.

    `begins` is the journal's first entry, None where it has none; `broken` is the number of the first entry that was
    changed after it was written, None where none was.
    """

    begins: JournalEntry | None
    broken: int | None
    untold: tuple[JournalEntry, ...]


def find_untold(connection: Connection, entries: Sequence[JournalEntry]) -> UntoldEntries:
    """Find which entries of a journal a database does not know of."""
    known = _known(connection, entries)
    told_at = [place for place, one in enumerate(entries) if known[place] and one.kind is JournalKind.RESTORE]
    found: list[JournalEntry] = []
    said_since = set[tuple[object, ...]]()
    for place in range(len(entries) - 1, max(told_at, default=-1), -1):
        one = entries[place]
        if known[place]:
            said_since.add(_subject(one))
        elif one.kind not in _NOTHING_BEHIND and _subject(one) not in said_since:
            found.append(one)
    return UntoldEntries(tuple(reversed(found)), any(known))


def look_at_journal(connection: Connection, path: Path, identity: AddressKeys) -> JournalLook:
    """Look whether the database at `path` knows of all that stands in the journal beside it.

    Where there is none that its key opens, the look finds nothing.
    """
    try:
        reading = Journal.open(journal_path(path), identity).read()
    except (JournalUnreadable, KeyWrong):
        return JournalLook(None, None, ())
    first = reading.entries[0] if reading.entries else None
    return JournalLook(first, reading.broken, find_untold(connection, reading.entries).entries)


def _known(connection: Connection, entries: Sequence[JournalEntry]) -> list[bool]:
    """Return of each entry whether the audit trail has its row, with its hash; a trail without rows is in all."""
    anchors = [AuditAnchor.read(one.audit) for one in entries]
    wanted = numbers({anchor.rows for anchor in anchors if anchor is not None})
    hashes = {row.id: bytes(row.hash).hex() for row in connection.execute(_ROWS, {"rows": wanted})}
    return [
        anchor is not None and (not anchor.rows or hashes.get(anchor.rows) == anchor.hash)
        for anchor in anchors
    ]


def _subject(entry: JournalEntry) -> tuple[object, ...]:
    """Return what an entry is about: of two of one subject the later one stands."""
    kind = _OVERTAKES.get(entry.kind, entry.kind)
    what = "" if kind is JournalKind.SECOND_STEP else entry.what
    return kind, entry.who, what, entry.program, entry.flow, entry.purpose
