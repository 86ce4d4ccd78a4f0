"""Record what was sent, deferred or not sent of our own accord, and why. Append-only: `said why` reads it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import BulkWrite, TupleQuery, among, numbers
from storage.schema import CONTACT, ContactAction, TimerKind

BUDGET_PERIOD = timedelta(days=7)
"""Over which `contacts_per_week` counts: any seven days, not a calendar week."""

NOT_YET = timedelta(days=1)
"""What was sent later than this from now was sent by a clock that was ahead."""

OF_OUR_OWN_ACCORD = (
    TimerKind.WAVE,
    TimerKind.WAVE_REMINDER,
    TimerKind.INTERVIEW_REMINDER,
    TimerKind.FOLLOW_ON,
)
"""What a participant did not ask for. A resume at the hour that they chose is no contact of ours."""

_SENT_SINCE = (
    sa.select(CONTACT.c.at)
    .where(
        CONTACT.c.participant_id == sa.bindparam("participant"),
        CONTACT.c.at > sa.bindparam("since"),
        CONTACT.c.at < sa.bindparam("until"),
        CONTACT.c.action == ContactAction.SENT,
        CONTACT.c.timer_kind.in_(OF_OUR_OWN_ACCORD),
    )
    .order_by(CONTACT.c.at)
)
_SENT_TO_MANY = TupleQuery(
    sa.select(CONTACT.c.participant_id, CONTACT.c.at)
    .where(
        among(CONTACT.c.participant_id, "people"),
        CONTACT.c.at > sa.bindparam("since"),
        CONTACT.c.at < sa.bindparam("until"),
        CONTACT.c.action == ContactAction.SENT,
        sa.or_(*(CONTACT.c.timer_kind == kind for kind in OF_OUR_OWN_ACCORD)),
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
_SENT_FOR_REASON = TupleQuery(
    sa.select(CONTACT.c.at)
    .where(
        CONTACT.c.participant_id == sa.bindparam("participant"),
        CONTACT.c.at > sa.bindparam("since"),
        CONTACT.c.action == ContactAction.SENT,
        CONTACT.c.reason == sa.bindparam("of_reason"),
    )
    .order_by(CONTACT.c.at)
)
_RECORD = BulkWrite(CONTACT.insert(), [column.name for column in CONTACT.c if column.name != "id"])


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """Hold a contact that was sent, deferred or not sent. `reason` is a code, never a participant's words."""

    participant_id: int
    action: ContactAction
    reason: str
    at: datetime
    timer_kind: TimerKind | None = None
    follow_up_id: int | None = None
    conversation_id: int | None = None
    new_due_at: datetime | None = None
    """When a deferred contact comes again."""


class LoggedTimer(Protocol):
    """What the log keeps of a timer."""

    @property
    def participant_id(self) -> int:
        """The participant whom it is about."""

    @property
    def kind(self) -> TimerKind:
        """What it was set for."""

    @property
    def follow_up_id(self) -> int | None:
        """The follow-up that it is of, if any."""

    @property
    def conversation_id(self) -> int | None:
        """The conversation that it is of, if any."""


def of_timer(
    timer: LoggedTimer,
    action: ContactAction,
    reason: str,
    at: datetime,
    *,
    new_due_at: datetime | None = None,
) -> ContactEntry:
    """Return the entry of what came of a timer; `new_due_at` is when it comes again, if it was put off."""
    return ContactEntry(
        timer.participant_id,
        action,
        reason,
        at,
        timer.kind,
        timer.follow_up_id,
        timer.conversation_id,
        new_due_at,
    )


def record(connection: Connection, entry: ContactEntry) -> None:
    """Add an entry to the contact log: a contact that was sent, deferred or not sent."""
    _RECORD.run(connection, [asdict(entry)])


def drop_queued(
    connection: Connection, *, participant_id: int | None = None, conversation_id: int | None = None
) -> None:
    """Forget what was queued for a participant, or in a conversation: it is dropped, and its end is logged."""
    queued = CONTACT.delete().where(sa.text("contact.action = 'queued'"))
    if participant_id is not None:
        queued = queued.where(CONTACT.c.participant_id == participant_id)
    if conversation_id is not None:
        queued = queued.where(CONTACT.c.conversation_id == conversation_id)
    connection.execute(queued)


def sent_in_period(connection: Connection, participant_id: int, now: datetime) -> tuple[datetime, ...]:
    """Return the times at which we contacted a participant of our own accord in the last seven days, oldest first.

    Contacts of all programs count, since the weekly limit is one of the participant. One of a day to come does not: the
    clock was wrong then, and it would count until that day.
    """
    values = {"participant": participant_id, "since": now - BUDGET_PERIOD, "until": now + NOT_YET}
    return tuple(connection.scalars(_SENT_SINCE, values))


def sent_to_many(
    connection: Connection, participant_ids: Collection[int], now: datetime
) -> dict[int, tuple[datetime, ...]]:
    """Return for each of these participants what `sent_in_period` returns; nobody without a contact is named."""
    found: dict[int, list[datetime]] = defaultdict(list)
    for number, at in _SENT_TO_MANY.run(
        connection, people=numbers(participant_ids), since=now - BUDGET_PERIOD, until=now + NOT_YET
    ):
        found[number].append(at)
    return {number: tuple(times) for number, times in found.items()}


def sent_of_kind(
    connection: Connection, participant_id: int, conversation_id: int, kind: TimerKind
) -> tuple[datetime, ...]:
    """Return the times at which contacts of one kind, such as reminders, went out in a conversation, oldest first."""
    rows = _SENT_OF_KIND.run(
        connection, participant=participant_id, conversation=conversation_id, of_kind=kind
    )
    return tuple(at for (at,) in rows)


def sent_for_reason(
    connection: Connection, participant_id: int, reason: str, now: datetime
) -> tuple[datetime, ...]:
    """Return the times at which something went out for a reason in the last seven days, oldest first."""
    rows = _SENT_FOR_REASON.run(
        connection, participant=participant_id, since=now - BUDGET_PERIOD, of_reason=reason
    )
    return tuple(at for (at,) in rows)
