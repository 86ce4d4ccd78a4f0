"""Waves of people with an app and a mailbox: which went by both, and where they were answered."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.root import app
from bot.simulation.channels import read_shares
from bot.simulation.run import simulated_identity
from bot.simulation.second_ways import SecondWays, count_second_ways
from storage.database.connection import Database
from tests.support.simulated import SMALL, content_of, simulate_into

BOTH = replace(
    SMALL, patients=0, hcps=30, educators=0, channels=read_shares("telegram=1,telegram+email=3,slack+email=1")
)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("both") / "both.sqlite"
    simulate_into(path, BOTH)
    return path


@pytest.fixture(scope="module")
def counted(played: Path) -> Iterator[SecondWays]:
    with Database.open(played, identity=simulated_identity(BOTH.seed)) as database:
        yield database.read_now(count_second_ways)


def test_some_waves_go_by_mail_and_are_answered_there(counted: SecondWays) -> None:
    """More are asked than go by a second way, more go there than are answered; it is e-mail, after the app."""
    assert counted.asked > counted.waves > counted.answered > 0
    assert all((way.first in ("telegram", "slack")) == (way.second == "email") for way in counted.by_way)


def test_the_count_is_that_of_the_messages(played: Path, counted: SecondWays) -> None:
    """Counted anew from the rows of what was sent and answered: each wave once, whatever number of ways it went."""
    asked: dict[int, list[str]] = defaultdict(list)
    answered: dict[int, str] = {}
    with closing(sqlite3.connect(played)) as connection:
        waves = {row[0] for row in connection.execute("SELECT conversation_id FROM follow_up")} - {None}
        sent = connection.execute(
            "SELECT conversation_id, channel FROM outbox JOIN address ON address.id = address_id"
            " WHERE ask IS NOT NULL AND outbox.status = 'sent' ORDER BY outbox.id"
        )
        for conversation, channel in sent:
            if conversation in waves and channel not in asked[conversation]:
                asked[conversation].append(channel)
        for conversation, channel in connection.execute(
            "SELECT conversation_id, channel FROM answer ORDER BY id"
        ):
            answered.setdefault(conversation, channel)
    second = {one: ways for one, ways in asked.items() if len(ways) > 1}
    assert counted.asked == len([one for one in asked if one in waves and asked[one]])
    assert counted.waves == len(second)
    assert counted.answered == sum(answered.get(one) == ways[1] for one, ways in second.items())


def test_one_wave_is_one_contact(played: Path, counted: SecondWays) -> None:
    """However many ways it goes: no more first contacts than waves that were asked."""
    with closing(sqlite3.connect(played)) as connection:
        contacts = "SELECT count(*) FROM contact WHERE timer_kind = 'wave' AND action = 'sent'"
        assert connection.execute(contacts).fetchone() == (counted.asked,)


def test_the_same_seed_gives_the_same_content(played: Path, tmp_path: Path) -> None:
    """With people of two channels, too."""
    simulate_into(tmp_path / "again.sqlite", BOTH)
    assert content_of(played) == content_of(tmp_path / "again.sqlite")


def test_the_command_tells_of_second_ways_where_there_are_any(tmp_path: Path) -> None:
    """With people of two channels named they are counted; else nothing of it stands there."""
    few = ["simulate", "myeloma", "--patients", "0", "--hcps", "3", "--educators", "0", "--months", "1"]
    named = [*few, "--channels", "telegram+email", "--database", str(tmp_path / "a.sqlite")]
    assert "by a second way" in CliRunner().invoke(app, named).stdout
    plain = [*few, "--channels", "telegram", "--json", "--database", str(tmp_path / "b.sqlite")]
    assert "by_second_way" not in json.loads(CliRunner().invoke(app, plain).stdout)
