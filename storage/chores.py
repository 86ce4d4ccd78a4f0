"""What the house does at its hours: a row each, with when it is due next. Nothing of it is kept in memory."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import SQLModel

import storage.models  # noqa: F401 - registers the tables that are looked up by name below

CHORE = SQLModel.metadata.tables["chore"]
PURGE: Final = "purge"


def is_due(connection: Connection, name: str, now: datetime) -> bool:
    """Whether it is to be done now; also when it was never done."""
    due_at = connection.scalar(sa.select(CHORE.c.due_at).where(CHORE.c.name == name))
    return due_at is None or due_at <= now


def done(connection: Connection, name: str, *, now: datetime, next_at: datetime) -> None:
    """It was done now; the next time is `next_at`."""
    connection.execute(CHORE.delete().where(CHORE.c.name == name))
    connection.execute(CHORE.insert().values(name=name, due_at=next_at, done_at=now))
