"""A rehearsal's cases by the simulation's own truth: all are counted, each under what its words were meant to tell."""

import asyncio
from pathlib import Path

import pytest

from bot.simulation.behaviour import Behaviour
from bot.simulation.causes import CaseCauses, count_causes
from bot.simulation.run import Simulation, SimulationPlan, simulated_identity
from bot.simulation.words import Matter
from flows.program.loader import load_program, program_paths
from flows.script.loader import library
from storage.database.connection import Database


def _rehearsed(path: Path, behaviour: Behaviour) -> tuple[CaseCauses, dict[str, int]]:
    plan = SimulationPlan(patients=8, hcps=0, months=1, seed=3, behaviour=behaviour)
    identity = simulated_identity(plan.seed)
    with Database.open(path, identity=identity, durable=False, threads=False) as database:
        simulation = Simulation(database, library(), load_program(program_paths()[0]), plan)
        asyncio.run(simulation.run(lambda _share: None))
        counted = {
            table: asyncio.run(
                database.read(lambda c, t=table: c.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar())
            )
            for table in ("safety_case", "text_signal")
        }
        return asyncio.run(database.read(count_causes)), counted


@pytest.mark.parametrize("matter", ["event", "risk", "ordinary"])
def test_every_case_counts_for_what_was_meant(tmp_path: Path, matter: str):
    """Where all tell of one matter at each question, each case and hint is of that matter, or of no other's words."""
    behaviour = Behaviour(
        starts=1,
        agrees=1,
        breaks_off=0,
        stops=0,
        tells_of_event=float(matter == "event"),
        tells_of_risk=float(matter == "risk"),
        medicine_weights={"no": 1.0},
    )
    causes, rows = _rehearsed(tmp_path / "one.sqlite", behaviour)
    counts = causes.by_matter
    assert sum(count.cases + count.asked for count in counts.values()) == rows["safety_case"]
    assert sum(count.read_ahead for count in counts.values()) == rows["text_signal"]
    meant = Matter(matter)
    for other in {Matter.EVENT, Matter.RISK} - {meant}:
        assert (counts[other].texts, counts[other].cases) == (0, 0)
    assert counts[meant].texts > 0
    if meant is not Matter.ORDINARY:
        noticed = counts[meant].cases + counts[meant].read_ahead
        assert noticed > 0
        assert counts[meant].sayings <= noticed
    assert causes.of_no_event.n == counts[Matter.ORDINARY].cases
