"""Future actions: a row with a due time each, written in the transaction that decides on them.

Nothing is kept in memory that a crash may take. A row that is done keeps its reason; one that was put off
keeps the reason for that while it waits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import Schedule
from flows.schedule import local_time
from flows.schedule.contact_policy import ContactReason
from storage.database.statements import BulkWrite, TupleQuery
from storage.programs import programs
from storage.schema import CONVERSATION, PARTICIPANT, TIMER, TimerKind

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
)
"""The fields of `DueTimer`, in their order."""
_DUE = TupleQuery(
    sa.select(*COLUMNS)
    .where(_UNFINISHED, TIMER.c.due_at <= sa.bindparam("now"))
    .order_by(TIMER.c.due_at, TIMER.c.id)
    .limit(sa.bindparam("most"))
)
_STILL_DUE = TupleQuery(
    sa.select(*COLUMNS).where(
        TIMER.c.id == sa.bindparam("timer"), _UNFINISHED, TIMER.c.due_at <= sa.bindparam("now")
    )
)
_NEXT_DUE = TupleQuery(sa.select(sa.func.min(TIMER.c.due_at)).where(_UNFINISHED))
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
_OF_CONVERSATION = (
    (TIMER.c.participant_id == sa.bindparam("participant"))
    & _UNFINISHED
    & (TIMER.c.conversation_id == sa.bindparam("conversation"))
)
_DELETE_OF_CONVERSATION = TIMER.delete().where(_OF_CONVERSATION)
_CLOSES_AT = TupleQuery(
    sa.select(TIMER.c.due_at).where(_OF_CONVERSATION, TIMER.c.kind == TimerKind.WAVE_CLOSE)
)
_LATER_REMINDER = TupleQuery(
    sa.select(TIMER.c.id)
    .where(
        _OF_CONVERSATION,
        TIMER.c.kind == sa.bindparam("same_kind", type_=TIMER.c.kind.type),
        TIMER.c.id > sa.bindparam("timer"),
        TIMER.c.due_at <= sa.bindparam("now"),
    )
    .limit(1)
)
_END_CONVERSATION = (
    TIMER.update()
    .where(_OF_CONVERSATION, TIMER.c.kind != TimerKind.WAVE_CLOSE)
    .values(done_at=sa.bindparam("now"), reason=ContactReason.TALK_ENDED)
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
"""How long a follow-up talk stays open for a late answer, unless a later wave takes its place."""

QUIET_AFTER_RESUME = timedelta(hours=24)
"""No reminder comes sooner than this after the hour that the person chose: the resume itself asks again."""


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose time has come. `turns` is the conversation's turn count when it was set, or None."""

    id: int
    kind: TimerKind
    participant_id: int
    conversation_id: int | None
    follow_up_id: int | None
    turns: int | None
    due_at: datetime
    flow: str | None = None
    subject: str | None = None


def arm(
    connection: Connection,
    kind: TimerKind,
    *,
    participant_id: int,
    due_at: datetime,
    conversation_id: int | None = None,
    follow_up_id: int | None = None,
    turns: int | None = None,
    flow: str | None = None,
    subject: str | None = None,
) -> int:
    """Set a timer; returns its number."""
    row = {
        "kind": kind,
        "participant_id": participant_id,
        "conversation_id": conversation_id,
        "follow_up_id": follow_up_id,
        "turns": turns,
        "due_at": due_at,
        "flow": flow,
        "subject": subject,
    }
    return int(connection.execute(_ARM, row).scalar_one())


def _arm_all(
    connection: Connection,
    participant_id: int,
    conversation_id: int,
    times: Sequence[tuple[TimerKind, datetime]],
) -> None:
    """Set several timers of one talk at once."""
    whose = {"participant_id": participant_id, "conversation_id": conversation_id}
    _ARM_MANY.run(connection, [{"kind": kind, "due_at": due_at, **whose} for kind, due_at in times])


def due(connection: Connection, now: datetime, limit: int) -> tuple[DueTimer, ...]:
    """The timers whose time has come, in due order, at most `limit`: reads no row that is not due."""
    return tuple(DueTimer(*row) for row in _DUE.run(connection, now=now, most=limit))


def still_due(connection: Connection, timer_id: int, now: datetime) -> DueTimer | None:
    """The timer, unless it was done or put off since it was found."""
    rows = _STILL_DUE.run(connection, timer=timer_id, now=now)
    return DueTimer(*rows[0]) if rows else None


def next_due(connection: Connection) -> datetime | None:
    """When the next timer is due; None if none is set."""
    earliest: datetime | None = _NEXT_DUE.run(connection)[0][0]
    return earliest


def finish(connection: Connection, timer_id: int, reason: str, *, now: datetime) -> None:
    """It is done, and this came of it."""
    _FINISH.run(connection, [{"timer": timer_id, "now": now, "why": reason}])


def put_off(connection: Connection, timer_id: int, due_at: datetime, reason: str | None) -> None:
    """It comes again at another time. `reason` None for an ordinary look, which is no deferral."""
    _PUT_OFF.run(connection, [{"timer": timer_id, "until": due_at, "why": reason}])


def finish_of_conversation(
    connection: Connection, conversation_id: int, reason: str, *, now: datetime, kinds: Collection[TimerKind]
) -> tuple[DueTimer, ...]:
    """End a conversation's timers of some kinds; returns what was ended."""
    values = {"conversation": conversation_id, "kinds": list(kinds), "now": now, "why": reason}
    return tuple(DueTimer(*row) for row in connection.execute(_FINISH_KINDS, values))


def finish_of_participant(
    connection: Connection, participant_id: int, reason: str, *, now: datetime
) -> tuple[DueTimer, ...]:
    """End everything that is set for a person; returns what was ended."""
    rows = connection.execute(
        TIMER.update()
        .where(TIMER.c.participant_id == participant_id, _UNFINISHED)
        .values(done_at=now, reason=reason)
        .returning(*COLUMNS)
    )
    return tuple(DueTimer(*row) for row in rows)


def conversation_started(
    connection: Connection, *, conversation_id: int, participant_id: int, program_id: int, now: datetime
) -> None:
    """
    Set the timers of an unfinished talk: one for its reminders and one for its end.

    They are set once. When they fire they look at the conversation's last turn and set themselves anew, so
    that turns write no timers.
    """
    schedule = programs.program_file(connection, program_id).schedule
    times = [(TimerKind.EXPIRE, now + timedelta(days=schedule.expire_after))]
    if schedule.interview_reminder_hours:
        first = now + timedelta(hours=min(schedule.interview_reminder_hours))
        times.append((TimerKind.INTERVIEW_REMINDER, first))
    _arm_all(connection, participant_id, conversation_id, times)


def wave_started(
    connection: Connection,
    *,
    conversation_id: int,
    participant_id: int,
    schedule: Schedule,
    zone: str,
    now: datetime,
) -> None:
    """A follow-up talk has its own reminders, close and end, in place of those of an unfinished talk."""
    connection.execute(
        _DELETE_OF_CONVERSATION, {"participant": participant_id, "conversation": conversation_id}
    )
    times = [
        (TimerKind.WAVE_REMINDER, local_time.reminder_due(now, days, schedule.window, zone))
        for days in schedule.reminders
        if days < schedule.close_after
    ]
    times.append((TimerKind.WAVE_CLOSE, now + timedelta(days=schedule.close_after)))
    times.append((TimerKind.EXPIRE, now + LATE_ANSWERS))
    _arm_all(connection, participant_id, conversation_id, times)


def closes_at(connection: Connection, conversation_id: int, participant_id: int) -> datetime | None:
    """When the wave of a follow-up talk closes; None if it has closed."""
    rows = _CLOSES_AT.run(connection, participant=participant_id, conversation=conversation_id)
    return rows[0][0] if rows else None


def later_reminder_due(connection: Connection, timer: DueTimer, now: datetime) -> bool:
    """Whether another reminder of the same talk, planned after this one, is due as well."""
    found = _LATER_REMINDER.run(
        connection,
        participant=timer.participant_id,
        conversation=timer.conversation_id,
        same_kind=timer.kind,
        timer=timer.id,
        now=now,
    )
    return bool(found)


def conversation_ended(
    connection: Connection, *, conversation_id: int, participant_id: int, now: datetime
) -> None:
    """
    End a conversation's timers, and bring forward what waited behind it.

    The close of a wave stays: a follow-up that the talk left unanswered is closed at its own time. What follows
    on an ended talk is set after this.
    """
    values = {"participant": participant_id, "conversation": conversation_id, "now": now}
    connection.execute(_END_CONVERSATION, values)
    _BRING_FORWARD.run(
        connection, [{"participant": participant_id, "now": now, "behind": ContactReason.OTHER_TALK_OPEN}]
    )


def move(
    connection: Connection, *, participant_id: int, from_conversation: int, to_conversation: int
) -> None:
    """What is still set for a talk is set for another one."""
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
    """
    Come back at the hour that the person chose, and say nothing of our own accord before it (`quiet_until`).

    A longer hold ('until 3 August') stands as it is: at the hour the gate puts the return off to its end.
    """
    finish_of_conversation(
        connection, conversation_id, ContactReason.SNOOZED_AGAIN, now=now, kinds=[TimerKind.RESUME]
    )
    turns = connection.scalar(sa.select(CONVERSATION.c.turns).where(CONVERSATION.c.id == conversation_id))
    arm(
        connection,
        TimerKind.RESUME,
        participant_id=participant_id,
        conversation_id=conversation_id,
        due_at=until,
        turns=turns,
    )
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


def pause(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """Stop without an hour. An hour that was chosen before holds no more, nor does the silence until then."""
    finish_of_conversation(
        connection, conversation_id, ContactReason.TALK_MOVED_ON, now=now, kinds=[TimerKind.RESUME]
    )


def hold(connection: Connection, *, participant_id: int, until: datetime, now: datetime) -> None:
    """The person is away until then. What waited for the end of an earlier hold is looked at anew."""
    connection.execute(
        PARTICIPANT.update().where(PARTICIPANT.c.id == participant_id).values(hold_until=until)
    )
    _BRING_FORWARD.run(
        connection, [{"participant": participant_id, "now": now, "behind": ContactReason.ON_HOLD}]
    )


def hold_for_team(
    connection: Connection, *, participant_id: int, until: datetime | None, now: datetime
) -> None:
    """A coordinator wants quiet until then; None ends that, and leaves the person's own as it is."""
    connection.execute(
        PARTICIPANT.update().where(PARTICIPANT.c.id == participant_id).values(team_hold_until=until)
    )
    _BRING_FORWARD.run(
        connection, [{"participant": participant_id, "now": now, "behind": ContactReason.ON_HOLD}]
    )


def held_for_team(connection: Connection, participant_id: int) -> datetime | None:
    """Until when a coordinator wants quiet; None if none does."""
    until: datetime | None = connection.scalar(
        sa.select(PARTICIPANT.c.team_hold_until).where(PARTICIPANT.c.id == participant_id)
    )
    return until


def held_until(connection: Connection, participant_id: int) -> datetime | None:
    """Until when the person said to be away; None if they did not."""
    until: datetime | None = connection.scalar(
        sa.select(PARTICIPANT.c.hold_until).where(PARTICIPANT.c.id == participant_id)
    )
    return until
