"""A rehearsal of a program: the same story for the same seed, and a database that everything else reads."""

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.root import app
from bot.simulation.behaviour import Behaviour
from bot.simulation.run import SimulationPlan
from tests.support.simulated import content_of, simulate_into


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("simulated") / "seven.sqlite"
    simulate_into(path)
    return path


def test_the_same_seed_gives_the_same_content(simulated: Path, tmp_path: Path):
    """Two runs with one seed leave the same rows in every table; another seed does not."""
    again, other = tmp_path / "again.sqlite", tmp_path / "other.sqlite"
    simulate_into(again)
    simulate_into(other, SimulationPlan(patients=6, hcps=10, months=5, seed=8))
    assert content_of(simulated) == content_of(again)
    assert content_of(simulated)["answer"] != content_of(other)["answer"]


def test_the_whole_loop_is_played(simulated: Path):
    """Interviews, commitments, waves, answers and silences are all there, and no turn was put aside."""
    content = content_of(simulated)
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
    simulate_into(path, SimulationPlan(patients=0, hcps=4, months=5, seed=1, behaviour=silent))
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
