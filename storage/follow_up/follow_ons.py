"""Set the timers of what follows on a conversation, by its program's file, when it begins or ends.

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
from flows.script.roles import Purpose, Role
from storage.conversations.conversations import COLUMNS, ConversationRecord
from storage.follow_up import picks, timers
from storage.follow_up.timers import DueTimer
from storage.programs import consents, programs
from storage.schema import ANSWER, COMMITMENT, CONVERSATION, PARTICIPANT, TIMER, TimerKind

IS_FOLLOW_ON = sa.text("timer.kind = 'follow_on'")
"""Word for word the condition of the partial index, which a bound parameter would not use."""


class EarlierConversation(ConversationRecord, frozen=True, kw_only=True):
    """Hold the conversation that something follows on, and what of its participant decides on that."""

    started_at: datetime
    role: Role
    timezone: str | None

    @property
    def at(self) -> datetime:
        """When it ended, or began if it has not."""
        return self.ended_at or self.started_at

    @property
    def told_at(self) -> datetime:
        """When its participant told what is in it: as it ended, or with their last words where it ran out."""
        return self.last_turn_at if self.outcome is Outcome.EXPIRED else self.at


@dataclass(frozen=True, slots=True)
class DueFollowOn:
    """Hold a follow-on whose time has come, with the earlier conversation and what the program's file says of it."""

    conversation: EarlierConversation
    program: ProgramFile
    entry: FollowOn
    """What the program's file says of it."""
    subjects: Sequence[str]
    """Codes of the changes that it tells of."""

    @property
    def zone(self) -> str:
        """The participant's IANA time zone, or the program's."""
        return self.conversation.timezone or self.program.timezone


def earlier(connection: Connection, conversation_id: int) -> EarlierConversation:
    """Return the conversation of that number, as something may follow on it. It must be there."""
    *kept, started_at, role, timezone = connection.execute(_EARLIER, {"conversation": conversation_id}).one()
    return EarlierConversation(*kept, started_at=started_at, role=role, timezone=timezone)


_EARLIER = (
    sa.select(*COLUMNS, CONVERSATION.c.started_at, PARTICIPANT.c.role, PARTICIPANT.c.timezone)
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
    .where(CONVERSATION.c.id == sa.bindparam("conversation"))
)


def conversation_began(connection: Connection, conversation: ConversationRecord, now: datetime) -> None:
    """Set the timers of the follow-ons that come if a conversation is left unfinished; its end ends them."""
    program = programs.program_file(connection, conversation.program_id)
    if not any(entry.unfinished and entry.after == conversation.flow for entry in program.follows):
        return
    begun = earlier(connection, conversation.id)
    for entry in _after(program, begun):
        if entry.unfinished:
            _arm(connection, begun, program, entry, from_at=now)


def conversation_ended(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """Set the timers of the follow-ons of a conversation that ended with the outcome that they ask for.

    To be called once the conversation's own timers are ended.
    """
    conversation = earlier(connection, conversation_id)
    program = programs.program_file(connection, conversation.program_id)
    for entry in _after(program, conversation):
        if entry.unfinished or conversation.outcome != entry.outcome:
            continue
        if entry.wait is not None:
            _arm(connection, conversation, program, entry, from_at=now)
        elif entry.needs == "changes":
            _arm_changes(connection, conversation, program, entry, now=now)


def conversation_expired(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """Set the timers of the follow-ons of a conversation that ended without its author, as if it had been completed.

    Only of those that have what they need already: the consent to come, and the answers that they ask about again. They
    count from the last turn. To be called once the conversation has ended.
    """
    conversation = earlier(connection, conversation_id)
    program = programs.program_file(connection, conversation.program_id)
    for entry in _after(program, conversation):
        if not _has_what_it_needs(connection, conversation, entry):
            continue
        if entry.wait is not None:
            _arm(connection, conversation, program, entry, from_at=conversation.last_turn_at)
        elif entry.needs == "changes":
            _arm_changes(connection, conversation, program, entry, now=now)


def _has_what_it_needs(connection: Connection, conversation: EarlierConversation, entry: FollowOn) -> bool:
    """Return whether a follow-on may follow on a conversation that expired: by its outcome, consents and answers."""
    if entry.unfinished or Outcome(entry.outcome) is not Outcome.COMPLETED:
        return False
    if entry.items is not None and not _has_picks(connection, conversation, entry.items):
        return False
    if entry.needs == "commitments":
        made = sa.select(COMMITMENT.c.id).where(
            COMMITMENT.c.conversation_id == conversation.id, COMMITMENT.c.confirmed
        )
        if connection.scalar(made.limit(1)) is None:
            return False
    return all(has_consent(connection, conversation, one) for one in (entry.consent, Purpose.TAKE_PART))


def _has_picks(connection: Connection, conversation: EarlierConversation, question: str) -> bool:
    """Return whether a question was answered in this very conversation with at least one pick."""
    query = sa.select(ANSWER.c.value).where(
        ANSWER.c.conversation_id == conversation.id,
        ANSWER.c.question_key == question,
        ANSWER.c.superseded_at.is_(None),
    )
    found = connection.scalars(query.order_by(ANSWER.c.id.desc()).limit(1)).first()
    return found is not None and bool(json.loads(found))


def arm_changes(
    connection: Connection, program_id: int, *, now: datetime, among: Sequence[int] | None = None
) -> int:
    """Set the timers of what participants are to be told of a program's changes, after its file was loaded.

    Only those are told who were asked before the change. `among` are the conversations that are looked at (see
    `asked_before_changes`): a part of them a transaction, where they may be many; None for all.

    Returns:
        How many messages were planned; none twice, however often the file is loaded.
    """
    program = programs.program_file(connection, program_id)
    planned = 0
    for entry in _tells_of_changes(program):
        query = _asked(program_id, entry)
        if among is not None:
            query = query.where(CONVERSATION.c.id.in_(among))
        for conversation_id in connection.scalars(query).all():
            conversation = earlier(connection, conversation_id)
            expired = conversation.outcome is Outcome.EXPIRED
            if expired and not _has_what_it_needs(connection, conversation, entry):
                continue
            if entry.role in {None, conversation.role}:
                planned += _arm_changes(connection, conversation, program, entry, now=now)
    return planned


def asked_before_changes(connection: Connection, program_id: int) -> tuple[int, ...]:
    """Return the conversations that `arm_changes` looks at, by their numbers."""
    entries = _tells_of_changes(programs.program_file(connection, program_id))
    found = {number for entry in entries for number in connection.scalars(_asked(program_id, entry))}
    return tuple(sorted(found))


def _tells_of_changes(program: ProgramFile) -> list[FollowOn]:
    """Return what of a program tells of its changes; nothing where it has none."""
    return [one for one in program.follows if one.wait is None and one.needs == "changes" and program.changes]


def _asked(program_id: int, entry: FollowOn) -> sa.Select[Any]:
    """Select the conversations whose participants a follow-on tells of changes, if it has what it needs."""
    return (
        sa.select(CONVERSATION.c.id)
        .where(
            CONVERSATION.c.program_id == program_id,
            CONVERSATION.c.flow == entry.after,
            CONVERSATION.c.outcome.in_({Outcome(entry.outcome), Outcome.EXPIRED}),
        )
        .order_by(CONVERSATION.c.id)
    )


def arm_answer(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """Set the timer of the follow-on that tells a reviewer what was decided on their points.

    `conversation_id` is that of the review. The timer is due within the program's window for contacts; none is set if
    this has been told as often as the program allows.
    """
    conversation = earlier(connection, conversation_id)
    program = programs.program_file(connection, conversation.program_id)
    for entry in _after(program, conversation):
        if entry.needs == "points" and times(connection, conversation, entry) < entry.most:
            _arm_at_once(connection, conversation, program, entry, now)


def arm_cosigned(connection: Connection, *, conversation_id: int, now: datetime) -> None:
    """Set the timer of the follow-on that tells an author that a partner has answered, unless one is set already.

    `conversation_id` is that of the submission.
    """
    conversation = earlier(connection, conversation_id)
    program = programs.program_file(connection, conversation.program_id)
    for entry in _after(program, conversation):
        if entry.needs == "cosign" and not _waits(connection, conversation, entry):
            _arm_at_once(connection, conversation, program, entry, now)


def _arm_at_once(
    connection: Connection,
    conversation: EarlierConversation,
    program: ProgramFile,
    entry: FollowOn,
    now: datetime,
) -> None:
    """Set the timer of a follow-on that comes as soon as the program's window for contacts is open."""
    zone = local_time.known_zone(conversation.timezone, program.timezone)
    timers.arm(
        connection,
        timers.NewTimer(
            TimerKind.FOLLOW_ON,
            participant_id=conversation.participant_id,
            conversation_id=conversation.id,
            due_at=local_time.next_in_window(now, program.schedule.window, zone),
            flow=entry.flow,
        ),
    )


def _waits(connection: Connection, conversation: EarlierConversation, entry: FollowOn) -> bool:
    query = sa.select(TIMER.c.id).where(
        IS_FOLLOW_ON,
        TIMER.c.participant_id == conversation.participant_id,
        TIMER.c.conversation_id == conversation.id,
        TIMER.c.flow == entry.flow,
        TIMER.c.done_at.is_(None),
    )
    return connection.scalar(query.limit(1)) is not None


def was_answered(connection: Connection, conversation_id: int) -> bool:
    """Return whether any follow-on of this conversation, whatever it tells, has been sent to its participant.

    For a review: whether the reviewer was told what became of their points, if nothing else follows on it.
    """
    conversation = earlier(connection, conversation_id)
    query = sa.select(TIMER.c.id).where(
        IS_FOLLOW_ON,
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
    zone = local_time.known_zone(conversation.timezone, program.timezone)
    timers.arm(
        connection,
        timers.NewTimer(
            TimerKind.FOLLOW_ON,
            participant_id=conversation.participant_id,
            conversation_id=conversation.id,
            due_at=local_time.wave_due(from_at, entry.wait, program.schedule.window, zone),
            flow=entry.flow,
        ),
    )


def planned_at(connection: Connection, conversation_id: int, flow: str) -> datetime | None:
    """Return when a flow follows on a conversation, by its program's file; None where that names no days."""
    conversation = earlier(connection, conversation_id)
    program = programs.program_file(connection, conversation.program_id)
    waits = [one.wait for one in _after(program, conversation) if one.flow == flow and one.wait is not None]
    if not waits:
        return None
    zone = local_time.known_zone(conversation.timezone, program.timezone)
    return local_time.wave_due(conversation.told_at, waits[0], program.schedule.window, zone)


def times(connection: Connection, conversation: EarlierConversation, entry: FollowOn) -> int:
    """Return how often the follow-on `entry` has come to the participant, or is set to, for this activity."""
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
        IS_FOLLOW_ON,
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
    """Set one timer for each change that the participant is to be told of; return how many.

    Nobody is told of a change made before they were asked.
    """
    planned = 0
    raised = picks.themes(connection, conversation, entry.items)
    zone = local_time.known_zone(conversation.timezone, program.timezone)
    for change in program.changes:
        due_at = told_at(change, program, zone)
        concerns = change.theme is None or raised.has(change.theme)
        too_late = conversation.at >= due_at or due_at.date() < now.date() - _LATE
        if not concerns or too_late or _is_planned(connection, conversation, entry, change.code):
            continue
        timers.arm(
            connection,
            timers.NewTimer(
                TimerKind.FOLLOW_ON,
                participant_id=conversation.participant_id,
                conversation_id=conversation.id,
                due_at=max(due_at, now),
                flow=entry.flow,
                subject=change.code,
            ),
        )
        planned += 1
    return planned


_LATE = timedelta(days=30)
"""A change whose day is longer past than this is no news: it stays in the file as a record."""


def told_at(change: Change, program: ProgramFile, zone: str) -> datetime:
    """Return when a participant in that zone is to be told of a change: on its day, within the program's window."""
    window = program.schedule.window
    return local_time.next_in_window(local_time.at_local(change.on, window.start, zone), window, zone)


def _is_planned(
    connection: Connection, conversation: EarlierConversation, entry: FollowOn, code: str
) -> bool:
    query = (
        sa.select(TIMER.c.id)
        .join(CONVERSATION, CONVERSATION.c.id == TIMER.c.conversation_id)
        .where(
            IS_FOLLOW_ON,
            TIMER.c.participant_id == conversation.participant_id,
            TIMER.c.flow == entry.flow,
            TIMER.c.subject == code,
            CONVERSATION.c.program_id == conversation.program_id,
        )
    )
    return connection.scalar(query.limit(1)) is not None


def due_together(connection: Connection, timer: DueTimer, until: datetime) -> tuple[DueTimer, ...]:
    """Return the timers that bring the same follow-on of the same conversation before `until`, `timer` among them.

    All that they are to tell is told in one conversation.
    """
    query = (
        sa.select(*timers.COLUMNS)
        .where(
            TIMER.c.participant_id == timer.participant_id,
            TIMER.c.done_at.is_(None),
            IS_FOLLOW_ON,
            TIMER.c.flow == timer.flow,
            TIMER.c.conversation_id == timer.conversation_id,
            TIMER.c.due_at < until,
        )
        .order_by(TIMER.c.due_at, TIMER.c.id)
    )
    return tuple(DueTimer(*tuple(row)) for row in connection.execute(query))


def has_consent(connection: Connection, conversation: EarlierConversation, purpose: Purpose | None) -> bool:
    """Return whether the participant agrees to a purpose for what follows on that conversation; True for no purpose."""
    if purpose is None:
        return True
    return consents.has_consent(
        connection, conversation.participant_id, conversation.program_id, purpose, (conversation.flow,)
    )


def local_day(at: datetime, zone: str) -> date:
    """Return the day on which a moment falls in a time zone."""
    return local_time.local(at, zone).date()
