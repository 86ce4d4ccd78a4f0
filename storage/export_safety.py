"""The reconciliation of safety cases: every case of a programme, and a row for each kind of which there was none.

Codes and times only: what was said is in the answers, and what was answered to our questions stays with the case.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.safety import Element
from storage.export_tables import PARTICIPANT, PROGRAM, Row, Selection, Table, cell
from storage.models import SafetyKind
from storage.safety_cases import CASE

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
    *(element.value for element in Element),
    "products",
    "may_be_contacted",
)


def safety(connection: Connection, selection: Selection) -> Table:
    """One row a case, oldest first, `cases` being 1; where a programme had none of a kind, one row with 0."""
    rows = [
        row
        for program in _programs(connection, selection)
        for row in _of_program(connection, *program, selection)
    ]
    return Table("safety", COLUMNS, rows, len(rows))


def _programs(connection: Connection, selection: Selection) -> list[tuple[int, str]]:
    query = sa.select(PROGRAM.c.id, PROGRAM.c.slug).order_by(PROGRAM.c.slug)
    if selection.program is not None:
        query = query.where(PROGRAM.c.slug == selection.program)
    return [(row.id, row.slug) for row in connection.execute(query)]


def _of_program(connection: Connection, program_id: int, slug: str, selection: Selection) -> Iterator[Row]:
    query = (
        sa.select(CASE, PARTICIPANT.c.code)
        .join(PARTICIPANT, PARTICIPANT.c.id == CASE.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CASE.c.program_id)
        .where(CASE.c.program_id == program_id, *selection.conditions(CASE.c.opened_at))
        .order_by(CASE.c.id)
    )
    cases = connection.execute(query).all()
    for kind in SafetyKind:
        mine = [row for row in cases if row.kind is kind]
        yield from (_row(slug, row) for row in mine)
        if not mine:
            yield (slug, kind.value, 0, *(None for _ in COLUMNS[3:]))


def _row(slug: str, row: sa.Row[Any]) -> Row:
    distress = row.kind is SafetyKind.DISTRESS
    known = (None if distress else int(element.value in row.elements) for element in Element)
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
    )
