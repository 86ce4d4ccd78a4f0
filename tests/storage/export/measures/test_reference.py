"""The page of measures: each number can be followed to its rows by a query that runs as it is printed."""

import re
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from storage.export.measures.reference import measures_page, query_text
from storage.export.measures.registry import EVERY_TABLE

PAGE = measures_page("<!-- made -->")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "said.sqlite"
    engine = sa.create_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    return path


def test_every_measure_stands_on_the_page():
    """By its id, in a row with its definition and its source."""
    rows = dict(re.findall(r"^\| `([\w.]+)` \| (.*) \|$", PAGE, flags=re.MULTILINE))
    measures = [measure for table in EVERY_TABLE for measure in table.measures]
    assert set(rows) == {measure.id for measure in measures}
    for measure in measures:
        assert rows[measure.id].startswith(measure.definition)
        assert f"| {measure.source.value} |" in rows[measure.id]


def test_every_query_runs_as_it_is_printed(database: Path):
    """SQLite takes each block of the page, with the program as its one parameter."""
    blocks = re.findall(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(blocks) >= len(EVERY_TABLE)
    with sqlite3.connect(database) as connection:
        for block in blocks:
            assert connection.execute(block, {"program": "p"}).fetchall() == []


def test_a_query_names_the_program():
    """No value of ours stands where the program's name does."""
    for measure in (one for table in EVERY_TABLE for one in table.measures):
        assert ":program" in query_text(measure.query)
