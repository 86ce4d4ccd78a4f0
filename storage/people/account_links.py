"""Join an address on another channel to a participant: a code from the one channel, written on the other."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.parsing.link_codes import CODE_LENGTH
from storage.conversations.conversations import ParticipantRecord
from storage.database.commit_notes import JournalNote, note
from storage.follow_up import waves
from storage.people import participants
from storage.people.participants import CODE_LETTERS
from storage.schema import (
    ADDRESS,
    ANSWER,
    COMMITMENT,
    CONSENT,
    CONVERSATION,
    LINK_ATTEMPT,
    LINK_CODE,
    REMARK,
    ConversationStatus,
    JournalKind,
    ParticipantStatus,
)

LIFE: Final = timedelta(minutes=15)
"""As the sentence that gives the code says."""
TRIES: Final = 5
"""Wrong codes from one address within an hour; there are 27 to the power of 8."""
_TRIES_PERIOD: Final = timedelta(hours=1)


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


def make_code(
    connection: Connection,
    *,
    participant_id: int,
    code_hash: Callable[[str], bytes],
    pick: Callable[[str], str],
    now: datetime,
) -> str:
    """Return a new code that joins another address to a participant, good for 15 minutes; cancel their earlier ones.

    Only what `code_hash`, a keyed hash, makes of it is kept. `pick` gives one letter of a text at random.
    """
    code = "".join(pick(CODE_LETTERS) for _ in range(CODE_LENGTH))
    connection.execute(LINK_CODE.delete().where(LINK_CODE.c.participant_id == participant_id))
    connection.execute(
        LINK_CODE.insert().values(
            participant_id=participant_id, code_hash=code_hash(code), expires_at=now + LIFE
        )
    )
    return code


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
    if person is not None and _has_data(connection, person.id):
        return LinkProblem.TAKEN
    return LinkCodeClaim(row.id, owner)


def join_address(
    connection: Connection,
    claimed: LinkCodeClaim,
    *,
    address_id: int,
    person: ParticipantRecord | None,
    now: datetime,
) -> None:
    """Give the address to the participant whose code was claimed, who is written to there from now on.

    `person`, whose address it was, is somebody of whom nothing is kept: they are deleted.
    """
    if person is not None:  # who came in here, and of whom nothing is kept
        _let_go(connection, person.id, claimed.person.code, now)
    _assign(connection, address_id, claimed.person.id, now)
    connection.execute(LINK_CODE.update().where(LINK_CODE.c.id == claimed.code_id).values(used_at=now))


def join_again(connection: Connection, participant_id: int, *, to: ParticipantRecord, now: datetime) -> bool:
    """Join somebody to the participant who they are, as they asked after a restored backup was made.

    Return False where it is so already, or something is kept of them in the backup.
    """
    person = participants.find(connection, participant_id)
    is_open = person is not None and person.status is not ParticipantStatus.DELETED
    if not is_open or participant_id == to.id or _has_data(connection, participant_id):
        return False
    theirs = sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == participant_id)
    numbers = list(connection.scalars(theirs.order_by(ADDRESS.c.id)))
    _let_go(connection, participant_id, to.code, now)
    for number in numbers:
        _assign(connection, number, to.id, now)
    return True


def _let_go(connection: Connection, participant_id: int, to: str, now: datetime) -> None:
    """Delete somebody of whom nothing is kept, who is the participant with the code `to`."""
    note(connection, JournalNote(JournalKind.JOIN, now, participant_id, words=to))
    waves.withdraw(connection, participant_id=participant_id, now=now, is_wish=False)
    participants.update(connection, participant_id, {"status": ParticipantStatus.DELETED})


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


def _has_data(connection: Connection, participant_id: int) -> bool:
    """Return whether a participant has answered, remarked, decided or committed anything."""
    conversations = sa.select(CONVERSATION.c.id).where(CONVERSATION.c.participant_id == participant_id)
    found = (
        sa.select(ANSWER.c.id).where(ANSWER.c.conversation_id.in_(conversations)),
        sa.select(REMARK.c.id).where(REMARK.c.conversation_id.in_(conversations)),
        sa.select(CONSENT.c.id).where(CONSENT.c.participant_id == participant_id),
        sa.select(COMMITMENT.c.id).where(COMMITMENT.c.participant_id == participant_id),
    )
    return any(connection.scalar(query.limit(1)) is not None for query in found)
