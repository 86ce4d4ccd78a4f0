"""Keep the browsers in which coordinators are signed in: how long each is good, and how it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.people.coordinators import CoordinatorRecord, list_all
from storage.schema import CONSOLE_SESSION, COORDINATOR
from storage.team.roles import GivenRole, roles_of

LIFE: Final = timedelta(hours=12)
"""How long a session lasts, whatever is done in it."""
IDLE: Final = timedelta(minutes=45)
"""How long it lasts without a page being asked for."""
WRONG_CODES: Final = 5
"""So many wrong codes of the second step end a session."""
_SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Who is signed in, in which session, and what they may do.

    `needs_second_step` says that they have a second step and have not given its code in this session.
    """

    session_id: int
    coordinator: CoordinatorRecord
    roles: tuple[GivenRole, ...]
    needs_second_step: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in the list of sessions."""

    id: int
    code: str
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    device: str
    """The browser and the system, as `Firefox on Windows`; '' where they are not known."""


def begin(
    connection: Connection, coordinator_id: int, secret_hash: bytes, now: datetime, device: str = ""
) -> int:
    """Begin a session, known by the keyed hash of its secret; return its number. Those that are over are deleted.

    `device` is the short name of the browser and its system; '' where it is not known.
    """
    connection.execute(CONSOLE_SESSION.delete().where(CONSOLE_SESSION.c.expires_at <= now - LIFE))
    values = {"started_at": now, "seen_at": now, "expires_at": now + LIFE}
    made = CONSOLE_SESSION.insert().values(
        coordinator_id=coordinator_id, secret_hash=secret_hash, device=device, **values
    )
    return int(connection.execute(made.returning(CONSOLE_SESSION.c.id)).scalar_one())


def find(connection: Connection, secret_hash: bytes, now: datetime) -> TeamMember | None:
    """Return who is signed in with a secret of this hash; None where nobody is, or no longer."""
    query = (
        sa.select(CONSOLE_SESSION, COORDINATOR.c.totp_sealed)
        .join(COORDINATOR, COORDINATOR.c.id == CONSOLE_SESSION.c.coordinator_id)
        .where(CONSOLE_SESSION.c.secret_hash == secret_hash, *_going_on(now))
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    [coordinator] = [one for one in list_all(connection) if one.id == row.coordinator_id]
    return TeamMember(
        row.id,
        coordinator,
        roles_of(connection, row.coordinator_id),
        needs_second_step=row.totp_sealed is not None and row.confirmed_at is None,
    )


def is_to_be_marked(connection: Connection, session_id: int, now: datetime) -> bool:
    """Return whether it is a minute since a session was marked as seen."""
    query = sa.select(CONSOLE_SESSION.c.seen_at).where(CONSOLE_SESSION.c.id == session_id)
    seen_at = connection.scalar(query)
    return seen_at is not None and now - seen_at >= _SEEN_EVERY


def mark_seen(connection: Connection, session_id: int, now: datetime) -> None:
    """Mark that a page was asked for in a session."""
    connection.execute(CONSOLE_SESSION.update().where(CONSOLE_SESSION.c.id == session_id).values(seen_at=now))


def confirm(connection: Connection, session_id: int, now: datetime) -> None:
    """Keep that the code of the second step was given in a session."""
    connection.execute(
        CONSOLE_SESSION.update().where(CONSOLE_SESSION.c.id == session_id).values(confirmed_at=now)
    )


def count_wrong_code(connection: Connection, session_id: int, now: datetime) -> None:
    """Count a wrong code of the second step; the fifth ends the session."""
    tries = connection.execute(
        CONSOLE_SESSION.update()
        .where(CONSOLE_SESSION.c.id == session_id)
        .values(tries=CONSOLE_SESSION.c.tries + 1)
        .returning(CONSOLE_SESSION.c.tries)
    ).scalar_one()
    if tries >= WRONG_CODES:
        end(connection, [session_id], now)


def wrong_codes(connection: Connection, coordinator_id: int, since: datetime) -> int:
    """Return how many wrong codes of the second step were given in a coordinator's sessions that began since then."""
    mine = (CONSOLE_SESSION.c.coordinator_id == coordinator_id) & (CONSOLE_SESSION.c.started_at > since)
    return int(connection.scalar(sa.select(sa.func.sum(CONSOLE_SESSION.c.tries)).where(mine)) or 0)


def end(connection: Connection, session_ids: Sequence[int], now: datetime) -> int:
    """End sessions; return how many went on until now."""
    return connection.execute(
        CONSOLE_SESSION.update()
        .where(CONSOLE_SESSION.c.id.in_(session_ids), CONSOLE_SESSION.c.ended_at.is_(None))
        .values(ended_at=now)
    ).rowcount


def end_unconfirmed(connection: Connection, coordinator_id: int, now: datetime) -> None:
    """End the sessions of a coordinator in which no code of the second step was given."""
    mine = CONSOLE_SESSION.c.coordinator_id == coordinator_id
    waiting = mine & CONSOLE_SESSION.c.confirmed_at.is_(None) & CONSOLE_SESSION.c.ended_at.is_(None)
    connection.execute(CONSOLE_SESSION.update().where(waiting).values(ended_at=now))


def going_on(connection: Connection, now: datetime) -> tuple[SessionRow, ...]:
    """Return the sessions that go on, those that were used last first."""
    query = (
        sa.select(
            CONSOLE_SESSION.c.id,
            COORDINATOR.c.code,
            CONSOLE_SESSION.c.started_at,
            CONSOLE_SESSION.c.seen_at,
            CONSOLE_SESSION.c.expires_at,
            CONSOLE_SESSION.c.device,
        )
        .join(COORDINATOR, COORDINATOR.c.id == CONSOLE_SESSION.c.coordinator_id)
        .where(*_going_on(now))
        .order_by(CONSOLE_SESSION.c.seen_at.desc(), CONSOLE_SESSION.c.id)
    )
    return tuple(SessionRow(*row) for row in connection.execute(query))


def _going_on(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        CONSOLE_SESSION.c.ended_at.is_(None),
        CONSOLE_SESSION.c.expires_at > now,
        CONSOLE_SESSION.c.seen_at > now - IDLE,
    )
