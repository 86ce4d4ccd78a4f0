"""What clinicians report: the published studies' counts go in, and the published figures come out."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from storage.export.funnel import LATEST
from storage.export.measures.measure import Figure, MeasureCell
from storage.export.measures.statuses import IMPLEMENTED_TABLE, STATUS_TABLE
from storage.export.measures.waves import WAVE_TABLE
from storage.export.statistics import percent
from tests.support.published_studies import DAYS, STUDIES, Study, put_in


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as found:
        yield found
    engine.dispose()


def per_cent(cell: MeasureCell) -> float | None:
    assert isinstance(cell, Figure)
    return percent(cell.share.value)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name.partition(",")[0])
def test_published_figures_come_out(connection: sa.Connection, study: Study):
    """36.8 % (602 of 1,635), 33.9 % (92 of 271) and the others: at the wave, and over all waves."""
    put_in(connection, study)
    implemented = {str(row[1]): row for row in IMPLEMENTED_TABLE.count(connection, "p")}
    (wave,) = WAVE_TABLE.count(connection, "p")
    assert set(implemented) == {DAYS, LATEST}
    for name in (DAYS, LATEST):
        row = dict(zip(IMPLEMENTED_TABLE.columns, implemented[name], strict=True))
        found = row | dict(zip(WAVE_TABLE.columns, wave, strict=True))
        assert (row["committed"], row["clinicians"]) == (study.statements, study.committed)
        assert (row["responded"], row["responders"]) == (study.answered, study.responders)
        assert {column: per_cent(found[column]) for column in study.expected} == study.expected


def test_statuses_are_told_twice(connection: sa.Connection):
    """Each status has both wholes, and how many people answered for it."""
    put_in(connection, STUDIES[0])
    rows = [row for row in STATUS_TABLE.count(connection, "p") if row[1] == DAYS]
    assert rows == [
        ("", DAYS, "full", 602, 197, Figure(602, 935, 197), Figure(602, 1635, 197)),
        ("", DAYS, "partial", 333, 197, Figure(333, 935, 197), Figure(333, 1635, 197)),
    ]
