"""Keep which unsent message of each address goes next: its head, one row an address, marked in the row itself.

A mark, and not a search for the oldest row of each address: so what may go is found in the same time whether ten or
200,000 messages wait. Whoever lets a row come or go calls this module in the same transaction.

The order at an address is that of the lanes and then that of the ids. It is the order of the ids but for help at risk:
a row promotes what stands before it (`queue_up`), so that nothing is overtaken.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations.showings import lead_as_stored
from storage.database.statements import BulkWrite, Row, TupleQuery, among, numbers
from storage.schema import ADDRESS, OUTBOX, Lane, OutboxKind, OutboxStatus

UNSENT = sa.text("outbox.status IN ('queued', 'sending') AND outbox.kind != 'edit'")
"""Word for word the condition of the partial index, which bound parameters would not use."""
ASKED_AGAIN = "asked_again"
"""Why a question was dropped that still waited when it was put once more."""
IS_EDIT = sa.text("outbox.kind = 'edit'")
"""Word for word the condition of the partial index."""
CRISIS_HELP = "crisis_help"
"""Why a row was dropped that waited where help for somebody at risk was queued."""

LINE = ADDRESS.c.channel + sa.func.coalesce("/" + ADDRESS.c.workspace, "")
"""The line of an address, see `storage.conversations.outbox_lines`."""
_RANK = {lane: place for place, lane in enumerate(Lane)}
_MARKS = OUTBOX.c.is_head.in_([sa.true(), sa.false()])
"""True of every row: named so that the index is used beyond it."""
_STANDS = OUTBOX.alias("stands")
_SLOWER_STANDS = sa.exists().where(
    _STANDS.c.address_id == ADDRESS.c.id,
    _STANDS.c.is_head.in_([sa.true(), sa.false()]),
    _STANDS.c.lane.in_(
        [sa.literal_column(f"'{lane.value}'") for lane in (Lane.TEAM, Lane.REMINDER, Lane.BULK)]
    ),
    sa.text("stands.status IN ('queued', 'sending') AND stands.kind != 'edit'"),
)
"""Whether something stands at an address that a reply would promote."""
_STANDING = TupleQuery(
    sa.select(ADDRESS.c.id, LINE, OUTBOX.c.id, OUTBOX.c.lane, OUTBOX.c.status, _SLOWER_STANDS)
    .select_from(ADDRESS.outerjoin(OUTBOX, (OUTBOX.c.address_id == ADDRESS.c.id) & OUTBOX.c.is_head & UNSENT))
    .where(among(ADDRESS.c.id, "addresses"))
)
IN_THE_WAY = sa.and_(
    _MARKS, UNSENT, sa.text("outbox.lane IN ('reminder', 'bulk')"), OUTBOX.c.status == OutboxStatus.QUEUED
)
"""Holds of rows that make way at their address for help at risk: what waits there of our own accord."""
_MAKE_WAY = (
    OUTBOX.update()
    .where(OUTBOX.c.address_id == sa.bindparam("address"), IN_THE_WAY)
    .values(status=OutboxStatus.DROPPED, reason=CRISIS_HELP, is_head=False)
    .returning(OUTBOX.c.id)
)
_DROP_REPEATED = BulkWrite(
    OUTBOX.update()
    .where(OUTBOX.c.address_id == sa.bindparam("address"), UNSENT)
    .where(
        OUTBOX.c.kind == OutboxKind.MESSAGE, OUTBOX.c.status == OutboxStatus.QUEUED, OUTBOX.c.attempts == 0
    )
    .where(
        OUTBOX.c.conversation_id.is_not_distinct_from(sa.bindparam("of")),
        OUTBOX.c.ask == sa.bindparam("asked"),
        sa.or_(
            OUTBOX.c.payload.like('%"lead":""%'),
            OUTBOX.c.payload.not_like('%"lead":%'),
            sa.func.instr(OUTBOX.c.payload, sa.bindparam("lead", type_=sa.Text)) > 0,
        ),
    )
    .values(status=OutboxStatus.DROPPED, reason=ASKED_AGAIN, is_head=False),
    (),
)
_DROP_EDITS = OUTBOX.delete().where(OUTBOX.c.address_id == sa.bindparam("address"), IS_EDIT)


def _promotion(to: Lane) -> BulkWrite:
    """Return the statement that promotes what stands at an address in slower lanes."""
    slower: list[sa.ColumnElement[str]] = [
        sa.literal_column(f"'{lane.value}'") for lane in Lane if _RANK[to] < _RANK[lane]
    ]
    return BulkWrite(
        OUTBOX.update()
        .where(OUTBOX.c.address_id == sa.bindparam("address"), _MARKS, UNSENT, OUTBOX.c.lane.in_(slower))
        .values(lane=to, **({} if to is not Lane.REPLY else {"not_before": _now_if_ours()})),
        (),
    )


def _now_if_ours() -> sa.ColumnElement[datetime]:
    """Return from when a row may go behind which a reply stands: one of our own accord is put off no longer."""
    is_ours = sa.text("outbox.lane IN ('reminder', 'bulk')")
    return sa.case((is_ours, OUTBOX.c.created_at), else_=OUTBOX.c.not_before)


_PROMOTE: Mapping[Lane, BulkWrite] = {lane: _promotion(lane) for lane in Lane if lane is not Lane.EDIT}


def _first_in(lane: Lane) -> sa.ScalarSelect[Any]:
    """Select the oldest row of a lane at an address that has no head."""
    waiting = OUTBOX.alias("waiting")
    unsent = sa.text("waiting.status IN ('queued', 'sending') AND waiting.kind != 'edit'")
    return (
        sa.select(sa.func.min(waiting.c.id))
        .where(waiting.c.address_id == sa.bindparam("address"), waiting.c.is_head.is_(False), unsent)
        .where(waiting.c.lane == sa.literal_column(f"'{lane.value}'"))
        .scalar_subquery()
    )


_HEAD = OUTBOX.alias("head")
_NEXT = BulkWrite(
    OUTBOX.update()
    .where(OUTBOX.c.id == sa.func.coalesce(*(_first_in(lane) for lane in Lane if lane is not Lane.EDIT)))
    .where(
        ~sa.exists().where(
            _HEAD.c.address_id == sa.bindparam("address"),
            _HEAD.c.is_head,
            sa.text("head.status IN ('queued', 'sending') AND head.kind != 'edit'"),
        )
    )
    .values(is_head=sa.true()),
    (),
)
_BY_RANK = sa.case(
    (OUTBOX.c.status == OutboxStatus.SENDING, -1),
    *((OUTBOX.c.lane == lane, place) for lane, place in _RANK.items()),
)
_RANKED = (
    sa.select(
        OUTBOX.c.id,
        sa.func.row_number()
        .over(partition_by=OUTBOX.c.address_id, order_by=(_BY_RANK, OUTBOX.c.id))
        .label("place"),
    )
    .where(UNSENT)
    .subquery("ranked")
)
_MARK_HEADS = (
    OUTBOX.update()
    .where(UNSENT, OUTBOX.c.id.in_(sa.select(_RANKED.c.id).where(_RANKED.c.place == 1)), ~OUTBOX.c.is_head)
    .values(is_head=True)
)
_UNMARK_OTHERS = (
    OUTBOX.update()
    .where(UNSENT, OUTBOX.c.is_head, OUTBOX.c.id.not_in(sa.select(_RANKED.c.id).where(_RANKED.c.place == 1)))
    .values(is_head=False)
)


class StandingHead(NamedTuple):
    """Hold what stands at an address: its line, and the head of its queue, None in all three where nothing waits."""

    line: str
    id: int | None
    lane: Lane | None
    status: OutboxStatus | None
    slower: bool
    """Whether something less urgent than a reply stands there."""


def standing(connection: Connection, addresses: Collection[int]) -> Mapping[int, StandingHead]:
    """Return what stands at addresses, by their numbers."""
    rows = _STANDING.run(connection, addresses=numbers(addresses))
    return {row[0]: StandingHead(*row[1:]) for row in rows}


def queue_up(connection: Connection, rows: Sequence[Row]) -> None:
    """
    Give rows that are about to be inserted their line and their place at their addresses.

    Sets `line`, `is_head` and `lane` in them. What stands unsent at an address before a row is promoted to the row's
    lane; a question that is put once more is dropped where it still waited. Help at risk promotes nothing: it goes
    before all at its address that is not on its way, reminders, first words of ours and edits that wait there are
    dropped, and replies follow.
    """
    by_address: dict[int, list[Row]] = {}
    for row in rows:
        by_address.setdefault(row["address_id"], []).append(row)
    stands = standing(connection, by_address)
    if _replace_repeated(connection, [row for row in rows if stands[row["address_id"]].id is not None]):
        stands = standing(connection, by_address)
    promoted: dict[Lane, list[Row]] = {}
    for address_id, theirs in by_address.items():
        before = stands[address_id]
        for row in theirs:
            row["line"], row["is_head"] = before.line, False
        queued = [row for row in theirs if row["kind"] is not OutboxKind.EDIT]
        if len(queued) == 1 and before.id is None:  # as nearly always
            queued[0]["is_head"] = True
        elif queued:
            slowest = _queue_up_at(connection, address_id, before, queued)
            if before.slower and slowest is not None:
                promoted.setdefault(slowest, []).append({"address": address_id})
    for lane, addresses in promoted.items():
        _PROMOTE[lane].run(connection, addresses)


def _replace_repeated(connection: Connection, rows: Iterable[Row]) -> bool:
    """Drop questions that wait and are put once more at their address by these rows; return whether there were any.

    What may have been delivered stays, and so does what a reminder repeats: the reminder may be taken back. So does a
    question that other words lead to than those which lead to it now: they would be lost.
    """
    put = [
        {
            "address": row["address_id"],
            "of": row["conversation_id"],
            "asked": row["ask"],
            "lead": lead_as_stored(row["payload"]),
        }
        for row in rows
        if row["again"] and row["kind"] is OutboxKind.MESSAGE and row["ask"] is not None
        if row["lane"] is not Lane.REMINDER
    ]
    if not _DROP_REPEATED.run(connection, put):
        return False
    move_up(connection, {row["address"] for row in put})
    return True


def _queue_up_at(
    connection: Connection, address_id: int, before: StandingHead, rows: Sequence[Row]
) -> Lane | None:
    """Give rows of one address that are no edits their place.

    Returns:
        The lane to which what stands before them is to be promoted; None where it stays as it is.
    """
    help_rows = [row for row in rows if row["lane"] is Lane.SAFETY]
    slowest = _promote_among(rows)
    stands = before.id is not None
    if help_rows and stands:
        dropped = connection.execute(_MAKE_WAY, {"address": address_id}).scalars().all()
        connection.execute(_DROP_EDITS, {"address": address_id})
        stands = before.id not in dropped
        if stands and before.status is OutboxStatus.QUEUED and before.lane is not Lane.SAFETY:
            connection.execute(OUTBOX.update().where(OUTBOX.c.id == before.id).values(is_head=False))
            stands = False
    if not stands:
        first = help_rows[0] if help_rows else rows[0]
        first["is_head"] = True
    return slowest


def _promote_among(rows: Sequence[Row]) -> Lane | None:
    """Promote the rows of one address to the lanes of those behind them.

    Returns:
        The lane to which what stands before them all is promoted; None where that stays as it is.
    """
    quickest: Lane | None = None
    for row in reversed(rows):
        lane = row["lane"]
        if lane is Lane.SAFETY:
            continue
        if quickest is None or _RANK[lane] < _RANK[quickest]:
            quickest = lane
        row["lane"] = quickest
    return quickest


def move_up(connection: Connection, addresses: Iterable[int]) -> None:
    """Mark the head of each of these addresses that has messages and no head, since its head has gone."""
    _NEXT.run(connection, [{"address": address_id} for address_id in addresses])


def mark_all_heads(connection: Connection) -> None:
    """Mark the heads of all addresses anew, by all that is unsent.

    To be called at start: a copy that was put back, or rows that something else wrote, must not wait for ever.
    """
    for statement in (_UNMARK_OTHERS, _MARK_HEADS):
        connection.execute(statement)


def try_again(connection: Connection, now: datetime, *, beyond: timedelta = timedelta(0)) -> None:
    """Have what waits for a retry for longer than `beyond` tried at `now`.

    The clock was set back, and it would wait for as long as that.
    """
    waits = (OUTBOX.c.not_before > now + beyond) & (OUTBOX.c.not_before > OUTBOX.c.created_at)
    connection.execute(
        OUTBOX.update()
        .where(sa.text("outbox.is_head AND outbox.status = 'queued'"), waits)
        .values(not_before=now)
    )


def move_rows(connection: Connection, rows: sa.ColumnElement[bool], address_id: int) -> None:
    """Move unsent rows of the outbox to another address; `rows` selects them.

    What goes next there is decided anew, by lanes and then by age, and so it is where they stood.
    """
    left = set(connection.scalars(sa.select(OUTBOX.c.address_id).where(rows, UNSENT)))
    line = sa.select(LINE).where(ADDRESS.c.id == address_id).scalar_subquery()
    connection.execute(
        OUTBOX.update()
        .where(OUTBOX.c.address_id == address_id, UNSENT, OUTBOX.c.status == OutboxStatus.QUEUED)
        .where(OUTBOX.c.is_head)
        .values(is_head=False)
    )
    moved = OUTBOX.update().where(rows, UNSENT).values(address_id=address_id, line=line, is_head=False)
    connection.execute(moved)
    move_up(connection, [*left, address_id])


def put_off_until(created_at: datetime, not_before: datetime | None) -> datetime | None:
    """Return until when a row was put off; None where it was not: `not_before` is then when it was queued."""
    return None if not_before is None or not_before <= created_at else not_before
