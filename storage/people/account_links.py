"""Join an address on another channel to a participant: a code from the one channel, written on the other.

Who has lost the account that they wrote from has no channel to ask for a code on. Theirs is made by a coordinator, who
gives it to them another way. It joins the new address as any code does, and closes the accounts that they had: nothing
leads to these any more, so that whoever has the lost telephone is a stranger. What was said there stays the
participant's, and what waits to be sent or answered goes on at the new address. E-mail addresses stay.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.parsing.link_codes import CODE_LENGTH
from flows.script.roles import Role
from storage.conversations import outbox, outbox_order
from storage.conversations.conversations import ParticipantRecord
from storage.database import audit
from storage.database.address_keys import AddressKeys
from storage.database.commit_notes import JournalNote, note
from storage.database.connection import empty_log_after
from storage.errors import StorageError
from storage.follow_up import waves
from storage.people import invitation_changes, mail_tokens, participants
from storage.people.participants import CODE_LETTERS, erased_address_values
from storage.schema import (
    ADDRESS,
    ANSWER,
    COMMITMENT,
    CONSENT,
    CONVERSATION,
    COORDINATOR,
    ENROLLMENT,
    INBOX,
    LINK_ATTEMPT,
    LINK_CODE,
    OUTBOX,
    PARTICIPANT,
    REMARK,
    AuditKind,
    ConversationStatus,
    JournalKind,
    ParticipantStatus,
)

LIFE: Final = timedelta(minutes=15)
"""As the sentence that gives the code says."""
MOVE_LIFE: Final = timedelta(days=1)
"""Of a code that a coordinator made: it is read out on the telephone, or sent."""
TRIES: Final = 5
"""Wrong codes from one address within an hour; there are 27 to the power of 8."""
_TRIES_PERIOD: Final = timedelta(hours=1)
_MAIL: Final = "email"
"""The channel whose addresses were confirmed by themselves, and stay where an account is lost."""


class LinkProblem(StrEnum):
    """Why an address cannot be joined to a participant: a wrong code, too many of them, or whose it is already."""

    WRONG = auto()
    TRIED_OUT = auto()
    TAKEN = auto()
    """The address has a participant of its own with something kept of them."""
    SAME = auto()
    """It is the address of that participant already."""


class LinkCodeClaim(NamedTuple):
    """An account-link code that is good, by its number, and the participant whose it is."""

    code_id: int
    person: ParticipantRecord
    made_by: int | None = None
    """The number of the coordinator who made it for somebody without their old account; None for their own code."""


class MoveRefused(StorageError):
    """No code can be made that moves a participant to another account: it says why, and what to do."""


@dataclass(frozen=True, slots=True)
class NewLinkCode:
    """A code that is to be made: whose it is, and the number of the coordinator who has it made, None for nobody."""

    participant_id: int
    made_by: int | None = None

    @property
    def life(self) -> timedelta:
        """Return how long it is good."""
        return LIFE if self.made_by is None else MOVE_LIFE


def make_code(
    connection: Connection,
    new: NewLinkCode,
    *,
    code_hash: Callable[[str], bytes],
    pick: Callable[[str], str],
    now: datetime,
) -> str:
    """Return a new code that joins another address to a participant; cancel their earlier ones.

    Only what `code_hash`, a keyed hash, makes of it is kept. `pick` gives one letter of a text at random.

    Raises:
        MoveRefused: a coordinator has it made for somebody who takes part no more, or who is of the team.
    """
    if new.made_by is not None:
        _check_move(connection, new.participant_id)
    code = "".join(pick(CODE_LETTERS) for _ in range(CODE_LENGTH))
    connection.execute(LINK_CODE.delete().where(LINK_CODE.c.participant_id == new.participant_id))
    connection.execute(
        LINK_CODE.insert().values(
            participant_id=new.participant_id,
            code_hash=code_hash(code),
            expires_at=now + new.life,
            coordinator_id=new.made_by,
        )
    )
    return code


def _check_move(connection: Connection, participant_id: int) -> None:
    """Check that somebody may be moved to another account.

    Raises:
        MoveRefused: they take part no more, or alerts to a coordinator go to the account that would be closed.
    """
    person = participants.get(connection, participant_id)
    if not person.active:
        raise MoveRefused(f"{person.code} takes part no more; give them a new link")
    who = connection.scalar(
        sa.select(COORDINATOR.c.code)
        .join(ADDRESS, ADDRESS.c.id == COORDINATOR.c.address_id)
        .where(ADDRESS.c.participant_id == participant_id)
    )
    if who is not None:
        remedy = f"`said coordinator remove {who}` first, and enrol them anew"
        raise MoveRefused(f"{person.code} writes from the account of the coordinator {who}; {remedy}")


def claim_code(
    connection: Connection,
    *,
    code_hash: bytes,
    address_id: int,
    person: ParticipantRecord | None,
    now: datetime,
) -> LinkCodeClaim | LinkProblem:
    """Check an account-link code that was written at an address: return whose it is, or why it does not join them.

    `person` is whose address it is so far, None for nobody's. After five wrong codes within an hour the address
    is refused whatever it says.
    """
    earliest = now - _TRIES_PERIOD
    connection.execute(LINK_ATTEMPT.delete().where(LINK_ATTEMPT.c.at <= earliest))
    tried = sa.select(sa.func.count()).select_from(LINK_ATTEMPT)
    if (connection.scalar(tried.where(LINK_ATTEMPT.c.address_id == address_id)) or 0) >= TRIES:
        return LinkProblem.TRIED_OUT
    row = connection.execute(
        sa.select(LINK_CODE).where(
            LINK_CODE.c.code_hash == code_hash, LINK_CODE.c.used_at.is_(None), LINK_CODE.c.expires_at > now
        )
    ).first()
    owner = participants.find(connection, row.participant_id) if row else None
    if row is None or owner is None or owner.status is not ParticipantStatus.ACTIVE:
        connection.execute(LINK_ATTEMPT.insert().values(address_id=address_id, at=now))
        return LinkProblem.WRONG
    if person is not None and person.id == owner.id:
        return LinkProblem.SAME
    if person is not None and has_said_anything(connection, person.id):
        return LinkProblem.TAKEN
    return LinkCodeClaim(row.id, owner, row.coordinator_id)


def code_hash_of(identity: AddressKeys, code: str) -> bytes:
    """Return the keyed hash under which an account-link code is found, however it is capitalised."""
    return identity.token_hash(f"link:{code.upper()}")


def role_of_code(connection: Connection, code_hash: bytes, now: datetime) -> Role | None:
    """Return the role of whoever a good code joins; None for a code that is not good. It is not used by that."""
    row = connection.execute(
        sa.select(PARTICIPANT.c.role)
        .join(LINK_CODE, LINK_CODE.c.participant_id == PARTICIPANT.c.id)
        .where(
            LINK_CODE.c.code_hash == code_hash,
            LINK_CODE.c.used_at.is_(None),
            LINK_CODE.c.expires_at > now,
            PARTICIPANT.c.status == ParticipantStatus.ACTIVE,
        )
    ).first()
    return None if row is None else row.role


def join_address(
    connection: Connection,
    claimed: LinkCodeClaim,
    *,
    address_id: int,
    person: ParticipantRecord | None,
    now: datetime,
) -> None:
    """Give the address to the participant whose code was claimed, who is written to there from now on.

    `person`, whose address it was, is somebody of whom nothing is kept: they are deleted. A code that a coordinator
    made closes the participant's other accounts.
    """
    if claimed.made_by is not None:
        _move(connection, claimed, address_id, now)
    if person is not None:  # who came in here, and of whom nothing is kept
        _let_go(connection, person.id, claimed.person, now)
    _assign(connection, address_id, claimed.person.id, now)
    connection.execute(LINK_CODE.update().where(LINK_CODE.c.id == claimed.code_id).values(used_at=now))


def join_again(connection: Connection, participant_id: int, *, to: ParticipantRecord, now: datetime) -> bool:
    """Join somebody to the participant who they are, as they asked after a restored backup was made.

    Return False where it is so already, or something is kept of them in the backup.
    """
    person = participants.find(connection, participant_id)
    is_open = person is not None and person.status is not ParticipantStatus.DELETED
    if not is_open or participant_id == to.id or has_said_anything(connection, participant_id):
        return False
    theirs = sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == participant_id)
    numbers = list(connection.scalars(theirs.order_by(ADDRESS.c.id)))
    _let_go(connection, participant_id, to, now)
    for number in numbers:
        _assign(connection, number, to.id, now)
    return True


def _let_go(connection: Connection, participant_id: int, to: ParticipantRecord, now: datetime) -> None:
    """Delete somebody of whom nothing is kept, who is the participant `to`."""
    note(connection, JournalNote(JournalKind.JOIN, now, participant_id, words=to.code))
    waves.withdraw(connection, participant_id=participant_id, now=now, is_wish=False)
    invitation_changes.forget_labels_of(connection, [participant_id], now)
    _pass_on_enrollments(connection, participant_id, to.id)
    participants.update(connection, participant_id, {"status": ParticipantStatus.DELETED})


def _pass_on_enrollments(connection: Connection, participant_id: int, to: int) -> None:
    """Have a participant come in by the links that they opened as somebody else, so that they are counted once.

    That is so in the programs that they are in. In another one nobody else stands for them, and they stay in it as they
    came: what they agreed to here does not enrol them there. By a link that both opened they came in the first time.
    """
    theirs = ENROLLMENT.alias()
    in_program = sa.select(theirs.c.program_id).where(theirs.c.participant_id == to)
    gone = sa.and_(
        ENROLLMENT.c.participant_id == participant_id,
        ENROLLMENT.c.program_id.in_(in_program.scalar_subquery()),
    )
    by_same_link = (
        theirs.c.participant_id == to,
        theirs.c.program_id == ENROLLMENT.c.program_id,
        theirs.c.invitation_id.is_not_distinct_from(ENROLLMENT.c.invitation_id),
    )
    twice = sa.select(theirs.c.id, ENROLLMENT.c.enrolled_at).where(gone, *by_same_link)
    for number, before in connection.execute(twice).all():
        earlier = (ENROLLMENT.c.id == number) & (ENROLLMENT.c.enrolled_at > before)
        connection.execute(ENROLLMENT.update().where(earlier).values(enrolled_at=before))
    connection.execute(ENROLLMENT.delete().where(gone, sa.exists().where(*by_same_link)))
    connection.execute(ENROLLMENT.update().where(gone).values(participant_id=to))


def _assign(connection: Connection, address_id: int, participant_id: int, now: datetime) -> None:
    """Give an address to a participant, who is written to there from now on, with all that goes on."""
    participants.assign_address(connection, address_id, participant_id)
    moved = CONVERSATION.c.status.in_(
        (ConversationStatus.OPEN, ConversationStatus.PAUSED, ConversationStatus.WAITING)
    )
    channel = sa.select(ADDRESS.c.channel).where(ADDRESS.c.id == address_id).scalar_subquery()
    connection.execute(
        CONVERSATION.update()
        .where(CONVERSATION.c.participant_id == participant_id, moved)
        .values(address_id=address_id, channel=channel)
    )
    participants.mark_address_used(connection, address_id, now)


def _move(connection: Connection, claimed: LinkCodeClaim, address_id: int, now: datetime) -> None:
    """Close the accounts that a participant had before this address, with an entry in the audit trail."""
    note(connection, JournalNote(JournalKind.MOVE, now, claimed.person.id))
    closed = _close(connection, _accounts(connection, claimed.person.id), address_id)
    by = connection.scalar(sa.select(COORDINATOR.c.code).where(COORDINATOR.c.id == claimed.made_by))
    audit.record(
        connection, AuditKind.SETTINGS, participant_id=claimed.person.id, now=now, command="moved", by=by,
        closed=closed,
    )  # fmt: skip


def close_again(connection: Connection, participant_id: int) -> int:
    """Close the accounts of which a restored backup does not know that they are lost; return how many.

    What waits to be sent there is dropped.
    """
    lost = _accounts(connection, participant_id)
    if lost:
        outbox.drop_for_participant(connection, participant_id, "moved")
    return _close(connection, lost, None)


def _accounts(connection: Connection, participant_id: int) -> list[int]:
    """Return the numbers of a participant's addresses that lead to an account, but for those of e-mail."""
    theirs = sa.select(ADDRESS.c.id).where(
        ADDRESS.c.participant_id == participant_id, ADDRESS.c.channel != _MAIL, ADDRESS.c.sealed != b""
    )
    return list(connection.scalars(theirs.order_by(ADDRESS.c.id)))


def _close(connection: Connection, lost: list[int], address_id: int | None) -> int:
    """Have nothing lead to accounts any more, and all that waits there go on at another address; return how many.

    The rows stay the participant's, and so do the messages that refer to them.
    """
    lost = [number for number in lost if number != address_id]
    if address_id is not None and lost:
        outbox_order.move_rows(connection, OUTBOX.c.address_id.in_(lost), address_id)
        waiting = INBOX.c.address_id.in_(lost) & INBOX.c.handled_at.is_(None)
        connection.execute(INBOX.update().where(waiting).values(address_id=address_id))
    for number in lost:
        values = {**erased_address_values(number), "workspace": None, "reason": "moved"}
        connection.execute(ADDRESS.update().where(ADDRESS.c.id == number).values(values))
    if lost:
        mail_tokens.forget(connection, lost)
        empty_log_after(connection)
    return len(lost)


def forget_codes(connection: Connection) -> int:
    """End all codes that were not used, as far as a restored backup knows; return how many."""
    return connection.execute(LINK_CODE.delete().where(LINK_CODE.c.used_at.is_(None))).rowcount


def has_said_anything(connection: Connection, participant_id: int) -> bool:
    """Return whether a participant has answered, remarked, decided or committed anything."""
    conversations = sa.select(CONVERSATION.c.id).where(CONVERSATION.c.participant_id == participant_id)
    found = (
        sa.select(ANSWER.c.id).where(ANSWER.c.conversation_id.in_(conversations)),
        sa.select(REMARK.c.id).where(REMARK.c.conversation_id.in_(conversations)),
        sa.select(CONSENT.c.id).where(CONSENT.c.participant_id == participant_id),
        sa.select(COMMITMENT.c.id).where(COMMITMENT.c.participant_id == participant_id),
    )
    return any(connection.scalar(query.limit(1)) is not None for query in found)
