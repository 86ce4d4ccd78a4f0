"""Promises of `said read uncertain` and `said read fix`: what was read with doubt is listed, shown, and put right."""

import json
from base64 import b64encode
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.root import app
from bot.errors import UsageError
from flows.script.roles import Role
from storage.safety.rereadings import NoSuchReading
from tests.support.coordinators import enrolled
from tests.support.turn_world import World, make_world


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("SAID_KEY", b64encode(bytes(32)).decode())
    monkeypatch.chdir(tmp_path)
    made = make_world(tmp_path)
    yield made
    made.database.close()


def run(world: World, *arguments: str) -> Result:
    """The command, on this world's database."""
    return CliRunner().invoke(app, [*arguments, "--database", str(Path(world.database.path))])


async def test_a_reading_is_put_right_on_the_command_line(world):
    """The list has nobody's words; without a choice the words and choices are shown, with one it is kept, or left."""
    await enrolled(world)
    person = world.someone("ann")
    await person.start(world.token(role=Role.PATIENT))
    await person.say("maybe blue")
    listed = run(world, "read", "uncertain")
    assert "colour" in listed.stdout
    assert "maybe" not in listed.stdout
    [one] = json.loads(run(world, "read", "uncertain", "--json", "--program", "myeloma").stdout)
    assert (one["source"], one["question"]) == ("1", "colour")
    shown = run(world, "read", "fix", "1", "--by", "TEAM-1").stdout
    for words in ("maybe blue", "Which colour?", "Blue", "green: Green"):
        assert words in shown, words
    assert isinstance(run(world, "read", "fix", "1", "pink", "--by", "TEAM-1").exception, NoSuchReading)
    both = run(world, "read", "fix", "1", "green", "--leave", "--by", "TEAM-1").exception
    assert isinstance(both, UsageError)
    assert "1 means: green." in run(world, "read", "fix", "1", "green", "--by", "TEAM-1").stdout
    assert json.loads(run(world, "read", "uncertain", "--json").stdout) == []
    assert "left as it was read" in run(world, "read", "fix", "1", "--leave", "--by", "TEAM-1").stdout
    assert world.rows("SELECT value FROM rereading ORDER BY id") == [('"green"',), (None,)]
