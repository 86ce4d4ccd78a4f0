"""Keep when each periodic job is due next: a row per job, nothing in memory."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import TupleQuery
from storage.schema import PERIODIC_JOB

PURGE: Final = "purge"
_DUE_AT = TupleQuery(sa.select(PERIODIC_JOB.c.due_at).where(PERIODIC_JOB.c.name == sa.bindparam("job")))

_DONE_AT = TupleQuery(sa.select(PERIODIC_JOB.c.done_at).where(PERIODIC_JOB.c.name == sa.bindparam("job")))


def is_due(connection: Connection, name: str, now: datetime) -> bool:
    """Return whether the periodic job of that name is due at `now`; one that was never done is due."""
    return all(due_at <= now for (due_at,) in _DUE_AT.run(connection, job=name))


def last_done(connection: Connection, name: str) -> datetime | None:
    """Return when the periodic job of that name was done last; None if it never was."""
    return next((done_at for (done_at,) in _DONE_AT.run(connection, job=name)), None)


def mark_done(connection: Connection, name: str, *, now: datetime, next_at: datetime) -> None:
    """Record that the periodic job of that name was done at `now`, and is due again at `next_at`."""
    connection.execute(PERIODIC_JOB.delete().where(PERIODIC_JOB.c.name == name))
    connection.execute(PERIODIC_JOB.insert().values(name=name, due_at=next_at, done_at=now))


def forget_done_after(connection: Connection, now: datetime) -> None:
    """Delete the periodic jobs that were done after `now`, by a clock that was ahead: they are done again."""
    connection.execute(PERIODIC_JOB.delete().where(PERIODIC_JOB.c.done_at > now))


def forget(connection: Connection, prefix: str, *, now: datetime) -> None:
    """Delete the periodic jobs whose names begin with `prefix` and that are due at `now`: they come no more."""
    theirs = PERIODIC_JOB.c.name.startswith(prefix, autoescape=True)
    connection.execute(PERIODIC_JOB.delete().where(theirs, PERIODIC_JOB.c.due_at <= now))
