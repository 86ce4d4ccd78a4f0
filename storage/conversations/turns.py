"""The rows of a turn: what came in, which conversation it meets, and what a batch of turns leaves behind.

Everything here runs inside the caller's transaction. The statements of the hot path are built once and run
with many rows at a time, so that N turns cost one commit.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

import storage.schema  # noqa: F401 - the tables register themselves
from flows.engine.effects import Outcome
from flows.script.model import Role
from storage.conversations import outbox
from storage.database import audit as trail
from storage.database.address_keys import Identity
from storage.database.audit import Happening
from storage.database.statements import Bulk, Query, Row
from storage.schema import AddressStatus, ConversationStatus, ParticipantStatus

_TABLES = SQLModel.metadata.tables
ADDRESS, ANSWER, CONSENT, CONVERSATION, INBOX, PARTICIPANT = (
    _TABLES[name]
    for name in (
        "address",
        "answer",
        "consent",
        "conversation",
        "inbox",
        "participant",
    )
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in, before it is stored. `payload` is JSON without the address."""

    address: str
    channel: str
    external_id: str
    payload: str


class Person(msgspec.Struct, frozen=True):
    """A participant, as far as a turn needs to know."""

    id: int
    code: str
    role: Role
    language: str | None
    timezone: str | None
    status: ParticipantStatus
    erasure_asked_at: datetime | None = None
    """When they were asked whether everything is to be deleted; None when nothing of the kind waits."""


class Talk(msgspec.Struct, frozen=True):
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


class Taken(msgspec.Struct):
    """An inbox row to be handled, with who wrote and their unfinished conversations, oldest first."""

    inbox_id: int
    payload: str
    received_at: datetime
    address_id: int
    channel: str
    address_status: AddressStatus
    locale: str | None
    timezone: str | None
    person: Person | None
    talks: list[Talk] = msgspec.field(default_factory=list)


def store(connection: Connection, arrivals: Sequence[Arrival], identity: Identity, now: datetime) -> set[int]:
    """
    Keep what came in, each delivery once however often it comes, in order at its address.

    Returns:
        The addresses that have something new.
    """
    lookups = [identity.lookup(arrival.address) for arrival in arrivals]
    known = _addresses(connection, arrivals, lookups, identity, now)
    before: Counter[int] = Counter()
    rows = []
    for arrival, lookup in zip(arrivals, lookups, strict=True):
        address_id, next_seq = known[lookup]
        rows.append(
            {
                "address_id": address_id,
                "channel": arrival.channel,
                "external_id": arrival.external_id,
                "seq": next_seq + before[address_id],
                "payload": arrival.payload,
                "received_at": now,
            }
        )
        before[address_id] += 1
    _INSERT_INBOX[connection.dialect.name].run(connection, rows)
    _COUNT_UP.run(connection, [{"of": address_id, "by": count} for address_id, count in before.items()])
    return set(before)


def _addresses(
    connection: Connection,
    arrivals: Sequence[Arrival],
    lookups: Sequence[bytes],
    identity: Identity,
    now: datetime,
) -> dict[bytes, tuple[int, int]]:
    """The number and the next place in the queue of each address; addresses that are new are made."""
    known = _find_addresses(connection, set(lookups))
    fresh = {
        lookup: arrival for arrival, lookup in zip(arrivals, lookups, strict=True) if lookup not in known
    }
    if not fresh:
        return known
    rows = [
        {
            "channel": arrival.channel,
            "lookup": lookup,
            "sealed": identity.seal(arrival.address),
            "status": AddressStatus.ACTIVE,
            "next_seq": 1,
            "created_at": now,
        }
        for lookup, arrival in fresh.items()
    ]
    connection.execute(ADDRESS.insert(), rows)
    return known | _find_addresses(connection, set(fresh))


def _find_addresses(connection: Connection, lookups: set[bytes]) -> dict[bytes, tuple[int, int]]:
    found: dict[bytes, tuple[int, int]] = {}
    asked = list(lookups)
    for start in range(0, len(asked), _MOST_PARAMETERS):
        rows = connection.execute(_FIND_ADDRESSES, {"lookups": asked[start : start + _MOST_PARAMETERS]})
        found |= {lookup: (address_id, next_seq) for lookup, address_id, next_seq in rows}
    return found


def take(connection: Connection, limit: int) -> list[Taken]:
    """The oldest unhandled row of each address, at most `limit`, those that waited longest first."""
    return _taken(_TAKE.run(connection, limit=limit))


def take_one(connection: Connection, inbox_id: int) -> Taken | None:
    """One inbox row; None if it has been handled."""
    found = _taken(_TAKE_ONE.run(connection, inbox=inbox_id))
    return found[0] if found else None


def _taken(rows: Iterable[Any]) -> list[Taken]:
    found: dict[int, Taken] = {}
    for row in rows:
        taken = found.get(row[0])
        if taken is None:
            taken = found[row[0]] = _one_taken((*row[:8], _person(row[8:15])))
        if row[15] is not None:
            taken.talks.append(_talk(row[15:]))
    for taken in found.values():
        if len(taken.talks) > 1:
            taken.talks.sort(key=_by_id)
    return list(found.values())


def _one_taken(values: Sequence[Any]) -> Taken:
    return Taken(*values)


def _person(row: Sequence[Any]) -> Person | None:
    return None if row[0] is None else Person(*row)


def _talk(row: Sequence[Any]) -> Talk:
    return Talk(*row)


def _by_id(talk: Talk) -> int:
    return talk.id


def load_talk(connection: Connection, conversation_id: int) -> Talk | None:
    """One conversation; None if there is none of that number."""
    rows = _LOAD.run(connection, talk=conversation_id)
    return _talk(rows[0]) if rows else None


def talks_at(connection: Connection, address_id: int) -> list[Talk]:
    """The conversations that have not ended of whoever an address belongs to now, oldest first."""
    whose = sa.select(ADDRESS.c.participant_id).where(ADDRESS.c.id == address_id).scalar_subquery()
    query = _TALKS.where(CONVERSATION.c.participant_id == whose).where(_UNFINISHED)
    return [_talk(row) for row in connection.execute(query.order_by(CONVERSATION.c.id))]


def ended_talks(connection: Connection, participant_id: int, limit: int) -> list[Talk]:
    """A person's conversations that ended, the latest first."""
    return [_talk(row) for row in _ENDED.run(connection, participant=participant_id, most=limit)]


def unfinished_talks(connection: Connection, participant_id: int) -> list[Talk]:
    """A person's conversations that have not ended, oldest first."""
    return [_talk(row) for row in _UNFINISHED_OF.run(connection, participant=participant_id)]


@dataclass(slots=True)
class Writes:
    """What turns leave behind. `commit` writes it: rows in bulk, and what is rare one by one between them.

    `rare` comes after the rows of the turns and before the messages, so that what it adds is said last, and
    what it takes back (a person said stop) is never the farewell. Each is given all writes, to add to them.
    """

    superseded: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    conversations: list[Row] = field(default_factory=list)
    audit: list[Happening] = field(default_factory=list)
    rare: "list[Callable[[Connection, Writes], None]]" = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    handled: list[Row] = field(default_factory=list)
    forgotten: list[Row] = field(default_factory=list)
    """Talks whose words are taken out of the inbox, after all else: they were said without consent."""

    def add(self, other: "Writes") -> None:
        """Take in another turn's."""
        self.superseded += other.superseded
        self.answers += other.answers
        self.consents += other.consents
        self.conversations += other.conversations
        self.audit += other.audit
        self.rare += other.rare
        self.outbox += other.outbox
        self.handled += other.handled
        self.forgotten += other.forgotten


def commit(connection: Connection, writes: Writes) -> set[int]:
    """
    Write all of it.

    Returns:
        The addresses that have something to be sent.
    """
    _flush(connection, writes)
    for act in writes.rare:
        act(connection, writes)
        _flush(connection, writes)
    outbox.queue(connection, writes.outbox)
    mark_handled(connection, writes.handled)
    _FORGET.run(connection, [{**row, "blank": BLANK} for row in writes.forgotten])
    return {row["address_id"] for row in writes.outbox}


def mark_handled(connection: Connection, rows: Sequence[Row]) -> None:
    """Mark inbox rows as handled, or as put aside where the row has a problem."""
    _HANDLED.run(connection, rows)


def _flush(connection: Connection, writes: Writes) -> None:
    for statement, rows in (
        (_SUPERSEDE, writes.superseded),
        (_INSERT_ANSWER, writes.answers),
        (_INSERT_CONSENT, writes.consents),
        (_UPDATE_CONVERSATION, writes.conversations),
    ):
        statement.run(connection, rows)
        rows.clear()
    trail.append(connection, writes.audit)
    writes.audit.clear()


def _unhandled() -> sa.Subquery:
    oldest = sa.func.min(INBOX.c.id)
    return (
        sa.select(INBOX.c.address_id, sa.func.min(INBOX.c.seq).label("seq"))
        .where(INBOX.c.handled_at.is_(None))
        .group_by(INBOX.c.address_id)
        .order_by(oldest)
        .limit(sa.bindparam("limit"))
        .subquery("oldest")
    )


_MOST_PARAMETERS = 900
_UNFINISHED = sa.text("conversation.status != 'ended'")
"""Word for word the condition of the partial index: a bound parameter would not use it."""

_TALK_COLUMNS = (
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
_TALKS = sa.select(*_TALK_COLUMNS)
_THEIRS = _TALKS.where(CONVERSATION.c.participant_id == sa.bindparam("participant"))
_LOAD = Query(_TALKS.where(CONVERSATION.c.id == sa.bindparam("talk")))
_ENDED = Query(
    _THEIRS.where(CONVERSATION.c.status == ConversationStatus.ENDED)
    .order_by(CONVERSATION.c.id.desc())
    .limit(sa.bindparam("most"))
)
_UNFINISHED_OF = Query(_THEIRS.where(_UNFINISHED).order_by(CONVERSATION.c.id))
_TAKEN_COLUMNS = (
    INBOX.c.id,
    INBOX.c.payload,
    INBOX.c.received_at,
    INBOX.c.address_id,
    INBOX.c.channel,
    ADDRESS.c.status,
    ADDRESS.c.locale,
    ADDRESS.c.timezone,
    PARTICIPANT.c.id,
    PARTICIPANT.c.code,
    PARTICIPANT.c.role,
    PARTICIPANT.c.language,
    PARTICIPANT.c.timezone,
    PARTICIPANT.c.status,
    PARTICIPANT.c.erasure_asked_at,
    *_TALK_COLUMNS,
)
_AROUND_INBOX = (
    INBOX.join(ADDRESS, ADDRESS.c.id == INBOX.c.address_id)
    .outerjoin(PARTICIPANT, PARTICIPANT.c.id == ADDRESS.c.participant_id)
    .outerjoin(CONVERSATION, sa.and_(CONVERSATION.c.participant_id == PARTICIPANT.c.id, _UNFINISHED))
)
_OLDEST = _unhandled()
_TAKE = Query(
    sa.select(*_TAKEN_COLUMNS)
    .select_from(
        _AROUND_INBOX.join(
            _OLDEST, sa.and_(INBOX.c.address_id == _OLDEST.c.address_id, INBOX.c.seq == _OLDEST.c.seq)
        )
    )
    .where(INBOX.c.handled_at.is_(None))
    .order_by(INBOX.c.id)
)
_TAKE_ONE = Query(
    sa.select(*_TAKEN_COLUMNS)
    .select_from(_AROUND_INBOX)
    .where(INBOX.c.id == sa.bindparam("inbox"), INBOX.c.handled_at.is_(None))
)
_FIND_ADDRESSES = sa.select(ADDRESS.c.lookup, ADDRESS.c.id, ADDRESS.c.next_seq).where(
    ADDRESS.c.lookup.in_(sa.bindparam("lookups", expanding=True))
)
_ON_INBOX = ("address_id", "channel", "external_id", "seq", "payload", "received_at")
_DELIVERY = ["channel", "external_id"]
_INSERT_INBOX = {
    "sqlite": Bulk(sqlite.insert(INBOX).on_conflict_do_nothing(index_elements=_DELIVERY), _ON_INBOX),
    "postgresql": Bulk(postgresql.insert(INBOX).on_conflict_do_nothing(index_elements=_DELIVERY), _ON_INBOX),
}
_COUNT_UP = Bulk(
    ADDRESS.update()
    .where(ADDRESS.c.id == sa.bindparam("of"))
    .values(next_seq=ADDRESS.c.next_seq + sa.bindparam("by")),
    (),
)
_SUPERSEDE = Bulk(
    ANSWER.update()
    .where(ANSWER.c.conversation_id == sa.bindparam("of"))
    .where(ANSWER.c.slot == sa.bindparam("at_slot"), ANSWER.c.superseded_at.is_(None))
    .values(superseded_at=sa.bindparam("at")),
    (),
)
_NOT_SET = {"id", "superseded_at", "detected_language", "detected_probability"}
_INSERT_ANSWER = Bulk(ANSWER.insert(), [column.name for column in ANSWER.c if column.name not in _NOT_SET])
_INSERT_CONSENT = Bulk(CONSENT.insert(), [column.name for column in CONSENT.c if column.name != "id"])
_UPDATE_CONVERSATION = Bulk(
    CONVERSATION.update()
    .where(CONVERSATION.c.id == sa.bindparam("of"))
    .values(
        {
            name: sa.bindparam(f"new_{name}")
            for name in ("state", "status", "outcome", "turns", "last_turn_at", "ended_at")
        }
    ),
    (),
)
BLANK = '{"kind":"profile"}'
"""What stands in the inbox in place of words that are not kept: a message that says nothing."""
_FORGET = Bulk(
    INBOX.update()
    .where(INBOX.c.conversation_id == sa.bindparam("talk"), INBOX.c.handled_at.is_not(None))
    .values(payload=sa.bindparam("blank")),
    (),
)
_HANDLED = Bulk(
    INBOX.update()
    .where(INBOX.c.id == sa.bindparam("of"))
    .values(
        handled_at=sa.bindparam("at"),
        conversation_id=sa.bindparam("conversation"),
        error=sa.bindparam("problem"),
    ),
    (),
)
