"""Read what a wave of follow-up needs at its time: what is due with it, what is open, what was said.

Read when the timer fires and never before, so that nothing is decided on what was true a month ago.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.schedule.contact_policy import ContactReason, Reach
from storage.conversations import contact_log, outbox
from storage.conversations.conversations import ConversationRecord
from storage.follow_up import timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.timers import WaveConversation
from storage.follow_up.waves import UNCLOSED
from storage.schema import (
    ADDRESS,
    COMMITMENT,
    CONVERSATION,
    FOLLOW_UP,
    IMPLEMENTATION,
    TIMER,
    AddressStatus,
    ContactAction,
    ConversationStatus,
    FollowUpStatus,
    ImplementationStatus,
    TimerKind,
)

_CLOSED_MATTERS = frozenset(
    {ImplementationStatus.FULL, ImplementationStatus.DROPPED, ImplementationStatus.ALREADY}
)


_REACH = {
    AddressStatus.ACTIVE: Reach.OPEN,
    AddressStatus.BLOCKED: Reach.BLOCKED,
    AddressStatus.UNREACHABLE: Reach.NONE,
}


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


@dataclass(frozen=True, slots=True)
class DueWave:
    """Hold a follow-up that is due, with its timer.

    `status` is the latest report on the commitment, None without any; `last` says that no later wave comes.
    """

    timer_id: int
    follow_up_id: int
    commitment_id: int
    conversation_id: int
    """The conversation in which the commitment was made."""
    activity_id: int | None
    days: int
    last: bool
    status: ImplementationStatus | None

    @property
    def worth_asking(self) -> bool:
        """Whether to ask about the commitment: open ones at every wave, those done in full once more at the last.

        What was dropped is not asked about again.
        """
        if self.last:
            return self.status is not ImplementationStatus.DROPPED
        return self.status not in _CLOSED_MATTERS


@dataclass(frozen=True, slots=True)
class SentWave:
    """Hold a follow-up that was sent: one of those that its conversation asks about."""

    id: int
    commitment_id: int
    sent_at: datetime
    answered: bool
    closed: bool


def scheduled(connection: Connection, follow_up_id: int) -> int | None:
    """Return the number of the program of a follow-up that is still to be sent; None if it was sent or closed."""
    program_id: int | None = connection.scalar(_SCHEDULED, {"follow_up": follow_up_id})
    return program_id


def due_waves(
    connection: Connection, *, participant_id: int, program_id: int, until: datetime
) -> tuple[DueWave, ...]:
    """Return the follow-ups of a participant in a program that are to be sent before `until`.

    The oldest commitment comes first, its waves by their days.
    """
    values = {"participant": participant_id, "program": program_id, "until": until}
    return tuple(DueWave(*row) for row in connection.execute(_DUE_WAVES, values))


def _select_due_waves() -> sa.Select[Any]:
    """Build the query of `due_waves` once: it runs for each wave.

    The columns are the fields of `DueWave`, in their order.
    """
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


def last_end(connection: Connection, participant_id: int) -> datetime | None:
    """Return when the participant last completed a conversation, in any program; None if they never did."""
    ended_at: datetime | None = connection.scalar(_LAST_END, {"participant": participant_id})
    return ended_at


def sent_in(connection: Connection, conversation_id: int, participant_id: int) -> tuple[SentWave, ...]:
    """Return the follow-ups that a conversation asks about; empty for one that is no follow-up."""
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
    """Return whether a participant can be written to, and the number of the address; None for nowhere.

    The address that they took to last comes first, else the `preferred` one. `welcome` says whether a channel may
    be used: an address on one that may not is taken only if there is no other.
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
    """Return whether one address can be written to; it cannot if it is not there."""
    status = connection.scalar(_STATUS_OF, {"address": address_id})
    return Reach.NONE if status is None else _REACH[status]


def channel_of(connection: Connection, address_id: int) -> str:
    """Return the name of an address's channel, such as `telegram`."""
    return str(connection.scalar(_CHANNEL_OF, {"address": address_id}))


def address_of(connection: Connection, conversation_id: int) -> int | None:
    """Return the number of the address at which a conversation is held; None if there is no such conversation."""
    address_id: int | None = connection.scalar(_ADDRESS_OF, {"conversation": conversation_id})
    return address_id


def wave_facts(connection: Connection, waves: Sequence[DueWave], zone: str) -> dict[str, Any]:
    """Return what the script of a follow-up conversation reads of its waves: the facts `commitments` and `wave`.

    Days are local to `zone`. The shapes are in `flows.script.facts.Facts`.
    """
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
    """Return the local dates of the next and the last wave of any of these commitments; None after the last."""
    asked = {
        "commitments": [wave.commitment_id for wave in waves],
        "now_asked": [wave.follow_up_id for wave in waves],
    }
    first, last = connection.execute(_TO_COME, asked).one()
    return {
        "next_on": None if first is None else _local_date(first, zone).isoformat(),
        "last_on": None if last is None else _local_date(last, zone).isoformat(),
    }


def mark_sent(connection: Connection, waves: Sequence[DueWave], begun: WaveConversation) -> None:
    """Mark waves as sent in the conversation that has begun over them, and end their timers.

    The reminders of that conversation, the close of its wave and its end are set.
    """
    ids = [wave.follow_up_id for wave in waves]
    connection.execute(_MARK_SENT, {"ids": ids, "now": begun.at, "conversation": begun.conversation_id})
    for wave in waves:
        timers.finish(connection, wave.timer_id, ContactReason.DUE, now=begun.at)
    timers.wave_started(connection, begun)


def count_reminder(connection: Connection, conversation_id: int, participant_id: int) -> None:
    """Count one more reminder on each follow-up that a conversation has not answered yet."""
    connection.execute(_COUNT_REMINDER, {"participant": participant_id, "conversation": conversation_id})


def end(
    connection: Connection, conversation: ConversationRecord, reason: ContactReason, *, now: datetime
) -> None:
    """End a follow-up conversation without the participant, as expired.

    Follow-ups that it left unanswered close as no response, messages that it has queued are dropped, and contacts that
    waited for its end become due.
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
                contact_log.ContactEntry(
                    participant_id=conversation.participant_id,
                    timer_kind=timer.kind,
                    conversation_id=conversation.id,
                    action=ContactAction.NOT_SENT,
                    reason=reason,
                    at=now,
                ),
            )
    timers.conversation_ended(
        connection, conversation_id=conversation.id, participant_id=conversation.participant_id, now=now
    )


def _local_date(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
