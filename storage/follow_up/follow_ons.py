"""What follows on a talk, by its programme's file: timers that are set when the talk begins or ends.

Whether it still may come is asked again when its time has come, see `bot.schedule.follow_ons`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import Outcome
from flows.program.model import Change, FollowOn, ProgramFile
from flows.schedule import local_time
from flows.schedule.contact_policy import ContactReason
from flows.script.model import Purpose, Role
from storage.follow_up import timers
from storage.follow_up.timers import DueTimer
from storage.programs import consents, programs
from storage.schema import ANSWER, CONVERSATION, PARTICIPANT, TIMER, ConversationStatus, TimerKind

_IS_FOLLOW_ON = sa.text("timer.kind = 'follow_on'")
"""Word for word the condition of the partial index, which a bound parameter would not use."""


@dataclass(frozen=True, slots=True)
class EarlierConversation:
    """The talk that something follows on, and whose it is."""

    id: int
    participant_id: int
    program_id: int
    activity_id: int | None
    address_id: int
    flow: str
    ended: bool
    outcome: Outcome | None
    started_at: datetime
    last_turn_at: datetime
    ended_at: datetime | None
    role: Role
    timezone: str | None

    @property
    def at(self) -> datetime:
        """When it ended, or began if it has not."""
        return self.ended_at or self.started_at


def earlier(connection: Connection, conversation_id: int) -> EarlierConversation:
    """The talk of that number."""
    row = connection.execute(_EARLIER, {"conversation": conversation_id}).one()
    return EarlierConversation(*row)


_EARLIER = (
    sa.select(
        CONVERSATION.c.id,
        CONVERSATION.c.participant_id,
        CONVERSATION.c.program_id,
        CONVERSATION.c.activity_id,
        CONVERSATION.c.address_id,
        CONVERSATION.c.flow,
        CONVERSATION.c.status == ConversationStatus.ENDED,
        CONVERSATION.c.outcome,
        CONVERSATION.c.started_at,
        CONVERSATION.c.last_turn_at,
        CONVERSATION.c.ended_at,
        PARTICIPANT.c.role,
        PARTICIPANT.c.timezone,
    )
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
    .where(CONVERSATION.c.id == sa.bindparam("conversation"))
)


def talk_began(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """Set what comes if the talk is left unfinished; its end ends that."""
    conversation = earlier(connection, conversation_id)
    program = programs.program_file(connection, conversation.program_id)
    for entry in _after(program, conversation):
        if entry.unfinished:
            _arm(connection, conversation, program, entry, from_at=now)


def conversation_ended(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """Set what follows on the talk, now that it has ended so; to be called once its own timers are ended."""
    conversation = earlier(connection, conversation_id)
    program = programs.program_file(connection, conversation.program_id)
    for entry in _after(program, conversation):
        if entry.unfinished or conversation.outcome != entry.outcome:
            continue
        if entry.wait is not None:
            _arm(connection, conversation, program, entry, from_at=now)
        elif entry.needs == "changes":
            _arm_changes(connection, conversation, program, entry, now=now)


def arm_changes(connection: Connection, program_id: int, *, now: datetime) -> int:
    """
    After a programme was loaded: set what those who were asked before a change are to be told of it.

    Returns:
        How many messages were planned; none twice, however often the file is loaded.
    """
    program = programs.program_file(connection, program_id)
    planned = 0
    for entry in program.follows:
        if entry.wait is not None or entry.needs != "changes" or not program.changes:
            continue
        asked = connection.scalars(
            sa.select(CONVERSATION.c.id)
            .where(
                CONVERSATION.c.program_id == program_id,
                CONVERSATION.c.flow == entry.after,
                CONVERSATION.c.outcome == Outcome(entry.outcome),
            )
            .order_by(CONVERSATION.c.id)
        ).all()
        for conversation_id in asked:
            conversation = earlier(connection, conversation_id)
            if entry.role in {None, conversation.role}:
                planned += _arm_changes(connection, conversation, program, entry, now=now)
    return planned


def arm_answer(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """All points of a review were decided on: plan what tells the reviewer."""
    conversation = earlier(connection, conversation_id)
    program = programs.program_file(connection, conversation.program_id)
    zone = conversation.timezone or program.timezone
    for entry in _after(program, conversation):
        if entry.needs == "points" and times(connection, conversation, entry) < entry.most:
            timers.arm(
                connection,
                TimerKind.FOLLOW_ON,
                participant_id=conversation.participant_id,
                conversation_id=conversation.id,
                due_at=local_time.next_in_window(now, program.schedule.window, zone),
                flow=entry.flow,
            )


def arm_cosigned(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """A patient partner has answered to a submission: plan what tells its author, unless it is planned already."""
    conversation = earlier(connection, conversation_id)
    program = programs.program_file(connection, conversation.program_id)
    zone = conversation.timezone or program.timezone
    for entry in _after(program, conversation):
        if entry.needs == "cosign" and not _waits(connection, conversation, entry):
            timers.arm(
                connection,
                TimerKind.FOLLOW_ON,
                participant_id=conversation.participant_id,
                conversation_id=conversation.id,
                due_at=local_time.next_in_window(now, program.schedule.window, zone),
                flow=entry.flow,
            )


def _waits(connection: Connection, conversation: EarlierConversation, entry: FollowOn) -> bool:
    query = sa.select(TIMER.c.id).where(
        _IS_FOLLOW_ON,
        TIMER.c.participant_id == conversation.participant_id,
        TIMER.c.conversation_id == conversation.id,
        TIMER.c.flow == entry.flow,
        TIMER.c.done_at.is_(None),
    )
    return connection.scalar(query.limit(1)) is not None


def was_answered(connection: Connection, conversation_id: int) -> bool:
    """Whether something that followed on this talk, and was not planned by its end alone, has come."""
    conversation = earlier(connection, conversation_id)
    query = sa.select(TIMER.c.id).where(
        _IS_FOLLOW_ON,
        TIMER.c.participant_id == conversation.participant_id,
        TIMER.c.conversation_id == conversation_id,
        TIMER.c.reason == ContactReason.DUE,
    )
    return connection.scalar(query.limit(1)) is not None


def _after(program: ProgramFile, conversation: EarlierConversation) -> list[FollowOn]:
    return [
        entry
        for entry in program.follows
        if entry.after == conversation.flow and entry.role in {None, conversation.role}
    ]


def _arm(
    connection: Connection,
    conversation: EarlierConversation,
    program: ProgramFile,
    entry: FollowOn,
    *,
    from_at: datetime,
) -> None:
    if entry.wait is None or times(connection, conversation, entry) >= entry.most:
        return
    zone = conversation.timezone or program.timezone
    timers.arm(
        connection,
        TimerKind.FOLLOW_ON,
        participant_id=conversation.participant_id,
        conversation_id=conversation.id,
        due_at=local_time.wave_due(from_at, entry.wait, program.schedule.window, zone),
        flow=entry.flow,
    )


def times(connection: Connection, conversation: EarlierConversation, entry: FollowOn) -> int:
    """How often what an entry asks for has come to this person, or is still to come, for this activity."""
    values = {
        "participant": conversation.participant_id,
        "wanted": entry.flow,
        "program": conversation.program_id,
        "activity": conversation.activity_id,
        "after": entry.after,
    }
    return int(connection.scalar(_TIMES, values) or 0)


_TIMES = (
    sa.select(sa.func.count())
    .select_from(TIMER)
    .join(CONVERSATION, CONVERSATION.c.id == TIMER.c.conversation_id)
    .where(
        _IS_FOLLOW_ON,
        TIMER.c.participant_id == sa.bindparam("participant"),
        TIMER.c.flow == sa.bindparam("wanted"),
        TIMER.c.done_at.is_(None) | (TIMER.c.reason == ContactReason.DUE),
        CONVERSATION.c.program_id == sa.bindparam("program"),
        CONVERSATION.c.activity_id.is_not_distinct_from(sa.bindparam("activity")),
        CONVERSATION.c.flow == sa.bindparam("after"),
    )
)


def _arm_changes(
    connection: Connection,
    conversation: EarlierConversation,
    program: ProgramFile,
    entry: FollowOn,
    *,
    now: datetime,
) -> int:
    """One timer for each change that the person is to be told of; nobody is told of one made before."""
    planned = 0
    raised = set(picks(connection, conversation, entry.items))
    zone = conversation.timezone or program.timezone
    for change in program.changes:
        due_at = told_at(change, program, zone)
        concerns = change.theme is None or change.theme in raised
        too_late = conversation.at >= due_at or due_at.date() < now.date() - _LATE
        if not concerns or too_late or _is_planned(connection, conversation, entry, change.code):
            continue
        timers.arm(
            connection,
            TimerKind.FOLLOW_ON,
            participant_id=conversation.participant_id,
            conversation_id=conversation.id,
            due_at=max(due_at, now),
            flow=entry.flow,
            subject=change.code,
        )
        planned += 1
    return planned


_LATE = timedelta(days=30)
"""A change whose day is longer past than this is no news: it stays in the file as a record."""


def told_at(change: Change, program: ProgramFile, zone: str) -> datetime:
    """When a person in that zone is to be told of a change."""
    window = program.schedule.window
    return local_time.next_in_window(local_time.at_local(change.on, window.start, zone), window, zone)


def _is_planned(
    connection: Connection, conversation: EarlierConversation, entry: FollowOn, code: str
) -> bool:
    query = (
        sa.select(TIMER.c.id)
        .join(CONVERSATION, CONVERSATION.c.id == TIMER.c.conversation_id)
        .where(
            _IS_FOLLOW_ON,
            TIMER.c.participant_id == conversation.participant_id,
            TIMER.c.flow == entry.flow,
            TIMER.c.subject == code,
            CONVERSATION.c.program_id == conversation.program_id,
        )
    )
    return connection.scalar(query.limit(1)) is not None


def due_together(connection: Connection, timer: DueTimer, until: datetime) -> tuple[DueTimer, ...]:
    """The timers of the same flow and person that come before `until`: they are told in one talk."""
    query = (
        sa.select(*timers.COLUMNS)
        .where(
            TIMER.c.participant_id == timer.participant_id,
            TIMER.c.done_at.is_(None),
            TIMER.c.kind == TimerKind.FOLLOW_ON,
            TIMER.c.flow == timer.flow,
            TIMER.c.conversation_id == timer.conversation_id,
            TIMER.c.due_at < until,
        )
        .order_by(TIMER.c.due_at, TIMER.c.id)
    )
    return tuple(DueTimer(*row) for row in connection.execute(query))


def has_consent(connection: Connection, conversation: EarlierConversation, purpose: Purpose | None) -> bool:
    """Whether the person agreed to a purpose in that talk, or in what it belongs to; or none is needed."""
    if purpose is None:
        return True
    return consents.has_consent(
        connection, conversation.participant_id, conversation.program_id, purpose, (conversation.flow,)
    )


def picks(connection: Connection, conversation: EarlierConversation, question: str | None) -> Sequence[str]:
    """The codes that the person picked at a question, in the latest talk of this programme that asked it."""
    found = _answer(connection, conversation, question) if question is not None else None
    codes = json.loads(found.value) if found is not None and found.value is not None else None
    return [str(code) for code in codes] if isinstance(codes, list) else []


def picks_asked_in(connection: Connection, conversation: EarlierConversation, question: str) -> str | None:
    """The hash of the flow version in which that question was answered last; None if it never was."""
    found = _answer(connection, conversation, question)
    return None if found is None else str(found.flow_hash)


def picks_seen_in(connection: Connection, conversation: EarlierConversation, question: str) -> str | None:
    """The language in which that question was shown last; None if it never was answered."""
    found = _answer(connection, conversation, question)
    return None if found is None else str(found.language)


def _answer(connection: Connection, conversation: EarlierConversation, question: str) -> sa.Row[Any] | None:
    values = {
        "participant": conversation.participant_id,
        "program": conversation.program_id,
        "question": question,
    }
    return connection.execute(_ANSWER, values).first()


_ANSWER: sa.Select[Any] = (
    sa.select(ANSWER.c.value, ANSWER.c.language, CONVERSATION.c.flow_hash)
    .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
    .where(
        CONVERSATION.c.participant_id == sa.bindparam("participant"),
        CONVERSATION.c.program_id == sa.bindparam("program"),
        ANSWER.c.question_key == sa.bindparam("question"),
        ANSWER.c.superseded_at.is_(None),
    )
    .order_by(ANSWER.c.id.desc())
    .limit(1)
)


def local_day(at: datetime, zone: str) -> date:
    """The day on which a moment falls for a person."""
    return local_time.local(at, zone).date()
