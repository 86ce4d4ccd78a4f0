"""Keep e-mail addresses that participants gave until a link in a mail confirms them, or three days are over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.connection import empty_log_after
from storage.people import participants
from storage.schema import ADDRESS, ADDRESS_REQUEST, PARTICIPANT, AddressStatus, ParticipantStatus

LIFE: Final = timedelta(days=3)
"""After so long an address that was not confirmed is deleted."""
MAILS_A_DAY: Final = 3
"""To one address, and for one participant: nobody can have somebody else's mailbox filled."""
_DAY: Final = timedelta(days=1)


class RequestProblem(StrEnum):
    """Why an address is not taken: too many were given within a day."""

    TOO_OFTEN = auto()


class UnsentRequest(NamedTuple):
    """A request whose mail has not gone yet: its number, the address sealed, and the mail's language."""

    id: int
    sealed: bytes
    language: str


@dataclass(frozen=True, slots=True)
class NewRequest:
    """An address that a participant gave: `lookup` and `sealed` as those of an address on record."""

    participant_id: int
    lookup: bytes
    sealed: bytes
    language: str


def ask(connection: Connection, new: NewRequest, now: datetime) -> RequestProblem | None:
    """Keep an address to be confirmed, in the place of those that the participant gave before; None where it was taken.

    Whether somebody else has the address is not to be told from what comes back.
    """
    mine = ADDRESS_REQUEST.c.participant_id == new.participant_id
    for whose in (mine, ADDRESS_REQUEST.c.lookup == new.lookup):
        lately = sa.select(sa.func.count()).where(whose, ADDRESS_REQUEST.c.asked_at > now - _DAY)
        if (connection.scalar(lately) or 0) >= MAILS_A_DAY:
            return RequestProblem.TOO_OFTEN
    connection.execute(
        ADDRESS_REQUEST.update()
        .where(mine, ADDRESS_REQUEST.c.ended_at.is_(None))
        .values(ended_at=now, token_hash=None)
    )
    connection.execute(
        ADDRESS_REQUEST.insert().values(
            participant_id=new.participant_id,
            lookup=new.lookup,
            sealed=new.sealed,
            language=new.language,
            asked_at=now,
        )
    )
    return None


def unsent(connection: Connection, now: datetime) -> list[UnsentRequest]:
    """Return the requests whose mail is to go: not to an address that somebody else has, and may be written to at."""
    others = sa.exists().where(
        ADDRESS.c.lookup == ADDRESS_REQUEST.c.lookup,
        ADDRESS.c.participant_id.is_not(None),
        ADDRESS.c.participant_id != ADDRESS_REQUEST.c.participant_id,
    )
    rows = connection.execute(
        sa.select(ADDRESS_REQUEST.c.id, ADDRESS_REQUEST.c.sealed, ADDRESS_REQUEST.c.language)
        .where(
            ADDRESS_REQUEST.c.sent_at.is_(None),
            ADDRESS_REQUEST.c.failed_at.is_(None),
            ADDRESS_REQUEST.c.ended_at.is_(None),
            ADDRESS_REQUEST.c.asked_at > now - LIFE,
            ~others,
        )
        .order_by(ADDRESS_REQUEST.c.id)
    )
    return [UnsentRequest(*row) for row in rows]


def keep_token(connection: Connection, request_id: int, token_hash: bytes) -> None:
    """Keep the hash of what the mail's link will hold, before the mail goes."""
    one = ADDRESS_REQUEST.c.id == request_id
    connection.execute(ADDRESS_REQUEST.update().where(one).values(token_hash=token_hash))


def mark_sent(connection: Connection, request_id: int, *, refused: bool, now: datetime) -> None:
    """Note that the mail server took the mail of a request, or refused it for good."""
    values = {"failed_at": now} if refused else {"sent_at": now}
    connection.execute(ADDRESS_REQUEST.update().where(ADDRESS_REQUEST.c.id == request_id).values(values))


def is_waiting(connection: Connection, token_hash: bytes, now: datetime) -> str | None:
    """Return the language of the request that a link confirms; None where it is not good any more."""
    found = _waiting(connection, token_hash, now)
    return None if found is None else str(found.language)


def confirm(connection: Connection, token_hash: bytes, now: datetime) -> str | None:
    """Make the address of a request that of its participant, who is written to there from now on.

    Return the request's language; None, and change nothing, where the link is not good any more, the participant has
    left, or somebody else has the address.
    """
    found = _waiting(connection, token_hash, now)
    if found is None:
        return None
    known = connection.execute(sa.select(ADDRESS).where(ADDRESS.c.lookup == found.lookup)).first()
    if known is None:
        number = participants.add_address(
            connection, channel="email", lookup=found.lookup, sealed=found.sealed, now=now
        )
    elif known.participant_id in (None, found.participant_id):
        number = int(known.id)
    else:
        return None
    participants.assign_address(connection, number, found.participant_id)
    participants.copy_locale(connection, number, found.participant_id)
    participants.update_address(connection, number, {"status": AddressStatus.ACTIVE, "reason": None})
    participants.update(connection, found.participant_id, {"mail_declined_at": None})
    _forget(connection, ADDRESS_REQUEST.c.participant_id == found.participant_id)
    return str(found.language)


def forget(connection: Connection, participant_id: int) -> int:
    """Delete what a participant gave and has not confirmed; return how many rows."""
    return _forget(connection, ADDRESS_REQUEST.c.participant_id == participant_id)


def forget_unconfirmed(connection: Connection, now: datetime) -> int:
    """Delete the addresses that were given three days ago or more; return how many."""
    return _forget(connection, ADDRESS_REQUEST.c.asked_at <= now - LIFE)


def _forget(connection: Connection, which: sa.ColumnElement[bool]) -> int:
    gone = connection.execute(ADDRESS_REQUEST.delete().where(which)).rowcount
    if gone:
        empty_log_after(connection)
    return gone


def _waiting(connection: Connection, token_hash: bytes, now: datetime) -> sa.Row[tuple[object, ...]] | None:
    query = (
        sa.select(ADDRESS_REQUEST)
        .join(PARTICIPANT, PARTICIPANT.c.id == ADDRESS_REQUEST.c.participant_id)
        .where(
            ADDRESS_REQUEST.c.token_hash == token_hash,
            ADDRESS_REQUEST.c.ended_at.is_(None),
            ADDRESS_REQUEST.c.asked_at > now - LIFE,
            PARTICIPANT.c.status == ParticipantStatus.ACTIVE,
        )
    )
    return connection.execute(query).first()
