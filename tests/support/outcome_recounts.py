"""Recount the tables of the outcomes report in plain SQL on a database file, and the older ones beside them."""

import csv
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

from tests.support import outcome_queries as sql
from tests.support.recounts import RECOUNTS, Rows, prepare, read_rows
from tests.support.summary_query import SUMMARY

QUERIES: dict[str, tuple[str, int]] = {
    "outcomes.funnel": (sql.FUNNEL, 3),
    "outcomes.commitments": (sql.COMMITMENTS, 1),
    "outcomes.barriers": (sql.BARRIER_RANKS, 1),
    "outcomes.alignment": (sql.ALIGNMENT, 1),
    "outcomes.unintended": (sql.UNINTENDED, 1),
    "outcomes.criteria": (sql.CRITERIA, 1),
    "outcomes.activities": (sql.ACTIVITIES, 1),
    "outcomes.gripp2": (sql.GRIPP2, 1),
    "outcomes.gripp2_words": (sql.GRIPP2_WORDS, 2),
    "outcomes.involvement": (sql.INVOLVEMENT, 1),
    "outcomes.patients": (sql.PATIENTS, 1),
    "outcomes.points": (sql.POINTS, 1),
    "outcomes.safety": (sql.SAFETY, 2),
    "outcomes.quality": (sql.QUALITY, 1),
    "outcomes.pars": (sql.PARS, 1),
    "outcomes.summary": (SUMMARY, 1),
}
"""What recounts each table of the report, by the table's name, and how many keys it has."""


@dataclass(frozen=True)
class Beside:
    """What a report knows beside its database: when it is made, the text of its file of people, and its term."""

    now: datetime | None = None
    people: str | None = None
    since: str | None = None
    until: str | None = None

    @property
    def parameters(self) -> dict[str, str | int | None]:
        now = None if self.now is None else self.now.strftime("%Y-%m-%d %H:%M:%S.%f")
        return {"now": now, "since": self.since, "until": self.until, "file": int(self.people is not None)}


def recount_report(
    path: Path, program: str, specific: dict[int, int], redact: Callable[[str], str], beside: Beside
) -> dict[str, Rows]:
    """Recount every table of the report. `specific` and `redact` are what is read from words by rule."""
    with sqlite3.connect(path) as connection:
        prepare(connection, specific)
        connection.create_function("redact", 1, lambda words: None if words is None else redact(words))
        columns = ("activity", "person", "function", "patient", "disclosure", "start")
        texts = ", ".join(f"{name} TEXT" for name in columns)
        connection.execute(f"CREATE TEMP TABLE people (line INTEGER, {texts})")
        lines = csv.DictReader(StringIO(beside.people or ""))
        for line in lines:
            told = [(line.get(name) or "").strip() for name in columns]
            connection.execute("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?)", [lines.line_num, *told])
        older = {name: count(connection, program) for name, count in RECOUNTS.items()}
        parameters = {"p": program, **beside.parameters}
        newer = {
            name: read_rows(connection.execute(query, parameters), keys)
            for name, (query, keys) in QUERIES.items()
        }
        return older | newer
