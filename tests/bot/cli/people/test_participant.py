"""What is done for a participant by commands: who may, how often, and what it says of an undo."""

import json
import sqlite3
from contextlib import closing

import pytest

from bot.cli import PROBLEM, WRONG_USE
from flows.program.loader import program_paths
from tests.support.said import Said


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    """A clinician has said that they take part, and is asked something; two of the team are enrolled."""
    monkeypatch.chdir(tmp_path)
    said = Said(capsys, monkeypatch)
    assert said("program", "load", program_paths()[0]).code == 0
    assert said("run", "--role", "hcp", lines=("1", "1", "2")).code == 0
    for code in ("ANN", "BOB"):
        assert said("coordinator", "enrol", code).code == 0
    return said


def code_of(said) -> str:
    [person] = json.loads(said("participants", "--json").out)["participants"]
    return person["code"]


def rows(query: str) -> list[tuple]:
    with closing(sqlite3.connect("data/said.sqlite")) as database:
        return database.execute(query).fetchall()


def test_two_people_erase(said):
    """The first one asks and cannot confirm; the second one does, and nothing is left but numbers."""
    code = code_of(said)
    asked = said("participant", "erase", code, "--by", "ANN")
    assert (asked.code, "--confirm" in asked.out) == (0, True)
    assert said("participant", "erase", code, "--by", "ANN").code == PROBLEM
    again = said("participant", "erase", code, "--by", "ANN", "--confirm")
    assert (again.code, "somebody else of the team" in again.err) == (PROBLEM, True)
    assert rows("SELECT count(*) FROM tombstone") == [(0,)]
    done = said("participant", "erase", code, "--by", "BOB", "--confirm")
    assert (done.code, "cannot be undone" in done.out) == (0, True)
    assert rows("SELECT count(*) FROM answer") == [(0,)]
    assert rows("SELECT status FROM participant") == [("deleted",)]
    assert json.loads(said("participants", "--state", "deleted", "--json").out)["total"] == 1
    assert said("audit", "verify").code == 0


def test_a_wish_is_withdrawn(said):
    """Nothing is deleted, and nobody can confirm it any more."""
    code = code_of(said)
    said("participant", "erase", code, "--by", "ANN")
    assert "Taken back" in said("participant", "erase", code, "--by", "BOB", "--withdraw").out
    assert said("participant", "erase", code, "--by", "BOB", "--confirm").code == PROBLEM
    assert said("participant", "erase", code, "--by", "BOB", "--confirm", "--withdraw").code == WRONG_USE
    assert said("participant", "erase", code, "--by", "NOBODY").code == PROBLEM


def test_a_code_moves_somebody(said):
    """It is printed once, and kept as a hash alone."""
    code = code_of(said)
    made = json.loads(said("participant", "move", code, "--by", "ANN", "--json").out)
    assert made["write"].startswith("link ")
    kept = rows("SELECT code_hash, coordinator_id FROM link_code")
    assert made["write"].split()[1].encode() not in kept[0][0]
    assert kept[0][1] == 1
    assert "cannot be undone" in said("participant", "move", code, "--by", "ANN").err


def test_a_role_stays_where_something_was_said(said):
    """It says why; language and zone are set, and what there is not is refused."""
    code = code_of(said)
    refused = said("participant", "set", code, "--role", "patient")
    assert (refused.code, "counted, as that of somebody else" in refused.err) == (PROBLEM, True)
    assert said("participant", "set", code).code == WRONG_USE
    assert said("participant", "set", code, "--language", "tlh").code == PROBLEM
    assert said("participant", "set", code, "--language", "en", "--by", "ANN").code == 0
    assert rows("SELECT role, language FROM participant") == [("hcp", "en")]


def test_people_are_listed_by_what_is_asked(said):
    """Filters, pages and JSON; nobody is stuck yet."""
    code = code_of(said)
    for options in (
        ("--state", "waiting"),
        ("--role", "hcp"),
        ("--state", "active", "--sort", "code"),
        ("--program", "myeloma", "--sort", "state"),
    ):
        assert code in said("participants", *options).out, options
    for options in (
        ("--state", "stuck"),
        ("--role", "patient"),
        ("--source", "nowhere"),
        ("--activity", "no"),
    ):
        assert code not in said("participants", *options).out, options
    assert json.loads(said("stuck", "--json").out) == {"total": 0, "page": 1, "stuck": []}
    assert said("participants", "--state", "asleep").code == WRONG_USE
