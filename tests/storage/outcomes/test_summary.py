"""The first page of the report is counted twice: by its measures, and in plain SQL that shares no code."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.export.measures.measure import Figure, MeasureCell
from storage.outcomes.report import ReportRequest, make_report
from storage.outcomes.summary import SUMMARY
from tests.support.measured_program import PROGRAM, add_noise, simulate
from tests.support.outcomes_reports import MADE_AT
from tests.support.summary_query import SUMMARY as RECOUNT

pytestmark = pytest.mark.timeout(900)
"""A program of months is played first."""


def plain(cell: MeasureCell) -> Any:
    """A cell as the recount has it."""
    return [cell.n, cell.of, cell.responders] if isinstance(cell, Figure) else cell


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated program with noise."""
    path = tmp_path_factory.mktemp("summary") / "said.sqlite"
    simulate(path, 5)
    add_noise(path, 7)
    return path


def test_every_number_is_recounted(database: Path):
    """Cell by cell; and none of them is nothing, which would prove little."""
    with sa.create_engine(f"sqlite:///{database}").connect() as connection:
        (measured,) = SUMMARY.count(connection, PROGRAM)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TEMP TABLE specific (id INTEGER PRIMARY KEY, points INTEGER)")
        (row,) = connection.execute(RECOUNT, {"p": PROGRAM})
    again = [json.loads(one) if isinstance(one, str) and one.startswith("[") else one for one in row]
    assert list(map(plain, measured)) == again
    assert all(one[0] if isinstance(one, list) else one for one in again)


def test_the_summary_agrees_with_the_sections(database: Path):
    """What is done of all that was due is what the table of statuses says, activities together."""
    with sa.create_engine(f"sqlite:///{database}").connect() as connection:
        report = make_report(connection, ReportRequest(PROGRAM, MADE_AT))
    assert report.summary is not None
    summary = dict(zip(SUMMARY.columns, report.summary.rows[0], strict=True))
    rows = [
        dict(zip(one.table.columns, row, strict=True))
        for one in report.tables
        if one.table.name == "response.implemented"
        for row in one.rows
    ]
    latest = [row["done_of_due"] for row in rows if row["wave"] == "latest"]
    done = summary["done_of_due"]
    assert isinstance(done, Figure)
    assert (done.n, done.of) == (sum(one.n for one in latest), sum(one.of for one in latest))  # type: ignore[union-attr]
