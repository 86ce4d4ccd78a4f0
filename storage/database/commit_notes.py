"""Note in a transaction what is to be written elsewhere before it is committed: for the journal beside the database.

Notes lie with the connection. Whoever commits takes them; what is undone, a part of the transaction or all of it, takes
its notes with it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from flows.script.roles import Purpose
from storage.enums import JournalKind

_NOTES: Final = "said: notes"
_AUDITED: Final = "said: audited"


@dataclass(frozen=True, slots=True)
class JournalNote:
    """Something that a restored backup must be told of: what, when, and about whom, by their numbers here.

    `words` are known to the journal by a keyed hash alone: a text, the code of the participant to whom somebody was
    joined, or a secret as it is sealed. So are `coordinator`, a code, and `invitation`, the hash of its token. `until`
    is when what was asked for ends, None where it does not say so. `roles` are all that a coordinator has now, such as
    `safety`, or `safety:myeloma` in one program.
    """

    kind: JournalKind
    at: datetime
    participant_id: int | None = None
    conversation_id: int | None = None
    program_id: int | None = None
    words: str | None = None
    purpose: Purpose | None = None
    until: datetime | None = None
    coordinator: str | None = None
    invitation: bytes | None = None
    roles: tuple[str, ...] = ()


def note(connection: Connection, what: JournalNote) -> None:
    """Have something stand in the journal, on the disk, before the caller's transaction is committed."""
    connection.info.setdefault(_NOTES, []).append(what)


def noted_so_far(connection: Connection) -> list[JournalNote]:
    """Return the notes of the transaction themselves: what is undone takes back what it added to them.

    They are asked for beforehand, since a connection that has failed can be asked nothing.
    """
    noted: list[JournalNote] = connection.info.setdefault(_NOTES, [])
    return noted


def take_notes(connection: Connection) -> list[JournalNote]:
    """Return the notes of the transaction, and drop them."""
    taken: list[JournalNote] = connection.info.pop(_NOTES, [])
    return taken


def clear_notes(connection: Connection) -> None:
    """Drop all that was noted in an earlier transaction of the same connection."""
    connection.info.pop(_NOTES, None)
    connection.info.pop(_AUDITED, None)


def note_audited(connection: Connection, number: int) -> None:
    """Note the number of the newest entry that the transaction added to the audit trail."""
    connection.info[_AUDITED] = number


def take_audited(connection: Connection) -> int | None:
    """Return the number that was noted last, and drop it; None where no entry was added since."""
    taken: int | None = connection.info.pop(_AUDITED, None)
    return taken
