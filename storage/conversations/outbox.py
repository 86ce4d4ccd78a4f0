"""Keep what goes out: in order per address, one at a time, and never silently lost.

A row is `queued`, then `sending` (committed before the call), then `sent`, `failed` or `dropped`. What a
crash left in `sending` may have been delivered: it is resent, a bounded number of times, and says so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations import contact_log
from storage.conversations.showings import original_message
from storage.database.statements import BulkWrite, TupleQuery
from storage.schema import ADDRESS, OUTBOX, AddressStatus, ContactAction, OutboxKind, OutboxStatus

_UNSENT = sa.text("outbox.status IN ('queued', 'sending') AND outbox.kind != 'edit'")
"""Word for word the condition of the partial index, which bound parameters would not use."""

MOST_IN_DOUBT = 5
"""Attempts after which a message whose outcome stays unknown has failed: a question that comes twice is a
small oddity, one that never comes ends a conversation in silence."""

MOST_COPIES = 6
"""Messages of one question, the newest, under which a trace is left: each costs a call."""

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
}

_INSERT = BulkWrite(
    OUTBOX.insert(),
    [column.name for column in OUTBOX.c if column.name not in {"id", "sent_at", "message_id"}],
)


_FIRST = (
    sa.select(sa.func.min(OUTBOX.c.id).label("id"))
    .where(_UNSENT)
    .group_by(OUTBOX.c.address_id)
    .subquery("first")
)
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
    )
    .join(_FIRST, _FIRST.c.id == OUTBOX.c.id)
    .join(ADDRESS, ADDRESS.c.id == OUTBOX.c.address_id)
    .where(OUTBOX.c.status == OutboxStatus.QUEUED, ADDRESS.c.channel == sa.bindparam("channel"))
    .order_by(sa.func.coalesce(OUTBOX.c.not_before, OUTBOX.c.created_at), OUTBOX.c.id)
    .limit(sa.bindparam("most"))
)
"""The columns are the fields of `Head`, in their order, but for the last."""
_HEADS_OF_ALL = TupleQuery(_HEADS)
_HEADS_OF_OTHERS = _HEADS.where(OUTBOX.c.address_id.not_in(sa.bindparam("busy", expanding=True)))
_QUEUED_AMONG = OUTBOX.c.id.in_(sa.bindparam("ids", expanding=True)) & (
    OUTBOX.c.status == OutboxStatus.QUEUED
)
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
    .values(status=OutboxStatus.DROPPED, reason="superseded")
)
_MARK_SENDING = (
    OUTBOX.update()
    .where(_QUEUED_AMONG)
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
    ),
    (),
)

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
        sa.text("outbox.kind = 'edit'"),
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
    message_id: str | None = None
    lead: str = ""


def queue(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """
    Put messages at the end of their addresses' queues, in the order given.

    Each row names `address_id`, `payload` (the `Prompt` as JSON) and `created_at`, and where it applies
    `conversation_id`, `kind`, `ask` and `not_before`.
    """
    values = [{**_DEFAULTS, **row} for row in rows]
    _INSERT.run(connection, values)


def heads(
    connection: Connection, *, channel: str, busy: Collection[int] = (), limit: int = 64
) -> tuple[Head, ...]:
    """Return the oldest unsent message of each address of a channel, those that may go first in front.

    `busy` are the addresses to leave out. A head whose `not_before` has not come is given too: the
    caller waits for it, and so does what stands behind it.
    """
    rows: Iterable[Sequence[Any]]
    if busy:
        asked = {"channel": channel, "busy": list(busy), "most": limit}
        rows = connection.execute(_HEADS_OF_OTHERS, asked).all()
    else:
        rows = _HEADS_OF_ALL.run(connection, channel=channel, most=limit)
    return tuple(_head(connection, row) for row in rows)


def _head(connection: Connection, row: Sequence[Any]) -> Head:
    head = Head(*row)
    if head.kind is not OutboxKind.REFRESH:
        return head
    shown = original_message(connection, head.conversation_id, head.ask, head.address_id)
    return head if shown is None else replace(head, message_id=shown.message_id, lead=shown.lead)


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
    gone = OUTBOX.delete().where(OUTBOX.c.id.in_(ids), OUTBOX.c.kind == OutboxKind.EDIT)
    return frozenset(connection.execute(gone.returning(OUTBOX.c.id)).scalars())


def drop_superseded(connection: Connection, ids: Sequence[int]) -> None:
    """Drop the refreshes among these outbox rows that a newer refresh of the same question has made needless."""
    if ids:
        connection.execute(_DROP_SUPERSEDED, {"ids": list(ids)})


def mark_sending(connection: Connection, ids: Sequence[int]) -> frozenset[int]:
    """Mark queued outbox rows as being sent; return the numbers of those that were still queued.

    To be committed before the platform is called, so that a crash in between is seen.
    """
    return frozenset(connection.execute(_MARK_SENDING, {"ids": list(ids)}).scalars())


def mark_sent(connection: Connection, outbox_id: int, *, message_id: str | None, now: datetime) -> None:
    """Mark an outbox row as sent. `message_id` is the platform's name of the message; None if it has none."""
    row = {"of": outbox_id, "to": OutboxStatus.SENT, "at": now, "name": message_id}
    _MARK_SENT.run(connection, [row])


def mark_failed(connection: Connection, outbox_id: int, reason: str) -> None:
    """Mark an outbox row as failed, with the reason: it is never sent, and those behind it go on."""
    _set(connection, outbox_id, status=OutboxStatus.FAILED, reason=reason)


def mark_dropped(connection: Connection, outbox_id: int, reason: str) -> None:
    """Mark an outbox row as dropped, with the reason: it is not needed, or may not be sent, any more."""
    _set(connection, outbox_id, status=OutboxStatus.DROPPED, reason=reason)


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
            not_before=not_before,
            possibly_duplicate=OUTBOX.c.possibly_duplicate | possibly_duplicate,
        )
    )
    connection.execute(OUTBOX.update().where(still).values(status=OutboxStatus.DROPPED))


def recover(connection: Connection) -> int:
    """Queue the messages that a crash left in `sending` again, as possibly duplicate; return how many.

    To be called at start. Those that were in doubt already, and have been tried `MOST_IN_DOUBT` times, fail now.
    """
    left = OUTBOX.c.status == OutboxStatus.SENDING
    connection.execute(
        OUTBOX.update()
        .where(left, OUTBOX.c.possibly_duplicate, OUTBOX.c.attempts >= MOST_IN_DOUBT)
        .values(status=OutboxStatus.FAILED, reason="outcome_unknown")
    )
    connection.execute(
        OUTBOX.update().where(left, OUTBOX.c.reason.is_not(None)).values(status=OutboxStatus.DROPPED)
    )
    return connection.execute(
        OUTBOX.update().where(left).values(status=OutboxStatus.QUEUED, possibly_duplicate=True)
    ).rowcount


def drop_for_participant(connection: Connection, participant_id: int, reason: str) -> int:
    """Drop the messages that are queued for a participant; return how many.

    Those on their way are marked, so that they are not tried again. What they are told as somebody of the team stays,
    for an alert must not go nowhere, and so does help.
    """
    at_theirs = OUTBOX.c.address_id.in_(
        sa.select(ADDRESS.c.id).where(ADDRESS.c.participant_id == participant_id)
    )
    theirs = at_theirs & OUTBOX.c.kind.not_in(_STAYS)
    connection.execute(
        OUTBOX.update().where(theirs, OUTBOX.c.status == OutboxStatus.SENDING).values(reason=reason)
    )
    return connection.execute(
        OUTBOX.update()
        .where(theirs, OUTBOX.c.status == OutboxStatus.QUEUED)
        .values(status=OutboxStatus.DROPPED, reason=reason)
    ).rowcount


def drop_for_conversation(connection: Connection, conversation_id: int, reason: str) -> int:
    """Drop the messages that a conversation still has queued, with the reason; return how many."""
    return connection.execute(
        OUTBOX.update()
        .where(OUTBOX.c.conversation_id == conversation_id, OUTBOX.c.status == OutboxStatus.QUEUED)
        .where(OUTBOX.c.kind.not_in(_STAYS))
        .values(status=OutboxStatus.DROPPED, reason=reason)
    ).rowcount


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
        .where(OUTBOX.c.address_id == address_id, _UNSENT)
        .values(status=OutboxStatus.DROPPED, reason=status.value)
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


def unsent(connection: Connection) -> int:
    """Return how many messages wait to be sent, on all channels."""
    return connection.scalar(sa.select(sa.func.count()).select_from(OUTBOX).where(_UNSENT)) or 0


def _set(connection: Connection, outbox_id: int, **values: Any) -> None:
    connection.execute(OUTBOX.update().where(OUTBOX.c.id == outbox_id).values(**values))
