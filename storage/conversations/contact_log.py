"""What was sent, deferred or not sent of our own accord, and why. Append-only: `said why` reads it."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import BulkWrite, TupleQuery
from storage.schema import CONTACT, ContactAction, TimerKind

BUDGET_PERIOD = timedelta(days=7)
"""Over which `contacts_per_week` counts: any seven days, not a calendar week."""

OF_OUR_OWN_ACCORD = (
    TimerKind.WAVE,
    TimerKind.WAVE_REMINDER,
    TimerKind.INTERVIEW_REMINDER,
    TimerKind.FOLLOW_ON,
)
"""What a person did not ask for. A resume at the hour that they chose is no contact of ours."""

_SENT_SINCE = (
    sa.select(CONTACT.c.at)
    .where(
        CONTACT.c.participant_id == sa.bindparam("participant"),
        CONTACT.c.at > sa.bindparam("since"),
        CONTACT.c.action == ContactAction.SENT,
        CONTACT.c.timer_kind.in_(OF_OUR_OWN_ACCORD),
    )
    .order_by(CONTACT.c.at)
)
_SENT_OF_KIND = TupleQuery(
    sa.select(CONTACT.c.at)
    .where(
        CONTACT.c.participant_id == sa.bindparam("participant"),
        CONTACT.c.conversation_id == sa.bindparam("conversation"),
        CONTACT.c.timer_kind == sa.bindparam("of_kind", type_=CONTACT.c.timer_kind.type),
        CONTACT.c.action == ContactAction.SENT,
    )
    .order_by(CONTACT.c.at)
)
_RECORD = BulkWrite(CONTACT.insert(), [column.name for column in CONTACT.c if column.name != "id"])


def record(
    connection: Connection,
    *,
    participant_id: int,
    action: ContactAction,
    reason: str,
    at: datetime,
    timer_kind: TimerKind | None = None,
    follow_up_id: int | None = None,
    conversation_id: int | None = None,
    new_due_at: datetime | None = None,
) -> None:
    """Add a line to a participant's story. `reason` is a code, never a person's words."""
    row = {
        "participant_id": participant_id,
        "timer_kind": timer_kind,
        "follow_up_id": follow_up_id,
        "conversation_id": conversation_id,
        "action": action,
        "reason": reason,
        "at": at,
        "new_due_at": new_due_at,
    }
    _RECORD.run(connection, [row])


def sent_in_period(connection: Connection, participant_id: int, now: datetime) -> tuple[datetime, ...]:
    """When we contacted the person in the last seven days, over all programmes, oldest first."""
    values = {"participant": participant_id, "since": now - BUDGET_PERIOD}
    return tuple(connection.scalars(_SENT_SINCE, values))


def sent_of_kind(
    connection: Connection, participant_id: int, conversation_id: int, kind: TimerKind
) -> tuple[datetime, ...]:
    """When contacts of one kind went out in a conversation, oldest first."""
    rows = _SENT_OF_KIND.run(
        connection, participant=participant_id, conversation=conversation_id, of_kind=kind
    )
    return tuple(at for (at,) in rows)
