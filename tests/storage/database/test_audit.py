"""The audit trail: what holds, what is found out, and what only an anchor shows."""

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.database import audit
from storage.database.address_keys import AddressKeys
from storage.database.audit import AuditAnchor, AuditEntry
from storage.database.connection import Database
from storage.schema import AuditKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
IDENTITY = AddressKeys(bytes(32))


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    """A database with ten events, in three transactions."""
    path = tmp_path / "said.sqlite"
    with Database.open(path, identity=IDENTITY) as database:
        for batch in (range(1, 5), range(5, 6), range(6, 11)):
            happenings = [
                AuditEntry(NOON + timedelta(minutes=one), AuditKind.ANSWER, one, {"slot": f"q{one}"})
                for one in batch
            ]
            database.write_now(lambda c, rows=happenings: audit.append(c, rows))
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def verdict(path: Path, anchor: AuditAnchor | None = None) -> audit.AuditVerification:
    with Database.open(path, identity=IDENTITY) as database:
        return database.read_now(lambda c: audit.verify(c, anchor=anchor))


def test_a_trail_that_nobody_touched_holds(trail: Path):
    """Rows of several transactions are one chain, and the anchor names the last."""
    found = verdict(trail)
    assert found.broken is None
    assert found.anchor.rows == 10


def test_an_empty_trail_holds(tmp_path: Path):
    """Nothing has happened, and nothing is wrong."""
    assert verdict(tmp_path / "said.sqlite") == audit.AuditVerification(AuditAnchor(0, "00" * 32))


@pytest.mark.parametrize(
    ("statements", "row", "what"),
    [
        (("UPDATE audit_event SET kind = 'consent' WHERE id = 4",), 4, "was changed"),
        (("UPDATE audit_event SET kind = 'nonsense' WHERE id = 4",), 4, "was changed"),
        (("UPDATE audit_event SET participant_id = NULL WHERE id = 4",), 4, "was changed"),
        (("UPDATE audit_event SET at = '2026-03-02 12:04:01.000000' WHERE id = 4",), 4, "was changed"),
        (("UPDATE audit_event SET at = 'yesterday' WHERE id = 4",), 4, "was changed"),
        (("""UPDATE audit_event SET details = '{"slot":"q5"}' WHERE id = 4""",), 4, "was changed"),
        (("UPDATE audit_event SET hash = zeroblob(32) WHERE id = 4",), 4, "was changed"),
        (("UPDATE audit_event SET prev_hash = zeroblob(32) WHERE id = 4",), 4, "does not carry the hash"),
        (("DELETE FROM audit_event WHERE id = 4",), 5, "follows row 3"),
        (("DELETE FROM audit_event WHERE id < 4",), 4, "follows row 0"),
        (
            ("DELETE FROM audit_event WHERE id = 4", "UPDATE audit_event SET id = id - 1 WHERE id > 4"),
            4,
            "does not carry the hash",
        ),
        (
            (
                "UPDATE audit_event SET id = 99 WHERE id = 4",
                "UPDATE audit_event SET id = 4 WHERE id = 5",
                "UPDATE audit_event SET id = 5 WHERE id = 99",
            ),
            4,
            "does not carry the hash",
        ),
    ],
)
def test_the_first_row_that_does_not_hold_is_named(
    trail: Path, statements: tuple[str, ...], row: int, what: str
):
    """Altered in any column, removed, moved: the row is named, and the anchor is the last one that holds."""
    change(trail, *statements)
    found = verdict(trail)
    assert found.broken is not None
    assert found.broken.row == row
    assert what in found.broken.what
    assert found.anchor.rows == (0 if "WHERE id < 4" in statements[0] else 3)


def test_a_row_written_anew_with_its_hash_breaks_the_next(trail: Path):
    """Who alters a row and computes its hash again is found at the row after it."""
    with closing(sqlite3.connect(trail, isolation_level=None)) as connection:
        before = connection.execute("SELECT hash FROM audit_event WHERE id = 3").fetchone()[0]
        at = (NOON + timedelta(minutes=4)).isoformat()
        details = {"slot": "another"}
        text = json.dumps([before.hex(), 4, at, "answer", 4, details], separators=(",", ":"))
        forged = hashlib.sha256(text.encode()).digest()
        connection.execute(
            "UPDATE audit_event SET details = ?, hash = ? WHERE id = 4", ('{"slot":"another"}', forged)
        )
    found = verdict(trail)
    assert found.broken is not None
    assert found.broken.row == 5


def test_the_hash_is_what_the_documentation_says(trail: Path):
    """SHA-256 over one JSON array of the row and the hash before it, with sorted keys and no spaces."""
    with closing(sqlite3.connect(trail)) as connection:
        rows = connection.execute(
            "SELECT id, prev_hash, hash, details FROM audit_event ORDER BY id"
        ).fetchall()
    for number, before, after, details in rows:
        at = (NOON + timedelta(minutes=number)).isoformat()
        array = [before.hex(), number, at, "answer", number, json.loads(details)]
        text = json.dumps(array, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        assert hashlib.sha256(text.encode()).digest() == after


def test_a_tail_that_was_cut_off_shows_against_an_anchor_only(trail: Path):
    """The chain alone holds after its last rows are gone; an anchor kept elsewhere tells that they were there."""
    anchor = verdict(trail).anchor
    change(trail, "DELETE FROM audit_event WHERE id > 7")
    assert verdict(trail).broken is None
    found = verdict(trail, anchor)
    assert found.broken == audit.BrokenAuditRow(8, "is missing, with all up to row 10")


def test_a_trail_written_anew_shows_against_an_anchor(trail: Path):
    """A whole new chain holds in itself; its row is not the one that the anchor names."""
    anchor = verdict(trail).anchor
    change(trail, "DELETE FROM audit_event")
    with Database.open(trail, identity=IDENTITY) as database:
        rows = [AuditEntry(NOON, AuditKind.ANSWER, None, {"slot": "x"})] * 12
        database.write_now(lambda c: audit.append(c, rows))
    assert verdict(trail).broken is None
    found = verdict(trail, anchor)
    assert found.broken is not None
    assert found.broken.row == 10


def test_an_anchor_still_holds_when_more_has_happened(trail: Path):
    """A longer trail contains the shorter one."""
    anchor = verdict(trail).anchor
    with Database.open(trail, identity=IDENTITY) as database:
        database.write_now(
            lambda c: audit.record(c, AuditKind.EXPORT, participant_id=None, now=NOON, raw=False)
        )
    found = verdict(trail, anchor)
    assert found.broken is None
    assert found.anchor.rows == 11


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (f"12:{'ab' * 32}", 12),
        (f" 12:{'ab' * 32}\n", 12),
        ("12", None),
        (f"x:{'ab' * 32}", None),
        (f"12:{'AB' * 32}", None),
        (f"12:{'ab' * 31}", None),
        ("", None),
    ],
)
def test_an_anchor_is_read_as_it_is_printed(text: str, rows: int | None):
    """A number and a hash; anything else is no anchor."""
    found = AuditAnchor.read(text)
    assert (found and found.rows) == rows


def test_what_is_undone_leaves_no_gap(trail: Path):
    """A transaction that fails takes its events along, and the next ones follow the last that stand."""

    def fails(connection: object) -> None:
        audit.record(connection, AuditKind.EXPORT, participant_id=None, now=NOON)  # type: ignore[arg-type]
        raise LookupError

    with Database.open(trail, identity=IDENTITY) as database:
        with pytest.raises(LookupError):
            database.write_now(fails)
        database.write_now(lambda c: audit.record(c, AuditKind.VIEW, participant_id=3, now=NOON))
    found = verdict(trail)
    assert found.broken is None
    assert found.anchor.rows == 11
