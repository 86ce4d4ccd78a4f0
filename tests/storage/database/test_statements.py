"""Promises of the statements of the hot path: each row is written as it is given, whatever its neighbours lack."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.database.address_keys import AddressKeys
from storage.database.connection import Database
from storage.database.statements import BulkWrite, TupleQuery
from storage.schema import AUDIT_EVENT, AuditKind

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
INSERT = BulkWrite(AUDIT_EVENT.insert(), [column.name for column in AUDIT_EVENT.c])
CHANGE = BulkWrite(
    AUDIT_EVENT.update()
    .where(AUDIT_EVENT.c.id == sa.bindparam("of"))
    .values(participant_id=sa.bindparam("who"), details=sa.bindparam("what")),
    (),
)
WHOSE = sa.select(AUDIT_EVENT.c.participant_id, AUDIT_EVENT.c.details).order_by(AUDIT_EVENT.c.id)
BY_HASH = TupleQuery(sa.select(AUDIT_EVENT.c.id).where(AUDIT_EVENT.c.hash == sa.bindparam("sought")))


@pytest.fixture
def database(tmp_path: Path):
    """An empty database."""
    with Database.open(tmp_path / "said.sqlite", identity=AddressKeys(bytes(32))) as made:
        yield made


def rows(*whose: int | None, after: int = 0):
    """Rows of the audit trail of these participants, numbered from there on."""
    numbers = count(after + 1)
    return [
        {
            "id": number,
            "at": AT,
            "kind": AuditKind.ANSWER,
            "participant_id": one,
            "details": f'{{"is it a ?":{number}}}',
            "prev_hash": bytes(32),
            "hash": bytes([number] * 32),
        }
        for number, one in zip(numbers, whose, strict=False)
    ]


@pytest.mark.parametrize("whose", [(None,), (7,), (None, None), (7, None), (None, 7), (7, 8), (0, None)])
def test_rows_are_written_as_they_are(database, whose):
    """A column in which no row has anything is left out of what is sent, and comes out as nothing all the same."""
    for number in range(2):  # the second time by what is known of the first
        made = rows(*whose, after=number * len(whose))
        assert database.write_now(lambda connection, made=made: INSERT.run(connection, made)) == len(whose)
    with database.reading() as connection:
        kept = [tuple(row) for row in connection.execute(WHOSE)]
    assert kept == [(one, f'{{"is it a ?":{number}}}') for number, one in enumerate(whose * 2, start=1)]


def test_nothing_takes_the_place_of_something(database):
    """An update sets what it is given, also where that is nothing in all of its rows."""
    database.write_now(lambda connection: INSERT.run(connection, rows(7, 8, 9)))
    changes = [{"of": number, "who": None, "what": "{}"} for number in (1, 2)]
    assert database.write_now(lambda connection: CHANGE.run(connection, changes)) == 2
    with database.reading() as connection:
        assert connection.execute(sa.select(AUDIT_EVENT.c.participant_id)).scalars().all() == [None, None, 9]


def test_bytes_are_found_again(database):
    """What is kept as bytes is found by them, and comes back as bytes."""
    database.write_now(lambda connection: INSERT.run(connection, rows(7, None)))
    with database.reading() as connection:
        assert BY_HASH.run(connection, sought=bytes([2] * 32)) == [(2,)]
        [first, _] = connection.execute(sa.select(AUDIT_EVENT.c.hash)).scalars().all()
    assert first == bytes([1] * 32)
    assert isinstance(first, bytes)
