"""Keep the secrets in mails by their keyed hashes: what each opens, until when, and how it ends.

A code has six digits, so that whoever has a mail could try them all in time. Each code takes few wrong ones, and each
address few within a month, however many codes are sent: codes stay on record for so long, with how often they were
missed, after they are over.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.schema import ADDRESS, MAIL_TOKEN, AddressStatus, MailTokenPurpose

LIFE: Final = {
    MailTokenPurpose.QUESTION: timedelta(days=30),
    MailTokenPurpose.UNSUBSCRIBE: timedelta(days=365),
    MailTokenPurpose.NAME: timedelta(days=60),
    MailTokenPurpose.CODE: timedelta(minutes=15),
}
"""How long a secret is good. A question's ends with the next mail; who finds an old mail may still end mails by it."""
TRIES: Final = 5
"""Wrong codes before those end that are good: of a million."""
WRONG_CODES: Final = 20
"""Wrong codes at one address within `WRONG_WITHIN`: after that no code is sent there, nor taken."""
WRONG_WITHIN: Final = timedelta(days=30)
CODES_A_DAY: Final = 10
"""Codes that are sent to one address within a day, at most."""
UNSUBSCRIBED: Final = "unsubscribed"
"""The reason of an address at which somebody ended mails."""
_DAY: Final = timedelta(days=1)


class MailedAddress(NamedTuple):
    """The address that a secret was mailed to: its number, sealed, and whose it is."""

    id: int
    sealed: bytes
    participant_id: int
    status: AddressStatus
    mailed_at: datetime
    """When the secret was made."""
    reason: str | None = None
    """Why the address is not written to; None where it is."""

    @property
    def is_unsubscribed(self) -> bool:
        """Whether its reader ended mails to it, and did not call them unwanted."""
        return self.status is AddressStatus.BLOCKED and self.reason == UNSUBSCRIBED


def mail_a_token(
    connection: Connection, address_id: int, purpose: MailTokenPurpose, token_hash: bytes, now: datetime
) -> None:
    """Keep the hash of a secret that is mailed to an address.

    Codes that were sent before stay good: mails cross. By chance two codes are the same: the older one loses its hash,
    and keeps what it counted.
    """
    if purpose is MailTokenPurpose.CODE:
        same = MAIL_TOKEN.c.token_hash == token_hash
        connection.execute(MAIL_TOKEN.update().where(same).values(token_hash=secrets.token_bytes(32)))
    connection.execute(
        MAIL_TOKEN.insert().values(
            address_id=address_id,
            purpose=purpose,
            token_hash=token_hash,
            created_at=now,
            expires_at=now + LIFE[purpose],
        )
    )


def end_earlier_questions(connection: Connection, token_hash: bytes, now: datetime) -> None:
    """End the links of questions that were mailed to an address before the one with this hash."""
    newest = sa.select(MAIL_TOKEN.c.id, MAIL_TOKEN.c.address_id).where(
        MAIL_TOKEN.c.token_hash == token_hash, MAIL_TOKEN.c.purpose == MailTokenPurpose.QUESTION
    )
    found = connection.execute(newest).first()
    if found is not None:
        earlier = (MAIL_TOKEN.c.address_id == found.address_id) & (MAIL_TOKEN.c.id < found.id)
        is_question = MAIL_TOKEN.c.purpose == MailTokenPurpose.QUESTION
        connection.execute(_ends(now).where(earlier, is_question))


def forget_unmailed(connection: Connection, token_hashes: Collection[bytes]) -> None:
    """Delete secrets that went in no mail, by their hashes."""
    connection.execute(MAIL_TOKEN.delete().where(MAIL_TOKEN.c.token_hash.in_(token_hashes)))


def _ends(now: datetime) -> sa.Update:
    """Return what ends secrets that are still good; which ones is for the caller to say."""
    return MAIL_TOKEN.update().where(MAIL_TOKEN.c.expires_at > now).values(expires_at=now)


def address_behind(
    connection: Connection, purpose: MailTokenPurpose, token_hash: bytes, now: datetime
) -> MailedAddress | None:
    """Return the address that a secret was mailed to; None where it is not good any more, or never was."""
    found = connection.execute(
        sa.select(
            ADDRESS.c.id,
            ADDRESS.c.sealed,
            ADDRESS.c.participant_id,
            ADDRESS.c.status,
            MAIL_TOKEN.c.created_at,
            ADDRESS.c.reason,
        )
        .join(MAIL_TOKEN, MAIL_TOKEN.c.address_id == ADDRESS.c.id)
        .where(
            MAIL_TOKEN.c.token_hash == token_hash,
            MAIL_TOKEN.c.purpose == purpose,
            MAIL_TOKEN.c.expires_at > now,
            ADDRESS.c.participant_id.is_not(None),
        )
    ).first()
    return None if found is None else MailedAddress(*found)


def may_send_code(connection: Connection, address_id: int, now: datetime) -> bool:
    """Return whether one more code may be sent to an address: so many a day, and none where too many were wrong.

    Also where its reader ended mails: they ask for this one. Not where mails came back, or were called unwanted.
    """
    reached = ADDRESS.c.status == AddressStatus.ACTIVE
    unsubscribed = (ADDRESS.c.status == AddressStatus.BLOCKED) & (ADDRESS.c.reason == UNSUBSCRIBED)
    may = sa.select(ADDRESS.c.id).where(ADDRESS.c.id == address_id, reached | unsubscribed)
    if connection.scalar(may) is None:
        return False
    sent = sa.select(sa.func.count()).where(
        MAIL_TOKEN.c.address_id == address_id,
        MAIL_TOKEN.c.purpose == MailTokenPurpose.CODE,
        MAIL_TOKEN.c.created_at > now - _DAY,
    )
    return (connection.scalar(sent) or 0) < CODES_A_DAY and not _is_tried_out(connection, address_id, now)


def _is_tried_out(connection: Connection, address_id: int, now: datetime) -> bool:
    """Return whether so many wrong codes were given at an address that no code is taken there for now."""
    wrong = sa.select(sa.func.sum(MAIL_TOKEN.c.tries)).where(
        MAIL_TOKEN.c.address_id == address_id,
        MAIL_TOKEN.c.purpose == MailTokenPurpose.CODE,
        MAIL_TOKEN.c.created_at > now - WRONG_WITHIN,
    )
    return (connection.scalar(wrong) or 0) >= WRONG_CODES


def take_code(connection: Connection, address_id: int, code_hash: bytes, now: datetime) -> bool:
    """Return whether a code was sent to an address, and use it up, with all others; count a wrong one.

    Codes that are good at one time share their tries: after five wrong ones all of them end. After twenty wrong ones
    within a month no code is taken.
    """
    if _is_tried_out(connection, address_id, now):
        return False
    good = _good_codes(address_id, now)
    is_right = connection.scalar(sa.select(MAIL_TOKEN.c.id).where(good, MAIL_TOKEN.c.token_hash == code_hash))
    if is_right is None:
        newest = sa.select(sa.func.max(MAIL_TOKEN.c.id)).where(good).scalar_subquery()
        wrong = MAIL_TOKEN.update().where(MAIL_TOKEN.c.id == newest).values(tries=MAIL_TOKEN.c.tries + 1)
        connection.execute(wrong)
        tries = connection.scalar(sa.select(sa.func.sum(MAIL_TOKEN.c.tries)).where(good)) or 0
        if tries < TRIES:
            return False
    connection.execute(MAIL_TOKEN.update().where(good).values(expires_at=now))
    return is_right is not None


def was_taken(connection: Connection, address_id: int, code_hash: bytes) -> bool:
    """Return whether a code was sent to an address and ended before its time, as by being used."""
    taken = sa.select(MAIL_TOKEN.c.created_at, MAIL_TOKEN.c.expires_at).where(
        MAIL_TOKEN.c.address_id == address_id,
        MAIL_TOKEN.c.purpose == MailTokenPurpose.CODE,
        MAIL_TOKEN.c.token_hash == code_hash,
    )
    found = connection.execute(taken).first()
    return found is not None and found.expires_at < found.created_at + LIFE[MailTokenPurpose.CODE]


def code_waits(connection: Connection, address_id: int, now: datetime) -> bool:
    """Return whether a code that was sent to an address is still good."""
    waiting = sa.select(MAIL_TOKEN.c.id).where(_good_codes(address_id, now)).limit(1)
    return connection.scalar(waiting) is not None


def _good_codes(address_id: int, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        MAIL_TOKEN.c.address_id == address_id,
        MAIL_TOKEN.c.purpose == MailTokenPurpose.CODE,
        MAIL_TOKEN.c.expires_at > now,
    )


def is_known(connection: Connection, token_hashes: Collection[bytes]) -> bool:
    """Return whether one of these is the hash of a secret that was mailed, be it good or not."""
    found = sa.select(MAIL_TOKEN.c.id).where(MAIL_TOKEN.c.token_hash.in_(token_hashes)).limit(1)
    return connection.scalar(found) is not None


def forget(connection: Connection, address_ids: Collection[int]) -> None:
    """Delete the secrets that were mailed to some addresses."""
    connection.execute(MAIL_TOKEN.delete().where(MAIL_TOKEN.c.address_id.in_(address_ids)))


def forget_over(connection: Connection, now: datetime) -> int:
    """Delete the secrets that have not been good for a day; return how many.

    Codes that count stay. Those of questions stay for a year, so that whoever opens an old mail is not taken for one
    who guesses links.
    """
    is_over = MAIL_TOKEN.c.expires_at <= now - _DAY
    counts = (MAIL_TOKEN.c.purpose == MailTokenPurpose.CODE) & (MAIL_TOKEN.c.tries > 0)
    still = counts & (MAIL_TOKEN.c.created_at > now - WRONG_WITHIN)
    year = LIFE[MailTokenPurpose.UNSUBSCRIBE]
    ours = (MAIL_TOKEN.c.purpose == MailTokenPurpose.QUESTION) & (MAIL_TOKEN.c.created_at > now - year)
    return connection.execute(MAIL_TOKEN.delete().where(is_over, ~still, ~ours)).rowcount
