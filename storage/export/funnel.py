"""Read the funnel of follow-up from the rows: where each commitment stands at each wave of its program.

A commitment for which a wave was not made counts too: as opted out where its author does not want to be contacted
again or has withdrawn, else as not due. Otherwise whoever says no beforehand would make every figure look better. One
that its author never confirmed is counted apart, and in no other figure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final, NamedTuple, assert_never

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.contact_policy import ContactReason
from flows.script.roles import Purpose
from storage.export.statistics import (
    IN_WORDS,
    CommitmentStanding,
    Funnel,
    WaveStanding,
    count_funnel,
    latest_standing,
)
from storage.export.tables.table import ExportSelection, stream
from storage.follow_up.due_waves import is_settled
from storage.schema import (
    ACTIVITY,
    COMMITMENT,
    CONSENT,
    FOLLOW_UP,
    IMPLEMENTATION,
    PARTICIPANT,
    PROGRAM,
    FollowUpStatus,
    ParticipantStatus,
)

LATEST: Final = "latest"
"""In place of a number of days: over all waves, the newest report on each commitment."""

AFTER_START: Final = "after_start"
"""In place of a number of days: the waves that were added since a commitment starts late, each on its own day."""


@dataclass(frozen=True, slots=True)
class WaveFunnel:
    """The funnel of one wave: where the commitments of one activity stand at it.

    `activity` is None for commitments that belong to none; `wave` is a number of days, AFTER_START or LATEST.
    """

    program: str
    activity: str | None
    wave: str
    funnel: Funnel


class CommitmentWaves(NamedTuple):
    """One commitment with where it stands: at each wave by its name (days or AFTER_START), and over all (LATEST)."""

    commitment: int
    person: int
    activity: str | None
    theme: str | None
    standings: Mapping[str, CommitmentStanding]


def funnels(connection: Connection, selection: ExportSelection) -> tuple[WaveFunnel, ...]:
    """Return a funnel for each wave of each program and activity, and after its waves one over all of them (LATEST).

    A commitment is in the selection by when it was made.
    """
    rows = stream(connection, _query(selection.conditions(COMMITMENT.c.made_at)))
    return tuple(
        wave
        for program, of_program in groupby(rows, key=lambda row: row.program)
        for wave in _of_program(program, list(of_program))
    )


def _query(conditions: Iterable[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """Select each commitment with each of its waves and what was reported there, once where it has no wave."""
    may_ask = (
        sa.select(CONSENT.c.granted)
        .where(
            CONSENT.c.participant_id == COMMITMENT.c.participant_id,
            CONSENT.c.program_id == COMMITMENT.c.program_id,
            CONSENT.c.purpose == Purpose.CONTACT_AGAIN,
        )
        .order_by(CONSENT.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            COMMITMENT.c.id.label("commitment"),
            COMMITMENT.c.participant_id.label("person"),
            COMMITMENT.c.confirmed,
            COMMITMENT.c.theme,
            PARTICIPANT.c.status.label("person_status"),
            may_ask.label("may_ask"),
            FOLLOW_UP.c.wave_days,
            FOLLOW_UP.c.after_start,
            FOLLOW_UP.c.status,
            FOLLOW_UP.c.reason,
            FOLLOW_UP.c.answered_at,
            IMPLEMENTATION.c.status.label("reported"),
            IMPLEMENTATION.c.reported_at,
            IMPLEMENTATION.c.late,
        )
        .select_from(COMMITMENT)
        .join(PARTICIPANT, PARTICIPANT.c.id == COMMITMENT.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == COMMITMENT.c.activity_id)
        .outerjoin(FOLLOW_UP, FOLLOW_UP.c.commitment_id == COMMITMENT.c.id)
        .outerjoin(IMPLEMENTATION, IMPLEMENTATION.c.follow_up_id == FOLLOW_UP.c.id)
        .where(*conditions)
        .order_by(PROGRAM.c.slug, ACTIVITY.c.slug, COMMITMENT.c.id, FOLLOW_UP.c.wave_days)
    )


WAVES_QUERY: Final = _query([PROGRAM.c.slug == sa.bindparam("program", type_=sa.String())])
"""The rows that `commitment_waves` and `funnels` count, of one program."""


def commitment_waves(connection: Connection, program: str) -> Iterator[CommitmentWaves]:
    """Yield each confirmed commitment of a program with where it stands at each wave: what `funnels` counts."""
    rows = list(stream(connection, _query([PROGRAM.c.slug == program])))
    days = _wave_days(rows)
    for commitment, found in groupby(rows, key=lambda row: row.commitment):
        waves = list(found)
        placed, added = _standings(waves, days), _added(waves)
        if not waves[0].confirmed:
            continue
        late = {AFTER_START: latest_standing(added)} if added else {}
        standings = {**dict(zip(map(str, days), placed, strict=False)), **late}
        first = waves[0]
        yield CommitmentWaves(
            commitment,
            first.person,
            first.activity,
            first.theme,
            {**standings, LATEST: latest_standing([*placed, *added])},
        )


def _wave_days(rows: list[sa.Row[Any]]) -> list[int]:
    """Return the days of a program's own waves, in order."""
    return sorted({row.wave_days for row in rows if row.wave_days is not None and not row.after_start})


def _of_program(program: str, rows: list[sa.Row[Any]]) -> Iterator[WaveFunnel]:
    """Yield the funnels of one program from its rows."""
    days = _wave_days(rows)
    for activity, of_activity in groupby(rows, key=lambda row: row.activity):
        made = [list(waves) for _, waves in groupby(of_activity, key=lambda row: row.commitment)]
        standing = [_standings(waves, days) for waves in made]
        for place, wave in enumerate(days):
            yield WaveFunnel(program, activity, str(wave), count_funnel(one[place] for one in standing))
        added = [_added(waves) for waves in made]
        if late := list(filter(None, added)):
            yield WaveFunnel(program, activity, AFTER_START, count_funnel(map(latest_standing, late)))
        every = map(list.__add__, standing, added)
        yield WaveFunnel(program, activity, LATEST, count_funnel(map(latest_standing, every)))


def _added(waves: list[sa.Row[Any]]) -> list[CommitmentStanding]:
    """Return where one commitment stands at the waves that were added since it starts late."""
    return [_standing(row) for row in waves if row.after_start]


def _standings(waves: list[sa.Row[Any]], days: list[int]) -> list[CommitmentStanding]:
    """Return where one commitment stands at each of its program's waves; once, where the program has none yet."""
    made = {row.wave_days: row for row in waves if row.wave_days is not None and not row.after_start}
    standings, told = [], None
    for wave in days or [0]:
        row = made.get(wave)
        standing = _without(waves[0]) if row is None else _standing(row)
        if standing.place is WaveStanding.OPTED_OUT and is_settled(told, last=[wave] == days[-1:]):
            # Nothing was left to ask when they left: a day that would never have come is not due.
            standing = replace(standing, place=WaveStanding.NOT_DUE)
        standings.append(standing)
        told = told if row is None or row.reported is None else row.reported
    return standings


def _standing(row: sa.Row[Any]) -> CommitmentStanding:
    """Return where a commitment stands at a wave that was made."""
    answered = row.status is FollowUpStatus.ANSWERED
    status = row.reported.value if row.reported is not None else IN_WORDS if answered else None
    return CommitmentStanding(
        row.person,
        _place(row.status, row.reason),
        status,
        row.reported_at or row.answered_at,
        late=status is not None and not answered,
        confirmed=row.confirmed,
    )


def _place(status: FollowUpStatus, reason: str | None) -> WaveStanding:
    """Return the place in the funnel of a wave with this status and reason."""
    match status:
        case FollowUpStatus.ANSWERED:
            return WaveStanding.RESPONDED
        case FollowUpStatus.SENT:
            return WaveStanding.WAITING
        case FollowUpStatus.NO_RESPONSE:
            return WaveStanding.NO_RESPONSE
        case FollowUpStatus.OPTED_OUT:
            return WaveStanding.OPTED_OUT
        case FollowUpStatus.SCHEDULED:
            return WaveStanding.NOT_DUE
        case FollowUpStatus.CANCELLED:
            # What fell due and was not asked for another reason is no answer, as where nobody could be reached.
            return (
                WaveStanding.NOT_DUE
                if reason == ContactReason.NOTHING_LEFT_TO_ASK
                else WaveStanding.NO_RESPONSE
            )
        case _:
            assert_never(status)


def _without(row: sa.Row[Any]) -> CommitmentStanding:
    """Return where a commitment stands at a wave that was not made."""
    gone = row.person_status is not ParticipantStatus.ACTIVE or row.may_ask is False
    place = WaveStanding.OPTED_OUT if gone else WaveStanding.NOT_DUE
    return CommitmentStanding(row.person, place, confirmed=row.confirmed)
