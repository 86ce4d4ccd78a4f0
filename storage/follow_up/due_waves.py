"""Read what a wave of follow-up needs at its time: what is due with it, what is open, what was said.

Read when the timer fires and never before, so that nothing is decided on what was true a month ago.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.schedule.contact_policy import ContactReason
from storage.conversations import contact_log, outbox
from storage.conversations.conversations import ConversationRecord
from storage.database.statements import BulkWrite, TupleQuery, among, by_no_index, numbers
from storage.follow_up import timers
from storage.follow_up import waves as follow_ups
from storage.follow_up.timers import WaveConversation
from storage.follow_up.waves import UNCLOSED
from storage.schema import (
    COMMITMENT,
    CONVERSATION,
    FOLLOW_UP,
    IMPLEMENTATION,
    TIMER,
    ContactAction,
    ConversationStatus,
    FollowUpStatus,
    ImplementationStatus,
    TimerKind,
)

_CLOSED_MATTERS = frozenset(
    {ImplementationStatus.FULL, ImplementationStatus.DROPPED, ImplementationStatus.ALREADY}
)


_SCHEDULED = TupleQuery(
    sa.select(FOLLOW_UP.c.id, FOLLOW_UP.c.program_id).where(
        among(FOLLOW_UP.c.id, "follow_ups"), FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED
    )
)
_SENT_IN = TupleQuery(
    sa.select(
        FOLLOW_UP.c.conversation_id,
        FOLLOW_UP.c.id,
        FOLLOW_UP.c.commitment_id,
        FOLLOW_UP.c.sent_at,
        FOLLOW_UP.c.answered_at,
        FOLLOW_UP.c.status,
    ).where(among(FOLLOW_UP.c.participant_id, "people"), among(FOLLOW_UP.c.conversation_id, "conversations"))
)
_MARK_SENT = BulkWrite(
    FOLLOW_UP.update()
    .where(FOLLOW_UP.c.id == sa.bindparam("of"))
    .values(
        status=sa.case(
            (
                FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED,
                sa.bindparam("to", type_=FOLLOW_UP.c.status.type),
            ),
            else_=FOLLOW_UP.c.status,
        ),
        sent_at=sa.bindparam("now"),
        conversation_id=sa.bindparam("conversation"),
    ),
    (),
)
_PUT_OFF_TO = TupleQuery(
    sa.select(sa.func.count(sa.distinct(TIMER.c.participant_id)))
    .select_from(TIMER)
    .join(FOLLOW_UP, FOLLOW_UP.c.id == TIMER.c.follow_up_id)
    .where(
        TIMER.c.done_at.is_(None),
        TIMER.c.kind == TimerKind.WAVE,
        TIMER.c.due_at > sa.bindparam("opening"),
        TIMER.c.due_at < sa.bindparam("until"),
        TIMER.c.reason == ContactReason.OUTSIDE_WINDOW.value,
        FOLLOW_UP.c.program_id == sa.bindparam("program"),
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


@dataclass(frozen=True, slots=True)
class DueWave:
    """Hold a follow-up that is due, with its timer.

    `status` is the latest report on the commitment, None without any; `last` says that no later wave comes.
    """

    participant_id: int
    program_id: int
    due_at: datetime
    timer_id: int
    follow_up_id: int
    commitment_id: int
    address_id: int
    """Where the conversation was held in which the commitment was made."""
    activity_id: int | None
    days: int
    last: bool
    status: ImplementationStatus | None
    reason: str | None = None
    """Why its timer was put off."""
    planned_at: datetime | None = None
    """When it was to be sent, however often its timer was put off since."""

    @property
    def queued(self) -> bool:
        """Whether the first message over it waits to be handed over."""
        return self.reason == ContactReason.QUEUED

    @property
    def worth_asking(self) -> bool:
        """Whether to ask about the commitment: open ones at every wave, those done in full once more at the last.

        What was dropped is not asked about again.
        """
        return not is_settled(self.status, last=self.last)


def is_settled(status: ImplementationStatus | None, *, last: bool) -> bool:
    """Return whether a commitment that was last reported so has nothing left to ask at a wave, its last or not."""
    return status is ImplementationStatus.DROPPED if last else status in _CLOSED_MATTERS


@dataclass(frozen=True, slots=True)
class SentWave:
    """Hold a follow-up that was sent: one of those that its conversation asks about."""

    id: int
    commitment_id: int
    sent_at: datetime
    answered: bool
    closed: bool


def programs_of_scheduled(connection: Connection, follow_up_ids: Collection[int]) -> dict[int, int]:
    """Return the number of the program of each of these follow-ups that is still to be sent."""
    return {row[0]: row[1] for row in _SCHEDULED.run(connection, follow_ups=numbers(follow_up_ids))}


def due_waves(
    connection: Connection, *, participant_id: int, program_id: int, until: datetime
) -> tuple[DueWave, ...]:
    """Return the follow-ups of a participant in a program that are to be sent before `until`.

    The oldest commitment comes first, its waves by their days.
    """
    theirs = due_waves_of_many(connection, [participant_id], until).get(participant_id, ())
    return tuple(wave for wave in theirs if wave.program_id == program_id)


def due_waves_of_many(
    connection: Connection, participant_ids: Collection[int], until: datetime
) -> dict[int, list[DueWave]]:
    """Return the follow-ups of participants that are to be sent before `until`, in all programs, by participant.

    The oldest commitment of each comes first, its waves by their days.
    """
    found: dict[int, list[DueWave]] = defaultdict(list)
    for row in _DUE_WAVES.run(connection, people=numbers(participant_ids), until=until):
        found[row[0]].append(DueWave(*row))
    return found


def _select_due_waves() -> sa.Select[Any]:
    """Build the query of `due_waves_of_many`.

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
            TIMER.c.participant_id,
            FOLLOW_UP.c.program_id,
            TIMER.c.due_at,
            TIMER.c.id,
            FOLLOW_UP.c.id,
            FOLLOW_UP.c.commitment_id,
            CONVERSATION.c.address_id,
            COMMITMENT.c.activity_id,
            FOLLOW_UP.c.wave_days,
            last.label("last"),
            status.label("latest"),
            TIMER.c.reason,
            FOLLOW_UP.c.due_at.label("planned_at"),
        )
        .join(FOLLOW_UP, FOLLOW_UP.c.id == TIMER.c.follow_up_id)
        .join(COMMITMENT, COMMITMENT.c.id == FOLLOW_UP.c.commitment_id)
        .join(CONVERSATION, CONVERSATION.c.id == COMMITMENT.c.conversation_id)
        .where(
            among(TIMER.c.participant_id, "people"),
            TIMER.c.done_at.is_(None),
            by_no_index(TIMER.c.kind) == TimerKind.WAVE,
            TIMER.c.due_at < sa.bindparam("until"),
            FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED,
        )
        .order_by(COMMITMENT.c.made_at, COMMITMENT.c.id, FOLLOW_UP.c.wave_days)
    )


_DUE_WAVES = TupleQuery(_select_due_waves())


def put_off_to(connection: Connection, program_id: int, opening: datetime) -> int:
    """Return how many participants of a program have waves that found the window closed and wait for an opening."""
    where = {"program": program_id, "opening": opening, "until": opening + timedelta(seconds=1)}
    [(count,)] = _PUT_OFF_TO.run(connection, **where)
    return int(count)


def sent_in(connection: Connection, conversation_id: int, participant_id: int) -> tuple[SentWave, ...]:
    """Return the follow-ups that a conversation asks about; empty for one that is no follow-up."""
    return sent_in_many(connection, {conversation_id: participant_id}).get(conversation_id, ())


def sent_in_many(connection: Connection, participants: Mapping[int, int]) -> dict[int, tuple[SentWave, ...]]:
    """Return the follow-ups that conversations ask about, by conversation; none is named that is no follow-up.

    `participants` has the participant of each conversation.
    """
    if not participants:
        return {}
    found: dict[int, tuple[SentWave, ...]] = {}
    rows = _SENT_IN.run(
        connection, people=numbers(set(participants.values())), conversations=numbers(participants)
    )
    for conversation_id, number, commitment_id, sent_at, answered_at, status in rows:
        one = SentWave(
            id=number,
            commitment_id=commitment_id,
            sent_at=sent_at,
            answered=answered_at is not None,
            closed=status not in UNCLOSED,
        )
        found[conversation_id] = (*found.get(conversation_id, ()), one)
    return found


def mark_sent(connection: Connection, follow_up_ids: Iterable[int], begun: WaveConversation) -> None:
    """Mark follow-ups as sent in the conversation that has begun over them.

    Those that are answered already, as where nobody knew whether their question had arrived, stay so. The reminders of
    that conversation, the close of its wave and its end are set.
    """
    whose = {"to": FollowUpStatus.SENT, "now": begun.at, "conversation": begun.conversation_id}
    _MARK_SENT.run(connection, [{"of": number, **whose} for number in follow_up_ids])
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
            entry = contact_log.of_timer(timer, ContactAction.NOT_SENT, reason, now)
            contact_log.record(connection, entry)
    timers.conversation_ended(
        connection, conversation_id=conversation.id, participant_id=conversation.participant_id, now=now
    )
