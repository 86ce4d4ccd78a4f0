"""What the house does at its hours: a row each, with when it is due next. Nothing of it is kept in memory."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import TupleQuery
from storage.schema import PERIODIC_JOB

PURGE: Final = "purge"
_DUE_AT = TupleQuery(sa.select(PERIODIC_JOB.c.due_at).where(PERIODIC_JOB.c.name == sa.bindparam("chore")))


def is_due(connection: Connection, name: str, now: datetime) -> bool:
    """Whether it is to be done now; also when it was never done."""
    return all(due_at <= now for (due_at,) in _DUE_AT.run(connection, chore=name))


def last_done(connection: Connection, name: str) -> datetime | None:
    """When it was done last; None if it never was."""
    last: datetime | None = connection.scalar(
        sa.select(PERIODIC_JOB.c.done_at).where(PERIODIC_JOB.c.name == name)
    )
    return last


def mark_done(connection: Connection, name: str, *, now: datetime, next_at: datetime) -> None:
    """It was done now; the next time is `next_at`."""
    connection.execute(PERIODIC_JOB.delete().where(PERIODIC_JOB.c.name == name))
    connection.execute(PERIODIC_JOB.insert().values(name=name, due_at=next_at, done_at=now))
