"""Close a program, so that nobody new is let in, and put away one in which nothing goes on any more.

What people were promised is not dropped in silence: a timer for each who waits for something, or is in a talk, ends it
and says so (`bot.schedule.farewells`). What is kept goes with time, as in every program: see `retention`.

The theory of closing many. There may be 100,000 people, and one transaction that sets a timer for each would hold the
only writer for seconds. So `close` marks the program alone, and `plan_farewells` looks at the next people by their
number, some hundred a transaction, until nobody is left. Who has a timer gets no second one, so that it may begin anew
at any time: after a crash it does, from the first, and until it is through nothing is put away.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.contact_policy import ContactReason
from storage.conversations import contact_log
from storage.conversations.conversations import UNFINISHED
from storage.database import audit
from storage.database.commit_notes import JournalNote, note
from storage.database.statements import TupleQuery, by_no_index
from storage.follow_up import follow_ons, waves
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

PEOPLE_AT_ONCE: Final = 500
"""People who are looked at in one transaction: it takes some milliseconds."""
_OPEN_TIMER = TIMER.c.done_at.is_(None)
_ENDED: Final = TupleQuery(
    sa.select(PROGRAM.c.id).where(
        PROGRAM.c.closed_at.is_not(None),
        PROGRAM.c.archived_at.is_(None),
        PROGRAM.c.at_close == ProgramClose.END,
    )
)
"""Asked at every tick."""


@dataclass(frozen=True, slots=True)
class WorkGoingOn:
    """What goes on in a program: talks, follow-ups that wait or are asked, who is to hear that it is over, cases."""

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
        conversations=_count(connection, sa.select(CONVERSATION.c.id).where(here, UNFINISHED)),
        follow_ups=_count(
            connection,
            sa.select(FOLLOW_UP.c.id).where(
                FOLLOW_UP.c.program_id == program_id, FOLLOW_UP.c.status.in_(waves.UNCLOSED)
            ),
        ),
        farewells=int(connection.scalar(farewells) or 0) + _not_planned(connection, program_id),
        open_cases=_count(connection, open_cases),
    )


def people_waiting(connection: Connection, program_id: int) -> int:
    """Return how many people are in a talk of a program, or wait for something there."""
    is_only = connection.scalar(sa.select(sa.func.count()).select_from(PROGRAM)) == 1
    return _count(connection, sa.select(_people(program_id, is_only=is_only).subquery().c.participant_id))


def close(connection: Connection, program_id: int, now: datetime, *, by: str | None = None) -> ProgramClose:
    """Close a program, and return what becomes of what people were promised, as its file says. It is audited.

    Where that ends, who is to hear so is found afterwards (`plan_farewells`), by the bot that runs next.

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
    return how


def ended(connection: Connection) -> tuple[int, ...]:
    """Return the numbers of the programs whose close ends what goes on there, and that are not put away."""
    return tuple(number for (number,) in _ENDED.run(connection))


def plan_farewells(connection: Connection, program_id: int, after: int, now: datetime) -> int | None:
    """Have the next people of a closed program hear that it is over; return up to whom that was, None at the end.

    Those are looked at whose numbers come next after `after`. A timer, due now, is set for each of them who takes part
    still and has none, with the latest of their talks there.
    """
    following = sa.select(PARTICIPANT.c.id).where(PARTICIPANT.c.id > after).order_by(PARTICIPANT.c.id)
    numbers = list(connection.scalars(following.limit(PEOPLE_AT_ONCE)))
    if not numbers:
        return None
    rows = [
        {"kind": TimerKind.FAREWELL, "due_at": now, "participant_id": person, "conversation_id": conversation}
        for person, conversation in connection.execute(_to_hear(program_id, numbers[0], numbers[-1]))
    ]
    if rows:
        connection.execute(TIMER.insert(), rows)
    return numbers[-1] if len(numbers) == PEOPLE_AT_ONCE else None


def archive(connection: Connection, program_id: int, now: datetime, *, by: str | None = None) -> None:
    """Put away a program in which nothing goes on any more: it is only read from now on. It is audited.

    Raises:
        ProgramError: it is not closed, or is put away already, or something goes on in it.
    """
    if _is_archived(connection, program_id):
        raise ProgramError("the programme is put away already")
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


def _is_archived(connection: Connection, program_id: int) -> bool:
    query = sa.select(PROGRAM.c.archived_at).where(PROGRAM.c.id == program_id)
    return connection.scalar(query) is not None


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


def _people(
    program_id: int, first: int = 0, last: int | None = None, *, is_only: bool = False
) -> sa.CompoundSelect[tuple[int]]:
    """Select the participants who are in a talk of a program, or for whom something is planned there.

    Only those whose numbers lie from `first` to `last`, None for all. `is_only` says that there is no other program:
    then nobody's timer is looked up by its conversation, which takes longer than all else.
    """
    here = CONVERSATION.c.program_id == program_id

    # Of a few people the timers are found by them, not by their kind, of which there may be many thousands.
    is_follow_on = (
        follow_ons.IS_FOLLOW_ON if last is None else by_no_index(TIMER.c.kind) == TimerKind.FOLLOW_ON
    )

    timed = sa.select(TIMER.c.participant_id).where(_OPEN_TIMER, is_follow_on)
    timed = timed if last is None else timed.where(TIMER.c.participant_id.between(first, last))

    def among(column: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        return sa.true() if last is None else column.between(first, last)

    return sa.union(
        sa.select(CONVERSATION.c.participant_id).where(
            here, UNFINISHED, among(CONVERSATION.c.participant_id)
        ),
        sa.select(FOLLOW_UP.c.participant_id).where(
            FOLLOW_UP.c.program_id == program_id,
            FOLLOW_UP.c.status.in_(waves.UNCLOSED),
            among(FOLLOW_UP.c.participant_id),
        ),
        timed
        if is_only
        else timed.join(CONVERSATION, CONVERSATION.c.id == TIMER.c.conversation_id).where(here),
    )


def _to_hear(program_id: int, first: int = 0, last: int | None = None) -> sa.Select[Any]:
    """Select whoever is to hear that a program is over and has no timer for it, with the latest of their talks there.

    One whose first words are queued is none: it may be taken back, and its timers with it.
    """
    people = _people(program_id, first, last).subquery()
    announced = (CONVERSATION.c.status == ConversationStatus.WAITING) & (CONVERSATION.c.state != "")
    talk = CONVERSATION.alias("talk")
    has_timer = (
        sa.exists()
        .where(TIMER.c.participant_id == people.c.participant_id, _OPEN_TIMER)
        .where(TIMER.c.kind == TimerKind.FAREWELL)
        .where(talk.c.id == TIMER.c.conversation_id, talk.c.program_id == program_id)
    )
    return (
        sa.select(CONVERSATION.c.participant_id, sa.func.max(CONVERSATION.c.id))
        .join(people, people.c.participant_id == CONVERSATION.c.participant_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == people.c.participant_id)
        .where(CONVERSATION.c.program_id == program_id, ~announced, ~has_timer)
        .where(PARTICIPANT.c.status == ParticipantStatus.ACTIVE)
        .group_by(CONVERSATION.c.participant_id)
    )


def _not_planned(connection: Connection, program_id: int) -> int:
    """Return how many are to hear that a program is over of whom that is not planned yet; 0 where it goes on."""
    if program_id not in ended(connection):
        return 0
    return _count(connection, sa.select(_to_hear(program_id).subquery().c.participant_id))


def _count(connection: Connection, rows: sa.Select[tuple[int]]) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0)


def _audit(connection: Connection, now: datetime, **details: str | None) -> None:
    said = {name: value for name, value in details.items() if value is not None}
    audit.append(connection, [audit.AuditEntry(now, AuditKind.SETTINGS, None, said)])
