"""Read how often clinicians do what they planned, before and after: of their last ten such patients, at each wave.

Before is what they said when they committed, after is what they say at a wave; both are self-reported. A commitment
without a number for before is outside of the figure, as is one whose words were replaced since: its number for before
was of another act. How many are inside is told with it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.funnel import AFTER_START, LATEST
from storage.export.statistics import Difference, difference_of
from storage.export.tables.table import ExportSelection, stream
from storage.schema import (
    ACTIVITY,
    COMMITMENT,
    COMMITMENT_REVISION,
    FOLLOW_UP,
    IMPLEMENTATION,
    PROGRAM,
    ImplementationStatus,
)

_TEN: Final = 10
_DONE: Final = frozenset(
    {ImplementationStatus.FULL, ImplementationStatus.PARTIAL, ImplementationStatus.ALREADY}
)
"""Who is asked how often; an answer that stayed behind when the status was corrected to another counts no more."""


@dataclass(frozen=True, slots=True)
class RateChange:
    """How often something is done before and after, of the commitments of one activity at one wave.

    `wave` is a number of days, AFTER_START or LATEST. `committed` counts all that were confirmed, `with_baseline` those
    of them with a number for before.
    """

    program: str
    activity: str | None
    wave: str
    committed: int
    with_baseline: int
    change: Difference


class _Pair(NamedTuple):
    """Hold the shares, 0 to 1, of one commitment before and after, and its participant's number."""

    person: int
    before: float
    after: float


def rate_changes(connection: Connection, selection: ExportSelection) -> tuple[RateChange, ...]:
    """Return the change at each wave of each program and activity, and after its waves over the newest report (LATEST).

    A commitment is in the selection by when it was made. Where no commitment has a number for before, nothing is told.
    """
    rows = stream(connection, _query(selection))
    return tuple(
        change
        for (program, activity), found in groupby(rows, key=lambda row: (row.program, row.activity))
        for change in _of_activity(program, activity, list(found))
    )


def share_done(did: int | None, had: int | None) -> float | None:
    """Return with which share of some patients something was done, 0 to 1; None where it is not known, or had is 0.

    More than there were is taken as all of them.
    """
    if did is None or not had:
        return None
    return min(1.0, did / had)


def share_reported(details: Mapping[str, Any] | None) -> float | None:
    """Return the share that a report tells of: of the last ten patients, or of those that there were; else None."""
    found = details or {}
    of_ten = found.get("of_10")
    if isinstance(of_ten, int):
        return share_done(of_ten, _TEN)
    return share_done(found.get("did"), found.get("had"))


def _query(selection: ExportSelection) -> sa.Select[Any]:
    """Select each commitment with each of its reports, once where there is none."""
    theirs = COMMITMENT_REVISION.c.commitment_id == COMMITMENT.c.id
    reworded = sa.select(sa.func.max(COMMITMENT_REVISION.c.replaced_at)).where(
        theirs, COMMITMENT_REVISION.c.statement != COMMITMENT.c.statement
    )
    sent = FOLLOW_UP.alias("sent")
    first_sent = sa.select(sa.func.min(sent.c.sent_at)).where(sent.c.commitment_id == COMMITMENT.c.id)
    return (
        sa.select(
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            COMMITMENT.c.id.label("commitment"),
            COMMITMENT.c.participant_id.label("person"),
            COMMITMENT.c.baseline_did,
            COMMITMENT.c.baseline_had,
            reworded.scalar_subquery().label("reworded_at"),
            first_sent.scalar_subquery().label("first_sent_at"),
            FOLLOW_UP.c.wave_days,
            FOLLOW_UP.c.after_start,
            IMPLEMENTATION.c.status,
            IMPLEMENTATION.c.reported_at,
            IMPLEMENTATION.c.details,
        )
        .select_from(COMMITMENT)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == COMMITMENT.c.activity_id)
        .outerjoin(FOLLOW_UP, FOLLOW_UP.c.commitment_id == COMMITMENT.c.id)
        .outerjoin(IMPLEMENTATION, IMPLEMENTATION.c.follow_up_id == FOLLOW_UP.c.id)
        .where(COMMITMENT.c.confirmed, *selection.conditions(COMMITMENT.c.made_at))
        .order_by(PROGRAM.c.slug, ACTIVITY.c.slug, COMMITMENT.c.id, FOLLOW_UP.c.wave_days)
    )


def _of_activity(program: str, activity: str | None, rows: list[sa.Row[Any]]) -> Iterator[RateChange]:
    """Yield the changes of one activity: wave by wave, and over the newest report of each commitment."""
    committed = {row.commitment for row in rows}
    known = {row.commitment for row in rows if share_done(row.baseline_did, row.baseline_had) is not None}
    if not known:
        return
    pairs: dict[str, dict[int, _Pair]] = {}
    newest: dict[int, datetime] = {}
    for row in rows:
        pair = _pair(row)
        if pair is None:
            continue
        wave = AFTER_START if row.after_start else str(row.wave_days)
        pairs.setdefault(wave, {})[row.commitment] = pair
        if row.reported_at >= newest.get(row.commitment, row.reported_at):
            newest[row.commitment] = row.reported_at
            pairs.setdefault(LATEST, {})[row.commitment] = pair
    for wave in sorted(pairs, key=_place):
        change = difference_of(_grouped(pairs[wave].values()))
        yield RateChange(program, activity, wave, len(committed), len(known), change)


def _pair(row: sa.Row[Any]) -> _Pair | None:
    """Return what a report and its commitment tell together; None where one is missing, or they are of two acts."""
    before, after = share_done(row.baseline_did, row.baseline_had), share_reported(row.details)
    if before is None or after is None or row.status not in _DONE:
        return None
    reworded = row.reworded_at
    same_act = (
        reworded is None
        or row.reported_at < reworded
        or (row.first_sent_at is not None and reworded < row.first_sent_at)
    )
    return _Pair(row.person, before, after) if same_act else None


def _place(wave: str) -> tuple[bool, bool, int]:
    """Return where a wave stands: those with days in order, then the one after a late start, then all together."""
    return wave == LATEST, wave == AFTER_START, int(wave) if wave.isdecimal() else 0


def _grouped(pairs: Iterable[_Pair]) -> dict[int, list[tuple[float, float]]]:
    """Return the shares before and after by participant."""
    found: dict[int, list[tuple[float, float]]] = {}
    for pair in pairs:
        found.setdefault(pair.person, []).append((pair.before, pair.after))
    return found
