"""The reconciliation of safety cases: every case of a program, and a row for each kind of which there was none.

Codes and times only: what was said is in the answers and remarks, and what was answered to our questions stays with the
case.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.safety.scan import ReportElement
from storage.errors import StorageError
from storage.export.tables.table import ExportSelection, ExportTable, Row, cell
from storage.redaction import redacted
from storage.safety.cases import OPEN, is_solicited
from storage.schema import COORDINATOR, PARTICIPANT, PROGRAM, SAFETY_CASE, SafetyKind, SafetyStatus

_ENDS = (
    SafetyStatus.SENT,
    SafetyStatus.ACKNOWLEDGED,
    SafetyStatus.NOT_AN_EVENT,
    SafetyStatus.CLEARED,
)


class UnknownProgram(StorageError):
    """The program whose safety cases are to be counted is not there."""


COLUMNS = (
    "program",
    "kind",
    "cases",
    "case",
    "participant",
    "opened_at",
    "due_at",
    "state",
    "settled_at",
    *(element.value for element in ReportElement),
    "products",
    "may_be_contacted",
    "owner",
    "settled_by",
    "reason",
    "found_by_hand_at",
    "found_by_hand_by",
    "answer",
    "remark",
    "solicited",
)


class SafetyCaseCounts(NamedTuple):
    """How many safety cases of a kind a program had, in all and by what became of them; 0 where there was none."""

    program: str
    kind: str
    cases: int
    open: int
    overdue: int
    sent: int
    acknowledged: int
    not_an_event: int
    cleared: int


COUNT_COLUMNS = SafetyCaseCounts._fields


def safety(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table of safety cases, oldest first.

    `cases` is 1; a program that had none of a kind has one row of that kind with 0.
    """
    rows = [
        row
        for program in _programs(connection, selection)
        for row in _of_program(connection, *program, selection)
    ]
    return ExportTable("safety", COLUMNS, rows, len(rows))


def safety_case_counts(
    connection: Connection, selection: ExportSelection, now: datetime
) -> tuple[SafetyCaseCounts, ...]:
    """Return the counts of safety cases, one entry for each program and kind, also where there was none.

    `now` tells which open ones are overdue.

    Raises:
        UnknownProgram: there is no program of that name.
    """
    found = _programs(connection, selection)
    if selection.program is not None and not found:
        raise UnknownProgram(f"there is no programme {selection.program!r}; see `said program list`")
    return tuple(
        _count(slug, kind, [row for row in cases if row.kind is kind], now)
        for program_id, slug in found
        for cases in [_cases(connection, program_id, selection)]
        for kind in SafetyKind
    )


def _count(slug: str, kind: SafetyKind, cases: Sequence[sa.Row[Any]], now: datetime) -> SafetyCaseCounts:
    """Count the cases of one kind in one program."""
    states = Counter(row.status for row in cases)
    still = [row for row in cases if row.status in OPEN]
    return SafetyCaseCounts(
        slug,
        kind.value,
        len(cases),
        len(still),
        sum(row.due_at <= now for row in still),
        *(states[status] for status in _ENDS),
    )


def _programs(connection: Connection, selection: ExportSelection) -> list[tuple[int, str]]:
    """Return the numbers and short names of the selection's programs, by name."""
    query = sa.select(PROGRAM.c.id, PROGRAM.c.slug).order_by(PROGRAM.c.slug)
    if selection.program is not None:
        query = query.where(PROGRAM.c.slug == selection.program)
    return [(row.id, row.slug) for row in connection.execute(query)]


def _of_program(
    connection: Connection, program_id: int, slug: str, selection: ExportSelection
) -> Iterator[Row]:
    """Yield the rows of one program, kind by kind."""
    cases = _cases(connection, program_id, selection)
    for kind in SafetyKind:
        mine = [row for row in cases if row.kind is kind]
        yield from (_row(slug, row) for row in mine)
        if not mine:
            yield (slug, kind.value, 0, *(None for _ in COLUMNS[3:]))


def _cases(connection: Connection, program_id: int, selection: ExportSelection) -> Sequence[sa.Row[Any]]:
    """Return the cases of a program in the selection, with the codes of those who took part in them."""
    owner, settler, finder = (COORDINATOR.alias(name) for name in ("owner", "settler", "finder"))
    query = (
        sa.select(
            SAFETY_CASE,
            PARTICIPANT.c.code,
            owner.c.code.label("owner"),
            settler.c.code.label("settler"),
            finder.c.code.label("finder"),
        )
        .join(PARTICIPANT, PARTICIPANT.c.id == SAFETY_CASE.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == SAFETY_CASE.c.program_id)
        .outerjoin(owner, owner.c.id == SAFETY_CASE.c.owner_id)
        .outerjoin(settler, settler.c.id == SAFETY_CASE.c.settled_by)
        .outerjoin(finder, finder.c.id == SAFETY_CASE.c.flagged_by)
        .where(SAFETY_CASE.c.program_id == program_id, *selection.conditions(SAFETY_CASE.c.opened_at))
        .order_by(SAFETY_CASE.c.id)
    )
    return connection.execute(query).all()


def _row(slug: str, row: sa.Row[Any]) -> Row:
    """Return the row of a case."""
    distress = row.kind is SafetyKind.DISTRESS
    known = (None if distress else int(element.value in row.elements) for element in ReportElement)
    return (
        slug,
        row.kind.value,
        1,
        row.id,
        row.code,
        cell(row.opened_at),
        cell(row.due_at),
        row.status.value,
        cell(row.settled_at),
        *known,
        "; ".join(row.products) or None,
        row.details.get("answers", {}).get("contact"),
        row.owner,
        row.settler,
        # A coordinator's words, of which no redacted form is kept: they are redacted as they leave.
        None if row.reason is None else redacted(row.reason),
        cell(row.flagged_at),
        row.finder,
        row.answer_id,
        row.remark_id,
        None if distress else "yes" if is_solicited(row.details) else "no",
    )
