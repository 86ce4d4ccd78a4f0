"""What a wave of follow-up meets at its time: the person, what is due with it, what is open, what was said.

Read at fire time and never before, so that nothing is decided on what was true a month ago.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.program.model import Schedule
from flows.schedule.contact_policy import ContactReason, Reach
from flows.script.model import Role
from storage.conversations import contact_log, outbox
from storage.follow_up import timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.waves import UNCLOSED
from storage.schema import (
    ACTIVITY,
    ADDRESS,
    COMMITMENT,
    CONVERSATION,
    FOLLOW_UP,
    IMPLEMENTATION,
    PARTICIPANT,
    TIMER,
    AddressStatus,
    ContactAction,
    ConversationStatus,
    FollowUpStatus,
    ImplementationStatus,
    ParticipantStatus,
    TimerKind,
)

UNFINISHED_CONVERSATION = sa.text("conversation.status != 'ended'")
"""Word for word the condition of the partial index, which a bound parameter would not use."""

_CLOSED_MATTERS = frozenset(
    {ImplementationStatus.FULL, ImplementationStatus.DROPPED, ImplementationStatus.ALREADY}
)


_REACH = {
    AddressStatus.ACTIVE: Reach.OPEN,
    AddressStatus.BLOCKED: Reach.BLOCKED,
    AddressStatus.UNREACHABLE: Reach.NONE,
}


_CHOSEN_HOUR = (
    sa.select(sa.func.max(TIMER.c.due_at))
    .where(
        TIMER.c.participant_id == PARTICIPANT.c.id,
        TIMER.c.done_at.is_(None),
        TIMER.c.kind == TimerKind.RESUME,
    )
    .scalar_subquery()
)
_PERSON = sa.select(PARTICIPANT, _CHOSEN_HOUR.label("chosen_hour")).where(
    PARTICIPANT.c.id == sa.bindparam("participant")
)
_CONVERSATION = sa.select(CONVERSATION).where(CONVERSATION.c.id == sa.bindparam("conversation"))
_SCHEDULED = sa.select(FOLLOW_UP.c.program_id).where(
    FOLLOW_UP.c.id == sa.bindparam("follow_up"), FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED
)
_SENT_IN = sa.select(FOLLOW_UP).where(
    FOLLOW_UP.c.participant_id == sa.bindparam("participant"),
    FOLLOW_UP.c.conversation_id == sa.bindparam("conversation"),
)
_ADDRESSES = (
    sa.select(ADDRESS.c.id, ADDRESS.c.status, ADDRESS.c.channel, ADDRESS.c.last_used_at)
    .where(ADDRESS.c.participant_id == sa.bindparam("participant"))
    .order_by(ADDRESS.c.last_used_at.desc().nulls_last(), ADDRESS.c.id.desc())
)
_STATUS_OF = sa.select(ADDRESS.c.status).where(ADDRESS.c.id == sa.bindparam("address"))
_CHANNEL_OF = sa.select(ADDRESS.c.channel).where(ADDRESS.c.id == sa.bindparam("address"))
_ADDRESS_OF = sa.select(CONVERSATION.c.address_id).where(CONVERSATION.c.id == sa.bindparam("conversation"))
_COMMITMENT = sa.select(COMMITMENT).where(COMMITMENT.c.id == sa.bindparam("commitment"))
_TO_COME = sa.select(sa.func.min(FOLLOW_UP.c.due_at), sa.func.max(FOLLOW_UP.c.due_at)).where(
    FOLLOW_UP.c.commitment_id.in_(sa.bindparam("commitments", expanding=True)),
    FOLLOW_UP.c.id.not_in(sa.bindparam("now_asked", expanding=True)),
    FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED,
)
_MARK_SENT = (
    FOLLOW_UP.update()
    .where(FOLLOW_UP.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(
        status=FollowUpStatus.SENT, sent_at=sa.bindparam("now"), conversation_id=sa.bindparam("conversation")
    )
)
_COUNT_REMINDER = (
    FOLLOW_UP.update()
    .where(
        FOLLOW_UP.c.participant_id == sa.bindparam("participant"),
        FOLLOW_UP.c.conversation_id == sa.bindparam("conversation"),
        FOLLOW_UP.c.status.in_(UNCLOSED),
    )
    .values(reminded=FOLLOW_UP.c.reminded + 1)
)
_END = (
    CONVERSATION.update()
    .where(CONVERSATION.c.id == sa.bindparam("conversation"))
    .values(status=ConversationStatus.ENDED, outcome=Outcome.EXPIRED, ended_at=sa.bindparam("now"))
)
_LAST_END = sa.select(sa.func.max(CONVERSATION.c.ended_at)).where(
    CONVERSATION.c.participant_id == sa.bindparam("participant"),
    CONVERSATION.c.outcome == Outcome.COMPLETED,
)
_OPEN_CONVERSATIONS = (
    sa.select(CONVERSATION)
    .where(CONVERSATION.c.participant_id == sa.bindparam("participant"), UNFINISHED_CONVERSATION)
    .order_by(CONVERSATION.c.id)
)


@dataclass(frozen=True, slots=True)
class ContactedParticipant:
    """A participant, as a contact of our own accord needs to know them."""

    id: int
    code: str
    role: Role
    language: str | None
    timezone: str | None
    active: bool
    hold_until: datetime | None
    """Until when they are away or the team wants quiet, or the hour at which they want us back: the latest."""

    def zone(self, of_program: str) -> str:
        """Their IANA time zone, or the programme's where theirs is not known."""
        return self.timezone or of_program


@dataclass(frozen=True, slots=True)
class DueWave:
    """A follow-up that is due, with its timer. `status` is the latest report on the commitment."""

    timer_id: int
    follow_up_id: int
    commitment_id: int
    conversation_id: int
    """The talk in which the commitment was made."""
    activity_id: int | None
    days: int
    last: bool
    status: ImplementationStatus | None

    @property
    def worth_asking(self) -> bool:
        """Open ones at every wave; at the last also those done in full. What was dropped is left in peace."""
        if self.last:
            return self.status is not ImplementationStatus.DROPPED
        return self.status not in _CLOSED_MATTERS


@dataclass(frozen=True, slots=True)
class ContactConversation:
    """A conversation, as far as a timer needs to know it."""

    id: int
    participant_id: int
    program_id: int
    address_id: int
    begun: bool
    """False while it waits behind another talk of the same person."""
    paused: bool
    ended: bool
    turns: int
    started_at: datetime
    last_turn_at: datetime


@dataclass(frozen=True, slots=True)
class SentWave:
    """A follow-up that went out in a talk."""

    id: int
    commitment_id: int
    sent_at: datetime
    answered: bool
    closed: bool


def person(connection: Connection, participant_id: int) -> ContactedParticipant:
    """The participant of that number."""
    row = connection.execute(_PERSON, {"participant": participant_id}).one()
    return ContactedParticipant(
        id=row.id,
        code=row.code,
        role=row.role,
        language=row.language,
        timezone=row.timezone,
        active=row.status is ParticipantStatus.ACTIVE,
        hold_until=max(filter(None, (row.hold_until, row.team_hold_until, row.chosen_hour)), default=None),
    )


def scheduled(connection: Connection, follow_up_id: int) -> int | None:
    """The programme of a follow-up that is still to be sent; None if something else has become of it."""
    program_id: int | None = connection.scalar(_SCHEDULED, {"follow_up": follow_up_id})
    return program_id


def due_waves(
    connection: Connection, *, participant_id: int, program_id: int, until: datetime
) -> tuple[DueWave, ...]:
    """A person's waves in a programme that come before `until`, the oldest commitment first, then by days."""
    values = {"participant": participant_id, "program": program_id, "until": until}
    return tuple(DueWave(*row) for row in connection.execute(_DUE_WAVES, values))


def _select_due_waves() -> sa.Select[Any]:
    """Built once: it runs for each wave. The columns are the fields of `DueWave`, in their order."""
    later = FOLLOW_UP.alias("later")
    last = ~sa.exists().where(
        later.c.commitment_id == FOLLOW_UP.c.commitment_id, later.c.wave_days > FOLLOW_UP.c.wave_days
    )
    status = (
        sa.select(IMPLEMENTATION.c.status)
        .where(IMPLEMENTATION.c.commitment_id == FOLLOW_UP.c.commitment_id)
        .order_by(IMPLEMENTATION.c.reported_at.desc(), IMPLEMENTATION.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(
            TIMER.c.id,
            FOLLOW_UP.c.id,
            FOLLOW_UP.c.commitment_id,
            COMMITMENT.c.conversation_id,
            COMMITMENT.c.activity_id,
            FOLLOW_UP.c.wave_days,
            last,
            status,
        )
        .join(FOLLOW_UP, FOLLOW_UP.c.id == TIMER.c.follow_up_id)
        .join(COMMITMENT, COMMITMENT.c.id == FOLLOW_UP.c.commitment_id)
        .where(
            TIMER.c.participant_id == sa.bindparam("participant"),
            TIMER.c.done_at.is_(None),
            TIMER.c.kind == TimerKind.WAVE,
            TIMER.c.due_at < sa.bindparam("until"),
            FOLLOW_UP.c.program_id == sa.bindparam("program"),
            FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED,
        )
        .order_by(COMMITMENT.c.made_at, COMMITMENT.c.id, FOLLOW_UP.c.wave_days)
    )


_DUE_WAVES = _select_due_waves()


def conversation(connection: Connection, conversation_id: int) -> ContactConversation:
    """The conversation of that number."""
    return _conversation(connection.execute(_CONVERSATION, {"conversation": conversation_id}).one())


def last_end(connection: Connection, participant_id: int) -> datetime | None:
    """When the person last came to the end of a talk, in any programme; None if they never did."""
    ended_at: datetime | None = connection.scalar(_LAST_END, {"participant": participant_id})
    return ended_at


def open_conversations(connection: Connection, participant_id: int) -> tuple[ContactConversation, ...]:
    """A person's conversations that have not ended, those that wait included, oldest first."""
    rows = connection.execute(_OPEN_CONVERSATIONS, {"participant": participant_id})
    return tuple(_conversation(row) for row in rows)


def sent_in(connection: Connection, conversation_id: int, participant_id: int) -> tuple[SentWave, ...]:
    """The follow-ups that went out in a talk; empty for a talk that is none."""
    rows = connection.execute(_SENT_IN, {"participant": participant_id, "conversation": conversation_id})
    return tuple(
        SentWave(
            id=row.id,
            commitment_id=row.commitment_id,
            sent_at=row.sent_at,
            answered=row.answered_at is not None,
            closed=row.status not in UNCLOSED,
        )
        for row in rows
    )


def reach(
    connection: Connection,
    participant_id: int,
    preferred: int | None,
    welcome: Callable[[str], bool] = lambda _channel: True,
) -> tuple[Reach, int | None]:
    """
    Whether the person can be written to, and where: the address they took to last, else the preferred one.

    `welcome` says whether a channel may carry them: an address on another is taken only if there is no better.
    """
    rows = connection.execute(_ADDRESSES, {"participant": participant_id}).all()
    active = [row for row in rows if row.status is AddressStatus.ACTIVE]
    usable = [row for row in active if welcome(row.channel)] or active
    if usable:
        chosen = usable[0].last_used_at is not None or preferred not in [row.id for row in usable]
        return Reach.OPEN, usable[0].id if chosen else preferred
    blocked = any(row.status is AddressStatus.BLOCKED for row in rows)
    return (Reach.BLOCKED if blocked else Reach.NONE), None


def reach_of(connection: Connection, address_id: int) -> Reach:
    """Whether one address can be written to."""
    status = connection.scalar(_STATUS_OF, {"address": address_id})
    return Reach.NONE if status is None else _REACH[status]


def channel_of(connection: Connection, address_id: int) -> str:
    """The channel of an address."""
    return str(connection.scalar(_CHANNEL_OF, {"address": address_id}))


def address_of(connection: Connection, conversation_id: int) -> int | None:
    """The address at which a talk was held."""
    address_id: int | None = connection.scalar(_ADDRESS_OF, {"conversation": conversation_id})
    return address_id


def activity_slug(connection: Connection, activity_id: int | None) -> str | None:
    """The short name of an activity; None for none."""
    slug: str | None = connection.scalar(sa.select(ACTIVITY.c.slug).where(ACTIVITY.c.id == activity_id))
    return slug


def wave_facts(connection: Connection, waves: Sequence[DueWave], zone: str) -> dict[str, Any]:
    """The facts `commitments` and `wave` of a follow-up talk over `waves`, see flows.engine.events."""
    return {
        "commitments": [_commitment(connection, wave, zone) for wave in waves],
        "wave": {
            "days": max(wave.days for wave in waves),
            "last": all(wave.last for wave in waves),
            **_to_come(connection, waves, zone),
        },
    }


def _commitment(connection: Connection, wave: DueWave, zone: str) -> dict[str, Any]:
    row = connection.execute(_COMMITMENT, {"commitment": wave.commitment_id}).one()
    return {
        "id": row.id,
        "follow_up_id": wave.follow_up_id,
        "statement": row.statement,
        "if_then": row.if_then,
        "made_on": _local_date(row.made_at, zone).isoformat(),
        "start_on": row.start_on.isoformat() if row.start_on else None,
        "level": row.level,
        "foreseen_barriers": row.foreseen_barriers or [],
        "suggestion": row.suggestion,
        "status": wave.status,
        "wave_days": wave.days,
    }


def _to_come(connection: Connection, waves: Sequence[DueWave], zone: str) -> dict[str, str | None]:
    """The local dates of the next and of the last wave of any of these commitments; None after the last."""
    asked = {
        "commitments": [wave.commitment_id for wave in waves],
        "now_asked": [wave.follow_up_id for wave in waves],
    }
    first, last = connection.execute(_TO_COME, asked).one()
    return {
        "next_on": None if first is None else _local_date(first, zone).isoformat(),
        "last_on": None if last is None else _local_date(last, zone).isoformat(),
    }


def mark_sent(
    connection: Connection,
    waves: Sequence[DueWave],
    *,
    conversation_id: int,
    participant_id: int,
    schedule: Schedule,
    zone: str,
    now: datetime,
) -> None:
    """The talk over these waves has begun: from now on its reminders and its close have their times."""
    values = {"ids": [wave.follow_up_id for wave in waves], "now": now, "conversation": conversation_id}
    connection.execute(_MARK_SENT, values)
    for wave in waves:
        timers.finish(connection, wave.timer_id, ContactReason.DUE, now=now)
    timers.wave_started(
        connection,
        conversation_id=conversation_id,
        participant_id=participant_id,
        schedule=schedule,
        zone=zone,
        now=now,
    )


def count_reminder(connection: Connection, conversation_id: int, participant_id: int) -> None:
    """One more reminder went out for what a talk has not answered yet."""
    connection.execute(_COUNT_REMINDER, {"participant": participant_id, "conversation": conversation_id})


def end(
    connection: Connection, conversation: ContactConversation, reason: ContactReason, *, now: datetime
) -> None:
    """
    End a talk from outside as expired: what it left unanswered is no response, what it has queued is
    dropped, and what waited behind it comes forward.
    """
    connection.execute(_END, {"conversation": conversation.id, "now": now})
    follow_ups.close_wave(connection, conversation.id, conversation.participant_id, reason, now=now)
    outbox.drop_for_conversation(connection, conversation.id, reason)
    ended = timers.finish_of_conversation(
        connection, conversation.id, reason, now=now, kinds=[TimerKind.WAVE_CLOSE, TimerKind.WAVE_REMINDER]
    )
    for timer in ended:
        if timer.kind is TimerKind.WAVE_REMINDER and timer.due_at <= now:
            contact_log.record(
                connection,
                participant_id=conversation.participant_id,
                timer_kind=timer.kind,
                conversation_id=conversation.id,
                action=ContactAction.NOT_SENT,
                reason=reason,
                at=now,
            )
    timers.conversation_ended(
        connection, conversation_id=conversation.id, participant_id=conversation.participant_id, now=now
    )


def _conversation(row: sa.Row[Any]) -> ContactConversation:
    return ContactConversation(
        id=row.id,
        participant_id=row.participant_id,
        program_id=row.program_id,
        address_id=row.address_id,
        begun=row.status is not ConversationStatus.WAITING,
        paused=row.status is ConversationStatus.PAUSED,
        ended=row.status is ConversationStatus.ENDED,
        turns=row.turns,
        started_at=row.started_at,
        last_turn_at=row.last_turn_at,
    )


def _local_date(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
