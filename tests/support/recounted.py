"""Compare every table of the report, as it is measured, with its recount in plain SQL."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flows.parsing.answer_quality import known_specificity
from storage.export.measures.loop import WORDS
from storage.export.measures.measure import Figure, MeasureCell, MeasureTable, RatingChange, rows_of
from storage.export.statistics import Difference
from storage.outcomes.pars import PARS
from storage.outcomes.people_file import parse_people
from storage.outcomes.registry import ReportFacts, sections
from storage.outcomes.summary import SUMMARY
from storage.outcomes.tables.accreditation import ReportTerm
from storage.redaction import redacted
from tests.support.outcome_recounts import Beside, recount_report
from tests.support.recounts import Rows

Both = dict[str, tuple[MeasureTable, Rows, Rows]]
"""Each table by its name, with its rows as they are measured and as they are recounted."""

EXACT = 1e-9
ROUNDED = {
    "response.minutes.minutes": 0.055,
    "response.minutes.elapsed": 0.055,
    "loop.themes.specificity": 0.006,
}
"""What is rounded may be off by half of its last digit, and a little."""
INTERVAL_END = 0.005
"""The ends of an interval are found by two ways to Student's t."""


def plain(cell: MeasureCell) -> Any:
    """A cell as the recount has it."""
    match cell:
        case Figure():
            return cell.n, cell.of, cell.responders
        case RatingChange():
            return cell.people, cell.mean, cell.low, cell.high
        case Difference():
            return cell.n, cell.people, cell.mean, cell.low, cell.high
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S.%f")
        case _:
            return cell


def close(one: Any, other: Any, most: float = EXACT) -> bool:
    """Whether two cells say the same, numbers with a point up to `most`; the last two of four or more are ends."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        ends = len(one) - 2 if len(one) > 3 else len(one)
        return len(one) == len(other) and all(
            close(*pair, most if place < ends else INTERVAL_END)
            for place, pair in enumerate(zip(one, other, strict=True))
        )
    if isinstance(one, float) or isinstance(other, float):
        return None not in (one, other) and abs(one - other) <= most
    return bool(one == other)


def counted(connection: sa.Connection, table: MeasureTable, program: str) -> Rows:
    """The rows of a table by their keys."""
    keys = len(table.keys)
    found = list(table.count(connection, program))
    rows = {tuple(map(str, row[:keys])): tuple(map(plain, row[keys:])) for row in found}
    assert len(rows) == len(found), "a key tells no two rows apart"
    return rows


def report_facts(beside: Beside) -> ReportFacts:
    """What a report is made with, as its tables take it."""
    since, until = (None if day is None else date.fromisoformat(day) for day in (beside.since, beside.until))
    people = None if beside.people is None else parse_people(beside.people)
    return ReportFacts(beside.now, people, ReportTerm(since, until))


def measured_and_recounted(path: Path, program: str, beside: Beside) -> Both:
    """Count every table of a report on a database file twice."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        words = rows_of(connection, WORDS, program)
        points = {row.id: known_specificity(row.statement, row.language) for row in words}
        tables = (table for one in sections(report_facts(beside)) for table in one.tables)
        measured = {
            table.name: (table, counted(connection, table, program)) for table in (*tables, SUMMARY, PARS)
        }
    engine.dispose()
    known = {number: one for number, one in points.items() if one is not None}
    again = recount_report(path, program, known, redacted, beside)
    return {name: (table, rows, again[name]) for name, (table, rows) in measured.items()}


def wrong_cells(table: MeasureTable, rows: Rows, again: Rows) -> list[tuple[Any, ...]]:
    """The cells in which a table and its recount differ, by key and column; the rows must be the same."""
    assert sorted(rows) == sorted(again), table.name
    columns = [measure.id for measure in table.measures]
    return [
        (key, column, one, other)
        for key in rows
        for column, one, other in zip(columns, rows[key], again[key], strict=True)
        if not close(one, other, ROUNDED.get(column, EXACT))
    ]
