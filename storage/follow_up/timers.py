"""Keep future actions: a row with a due time each, written in the transaction that decides on them.

Nothing is kept in memory that a crash may take. A row that is done keeps its reason; one that was put off
keeps the reason for that while it waits.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import Schedule
from flows.schedule import local_time, queue_order
from flows.schedule.contact_policy import ContactReason
from storage.conversations.conversations import ConversationRecord
from storage.database.commit_notes import JournalNote, note
from storage.database.statements import BulkWrite, Row, TupleQuery, among, numbers
from storage.programs import programs
from storage.schema import CONVERSATION, TIMER, JournalKind, TimerKind

_UNFINISHED = TIMER.c.done_at.is_(None)
COLUMNS = (
    TIMER.c.id,
    TIMER.c.kind,
    TIMER.c.participant_id,
    TIMER.c.conversation_id,
    TIMER.c.follow_up_id,
    TIMER.c.turns,
    TIMER.c.due_at,
    TIMER.c.flow,
    TIMER.c.subject,
    TIMER.c.reason,
)
"""The fields of `DueTimer`, in their order."""
_DUE = {
    kind: TupleQuery(
        sa.select(*COLUMNS)
        .where(_UNFINISHED, TIMER.c.kind == kind, TIMER.c.due_at <= sa.bindparam("now"))
        .where(TIMER.c.due_at >= sa.bindparam("place"))
        .where(sa.or_(TIMER.c.due_at > sa.bindparam("place"), TIMER.c.id > sa.bindparam("after")))
        .order_by(TIMER.c.due_at, TIMER.c.id)
        .limit(sa.bindparam("most"))
    )
    for kind in TimerKind
}
"""Of one kind, so that the index gives them in their order however many are due."""
_STILL_DUE = TupleQuery(
    sa.select(*COLUMNS).where(among(TIMER.c.id, "timers"), _UNFINISHED, TIMER.c.due_at <= sa.bindparam("now"))
)
_FIRST_OF_EACH = sa.union_all(
    *(
        sa.select(sa.func.min(TIMER.c.due_at).label("at")).where(_UNFINISHED, TIMER.c.kind == kind)
        for kind in TimerKind
    )
).subquery("first")
_NEXT_DUE = TupleQuery(sa.select(sa.func.min(_FIRST_OF_EACH.c.at)))
_ARM = TIMER.insert().returning(TIMER.c.id)
_ARM_MANY = BulkWrite(TIMER.insert(), ("kind", "due_at", "participant_id", "conversation_id"))
_FINISH = BulkWrite(
    TIMER.update()
    .where(TIMER.c.id == sa.bindparam("timer"))
    .values(done_at=sa.bindparam("now"), reason=sa.bindparam("why")),
    (),
)
_PUT_OFF = BulkWrite(
    TIMER.update()
    .where(TIMER.c.id == sa.bindparam("timer"))
    .values(due_at=sa.bindparam("until"), reason=sa.bindparam("why")),
    (),
)
_BRING_FORWARD = BulkWrite(
    TIMER.update()
    .where(
        TIMER.c.participant_id == sa.bindparam("participant"),
        _UNFINISHED,
        TIMER.c.reason == sa.bindparam("behind"),
    )
    .values(due_at=sa.bindparam("now"), reason=sa.null()),
    (),
)
_OF_CONVERSATION = (
    (TIMER.c.participant_id == sa.bindparam("participant"))
    & _UNFINISHED
    & (TIMER.c.conversation_id == sa.bindparam("conversation"))
)
_CLOSES_AT = TupleQuery(
    sa.select(TIMER.c.due_at).where(_OF_CONVERSATION, TIMER.c.kind == TimerKind.WAVE_CLOSE)
)
_LATER = (
    sa.select(TIMER.c.id)
    .where(_OF_CONVERSATION, TIMER.c.id > sa.bindparam("timer"), TIMER.c.due_at <= sa.bindparam("now"))
    .limit(1)
)
_LATER_REMINDER = {kind: TupleQuery(_LATER.where(TIMER.c.kind == kind)) for kind in TimerKind}
_END_CONVERSATION = (
    TIMER.update()
    .where(_OF_CONVERSATION, TIMER.c.kind.not_in((TimerKind.WAVE_CLOSE, TimerKind.FAREWELL)))
    .values(done_at=sa.bindparam("now"), reason=ContactReason.TALK_ENDED)
)
_FINISH_KINDS = (
    TIMER.update()
    .where(
        TIMER.c.participant_id
        == sa.select(CONVERSATION.c.participant_id)
        .where(CONVERSATION.c.id == sa.bindparam("conversation"))
        .scalar_subquery(),
        _UNFINISHED,
        TIMER.c.conversation_id == sa.bindparam("conversation"),
        TIMER.c.kind.in_(sa.bindparam("kinds", expanding=True)),
    )
    .values(done_at=sa.bindparam("now"), reason=sa.bindparam("why"))
    .returning(*COLUMNS)
)
_REMINDERS = (TimerKind.INTERVIEW_REMINDER, TimerKind.WAVE_REMINDER)

LATE_ANSWERS = timedelta(days=90)
"""How long a follow-up conversation stays open for a late answer, unless a later wave takes its place."""

QUIET_AFTER_RESUME = timedelta(hours=24)
"""No reminder comes sooner than this after the hour that the participant chose: the resume itself asks again."""


@dataclass(frozen=True, slots=True)
class DueTimer:
    """Hold a timer as it was set: what is to be done, for whom, about what, and when.

    `turns` is the conversation's turn count at that time; None where it does not matter.
    """

    id: int
    kind: TimerKind
    participant_id: int
    conversation_id: int | None
    follow_up_id: int | None
    turns: int | None
    due_at: datetime
    flow: str | None = None
    subject: str | None = None
    reason: str | None = None
    """Why it was put off; None where it was not."""

    @property
    def queued(self) -> bool:
        """Whether what it brings is queued, and has not been handed over yet."""
        return self.reason == ContactReason.QUEUED

    @property
    def found_closed(self) -> bool:
        """Whether it was put off since the window was closed, to its opening."""
        return self.reason == ContactReason.OUTSIDE_WINDOW and self.due_at.microsecond > 0

    @property
    def was_due(self) -> datetime:
        """When it was due before it found the window closed, however often; else when it is due."""
        return queue_order.was_due(self.due_at) if self.found_closed else self.due_at

    @property
    def order(self) -> "tuple[datetime, bool, datetime, int]":
        """The order in which timers go: what found the window closed goes before what is due as it opens."""
        opening = queue_order.opening_of(self.due_at) if self.found_closed else self.due_at
        return opening, not self.found_closed, self.due_at, self.id


class TimerPlace(NamedTuple):
    """Name a place in the order in which timers are due: that of a timer, by when it is due and its number."""

    due_at: datetime
    id: int


FIRST_PLACE = TimerPlace(datetime(1970, 1, 1, tzinfo=UTC), 0)
"""Before all timers."""
_LAST_NUMBER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class NewTimer:
    """Hold a timer that is to be set. The fields are those of `storage.schema.Timer`."""

    kind: TimerKind
    participant_id: int
    due_at: datetime
    conversation_id: int | None = None
    follow_up_id: int | None = None
    turns: int | None = None
    flow: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class WaveConversation:
    """Hold a follow-up conversation that has just begun, with the schedule that it goes by."""

    conversation_id: int
    participant_id: int
    schedule: Schedule
    zone: str
    """The participant's IANA time zone."""
    at: datetime


def arm(connection: Connection, timer: NewTimer) -> int:
    """Set a timer; return its number."""
    return int(connection.execute(_ARM, asdict(timer)).scalar_one())


def _rows(
    participant_id: int, conversation_id: int, times: Sequence[tuple[TimerKind, datetime]]
) -> list[Row]:
    """Return the rows that set several timers of one conversation."""
    whose = {"participant_id": participant_id, "conversation_id": conversation_id}
    return [{"kind": kind, "due_at": due_at, **whose} for kind, due_at in times]


def due(
    connection: Connection,
    now: datetime,
    limit: int,
    kinds: Collection[TimerKind] = tuple(TimerKind),
    after: TimerPlace = FIRST_PLACE,
) -> tuple[DueTimer, ...]:
    """Return the timers of these kinds whose time has come, the one due first before the others, at most `limit`.

    Only those behind the place `after`.
    """
    where = {"now": now, "most": limit, "place": after.due_at, "after": after.id}
    rows = [row for kind in kinds for row in _DUE[kind].run(connection, **where)]
    found = sorted((DueTimer(*row) for row in rows), key=attrgetter("due_at", "id"))
    return tuple(found[:limit])


def due_in_order(
    connection: Connection, now: datetime, limit: int, kinds: Collection[TimerKind]
) -> tuple[DueTimer, ...]:
    """Return at most `limit` timers that go next, by time; those due as a window opens go by `DueTimer.order`."""
    found = due(connection, now, limit, kinds)
    if not found or found[0].due_at.microsecond:
        return found
    opening = found[0].due_at
    behind = TimerPlace(opening, _LAST_NUMBER)
    after = due(connection, min(now, opening + timedelta(seconds=1)), limit, kinds, behind)
    both = {one.id: one for one in (*found, *(one for one in after if one.found_closed))}
    return tuple(sorted(both.values(), key=attrgetter("order"))[:limit])


def still_due(connection: Connection, timer_ids: Collection[int], now: datetime) -> tuple[DueTimer, ...]:
    """Return those of the timers that are due at `now`, in their order; not those that are done by now."""
    rows = _STILL_DUE.run(connection, timers=numbers(timer_ids), now=now)
    return tuple(sorted((DueTimer(*row) for row in rows), key=attrgetter("order")))


def next_due(connection: Connection) -> datetime | None:
    """Return when the next timer is due; None if none is set."""
    first: datetime | None = _NEXT_DUE.run(connection)[0][0]
    return first


def finish(connection: Connection, timer_id: int, reason: str, *, now: datetime) -> None:
    """End a timer, with a `reason` that says what came of it."""
    _FINISH.run(connection, [{"timer": timer_id, "now": now, "why": reason}])


def put_off(connection: Connection, timer_id: int, due_at: datetime, reason: str | None) -> None:
    """Put a timer off to another time. `reason` says why a contact is deferred; None where none was due yet."""
    _PUT_OFF.run(connection, [{"timer": timer_id, "until": due_at, "why": reason}])


def decide_again(
    connection: Connection, participant_id: int, behind: ContactReason, *, now: datetime
) -> None:
    """Have a participant's timers that were put off for the reason `behind` be due now, to be decided on again."""
    _BRING_FORWARD.run(connection, [{"participant": participant_id, "now": now, "behind": behind}])


def put_off_all(connection: Connection, timer_ids: Iterable[int], due_at: datetime, reason: str) -> None:
    """Put timers off to the same time, with the same reason."""
    whose = {"until": due_at, "why": reason}
    _PUT_OFF.run(connection, [{"timer": number, **whose} for number in timer_ids])


def finish_of_conversation(
    connection: Connection, conversation_id: int, reason: str, *, now: datetime, kinds: Collection[TimerKind]
) -> tuple[DueTimer, ...]:
    """End the timers of some kinds that are set for a conversation; return those that were ended."""
    values = {"conversation": conversation_id, "kinds": list(kinds), "now": now, "why": reason}
    return tuple(DueTimer(*row) for row in connection.execute(_FINISH_KINDS, values))


def finish_of_participant(
    connection: Connection, participant_id: int, reason: str, *, now: datetime
) -> tuple[DueTimer, ...]:
    """End all timers that are set for a participant; return those that were ended."""
    rows = connection.execute(
        TIMER.update()
        .where(TIMER.c.participant_id == participant_id, _UNFINISHED)
        .values(done_at=now, reason=reason)
        .returning(*COLUMNS)
    )
    return tuple(DueTimer(*row) for row in rows)


def change_reason(connection: Connection, participant_id: int, *, of: str, to: str) -> None:
    """Give the timers of a participant that were ended for the reason `of` the reason `to`."""
    connection.execute(
        TIMER.update()
        .where(TIMER.c.participant_id == participant_id, TIMER.c.done_at.is_not(None), TIMER.c.reason == of)
        .values(reason=to)
    )


def conversations_started(
    connection: Connection, conversations: Iterable[ConversationRecord], *, now: datetime
) -> None:
    """Set the timers of unfinished conversations: for each one for its reminders and one for its end.

    They are set once. When they fire they look at the conversation's last turn and set themselves anew, so
    that turns write no timers.
    """
    rows = []
    for conversation in conversations:
        schedule = programs.program_file(connection, conversation.program_id).schedule
        times = [(TimerKind.EXPIRE, now + timedelta(days=schedule.expire_after))]
        if schedule.interview_reminder_hours:
            first = now + timedelta(hours=min(schedule.interview_reminder_hours))
            times.append((TimerKind.INTERVIEW_REMINDER, first))
        rows += _rows(conversation.participant_id, conversation.id, times)
    _ARM_MANY.run(connection, rows)


def wave_started(connection: Connection, wave: WaveConversation) -> None:
    """Set the timers of a follow-up conversation: its reminders, the close of its wave, and its end.

    It has none of the timers that every other conversation gets at its start.
    """
    schedule = wave.schedule
    times = [
        (TimerKind.WAVE_REMINDER, local_time.reminder_due(wave.at, days, schedule.window, wave.zone))
        for days in reminder_days(schedule)
    ]
    times.append((TimerKind.WAVE_CLOSE, wave.at + timedelta(days=schedule.close_after)))
    times.append((TimerKind.EXPIRE, wave.at + LATE_ANSWERS))
    _ARM_MANY.run(connection, _rows(wave.participant_id, wave.conversation_id, times))


def reminder_days(schedule: Schedule) -> list[int]:
    """Return after how many days a wave is reminded of, in the order in which the timers are set: while it is open."""
    return [days for days in schedule.reminders if days < schedule.close_after]


def closes_at(connection: Connection, conversation_id: int, participant_id: int) -> datetime | None:
    """Return when the wave of a follow-up conversation closes; None if it has closed, or it is no follow-up."""
    rows = _CLOSES_AT.run(connection, participant=participant_id, conversation=conversation_id)
    return rows[0][0] if rows else None


def later_reminder_due(connection: Connection, timer: DueTimer, now: datetime) -> bool:
    """Return whether another reminder of the same conversation, planned after this one, is due as well."""
    found = _LATER_REMINDER[timer.kind].run(
        connection,
        participant=timer.participant_id,
        conversation=timer.conversation_id,
        timer=timer.id,
        now=now,
    )
    return bool(found)


def conversation_ended(
    connection: Connection, *, conversation_id: int, participant_id: int, now: datetime
) -> None:
    """End the timers of a conversation that ended; what was put off until its end becomes due now.

    The close of a wave stays: a follow-up that was left unanswered is closed at its own time. Timers of what
    follows on the conversation are to be set after this.
    """
    values = {"participant": participant_id, "conversation": conversation_id, "now": now}
    connection.execute(_END_CONVERSATION, values)
    decide_again(connection, participant_id, ContactReason.OTHER_TALK_OPEN, now=now)


def move(
    connection: Connection, *, participant_id: int, from_conversation: int, to_conversation: int
) -> None:
    """Move the timers that are still set for one conversation of a participant to another."""
    connection.execute(
        TIMER.update()
        .where(
            TIMER.c.participant_id == participant_id,
            _UNFINISHED,
            TIMER.c.conversation_id == from_conversation,
        )
        .values(conversation_id=to_conversation)
    )


def snooze(
    connection: Connection, *, conversation_id: int, participant_id: int, until: datetime, now: datetime
) -> None:
    """Set a timer for the hour that the participant chose to be asked again, in place of an earlier one.

    Reminders come 24 hours after it at the soonest. A longer hold ('until 3 August') stands: they are asked at its end.
    """
    finish_of_conversation(
        connection, conversation_id, ContactReason.SNOOZED_AGAIN, now=now, kinds=[TimerKind.RESUME]
    )
    turns = connection.scalar(sa.select(CONVERSATION.c.turns).where(CONVERSATION.c.id == conversation_id))
    arm(
        connection,
        NewTimer(TimerKind.RESUME, participant_id, until, conversation_id=conversation_id, turns=turns),
    )
    note(connection, JournalNote(JournalKind.SNOOZE, now, conversation_id=conversation_id, until=until))
    quiet_until = until + QUIET_AFTER_RESUME
    connection.execute(
        TIMER.update()
        .where(
            TIMER.c.participant_id == participant_id,
            _UNFINISHED,
            TIMER.c.conversation_id == conversation_id,
            TIMER.c.kind.in_(_REMINDERS),
            TIMER.c.due_at < quiet_until,
        )
        .values(due_at=quiet_until)
    )


def resumes_at(connection: Connection, conversation_id: int) -> datetime | None:
    """Return the hour that the participant chose for a paused conversation to go on; None where they chose none."""
    due_at: datetime | None = connection.scalar(
        sa.select(sa.func.max(TIMER.c.due_at)).where(
            TIMER.c.conversation_id == conversation_id, TIMER.c.kind == TimerKind.RESUME, _UNFINISHED
        )
    )
    return due_at


def pause(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """Cancel the snooze of a conversation that is paused until the participant returns.

    The contact hold until the hour that they chose ends with it.
    """
    note(connection, JournalNote(JournalKind.PAUSE, now, conversation_id=conversation_id))
    finish_of_conversation(
        connection, conversation_id, ContactReason.TALK_MOVED_ON, now=now, kinds=[TimerKind.RESUME]
    )
