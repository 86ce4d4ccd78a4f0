"""Every number that is drawn, and every cell of the helper for PARS, is counted twice: once in plain SQL."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.export.measures.measure import Figure
from storage.outcomes.figures.data import (
    PATIENTS,
    barrier_figure,
    funnel_figure,
    response_figure,
    status_figure,
)
from storage.outcomes.figures.loop_data import loop_figure
from storage.outcomes.figures.sankey import bands_of
from storage.outcomes.figures.wording import list_labels, wave_label
from storage.outcomes.pars import PARS
from storage.outcomes.tables.funnel import FUNNEL, due_and_answered
from tests.support import figure_queries as sql
from tests.support.measured_program import PROGRAM, add_noise, simulate

SEEDS = (3, 11)
pytestmark = pytest.mark.timeout(900)
"""A program of months is played first, which takes its time where other things run."""


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


@pytest.fixture
def connection(database: Path) -> Iterator[sa.Connection]:
    engine = sa.create_engine(f"sqlite:///{database}")
    with engine.connect() as found:
        yield found
    engine.dispose()


def again(database: Path, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query in plain SQL."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, {"p": PROGRAM}).fetchall()


def test_bands_of_each_wave(database: Path, connection: sa.Connection):
    """As many commitments in each band, and as many people who answered; what is due and what is not are all."""
    found = status_figure(connection, PROGRAM).waves
    counts = {(wave.label, band.code): band.n for wave in found for band in wave.bands if band.n}
    counts |= {(wave.label, "not_due"): wave.not_due for wave in found if wave.not_due}
    assert counts == {(wave_label(wave), code): n for wave, code, n in again(database, sql.BANDS)}
    people = {wave.label: wave.responders for wave in found}
    assert people == {wave_label(wave): n for wave, n in again(database, sql.WAVE_PEOPLE)}


def test_ways_from_theme_to_status(database: Path, connection: sa.Connection):
    """The same ways with the same numbers; each confirmed commitment in one of them, and no band loses any."""
    figure = loop_figure(connection, PROGRAM)
    ways = {tuple(place.code for place in path.places): path.n for path in figure.paths}
    assert ways == {tuple(row[:4]): row[4] for row in again(database, sql.WAYS)}
    assert len(ways) == len(figure.paths)
    newest = status_figure(connection, PROGRAM).waves[-1]
    assert figure.commitments == newest.due + newest.not_due
    assert figure.responders == newest.responders
    endings = Counter[str]()
    for band in bands_of(figure):
        if band.column == 2:
            endings[band.end] += band.n
    assert {band.code: band.n for band in newest.bands if band.n} == {
        code: n for code, n in endings.items() if code != "not_due"
    }


def test_answers_by_day(database: Path, connection: sa.Connection):
    """Who was due at each wave, and the day of each answer."""
    due: Counter[str] = Counter()
    days: dict[str, list[int]] = {}
    for wave, _, day in again(database, sql.DAYS):
        due[wave_label(wave)] += 1
        days.setdefault(wave_label(wave), []).extend([] if day is None else [day])
    found = {one.label: one for one in response_figure(connection, PROGRAM).series}
    patients = found.pop(PATIENTS)
    assert patients.due >= patients.answered > 0
    assert {label: (one.due, list(one.days)) for label, one in found.items()} == {
        label: (due[label], sorted(days[label])) for label in due
    }
    all_due, answered = due_and_answered(connection, PROGRAM)
    for wave in ("30", "60", "90"):
        one = found[wave_label(wave)]
        assert (one.due, one.answered) == (len(all_due[wave]), len(answered[wave]))


def test_barriers(database: Path, connection: sa.Connection):
    """As many clinicians who foresaw, and who met, each barrier."""
    labels = list_labels({}, "barriers")
    found = {(one.label, one.foreseen, one.met) for one in barrier_figure(connection, PROGRAM).barriers}
    assert found == {(labels.get(code, code), *counts) for code, *counts in again(database, sql.BARRIERS)}


def test_the_funnel_is_that_of_its_table(connection: sa.Connection):
    """The rows of all clinicians together, one after the other; the table is recounted elsewhere."""
    rows = [row for row in FUNNEL.count(connection, PROGRAM) if row[0] == "all"]
    steps = funnel_figure(connection, PROGRAM).steps
    assert [one.people for one in steps] == [row[3] for row in rows]
    shares = [row[5] if isinstance(row[5], Figure) else row[4] for row in rows]
    assert [one.share for one in steps] == shares


def test_the_helper_for_pars(database: Path, connection: sa.Connection):
    """Cell by cell, and in the order of the program's file."""
    assert list(PARS.count(connection, PROGRAM)) == again(database, sql.PARS)
