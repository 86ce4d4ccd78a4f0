"""Requests of participants to hear from a human being of the team."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.schema import PARTICIPANT, PERSON_REQUEST, PROGRAM

_ONE = timedelta(days=1)
"""Asked again within this time it is the same request."""


@dataclass(frozen=True, slots=True)
class ContactRequest:
    """A participant's request to hear from a human being, not answered yet.

    `participant` is a code, `program` a short name; None where none is known.
    """

    id: int
    participant: str
    program: str | None
    asked_at: datetime


def add_request(
    connection: Connection,
    *,
    participant_id: int,
    program_id: int | None,
    conversation_id: int | None,
    now: datetime,
) -> None:
    """Add a participant's request to hear from somebody of the team, unless one from within the last day waits."""
    waiting = sa.select(PERSON_REQUEST.c.id).where(
        PERSON_REQUEST.c.participant_id == participant_id,
        PERSON_REQUEST.c.answered_at.is_(None),
        PERSON_REQUEST.c.asked_at > now - _ONE,
    )
    if connection.scalar(waiting.limit(1)) is not None:
        return
    values = {"participant_id": participant_id, "program_id": program_id, "conversation_id": conversation_id}
    connection.execute(PERSON_REQUEST.insert().values(asked_at=now, **values))


def list_waiting(connection: Connection) -> tuple[ContactRequest, ...]:
    """Return the requests to hear from somebody of the team that nobody has answered, oldest first."""
    rows = connection.execute(_waiting().order_by(PERSON_REQUEST.c.id))
    return tuple(ContactRequest(*row) for row in rows)


def find_waiting(connection: Connection, request_id: int) -> ContactRequest | None:
    """Return the request of a number that nobody has answered; None where none waits."""
    row = connection.execute(_waiting().where(PERSON_REQUEST.c.id == request_id)).first()
    return None if row is None else ContactRequest(*row)


def _waiting() -> sa.Select[Any]:
    return (
        sa.select(PERSON_REQUEST.c.id, PARTICIPANT.c.code, PROGRAM.c.slug, PERSON_REQUEST.c.asked_at)
        .join(PARTICIPANT, PARTICIPANT.c.id == PERSON_REQUEST.c.participant_id)
        .outerjoin(PROGRAM, PROGRAM.c.id == PERSON_REQUEST.c.program_id)
        .where(PERSON_REQUEST.c.answered_at.is_(None))
    )


def mark_answered(connection: Connection, request_id: int, *, now: datetime) -> bool:
    """Record that somebody of the team has answered a request; return False if no such request waits."""
    done = PERSON_REQUEST.update().where(
        PERSON_REQUEST.c.id == request_id, PERSON_REQUEST.c.answered_at.is_(None)
    )
    return connection.execute(done.values(answered_at=now)).rowcount == 1
