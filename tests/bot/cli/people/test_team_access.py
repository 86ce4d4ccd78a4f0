"""What somebody of the team may do, and how they get in, by commands."""

import json
import sqlite3
from contextlib import closing

import pytest

from bot.cli import PROBLEM, WRONG_USE
from flows.program.loader import program_paths
from tests.support.said import Said

DATABASE = "data/said.sqlite"


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    """One of the team is enrolled."""
    monkeypatch.chdir(tmp_path)
    said = Said(capsys, monkeypatch)
    assert said("program", "load", program_paths()[0]).code == 0
    assert said("coordinator", "enrol", "ANN").code == 0
    return said


def test_a_second_step_is_taken_away(said):
    """Where the app is lost, or its secret with a database; it is audited. Who has none, or is nobody, is told so."""
    with closing(sqlite3.connect(DATABASE)) as connection:
        connection.execute("UPDATE coordinator SET totp_sealed = x'', totp_step = 7")
        connection.commit()
    done = said("coordinator", "reset-step", "ann")
    assert (done.code, done.err) == (0, "")
    assert "ANN has no second step any more" in done.out
    with closing(sqlite3.connect(DATABASE)) as connection:
        assert connection.execute("SELECT totp_sealed, totp_step FROM coordinator").fetchall() == [
            (None, None)
        ]
        audited = "SELECT count(*) FROM audit_event WHERE details LIKE '%second step taken away%'"
        assert connection.execute(audited).fetchall() == [(1,)]
    again = said("coordinator", "reset-step", "ANN")
    assert (again.code, again.out, again.err.count("\n")) == (WRONG_USE, "", 1)
    nobody = said("coordinator", "reset-step", "EVE")
    assert (nobody.code, nobody.out) == (PROBLEM, "")


def test_the_list_tells_a_link_that_waits_from_none(said):
    """Who was removed has no way in, and is not listed as if they only had to open their link."""
    assert "link not opened" in said("coordinator", "list").out
    assert said("coordinator", "remove", "ANN").code == 0
    told = said("coordinator", "list").out
    assert "no link" in told
    assert "not opened" not in told
    [who] = json.loads(said("coordinator", "list", "--json").out)
    assert (who["reached"], who["has_link"]) == (False, False)
