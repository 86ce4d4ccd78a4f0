"""What scripts are told of a commitment: its words and their day, what may get in the way, and the baseline."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from flows.engine.effects import ReviseCommitment
from storage.follow_up import waves
from storage.follow_up.commitment_facts import FACT_COLUMNS, CommitmentRow
from storage.schema import COMMITMENT
from tests.support.wave_world import MONDAY, World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def told(world: World) -> dict[str, object]:
    """The facts of the only commitment."""
    row = world.database.write_now(lambda c: c.execute(sa.select(*FACT_COLUMNS)).one())
    return CommitmentRow._make(row).facts(ZoneInfo("UTC"))


def revise(world: World, days: int, **fields: object) -> None:
    effect = ReviseCommitment(1, dict(fields))
    world.database.write_now(lambda c: waves.revise_commitment(c, effect, now=MONDAY + timedelta(days=days)))


def test_a_revision_dates_the_words(world: World) -> None:
    """A reworded statement is as old as its newest words; a new start alone leaves their day."""
    world.person().commit("Ask about pain")
    assert told(world)["made_on"] == "2026-03-02"
    revise(world, 10, statement="Ask about sleep")
    assert told(world)["made_on"] == "2026-03-12"
    revise(world, 20, statement="Ask about sleep", start_on="2026-05-01")
    assert (told(world)["made_on"], told(world)["start_on"]) == ("2026-03-12", "2026-05-01")
    revise(world, 30, statement="Ask about pain")
    assert told(world)["made_on"] == "2026-04-01"


@pytest.mark.parametrize(
    ("did", "had", "of_ten"), [(0, 10, 0), (7, 10, 7), (2, 4, None), (None, 0, None), (None, None, None)]
)
def test_a_baseline(world: World, did: int | None, had: int | None, of_ten: int | None) -> None:
    """Of ten it has a name of its own; of fewer both numbers are told; what is not known is None."""
    world.person().commit("Ask about pain")
    values = {"baseline_did": did, "baseline_had": had}
    world.database.write_now(lambda c: c.execute(COMMITMENT.update().values(**values)))
    facts = told(world)
    assert (facts["baseline_did"], facts["baseline_had"], facts["baseline_of_10"]) == (did, had, of_ten)


def test_a_commitment_of_before(world: World) -> None:
    """What was not asked when it was made is None."""
    world.person().commit("Ask about pain")
    facts = told(world)
    assert [facts[name] for name in ("if_then", "coping", "foreseen_other")] == [None] * 3
