"""Keep what goes out: in order per address, one at a time, and never silently lost.

A row is `queued`, then `sending` (committed before the call), then `sent`, `failed` or `dropped`. What a
crash left in `sending` may have been delivered: it is resent, a bounded number of times, and says so.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations import contact_log
from storage.conversations.outbox_order import UNSENT, move_up, put_off_until, queue_up
from storage.conversations.showings import original_message
from storage.database.statements import BulkWrite, TupleQuery, among, numbers
from storage.schema import ADDRESS, OUTBOX, AddressStatus, ContactAction, Lane, OutboxKind, OutboxStatus

LANES = tuple(lane for lane in Lane if lane is not Lane.EDIT)
"""The lanes that `heads` looks at, the most urgent first; edits have `outbox_edits`."""

LANE_OF_KIND: Mapping[OutboxKind, Lane] = {
    OutboxKind.HELP: Lane.SAFETY,
    OutboxKind.TEAM: Lane.TEAM,
    OutboxKind.EDIT: Lane.EDIT,
}
"""The lanes of the kinds that have one of their own, whoever queues them."""

_STAYS = (OutboxKind.TEAM, OutboxKind.HELP)
"""What is sent although its addressee takes part no more."""

_DEFAULTS = {
    "conversation_id": None,
    "kind": OutboxKind.MESSAGE,
    "ask": None,
    "status": OutboxStatus.QUEUED,
    "attempts": 0,
    "not_before": None,
    "possibly_duplicate": False,
    "reason": None,
    "thread": None,
    "again": True,
}

_INSERT = BulkWrite(
    OUTBOX.insert(),
    [column.name for column in OUTBOX.c if column.name not in {"id", "sent_at", "message_id"}],
)


_QUEUED_HEAD = sa.text("outbox.is_head AND outbox.status = 'queued'")
"""Word for word the condition of the index of heads."""
_HEADS = (
    sa.select(
        OUTBOX.c.id,
        OUTBOX.c.address_id,
        ADDRESS.c.participant_id,
        ADDRESS.c.channel,
        ADDRESS.c.sealed,
        OUTBOX.c.conversation_id,
        OUTBOX.c.kind,
        OUTBOX.c.ask,
        OUTBOX.c.payload,
        OUTBOX.c.attempts,
        OUTBOX.c.not_before,
        OUTBOX.c.created_at,
        OUTBOX.c.possibly_duplicate,
        ADDRESS.c.status,
        OUTBOX.c.thread,
        OUTBOX.c.lane,
        OUTBOX.c.line,
    )
    .join(ADDRESS, ADDRESS.c.id == OUTBOX.c.address_id)
    .where(_QUEUED_HEAD, OUTBOX.c.line == sa.bindparam("on_line"))
    .where(OUTBOX.c.lane == sa.bindparam("in_lane", type_=OUTBOX.c.lane.type))
    .order_by(OUTBOX.c.not_before, OUTBOX.c.id)
    .limit(sa.bindparam("most"))
)
"""The columns are the fields of `Head`, in their order, but for the last."""
_HEADS_IN_LANE = TupleQuery(_HEADS)
_HEADS_BUT_REFRESHES = TupleQuery(_HEADS.where(sa.text("outbox.kind != 'refresh'")))
_WAITING_IN_LANE = TupleQuery(
    sa.select(sa.func.count()).select_from(
        sa.select(OUTBOX.c.id)
        .where(_QUEUED_HEAD, OUTBOX.c.line == sa.bindparam("on_line"))
        .where(OUTBOX.c.lane == sa.bindparam("in_lane", type_=OUTBOX.c.lane.type))
        .limit(sa.bindparam("most"))
        .subquery("waiting")
    )
)
_UNSENT_AT = TupleQuery(
    sa.select(sa.func.count()).select_from(
        sa.select(OUTBOX.c.id)
        .where(OUTBOX.c.address_id == sa.bindparam("address"), UNSENT)
        .limit(sa.bindparam("most"))
        .subquery("waiting")
    )
)
_QUEUED_AMONG = OUTBOX.c.id.in_(sa.bindparam("ids", expanding=True)) & (
    OUTBOX.c.status == OutboxStatus.QUEUED
)
_ADDRESS_OF = TupleQuery(sa.select(OUTBOX.c.address_id).where(OUTBOX.c.id == sa.bindparam("row")))
_NEWER = OUTBOX.alias("newer")
_SUPERSEDED = sa.exists().where(
    _NEWER.c.conversation_id == OUTBOX.c.conversation_id,
    _NEWER.c.ask == OUTBOX.c.ask,
    _NEWER.c.id > OUTBOX.c.id,
    _NEWER.c.kind == OutboxKind.REFRESH,
    _NEWER.c.status == OutboxStatus.QUEUED,
)
_DROP_SUPERSEDED = (
    OUTBOX.update()
    .where(_QUEUED_AMONG, OUTBOX.c.kind == OutboxKind.REFRESH, _SUPERSEDED)
    .values(status=OutboxStatus.DROPPED, reason="superseded", is_head=False)
    .returning(OUTBOX.c.address_id)
)
_COMPLETE = BulkWrite(
    OUTBOX.update()
    .where(OUTBOX.c.address_id == sa.bindparam("at_address"), OUTBOX.c.is_head.is_(False), UNSENT)
    .where(OUTBOX.c.lane == sa.literal_column("'bulk'"), OUTBOX.c.conversation_id == sa.bindparam("of"))
    .values(lane=sa.literal_column("'reply'")),
    (),
)
_MARK_SENDING = TupleQuery(
    OUTBOX.update()
    .where(among(OUTBOX.c.id, "rows"), OUTBOX.c.status == OutboxStatus.QUEUED, OUTBOX.c.is_head)
    .values(status=OutboxStatus.SENDING, attempts=OUTBOX.c.attempts + 1)
    .returning(OUTBOX.c.id)
)
_MARK_SENT = BulkWrite(
    OUTBOX.update()
    .where(OUTBOX.c.id == sa.bindparam("of"))
    .values(
        status=sa.bindparam("to"),
        sent_at=sa.bindparam("at"),
        message_id=sa.bindparam("name"),
        not_before=sa.null(),
        is_head=sa.false(),
    ),
    (),
)


@dataclass(frozen=True, slots=True)
class Head:
    """Hold the oldest unsent message of an address.

    `message_id` is the platform's name of the message that a refresh shows anew, `lead` what leads to the question
    there; None and "" for other kinds.
    """

    id: int
    address_id: int
    participant_id: int | None
    channel: str
    sealed: bytes
    conversation_id: int | None
    kind: OutboxKind
    ask: int | None
    payload: str
    attempts: int
    not_before: datetime | None
    created_at: datetime
    possibly_duplicate: bool
    address_status: AddressStatus
    thread: str | None = None
    lane: Lane = Lane.REPLY
    line: str = ""
    """What it is paced with: its channel, or one workspace of it."""
    message_id: str | None = None
    lead: str = ""
    paid: bool = False
    """Whether it is paid for, so that it goes faster than the free pace."""


@dataclass(frozen=True, slots=True)
class Heads:
    """Hold the heads that may go now, in the order to send them, and when the next of the others may go.

    `later` is None where no other waits for a retry.
    """

    ready: tuple[Head, ...]
    later: datetime | None


def queue(connection: Connection, rows: Iterable[Mapping[str, Any]], lane: Lane = Lane.REPLY) -> None:
    """
    Put messages at the end of their addresses' queues, in the order given.

    Each row names `address_id`, `payload` (the `Prompt` as JSON) and `created_at`, and where it applies
    `conversation_id`, `kind`, `ask`, `not_before` and `lane`. `again` False says of a question that it was never put
    before, so that none waits which it would replace. `lane` is that of the rows that name none and whose kind
    has none of its own, see `LANE_OF_KIND`.
    """
    values = []
    for row in rows:
        made = {**_DEFAULTS, "lane": LANE_OF_KIND.get(row.get("kind", OutboxKind.MESSAGE), lane), **row}
        if made["not_before"] is None:
            made["not_before"] = made["created_at"]
        values.append(made)
    queue_up(connection, values)
    _INSERT.run(connection, values)


def heads(
    connection: Connection, *, line: str, now: datetime, lanes: Sequence[Lane] = LANES, limit: int = 64
) -> Heads:
    """Return the heads of a line's addresses that may go at `now`, the most urgent lane first, at most `limit`.

    `line` is a channel, or one workspace of it (`outbox_lines`). In a lane those go first that may go
    longest; what waits for a retry stands in nobody's way. Heads in other lanes than `lanes` are passed over.
    """
    find = partial(_HEADS_IN_LANE.run, connection, on_line=line)
    return _ready_of(connection, find, now, lanes, limit)


def heads_but_refreshes(
    connection: Connection, *, line: str, now: datetime, lanes: Sequence[Lane] = LANES, limit: int = 64
) -> Heads:
    """Return the heads of a line's addresses as `heads` does, but for those that show a message anew."""
    find = partial(_HEADS_BUT_REFRESHES.run, connection, on_line=line)
    return _ready_of(connection, find, now, lanes, limit)


def _ready_of(
    connection: Connection,
    find: Callable[..., list[tuple[Any, ...]]],
    now: datetime,
    lanes: Sequence[Lane],
    limit: int,
) -> Heads:
    """Return those heads that may go at `now` of what `find` finds in each lane."""
    ready: list[Head] = []
    later: datetime | None = None
    for lane in lanes:
        for row in find(in_lane=lane, most=limit - len(ready)):
            head = Head(*row)
            until = put_off_until(head.created_at, head.not_before)
            if until is None or until <= now:
                ready.append(_with_original(connection, head))
            else:
                later = until if later is None else min(later, until)
        if len(ready) == limit:
            break
    return Heads(tuple(ready), later)


def waiting(connection: Connection, *, line: str, lane: Lane, most: int) -> int:
    """Return how many addresses of a line have something to be sent in a lane; `most` where there are more."""
    [(count,)] = _WAITING_IN_LANE.run(connection, on_line=line, in_lane=lane, most=most)
    return int(count)


def _with_original(connection: Connection, head: Head) -> Head:
    if head.kind is not OutboxKind.REFRESH:
        return head
    shown = original_message(connection, head.conversation_id, head.ask, head.address_id)
    return head if shown is None else replace(head, message_id=shown.message_id, lead=shown.lead)


def drop_superseded(connection: Connection, ids: Sequence[int]) -> None:
    """Drop the refreshes among these outbox rows that a newer refresh of the same question has made needless."""
    if ids:
        move_up(connection, connection.execute(_DROP_SUPERSEDED, {"ids": list(ids)}).scalars().all())


def complete_openers(connection: Connection, openers: Sequence[Head]) -> None:
    """Put what belongs to openers that go now, and stands behind them, into the lane of replies.

    What was begun is said to its end, however long other openers have to wait.
    """
    rows = [{"at_address": head.address_id, "of": head.conversation_id} for head in openers]
    _COMPLETE.run(connection, [row for row in rows if row["of"] is not None])


def mark_sending(connection: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Mark queued outbox rows as being sent; return the numbers of those that were still queued.

    To be committed before the platform is called, so that a crash in between is seen.
    """
    return frozenset(number for (number,) in _MARK_SENDING.run(connection, rows=numbers(ids)))


def mark_sent(connection: Connection, outbox_id: int, *, message_id: str | None, now: datetime) -> None:
    """Mark an outbox row as sent. `message_id` is the platform's name of the message; None if it has none."""
    row = {"of": outbox_id, "to": OutboxStatus.SENT, "at": now, "name": message_id}
    _MARK_SENT.run(connection, [row])
    _follow(connection, outbox_id)


def mark_failed(connection: Connection, outbox_id: int, reason: str) -> None:
    """Mark an outbox row as failed, with the reason: it is never sent, and those behind it go on."""
    _end(connection, outbox_id, OutboxStatus.FAILED, reason)


def mark_dropped(connection: Connection, outbox_id: int, reason: str) -> None:
    """Mark an outbox row as dropped, with the reason: it is not needed, or may not be sent, any more."""
    _end(connection, outbox_id, OutboxStatus.DROPPED, reason)


def put_back(
    connection: Connection, outbox_id: int, *, not_before: datetime | None, possibly_duplicate: bool
) -> None:
    """Queue an outbox row that was being sent again, to be tried at `not_before` (None: at once).

    If its participant withdrew while it was on its way, it is dropped instead. `possibly_duplicate` says that this
    attempt may have been delivered; once set it stays.
    """
    still = (OUTBOX.c.id == outbox_id) & (OUTBOX.c.status == OutboxStatus.SENDING)
    connection.execute(
        OUTBOX.update()
        .where(still, OUTBOX.c.reason.is_(None))
        .values(
            status=OutboxStatus.QUEUED,
            not_before=OUTBOX.c.created_at if not_before is None else not_before,
            possibly_duplicate=OUTBOX.c.possibly_duplicate | possibly_duplicate,
            is_head=False,
        )
    )
    connection.execute(OUTBOX.update().where(still).values(status=OutboxStatus.DROPPED, is_head=False))
    _follow(connection, outbox_id)


def drop_for_participant(connection: Connection, participant_id: int, reason: str) -> int:
    """Drop the messages that are queued for a participant; return how many.

    Those on their way are marked, so that they are not tried again. What they are told as somebody of the team stays,
    for an alert must not go nowhere, and so does help.
    """
    at_theirs = OUTBOX.c.address_id.in_(
        sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == participant_id)
    )
    contact_log.drop_queued(connection, participant_id=participant_id)
    theirs = sa.and_(UNSENT, at_theirs, OUTBOX.c.kind.not_in(_STAYS))
    connection.execute(
        OUTBOX.update().where(theirs, OUTBOX.c.status == OutboxStatus.SENDING).values(reason=reason)
    )
    return _drop(connection, theirs, reason)


def drop_for_conversation(connection: Connection, conversation_id: int, reason: str) -> int:
    """Drop the messages that a conversation still has queued, with the reason; return how many."""
    contact_log.drop_queued(connection, conversation_id=conversation_id)
    theirs = (OUTBOX.c.conversation_id == conversation_id) & OUTBOX.c.kind.not_in(_STAYS)
    return _drop(connection, theirs, reason)


def drop_rows(connection: Connection, ids: Collection[int], reason: str) -> int:
    """Drop those of these outbox rows that are queued, with the reason; return how many."""
    return _drop(connection, OUTBOX.c.id.in_(ids), reason) if ids else 0


def _drop(connection: Connection, rows: sa.ColumnElement[bool], reason: str) -> int:
    """Drop those of the rows that are queued, with the reason; return how many."""
    addresses = connection.scalars(
        OUTBOX.update()
        .where(rows, OUTBOX.c.status == OutboxStatus.QUEUED)
        .values(status=OutboxStatus.DROPPED, reason=reason, is_head=False)
        .returning(OUTBOX.c.address_id)
    ).all()
    move_up(connection, set(addresses))
    return len(addresses)


def stop_contact(
    connection: Connection, address_id: int, *, status: AddressStatus, reason: str, now: datetime
) -> int:
    """Mark an address as one where nobody is reached, drop its unsent rows, and log each message that is not sent.

    Returns:
        How many rows were dropped.
    """
    connection.execute(
        ADDRESS.update().where(ADDRESS.c.id == address_id).values(status=status, reason=reason)
    )
    dropped = connection.execute(
        OUTBOX.update()
        .where(OUTBOX.c.address_id == address_id, UNSENT)
        .values(status=OutboxStatus.DROPPED, reason=status.value, is_head=False)
        .returning(OUTBOX.c.conversation_id, OUTBOX.c.kind)
    ).all()
    participant_id = connection.scalar(sa.select(ADDRESS.c.participant_id).where(ADDRESS.c.id == address_id))
    if participant_id is not None:
        for row in dropped:
            if row.kind in (OutboxKind.MESSAGE, OutboxKind.HELP):
                contact_log.record(
                    connection,
                    contact_log.ContactEntry(
                        participant_id=participant_id,
                        conversation_id=row.conversation_id,
                        action=ContactAction.NOT_SENT,
                        reason=status.value,
                        at=now,
                    ),
                )
    return len(dropped)


def take_up_help(connection: Connection, address_id: int, now: datetime) -> None:
    """Queue again, to go at `now`, what tells where help is and was dropped since nobody was reached at an address.

    It is said once in a conversation, so that nobody else says it. Crisis help with buttons is an open question, which
    its conversation puts again.
    """
    unheard = (OUTBOX.c.address_id == address_id) & OUTBOX.c.ask.is_(None) & (OUTBOX.c.payload != "")
    connection.execute(
        OUTBOX.update()
        .where(unheard, OUTBOX.c.kind == OutboxKind.HELP, OUTBOX.c.status == OutboxStatus.DROPPED)
        .where(OUTBOX.c.reason.in_((AddressStatus.BLOCKED.value, AddressStatus.UNREACHABLE.value)))
        .values(status=OutboxStatus.QUEUED, reason=None, not_before=now)
    )
    move_up(connection, [address_id])


def unsent_at(connection: Connection, address_id: int, most: int) -> int:
    """Return how many messages wait to be sent to an address; `most` where there are more."""
    [(count,)] = _UNSENT_AT.run(connection, address=address_id, most=most)
    return int(count)


def unsent(connection: Connection) -> int:
    """Return how many messages wait to be sent, on all channels."""
    return connection.scalar(sa.select(sa.func.count()).select_from(OUTBOX).where(UNSENT)) or 0


def _end(connection: Connection, outbox_id: int, status: OutboxStatus, reason: str) -> None:
    """End a row without its being sent, and let the one behind it come."""
    ended = OUTBOX.update().where(OUTBOX.c.id == outbox_id)
    connection.execute(ended.values(status=status, reason=reason, is_head=False))
    _follow(connection, outbox_id)


def _follow(connection: Connection, outbox_id: int) -> None:
    """Mark the head of a row's address anew, since the row goes no more, or waits."""
    [(address_id,)] = _ADDRESS_OF.run(connection, row=outbox_id)
    move_up(connection, [address_id])
