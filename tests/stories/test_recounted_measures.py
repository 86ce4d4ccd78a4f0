"""Every number of response, of the loop and of the report is counted twice: by the measures, and in plain SQL.

The SQL shares no code with what it checks.
"""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.export.measures.registry import EVERY_TABLE
from storage.outcomes.registry import REPORT_TABLES
from tests.support.measured_program import PROGRAM, add_noise, simulate
from tests.support.outcome_recounts import QUERIES, Beside
from tests.support.recounted import Both, close, measured_and_recounted, wrong_cells
from tests.support.recounts import RECOUNTS
from tests.support.report_noise import PEOPLE, add_report_noise

SEEDS = (3, 11)
NAMES = [table.name for table in (*EVERY_TABLE, *REPORT_TABLES)]
BESIDE = Beside(datetime(2026, 9, 1, tzinfo=UTC), PEOPLE)
pytestmark = pytest.mark.timeout(900)
"""A program of months is played first, which takes its time where other things run."""


def test_another_mean_is_not_close():
    """A mean that is off by a few hundredths is another number, and so is an end by a hundredth."""
    assert close((4, 4, 0.025, 0.001, 0.1), (4, 4, 0.025, 0.004, 0.1))
    assert not close((4, 4, 0.075, 0.0, 0.1), (4, 4, 0.025, 0.0, 0.1))
    assert not close((4, 4, 0.025, 0.0, 0.1), (4, 4, 0.025, 0.01, 0.1))


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
    """The simulated program with noise: with a codebook and two coders, too."""
    path = tmp_path_factory.mktemp("measured") / "said.sqlite"
    with closing(sqlite3.connect(simulated)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    add_noise(path, request.param)
    add_report_noise(path, request.param)
    return path


@pytest.fixture(scope="module")
def both(database: Path) -> Both:
    """Each table by its name, measured and recounted."""
    return measured_and_recounted(database, PROGRAM, BESIDE)


def test_every_table_has_a_recount():
    """No table of measures is left out."""
    assert set(NAMES) == {*RECOUNTS, *QUERIES}


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_recounted(both: Both, name: str):
    """The same rows and the same numbers, cell by cell."""
    assert wrong_cells(*both[name]) == []


@pytest.mark.parametrize("beside", [Beside(), Beside(since="2026-06-01", until="2026-06-30")], ids=repr)
def test_what_stands_beside_is_recounted(database: Path, beside: Beside):
    """Without an hour and a file of people, and with a term that holds one activity."""
    found = measured_and_recounted(database, PROGRAM, beside)
    assert [wrong for one in found.values() for wrong in wrong_cells(*one)] == []


def test_the_program_has_everything(both: Both):
    """The recount proves nothing of a column that is empty: each holds something in some row."""
    empty = {
        measure.id
        for table, rows, _ in both.values()
        for place, measure in enumerate(table.measures)
        if all(row[place] in {None, 0, ""} for row in rows.values())
    }
    assert {name for name in empty if not name.startswith("outcomes.pars.")} == set(), (
        "PARS has cells to be filled"
    )


def test_nothing_tells_who_somebody_is(both: Both, database: Path):
    """No code of a participant, no address and no identifier is in any cell of the report."""
    with closing(sqlite3.connect(database)) as connection:
        codes = {code for (code,) in connection.execute("SELECT code FROM participant")}
    cells = [str(cell) for _, rows, _ in both.values() for key, row in rows.items() for cell in (*key, *row)]
    mail = re.compile(r"\w@\w")
    assert [cell for cell in cells if mail.search(cell) or any(code in cell for code in codes)] == []
    assert any("[email]" in cell for cell in cells)
