"""Read conversations as a turn needs them, and who takes part in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.script.model import Role
from storage.database.statements import TupleQuery
from storage.schema import ADDRESS, CONVERSATION, ConversationStatus, ParticipantStatus


class ParticipantRecord(msgspec.Struct, frozen=True):
    """A participant, as far as a turn needs to know."""

    id: int
    code: str
    role: Role
    language: str | None
    timezone: str | None
    status: ParticipantStatus
    erasure_asked_at: datetime | None = None
    """When they were asked whether everything is to be deleted; None when nothing of the kind waits."""


class ConversationRecord(msgspec.Struct, frozen=True):
    """A conversation as it is kept. `state` is '' for one that waits and has not begun."""

    id: int
    participant_id: int
    address_id: int
    program_id: int
    activity_id: int | None
    flow: str
    flow_hash: str
    channel: str
    status: ConversationStatus
    outcome: Outcome | None
    state: str
    turns: int
    last_turn_at: datetime
    ended_at: datetime | None
    about_id: int | None = None
    """The submission that is co-signed in it, if any."""


def participant_of_row(row: Sequence[Any]) -> ParticipantRecord | None:
    return None if row[0] is None else ParticipantRecord(*row)


def conversation_of_row(row: Sequence[Any]) -> ConversationRecord:
    return ConversationRecord(*row)


def load_conversation(connection: Connection, conversation_id: int) -> ConversationRecord | None:
    """One conversation; None if there is none of that number."""
    rows = _LOAD.run(connection, conversation=conversation_id)
    return conversation_of_row(rows[0]) if rows else None


def conversations_at(connection: Connection, address_id: int) -> list[ConversationRecord]:
    """The conversations that have not ended of whoever an address belongs to now, oldest first."""
    whose = sa.select(ADDRESS.c.participant_id).where(ADDRESS.c.id == address_id).scalar_subquery()
    query = _CONVERSATIONS.where(CONVERSATION.c.participant_id == whose).where(UNFINISHED)
    return [conversation_of_row(row) for row in connection.execute(query.order_by(CONVERSATION.c.id))]


def ended_conversations(connection: Connection, participant_id: int, limit: int) -> list[ConversationRecord]:
    """A person's conversations that ended, the latest first."""
    return [
        conversation_of_row(row) for row in _ENDED.run(connection, participant=participant_id, most=limit)
    ]


def unfinished_conversations(connection: Connection, participant_id: int) -> list[ConversationRecord]:
    """A person's conversations that have not ended, oldest first."""
    return [conversation_of_row(row) for row in _UNFINISHED_OF.run(connection, participant=participant_id)]


UNFINISHED = sa.text("conversation.status != 'ended'")
"""Word for word the condition of the partial index: a bound parameter would not use it."""


COLUMNS = (
    CONVERSATION.c.id,
    CONVERSATION.c.participant_id,
    CONVERSATION.c.address_id,
    CONVERSATION.c.program_id,
    CONVERSATION.c.activity_id,
    CONVERSATION.c.flow,
    CONVERSATION.c.flow_hash,
    CONVERSATION.c.channel,
    CONVERSATION.c.status,
    CONVERSATION.c.outcome,
    CONVERSATION.c.state,
    CONVERSATION.c.turns,
    CONVERSATION.c.last_turn_at,
    CONVERSATION.c.ended_at,
    CONVERSATION.c.about_id,
)


_CONVERSATIONS = sa.select(*COLUMNS)


_THEIRS = _CONVERSATIONS.where(CONVERSATION.c.participant_id == sa.bindparam("participant"))


_LOAD = TupleQuery(_CONVERSATIONS.where(CONVERSATION.c.id == sa.bindparam("conversation")))


_ENDED = TupleQuery(
    _THEIRS.where(CONVERSATION.c.status == ConversationStatus.ENDED)
    .order_by(CONVERSATION.c.id.desc())
    .limit(sa.bindparam("most"))
)


_UNFINISHED_OF = TupleQuery(_THEIRS.where(UNFINISHED).order_by(CONVERSATION.c.id))
