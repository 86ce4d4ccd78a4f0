"""A new identity key: every address is known under it, links stay good, and it is all or nothing."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection
from typer.testing import CliRunner

from bot.cli.root import app
from flows.script.roles import Role
from storage.conversations import inbox
from storage.conversations.inbox import InboundRow
from storage.database import audit
from storage.database.address_keys import AddressKeys, load_or_make_key
from storage.database.connection import Database
from storage.database.key_rotation import KeyRotationResult, rehearse, rotate
from storage.errors import DatabaseBusy, KeyUnreadable, KeyWrong
from storage.people import coordinators, invitations
from storage.people.invitations import NewInvitation
from storage.programs import programs
from storage.team import sign_in
from tests.support import fresh

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OLD, NEW, THIRD = (AddressKeys(bytes([one]) * 32) for one in (1, 2, 3))
PEOPLE = [f"telegram:{4_000_000 + number}" for number in range(1_203)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with people in it."""
    made = tmp_path / "said.sqlite"
    arrivals = [InboundRow(address, "telegram", address, "{}") for address in PEOPLE]
    with Database.open(made, identity=OLD) as database:
        database.write_now(lambda c: inbox.store(c, arrivals, OLD, NOW))
    return made


def addresses(path: Path, identity: AddressKeys) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT lookup, sealed FROM address ORDER BY id").fetchall()
    opened = [identity.open(sealed) for _, sealed in rows]
    assert [identity.lookup(address) for address in opened] == [lookup for lookup, _ in rows]
    return opened


def test_everybody_is_known_under_the_new_key(path: Path):
    """Every address opens with the new key and is found by its hash; none with the old one."""
    told: list[tuple[int, int]] = []
    done = rotate(path, OLD, NEW, now=NOW, progress=lambda *share: told.append(share))
    assert done == KeyRotationResult(len(PEOPLE))
    assert told == [(500, 1203), (1000, 1203), (1203, 1203)]
    assert addresses(path, NEW) == PEOPLE
    with pytest.raises(KeyWrong):
        Database.open(path, identity=OLD)


def test_workspaces_are_known_under_the_new_key(path: Path):
    """Who is in one workspace stays so; its hash is made with the new key, and the old one is nowhere."""
    there = [InboundRow(f"slack:T1/{name}", "slack", name, "{}") for name in ("a", "b")]
    with Database.open(path, identity=OLD) as database:
        database.write_now(lambda c: inbox.store(c, there, OLD, NOW))
    rotate(path, OLD, NEW, now=NOW)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT channel, workspace FROM address ORDER BY id").fetchall()
    assert rows == [("telegram", None)] * len(PEOPLE) + [("slack", NEW.workspace("slack:T1/a"))] * 2


def test_all_else_that_is_sealed_is_sealed_anew(path: Path):
    """Labels of links and the secrets of second steps: each opens with the new key, and one that does not ends it."""
    with Database.open(path, identity=OLD) as database:
        database.write_now(partial(with_sealed_texts, count=1_203))
    assert rehearse(path, OLD, NEW).addresses == len(PEOPLE)
    rotate(path, OLD, NEW, now=NOW)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        found = connection.execute("SELECT id, label_sealed FROM invitation ORDER BY id").fetchall()
        assert [NEW.open(sealed) for _, sealed in found] == [f"label {number}" for number, _ in found]
        assert len(found) == 1_203
        secrets = connection.execute("SELECT totp_sealed FROM coordinator ORDER BY id").fetchall()
        assert [sealed and NEW.open(sealed) for (sealed,) in secrets] == [None, "SECRET"]
        connection.execute("UPDATE invitation SET label_sealed = ? WHERE id = 700", (THIRD.seal("x"),))
    for work in (partial(rehearse), partial(rotate, now=NOW)):
        with pytest.raises(KeyWrong):
            work(path, NEW, OLD)
    assert addresses(path, NEW) == PEOPLE


def with_sealed_texts(connection: Connection, count: int) -> None:
    """Invitations with labels, and two coordinators, one of them with a second step."""
    loaded = programs.load(connection, fresh.program()[0], "1", NOW)
    plain = NewInvitation(program_id=loaded.program_id, role=Role.HCP, flow="f", source="s")
    made = [
        (replace(plain, label_sealed=OLD.seal(f"label {number}")), OLD.token_hash(str(number)))
        for number in range(1, count + 1)
    ]
    invitations.make_many(connection, made, now=NOW)
    for code in ("ANN", "BOB"):
        coordinators.enrol(connection, code, token_hash=code.encode(), now=NOW)
    sign_in.set_second_step(connection, coordinators.by_code(connection, "BOB"), OLD.seal("SECRET"), NOW)


def test_somebody_who_writes_again_is_the_same(path: Path):
    """A message after the change finds the address that was there before it."""
    rotate(path, OLD, NEW, now=NOW)
    with Database.open(path, identity=NEW) as database:
        again = [InboundRow(PEOPLE[7], "telegram", "again", "{}")]
        found = database.write_now(lambda c: inbox.store(c, again, database.identity, NOW))
    assert found == {8}


def test_links_stay_good_through_any_number_of_changes(path: Path):
    """The hash of a token is the same under every later key of the database."""
    before = OLD.token_hash("a-token")
    rotate(path, OLD, NEW, now=NOW)
    rotate(path, NEW, THIRD, now=NOW)
    with Database.open(path, identity=THIRD) as database:
        assert database.identity.token_hash("a-token") == before
    assert THIRD.token_hash("a-token") != before


def test_a_wrong_old_key_changes_nothing(path: Path):
    """The first address that does not open ends it, and all are as they were."""
    with pytest.raises(KeyWrong):
        rotate(path, THIRD, NEW, now=NOW)
    assert addresses(path, OLD) == PEOPLE


def test_one_address_that_does_not_open_changes_nothing(path: Path):
    """Not even those before it: it is one transaction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE address SET sealed = ? WHERE id = 1100", (THIRD.seal("telegram:1"),))
    with pytest.raises(KeyWrong):
        rotate(path, OLD, NEW, now=NOW)
    with Database.open(path, identity=OLD) as database:
        assert database.identity.token_hash("t") == OLD.token_hash("t")
        assert database.read_now(audit.count_rows) == 0


def test_the_same_key_is_refused(path: Path):
    """It would change nothing and promise much."""
    with pytest.raises(KeyUnreadable, match="the one in use"):
        rotate(path, OLD, AddressKeys(bytes([1]) * 32), now=NOW)


def test_a_database_in_use_is_left_alone(path: Path):
    """While a bot has it open, nothing is changed: it would go on with the old key."""
    with Database.open(path, identity=OLD) as database:
        database.read_now(audit.count_rows)
        with pytest.raises(DatabaseBusy):
            rotate(path, OLD, NEW, now=NOW)
    assert addresses(path, OLD) == PEOPLE


def test_erased_addresses_are_passed_over(path: Path):
    """What has no address any more needs no key."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE address SET sealed = x'' WHERE id <= 3")
    assert rotate(path, OLD, NEW, now=NOW) == KeyRotationResult(len(PEOPLE) - 3)


def test_the_change_is_in_the_audit_trail(path: Path):
    """With a number and without a key."""
    rotate(path, OLD, NEW, now=NOW)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT kind, details FROM audit_event").fetchall()
    assert rows == [("key", json.dumps({"addresses": len(PEOPLE)}, separators=(",", ":")))]


def test_the_command_rehearses_and_then_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """--dry-run makes no key and changes nothing; without it the new file holds the key of the database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAID_KEY", raising=False)
    path, new_key = tmp_path / "said.sqlite", tmp_path / "new.key"
    with Database.open(path) as database:
        arrivals = [InboundRow("telegram:77", "telegram", "e", "{}")]
        database.write_now(lambda c: inbox.store(c, arrivals, database.identity, NOW))
    command = ["identity", "rotate", "--new-key-file", str(new_key), "--database", str(path)]
    rehearsed = CliRunner().invoke(app, [*command, "--dry-run"])
    assert rehearsed.exit_code == 0, rehearsed.output
    assert not new_key.exists()
    done = CliRunner().invoke(app, [*command, "--json"])
    assert json.loads(done.stdout) == {"addresses": 1, "changed": True, "key_file": str(new_key)}
    assert addresses(path, AddressKeys(load_or_make_key(new_key, {}))) == ["telegram:77"]
    with pytest.raises(KeyWrong):
        CliRunner().invoke(
            app, [*command[:-3], str(tmp_path / "b.key"), *command[-2:]], catch_exceptions=False
        )
