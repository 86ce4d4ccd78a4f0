"""Keep e-mail addresses that participants gave until a link in a mail confirms them, or three days are over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.connection import empty_log_after
from storage.people import mail_tokens, participants
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
    """A request whose mail has not gone yet: its number, the address sealed, and the mail's language.

    `is_others` says that the address is somebody else's, who is written to there: then the mail asks for no
    confirmation, but says so.
    """

    id: int
    sealed: bytes
    language: str
    is_others: bool


class LinkedRequest(NamedTuple):
    """What the link in a mail confirms: the language of its page, and whether it has done so already."""

    language: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class NewRequest:
    """An address that a participant gave: `lookup` and `sealed` as those of an address on record."""

    participant_id: int
    lookup: bytes
    sealed: bytes
    language: str


def ask(connection: Connection, new: NewRequest, now: datetime) -> RequestProblem | None:
    """Keep an address to be confirmed, in the place of those that the participant gave before; None where it was taken.

    The same address once more, while it waits to be confirmed, changes nothing: its mail went, or will. Whether
    somebody else has the address is not to be told from what comes back.
    """
    mine = ADDRESS_REQUEST.c.participant_id == new.participant_id
    same = ADDRESS_REQUEST.c.lookup == new.lookup
    waits = ADDRESS_REQUEST.c.ended_at.is_(None) & ADDRESS_REQUEST.c.failed_at.is_(None) & _young(now)
    if connection.scalar(sa.select(ADDRESS_REQUEST.c.id).where(mine, same, waits).limit(1)) is not None:
        return None
    for whose in (mine, same):
        lately = sa.select(sa.func.count()).where(whose, ADDRESS_REQUEST.c.asked_at > now - _DAY)
        if (connection.scalar(lately) or 0) >= MAILS_A_DAY:
            return RequestProblem.TOO_OFTEN
    _end(connection, new.participant_id, now)
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
    """Return the requests whose mail is to go, the oldest first."""
    rows = connection.execute(
        sa.select(
            ADDRESS_REQUEST.c.id,
            ADDRESS_REQUEST.c.sealed,
            ADDRESS_REQUEST.c.language,
            _others(ADDRESS_REQUEST.c.lookup, ADDRESS_REQUEST.c.participant_id),
        )
        .where(
            ADDRESS_REQUEST.c.sent_at.is_(None),
            ADDRESS_REQUEST.c.failed_at.is_(None),
            ADDRESS_REQUEST.c.ended_at.is_(None),
            _young(now),
        )
        .order_by(ADDRESS_REQUEST.c.id)
    )
    return [UnsentRequest(*row) for row in rows]


def _others(lookup: sa.ColumnElement[bytes], participant_id: sa.ColumnElement[int]) -> sa.Exists:
    """Return the condition that an address is somebody else's, who is written to there.

    Whoever has left, or ended mails to it, or was not reached there, does not stand in anybody's way.
    """
    return sa.exists().where(
        ADDRESS.c.lookup == lookup,
        ADDRESS.c.status == AddressStatus.ACTIVE,
        ADDRESS.c.participant_id != participant_id,
        ADDRESS.c.participant_id == PARTICIPANT.c.id,
        PARTICIPANT.c.status == ParticipantStatus.ACTIVE,
    )


def keep_token(connection: Connection, request_id: int, token_hash: bytes) -> None:
    """Keep the hash of what the mail's link will hold, before the mail goes."""
    one = ADDRESS_REQUEST.c.id == request_id
    connection.execute(ADDRESS_REQUEST.update().where(one).values(token_hash=token_hash))


def mark_sent(connection: Connection, request_id: int, *, refused: bool, now: datetime) -> None:
    """Note that the mail server took the mail of a request, or refused it for good."""
    values = {"failed_at": now} if refused else {"sent_at": now}
    connection.execute(ADDRESS_REQUEST.update().where(ADDRESS_REQUEST.c.id == request_id).values(values))


def behind(connection: Connection, token_hash: bytes, now: datetime) -> LinkedRequest | None:
    """Return what a link confirms, or has confirmed; None where it is not good any more. Nothing is confirmed."""
    found = _behind(connection, token_hash, now)
    return None if found is None else LinkedRequest(found.language, found.ended_at is not None)


def has_link(connection: Connection, token_hash: bytes) -> bool:
    """Return whether this is the hash of a link that was mailed, be it good or not."""
    found = sa.select(ADDRESS_REQUEST.c.id).where(ADDRESS_REQUEST.c.token_hash == token_hash)
    return connection.scalar(found) is not None


def confirm(connection: Connection, token_hash: bytes, now: datetime) -> LinkedRequest | None:
    """Make the address of a request that of its participant, who is written to there from now on; twice is as once.

    None, and change nothing, where the link is not good any more, the participant has left, or the address is somebody
    else's by now. Until its three days are over the request is kept, so that its link still says what it did.
    """
    found = _behind(connection, token_hash, now)
    if found is None:
        return None
    if found.ended_at is None:
        participant = found.participant_id
        number = _own_address(connection, found, now)
        if number is None:
            return None
        participants.assign_address(connection, number, participant)
        participants.copy_locale(connection, number, participant)
        participants.update_address(connection, number, {"status": AddressStatus.ACTIVE, "reason": None})
        participants.update(connection, participant, {"mail_declined_at": None})
        _end(connection, participant, now)
        keep_token(connection, found.id, token_hash)
    return LinkedRequest(found.language, is_confirmed=True)


def _own_address(connection: Connection, request: sa.Row[Any], now: datetime) -> int | None:
    """Return the number of the address that a request asks for; None where it is somebody else's.

    Whoever had it before, and is not written to there any more, keeps what was said there, and no way to it: nothing
    of theirs may be seen by whoever has the address now.
    """
    known = connection.execute(sa.select(ADDRESS).where(ADDRESS.c.lookup == request.lookup)).first()
    if known is not None and known.participant_id in (None, request.participant_id):
        return int(known.id)
    if known is not None:
        is_others = _others(sa.literal(request.lookup), sa.literal(request.participant_id))
        if connection.scalar(sa.select(is_others)):
            return None
        mail_tokens.forget(connection, [known.id])
        participants.update_address(connection, known.id, participants.erased_address_values(known.id))
    return participants.add_address(
        connection, channel="email", lookup=request.lookup, sealed=request.sealed, now=now
    )


def _end(connection: Connection, participant_id: int, now: datetime) -> None:
    """End the requests of a participant; their links are forgotten."""
    theirs = (ADDRESS_REQUEST.c.participant_id == participant_id) & ADDRESS_REQUEST.c.ended_at.is_(None)
    connection.execute(ADDRESS_REQUEST.update().where(theirs).values(ended_at=now, token_hash=None))


def forget(connection: Connection, participant_id: int) -> int:
    """Delete what a participant gave and has not confirmed; return how many rows."""
    return _forget(connection, ADDRESS_REQUEST.c.participant_id == participant_id)


def forget_unconfirmed(connection: Connection, now: datetime) -> int:
    """Delete the addresses that were given three days ago or more; return how many."""
    return _forget(connection, ~_young(now))


def _forget(connection: Connection, which: sa.ColumnElement[bool]) -> int:
    gone = connection.execute(ADDRESS_REQUEST.delete().where(which)).rowcount
    if gone:
        empty_log_after(connection)
    return gone


def _young(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a request was made less than three days ago."""
    return ADDRESS_REQUEST.c.asked_at > now - LIFE


def _behind(connection: Connection, token_hash: bytes, now: datetime) -> sa.Row[Any] | None:
    """Return the row of the request that a link belongs to; None where it is not good any more.

    It has ended, and kept its hash, where it was confirmed: then it is good while its participant is written to there.
    """
    query = (
        sa.select(ADDRESS_REQUEST)
        .join(PARTICIPANT, PARTICIPANT.c.id == ADDRESS_REQUEST.c.participant_id)
        .where(
            ADDRESS_REQUEST.c.token_hash == token_hash,
            _young(now),
            PARTICIPANT.c.status == ParticipantStatus.ACTIVE,
            ADDRESS_REQUEST.c.ended_at.is_(None)
            | sa.exists().where(
                ADDRESS.c.lookup == ADDRESS_REQUEST.c.lookup,
                ADDRESS.c.participant_id == ADDRESS_REQUEST.c.participant_id,
                ADDRESS.c.status == AddressStatus.ACTIVE,
            ),
        )
    )
    return connection.execute(query).first()
