"""Every number of response and of the loop is counted twice: by the measures, and in plain SQL that shares no code."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flows.parsing.answer_quality import known_specificity
from storage.export.measures.loop import WORDS
from storage.export.measures.measure import Figure, MeasureCell, MeasureTable, RatingChange, rows_of
from storage.export.measures.registry import EVERY_TABLE
from storage.export.statistics import Difference
from tests.support.measured_program import PROGRAM, add_noise, simulate
from tests.support.recounts import RECOUNTS, Rows, recount

SEEDS = (3, 11)
pytestmark = pytest.mark.timeout(900)
"""A program of months is played first, which takes its time where other things run."""


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


EXACT = 1e-9
ROUNDED = {
    "response.minutes.minutes": 0.055,
    "response.minutes.elapsed": 0.055,
    "loop.themes.specificity": 0.006,
}
"""What is rounded may be off by half of its last digit, and a little."""
INTERVAL_END = 0.005
"""The ends of an interval are found by two ways to Student's t."""


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


def test_another_mean_is_not_close():
    """A mean that is off by a few hundredths is another number, and so is an end by a hundredth."""
    assert close((4, 4, 0.025, 0.001, 0.1), (4, 4, 0.025, 0.004, 0.1))
    assert not close((4, 4, 0.075, 0.0, 0.1), (4, 4, 0.025, 0.0, 0.1))
    assert not close((4, 4, 0.025, 0.0, 0.1), (4, 4, 0.025, 0.01, 0.1))


def counted(connection: sa.Connection, table: MeasureTable) -> Rows:
    """The rows of a table by their keys."""
    keys = len(table.keys)
    found = list(table.count(connection, PROGRAM))
    rows = {tuple(map(str, row[:keys])): tuple(map(plain, row[keys:])) for row in found}
    assert len(rows) == len(found), "a key tells no two rows apart"
    return rows


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated program, played once."""
    path = tmp_path_factory.mktemp("simulated") / "said.sqlite"
    simulate(path, SEEDS[0])
    return path


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"noise {seed}")
def database(
    request: pytest.FixtureRequest, simulated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The simulated program with noise."""
    path = tmp_path_factory.mktemp("measured") / "said.sqlite"
    with closing(sqlite3.connect(simulated)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    add_noise(path, request.param)
    return path


@pytest.fixture(scope="module")
def both(database: Path) -> dict[str, tuple[MeasureTable, Rows, Rows]]:
    """Each table by its name, with its rows as they are measured and as they are recounted."""
    with sa.create_engine(f"sqlite:///{database}").connect() as connection:
        words = rows_of(connection, WORDS, PROGRAM)
        points = {row.id: known_specificity(row.statement, row.language) for row in words}
        measured = {table.name: (table, counted(connection, table)) for table in EVERY_TABLE}
    again = recount(database, PROGRAM, {number: one for number, one in points.items() if one is not None})
    return {name: (table, rows, again[name]) for name, (table, rows) in measured.items()}


def test_every_table_has_a_recount():
    """No table of measures is left out."""
    assert {table.name for table in EVERY_TABLE} == set(RECOUNTS)


@pytest.mark.parametrize("name", [table.name for table in EVERY_TABLE])
def test_every_number_is_recounted(both: dict[str, tuple[MeasureTable, Rows, Rows]], name: str):
    """The same rows and the same numbers, cell by cell."""
    table, rows, again = both[name]
    assert sorted(rows) == sorted(again)
    columns = [measure.id for measure in table.measures]
    wrong = [
        (key, column, one, other)
        for key in rows
        for column, one, other in zip(columns, rows[key], again[key], strict=True)
        if not close(one, other, ROUNDED.get(column, EXACT))
    ]
    assert wrong == []


def test_the_program_has_everything(both: dict[str, tuple[MeasureTable, Rows, Rows]]):
    """The recount proves nothing of a column that is empty: each holds something in some row, but for coded words."""
    empty = {
        measure.id
        for table, rows, _ in both.values()
        for place, measure in enumerate(table.measures)
        if all(row[place] in {None, 0} for row in rows.values())
    }
    assert empty == {"loop.themes.raised_coded"}
