"""What the system keeps of itself: the audit trail, kept keys and the proof of its own, its periodic jobs."""

from datetime import datetime
from typing import Final

from sqlmodel import Field

from storage.enums import AuditKind
from storage.schema.columns import TableRow, one_of, partial_index

TEAM_ACTS: Final = (
    "kind IN ('safety', 'view', 'export', 'deletion', 'purge', 'settings', 'key', 'quotation', 'coding', 'rereading',"
    " 'flag')"
)
"""The kinds of entries that tell of what the team did, among others, as a condition of SQL; never the many of turns."""


class AuditEvent(TableRow, table=True):
    """What was done and when, append-only, each row chained to the one before. See `storage.database.audit`.

    No words of a participant and no address in `details`, which is canonical JSON as text: what is hashed is what is
    kept. `id` counts from 1 without a gap. Hashes are SHA-256, 32 bytes.
    """

    __tablename__ = "audit_event"
    __table_args__ = (partial_index("ix_audit_event_team", "at", "kind", "participant_id", where=TEAM_ACTS),)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    """When it was done."""
    kind: AuditKind = one_of(AuditKind)
    """What was done."""
    participant_id: int | None = None
    """Whom it concerns; None where nobody in particular."""
    details: str = "{}"
    """Codes, numbers and hashes, as canonical JSON."""
    prev_hash: bytes
    """The hash of the row before."""
    hash: bytes
    """The hash of this row, and by that of all before."""


class KeptKey(TableRow, table=True):
    """A key that stays when the identity key is changed, sealed with the one in use.

    It is the one that hashes the tokens of links: links that were sent stay good (`storage.database.key_rotation`).
    """

    __tablename__ = "kept_key"
    name: str = Field(primary_key=True)
    """What it is for."""
    sealed: bytes
    """The key, sealed with the identity key."""


class KeyCheck(TableRow, table=True):
    """Proof of the identity key that the database is sealed with: a fixed text, sealed with it. One row at most."""

    __tablename__ = "key_check"
    id: int | None = Field(default=None, primary_key=True)
    sealed: bytes
    """The fixed text, sealed with the identity key."""


class PeriodicJob(TableRow, table=True):
    """Work that is not owed to one participant, such as deleting what was kept long enough, and when it is due next."""

    __tablename__ = "chore"
    name: str = Field(primary_key=True)
    """What is done."""
    due_at: datetime
    """When it is due next."""
    done_at: datetime | None = None
    """When it was done last; None where it never was."""
