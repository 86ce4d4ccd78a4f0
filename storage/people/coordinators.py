"""Keep the coordinators: enrol them by a link that is good once, find them, and schedule their digests."""

from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.local_time import at_local, local
from storage.database.commit_notes import JournalNote, note
from storage.database.statements import TupleQuery
from storage.errors import StorageError
from storage.people.invitations import new_token
from storage.schema import (
    ADDRESS,
    CONSOLE_LINK,
    CONSOLE_SESSION,
    COORDINATOR,
    COORDINATOR_ROLE,
    LINK_CODE,
    RECOVERY_CODE,
    AddressStatus,
    JournalKind,
)

PREFIX: Final = "team-"
"""How the token of a coordinator's link begins, so that no other is looked for among coordinators."""
LINK_LIFE: Final = timedelta(days=7)


class CoordinatorError(StorageError):
    """A coordinator cannot be enrolled or let go as asked."""


@dataclass(frozen=True, slots=True)
class CoordinatorRecord:
    """A coordinator. `address_id` is None until they have opened their link, and once they were removed.

    `status` is that of the address, None without one; `digest_hour` is local to `timezone`.
    """

    id: int
    code: str
    address_id: int | None
    timezone: str
    digest_hour: int
    digest_due_at: datetime | None
    language: str | None
    """What they chose."""
    locale: str | None
    """Their app's."""
    status: AddressStatus | None
    has_link: bool = False
    """There is a link of theirs that they have not opened."""

    @property
    def wishes(self) -> tuple[str | None, ...]:
        """Return the language that they chose and that of their app, in this order; each None if not known.

        They are told things in the first that the bot has.
        """
        return self.language, self.locale


@dataclass(frozen=True, slots=True)
class CoordinatorSettings:
    """What a coordinator may be given when enrolled: the names are those of the columns.

    `timezone` is an IANA name, `digest_hour` the local hour of the daily digest; `language` None goes by their app.
    """

    timezone: str = "UTC"
    digest_hour: int = 9
    language: str | None = None


_NAMES = ("id", "code", "address_id", "timezone", "digest_hour", "digest_due_at", "language")
_ALL: sa.Select[Any] = sa.select(
    *(COORDINATOR.c[name] for name in _NAMES),
    ADDRESS.c.locale,
    ADDRESS.c.status,
    COORDINATOR.c.token_hash.is_not(None).label("has_link"),
).outerjoin(ADDRESS, ADDRESS.c.id == COORDINATOR.c.address_id)
_LISTED = TupleQuery(_ALL.order_by(COORDINATOR.c.code))
_AT = _ALL.where(COORDINATOR.c.address_id == sa.bindparam("address"))


def new_team_token() -> str:
    """Return a new token for a coordinator's link."""
    return f"{PREFIX}{new_token()}"


def enrol(
    connection: Connection,
    code: str,
    *,
    token_hash: bytes,
    settings: CoordinatorSettings | None = None,
    now: datetime,
) -> None:
    """Make a coordinator of whoever will open the link with this token.

    A code that is known gets a new link, and keeps its work. `settings` None takes the defaults.

    Raises:
        CoordinatorError: they have opened a link already.
    """
    known = connection.execute(sa.select(COORDINATOR).where(COORDINATOR.c.code == code)).first()
    values = {
        "token_hash": token_hash,
        "token_expires_at": now + LINK_LIFE,
        **asdict(settings or CoordinatorSettings()),
    }
    if known is None:
        connection.execute(COORDINATOR.insert().values(code=code, created_at=now, **values))
    elif known.address_id is not None:
        raise CoordinatorError(f"{code!r} is enrolled; `said coordinator remove {code}` first")
    else:
        connection.execute(COORDINATOR.update().where(COORDINATOR.c.id == known.id).values(**values))


def remove(connection: Connection, code: str, now: datetime) -> None:
    """Remove a coordinator from the team: no alert, no digest, no command, no console.

    What they settled keeps their code.

    Raises:
        CoordinatorError: there is no such coordinator.
    """
    values = {"address_id": None, "token_hash": None, "token_expires_at": None, "digest_due_at": None}
    values |= {"totp_sealed": None, "totp_step": None, "account_sealed": None}
    done = connection.execute(
        COORDINATOR.update().where(COORDINATOR.c.code == code).values(**values).returning(COORDINATOR.c.id)
    ).first()
    if done is None:
        raise CoordinatorError(f"there is no coordinator {code!r}; see `said coordinator list`")
    for table in (CONSOLE_SESSION, CONSOLE_LINK, RECOVERY_CODE, COORDINATOR_ROLE, LINK_CODE):
        connection.execute(table.delete().where(table.c.coordinator_id == done.id))
    note(connection, JournalNote(JournalKind.COORDINATOR, now, coordinator=code))


def forget_links(connection: Connection) -> int:
    """End the links that no coordinator has opened, as far as a restored backup knows; return how many."""
    waiting = COORDINATOR.update().where(COORDINATOR.c.token_hash.is_not(None))
    return connection.execute(waiting.values(token_hash=None, token_expires_at=None)).rowcount


def redeem(
    connection: Connection, *, token_hash: bytes, address_id: int, now: datetime
) -> CoordinatorRecord | None:
    """Make whoever is at an address the coordinator whose link they opened, and return the coordinator.

    Return None where the token is none or too old, or the address is a coordinator's already.
    """
    row = connection.execute(sa.select(COORDINATOR).where(COORDINATOR.c.token_hash == token_hash)).first()
    if row is None or row.token_expires_at <= now or at_address(connection, address_id) is not None:
        return None
    values = {"address_id": address_id, "token_hash": None, "token_expires_at": None}
    due_at = next_digest(now, row.digest_hour, row.timezone)
    connection.execute(
        COORDINATOR.update().where(COORDINATOR.c.id == row.id).values(digest_due_at=due_at, **values)
    )
    return at_address(connection, address_id)


def has_link(connection: Connection, token_hash: bytes) -> bool:
    """Return whether a coordinator's link has the token of this hash, also one that is too old."""
    found = sa.select(COORDINATOR.c.id).where(COORDINATOR.c.token_hash == token_hash)
    return connection.scalar(found) is not None


def at_address(connection: Connection, address_id: int) -> CoordinatorRecord | None:
    """Return the coordinator at an address; None where it is nobody's of the team."""
    row = connection.execute(_AT, {"address": address_id}).first()
    return None if row is None else CoordinatorRecord(*row)


def list_all(connection: Connection) -> tuple[CoordinatorRecord, ...]:
    """Return all coordinators, by code."""
    return tuple(CoordinatorRecord(*row) for row in _LISTED.run(connection))


def by_code(connection: Connection, code: str) -> CoordinatorRecord:
    """Return the coordinator with a code, whichever way it is capitalised.

    Raises:
        CoordinatorError: there is none.
    """
    found = find_by_code(connection, code)
    if found is None:
        raise CoordinatorError(f"there is no coordinator {code!r}; see `said coordinator list`")
    return found


def find_by_code(connection: Connection, code: str) -> CoordinatorRecord | None:
    """Return the coordinator with a code, whichever way it is capitalised; None if there is none."""
    row = connection.execute(_ALL.where(sa.func.upper(COORDINATOR.c.code) == code.strip().upper())).first()
    return None if row is None else CoordinatorRecord(*row)


def list_reachable(connection: Connection) -> tuple[CoordinatorRecord, ...]:
    """Return the coordinators who have opened their link, by code."""
    return tuple(one for one in list_all(connection) if one.address_id is not None)


def anyone_hears_alerts(connection: Connection) -> bool:
    """Return whether an alert would reach anybody: a coordinator has opened their link and not blocked the bot."""
    return any(one.status is AddressStatus.ACTIVE for one in list_reachable(connection))


def set_language(connection: Connection, coordinator: CoordinatorRecord, language: str | None) -> None:
    """Set the language in which a coordinator wants to be told things; None goes by their app."""
    connection.execute(
        COORDINATOR.update().where(COORDINATOR.c.id == coordinator.id).values(language=language)
    )


def digests_due(connection: Connection, now: datetime) -> tuple[CoordinatorRecord, ...]:
    """Return the coordinators whose daily digest is due at `now`, by code; only those who have opened their link."""
    return tuple(
        one
        for one in list_reachable(connection)
        if one.digest_due_at is not None and one.digest_due_at <= now
    )


def schedule_next_digest(connection: Connection, coordinator: CoordinatorRecord, now: datetime) -> None:
    """Set a coordinator's next digest to their next local hour for it after `now`."""
    due_at = next_digest(now, coordinator.digest_hour, coordinator.timezone)
    connection.execute(
        COORDINATOR.update().where(COORDINATOR.c.id == coordinator.id).values(digest_due_at=due_at)
    )


def next_digest(now: datetime, hour: int, zone: str) -> datetime:
    """Return the next moment after `now` at which the clocks of the zone show the hour."""
    day = local(now, zone).date()
    today = at_local(day, time(hour), zone)
    return today if today > now else at_local(day + timedelta(days=1), time(hour), zone)
