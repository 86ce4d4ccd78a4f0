"""Keep what the team notes about a safety case while it is open. A note closes nothing, and is never changed.

A note stands in the `details` of its case: with a report that was sent it stays, else it goes when the words go.
"""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

from storage.database import audit
from storage.errors import StorageError
from storage.people.coordinators import CoordinatorRecord
from storage.safety import cases
from storage.safety.cases import Case
from storage.schema import AuditKind

NOTES: Final = "notes"
"""The detail that holds what the team noted."""
LONGEST: Final = 2_000
"""Characters of a note."""


class NoteRefused(StorageError):
    """A note cannot be added to a case: it says why. Nothing was changed."""


class CaseNote(NamedTuple):
    """A note of the team about a case: when, by whose code, and what."""

    at: datetime
    by: str
    text: str


def notes_of(case: Case) -> tuple[CaseNote, ...]:
    """Return the notes about a case, the first one first."""
    return tuple(
        CaseNote(datetime.fromisoformat(one["at"]), one["by"], one["text"])
        for one in case.details.get(NOTES, ())
    )


def add_note(connection: Connection, case: Case, text: str, *, by: CoordinatorRecord, now: datetime) -> None:
    """Add a note to a case that is open, and audit that, without the text. The case stays as it is.

    Raises:
        NoteRefused: the case is settled, or the note is empty or too long.
    """
    text = text.strip()
    if not case.is_open:
        raise NoteRefused(f"safety case {case.id} is settled already (it is {case.status.value})")
    if not 0 < len(text) <= LONGEST:
        raise NoteRefused(f"a note has 1 to {LONGEST} characters; this one has {len(text)}")
    note = {"at": now.astimezone(UTC).isoformat(), "by": by.code, "text": text}
    details = {**case.details, NOTES: [*case.details.get(NOTES, ()), note]}
    cases.change(connection, case.id, details=details)
    audit.record(
        connection, AuditKind.SAFETY, participant_id=case.participant_id, now=now, case=case.id, act="note",
        by=by.code,
    )  # fmt: skip
