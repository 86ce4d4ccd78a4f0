"""Store inbound messages before they are acknowledged, and take the oldest unhandled one of each address.

Everything here runs inside the caller's transaction.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from flows.heavy_packages import load
from storage.conversations.conversations import (
    COLUMNS,
    UNFINISHED,
    ConversationRecord,
    ParticipantRecord,
)
from storage.conversations.showings import IS_MESSAGE, SHOWING_COLUMNS, Showing
from storage.database.address_keys import AddressKeys
from storage.database.statements import BulkWrite, Row, TupleQuery, among, numbers
from storage.schema import ADDRESS, CONVERSATION, INBOX, OUTBOX, PARTICIPANT, AddressStatus


class InboundRow(NamedTuple):
    """Hold a message that came in, before it is stored. `payload` is JSON without the address.

    `external_id` is the platform's name of the delivery, by which one that comes twice is known. `former_id` is the
    name that the program gave the same delivery before an update; None where names have not changed.
    """

    address: str
    channel: str
    external_id: str
    payload: str
    former_id: str | None = None


class WaitingMessage(NamedTuple):
    """Name an unhandled message by the id of its row and its place at its address, with what it says."""

    inbox_id: int
    seq: int
    payload: str


class PendingTurn(msgspec.Struct):
    """Hold an inbox row to be handled, with who wrote and their unfinished conversations, oldest first.

    `newest_questions` are the questions on record that these conversations put last, by (conversation, number): each
    with the messages that show it, oldest first, in whatever language.
    """

    inbox_id: int
    payload: str
    received_at: datetime
    address_id: int
    channel: str
    external_id: str
    address_status: AddressStatus
    locale: str | None
    timezone: str | None
    participant: ParticipantRecord | None
    conversations: list[ConversationRecord] = msgspec.field(default_factory=list)
    newest_questions: dict[tuple[int, int], list[Showing]] = msgspec.field(default_factory=dict)


def store(
    connection: Connection, arrivals: Sequence[InboundRow], identity: AddressKeys, now: datetime
) -> set[int]:
    """Store messages that came in, each delivery once however often it comes, in order at their addresses.

    Returns:
        The numbers of the addresses that they came from; addresses that are new are made.
    """
    arrivals = _not_stored_before(connection, arrivals)
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
    _insert_inbox(connection.dialect.name).run(connection, rows)
    _COUNT_UP.run(connection, [{"of": address_id, "by": count} for address_id, count in before.items()])
    return set(before)


def _not_stored_before(connection: Connection, arrivals: Sequence[InboundRow]) -> Sequence[InboundRow]:
    """Leave out what the inbox has under the name that it was given before an update."""
    former = [(one.channel, one.former_id) for one in arrivals if one.former_id is not None]
    known: set[tuple[str, str]] = set()
    for start in range(0, len(former), _MOST_PARAMETERS // 2):
        names = former[start : start + _MOST_PARAMETERS // 2]
        known |= {(row[0], row[1]) for row in connection.execute(_FIND_DELIVERIES, {"names": names})}
    return [one for one in arrivals if (one.channel, one.former_id) not in known] if known else arrivals


def _addresses(
    connection: Connection,
    arrivals: Sequence[InboundRow],
    lookups: Sequence[bytes],
    identity: AddressKeys,
    now: datetime,
) -> dict[bytes, tuple[int, int]]:
    """Return the number and the next place in the queue of each address; addresses that are new are made."""
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
            "workspace": identity.workspace(arrival.address),
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
    if len(asked) == 1:
        rows = _FIND_ADDRESS.run(connection, sought=asked[0])
        return {lookup: (address_id, next_seq) for lookup, address_id, next_seq in rows}
    for start in range(0, len(asked), len(_SOUGHT)):
        some = asked[start : start + len(_SOUGHT)]
        some += some[:1] * (len(_SOUGHT) - len(some))
        rows = _FIND_ADDRESSES.run(connection, **dict(zip(_SOUGHT, some, strict=True)))
        found |= {lookup: (address_id, next_seq) for lookup, address_id, next_seq in rows}
    return found


def take(connection: Connection, limit: int, now: datetime) -> list[PendingTurn]:
    """Return the oldest unhandled message of each address, at most `limit`, those that waited longest first.

    Each comes with the participant who wrote it, if known, and their unfinished conversations. Left out are addresses
    whose oldest message is postponed beyond `now`.
    """
    return _pending_turns(_TAKE.run(connection, limit=limit, now=now))


def take_one(connection: Connection, inbox_id: int) -> PendingTurn | None:
    """Return the inbox row of that number as `take` does; None if it has been handled."""
    found = _pending_turns(_TAKE_ONE.run(connection, inbox=inbox_id))
    return found[0] if found else None


def _pending_turns(rows: Iterable[Any]) -> list[PendingTurn]:
    """Group rows by their message.

    There is one for each message that shows the newest question of an unfinished conversation, one for a conversation
    without such, and one without any.
    """
    found: dict[int, PendingTurn] = {}
    for row in rows:
        pending = found.get(row[0])
        if pending is None:
            participant = None if row[9] is None else ParticipantRecord(*row[9:_CONVERSATION_FROM])
            pending = found[row[0]] = PendingTurn(*(*row[:9], participant))
        conversation_id = row[_CONVERSATION_FROM]
        if conversation_id is None:
            continue
        if all(known.id != conversation_id for known in pending.conversations):
            pending.conversations.append(ConversationRecord(*row[_CONVERSATION_FROM:_SHOWING_FROM]))
        if row[_SHOWING_FROM] is not None:
            asked = (conversation_id, row[_SHOWING_FROM])
            pending.newest_questions.setdefault(asked, []).append(Showing(*row[_SHOWING_FROM + 1 :]))
    for pending in found.values():
        if len(pending.conversations) > 1:
            pending.conversations.sort(key=attrgetter("id"))
    return list(found.values())


def mark_handled(connection: Connection, rows: Sequence[Row]) -> None:
    """Mark inbox rows as handled, or as put aside where there is a problem.

    Each of `rows` has `of` (the number), `at`, `conversation` and `problem`; these two may be None.
    """
    _HANDLED.run(connection, rows)


def postpone(connection: Connection, rows: Sequence[Row]) -> None:
    """Leave inbox rows for later; what stands behind them at their addresses waits too.

    Each of `rows` has `of` (the number) and `until`.
    """
    _POSTPONED.run(connection, rows)


def unhandled_at(connection: Connection, address_id: int, after: int, most: int) -> list[WaitingMessage]:
    """Return the unhandled messages of an address behind a place (`seq`), in order, at most `most`."""
    rows = _UNHANDLED_AT.run(connection, address=address_id, after=after, most=most)
    return [WaitingMessage(*row) for row in rows]


def take_up(connection: Connection, address_ids: Collection[int]) -> bool:
    """Have the postponed inbox rows of these addresses handled now; return whether there were any."""
    postponed = _POSTPONED_AT.run(connection, addresses=numbers(address_ids))
    return _TAKE_UP.run(connection, [{"of": number} for (number,) in postponed]) > 0


def postponed_among(connection: Connection, address_ids: Collection[int]) -> set[int]:
    """Return those of these addresses at which an inbox row is postponed."""
    if not _POSTPONED_AT_ALL.run(connection):
        return set()  # as nearly always: found by the first look into an index that is empty
    return {number for (number,) in _POSTPONING.run(connection, addresses=numbers(address_ids))}


def take_up_all(connection: Connection) -> None:
    """Have all postponed inbox rows handled now: the clock was set back, and they would wait for as long as that."""
    connection.execute(INBOX.update().where(_IS_POSTPONED).values(not_before=None))


def next_postponed(connection: Connection) -> datetime | None:
    """Return until when the first of the postponed inbox rows waits; None where none does."""
    found: datetime | None = connection.scalar(_NEXT_POSTPONED)
    return found


def has_come_since(connection: Connection, address_id: int, since: datetime) -> bool:
    """Return whether the newest message from an address came after that moment."""
    return any(received_at > since for (received_at,) in _NEWEST_AT.run(connection, address=address_id))


def wrote_since(connection: Connection, participant_id: int, since: datetime) -> bool:
    """Return whether anything that a participant wrote was handled at `since` or later."""
    return bool(_HANDLED_SINCE.run(connection, participant=participant_id, since=since))


def _unhandled() -> sa.Subquery:
    """Select the oldest unhandled message of each address, those that waited longest first.

    The messages are gone through in their order, so that the first ones are found in the same time whether ten or
    200,000 wait behind them.
    """
    waiting, earlier = INBOX.alias("waiting"), INBOX.alias("earlier")
    return (
        sa.select(waiting.c.id)
        .where(waiting.c.handled_at.is_(None))
        .where(sa.or_(waiting.c.not_before.is_(None), waiting.c.not_before <= sa.bindparam("now")))
        .where(
            ~sa.exists().where(
                earlier.c.address_id == waiting.c.address_id,
                earlier.c.handled_at.is_(None),
                earlier.c.seq < waiting.c.seq,
            )
        )
        .order_by(waiting.c.id)
        .limit(sa.bindparam("limit"))
        .subquery("oldest")
    )


_MOST_PARAMETERS = 900


_PENDING_COLUMNS = (
    INBOX.c.id,
    INBOX.c.payload,
    INBOX.c.received_at,
    INBOX.c.address_id,
    INBOX.c.channel,
    INBOX.c.external_id,
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
    PARTICIPANT.c.zone_asked_at,
    *COLUMNS,
    OUTBOX.c.ask,
    *SHOWING_COLUMNS,
)
_CONVERSATION_FROM = 17
_SHOWING_FROM = _CONVERSATION_FROM + len(COLUMNS)


_ASKED = OUTBOX.alias("asked")
_AROUND_INBOX = (
    INBOX.join(ADDRESS, ADDRESS.c.id == INBOX.c.address_id)
    .outerjoin(PARTICIPANT, PARTICIPANT.c.id == ADDRESS.c.participant_id)
    .outerjoin(CONVERSATION, sa.and_(CONVERSATION.c.participant_id == PARTICIPANT.c.id, UNFINISHED))
    .outerjoin(
        OUTBOX,
        sa.and_(
            OUTBOX.c.conversation_id == CONVERSATION.c.id,
            OUTBOX.c.ask
            == sa.select(sa.func.max(_ASKED.c.ask))
            .where(_ASKED.c.conversation_id == CONVERSATION.c.id)
            .scalar_subquery(),
            IS_MESSAGE,
        ),
    )
)
"""With the messages that show the newest question of each conversation: nearly every turn compares words with them."""


_OLDEST = _unhandled()


_TAKE = TupleQuery(
    sa.select(*_PENDING_COLUMNS)
    .select_from(_AROUND_INBOX.join(_OLDEST, INBOX.c.id == _OLDEST.c.id))
    .order_by(INBOX.c.id, OUTBOX.c.id)
)


_UNHANDLED_AT = TupleQuery(
    sa.select(INBOX.c.id, INBOX.c.seq, INBOX.c.payload)
    .where(INBOX.c.address_id == sa.bindparam("address"), INBOX.c.handled_at.is_(None))
    .where(INBOX.c.seq > sa.bindparam("after"))
    .order_by(INBOX.c.seq)
    .limit(sa.bindparam("most"))
)
_TAKE_ONE = TupleQuery(
    sa.select(*_PENDING_COLUMNS)
    .select_from(_AROUND_INBOX)
    .where(INBOX.c.id == sa.bindparam("inbox"), INBOX.c.handled_at.is_(None))
    .order_by(OUTBOX.c.id)
)


_ADDRESSES = sa.select(ADDRESS.c.lookup, ADDRESS.c.id, ADDRESS.c.next_seq)
_FIND_ADDRESS = TupleQuery(_ADDRESSES.where(ADDRESS.c.lookup == sa.bindparam("sought")))
_SOUGHT = tuple(f"sought_{number}" for number in range(32))
"""Parameters of the statement that finds many; those left over are given one of the others once more."""
_FIND_ADDRESSES = TupleQuery(_ADDRESSES.where(ADDRESS.c.lookup.in_([sa.bindparam(name) for name in _SOUGHT])))


_FIND_DELIVERIES = sa.select(INBOX.c.channel, INBOX.c.external_id).where(
    sa.tuple_(INBOX.c.channel, INBOX.c.external_id).in_(sa.bindparam("names", expanding=True))
)


_ON_INBOX = ("address_id", "channel", "external_id", "seq", "payload", "received_at")


_DELIVERY = ["channel", "external_id"]


@cache
def _insert_inbox(dialect: str) -> BulkWrite:
    """Return the statement that stores deliveries once each, as a dialect (`sqlite`, `postgresql`) has it."""
    insert = load(f"sqlalchemy.dialects.{dialect}").insert(INBOX)
    return BulkWrite(insert.on_conflict_do_nothing(index_elements=_DELIVERY), _ON_INBOX)


_COUNT_UP = BulkWrite(
    ADDRESS.update()
    .where(ADDRESS.c.id == sa.bindparam("of"))
    .values(next_seq=ADDRESS.c.next_seq + sa.bindparam("by")),
    (),
)


_POSTPONED = BulkWrite(
    INBOX.update().where(INBOX.c.id == sa.bindparam("of")).values(not_before=sa.bindparam("until")), ()
)
_IS_POSTPONED = sa.text("not_before IS NOT NULL AND handled_at IS NULL")
"""Word for word the condition of the partial index."""
_POSTPONED_AT = TupleQuery(sa.select(INBOX.c.id).where(_IS_POSTPONED, among(INBOX.c.address_id, "addresses")))
_POSTPONED_AT_ALL = TupleQuery(sa.select(INBOX.c.id).where(_IS_POSTPONED).limit(1))
_POSTPONING = TupleQuery(
    sa.select(INBOX.c.address_id).where(_IS_POSTPONED, among(INBOX.c.address_id, "addresses"))
)
_TAKE_UP = BulkWrite(INBOX.update().where(INBOX.c.id == sa.bindparam("of")).values(not_before=sa.null()), ())
_NEWEST_AT = TupleQuery(
    sa.select(INBOX.c.received_at)
    .where(INBOX.c.address_id == sa.bindparam("address"))
    .order_by(INBOX.c.seq.desc())
    .limit(1)
)
_HANDLED_SINCE = TupleQuery(
    sa.select(INBOX.c.id)
    .join(ADDRESS, ADDRESS.c.id == INBOX.c.address_id)
    .where(ADDRESS.c.participant_id == sa.bindparam("participant"))
    .where(INBOX.c.handled_at >= sa.bindparam("since"))
    .limit(1)
)
_NEXT_POSTPONED = sa.select(sa.func.min(INBOX.c.not_before)).where(_IS_POSTPONED)


BLANK = '{"kind":"profile"}'
"""What stands in the inbox in place of words that are not kept: a message that says nothing."""


FORGET = BulkWrite(
    INBOX.update()
    .where(INBOX.c.conversation_id == sa.bindparam("conversation"), INBOX.c.handled_at.is_not(None))
    .values(payload=sa.bindparam("blank")),
    (),
)


_HANDLED = BulkWrite(
    INBOX.update()
    .where(INBOX.c.id == sa.bindparam("of"))
    .values(
        handled_at=sa.bindparam("at"),
        conversation_id=sa.bindparam("conversation"),
        error=sa.bindparam("problem"),
    ),
    (),
)
