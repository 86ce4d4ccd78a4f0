"""The team in chat: who is a coordinator at which address, by a link that is good once; and when a digest is due."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import SQLModel

import storage.models  # noqa: F401 - registers the tables that are looked up by name below
from flows.timing import at_local, local
from storage.errors import StorageError
from storage.invitations import new_token

COORDINATOR = SQLModel.metadata.tables["coordinator"]

PREFIX: Final = "team-"
"""How the token of a coordinator's link begins, so that no other is looked for among coordinators."""
LINK_LIFE: Final = timedelta(days=7)


class CoordinatorError(StorageError):
    """A coordinator cannot be enrolled or let go as asked."""


@dataclass(frozen=True, slots=True)
class Coordinator:
    """Somebody of the team. `address_id` is None until the link was opened."""

    id: int
    code: str
    address_id: int | None
    timezone: str
    digest_hour: int
    digest_due_at: datetime | None


_COLUMNS = [
    COORDINATOR.c[name] for name in ("id", "code", "address_id", "timezone", "digest_hour", "digest_due_at")
]
_AT = sa.select(*_COLUMNS).where(COORDINATOR.c.address_id == sa.bindparam("address"))


def token() -> str:
    """A new token for a coordinator's link."""
    return f"{PREFIX}{new_token()}"


def enrol(
    connection: Connection,
    code: str,
    *,
    token_hash: bytes,
    timezone: str = "UTC",
    digest_hour: int = 9,
    now: datetime,
) -> None:
    """
    Let whoever opens the link be this coordinator; a code that is known gets a new link and keeps its work.

    Raises:
        CoordinatorError: they have opened a link already.
    """
    known = connection.execute(sa.select(COORDINATOR).where(COORDINATOR.c.code == code)).first()
    values = {
        "token_hash": token_hash,
        "token_expires_at": now + LINK_LIFE,
        "timezone": timezone,
        "digest_hour": digest_hour,
    }
    if known is None:
        connection.execute(COORDINATOR.insert().values(code=code, created_at=now, **values))
    elif known.address_id is not None:
        raise CoordinatorError(f"{code!r} is enrolled; `said coordinator remove {code}` first")
    else:
        connection.execute(COORDINATOR.update().where(COORDINATOR.c.id == known.id).values(**values))


def remove(connection: Connection, code: str) -> None:
    """
    No longer a coordinator: no alert, no digest, no command. What they settled keeps their code.

    Raises:
        CoordinatorError: there is no such coordinator.
    """
    values = {"address_id": None, "token_hash": None, "token_expires_at": None, "digest_due_at": None}
    done = connection.execute(COORDINATOR.update().where(COORDINATOR.c.code == code).values(**values))
    if done.rowcount == 0:
        raise CoordinatorError(f"there is no coordinator {code!r}; see `said coordinator list`")


def redeem(
    connection: Connection, *, token_hash: bytes, address_id: int, now: datetime
) -> Coordinator | None:
    """Somebody opened a link: from now on they are that coordinator. None where the link is none, or too old."""
    row = connection.execute(sa.select(COORDINATOR).where(COORDINATOR.c.token_hash == token_hash)).first()
    if row is None or row.token_expires_at <= now or at_address(connection, address_id) is not None:
        return None
    values = {"address_id": address_id, "token_hash": None, "token_expires_at": None}
    due_at = next_digest(now, row.digest_hour, row.timezone)
    connection.execute(
        COORDINATOR.update().where(COORDINATOR.c.id == row.id).values(digest_due_at=due_at, **values)
    )
    return at_address(connection, address_id)


def at_address(connection: Connection, address_id: int) -> Coordinator | None:
    """The coordinator at an address; None where it is nobody's of the team."""
    row = connection.execute(_AT, {"address": address_id}).first()
    return None if row is None else Coordinator(*row)


def listed(connection: Connection) -> tuple[Coordinator, ...]:
    """All of them, by code."""
    return tuple(
        Coordinator(*row) for row in connection.execute(sa.select(*_COLUMNS).order_by(COORDINATOR.c.code))
    )


def reached(connection: Connection) -> tuple[Coordinator, ...]:
    """Those who have opened their link."""
    return tuple(one for one in listed(connection) if one.address_id is not None)


def digests_due(connection: Connection, now: datetime) -> tuple[Coordinator, ...]:
    """Those whose hour has come."""
    return tuple(
        one for one in reached(connection) if one.digest_due_at is not None and one.digest_due_at <= now
    )


def digest_sent(connection: Connection, coordinator: Coordinator, now: datetime) -> None:
    """The next digest is tomorrow's."""
    due_at = next_digest(now, coordinator.digest_hour, coordinator.timezone)
    connection.execute(
        COORDINATOR.update().where(COORDINATOR.c.id == coordinator.id).values(digest_due_at=due_at)
    )


def next_digest(now: datetime, hour: int, zone: str) -> datetime:
    """The next moment after now at which the clocks of the zone show the hour."""
    day = local(now, zone).date()
    today = at_local(day, time(hour), zone)
    return today if today > now else at_local(day + timedelta(days=1), time(hour), zone)
