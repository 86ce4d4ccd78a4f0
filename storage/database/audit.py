"""Append to the audit trail, and verify it: rows that each carry the hash of the one before (docs/why/audit-chain.md).

The theory. Each row holds `prev_hash`, the hash of the row before it (32 zero bytes before the first), and `hash`, the
SHA-256 of the UTF-8 bytes of one JSON array without spaces:

    ["<prev_hash in hex>",<id>,"<time, ISO 8601 in UTC>","<kind>",<participant's number or null>,<details as stored>]

`id` counts from 1 without a gap, and `details` is canonical JSON (keys sorted), hashed as the text that is stored. So a
row cannot be changed, taken out of the middle or moved without breaking its own hash or that of the row after it:
whoever would hide a change must write all later rows anew. What a chain alone cannot show is just that, and that its
last rows were cut off. For that, keep an anchor (`AuditVerification.anchor`: the number and hash of the last row)
elsewhere, and give it to `verify` later: the row must be there still, with that hash.

Appending reads the last hash once and chains a whole batch in memory; the transaction must be the only writer's.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple, Self

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.commit_notes import note_audited
from storage.database.statements import BulkWrite, TupleQuery
from storage.schema import AUDIT_EVENT, AuditKind

NOTHING_BEFORE = bytes(32)
"""What the first row follows."""
_CHUNK = 1_000
"""Rows read at once, and told of."""

_canonical: Callable[[object], bytes] = msgspec.json.Encoder(order="deterministic").encode
_INSERT = BulkWrite(AUDIT_EVENT.insert(), [column.name for column in AUDIT_EVENT.c])
_PLAIN: list[Any] = [
    sa.type_coerce(column, sa.types.NullType()).label(column.name) for column in AUDIT_EVENT.c
]
_AS_KEPT: sa.Select[Any] = sa.select(*_PLAIN).order_by(AUDIT_EVENT.c.id)
"""As kept: what was tampered with need not be readable. The number comes first and the hash last."""
_IN_CHUNKS = {"stream_results": True, "yield_per": _CHUNK}
_LAST = TupleQuery(sa.select(AUDIT_EVENT.c.id, AUDIT_EVENT.c.hash).order_by(AUDIT_EVENT.c.id.desc()).limit(1))


class AuditEntry(NamedTuple):
    """An entry for the audit trail: codes, numbers and hashes, never a participant's words or an address.

    `participant_id` is None for what concerns nobody in particular.
    """

    at: datetime
    kind: AuditKind
    participant_id: int | None
    details: Mapping[str, Any]


class AuditAnchor(NamedTuple):
    """The number and the hash (hex) of the audit trail's last row at some time, to be kept elsewhere.

    Compared with the trail later, it shows whether rows were cut off or written anew.
    """

    rows: int
    hash: str

    def __str__(self) -> str:
        """Return the anchor as it is printed, `12:9f86...`."""
        return f"{self.rows}:{self.hash}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Parse an anchor as it is printed, `12:9f86...`; return None for any other text."""
        number, _, digest = text.strip().partition(":")
        whole = len(digest) == len(NOTHING_BEFORE.hex()) and set(digest) <= set("0123456789abcdef")
        return cls(int(number), digest) if whole and number.isdecimal() and number.isascii() else None


@dataclass(frozen=True, slots=True)
class BrokenAuditRow:
    """The first row of the audit trail that was changed, moved or removed, and what is wrong with it, in English."""

    row: int
    what: str


@dataclass(frozen=True, slots=True)
class AuditVerification:
    """What checking the audit trail found (`verify`).

    `anchor` is the last row up to which the trail is whole; `broken` is None where all of it is.
    """

    anchor: AuditAnchor
    broken: BrokenAuditRow | None = None


def append(connection: Connection, happenings: Sequence[AuditEntry]) -> None:
    """Append entries to the audit trail, in the caller's transaction.

    The last hash is read once, the rest is chained in memory.
    The transaction must be the only writer's (SQLite's BEGIN IMMEDIATE), so that nobody else appends meanwhile.
    """
    if not happenings:
        return
    number, before = _last(connection)
    rows = []
    times = {at: _iso(at) for at in {one.at for one in happenings}}
    for at, kind, participant_id, details in happenings:
        number += 1
        text = _canonical(details).decode()
        after = _hash(before, number, _entry(times[at], kind, participant_id, text))
        rows.append(
            {
                "id": number,
                "at": at,
                "kind": kind,
                "participant_id": participant_id,
                "details": text,
                "prev_hash": before,
                "hash": after,
            }
        )
        before = after
    _INSERT.run(connection, rows)
    note_audited(connection, number)


def record(
    connection: Connection, kind: AuditKind, *, participant_id: int | None, now: datetime, **details: Any
) -> None:
    """Append one entry to the audit trail, in the caller's transaction; `details` are codes, numbers and hashes.

    `participant_id` is None for what concerns nobody in particular.
    """
    append(connection, [AuditEntry(now, kind, participant_id, details)])


def text_hash(text: str) -> str:
    """Return what stands for a text in the trail: the SHA-256 of its UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def verify(
    connection: Connection,
    *,
    anchor: AuditAnchor | None = None,
    progress: Callable[[int], None] | None = None,
) -> AuditVerification:
    """Check the hashes of the whole audit trail, up to the first row that is wrong, and return what was found.

    `anchor` is one that an earlier call gave: its row must be there still, with that hash. `progress` is told
    how many more rows were read. Memory does not grow with the trail.
    """
    number, before, told = 0, NOTHING_BEFORE, 0
    for some in connection.execute(_AS_KEPT, execution_options=_IN_CHUNKS).partitions(_CHUNK):
        for row in some:
            what = _problem(row, number, before) or _against(anchor, row)
            if what is not None:
                return AuditVerification(AuditAnchor(number, before.hex()), BrokenAuditRow(row[0], what))
            number, before = row[0], row[-1]
        if progress is not None:
            progress(number - told)
            told = number
    known = AuditAnchor(number, before.hex())
    if anchor is not None and anchor.rows > known.rows:
        return AuditVerification(
            known, BrokenAuditRow(known.rows + 1, f"is missing, with all up to row {anchor.rows}")
        )
    return AuditVerification(known)


def latest_anchor(connection: Connection) -> AuditAnchor:
    """Return the number and hash of the audit trail's last row, without checking the rows before it."""
    number, before = _last(connection)
    return AuditAnchor(number, before.hex())


def _last(connection: Connection) -> tuple[int, bytes]:
    """Return the number and the hash of the last row; 0 and `NOTHING_BEFORE` in an empty trail."""
    found = _LAST.run(connection)
    return (int(found[0][0]), bytes(found[0][1])) if found else (0, NOTHING_BEFORE)


def newest_at(connection: Connection) -> datetime | None:
    """Return when the newest entry was made, by the clock of then; None where there is none."""
    newest: datetime | None = connection.scalar(
        sa.select(AUDIT_EVENT.c.at).order_by(AUDIT_EVENT.c.id.desc()).limit(1)
    )
    return newest


def count_rows(connection: Connection) -> int:
    """Return how many rows the audit trail should have: the number of its last one, 0 for an empty trail."""
    return int(connection.scalar(sa.select(sa.func.max(AUDIT_EVENT.c.id))) or 0)


def _problem(row: Sequence[Any], number: int, before: bytes) -> str | None:
    """Return what is wrong with a row, as kept, that follows row `number` with the hash `before`; None if it holds."""
    its_number, at, kind, participant_id, details, prev_hash, its_hash = row
    if its_number != number + 1:
        return f"follows row {number}: what stood between them was removed"
    if prev_hash != before:
        return f"does not carry the hash of row {number}: one of them was changed, or rows were moved"
    when = _iso_as_kept(at)
    if when is None or _hash(before, its_number, _entry(when, kind, participant_id, details)) != its_hash:
        return "was changed after it was written"
    return None


@lru_cache(maxsize=256)
def _iso_as_kept(kept: object) -> str | None:
    """Return a time as the database keeps it in ISO 8601 in UTC, None if it is none. Neighbours share theirs."""
    at = _moment(kept)
    return None if at is None else _iso(at)


def _moment(kept: object) -> datetime | None:
    """Parse a time as the database keeps it: UTC without saying so, in SQLite as text. Return None if it is none."""
    try:
        at = kept if isinstance(kept, datetime) else datetime.fromisoformat(str(kept))
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _iso(at: datetime) -> str:
    """Return a time as ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat()


def _against(anchor: AuditAnchor | None, row: Sequence[Any]) -> str | None:
    """Return what is wrong if `row` is the anchor's row with another hash; None otherwise."""
    if anchor is None or row[0] != anchor.rows or row[-1].hex() == anchor.hash:
        return None
    return "is not the row that the anchor names: the trail was written anew"


def _entry(when: str, kind: str, participant_id: int | None, details: str) -> str:
    """Return what a row says as the last four elements of the JSON array that is hashed. `details` is JSON."""
    who = "null" if participant_id is None else participant_id
    return f'"{when}","{kind}",{who},{details}'


def _hash(before: bytes, number: int, entry: str) -> bytes:
    """Return the hash of a row from the hash before it, its number, and what `_entry` made of it."""
    return hashlib.sha256(f'["{before.hex()}",{number},{entry}]'.encode()).digest()
