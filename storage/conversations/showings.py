"""Find by which messages a question was shown: what a reply to it is compared with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import TupleQuery
from storage.schema import OUTBOX, OutboxKind, OutboxStatus


class _InLanguage(msgspec.Struct):
    """The language of a prompt; the rest of the JSON is passed over."""

    language: str


_language_of = msgspec.json.Decoder(_InLanguage).decode

_COLUMNS = (
    OUTBOX.c.address_id,
    OUTBOX.c.status,
    OUTBOX.c.message_id,
    OUTBOX.c.sent_at,
    OUTBOX.c.possibly_duplicate,
    OUTBOX.c.payload,
)
_SHOWN = sa.select(*_COLUMNS).where(OUTBOX.c.kind == OutboxKind.MESSAGE).order_by(OUTBOX.c.id)
_OF_QUESTION = TupleQuery(
    _SHOWN.where(
        OUTBOX.c.conversation_id == sa.bindparam("conversation"), OUTBOX.c.ask == sa.bindparam("asked")
    )
)
_OUTSIDE = TupleQuery(
    _SHOWN.where(
        OUTBOX.c.conversation_id.is_(None),
        OUTBOX.c.ask == sa.bindparam("asked"),
        OUTBOX.c.address_id == sa.bindparam("address"),
        OUTBOX.c.created_at >= sa.bindparam("since"),
    )
)
_ENDS = TupleQuery(
    sa.select(*_COLUMNS)
    .where(OUTBOX.c.conversation_id == sa.bindparam("conversation"), OUTBOX.c.kind == OutboxKind.MESSAGE)
    .order_by(OUTBOX.c.id.desc())
    .limit(1)
)
_QUOTED = TupleQuery(
    sa.select(OUTBOX.c.ask)
    .where(
        OUTBOX.c.conversation_id == sa.bindparam("conversation"),
        OUTBOX.c.ask.is_not(None),
        OUTBOX.c.kind == OutboxKind.MESSAGE,
        OUTBOX.c.address_id == sa.bindparam("address"),
        OUTBOX.c.message_id == sa.bindparam("message"),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Showing:
    """A message that shows a question whole, or is to show it: where, how far it is, and its platform's name.

    `payload` is the prompt as JSON. `message_id` and `sent_at` are None until it was sent; the former also where the
    platform has no names.
    """

    address_id: int
    status: OutboxStatus
    message_id: str | None
    sent_at: datetime | None
    possibly_duplicate: bool
    payload: str

    @property
    def is_in_doubt(self) -> bool:
        """Whether it is on its way now, or may have arrived although the platform did not say so."""
        return self.status is OutboxStatus.SENDING or (
            self.status is OutboxStatus.QUEUED and self.possibly_duplicate
        )


def showings_of(connection: Connection, conversation_id: int, ask: int, language: str) -> list[Showing]:
    """Return the messages of a question in a language, oldest first; none where no message of it is on record.

    `ask` is the question's number among those that the conversation has asked.
    """
    rows = _OF_QUESTION.run(connection, conversation=conversation_id, asked=ask)
    return [Showing(*row) for row in rows if _language_of(row[-1]).language == language]


def showings_outside(connection: Connection, address_id: int, ask: int, since: datetime) -> list[Showing]:
    """Return the messages, since a moment, of a question outside any conversation, oldest first.

    `ask` is the number that its buttons carry.
    """
    return [Showing(*row) for row in _OUTSIDE.run(connection, address=address_id, asked=ask, since=since)]


def last_message(connection: Connection, conversation_id: int) -> Showing | None:
    """Return the newest message of a conversation, such as its farewell; None where none is on record."""
    rows = _ENDS.run(connection, conversation=conversation_id)
    return Showing(*rows[0]) if rows else None


def question_shown_by(
    connection: Connection, conversation_id: int, address_id: int, message_id: str
) -> int | None:
    """Return the number of the question of a conversation that a message shows; None where it shows none.

    `message_id` is the platform's name of the message, at this address.
    """
    rows: list[tuple[Any, ...]] = _QUOTED.run(
        connection, conversation=conversation_id, address=address_id, message=message_id
    )
    return rows[0][0] if rows else None
