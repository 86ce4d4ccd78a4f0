"""List safety cases in pages, by what is looked for: lists stay as quick as they are however many cases there are."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.safety.cases import UNSETTLED, Case, case_of_row, cases_with_names
from storage.schema import PROGRAM, SAFETY_CASE, SafetyKind, SafetyStatus


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which safety cases are looked for: of programs, by short name, of a kind or status, due by a moment, of a person.

    None for any; without a status those that are open, or (`only_open` False) all.
    """

    programs: Collection[str] | None = None
    kind: SafetyKind | None = None
    status: SafetyStatus | None = None
    only_open: bool = True
    due_by: datetime | None = None
    participant_id: int | None = None

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """Yield what holds of their rows."""
        if self.programs is not None:
            numbers = sa.select(PROGRAM.c.id).where(PROGRAM.c.slug.in_(self.programs))
            yield SAFETY_CASE.c.program_id.in_(numbers)
        if self.kind is not None:
            yield SAFETY_CASE.c.kind == self.kind
        if self.status is not None:
            yield SAFETY_CASE.c.status == self.status
        elif self.only_open:
            yield sa.literal_column(UNSETTLED.text)
        if self.participant_id is not None:
            yield SAFETY_CASE.c.participant_id == self.participant_id
        if self.due_by is not None:
            yield SAFETY_CASE.c.due_at <= self.due_by


def page_of_cases(
    connection: Connection, wanted: CaseFilter, *, limit: int, offset: int = 0
) -> tuple[Case, ...]:
    """Return a part of the safety cases that are looked for, the one whose report is due first before the others."""
    order = (SAFETY_CASE.c.due_at, SAFETY_CASE.c.id)
    chosen = sa.select(SAFETY_CASE.c.id).where(*wanted.conditions()).order_by(*order)
    query = cases_with_names().where(SAFETY_CASE.c.id.in_(chosen.limit(limit).offset(offset)))
    return tuple(case_of_row(row) for row in connection.execute(query))


def count_cases(connection: Connection, wanted: CaseFilter) -> int:
    """Return how many safety cases there are that are looked for."""
    query = sa.select(sa.func.count()).select_from(SAFETY_CASE).where(*wanted.conditions())
    return int(connection.scalar(query) or 0)
