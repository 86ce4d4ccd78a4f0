"""Promises of bench/in_checkout/big_database.py: a small one of the same shape is whole, and could have been played."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.in_checkout.big_database import DUE_SHARE, account, make
from storage.database import audit, backup
from storage.database.address_keys import AddressKeys, key_path, load_key
from storage.database.connection import Database

PEOPLE = 150
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "said.sqlite"
    make(path, PEOPLE, now=NOW)
    return path


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute(query).fetchall()


def test_it_is_whole(made: Path) -> None:
    """No reference leads nowhere, and no state is one that must not be."""
    assert backup.check(made) == []


def test_its_audit_trail_is_one_chain(made: Path) -> None:
    """The rows of every copy follow on those of the one before."""
    with Database.open(made) as database, database.reading() as connection:
        assert audit.verify(connection).broken is None


def test_as_many_people_as_were_asked_for_and_each_copy_is_like_the_first(made: Path) -> None:
    """Everybody has as many answers as the one whose copy they are."""
    query = """SELECT participant.id, count(answer.id) FROM participant
        LEFT JOIN conversation ON conversation.participant_id = participant.id
        LEFT JOIN answer ON answer.conversation_id = conversation.id GROUP BY participant.id ORDER BY 1"""
    answers = [count for _, count in rows(made, query)]
    [[played]] = rows(made, "SELECT count(*) FROM participant WHERE code NOT LIKE 'P-00%'")
    assert isinstance(played, int)
    assert len(answers) >= PEOPLE
    assert answers == answers[:played] * (len(answers) // played)


def test_so_many_timers_are_due(made: Path) -> None:
    """The share of the large one: the others are not due before tomorrow."""
    due = [str(at) for (at,) in rows(made, "SELECT due_at FROM timer WHERE done_at IS NULL ORDER BY 1")]
    [[people]] = rows(made, "SELECT count(*) FROM participant")
    assert sum(at <= f"{NOW:%Y-%m-%d %H:%M}" for at in due) == round(int(str(people)) * DUE_SHARE)
    assert all(at <= f"{NOW:%Y-%m-%d %H:%M}" or at >= f"{NOW + timedelta(days=1):%Y-%m-%d}" for at in due)


def test_its_key_opens_the_addresses(made: Path) -> None:
    """Each is an account of its own on Telegram, found and opened with the key beside the file."""
    keys = AddressKeys(load_key(key_path(made), {}))
    for number, lookup, sealed in rows(made, "SELECT id, lookup, sealed FROM address WHERE sealed <> x''"):
        assert isinstance(number, int)
        assert isinstance(sealed, bytes)
        assert keys.open(sealed) == account(number)
        assert lookup == keys.lookup(account(number))


def test_states_are_read(made: Path) -> None:
    """Talks are copied with their state."""
    states = rows(made, "SELECT state FROM conversation WHERE status = 'open'")
    assert states
    assert all(isinstance(json.loads(str(state)), dict) for (state,) in states)
