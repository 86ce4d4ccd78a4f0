"""Find by which messages a question was shown: what a reply to it is compared with."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import TupleQuery
from storage.schema import ADDRESS, OUTBOX, OutboxKind, OutboxStatus


class _Shown(msgspec.Struct):
    """The text and language of a prompt; the rest of the JSON is passed over."""

    text: str
    language: str


class _Lead(msgspec.Struct):
    """What is said before a prompt's question, in the same message."""

    lead: str = ""


_read_shown = msgspec.json.Decoder(_Shown).decode
_read_lead = msgspec.json.Decoder(_Lead).decode


def lead_as_stored(payload: str) -> str:
    """Return what is said before a prompt's question as it stands in the prompt's JSON, with its key."""
    return f'"lead":{msgspec.json.encode(_read_lead(payload).lead).decode()}'


SHOWING_COLUMNS = (
    OUTBOX.c.address_id,
    OUTBOX.c.status,
    OUTBOX.c.message_id,
    OUTBOX.c.sent_at,
    OUTBOX.c.possibly_duplicate,
    OUTBOX.c.payload,
)
"""The fields of `Showing`, in their order."""
IS_MESSAGE = sa.or_(OUTBOX.c.kind == OutboxKind.MESSAGE, OUTBOX.c.kind == OutboxKind.HELP)
_SHOWN = sa.select(*SHOWING_COLUMNS).where(IS_MESSAGE).order_by(OUTBOX.c.id)
_OF_QUESTION = TupleQuery(
    _SHOWN.where(
        OUTBOX.c.conversation_id == sa.bindparam("conversation"), OUTBOX.c.ask == sa.bindparam("asked")
    )
)
_SENT_LAST = TupleQuery(
    sa.select(OUTBOX.c.address_id)
    .where(
        OUTBOX.c.conversation_id == sa.bindparam("conversation"),
        OUTBOX.c.status == OutboxStatus.SENT,
        IS_MESSAGE,
    )
    .order_by(OUTBOX.c.id.desc())
    .limit(1)
)
_OUTSIDE = TupleQuery(
    _SHOWN.where(
        OUTBOX.c.conversation_id.is_(None),
        OUTBOX.c.ask == sa.bindparam("asked"),
        OUTBOX.c.address_id.in_(
            sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == sa.bindparam("participant"))
        ),
        OUTBOX.c.created_at >= sa.bindparam("since"),
    )
)
_LATER = TupleQuery(
    sa.select(OUTBOX.c.id)
    .where(OUTBOX.c.conversation_id == sa.bindparam("conversation"), OUTBOX.c.ask > sa.bindparam("asked"))
    .limit(1)
)
_LAST_OUTSIDE = TupleQuery(
    sa.select(sa.func.max(OUTBOX.c.id)).where(
        OUTBOX.c.conversation_id.is_(None),
        OUTBOX.c.ask == sa.bindparam("asked"),
        OUTBOX.c.address_id == sa.bindparam("address"),
    )
)
_LAST_QUESTION = TupleQuery(
    sa.select(sa.func.max(OUTBOX.c.id)).where(
        OUTBOX.c.conversation_id == sa.bindparam("conversation"), OUTBOX.c.ask.is_not(None), IS_MESSAGE
    )
)
_ENDS = TupleQuery(
    sa.select(*SHOWING_COLUMNS)
    .where(OUTBOX.c.conversation_id == sa.bindparam("conversation"), IS_MESSAGE)
    .where(OUTBOX.c.created_at <= sa.bindparam("until"))
    .order_by(OUTBOX.c.id.desc())
    .limit(1)
)
_QUOTED = TupleQuery(
    sa.select(OUTBOX.c.ask, OUTBOX.c.payload)
    .where(
        OUTBOX.c.conversation_id == sa.bindparam("conversation"),
        OUTBOX.c.ask.is_not(None),
        IS_MESSAGE,
        OUTBOX.c.address_id == sa.bindparam("address"),
        OUTBOX.c.message_id == sa.bindparam("message"),
    )
    .limit(1)
)
_NEWEST = TupleQuery(
    sa.select(OUTBOX.c.message_id, OUTBOX.c.conversation_id, OUTBOX.c.ask, OUTBOX.c.payload)
    .where(
        OUTBOX.c.address_id == sa.bindparam("address"),
        OUTBOX.c.status == OutboxStatus.SENT,
        OUTBOX.c.kind != OutboxKind.REFRESH,
        OUTBOX.c.message_id.is_not(None),
    )
    .order_by(OUTBOX.c.id.desc())
    .limit(sa.bindparam("most"))
)
_ORIGINAL = TupleQuery(
    sa.select(OUTBOX.c.message_id, OUTBOX.c.payload)
    .where(
        OUTBOX.c.conversation_id == sa.bindparam("conversation"),
        OUTBOX.c.ask == sa.bindparam("asked"),
        OUTBOX.c.address_id == sa.bindparam("address"),
        OUTBOX.c.kind == OutboxKind.MESSAGE,
        OUTBOX.c.status == OutboxStatus.SENT,
    )
    .order_by(OUTBOX.c.id.desc())
    .limit(1)
)


class Showing(msgspec.Struct, frozen=True):
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
    def text(self) -> str:
        """The words of the question as they were shown."""
        return _read_shown(self.payload).text

    @property
    def language(self) -> str:
        """The language in which the question was shown."""
        return _read_shown(self.payload).language

    @property
    def is_in_doubt(self) -> bool:
        """Whether it is on its way now, or may have arrived although the platform did not say so."""
        return self.status is OutboxStatus.SENDING or (
            self.status is OutboxStatus.QUEUED and self.possibly_duplicate
        )


class SentPrompt(NamedTuple):
    """A message that was sent: its platform's name (of its last part), and the question that it put, if it put one.

    `payload` is the prompt as JSON.
    """

    message_id: str
    conversation_id: int | None
    ask: int | None
    payload: str

    @property
    def units(self) -> int:
        """The length of the question's text, in UTF-16 units, by which platforms cut it; without what leads to it."""
        return len(_read_shown(self.payload).text.encode("utf-16-le", "surrogatepass")) // 2


class SentQuestion(NamedTuple):
    """A message that showed a question: its platform's name, None where it has none, and what leads to the question."""

    message_id: str | None
    lead: str


def showings_of(connection: Connection, conversation_id: int, ask: int, language: str) -> list[Showing]:
    """Return the messages of a question in a language, oldest first; none where no message of it is on record.

    `ask` is the question's number among those that the conversation has asked.
    """
    return in_language(all_showings_of(connection, conversation_id, ask), language)


def all_showings_of(connection: Connection, conversation_id: int, ask: int) -> list[Showing]:
    """Return the messages of a question in whatever language, oldest first; none where no message is on record."""
    rows = _OF_QUESTION.run(connection, conversation=conversation_id, asked=ask)
    return [Showing(*row) for row in rows]


def in_language(showings: Iterable[Showing], language: str) -> list[Showing]:
    """Return those of the messages that show their question in a language."""
    named = (
        f'"language":"{language}"'  # as it is stored; no words of a prompt can have it so, with these quotes
    )
    return [one for one in showings if named in one.payload or one.language == language]


def is_deletion_asked_last(connection: Connection, conversation_id: int, address_id: int, ask: int) -> bool:
    """Return whether no question of a conversation came after the one outside it whose buttons carry `ask`.

    True too where the latter is not on record at this address.
    """
    [(asked,)] = _LAST_OUTSIDE.run(connection, asked=ask, address=address_id)
    [(question,)] = _LAST_QUESTION.run(connection, conversation=conversation_id)
    return asked is None or question is None or asked > question


def is_later_question_on_record(connection: Connection, conversation_id: int, ask: int) -> bool:
    """Return whether a message of a question that was put after this one is on record.

    A question without messages of its own was then never shown: it gave way to another one.
    """
    return bool(_LATER.run(connection, conversation=conversation_id, asked=ask))


def showings_outside(connection: Connection, participant_id: int, ask: int, since: datetime) -> list[Showing]:
    """Return the messages, since a moment, of a question outside any conversation, oldest first.

    They went to any address of the participant. `ask` is the number that the question's buttons carry.
    """
    rows = _OUTSIDE.run(connection, participant=participant_id, asked=ask, since=since)
    return [Showing(*row) for row in rows]


def last_message(connection: Connection, conversation_id: int, until: datetime) -> Showing | None:
    """Return the newest message of a conversation until a moment, such as its farewell; None for none on record."""
    rows = _ENDS.run(connection, conversation=conversation_id, until=until)
    return Showing(*rows[0]) if rows else None


def asked_last_at(connection: Connection, conversation_id: int) -> int | None:
    """Return the number of the address to which the newest message of a conversation was sent; None where none was."""
    rows = _SENT_LAST.run(connection, conversation=conversation_id)
    return None if not rows else int(rows[0][0])


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


def newest_messages(connection: Connection, address_id: int, most: int) -> list[SentPrompt]:
    """Return the messages that were sent to an address last, at most `most`, the newest first."""
    return [SentPrompt(*row) for row in _NEWEST.run(connection, address=address_id, most=most)]


def original_message(
    connection: Connection, conversation_id: int | None, ask: int | None, address_id: int
) -> SentQuestion | None:
    """Return the message that showed a question last at an address; None where none was sent.

    `ask` is the question's number among those that the conversation has asked.
    """
    rows = _ORIGINAL.run(connection, conversation=conversation_id, asked=ask, address=address_id)
    return SentQuestion(rows[0][0], _read_lead(rows[0][1]).lead) if rows else None
