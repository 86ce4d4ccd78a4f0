"""Close a program, so that nobody new is let in, and put away one in which nothing goes on any more.

What people were promised is not dropped in silence: a timer for each who waits for something, or is in a talk, ends it
and says so (`bot.schedule.farewells`). What is kept goes with time, as in every program: see `retention`.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.contact_policy import ContactReason
from storage.conversations import contact_log
from storage.conversations.conversations import UNFINISHED
from storage.database import audit
from storage.database.commit_notes import JournalNote, note
from storage.follow_up import follow_ons, timers, waves
from storage.follow_up.timers import COLUMNS, DueTimer
from storage.programs import programs
from storage.programs.programs import ProgramError
from storage.schema import (
    CONVERSATION,
    FOLLOW_UP,
    PARTICIPANT,
    PROGRAM,
    SAFETY_CASE,
    TIMER,
    AuditKind,
    ContactAction,
    ConversationStatus,
    FollowUpStatus,
    JournalKind,
    ParticipantStatus,
    ProgramClose,
    SafetyStatus,
    TimerKind,
)

_OPEN_TIMER = TIMER.c.done_at.is_(None)


@dataclass(frozen=True, slots=True)
class WorkGoingOn:
    """What goes on in a program: talks, follow-ups that wait or are asked, whoever is to hear that it is over, cases.

    `people` are those who are in a talk, or wait for something.
    """

    people: int
    conversations: int
    follow_ups: int
    farewells: int
    open_cases: int

    @property
    def is_nothing(self) -> bool:
        """Whether nothing goes on, and nobody is to be told or looked after."""
        return not (self.conversations or self.follow_ups or self.farewells or self.open_cases)


def going_on(connection: Connection, program_id: int) -> WorkGoingOn:
    """Return what goes on in a program."""
    here = CONVERSATION.c.program_id == program_id
    farewells = (
        sa.select(sa.func.count())
        .select_from(TIMER.join(CONVERSATION, CONVERSATION.c.id == TIMER.c.conversation_id))
        .where(_OPEN_TIMER, TIMER.c.kind == TimerKind.FAREWELL, here)
    )
    open_cases = sa.select(SAFETY_CASE.c.id).where(
        SAFETY_CASE.c.program_id == program_id,
        SAFETY_CASE.c.status.in_((SafetyStatus.NEW, SafetyStatus.REVIEWING)),
    )
    return WorkGoingOn(
        people=_count(connection, sa.select(_people(program_id).subquery().c.participant_id)),
        conversations=_count(connection, sa.select(CONVERSATION.c.id).where(here, UNFINISHED)),
        follow_ups=_count(
            connection,
            sa.select(FOLLOW_UP.c.id).where(
                FOLLOW_UP.c.program_id == program_id, FOLLOW_UP.c.status.in_(waves.UNCLOSED)
            ),
        ),
        farewells=int(connection.scalar(farewells) or 0),
        open_cases=_count(connection, open_cases),
    )


def close(connection: Connection, program_id: int, now: datetime, *, by: str | None = None) -> ProgramClose:
    """Close a program, and return what becomes of what people were promised, as its file says. It is audited.

    `by` is the code of whoever of the team did it, where that is known.

    Raises:
        ProgramError: it is closed already.
    """
    if programs.how_closed(connection, program_id) is not None:
        raise ProgramError("the programme is closed already")
    file = programs.program_file(connection, program_id)
    how = ProgramClose(file.at_close)
    connection.execute(PROGRAM.update().where(PROGRAM.c.id == program_id).values(closed_at=now, at_close=how))
    note(connection, JournalNote(JournalKind.PROGRAM_CLOSED, now, program_id=program_id))
    _audit(connection, now, program=file.program, what="closed", how=how.value, by=by)
    if how is ProgramClose.END:
        _arm_farewells(connection, program_id, now)
    return how


def archive(connection: Connection, program_id: int, now: datetime, *, by: str | None = None) -> None:
    """Put away a program in which nothing goes on any more: it is only read from now on. It is audited.

    Raises:
        ProgramError: it is not closed, or something goes on in it.
    """
    if programs.how_closed(connection, program_id) is None:
        raise ProgramError("the programme is not closed; close it first: `said program close`")
    left = going_on(connection, program_id)
    if not left.is_nothing:
        raise ProgramError(
            f"something goes on there: {left.conversations} talks, {left.follow_ups} follow-ups,"
            f" {left.farewells} people who have not heard that it is over, {left.open_cases} open safety cases"
        )
    connection.execute(PROGRAM.update().where(PROGRAM.c.id == program_id).values(archived_at=now))
    note(connection, JournalNote(JournalKind.PROGRAM_ARCHIVED, now, program_id=program_id))
    _audit(
        connection,
        now,
        program=programs.program_file(connection, program_id).program,
        what="archived",
        by=by,
    )


def end_planned(connection: Connection, participant_id: int, program_id: int, now: datetime) -> None:
    """End what is planned with a participant in a closed program: waves and what follows a conversation, with why."""
    reason = ContactReason.PROGRAM_CLOSED
    theirs = (FOLLOW_UP.c.participant_id == participant_id) & (FOLLOW_UP.c.program_id == program_id)
    follow_ups = sa.select(FOLLOW_UP.c.id).where(theirs)
    conversations = sa.select(CONVERSATION.c.id).where(
        CONVERSATION.c.participant_id == participant_id, CONVERSATION.c.program_id == program_id
    )
    rows = connection.execute(
        TIMER.update()
        .where(TIMER.c.participant_id == participant_id, _OPEN_TIMER, TIMER.c.kind != TimerKind.FAREWELL)
        .where(TIMER.c.follow_up_id.in_(follow_ups) | TIMER.c.conversation_id.in_(conversations))
        .values(done_at=now, reason=reason)
        .returning(*COLUMNS)
    )
    for timer in [DueTimer(*row) for row in rows]:
        if timer.kind in contact_log.OF_OUR_OWN_ACCORD:
            entry = contact_log.of_timer(timer, ContactAction.NOT_SENT, reason, now)
            contact_log.record(connection, entry)
    connection.execute(
        FOLLOW_UP.update()
        .where(theirs, FOLLOW_UP.c.status.in_(waves.UNCLOSED))
        .values(status=FollowUpStatus.CANCELLED, reason=reason, closed_at=now)
    )


def _people(program_id: int) -> sa.CompoundSelect[tuple[int]]:
    """Select the participants who are in a talk of a program, or for whom something is planned there."""
    here = CONVERSATION.c.program_id == program_id
    return sa.union(
        sa.select(CONVERSATION.c.participant_id).where(here, UNFINISHED),
        sa.select(FOLLOW_UP.c.participant_id).where(
            FOLLOW_UP.c.program_id == program_id, FOLLOW_UP.c.status.in_(waves.UNCLOSED)
        ),
        sa.select(TIMER.c.participant_id)
        .join(CONVERSATION, CONVERSATION.c.id == TIMER.c.conversation_id)
        .where(here, _OPEN_TIMER, follow_ons.IS_FOLLOW_ON),
    )


def _arm_farewells(connection: Connection, program_id: int, now: datetime) -> None:
    """Set a timer, due now, for each participant who takes part still, with the latest of their talks there.

    One whose first words are queued is none: it may be taken back, and its timers with it.
    """
    announced = (CONVERSATION.c.status == ConversationStatus.WAITING) & (CONVERSATION.c.state != "")
    latest = (
        sa.select(CONVERSATION.c.participant_id, sa.func.max(CONVERSATION.c.id))
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .where(CONVERSATION.c.program_id == program_id, ~announced)
        .where(PARTICIPANT.c.status == ParticipantStatus.ACTIVE)
        .where(CONVERSATION.c.participant_id.in_(_people(program_id)))
        .group_by(CONVERSATION.c.participant_id)
    )
    for person, conversation in connection.execute(latest).all():
        timers.arm(connection, timers.NewTimer(TimerKind.FAREWELL, person, now, conversation_id=conversation))


def _count(connection: Connection, rows: sa.Select[tuple[int]]) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0)


def _audit(connection: Connection, now: datetime, **details: str | None) -> None:
    said = {name: value for name, value in details.items() if value is not None}
    audit.append(connection, [audit.AuditEntry(now, AuditKind.SETTINGS, None, said)])
