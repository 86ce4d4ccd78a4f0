"""Count who was asked again and who answered, wave by wave: clinicians of their plans, patients of their care.

Whoever answers is counted under the source by which they first came into the program.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from flows.schedule.contact_policy import ContactReason
from flows.script.roles import Role
from storage.export.funnel import AFTER_START, LATEST, WAVES_QUERY
from storage.export.measures.asked_answers import is_of_somebody
from storage.export.measures.care_ratings import FOLLOW_UP_FLOW
from storage.export.measures.measure import (
    PROGRAM_NAME,
    Figure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.export.measures.statuses import by_activity
from storage.export.statistics import WaveStanding
from storage.schema import (
    ACTIVITY,
    ANSWER,
    CONVERSATION,
    ENROLLMENT,
    FOLLOW_UP,
    INVITATION,
    PARTICIPANT,
    PROGRAM,
    TIMER,
    TimerKind,
)

LATER: Final = "later"
"""In place of a number of days: patients are asked again some weeks after their interview, at any such time."""
_CALLED_OFF: Final = (
    ContactReason.WITHDRAWN,
    ContactReason.NO_CONSENT,
    ContactReason.NO_LONGER_PLANNED,
    ContactReason.SNOOZED_AGAIN,
)
"""Why a timer is ended before its time."""
_Key = tuple[str, str, str, str]


@dataclass(slots=True)
class _Asked:
    """Collect the people of one row, and when they were asked and answered."""

    due: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    asked_at: list[datetime] = field(default_factory=list)
    answered_at: list[datetime] = field(default_factory=list)


def _entries_query() -> sa.Select[Any]:
    """Select by which source each participant came into the program, in order, with their role."""
    return (
        sa.select(
            ENROLLMENT.c.participant_id.label("person"),
            PARTICIPANT.c.role,
            sa.func.coalesce(INVITATION.c.source, "").label("source"),
        )
        .select_from(ENROLLMENT)
        .join(PROGRAM, PROGRAM.c.id == ENROLLMENT.c.program_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == ENROLLMENT.c.participant_id)
        .outerjoin(INVITATION, INVITATION.c.id == ENROLLMENT.c.invitation_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME)
        .order_by(ENROLLMENT.c.id.desc())
    )


def _sent_query() -> sa.Select[Any]:
    """Select when each wave of a commitment was sent and answered."""
    return (
        sa.select(
            FOLLOW_UP.c.commitment_id.label("commitment"),
            FOLLOW_UP.c.wave_days,
            FOLLOW_UP.c.after_start,
            FOLLOW_UP.c.sent_at,
            FOLLOW_UP.c.answered_at,
        )
        .select_from(FOLLOW_UP)
        .join(PROGRAM, PROGRAM.c.id == FOLLOW_UP.c.program_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME)
    )


def _has_come() -> sa.ColumnElement[bool]:
    """Return the condition that the time of a timer has come: it was carried out or put off, or somebody wrote since.

    A timer that was put off has a reason while it waits. One that was called off may be of a time still to come.
    """
    written = CONVERSATION.alias("written")
    last_turn = sa.select(sa.func.max(written.c.last_turn_at)).scalar_subquery()
    touched = TIMER.c.done_at.is_not(None) | TIMER.c.reason.is_not(None)
    called_off = sa.func.coalesce(TIMER.c.reason, "").in_(_CALLED_OFF)
    return (touched & ~called_off) | (TIMER.c.due_at <= last_turn)


def _later_query() -> sa.Select[Any]:
    """Select each time that a patient was to be asked again, once it came, with the conversation that began then."""
    asked_in = CONVERSATION.alias("asked_in")
    given = (
        sa.select(sa.func.min(ANSWER.c.answered_at))
        .where(
            ANSWER.c.conversation_id == asked_in.c.id,
            ANSWER.c.kind != PromptKind.CONSENT,
            is_of_somebody(asked_in),
        )
        .scalar_subquery()
    )
    newest = (
        sa.select(sa.func.max(TIMER.c.id))
        .where(
            TIMER.c.kind == TimerKind.FOLLOW_ON,
            TIMER.c.flow == FOLLOW_UP_FLOW,
            _has_come(),
            TIMER.c.participant_id == PARTICIPANT.c.id,
        )
        .correlate(PARTICIPANT)
        .scalar_subquery()
    )
    came = TIMER.alias("came")
    before = CONVERSATION.alias("before")
    return (
        sa.select(
            PARTICIPANT.c.id.label("person"),
            ACTIVITY.c.slug.label("activity"),
            asked_in.c.started_at,
            given.label("answered_at"),
        )
        .select_from(PARTICIPANT)
        .join(came, came.c.id == newest)
        .join(before, before.c.id == came.c.conversation_id)
        .join(PROGRAM, PROGRAM.c.id == before.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == before.c.activity_id)
        .outerjoin(
            asked_in,
            (asked_in.c.participant_id == PARTICIPANT.c.id)
            & (asked_in.c.program_id == before.c.program_id)
            & (asked_in.c.flow == FOLLOW_UP_FLOW),
        )
        .where(PROGRAM.c.slug == PROGRAM_NAME)
    )


ENTRIES: Final = _entries_query()
SENT: Final = _sent_query()
LATER_ASKED: Final = _later_query()


def _waves(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of waves."""
    entries = rows_of(connection, ENTRIES, program)
    came_by = {row.person: (row.role.value, row.source) for row in entries}
    found: dict[_Key, _Asked] = defaultdict(_Asked)
    _clinicians(connection, program, came_by, found)
    for row in rows_of(connection, LATER_ASKED, program):
        role, source = came_by.get(row.person, (Role.PATIENT.value, ""))
        one = found[row.activity or "", role, source, LATER]
        one.due.add(row.person)
        if row.started_at is not None:
            one.asked.add(row.person)
            one.asked_at.append(row.started_at)
        if row.answered_at is not None:
            one.answered.add(row.person)
            one.answered_at.append(row.answered_at)
    for key in sorted(found, key=_place):
        one = found[key]
        counts = map(len, (one.due, one.asked, one.answered, one.late))
        dates = (
            min(one.asked_at, default=None),
            max(one.asked_at, default=None),
            max(one.answered_at, default=None),
        )
        of_due = Figure(len(one.answered), len(one.due), len(one.answered))
        yield *key, *counts, of_due, *dates


def _clinicians(
    connection: Connection, program: str, came_by: dict[int, tuple[str, str]], found: dict[_Key, _Asked]
) -> None:
    """Collect the clinicians of each wave: due, asked, answered while it was open, and answered too late."""
    sent: dict[tuple[int, str], list[sa.Row[Any]]] = defaultdict(list)
    for row in rows_of(connection, SENT, program):
        sent[row.commitment, AFTER_START if row.after_start else str(row.wave_days)].append(row)
    for activity, made, _ in by_activity(connection, program):
        for commitment in made:
            role, source = came_by.get(commitment.person, (Role.HCP.value, ""))
            for wave, standing in commitment.standings.items():
                if wave == LATEST:
                    continue
                one = found[activity, role, source, wave]
                if standing.place is not WaveStanding.NOT_DUE:
                    one.due.add(commitment.person)
                if standing.place is WaveStanding.RESPONDED:
                    one.answered.add(commitment.person)
                if standing.late:
                    one.late.add(commitment.person)
                for row in sent[commitment.commitment, wave]:
                    if row.sent_at is not None:
                        one.asked.add(commitment.person)
                        one.asked_at.append(row.sent_at)
                    if row.answered_at is not None:
                        one.answered_at.append(row.answered_at)


def _place(key: _Key) -> tuple[str, str, str, bool, int]:
    """Return where a row stands: by activity, role and source, then waves with days in order."""
    activity, role, source, wave = key
    return activity, role, source, not wave.isdecimal(), int(wave) if wave.isdecimal() else 0


_of_waves = MeasureSet("response.waves", MeasureSource.SYSTEM, WAVES_QUERY)
_of_dates = MeasureSet("response.waves", MeasureSource.SYSTEM, SENT)

WAVE_TABLE: Final = MeasureTable(
    "response.waves",
    "Asked again, and answered, by wave",
    ("activity", "role", "source", "wave"),
    (
        _of_waves.count(
            "due",
            "People of whom something was due at the wave; later: whose time to be asked again has come, also where"
            " they could not be asked.",
        ),
        _of_dates.count("asked", "People who were asked."),
        _of_waves.count(
            "answered",
            "People who answered on at least one commitment while the wave was open; later: who answered anything but"
            " the consent.",
        ),
        _of_waves.count("late", "People who answered on a commitment after its wave had closed."),
        _of_waves.share("answered_of_due", "The share of those due who answered.", "answered", "due"),
        _of_dates.count("first_asked", "When the first of them was asked."),
        _of_dates.count("last_asked", "When the last of them was asked."),
        _of_dates.count("last_answered", "When the last answer came, a late one too."),
    ),
    "People. Published: 22 to 75 % of clinicians who committed answered later, about 53 % in the middle.",
    _waves,
)
