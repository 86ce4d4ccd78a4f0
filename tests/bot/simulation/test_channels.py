"""Synthetic people on the channels that there are: their shares, their addresses, and who is written to by e-mail."""

import json
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.root import app
from bot.errors import UsageError
from bot.simulation.channels import (
    NAMES,
    address_of_person,
    channel_of_person,
    check_roles,
    policy_for,
    read_shares,
)
from flows.script.roles import Role
from tests.support.simulated import SMALL, content_of, simulate_into

MIXED = read_shares("telegram=4,slack=3,web=2,email=2")


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("", {}),
        ("web", {"web": 1.0}),
        ("telegram=5, slack=0.5,web", {"telegram": 5.0, "slack": 0.5, "web": 1.0}),
    ],
)
def test_shares_are_read_as_they_are_typed(text, shares):
    """They may add up to anything, and a channel alone has the share 1."""
    assert dict(read_shares(text)) == shares


@pytest.mark.parametrize(
    "text", ["fax", "web=1,web=2", "web=0", "web=-1", "web=nan", "web=inf", "web=many", ","]
)
def test_what_is_no_share_is_refused_with_its_place(text):
    """The error names what could not be read, and what may be written."""
    with pytest.raises(UsageError) as raised:
        read_shares(text)
    assert "can not be read at" in raised.value.message
    assert all(name in raised.value.remedy for name in NAMES)


def test_the_shares_are_kept_and_roles_too():
    """Of many people each channel has its part, and nobody is where their role may not be served."""
    names = [f"hcp-{number}" for number in range(4_000)]
    counts = Counter(channel_of_person(MIXED, Role.HCP, name, 1) for name in names)
    for name, share in MIXED.items():
        assert abs(counts[name] / 4_000 - share / 11) < 0.03
    assert "slack" not in {channel_of_person(MIXED, Role.PATIENT, name, 1) for name in names}
    assert not policy_for(MIXED).allows(Role.PATIENT, "slack")


def test_a_role_that_no_channel_may_serve_is_refused():
    """Before anything is made; nobody of that role is no problem."""
    slack = read_shares("slack")
    with pytest.raises(UsageError, match="'patient'"):
        check_roles(slack, {Role.PATIENT: 1, Role.HCP: 1})
    check_roles(slack, {Role.PATIENT: 0, Role.HCP: 1})


def test_addresses_are_as_each_channel_has_them():
    """Nobody shares one, and another seed gives others."""
    found = {
        address_of_person(name, who, seed) for name in NAMES[:3] for who in ("a-1", "a-2") for seed in (1, 2)
    }
    assert len(found) == 12
    assert address_of_person("email", "a-1", 1) == address_of_person("web", "a-1", 1)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mixed") / "mixed.sqlite"
    simulate_into(path, replace(SMALL, patients=12, hcps=20, channels=MIXED))
    return path


def test_a_mix_of_channels_is_played_to_the_end(mixed: Path):
    """Waves go by Telegram, Slack and e-mail, and are answered there; in a browser alone nobody hears of them."""
    with sqlite3.connect(mixed) as connection:
        assert connection.execute("SELECT count(*) FROM inbox WHERE error IS NOT NULL").fetchone() == (0,)
        query = (
            "SELECT DISTINCT conversation.channel FROM conversation JOIN participant"
            " ON participant.id = participant_id WHERE flow = 'hcp_follow_up'"
        )
        followed = {channel for (channel,) in connection.execute(query)}
        both = connection.execute(
            "SELECT count(*) FROM (SELECT participant_id FROM address WHERE channel IN ('web', 'email')"
            " GROUP BY participant_id HAVING count(*) = 2)"
        ).fetchone()
        alone = connection.execute(
            "SELECT DISTINCT status FROM follow_up WHERE participant_id NOT IN"
            " (SELECT participant_id FROM address WHERE channel <> 'web' AND participant_id IS NOT NULL)"
        ).fetchall()
    assert {"telegram", "slack", "email"} <= followed
    assert ("answered",) not in alone
    assert both is not None
    assert both[0] > 0


def test_the_same_seed_and_shares_give_the_same_content(mixed: Path, tmp_path: Path):
    """Tokens of mails among it."""
    again = tmp_path / "again.sqlite"
    simulate_into(again, replace(SMALL, patients=12, hcps=20, channels=MIXED))
    assert content_of(mixed) == content_of(again)


def test_the_command_counts_people_by_channel(tmp_path: Path):
    """With channels named the counts are printed; without them nothing of it stands there."""
    few = (
        "simulate",
        "myeloma",
        "--patients",
        "2",
        "--hcps",
        "4",
        "--educators",
        "0",
        "--months",
        "0.5",
        "--json",
    )
    named = CliRunner().invoke(
        app, [*few, "--channels", "web=1,telegram=1", "--database", str(tmp_path / "a.sqlite")]
    )
    assert set(json.loads(named.stdout)["by_channel"]) <= {"web", "telegram"}
    plain = CliRunner().invoke(app, [*few, "--database", str(tmp_path / "b.sqlite")])
    assert "by_channel" not in json.loads(plain.stdout)


def test_patients_whom_teams_bring_along_need_a_way_in_too():
    """Nobody invites them, and they would stand before a closed door; the error says which option to change."""
    slack = read_shares("slack")
    with pytest.raises(UsageError, match="'patient'") as raised:
        check_roles(slack, {Role.PATIENT: 0, Role.HCP: 1, Role.EDUCATOR: 2})
    assert "--educators 0" in raised.value.remedy
    assert "--channels slack=1,telegram=1" in raised.value.remedy
    check_roles(read_shares("slack,telegram"), {Role.PATIENT: 1, Role.EDUCATOR: 2})
    check_roles({}, {Role.PATIENT: 1})


def test_shares_without_a_way_in_are_refused_before_anything_is_made(tmp_path: Path):
    """The command ends with exit code 2, names the channels, the role and what to add, and leaves no file."""
    path = tmp_path / "none.sqlite"
    told = CliRunner().invoke(app, ["simulate", "myeloma", "--channels", "slack=1", "--database", str(path)])
    assert isinstance(told.exception, UsageError)
    assert "--channels slack=1 has no way in for the role 'patient'" in told.exception.message
    assert list(tmp_path.iterdir()) == []


def test_people_of_two_channels_come_in_by_the_first():
    """Their role must be served there, and their address is that of the app."""
    both = read_shares("telegram+email=1,slack+email=2")
    assert channel_of_person(both, Role.PATIENT, "patient-1", 1) == "telegram+email"
    assert address_of_person("telegram+email", "a-1", 1) == address_of_person("telegram", "a-1", 1)
    with pytest.raises(UsageError, match="can not be read at"):
        read_shares("web+email")


def test_with_telegram_a_team_passes_a_link_on():
    """Also from Slack, where no patient is served: else its patient partner has no way in."""
    route = policy_for(read_shares("slack,telegram")).way_in(Role.PATIENT, "slack", "TOKEN")
    assert route is not None
    assert route.link == "https://t.me/simulated_bot?start=TOKEN"
