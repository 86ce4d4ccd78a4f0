"""`said program diff`: what it says of a program file and of a script, with the translations beside it or as loaded."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.root import app
from flows.program.loader import program_paths
from flows.script.loader import LIBRARY


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["program", *words])


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A database with the shipped program, in which nothing has happened yet."""
    path = str(tmp_path / "said.sqlite")
    assert run("load", str(program_paths()[0]), "-d", path).exit_code == 0
    return path


def test_a_new_title_is_told_and_changes_nothing(database: str, tmp_path: Path) -> None:
    """In words and as JSON; a file without a word on medicine is told that it cannot be loaded."""
    [shipped] = [path for path in program_paths() if path.stem == "myeloma"]
    text = shipped.read_text(encoding="utf-8")
    file = tmp_path / "new.yaml"
    file.write_text(text.replace("title: Multiple myeloma", "title: Another"), encoding="utf-8")
    before = run("list", "--json", "-d", database).output
    told = run("diff", str(file), "--keep-translations", "-d", database).output
    assert "title: Multiple myeloma → Another." in told
    asked = json.loads(run("diff", str(file), "-d", database, "--json").output)
    assert asked["settings"] == [{"key": "title", "before": "Multiple myeloma", "after": "Another"}]
    lines = [line for line in text.splitlines() if not line.startswith("ask_about_medicine")]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert "It cannot be loaded" in run("diff", str(file), "-d", database).output
    assert run("list", "--json", "-d", database).output == before


def test_a_script_says_which_talks_keep_theirs(database: str) -> None:
    """One that nobody has begun is new."""
    told = run("diff", str(LIBRARY / "patient_interview.yaml"), "-d", database).output
    assert "patient_interview is new" in told
