"""The sections of the report: all ten in order, each number with its place on the page of measures."""

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from storage.export.measures.measure import Figure
from storage.export.measures.reference import measures_page, query_text
from storage.export.measures.registry import EVERY_TABLE
from storage.export.statistics import percent
from storage.outcomes.registry import NEW_TABLES, SECTIONS, TEAM_ONLY, ReportFacts
from tests.support.published_studies import DAYS, STUDIES, Study, put_in
from tests.support.report_rows import put_in_everything, small_report

PAGE = measures_page("<!-- made -->", NEW_TABLES)


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as found:
        yield found
    engine.dispose()


def test_ten_sections_in_order() -> None:
    """T1 to T10, each with a title, a line that says what it tells, and a table."""
    assert [one.id for one in SECTIONS] == [f"T{number}" for number in range(1, 11)]
    for one in SECTIONS:
        assert one.title
        assert one.opening.endswith(".")
        assert one.tables


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", 9), ("Pacific/Auckland", 10), ("America/Los_Angeles", 9), ("Asia/Kolkata", 10)]
)
def test_the_day_of_a_report_is_the_programs(zone: str, day: int) -> None:
    """By its time zone, and not by UTC: what is held today there is held."""
    facts = ReportFacts(datetime(2026, 9, 9, 20, 30, tzinfo=UTC), zone=ZoneInfo(zone))
    assert facts.day == date(2026, 9, day)
    assert ReportFacts().day is None


def test_every_table_is_in_one_section() -> None:
    """Each has its one place, and none of the older ones is left out."""
    names = [table.name for one in SECTIONS for table in one.tables]
    assert len(names) == len(set(names))
    assert set(names) == {table.name for table in (*EVERY_TABLE, *NEW_TABLES)}
    assert set(names) >= TEAM_ONLY


def test_ids_are_unique_and_every_share_names_its_whole() -> None:
    """An id is its table and its column, once; each measure says what it is, and a share of what."""
    measures = [(table, one) for table in (*EVERY_TABLE, *NEW_TABLES) for one in table.measures]
    assert len({one.id for _, one in measures}) == len(measures)
    for table, one in measures:
        assert one.id == f"{table.name}.{one.column}"
        assert one.definition.endswith(".")
        assert one.numerator
        assert one.denominator != ""


def test_every_measure_stands_on_the_page() -> None:
    """By its id, in a row with its definition and its source."""
    rows = dict(re.findall(r"^\| `([\w.]+)` \| (.*) \|$", PAGE, flags=re.MULTILINE))
    for measure in (one for table in NEW_TABLES for one in table.measures):
        assert rows[measure.id].startswith(measure.definition)
        assert f"| {measure.source.value} |" in rows[measure.id]


def test_every_query_runs_as_it_is_printed(tmp_path: Path) -> None:
    """SQLite takes each block of the page, with the program as its one parameter, and finds what there is."""
    path = tmp_path / "said.sqlite"
    with small_report(path) as rows:
        put_in_everything(rows)
    with sqlite3.connect(path) as connection:
        for text in {query_text(one.query) for table in NEW_TABLES for one in table.measures}:
            assert text.count(":program") == 1
            assert text in PAGE
            assert connection.execute(text, {"program": "p"}).fetchall() != []
            assert connection.execute(text, {"program": "nothing"}).fetchall() == []


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name.partition(",")[0])
def test_published_figures_come_out_of_the_report(connection: sa.Connection, study: Study) -> None:
    """36.8 % (602 of 1,635) and 33.9 % (92 of 271), and how many of those who committed answered, in T1 and T3."""
    put_in(connection, study)
    told = {
        measure.column: cell
        for section in SECTIONS
        if section.id == "T3"
        for table in section.tables
        for row in table.count(connection, "p")
        if row[1] == DAYS
        for measure, cell in zip(table.measures, row[len(table.keys) :], strict=True)
    }
    funnel = {row[2]: row for row in SECTIONS[0].tables[0].count(connection, "p") if row[0] == "all"}
    told["answered_of_due"] = funnel[f"answered_{DAYS}"][-1]
    found = {column: told[column] for column in study.expected}
    shares = {name: percent(cell.share.value) for name, cell in found.items() if isinstance(cell, Figure)}
    assert shares == study.expected
    assert funnel["committed"][3] == study.committed
