"""Read what was said at somebody's addresses, by both sides, as a page shows it; and whether all is answered.

Ours are messages that were sent, theirs what came in and was kept: what is past its retention, or was deleted, has no
words any more and is passed over by whoever reads it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import TupleQuery
from storage.schema import ADDRESS, INBOX, OUTBOX, AddressStatus, Lane, OutboxKind, OutboxStatus


class KnownAddress(NamedTuple):
    """An address that is on record: its number, whose it is (None for nobody's), and whether messages get there."""

    id: int
    participant_id: int | None
    status: AddressStatus


class SentRow(NamedTuple):
    """A message of ours that was sent. `message_id` is its channel's name of it, `payload` the prompt as JSON.

    `conversation_id` is None for one outside any conversation, `ask` for one that asks nothing.
    """

    id: int
    message_id: str | None
    conversation_id: int | None
    ask: int | None
    kind: OutboxKind
    payload: str
    sent_at: datetime


class InboundEntry(NamedTuple):
    """Something that came in. `payload` is as in the inbox; '' once its words are gone."""

    id: int
    payload: str
    received_at: datetime


MOST_ADDRESSES = 8
"""Of one participant, that pages read: those that were taken to last. What was said at others stands in their data."""
_SHOWN = (OutboxKind.MESSAGE, OutboxKind.HELP, OutboxKind.TEAM, OutboxKind.DOCUMENT)
"""Kinds of messages that are read by themselves; others show one of these anew."""
_FIND = TupleQuery(
    sa.select(ADDRESS.c.id, ADDRESS.c.participant_id, ADDRESS.c.status).where(
        ADDRESS.c.lookup == sa.bindparam("sought")
    )
)
_READ_BY_PAGES = TupleQuery(
    sa.select(ADDRESS.c.id)
    .where(ADDRESS.c.participant_id == sa.bindparam("participant"), ADDRESS.c.channel.in_(("web", "email")))
    .order_by(sa.func.coalesce(ADDRESS.c.last_used_at, ADDRESS.c.created_at).desc(), ADDRESS.c.id.desc())
    .limit(MOST_ADDRESSES)
)
_SENT = (
    sa.select(
        OUTBOX.c.id,
        OUTBOX.c.message_id,
        OUTBOX.c.conversation_id,
        OUTBOX.c.ask,
        OUTBOX.c.kind,
        OUTBOX.c.payload,
        OUTBOX.c.sent_at,
    )
    .where(OUTBOX.c.address_id == sa.bindparam("address"), OUTBOX.c.status == OutboxStatus.SENT)
    .where(OUTBOX.c.message_id.is_not(None), OUTBOX.c.sent_at.is_not(None), OUTBOX.c.kind.in_(_SHOWN))
    .order_by(OUTBOX.c.id.desc())
    .limit(sa.bindparam("most"))
)
_SENT_TO = TupleQuery(_SENT)
_SENT_BEFORE = TupleQuery(_SENT.where(OUTBOX.c.sent_at < sa.bindparam("moment", type_=OUTBOX.c.sent_at.type)))
_QUESTION = TupleQuery(
    _SENT.where(
        OUTBOX.c.conversation_id == sa.bindparam("conversation"), OUTBOX.c.ask == sa.bindparam("asked")
    )
)
_QUESTION_OUTSIDE = TupleQuery(
    _SENT.where(OUTBOX.c.conversation_id.is_(None), OUTBOX.c.ask == sa.bindparam("asked"))
)
_QUESTION_OF = TupleQuery(
    sa.select(
        OUTBOX.c.id,
        OUTBOX.c.message_id,
        OUTBOX.c.conversation_id,
        OUTBOX.c.ask,
        OUTBOX.c.kind,
        OUTBOX.c.payload,
        OUTBOX.c.sent_at,
    )
    .join(ADDRESS, ADDRESS.c.id == OUTBOX.c.address_id)
    .where(
        OUTBOX.c.conversation_id == sa.bindparam("conversation"),
        OUTBOX.c.ask == sa.bindparam("asked"),
        OUTBOX.c.status == OutboxStatus.SENT,
        OUTBOX.c.sent_at.is_not(None),
        OUTBOX.c.kind.in_(_SHOWN),
        ADDRESS.c.participant_id == sa.bindparam("participant"),
    )
    .order_by(OUTBOX.c.id.desc())
    .limit(1)
)
_SAID = (
    sa.select(INBOX.c.id, INBOX.c.payload, INBOX.c.received_at)
    .where(INBOX.c.address_id == sa.bindparam("address"))
    .order_by(INBOX.c.id.desc())
    .limit(sa.bindparam("most"))
)
_SAID_AT = TupleQuery(_SAID)
_SAID_BEFORE = TupleQuery(
    _SAID.where(INBOX.c.received_at < sa.bindparam("moment", type_=INBOX.c.received_at.type))
)
_UNANSWERED = TupleQuery(
    sa.select(INBOX.c.id)
    .where(INBOX.c.address_id == sa.bindparam("address"), INBOX.c.handled_at.is_(None))
    .order_by(INBOX.c.seq)
    .limit(1)
)
_ON_ITS_WAY = TupleQuery(
    sa.select(OUTBOX.c.id)
    .where(OUTBOX.c.address_id == sa.bindparam("address"))
    .where(sa.text("outbox.status IN ('queued', 'sending') AND outbox.kind != 'edit'"))
    .where(sa.or_(OUTBOX.c.status == OutboxStatus.SENDING, OUTBOX.c.lane != Lane.BULK))
    .where(OUTBOX.c.not_before <= sa.bindparam("now", type_=OUTBOX.c.not_before.type))
    .order_by(OUTBOX.c.is_head, OUTBOX.c.lane, OUTBOX.c.id)
    .limit(1)
)
"""Openers wait for their admission, and nobody waits for them. As above, the order is that of the index of what is not
done yet, so that no row is read that is."""


def find_address(connection: Connection, lookup: bytes) -> KnownAddress | None:
    """Return the address of this keyed hash; None where there is none."""
    rows = _FIND.run(connection, sought=lookup)
    return KnownAddress(*rows[0]) if rows else None


def is_settled(connection: Connection, address_id: int, now: datetime) -> bool:
    """Return whether nothing that came from an address is unanswered, and no answer still on its way."""
    return not _UNANSWERED.run(connection, address=address_id) and not _ON_ITS_WAY.run(
        connection, address=address_id, now=now
    )


def sent_to(
    connection: Connection, address_ids: Iterable[int], before: datetime | None, most: int
) -> list[SentRow]:
    """Return what was sent to some addresses, the newest first, at most `most`; before a moment, or up to now."""
    query = _SENT_TO if before is None else _SENT_BEFORE
    return [SentRow(*row) for row in _newest_of(connection, query, address_ids, before, most)]


def said_at(
    connection: Connection, address_ids: Iterable[int], before: datetime | None, most: int
) -> list[InboundEntry]:
    """Return what came from some addresses, the newest first, at most `most`; before a moment, or up to now."""
    query = _SAID_AT if before is None else _SAID_BEFORE
    return [InboundEntry(*row) for row in _newest_of(connection, query, address_ids, before, most)]


def _newest_of(
    connection: Connection, query: TupleQuery, address_ids: Iterable[int], before: datetime | None, most: int
) -> list[tuple[Any, ...]]:
    """Return the rows that a query finds for some addresses, the newest first, at most `most` in all.

    The number of a row stands first in it. `before` is the moment that the query asks for, None where it asks for none.
    """
    asked: dict[str, Any] = {"most": most} if before is None else {"most": most, "moment": before}
    found = [row for number in address_ids for row in query.run(connection, address=number, **asked)]
    return sorted(found, key=lambda row: int(row[0]), reverse=True)[:most]


def read_by_pages(connection: Connection, participant_id: int) -> list[int]:
    """Return the numbers of a participant's addresses of which pages show what was said: browsers, and mails.

    Of more than `MOST_ADDRESSES` it is those that they took to last.
    """
    rows = _READ_BY_PAGES.run(connection, participant=participant_id)
    return [number for (number,) in rows]


def question_sent(
    connection: Connection, address_id: int, conversation_id: int | None, ask: int
) -> SentRow | None:
    """Return the newest message that showed a question at an address; None where none did.

    `ask` is the question's number in its conversation, or, with `conversation_id` None, outside any.
    """
    if conversation_id is None:
        rows = _QUESTION_OUTSIDE.run(connection, address=address_id, asked=ask, most=1)
    else:
        rows = _QUESTION.run(connection, address=address_id, conversation=conversation_id, asked=ask, most=1)
    return SentRow(*rows[0]) if rows else None


def question_of(
    connection: Connection, participant_id: int, conversation_id: int, ask: int
) -> SentRow | None:
    """Return the newest message that showed a question of a conversation to a participant, at any address of theirs.

    None where none did. Its `message_id` names nothing at another address, and may be None on a channel without names.
    """
    rows = _QUESTION_OF.run(connection, participant=participant_id, conversation=conversation_id, asked=ask)
    return SentRow(*rows[0]) if rows else None
