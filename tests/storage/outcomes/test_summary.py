"""The first page of the report agrees with the sections behind it; `tests/stories` counts it a second time."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.export.measures.measure import Figure, MeasureCell
from storage.outcomes.report import OutcomesReport, ReportRequest, make_report
from storage.outcomes.summary import SUMMARY
from tests.support.measured_program import PROGRAM, add_noise, simulate
from tests.support.outcomes_reports import MADE_AT

pytestmark = pytest.mark.timeout(900)
"""A program of months is played first."""
Rows = list[dict[str, MeasureCell]]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> OutcomesReport:
    """The report of a simulated program with noise."""
    path: Path = tmp_path_factory.mktemp("summary") / "said.sqlite"
    simulate(path, 5)
    add_noise(path, 7)
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        return make_report(connection, ReportRequest(PROGRAM, MADE_AT))


def rows(report: OutcomesReport, name: str) -> Rows:
    """The rows of a table of the report by their columns."""
    [found] = [one for one in report.tables if one.table.name == name]
    return [dict(zip(found.table.columns, row, strict=True)) for row in found.rows]


def test_what_was_done_is_what_the_table_says(report: OutcomesReport):
    """Of all that was due, activities together."""
    [summary] = rows(report, SUMMARY.name)
    latest = [one["done_of_due"] for one in rows(report, "response.implemented") if one["wave"] == "latest"]
    done = summary["done_of_due"]
    assert isinstance(done, Figure)
    assert done.n > 0
    figures = [one for one in latest if isinstance(one, Figure)]
    assert (done.n, done.of) == (sum(one.n for one in figures), sum(one.of for one in figures))


def test_what_was_heard_and_said_is_what_the_loop_says(report: OutcomesReport):
    """Commitments theme by theme are all of them; no theme was raised by more people than were heard."""
    [summary] = rows(report, SUMMARY.name)
    loop = rows(report, "loop.themes")
    assert summary["commitments"] == sum(
        one["commitments"] for one in loop if isinstance(one["commitments"], int)
    )
    raised = [one["raised"] for one in loop if isinstance(one["raised"], int)]
    heard = summary["heard"]
    assert isinstance(heard, int)
    assert max(raised) <= heard <= sum(raised)
