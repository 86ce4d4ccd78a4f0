"""Promises of storage/database/table_statistics.py: SQLite knows the tables that grew, and nobody waits for it."""

import asyncio

import pytest

from storage.database import table_statistics
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database

SOME, MANY = 600, 6_000


@pytest.fixture
def database(tmp_path):
    with Database.open(tmp_path / "said.sqlite", identity=AddressKeys(bytes(32))) as opened:
        yield opened


def come_in(database, people):
    """Have so many people come in, each under a code."""
    if not people:
        return

    def write(connection):
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO participant (code, role, status, created_at)"
            " SELECT 'P-' || hex(randomblob(8)), 'hcp', 'active', '2026-01-01 00:00:00.000000' FROM n",
            (people,),
        )

    database.write_now(write)


def outgrown(database):
    return database.read_now(table_statistics.outgrown)


def keep(database):
    return asyncio.run(database.keep_statistics())


def known(connection):
    return dict(connection.exec_driver_sql("SELECT tbl, CAST(stat AS INTEGER) FROM sqlite_stat1").all())


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        (0, 0, ()),  # an empty database
        (0, 400, ()),  # any way through so few is short
        (0, SOME, ("participant",)),
        (SOME, 0, ()),  # as it was
        (SOME, SOME, ()),  # twice as many
        (SOME, MANY, ("participant",)),
    ],
)
def test_a_table_is_looked_at_again_once_it_has_grown_to_a_multiple(database, first, then, expected):
    """What SQLite goes by need not be exact: a factor of four is the difference that counts."""
    come_in(database, first)
    keep(database)
    come_in(database, then)
    assert outgrown(database) == expected


def test_readers_plan_by_what_was_found(database):
    """A connection reads what is known when it is opened: those that are open are opened anew."""
    come_in(database, SOME)
    before = database.read_now(lambda connection: id(connection.connection.driver_connection))
    assert keep(database) == 1
    assert database.read_now(lambda connection: id(connection.connection.driver_connection)) != before
    assert database.read_now(known)["participant"] == pytest.approx(SOME, rel=0.5)


def test_one_table_is_one_transaction(database, monkeypatch):
    """Whoever comes meanwhile waits for one table, and not for all of them."""
    monkeypatch.setattr(table_statistics, "outgrown", lambda _connection: ("participant", "answer"))
    looks = []
    monkeypatch.setattr(
        table_statistics,
        "look_at",
        lambda connection, table: looks.append((table, connection.get_transaction())),
    )
    keep(database)
    assert [table for table, _ in looks] == ["participant", "answer"]
    assert looks[0][1] is not looks[1][1]


def test_a_rehearsal_does_it_too(tmp_path):
    """Without threads of its own, a database is looked at in the caller's."""
    with Database.open(tmp_path / "r.sqlite", identity=AddressKeys(bytes(32)), threads=False) as opened:
        come_in(opened, SOME)
        assert keep(opened) == 1
        assert outgrown(opened) == ()
