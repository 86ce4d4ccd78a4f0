"""A rehearsal of a program: the same story for the same seed, and a database that everything else reads."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.root import app
from bot.simulation.behaviour import Behaviour
from bot.simulation.run import Simulation, SimulationPlan, simulated_identity
from flows.program.loader import load_program, program_paths
from flows.script.loader import library
from storage.database.connection import Database

SMALL = SimulationPlan(patients=6, hcps=10, educators=12, months=5, seed=7)


def _simulate(path: Path, plan: SimulationPlan = SMALL) -> None:
    identity = simulated_identity(plan.seed)
    with Database.open(
        path, identity=identity, durable=False, threads=False
    ) as database:  # as the command does
        simulation = Simulation(database, library(), load_program(program_paths()[0]), plan)
        asyncio.run(simulation.run(lambda _share: None))


def _content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(path) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("simulated") / "seven.sqlite"
    _simulate(path)
    return path


def test_the_same_seed_gives_the_same_content(simulated: Path, tmp_path: Path):
    """Two runs with one seed leave the same rows in every table; another seed does not."""
    again, other = tmp_path / "again.sqlite", tmp_path / "other.sqlite"
    _simulate(again)
    _simulate(other, SimulationPlan(patients=6, hcps=10, months=5, seed=8))
    assert _content(simulated) == _content(again)
    assert _content(simulated)["answer"] != _content(other)["answer"]


def test_the_whole_loop_is_played(simulated: Path):
    """Interviews, commitments, waves, answers and silences are all there, and no turn was put aside."""
    content = _content(simulated)
    assert all(content[table] for table in ("answer", "commitment", "follow_up", "implementation", "contact"))
    with sqlite3.connect(simulated) as connection:
        assert connection.execute("SELECT count(*) FROM inbox WHERE error IS NOT NULL").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM inbox WHERE handled_at IS NULL").fetchone() == (0,)
        flows = {flow for (flow,) in connection.execute("SELECT DISTINCT flow FROM conversation")}
        first = {"patient_interview", "hcp_commitment", "hcp_follow_up"}
        partners = {"best_practice", "best_practice_cosign", "best_practice_answer"}
        assert flows - {"commitment_reask"} == first | partners | {"patient_follow_up", "commitment_nudge"}


def test_people_who_never_answer_a_wave_are_no_response(tmp_path: Path):
    """With nobody answering, every wave that was sent closes as no response, after two reminders."""
    silent = Behaviour(
        answers_wave=0, answers_reminder=0, breaks_off=0, stops=0, starts=1, agrees=1, commits=1
    )
    path = tmp_path / "silent.sqlite"
    _simulate(path, SimulationPlan(patients=0, hcps=4, months=5, seed=1, behaviour=silent))
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT DISTINCT status, reminded FROM follow_up").fetchall()
    assert rows == [("no_response", 2)]


def test_the_command_leaves_a_database_that_other_commands_read(tmp_path: Path):
    """`said simulate` refuses to overwrite, says what it made, and `said export` and `said db check` read it."""
    path = tmp_path / "rehearsal.sqlite"
    command = [
        "simulate",
        "myeloma",
        "--patients",
        "2",
        "--hcps",
        "3",
        "--months",
        "2",
        "--database",
        str(path),
    ]
    made = CliRunner().invoke(app, [*command, "--json"])
    assert json.loads(made.stdout)["participants"] > 0
    with pytest.raises(Exception, match="there already"):
        CliRunner().invoke(app, command, catch_exceptions=False)
    assert CliRunner().invoke(app, ["db", "check", "--database", str(path)]).exit_code == 0
    exported = CliRunner().invoke(app, ["export", "--to", str(tmp_path / "out"), "--database", str(path)])
    assert exported.exit_code == 0, exported.output
    assert (tmp_path / "out" / "commitments.csv").exists()
