"""Keep the roles of coordinators: what each may do, in one program or in all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.commit_notes import JournalNote, note
from storage.people.coordinators import CoordinatorRecord
from storage.schema import COORDINATOR_ROLE, PROGRAM, JournalKind, TeamRole

FIRST_ROLES = (TeamRole.COORDINATOR, TeamRole.SAFETY)
"""What whoever is enrolled without a role may do: what every coordinator could do before there were roles."""


@dataclass(frozen=True, slots=True)
class GivenRole:
    """A role that somebody has in a program, by its short name, or (None) in all."""

    role: TeamRole
    program: str | None = None

    @property
    def name(self) -> str:
        """Return it as it is typed: `safety`, or `safety:myeloma` for one program."""
        return self.role.value if self.program is None else f"{self.role.value}:{self.program}"

    @classmethod
    def of_name(cls, name: str) -> Self | None:
        """Read it as it is typed; None where there is no such role. Whether the program is there is not looked at."""
        role, _, program = name.partition(":")
        return cls(TeamRole(role), program or None) if role in set(TeamRole) else None


def roles_of(connection: Connection, coordinator_id: int) -> tuple[GivenRole, ...]:
    """Return the roles of a coordinator, those in all programs first."""
    query = (
        sa.select(COORDINATOR_ROLE.c.role, PROGRAM.c.slug)
        .outerjoin(PROGRAM, PROGRAM.c.id == COORDINATOR_ROLE.c.program_id)
        .where(COORDINATOR_ROLE.c.coordinator_id == coordinator_id)
        .order_by(PROGRAM.c.slug.nulls_first(), COORDINATOR_ROLE.c.role)
    )
    return tuple(GivenRole(*row) for row in connection.execute(query))


def give_roles(
    connection: Connection, coordinator: CoordinatorRecord, roles: Iterable[GivenRole], now: datetime
) -> None:
    """Give a coordinator just these roles, in place of those that they have. The programs must be there.

    A restored backup is told of them.
    """
    given = tuple(dict.fromkeys(roles))
    numbers = {row.slug: row.id for row in connection.execute(sa.select(PROGRAM.c.slug, PROGRAM.c.id))}
    connection.execute(COORDINATOR_ROLE.delete().where(COORDINATOR_ROLE.c.coordinator_id == coordinator.id))
    rows = [
        {
            "coordinator_id": coordinator.id,
            "role": one.role,
            "program_id": None if one.program is None else numbers[one.program],
            "given_at": now,
        }
        for one in given
    ]
    if rows:
        connection.execute(COORDINATOR_ROLE.insert(), rows)
    names = tuple(sorted(one.name for one in given))
    note(connection, JournalNote(JournalKind.ROLES, now, coordinator=coordinator.code, roles=names))


def give_again(
    connection: Connection, coordinator: CoordinatorRecord, names: Iterable[str], now: datetime
) -> bool:
    """Give a coordinator just the roles that they had after a restored backup was made; return False where so.

    `names` are those of `GivenRole.name`. A role in a program that came after the backup is left out.
    """
    known = set(connection.scalars(sa.select(PROGRAM.c.slug)))
    told = [GivenRole.of_name(name) for name in names]
    given = [one for one in told if one is not None and (one.program is None or one.program in known)]
    if set(given) == set(roles_of(connection, coordinator.id)):
        return False
    give_roles(connection, coordinator, given, now)
    return True


def given_at(connection: Connection, coordinator_id: int) -> datetime | None:
    """Return when a coordinator was given the roles that they have; None where they have none."""
    query = sa.select(sa.func.max(COORDINATOR_ROLE.c.given_at))
    found: datetime | None = connection.scalar(
        query.where(COORDINATOR_ROLE.c.coordinator_id == coordinator_id)
    )
    return found


def is_sole_admin(connection: Connection, coordinator_id: int) -> bool:
    """Return whether a coordinator looks after the team, and nobody else does."""
    held = (COORDINATOR_ROLE.c.role == TeamRole.ADMIN) & COORDINATOR_ROLE.c.program_id.is_(None)
    return set(connection.scalars(sa.select(COORDINATOR_ROLE.c.coordinator_id).where(held))) == {
        coordinator_id
    }


def anyone_is(connection: Connection, role: TeamRole) -> bool:
    """Return whether somebody has a role in all programs."""
    held = (COORDINATOR_ROLE.c.role == role) & COORDINATOR_ROLE.c.program_id.is_(None)
    return connection.scalar(sa.select(COORDINATOR_ROLE.c.id).where(held).limit(1)) is not None
