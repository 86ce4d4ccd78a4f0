"""Keep a participant's wish, told to the team another way than by the bot, to have everything deleted.

What is deleted cannot be got back, and whoever says on the telephone who they are may be somebody else. So it takes two
people: one coordinator keeps the wish, and a second one confirms it within 14 days.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database import audit
from storage.errors import StorageError
from storage.people import participants
from storage.people.coordinators import CoordinatorRecord
from storage.schema import COORDINATOR, PARTICIPANT, REQUESTED_ERASURE, AuditKind, ParticipantStatus
from storage.team import scope

LIFE: Final = timedelta(days=14)
"""So long a wish waits for a second coordinator."""


class ErasureRefused(StorageError):
    """A wish to have everything deleted cannot be kept, confirmed or taken back: it says why. Nothing was changed."""


class StandingErasure(NamedTuple):
    """A wish that waits for a second coordinator: its number, the first one's code, and until when it stands."""

    id: int
    asked_by: str
    asked_at: datetime
    until: datetime


def standing(connection: Connection, participant_id: int, now: datetime) -> StandingErasure | None:
    """Return the wish of a participant that waits for a second coordinator; None where there is none."""
    row = connection.execute(
        sa.select(REQUESTED_ERASURE.c.id, COORDINATOR.c.code, REQUESTED_ERASURE.c.asked_at)
        .join(COORDINATOR, COORDINATOR.c.id == REQUESTED_ERASURE.c.asked_by)
        .where(
            REQUESTED_ERASURE.c.participant_id == participant_id,
            REQUESTED_ERASURE.c.ended_at.is_(None),
            REQUESTED_ERASURE.c.asked_at > now - LIFE,
        )
    ).first()
    return None if row is None else StandingErasure(row.id, row.code, row.asked_at, row.asked_at + LIFE)


class WaitingErasure(NamedTuple):
    """Whose wish waits for a second coordinator, and the short names of the programs that they are in."""

    participant: str
    programs: tuple[str, ...]
    asked_by: str
    until: datetime


def list_standing(connection: Connection, now: datetime) -> tuple[WaitingErasure, ...]:
    """Return the wishes that wait for a second coordinator, the one that ends first before the others."""
    query = (
        sa.select(PARTICIPANT.c.id, PARTICIPANT.c.code, COORDINATOR.c.code, REQUESTED_ERASURE.c.asked_at)
        .join(PARTICIPANT, PARTICIPANT.c.id == REQUESTED_ERASURE.c.participant_id)
        .join(COORDINATOR, COORDINATOR.c.id == REQUESTED_ERASURE.c.asked_by)
        .where(REQUESTED_ERASURE.c.ended_at.is_(None), REQUESTED_ERASURE.c.asked_at > now - LIFE)
        .where(PARTICIPANT.c.status != ParticipantStatus.DELETED)
        .order_by(REQUESTED_ERASURE.c.asked_at, REQUESTED_ERASURE.c.id)
    )
    return tuple(
        WaitingErasure(code, scope.programs_of_person(connection, number), asked_by, asked_at + LIFE)
        for number, code, asked_by, asked_at in connection.execute(query)
    )


def ask(connection: Connection, participant_id: int, by: CoordinatorRecord, now: datetime) -> StandingErasure:
    """Keep that a participant wants everything deleted; it is done once a second coordinator confirms it.

    Raises:
        ErasureRefused: such a wish stands already, or everything was deleted.
    """
    person = participants.get(connection, participant_id)
    if person.status is ParticipantStatus.DELETED:
        raise ErasureRefused(f"everything of {person.code} was deleted")
    before = standing(connection, participant_id, now)
    if before is not None:
        raise ErasureRefused(f"{before.asked_by} has asked for it already; somebody else must confirm it")
    connection.execute(
        REQUESTED_ERASURE.insert().values(participant_id=participant_id, asked_by=by.id, asked_at=now)
    )
    _audit(connection, participant_id, "erasure asked", by, now)
    found = standing(connection, participant_id, now)
    assert found is not None
    return found


def take_back(connection: Connection, participant_id: int, by: CoordinatorRecord, now: datetime) -> None:
    """End a wish that nobody has confirmed: any coordinator may.

    Raises:
        ErasureRefused: none stands.
    """
    found = _standing(connection, participant_id, now)
    _end(connection, found, now)
    _audit(connection, participant_id, "erasure taken back", by, now)


def confirm(connection: Connection, participant_id: int, by: CoordinatorRecord, now: datetime) -> str:
    """Confirm a wish, as a second coordinator, and return the code of the first: deleting is for the caller to do.

    Raises:
        ErasureRefused: none stands, or it was this coordinator who asked.
    """
    found = _standing(connection, participant_id, now)
    if found.asked_by == by.code:
        raise ErasureRefused(f"{by.code} has asked for it; somebody else of the team must confirm it")
    _end(connection, found, now, confirmed_by=by.id)
    return found.asked_by


def _standing(connection: Connection, participant_id: int, now: datetime) -> StandingErasure:
    found = standing(connection, participant_id, now)
    if found is None:
        raise ErasureRefused("nobody has asked for it within the last 14 days; ask for it first")
    return found


def _end(
    connection: Connection, found: StandingErasure, now: datetime, confirmed_by: int | None = None
) -> None:
    connection.execute(
        REQUESTED_ERASURE.update()
        .where(REQUESTED_ERASURE.c.id == found.id)
        .values(ended_at=now, confirmed_by=confirmed_by)
    )


def _audit(
    connection: Connection, participant_id: int, command: str, by: CoordinatorRecord, now: datetime
) -> None:
    audit.record(
        connection, AuditKind.SETTINGS, participant_id=participant_id, now=now, command=command, by=by.code
    )
