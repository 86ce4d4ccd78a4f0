"""Keep the codes that let a coordinator in without the app of their second step: each is good once.

Only keyed hashes are kept. The codes belong to a second step, and end with it. A backup does not know which of its
codes were used since it was made, so a restore ends all of them.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.address_keys import AddressKeys
from storage.schema import RECOVERY_CODE


def hash_of(identity: AddressKeys, coordinator_id: int, code: str) -> bytes:
    """Return the keyed hash of a coordinator's code: the same digits of somebody else have another."""
    return identity.token_hash(f"recovery {coordinator_id} {code}")


def make(connection: Connection, coordinator_id: int, hashes: Iterable[bytes], now: datetime) -> None:
    """Keep new codes of a coordinator by their hashes; those of before end."""
    forget(connection, coordinator_id)
    rows = [{"coordinator_id": coordinator_id, "code_hash": one, "made_at": now} for one in hashes]
    connection.execute(RECOVERY_CODE.insert(), rows)


def use(connection: Connection, coordinator_id: int, code_hash: bytes, now: datetime) -> bool:
    """Use up a code; return False where a coordinator has none of this hash that was not used."""
    good = (RECOVERY_CODE.c.coordinator_id == coordinator_id) & (RECOVERY_CODE.c.code_hash == code_hash)
    used = RECOVERY_CODE.update().where(good, RECOVERY_CODE.c.used_at.is_(None)).values(used_at=now)
    return connection.execute(used).rowcount == 1


def are_good(connection: Connection, coordinator_id: int, hashes: Iterable[bytes]) -> bool:
    """Return whether each of these is the hash of a code of a coordinator that was not used; none is used by that."""
    wanted = set(hashes)
    query = sa.select(RECOVERY_CODE.c.code_hash).where(
        RECOVERY_CODE.c.coordinator_id == coordinator_id, RECOVERY_CODE.c.used_at.is_(None)
    )
    return bool(wanted) and wanted <= set(connection.scalars(query))


def left(connection: Connection, coordinator_id: int) -> int:
    """Return how many codes of a coordinator were not used."""
    unused = (RECOVERY_CODE.c.coordinator_id == coordinator_id) & RECOVERY_CODE.c.used_at.is_(None)
    return int(connection.scalar(sa.select(sa.func.count()).select_from(RECOVERY_CODE).where(unused)) or 0)


def forget(connection: Connection, coordinator_id: int) -> None:
    """Delete all codes of a coordinator."""
    connection.execute(RECOVERY_CODE.delete().where(RECOVERY_CODE.c.coordinator_id == coordinator_id))


def forget_all(connection: Connection) -> int:
    """Delete the codes of everybody; return how many were not used."""
    unused = sa.select(sa.func.count()).select_from(RECOVERY_CODE).where(RECOVERY_CODE.c.used_at.is_(None))
    count = int(connection.scalar(unused) or 0)
    connection.execute(RECOVERY_CODE.delete())
    return count
