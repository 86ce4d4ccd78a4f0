"""What operators do is in the audit trail, and `said audit verify` answers with an exit code."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.root import app
from storage.database.audit import text_hash


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small rehearsal, from which each test takes its copy."""
    folder = tmp_path_factory.mktemp("rehearsal")
    small = ("--patients", "1", "--hcps", "1", "--months", "1")
    assert run("simulate", "myeloma", *small, database=str(folder / "said.sqlite")).exit_code == 0
    return folder


@pytest.fixture
def path(rehearsal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small rehearsal."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(rehearsal, tmp_path, dirs_exist_ok=True)
    return str(tmp_path / "said.sqlite")


def run(*arguments: str, database: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--database", database])


def events(path: str, kind: str) -> list[tuple[int | None, dict[str, object]]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT participant_id, details FROM audit_event WHERE kind = ? ORDER BY id", (kind,)
        ).fetchall()
    return [(person, json.loads(details)) for person, details in rows]


def test_a_whole_trail_is_said_to_be_whole(path: str):
    """Exit code 0 and an anchor, which a later call takes."""
    found = run("audit", "verify", "--json", database=path)
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert told["whole"] is True
    assert run("audit", "verify", "--anchor", told["anchor"], database=path).exit_code == 0


def test_a_broken_trail_names_its_row(path: str):
    """Exit code 1 and the first row that does not hold."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE audit_event SET details = '{}' WHERE id = 5")
    found = run("audit", "verify", database=path)
    assert found.exit_code == 1
    assert "row 5 was changed" in found.stdout
    told = json.loads(run("audit", "verify", "--json", database=path).stdout)
    assert told["broken"]["row"] == 5


def test_an_anchor_that_is_none_is_wrong_use(path: str):
    """It is not compared with anything by mistake."""
    found = run("audit", "verify", "--anchor", "12", database=path)
    assert found.exit_code != 0
    assert "is not an anchor" in str(found.exception)


def test_exports_and_stories_are_events(path: str, tmp_path: Path):
    """What was asked for, raw or not, and whose story was looked at; no words."""
    assert run("export", "--to", str(tmp_path / "a"), database=path).exit_code == 0
    assert run("export", "--to", str(tmp_path / "b"), "--raw", database=path).exit_code == 0
    assert [details["raw"] for _, details in events(path, "export")] == [False, True]
    with closing(sqlite3.connect(path)) as connection:
        number, code = connection.execute("SELECT id, code FROM participant").fetchone()
    assert run("why", code, database=path).exit_code == 0
    assert events(path, "view") == [(number, {"what": "story"})]


def test_what_was_shown_is_there_by_its_hash(path: str):
    """The hash of each answered question is that of the text that is kept with the answer; consents too."""
    with closing(sqlite3.connect(path)) as connection:
        answers = connection.execute(
            "SELECT slot, status, shown_text, language FROM answer ORDER BY id"
        ).fetchall()
        consents = connection.execute("SELECT text_hash FROM consent ORDER BY id").fetchall()
        sent = connection.execute("SELECT count(*) FROM outbox WHERE status = 'sent'").fetchone()[0]
    kept = {(slot, status, text_hash(text), language) for slot, status, text, language in answers}
    told = {
        (details["slot"], details["status"], details["text"], details["language"])
        for kind in ("answer", "correction")
        for _, details in events(path, kind)
    }
    assert told == kept
    assert [details["text"] for _, details in events(path, "consent")] == [one for (one,) in consents]
    assert len(events(path, "sent")) == sent
