"""Count safety cases for reconciliation: by kind and month, by what became of them, with every month without any.

Months are those of UTC. A case is within time where it was settled by when its report was due.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.measures.measure import (
    PROGRAM_NAME,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.safety.cases import OPEN
from storage.schema import CONVERSATION, ENROLLMENT, PROGRAM, SAFETY_CASE, SafetyKind, SafetyStatus

ALL: Final = "(all)"
"""In place of a month: the whole time."""
_STATUSES: Final = (
    SafetyStatus.NEW,
    SafetyStatus.REVIEWING,
    SafetyStatus.SENT,
    SafetyStatus.ACKNOWLEDGED,
    SafetyStatus.NOT_AN_EVENT,
    SafetyStatus.CLEARED,
)


def _cases_query() -> sa.Select[Any]:
    """Select the safety cases of the program, the oldest first."""
    told = ("kind", "status", "opened_at", "due_at", "settled_at")
    return (
        sa.select(*(SAFETY_CASE.c[name] for name in told))
        .select_from(SAFETY_CASE)
        .join(PROGRAM, PROGRAM.c.id == SAFETY_CASE.c.program_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME)
        .order_by(SAFETY_CASE.c.id)
    )


def _span_query() -> sa.Select[Any]:
    """Select when the first person came into the program, and when the last turn was."""
    came, begun = ENROLLMENT.c.enrolled_at, CONVERSATION.c.started_at
    turned = CONVERSATION.c.last_turn_at
    return sa.select(
        *(
            sa.select(moment)
            .where(column.table.c.program_id == PROGRAM.c.id)
            .correlate(PROGRAM)
            .scalar_subquery()
            .label(name)
            for name, column, moment in (
                ("first_enrolled", came, sa.func.min(came, type_=came.type)),
                ("first_begun", begun, sa.func.min(begun, type_=begun.type)),
                ("last_turn", turned, sa.func.max(turned, type_=turned.type)),
            )
        )
    ).where(PROGRAM.c.slug == PROGRAM_NAME)


SAFETY_CASES: Final = _cases_query()
SPAN: Final = _span_query()


def month_of(moment: datetime) -> str:
    """Return the month of a moment in UTC, such as `2026-03`."""
    return moment.astimezone(UTC).strftime("%Y-%m")


def months(first: datetime, last: datetime) -> Iterator[str]:
    """Yield the months from the first to the last moment, both included; none where the last comes before."""
    start, end = first.astimezone(UTC), last.astimezone(UTC)
    for number in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
        yield f"{number // 12:04}-{number % 12 + 1:02}"


def _span(connection: Connection, program: str, now: datetime | None) -> list[str]:
    """Return the months of the program, in order, from the first word or case to the last; to `now` where given."""
    moments = [moment for row in rows_of(connection, SPAN, program) for moment in row if moment is not None]
    moments += [row.opened_at for row in rows_of(connection, SAFETY_CASES, program)]
    last = [*moments, *([] if now is None else [now])]
    return list(months(min(moments), max(last))) if moments else []


def _counts(cases: list[sa.Row[Any]], now: datetime | None) -> MeasureRow:
    """Return the cells of some cases."""
    found = Counter(row.status for row in cases)
    settled = [row for row in cases if row.settled_at is not None]
    late = sum(row.settled_at > row.due_at for row in settled)
    overdue = None if now is None else sum(row.status in OPEN and row.due_at <= now for row in cases)
    return (len(cases), *(found[status] for status in _STATUSES), len(settled) - late, late, overdue)


def _reconciled(connection: Connection, program: str, now: datetime | None) -> Iterator[MeasureRow]:
    """Yield the rows of the table: each kind as a whole, then month by month."""
    by_month: dict[tuple[SafetyKind, str], list[sa.Row[Any]]] = defaultdict(list)
    for row in rows_of(connection, SAFETY_CASES, program):
        by_month[row.kind, ALL].append(row)
        by_month[row.kind, month_of(row.opened_at)].append(row)
    span = _span(connection, program, now)
    for kind in SafetyKind:
        for month in (ALL, *span):
            yield kind.value, month, *_counts(by_month[kind, month], now)


def safety_table(now: datetime | None = None) -> MeasureTable:
    """Return the table of safety cases. `now` is when the report is made: it tells which open ones are overdue."""
    cases = MeasureSet("outcomes.safety", MeasureSource.SYSTEM, SAFETY_CASES)

    def count(connection: Connection, program: str) -> Iterator[MeasureRow]:
        return _reconciled(connection, program, now)

    return MeasureTable(
        "outcomes.safety",
        "Safety cases by kind and month",
        ("kind", "month"),
        (
            cases.count("cases", "Cases that were opened, by the month of their words in UTC."),
            cases.count("new", "Of these, cases that nobody has begun with."),
            cases.count("reviewing", "Cases that somebody looks at."),
            cases.count("sent", "Cases that were passed on, without a receipt."),
            cases.count("acknowledged", "Cases that were passed on, with a receipt."),
            cases.count("not_an_event", "Cases that two coordinators found to be none."),
            cases.count("cleared", "Cases of distress that somebody saw to."),
            cases.count("in_time", "Cases that were settled by when the report was due."),
            cases.count("late", "Cases that were settled after that."),
            cases.count(
                "overdue",
                "Open cases whose report is due when this is made; empty where it is not known when that is.",
            ),
        ),
        "A month without any case says 0. Cases of erased people that were not passed on are gone with them.",
        count,
    )
