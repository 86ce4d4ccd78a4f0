"""Change invitations that were made: revoke, extend, and replace them; and let go of their labels.

Nothing here brings back a link: only the hash of its token is kept. Whoever came in by a link stays in, whatever
becomes of it. A link that takes the place of another has its label: where that is deleted of one, it is of all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database import audit
from storage.database.commit_notes import JournalNote, note
from storage.database.connection import empty_log_after
from storage.enums import InvitationState
from storage.errors import StorageError
from storage.people import invitation_states
from storage.people.invitation_states import InvitationRecord
from storage.schema import ENROLLMENT, INVITATION, INVITATION_MAIL, AuditKind, InvitationKind, JournalKind

_ITS_OWN = frozenset({"id", "token_hash", "revoked_at"})
"""What a new invitation does not have from the one in whose place it stands."""
LABELS_KEPT = timedelta(days=90)
"""How long the label of a link is kept that let nobody in and does not any more."""


class InvitationNotChanged(StorageError):
    """An invitation cannot be changed so, as it stands; the message says why, and what can be done instead."""


@dataclass(frozen=True, slots=True)
class InvitationChange:
    """When invitations are changed, and by whom: the code of a coordinator, or None at the command line."""

    now: datetime
    by: str | None = None


def revoke(connection: Connection, numbers: Sequence[int], change: InvitationChange) -> None:
    """Have some invitations let in nobody any more, all of them or none; it is audited. `extend` takes it back.

    Raises:
        InvitationNotChanged: one of them is not there, or lets in nobody as it is.
    """
    for one in _all(connection, numbers, change.now):
        if not one.state.lets_in:
            raise InvitationNotChanged(
                f"invitation {one.id} lets nobody in as it is: it is {_told(one.state)}"
            )
    end(connection, numbers, change.now)
    _audit(connection, numbers, "invitation revoke", change)


def extend(
    connection: Connection, numbers: Sequence[int], until: datetime | None, change: InvitationChange
) -> None:
    """Have some invitations be good until a moment, or (None) without end, all or none; also those that were revoked.

    It is audited.

    Raises:
        InvitationNotChanged: one of them is not there, or was used up; or the moment is past.
    """
    if until is not None and until <= change.now:
        raise InvitationNotChanged("that time is past")
    for one in _all(connection, numbers, change.now):
        if one.state in (InvitationState.USED, InvitationState.FULL):
            raise InvitationNotChanged(
                f"invitation {one.id} is {_told(one.state)}, so that more time changes nothing; replace it by a new one"
            )
    _change(connection, numbers, {"expires_at": until, "revoked_at": None})
    _note(connection, JournalKind.INVITATION_EXTENDED, numbers, change.now, until)
    _audit(connection, numbers, "invitation extend", change)


def replace(
    connection: Connection, number: int, token_hash: bytes, change: InvitationChange
) -> InvitationRecord:
    """Make a new invitation with the settings and the label of another, which is revoked where it still lets in.

    The new one is good until the same moment; where that is past, for as long as the other was from its making. It is
    audited. Return the new one.

    Raises:
        InvitationNotChanged: there is none of that number.
    """
    (old,) = _all(connection, [number], change.now)
    copied = {column.name: column for column in INVITATION.c if column.name not in _ITS_OWN}
    fresh = {
        "uses": sa.literal(0),
        "created_at": sa.literal(change.now, INVITATION.c.created_at.type),
        "expires_at": sa.literal(_same_span(old, change.now), INVITATION.c.expires_at.type),
        "replaces_id": sa.literal(number),
    }
    values = {**copied, **fresh, "token_hash": sa.literal(token_hash)}
    copy = sa.select(*values.values()).where(INVITATION.c.id == number)
    connection.execute(INVITATION.insert().from_select(list(values), copy))
    if old.state.lets_in or old.state is InvitationState.EXPIRED:
        end(connection, [number], change.now)
    _audit(connection, [number], "invitation replace", change)
    made = connection.scalar(sa.select(INVITATION.c.id).where(INVITATION.c.token_hash == token_hash))
    (new,) = _all(connection, [int(made or 0)], change.now)
    return new


def revoke_again(connection: Connection, number: int, at: datetime) -> bool:
    """Have an invitation let in nobody, as the team wished after a restored backup was made; return False where so."""
    standing = sa.select(INVITATION.c.id).where(INVITATION.c.id == number, INVITATION.c.revoked_at.is_(None))
    if connection.scalar(standing) is None:
        return False
    _change(connection, [number], {"revoked_at": at})
    return True


def extend_again(connection: Connection, number: int, until: datetime | None) -> bool:
    """Have an invitation be good until a moment, or (None) without end, as the team wished after a restored backup.

    Return False where it is so.
    """
    as_told = INVITATION.c.revoked_at.is_(None) & INVITATION.c.expires_at.is_not_distinct_from(until)
    if connection.scalar(sa.select(INVITATION.c.id).where(INVITATION.c.id == number, as_told)) is not None:
        return False
    _change(connection, [number], {"expires_at": until, "revoked_at": None})
    return True


def forget_labels_of(connection: Connection, participant_ids: Sequence[int], now: datetime) -> int:
    """Delete the labels of the links for one person by which some participants came in; return how many.

    With them go those of the links in whose place theirs stand, and of those that stand in the place of theirs.
    """
    theirs = sa.select(ENROLLMENT.c.invitation_id).where(ENROLLMENT.c.participant_id.in_(participant_ids))
    of_one = INVITATION.c.kind == InvitationKind.SINGLE
    gone = _forget_labels(connection, of_one & INVITATION.c.id.in_(_with_replacements(theirs)))
    _note(connection, JournalKind.LABEL, gone, now)
    return len(gone)


def forget_label_again(connection: Connection, number: int) -> bool:
    """Delete the label of an invitation, as was done after a restored backup was made; return whether it had one."""
    return bool(_forget_labels(connection, INVITATION.c.id == number))


def forget_old_labels(connection: Connection, now: datetime) -> int:
    """Delete the labels of links that nobody used and that let nobody in since `LABELS_KEPT`; return how many."""
    before = now - LABELS_KEPT
    over = sa.or_(INVITATION.c.expires_at < before, INVITATION.c.revoked_at < before)
    return len(_forget_labels(connection, (INVITATION.c.uses == 0) & over))


def _with_replacements(numbers: sa.Select[Any]) -> sa.Select[Any]:
    """Select the numbers of links, of those in whose place they stand, and of those that stand in theirs, and so on."""
    columns = (INVITATION.c.id, INVITATION.c.replaces_id)
    found = sa.select(*columns).where(INVITATION.c.id.in_(numbers)).cte("replaced", recursive=True)
    either = sa.or_(INVITATION.c.replaces_id == found.c.id, INVITATION.c.id == found.c.replaces_id)
    return sa.select(found.union(sa.select(*columns).join(found, either)).c.id)


def _forget_labels(connection: Connection, which: sa.ColumnElement[bool]) -> list[int]:
    """Delete the labels of links, and the hashes of whom they were mailed to; return the numbers that had a label."""
    labelled = INVITATION.c.label_sealed.is_not(None)
    emptied = INVITATION.update().where(which, labelled).values(label_sealed=None)
    gone = list(connection.scalars(emptied.returning(INVITATION.c.id)))
    if gone:
        theirs = INVITATION_MAIL.update().where(INVITATION_MAIL.c.invitation_id.in_(gone))
        connection.execute(theirs.values(mailbox_hash=None))
        empty_log_after(connection)
    return gone


def end(connection: Connection, numbers: Sequence[int], now: datetime) -> None:
    """Have some invitations let in nobody any more; a restored backup is told of it."""
    _change(connection, numbers, {"revoked_at": now})
    _note(connection, JournalKind.INVITATION_REVOKED, numbers, now)


def _change(connection: Connection, numbers: Sequence[int], values: Mapping[str, object]) -> None:
    connection.execute(INVITATION.update().where(INVITATION.c.id.in_(numbers)).values(**values))


def _note(
    connection: Connection,
    kind: JournalKind,
    numbers: Sequence[int],
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Have it stand in the journal that something became of invitations."""
    tokens = sa.select(INVITATION.c.token_hash).where(INVITATION.c.id.in_(numbers))
    for token_hash in connection.scalars(tokens.order_by(INVITATION.c.id)):
        note(connection, JournalNote(kind, now, until=until, invitation=token_hash))


def _all(connection: Connection, numbers: Sequence[int], now: datetime) -> list[InvitationRecord]:
    """Return the invitations of these numbers, each of which must be there."""
    found = []
    for number in numbers:
        one = invitation_states.find(connection, number, now)
        if one is None:
            raise InvitationNotChanged(f"there is no invitation {number}")
        found.append(one)
    return found


def _same_span(old: InvitationRecord, now: datetime) -> datetime | None:
    """Return until when an invitation is good that takes the place of another."""
    if old.expires_at is None or old.expires_at > now:
        return old.expires_at
    return now + (old.expires_at - old.created_at)


def _told(state: InvitationState) -> str:
    """Return a state in words, for a sentence."""
    return state.value.replace("_", " ")


def _audit(connection: Connection, numbers: Sequence[int], command: str, change: InvitationChange) -> None:
    by = {} if change.by is None else {"coordinator": change.by}
    audit.append(
        connection,
        [
            audit.AuditEntry(
                change.now, AuditKind.SETTINGS, None, {"command": command, "number": number, **by}
            )
            for number in numbers
        ],
    )
