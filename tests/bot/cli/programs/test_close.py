"""`said program close` and `archive`: what they ask, and when they refuse."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.root import app
from flows.program.loader import program_paths


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["program", *words], input=typed)


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A database with the shipped program, in which nothing has happened yet."""
    path = str(tmp_path / "said.sqlite")
    assert run("load", str(program_paths()[0]), "-d", path).exit_code == 0
    return path


def test_a_program_is_closed_once_it_is_meant(database: str) -> None:
    """It says who is there and asks; nothing is closed by a no. Then it is put away, and listed on demand alone."""
    asked = run("close", "myeloma", "-d", database, typed="n\n")
    assert asked.exit_code == 1
    assert "0 people in 0 talks" in asked.output
    assert run("archive", "myeloma", "-d", database).exit_code != 0
    assert "is closed" in run("close", "myeloma", "--yes", "-d", database).output
    assert run("close", "myeloma", "--yes", "-d", database).exit_code != 0
    assert "put away" in run("archive", "myeloma", "-d", database).output
    assert "myeloma" not in run("list", "-d", database).output
    assert "myeloma" in run("list", "--all", "-d", database).output
