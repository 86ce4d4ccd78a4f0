"""A supporter's export is kept, and the next does not tell of a few beside it."""

import json
import sqlite3
from base64 import b64encode
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.cli import WRONG_USE
from bot.cli.data import export
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.outcomes.cuts import CutRecord, CutRefused, CutResult
from tests.support import earlier_database
from tests.support.said import Said


@pytest.fixture
def said(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    """The command over a database in which nine clinicians have a commitment that is due."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAID_KEY", b64encode(earlier_database.TEST_KEY).decode())
    (tmp_path / "data").mkdir()
    path = earlier_database.make(tmp_path / "data" / "said.sqlite")
    Database.open(path, identity=AddressKeys(earlier_database.TEST_KEY)).close()
    return Said(capsys, monkeypatch)


def test_a_second_export_that_would_tell_of_a_few_is_refused(said: Said, tmp_path: Path):
    """With one clinician less, nothing is written; with the same numbers as before it is."""
    words = ("export", "--for", "supporters", "--program", "myeloma", "--to")
    assert said(*words, tmp_path / "first").code == 0
    assert said(*words, tmp_path / "again").code == 0
    with sqlite3.connect(tmp_path / "data" / "said.sqlite") as connection:
        assert connection.execute("SELECT kind, shown_tables FROM supporter_cut").fetchall() == [
            ("export", "[]")
        ]
        due = "SELECT min(commitment_id) FROM follow_up WHERE status <> 'scheduled'"
        connection.execute(f'UPDATE "commitment" SET confirmed = 0 WHERE id = ({due})')
    refused = said(*words, tmp_path / "third")
    assert (refused.code, "fewer than five people" in refused.err) == (WRONG_USE, True)
    assert "files that were kept of cut 1" in refused.err
    assert "longer span" not in refused.err
    assert not (tmp_path / "third").exists()
    with sqlite3.connect(tmp_path / "data" / "said.sqlite") as connection:
        query = "SELECT count(*) FROM audit_event WHERE kind = 'export' AND details LIKE '%\"format\"%'"
        assert connection.execute(query).fetchone() == (2,)
    assert said("export", "--program", "myeloma", "--to", tmp_path / "team").code == 0


def test_who_asked_for_it_stands_with_the_cut_and_in_the_trail(said: Said, tmp_path: Path):
    """By their code, however it is capitalised; somebody unknown leaves no file, no cut and no entry."""
    words = ("export", "--for", "supporters", "--program", "myeloma", "--to", tmp_path / "out", "--by")
    assert said(*words, "TEAM-99").code != 0
    assert not (tmp_path / "out").exists()
    assert said(*words, "team-1").code == 0
    [cut] = json.loads(said("program", "cuts", "myeloma", "--json").out)["cuts"]
    assert (cut["kind"], cut["by"]) == ("export", "TEAM-1")
    with sqlite3.connect(tmp_path / "data" / "said.sqlite") as connection:
        rows = connection.execute(
            "SELECT details FROM audit_event WHERE kind = 'export' ORDER BY id"
        ).fetchall()
    assert [json.loads(told).get("by") for (told,) in rows[-2:]] == ["TEAM-1", "TEAM-1"]


@pytest.mark.parametrize("place", ["taken", "taken/below"])
def test_a_folder_that_cannot_be_made_leaves_no_cut(said: Said, tmp_path: Path, place: str):
    """A file stands in its place, or above it: nothing is kept or audited. A parent that is missing is made."""
    (tmp_path / "taken").write_text("mine")
    words = ("export", "--for", "supporters", "--program", "myeloma", "--to")
    assert said(*words, tmp_path / place).code != 0
    count = "SELECT count(*) FROM supporter_cut"
    query = "SELECT count(*) FROM audit_event WHERE kind = 'export' AND details LIKE '%\"format\"%'"
    with sqlite3.connect(tmp_path / "data" / "said.sqlite") as connection:
        assert [connection.execute(one).fetchone() for one in (count, query)] == [(0,), (0,)]
    assert said(*words, tmp_path / "missing" / "out").code == 0
    with sqlite3.connect(tmp_path / "data" / "said.sqlite") as connection:
        assert [connection.execute(one).fetchone() for one in (count, query)] == [(1,), (1,)]


def test_nothing_stands_there_of_a_cut_that_is_not_kept(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Another one was handed out while it was written, beside which it would tell of a few; no draft is left."""

    def refuse(_connection: Connection, cut: CutResult, *, now: datetime, by: int | None) -> CutRefused:
        assert by is None
        assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".part", ".part"]
        record = CutRecord(1, cut.kind, cut.span, now, None, cut.hash)
        return CutRefused(cut.program, cut.kind, (record,), ("commitments",))

    monkeypatch.setattr(export, "hand_out", refuse)
    refused = said("export", "--for", "supporters", "--program", "myeloma", "--to", tmp_path / "out")
    assert (refused.code, "fewer than five people" in refused.err) == (WRONG_USE, True)
    assert list((tmp_path / "out").iterdir()) == []


def test_files_that_are_there_leave_no_cut(said: Said, tmp_path: Path):
    """What cannot be written was handed to nobody: no cut, and no export in the audit trail."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest-supporters-csv.json").write_text("mine")
    refused = said("export", "--for", "supporters", "--program", "myeloma", "--to", tmp_path / "out")
    assert "is there already" in refused.err
    with sqlite3.connect(tmp_path / "data" / "said.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM supporter_cut").fetchone() == (0,)
        query = "SELECT count(*) FROM audit_event WHERE kind = 'export' AND details LIKE '%\"format\"%'"
        assert connection.execute(query).fetchone() == (0,)
