"""Hand out supporters' cuts, and keep what was shown: a second one must not tell, by the first, of fewer than five.

What is kept is what the supporter has already: the tables as they were shown, and of each number that can be read or
worked out by them on how many people it rests. Nothing is kept of who these are, or of what was hidden. So there is
nothing to erase or to purge here, and the same tables can be handed out again.

`prepare_cut` counts a cut on the connection of a cohort, and compares it; `hand_out` compares it again in the
transaction in which it is kept, since another may have been handed out meanwhile.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.roles import Role
from storage.database import audit
from storage.errors import StorageError
from storage.export.funnel import LATEST, funnels
from storage.export.measures.measure import (
    Figure,
    Measure,
    MeasureCell,
    MeasureRow,
    MeasureSource,
    MeasureTable,
)
from storage.export.small_cells import HiddenMark
from storage.export.tables.table import ExportSelection
from storage.outcomes.cohort import EVERYBODY, CohortSpan, joined_people
from storage.outcomes.cut_changes import KnownCut, counted_roles, small_change
from storage.outcomes.supporters import (
    NOTE,
    SUPPORTER_TABLES,
    Cells,
    CutTable,
    export_cells,
    supporter_view,
)
from storage.programs import programs
from storage.schema import COORDINATOR, SUPPORTER_CUT, AuditKind, CutKind

_MARK: Final = "hidden"


class CutError(StorageError):
    """There is no such program, or no such cut of it."""


@dataclass(frozen=True, slots=True)
class CutResult:
    """A supporter's cut that may be handed out. `number` is its number, and None until it was.

    `tables` are empty for `said export`, which writes its own. `handed_at` is the moment as of which it was counted:
    whoever joined before is in it, and whoever joined later is not, however long it took until it was kept.
    """

    program: str
    span: CohortSpan
    kind: CutKind
    tables: tuple[CutTable, ...]
    cells: Cells
    handed_at: datetime
    number: int | None = None

    @property
    def hash(self) -> str:
        """Return the SHA-256 of what is shown, in hexadecimal: the same for the same cut of unchanged data."""
        days = [None if day is None else day.isoformat() for day in (self.span.since, self.span.until)]
        told = [self.program, self.kind.value, days, tables_as_json(self.tables), _cells_as_json(self.cells)]
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CutRecord:
    """A cut that was handed out. `handed_by` is the code of the coordinator who did; None where none was named."""

    number: int
    kind: CutKind
    span: CohortSpan
    handed_at: datetime
    handed_by: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class CutRefused:
    """A cut that may not be handed out, since some that were would tell by it of fewer than five people.

    `places` are the cells in which they would, such as `commitments/spring/responded/full`.
    """

    program: str
    kind: CutKind
    earlier: tuple[CutRecord, ...]
    places: tuple[str, ...]

    @property
    def why(self) -> str:
        """Return why it is refused, in English."""
        numbers = " and ".join(f"{one.number} of {one.handed_at:%Y-%m-%d}" for one in self.earlier)
        return (
            f"beside what was handed out before (cut {numbers}) it would tell of fewer than five people, in"
            f" {len(self.places)} of its numbers, such as {self.places[0]}"
        )

    @property
    def remedy(self) -> str:
        """Return what to do, in English: `--again` knows reports alone, and an export is of no span."""
        reports = [one.number for one in self.earlier if one.kind is CutKind.REPORT]
        kept = f"hand out again the files that were kept of cut {self.earlier[-1].number}"
        first = f"hand out cut {reports[-1]} again as it was" if reports else kept
        longer = "take a longer span of days, " if self.kind is CutKind.REPORT else ""
        return f"{first}, {longer}or wait until more people have answered"

    def __str__(self) -> str:
        """Return both."""
        return f"{self.why}; {self.remedy}"


def prepare_cut(
    connection: Connection, program: str, span: CohortSpan = EVERYBODY, *, now: datetime
) -> CutResult | CutRefused:
    """
    Count a supporter's cut of a program, by its short name, and compare it with those that were handed out.

    `connection` is the one of `cohort_connection` for the same program and span; `now` was read once it was there,
    within its snapshot. Nothing is kept.

    Raises:
        CutError: the program is unknown.
    """
    view = supporter_view(connection, program)
    return _compared(connection, CutResult(program, span, CutKind.REPORT, view.tables, view.cells, now))


def prepare_export_cut(connection: Connection, program: str, *, now: datetime) -> CutResult | CutRefused:
    """
    Compare what `said export --for supporters` would show of a program with what was handed out.

    `now` was read within the snapshot of the connection.

    Raises:
        CutError: the program is unknown.
    """
    found = [wave for wave in funnels(connection, ExportSelection(program)) if wave.wave == LATEST]
    return _compared(connection, CutResult(program, EVERYBODY, CutKind.EXPORT, (), export_cells(found), now))


def hand_out(
    connection: Connection, cut: CutResult, *, now: datetime, by: int | None = None
) -> CutResult | CutRefused:
    """
    Keep a cut as handed out, in the caller's transaction, and return it with its number; `by` is a coordinator's.

    It is kept as of the moment at which it was counted. One that was handed out just so before keeps its number. The
    audit trail tells of each time, as of `now`.

    Raises:
        CutError: the program is unknown.
    """
    found = _compared(connection, cut)
    if isinstance(found, CutRefused):
        return found
    if found.number is None:
        values = {
            "program_id": _program(connection, cut.program),
            "kind": cut.kind,
            "since": cut.span.since,
            "until": cut.span.until,
            "shown_tables": tables_as_json(cut.tables),
            "shown_cells": _cells_as_json(cut.cells),
            "hash": cut.hash,
            "handed_by": by,
            "handed_at": cut.handed_at,
        }
        number = connection.execute(SUPPORTER_CUT.insert().values(**values).returning(SUPPORTER_CUT.c.id))
        found = replace(cut, number=int(number.scalar_one()))
    told = {"cut": found.number, "program": cut.program, "for": "supporters", "hash": cut.hash}
    if by is not None:
        told["by"] = connection.scalar(sa.select(COORDINATOR.c.code).where(COORDINATOR.c.id == by))
    audit.record(connection, AuditKind.EXPORT, participant_id=None, now=now, **told)
    return found


def handed_out(connection: Connection, program: str) -> tuple[CutRecord, ...]:
    """
    Return the cuts of a program that were handed out, the first one first.

    Raises:
        CutError: the program is unknown.
    """
    return tuple(_record(row) for row in _rows(connection, program))


def again(connection: Connection, program: str, number: int) -> CutResult:
    """
    Return a cut of a program as it was handed out, to be written and handed out once more.

    Raises:
        CutError: the program is unknown, or has no cut of that number with tables.
    """
    for row in _rows(connection, program):
        if row.id == number and row.kind is CutKind.REPORT:
            tables = tuple(table_of_json(one) for one in row.shown_tables)
            return CutResult(program, _span(row), row.kind, tables, _cells(row), row.handed_at, row.id)
    raise CutError(f"programme {program!r} has no report for supporters of number {number}")


def _compared(connection: Connection, cut: CutResult) -> CutResult | CutRefused:
    """Return a cut that may be handed out, with its number if it was already; else why it may not."""
    rows = _rows(connection, cut.program)
    for row in rows:
        if (row.kind, row.hash) == (cut.kind, cut.hash):
            return replace(cut, number=row.id, handed_at=row.handed_at)
    joined = joined_people(connection, cut.program)
    for roles in dict.fromkeys(counted_roles(place) for place in cut.cells):
        row_of = joined.of_roles(roles)
        known = [
            KnownCut(
                *row_of.stretch(_span(row), row.handed_at),
                _of_roles(_cells(row), roles),
                row_of.is_open(_span(row), row.handed_at),
            )
            for row in rows
        ]
        found = small_change(KnownCut(*row_of.stretch(cut.span), _of_roles(cut.cells, roles)), known)
        if found is not None:
            earlier = tuple(_record(rows[place]) for place in found.cuts)
            return CutRefused(cut.program, cut.kind, earlier, found.places)
    return cut


def _of_roles(cells: Cells, roles: frozenset[Role]) -> Cells:
    """Return the cells that count people of just these roles."""
    return {place: cell for place, cell in cells.items() if counted_roles(place) == roles}


def _program(connection: Connection, slug: str) -> int:
    found = programs.find(connection, slug)
    if found is None:
        raise CutError(f"there is no programme {slug!r}; see `said program list`")
    return found.id


def _rows(connection: Connection, program: str) -> Sequence[sa.Row[Any]]:
    """Return the kept rows of a program's cuts, the first one first, each with the code of who handed it out."""
    query = (
        sa.select(SUPPORTER_CUT, COORDINATOR.c.code)
        .outerjoin(COORDINATOR, COORDINATOR.c.id == SUPPORTER_CUT.c.handed_by)
        .where(SUPPORTER_CUT.c.program_id == _program(connection, program))
        .order_by(SUPPORTER_CUT.c.id)
    )
    return connection.execute(query).all()


def _record(row: sa.Row[Any]) -> CutRecord:
    return CutRecord(row.id, row.kind, _span(row), row.handed_at, row.code, row.hash)


def _span(row: sa.Row[Any]) -> CohortSpan:
    since: date | None = row.since
    return CohortSpan(since, row.until)


def _cells(row: sa.Row[Any]) -> Cells:
    return {place: (value[0], value[1], value[2]) for place, value in row.shown_cells.items()}


def _cells_as_json(cells: Cells) -> dict[str, list[int]]:
    return {place: list(cells[place]) for place in sorted(cells)}


def tables_as_json(tables: Sequence[CutTable]) -> list[dict[str, Any]]:
    """Return tables as JSON values, with all that is needed to show them again."""
    return [
        {
            "table": one.table.name,
            "title": one.table.title,
            "note": one.table.note,
            "keys": list(one.table.keys),
            "columns": [measure.column for measure in one.table.measures],
            "rows": [[_cell_as_json(cell) for cell in row] for row in one.rows],
        }
        for one in tables
    ]


def _cell_as_json(cell: MeasureCell) -> Any:
    """Return a cell as a JSON value; a mark and a share as objects."""
    match cell:
        case HiddenMark():
            return {_MARK: cell.value}
        case Figure():
            return {"n": cell.n, "of": cell.of}
        case None | str() | int() | float():
            return cell
        case _:
            raise TypeError(f"{cell!r} is in no supporter's cut")


def _cell_of_json(value: Any) -> MeasureCell:
    """Return a cell of what is kept.

    Of a share it is not kept how many people answered, which supporters do not see: its whole stands for them, and is
    shown nowhere as people.
    """
    if isinstance(value, dict):
        return HiddenMark(value[_MARK]) if _MARK in value else Figure(value["n"], value["of"], value["of"])
    kept: MeasureCell = value
    return kept


def table_of_json(kept: Mapping[str, Any]) -> CutTable:
    """Return a table as it was shown, with the definitions of today where its columns are those of today."""
    rows: tuple[MeasureRow, ...] = tuple(tuple(map(_cell_of_json, row)) for row in kept["rows"])
    today = {table.name: table for table in SUPPORTER_TABLES}.get(kept["table"])
    known = {} if today is None else {measure.column: measure for measure in today.measures}
    return CutTable(
        MeasureTable(
            kept["table"],
            kept["title"],
            tuple(kept["keys"]),
            tuple(known.get(column) or _unknown(kept["table"], column) for column in kept["columns"]),
            kept.get("note", NOTE),
            lambda _connection, _program: rows,
        ),
        rows,
    )


def _unknown(table: str, column: str) -> Measure:
    """Return a measure that is not known any more: its definition stands in the documents of its time."""
    words = "As it was defined when this was handed out."
    return Measure(f"{table}.{column}", words, words, None, MeasureSource.SYSTEM, sa.select(sa.null()))
