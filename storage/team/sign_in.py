"""Let coordinators into the console: links that are good once and for a quarter of an hour, and a second step.

A restored backup is told that a second step was set or taken away, and not what its secret is. Whoever has set one
since then is not let in by their link alone: no code is right until somebody else takes the step away.
"""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.commit_notes import JournalNote, note
from storage.people.coordinators import CoordinatorRecord
from storage.schema import CONSOLE_LINK, CONSOLE_SESSION, COORDINATOR, JournalKind
from storage.team import recovery_codes, sessions

LINK_LIFE: Final = timedelta(minutes=15)
LINKS_AT_ONCE: Final = 5
"""So many links of one coordinator are good at a time, at most: the oldest ends where another is made."""
LOST_STEP: Final = b""
"""What is kept of a second step whose secret is not in the backup that was restored."""


def make_link(connection: Connection, coordinator_id: int, token_hash: bytes, now: datetime) -> None:
    """Keep a link that lets a coordinator in once, by the keyed hash of its token."""
    forget_over(connection, now)
    good = sa.select(CONSOLE_LINK.c.id).where(
        CONSOLE_LINK.c.coordinator_id == coordinator_id, CONSOLE_LINK.c.used_at.is_(None)
    )
    newest = good.order_by(CONSOLE_LINK.c.id.desc()).limit(LINKS_AT_ONCE - 1)
    connection.execute(
        CONSOLE_LINK.delete().where(CONSOLE_LINK.c.id.in_(good), CONSOLE_LINK.c.id.not_in(newest))
    )
    connection.execute(
        CONSOLE_LINK.insert().values(
            coordinator_id=coordinator_id, token_hash=token_hash, made_at=now, expires_at=now + LINK_LIFE
        )
    )


def is_good(connection: Connection, token_hash: bytes, now: datetime) -> bool:
    """Return whether the link with the token of this hash would let somebody in; it is not used by that."""
    return connection.scalar(sa.select(CONSOLE_LINK.c.id).where(*_good(token_hash, now))) is not None


def use_link(connection: Connection, token_hash: bytes, now: datetime) -> int | None:
    """Use up a link, and return the number of the coordinator whom it lets in; None where it is not good."""
    used = connection.execute(
        CONSOLE_LINK.update()
        .where(*_good(token_hash, now))
        .values(used_at=now)
        .returning(CONSOLE_LINK.c.coordinator_id)
    ).first()
    return None if used is None else int(used.coordinator_id)


def forget_over(connection: Connection, now: datetime) -> None:
    """Delete the links that were used, or not, within their time."""
    connection.execute(CONSOLE_LINK.delete().where(CONSOLE_LINK.c.expires_at <= now))


def _good(token_hash: bytes, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        CONSOLE_LINK.c.token_hash == token_hash,
        CONSOLE_LINK.c.used_at.is_(None),
        CONSOLE_LINK.c.expires_at > now,
    )


# The second step


def second_step_of(connection: Connection, coordinator_id: int) -> bytes | None:
    """Return the sealed secret of a coordinator's second step; None where they have none.

    `LOST_STEP` is that of one whose secret is not known here: no code of it is right.
    """
    query = sa.select(COORDINATOR.c.totp_sealed).where(COORDINATOR.c.id == coordinator_id)
    sealed: bytes | None = connection.scalar(query)
    return sealed


def set_second_step(
    connection: Connection, coordinator: CoordinatorRecord, sealed: bytes | None, now: datetime
) -> None:
    """Set the sealed secret of a coordinator's second step, or (None) take it away; a restored backup is told.

    The codes that stood in for the one of before end. Where it is taken away, so do the sessions in which no code was
    given: whoever waits there, perhaps by somebody else's link, is not let in by that.
    """
    recovery_codes.forget(connection, coordinator.id)
    connection.execute(
        COORDINATOR.update()
        .where(COORDINATOR.c.id == coordinator.id)
        .values(totp_sealed=sealed, totp_step=None)
    )
    if sealed is None:
        sessions.end_unconfirmed(connection, coordinator.id, now)
    words = None if sealed is None else step_name(sealed)
    what = JournalNote(JournalKind.SECOND_STEP, now, coordinator=coordinator.code, words=words)
    note(connection, what)


def step_name(sealed: bytes) -> str:
    """Return the words by whose hash a journal knows a second step."""
    return f"second step:{sealed.hex()}"


def forget_all(connection: Connection) -> int:
    """Delete all links into the console, and all sessions: everybody signs in anew. Return how many there were."""
    return sum(connection.execute(table.delete()).rowcount for table in (CONSOLE_LINK, CONSOLE_SESSION))


def take_step(connection: Connection, coordinator_id: int, step: int) -> bool:
    """Return whether no code of this step of time, or of a later one, was taken before; it is taken now."""
    unused = sa.or_(COORDINATOR.c.totp_step.is_(None), COORDINATOR.c.totp_step < step)
    taken = connection.execute(
        COORDINATOR.update().where(COORDINATOR.c.id == coordinator_id, unused).values(totp_step=step)
    )
    return taken.rowcount == 1
