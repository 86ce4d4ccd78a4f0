"""Read conversations and participants as a turn needs them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.script.roles import Role
from storage.database.statements import BulkWrite, TupleQuery
from storage.schema import ADDRESS, CONVERSATION, ConversationStatus, ParticipantStatus


class ParticipantRecord(msgspec.Struct, frozen=True):
    """Hold a participant, as far as a turn needs to know."""

    id: int
    code: str
    role: Role
    language: str | None
    timezone: str | None
    status: ParticipantStatus
    erasure_asked_at: datetime | None = None
    """When they were asked whether everything is to be deleted; None when nothing of the kind waits."""
    zone_asked_at: datetime | None = None
    """When they were asked for their time zone; None where they were not."""

    @property
    def active(self) -> bool:
        """Whether they take part: they have neither stopped nor been erased."""
        return self.status is ParticipantStatus.ACTIVE

    def zone(self, of_program: str) -> str:
        """Return their IANA time zone, or the program's where theirs is not known."""
        return self.timezone or of_program

    @property
    def may_be_asked_for_zone(self) -> bool:
        """Whether their time zone is not known and they were not asked for it yet."""
        return self.timezone is None and self.zone_asked_at is None


class ConversationRecord(msgspec.Struct, frozen=True):
    """Hold a conversation as it is kept. `state` is '' for one that waits and has not begun."""

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

    @property
    def begun(self) -> bool:
        """Whether it has begun: it waits behind no other conversation of the same participant."""
        return self.status is not ConversationStatus.WAITING

    @property
    def is_announced(self) -> bool:
        """Whether its first words are queued and it begins when they are handed over."""
        return self.status is ConversationStatus.WAITING and self.state != ""

    @property
    def paused(self) -> bool:
        """Whether it waits for an hour that the participant chose, or for their return."""
        return self.status is ConversationStatus.PAUSED

    @property
    def ended(self) -> bool:
        """Whether it has ended, by whatever outcome."""
        return self.status is ConversationStatus.ENDED


def find_conversation(connection: Connection, conversation_id: int) -> ConversationRecord | None:
    """Return the conversation of that number; None if there is none."""
    rows = _LOAD.run(connection, conversation=conversation_id)
    return ConversationRecord(*rows[0]) if rows else None


def load_conversation(connection: Connection, conversation_id: int) -> ConversationRecord:
    """
    Return the conversation of that number.

    Raises:
        LookupError: there is none of that number.
    """
    found = find_conversation(connection, conversation_id)
    if found is None:
        raise LookupError(f"conversation {conversation_id} is not there")
    return found


def next_conversation_id(connection: Connection) -> int:
    """Return the number of the next new conversation. Only the one writer may ask, and use it in its transaction."""
    [(newest,)] = _NEWEST.run(connection)
    return int(newest or 0) + 1


def insert_conversations(connection: Connection, begun: Sequence[ConversationRecord], now: datetime) -> None:
    """Store new conversations under the numbers that they have."""
    _INSERT.run(connection, [{**msgspec.structs.asdict(one), "started_at": now} for one in begun])


def move_conversation(connection: Connection, conversation_id: int, address_id: int) -> None:
    """Have a conversation go on at another address of its participant's; what was said stays where it was said."""
    channel = sa.select(ADDRESS.c.channel).where(ADDRESS.c.id == address_id).scalar_subquery()
    moved = CONVERSATION.update().where(CONVERSATION.c.id == conversation_id)
    connection.execute(moved.values(address_id=address_id, channel=channel))


def conversations_at(connection: Connection, address_id: int) -> list[ConversationRecord]:
    """Return the unfinished conversations of the participant whose address this is now, oldest first."""
    return [ConversationRecord(*row) for row in _UNFINISHED_AT.run(connection, address=address_id)]


def ended_conversations(connection: Connection, participant_id: int, limit: int) -> list[ConversationRecord]:
    """Return the latest ended conversations of a participant, at most `limit`, the newest first."""
    return [
        ConversationRecord(*row) for row in _ENDED.run(connection, participant=participant_id, most=limit)
    ]


def unfinished_conversations(connection: Connection, participant_id: int) -> list[ConversationRecord]:
    """Return a participant's conversations that have not ended, oldest first."""
    return [ConversationRecord(*row) for row in _UNFINISHED_OF.run(connection, participant=participant_id)]


def last_turn(connection: Connection, participant_id: int) -> datetime | None:
    """Return when a participant moved one of their conversations last, ended ones too; None if they have none."""
    rows: list[tuple[datetime | None]] = _LAST_TURN.run(connection, participant=participant_id)
    return rows[0][0]


def open_conversation(unfinished: Sequence[ConversationRecord]) -> ConversationRecord | None:
    """Return the one of a participant's unfinished conversations that has begun; None if none has. The others wait."""
    for conversation in unfinished:
        if conversation.begun:
            return conversation
    return None


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


_NEWEST = TupleQuery(sa.select(sa.func.max(CONVERSATION.c.id)))


_INSERT = BulkWrite(CONVERSATION.insert(), [column.name for column in CONVERSATION.c])


_LOAD = TupleQuery(_CONVERSATIONS.where(CONVERSATION.c.id == sa.bindparam("conversation")))


_ENDED = TupleQuery(
    _THEIRS.where(CONVERSATION.c.status == ConversationStatus.ENDED)
    .order_by(CONVERSATION.c.id.desc())
    .limit(sa.bindparam("most"))
)


_LAST_TURN = TupleQuery(
    sa.select(sa.func.max(CONVERSATION.c.last_turn_at)).where(
        CONVERSATION.c.participant_id == sa.bindparam("participant"), CONVERSATION.c.turns > 0
    )
)


_UNFINISHED_OF = TupleQuery(_THEIRS.where(UNFINISHED).order_by(CONVERSATION.c.id))


_UNFINISHED_AT = TupleQuery(
    _CONVERSATIONS.where(
        CONVERSATION.c.participant_id
        == sa.select(ADDRESS.c.participant_id)
        .where(ADDRESS.c.id == sa.bindparam("address"))
        .scalar_subquery(),
        UNFINISHED,
    ).order_by(CONVERSATION.c.id)
)
