"""Keep which account of their organisation a coordinator signs in by: sealed, as issuer and lasting name."""

import hmac

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.address_keys import AddressKeys
from storage.schema import COORDINATOR


def owner_of(connection: Connection, subject: str, identity: AddressKeys) -> int | None:
    """Return the number of the coordinator whose account `subject` is, None for nobody; compared in constant time.

    Each is opened and compared, since a team is small and there is nothing to look it up by.
    """
    query = sa.select(COORDINATOR.c.id, COORDINATOR.c.account_sealed)
    found = None
    for row in connection.execute(query.where(COORDINATOR.c.account_sealed.is_not(None))):
        if hmac.compare_digest(identity.open(row.account_sealed).encode(), subject.encode()):
            found = int(row.id)
    return found


def is_connected(connection: Connection, coordinator_id: int) -> bool:
    """Return whether a coordinator has connected an account."""
    query = sa.select(COORDINATOR.c.account_sealed.is_not(None)).where(COORDINATOR.c.id == coordinator_id)
    return bool(connection.scalar(query))


def connect(connection: Connection, code: str, sealed: bytes | None) -> None:
    """Keep the sealed account of a coordinator, or (None) forget it."""
    connection.execute(COORDINATOR.update().where(COORDINATOR.c.code == code).values(account_sealed=sealed))


def disconnect_all(connection: Connection) -> int:
    """Forget all accounts, since a backup does not know which were disconnected; return how many there were."""
    connected = COORDINATOR.c.account_sealed.is_not(None)
    return connection.execute(COORDINATOR.update().where(connected).values(account_sealed=None)).rowcount
