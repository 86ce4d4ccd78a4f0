"""Keep the mails that carry invitations: to whom one went is known by a keyed hash, and how each one stands.

A row is made with its invitation before a mail is handed to the mail server, so that nobody is mailed twice, whatever
happens meanwhile: what became of the mail is written to it afterwards. Who wants no more is kept apart from
invitations, by the same hash, and for good.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.commit_notes import JournalNote, note
from storage.enums import InvitationMailStatus, InvitationState, JournalKind
from storage.people import invitation_changes, invitation_states, invitations
from storage.people.invitations import NewInvitation
from storage.schema import INVITATION, INVITATION_MAIL, MAIL_REFUSAL

_CHUNK: Final = 500
_WANTS_NO_MORE: Final = (InvitationMailStatus.ENDED, InvitationMailStatus.COMPLAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitationMail:
    """A mail that is about to be handed over: the keyed hashes of its mailbox, its secret and its name."""

    mailbox_hash: bytes
    ends_hash: bytes
    name_hash: bytes
    language: str


@dataclass(frozen=True, slots=True)
class EarlierMail:
    """The newest mail to a mailbox with an invitation to the same, and how that invitation stands."""

    invitation_id: int
    status: InvitationMailStatus
    state: InvitationState

    @property
    def may_be_repeated(self) -> bool:
        """Whether another mail does no harm: nobody has a link that is good, or came in by it, or wants no more."""
        if self.state is InvitationState.USED or self.status in _WANTS_NO_MORE:
            return False
        return self.status is not InvitationMailStatus.MAILED or not self.state.lets_in


@dataclass(frozen=True, slots=True)
class MailedInvitation:
    """The mail behind a secret: its invitation, its language, when it was made, and how it stands."""

    invitation_id: int
    language: str
    made_at: datetime
    status: InvitationMailStatus

    @property
    def is_ended(self) -> bool:
        """Whether its reader wants no more."""
        return self.status in _WANTS_NO_MORE


def earlier(
    connection: Connection, wanted: NewInvitation, mailbox_hashes: Collection[bytes], now: datetime
) -> Mapping[bytes, EarlierMail]:
    """Return the newest mail to each mailbox that carried an invitation to the same program, role, flow and activity.

    Those to whom none went are left out.
    """
    same = [
        INVITATION.c[name].is_not_distinct_from(getattr(wanted, name))
        for name in ("program_id", "activity_id", "role", "flow", "about_id")
    ]
    found: dict[bytes, EarlierMail] = {}
    hashes = list(mailbox_hashes)
    for start in range(0, len(hashes), _CHUNK):
        rows = connection.execute(
            sa.select(
                INVITATION_MAIL.c.mailbox_hash,
                INVITATION_MAIL.c.invitation_id,
                INVITATION_MAIL.c.status,
                invitation_states.state_at(now),
            )
            .join(INVITATION, INVITATION.c.id == INVITATION_MAIL.c.invitation_id)
            .where(*same, INVITATION_MAIL.c.mailbox_hash.in_(hashes[start : start + _CHUNK]))
            .order_by(INVITATION_MAIL.c.id)
        )
        for mailbox_hash, number, status, state in rows:
            found[mailbox_hash] = EarlierMail(number, status, InvitationState(state))
    return found


def refusing(connection: Connection, mailbox_hashes: Collection[bytes]) -> frozenset[bytes]:
    """Return those of some mailboxes whose readers want no invitations."""
    hashes, found = list(mailbox_hashes), set[bytes]()
    for start in range(0, len(hashes), _CHUNK):
        some = MAIL_REFUSAL.c.mailbox_hash.in_(hashes[start : start + _CHUNK])
        found.update(connection.scalars(sa.select(MAIL_REFUSAL.c.mailbox_hash).where(some)))
    return frozenset(found)


def begin(
    connection: Connection,
    invitation: tuple[NewInvitation, bytes],
    mail: NewInvitationMail,
    now: datetime,
    *,
    instead_of: int | None = None,
) -> int:
    """Keep an invitation, with the hash of its token, and the mail that is about to carry it; return its number.

    `instead_of` is the invitation of an earlier mail to the same mailbox, which ends; None where there was none.

    Raises:
        ProgramError: its program is closed.
    """
    planned, token_hash = invitation
    number = invitations.make_invitation(connection, planned, token_hash=token_hash, now=now)
    values = {
        "mailbox_hash": mail.mailbox_hash,
        "ends_hash": mail.ends_hash,
        "name_hash": mail.name_hash,
        "language": mail.language,
    }
    row = {**values, "status": InvitationMailStatus.SENDING, "invitation_id": number, "made_at": now}
    connection.execute(INVITATION_MAIL.insert().values(**row))
    if instead_of is not None:
        invitation_changes.end(connection, [instead_of], now)
    return number


def take_back(connection: Connection, number: int) -> None:
    """Delete an invitation, by its number, whose mail did not go and may go later: nobody has the link."""
    connection.execute(INVITATION_MAIL.delete().where(INVITATION_MAIL.c.invitation_id == number))
    connection.execute(INVITATION.delete().where(INVITATION.c.id == number))


def settle(connection: Connection, number: int, now: datetime, *, refused: str | None = None) -> None:
    """Note that the mail server took the mail of an invitation, or for good refused it; `refused` is its answer.

    What is known by then of a mail that came back, or was wanted no more, stays so.
    """
    mail = INVITATION_MAIL.update().where(
        INVITATION_MAIL.c.invitation_id == number, INVITATION_MAIL.c.status == InvitationMailStatus.SENDING
    )
    if refused is None:
        connection.execute(mail.values(status=InvitationMailStatus.MAILED, mailed_at=now))
        return
    connection.execute(mail.values(status=InvitationMailStatus.REFUSED, reason=refused))
    invitation_changes.end(connection, [number], now)


def behind(connection: Connection, ends_hash: bytes) -> MailedInvitation | None:
    """Return the mail in which a secret went that ends it; None where there is none."""
    return _found(connection, INVITATION_MAIL.c.ends_hash == ends_hash)


def named(connection: Connection, name_hash: bytes) -> MailedInvitation | None:
    """Return the mail of a name; None where there is none."""
    return _found(connection, INVITATION_MAIL.c.name_hash == name_hash)


def _found(connection: Connection, which: sa.ColumnElement[bool]) -> MailedInvitation | None:
    columns = ("invitation_id", "language", "made_at", "status")
    row = connection.execute(sa.select(*(INVITATION_MAIL.c[name] for name in columns)).where(which)).first()
    return None if row is None else MailedInvitation(*row)


def came_back(connection: Connection, number: int, now: datetime) -> bool:
    """Note that the mail of an invitation came back; return whether that is new. Its link stays as it is."""
    standing = INVITATION_MAIL.c.status.in_((InvitationMailStatus.SENDING, InvitationMailStatus.MAILED))
    changed = INVITATION_MAIL.update().where(INVITATION_MAIL.c.invitation_id == number, standing)
    values = {"status": InvitationMailStatus.BOUNCED, "ended_at": now}
    return connection.execute(changed.values(**values)).rowcount > 0


def end_mails(
    connection: Connection,
    number: int,
    now: datetime,
    status: InvitationMailStatus = InvitationMailStatus.ENDED,
) -> bool:
    """End an invitation whose reader wants no more mails, or called it unwanted, and keep that of their mailbox.

    All other invitations that were mailed there end, too. Return whether that is new. A restored backup is told of it.
    """
    mailbox = sa.select(INVITATION_MAIL.c.mailbox_hash).where(INVITATION_MAIL.c.invitation_id == number)
    mailbox_hash = connection.scalar(mailbox)
    theirs = INVITATION_MAIL.c.invitation_id == number
    if mailbox_hash is not None:
        theirs |= INVITATION_MAIL.c.mailbox_hash == mailbox_hash
        if not refusing(connection, [mailbox_hash]):
            connection.execute(MAIL_REFUSAL.insert().values(mailbox_hash=mailbox_hash, refused_at=now))
    changed = INVITATION_MAIL.update().where(theirs, INVITATION_MAIL.c.status.not_in(_WANTS_NO_MORE))
    ended = changed.values(status=status, ended_at=now).returning(INVITATION_MAIL.c.invitation_id)
    numbers = list(connection.scalars(ended))
    if not numbers:
        return False
    open_ones = INVITATION.c.id.in_(numbers) & INVITATION.c.revoked_at.is_(None)
    still = list(connection.scalars(sa.select(INVITATION.c.id).where(open_ones)))
    if still:
        invitation_changes.end(connection, still, now)
    token = connection.scalar(sa.select(INVITATION.c.token_hash).where(INVITATION.c.id == number))
    note(connection, JournalNote(JournalKind.MAILS, now, invitation=token))
    return True
