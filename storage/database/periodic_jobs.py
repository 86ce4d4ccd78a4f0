"""What the house does at its hours: a row each, with when it is due next. Nothing of it is kept in memory."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import Query
from storage.schema import CHORE

PURGE: Final = "purge"
_DUE_AT = Query(sa.select(CHORE.c.due_at).where(CHORE.c.name == sa.bindparam("chore")))


def is_due(connection: Connection, name: str, now: datetime) -> bool:
    """Whether it is to be done now; also when it was never done."""
    return all(due_at <= now for (due_at,) in _DUE_AT.run(connection, chore=name))


def last_done(connection: Connection, name: str) -> datetime | None:
    """When it was done last; None if it never was."""
    last: datetime | None = connection.scalar(sa.select(CHORE.c.done_at).where(CHORE.c.name == name))
    return last


def done(connection: Connection, name: str, *, now: datetime, next_at: datetime) -> None:
    """It was done now; the next time is `next_at`."""
    connection.execute(CHORE.delete().where(CHORE.c.name == name))
    connection.execute(CHORE.insert().values(name=name, due_at=next_at, done_at=now))
