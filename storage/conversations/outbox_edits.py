"""Find the edits of the outbox that may be sent: traces under questions, outside the queues of their addresses."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations.outbox_order import IS_EDIT
from storage.database.statements import TupleQuery
from storage.schema import ADDRESS, OUTBOX, AddressStatus, OutboxKind, OutboxStatus

MOST_COPIES = 6
"""Messages of one question, the newest, under which a trace is left: each costs a call."""

_NEWER = OUTBOX.alias("newer")
_WAITING = OUTBOX.alias("waiting")
_EDITS = TupleQuery(
    sa.select(
        OUTBOX.c.id,
        OUTBOX.c.address_id,
        ADDRESS.c.sealed,
        OUTBOX.c.conversation_id,
        OUTBOX.c.ask,
        OUTBOX.c.payload,
        OUTBOX.c.status,
        OUTBOX.c.created_at,
        ADDRESS.c.status,
        sa.exists()
        .where(
            _WAITING.c.address_id == OUTBOX.c.address_id,
            sa.text("waiting.status IN ('queued', 'sending') AND waiting.kind != 'edit'"),
        )
        .label("waits"),
        sa.exists()
        .where(
            _NEWER.c.conversation_id == OUTBOX.c.conversation_id,
            _NEWER.c.ask == OUTBOX.c.ask,
            _NEWER.c.address_id == OUTBOX.c.address_id,
            _NEWER.c.id > OUTBOX.c.id,
            sa.text("newer.kind IN ('edit', 'refresh')"),
        )
        .label("superseded"),
    )
    .join(ADDRESS, ADDRESS.c.id == OUTBOX.c.address_id)
    .where(
        IS_EDIT,
        sa.or_(ADDRESS.c.channel == sa.bindparam("channel"), OUTBOX.c.created_at < sa.bindparam("since")),
    )
    .order_by(OUTBOX.c.address_id, OUTBOX.c.id)
    .limit(sa.bindparam("most"))
)
"""In the order of its partial index, so that SQLite looks at the edits alone and at no other row of the outbox."""
_EDITED = TupleQuery(
    sa.select(OUTBOX.c.message_id, OUTBOX.c.payload)
    .where(
        OUTBOX.c.conversation_id == sa.bindparam("conversation"),
        OUTBOX.c.ask == sa.bindparam("asked"),
        OUTBOX.c.address_id == sa.bindparam("address"),
        OUTBOX.c.id < sa.bindparam("edit"),
        OUTBOX.c.kind == OutboxKind.MESSAGE,
        OUTBOX.c.status == OutboxStatus.SENT,
        OUTBOX.c.message_id.is_not(None),
    )
    .order_by(OUTBOX.c.id.desc())
    .limit(MOST_COPIES)
)


@dataclass(frozen=True, slots=True)
class QuestionMessage:
    """Hold one message that showed a question: its platform's name for it, and the message as JSON of a `Prompt`."""

    message_id: str
    shown: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Hold a trace to be left under a question, by the messages that showed it, newest first.

    `payload` is the trace as JSON.
    """

    id: int
    address_id: int
    sealed: bytes
    conversation_id: int
    payload: str
    copies: tuple[QuestionMessage, ...]


@dataclass(frozen=True, slots=True)
class Edits:
    """Hold the edits that may be sent now, oldest first, and the numbers of those that nobody needs any more."""

    ready: tuple[Edit, ...]
    needless: tuple[int, ...]


def edits(connection: Connection, *, channel: str, since: datetime, limit: int = 64) -> Edits:
    """Return the edits of a channel whose addresses have no message waiting, and those that are to be dropped.

    To be dropped are edits from before `since` (of all channels), those that a later edit or refresh of the same
    question supersedes, and those whose message is not known or whose address is not active.
    """
    ready, needless = [], []
    for row in _EDITS.run(connection, channel=channel, since=since, most=limit):
        number, address_id, sealed, conversation_id, ask, payload, status, created_at, standing = row[:9]
        waits, superseded = row[9:]
        is_stale = created_at < since or superseded or standing is not AddressStatus.ACTIVE
        if is_stale or status is not OutboxStatus.QUEUED:
            needless.append(number)
        elif not waits:
            copies = _copies(connection, conversation_id, ask, address_id, number)
            if copies:
                ready.append(Edit(number, address_id, sealed, conversation_id, payload, copies))
            else:
                needless.append(number)
    return Edits(tuple(sorted(ready, key=attrgetter("id"))), tuple(needless))


def _copies(
    connection: Connection, conversation_id: int, ask: int, address_id: int, edit: int
) -> tuple[QuestionMessage, ...]:
    """Return the messages that an edit is for, newest first; none where none is known to have arrived."""
    rows = _EDITED.run(connection, conversation=conversation_id, asked=ask, address=address_id, edit=edit)
    return tuple(QuestionMessage(*row) for row in rows)


def take_edits(connection: Connection, ids: Collection[int]) -> frozenset[int]:
    """Delete edits that are about to be sent, or dropped; return the numbers of those that were still there.

    What is deleted before it is sent is never sent twice, and the outbox does not grow by what nobody reads again.
    """
    gone = OUTBOX.delete().where(OUTBOX.c.id.in_(ids), IS_EDIT)
    return frozenset(connection.execute(gone.returning(OUTBOX.c.id)).scalars())
