"""Read how often clinicians do what they planned, before and after: of their last ten such patients, at each wave.

Before is what they said when they committed, after is what they say at a wave; both are self-reported. The figure is by
intention: a plan that is not done yet, or was dropped after its number was told, counts as one that is done, since the
rate of the successful alone would rise where nobody's practice changed. Beside it stands that of the done alone.

A commitment without a number for before is outside of the figure, as is one whose words were replaced since: its number
for before was of another act. How many are inside is told with it.
"""

from collections import Counter, defaultdict
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
_WITHOUT_RATE: Final = frozenset({ImplementationStatus.NOT_APPLICABLE, ImplementationStatus.NOT_STARTED_YET})
"""Who is not asked how often; a number that stayed behind when the status was corrected to one of these is none."""


class OtherReports(NamedTuple):
    """Count the commitments with a number for before and a report that are outside of a rate, by that report.

    `not_done` is not yet, otherwise and dropped; `done` has those whose number is not known, or of other words.
    """

    done: int
    not_done: int
    not_started: int
    no_patients: int


@dataclass(frozen=True, slots=True)
class RateChange:
    """How often something is done before and after, of the commitments of one activity at one wave.

    `wave` is a number of days, AFTER_START or LATEST. `committed` counts all that were confirmed, `with_baseline` those
    of them with a number for before, and `reported` those of these on which there is any report: `change.n` is less
    where one has no number for after, and `outside` tells which these are. `done` is the change of those alone that are
    done, in full or in part, or were done before; None where none is.
    """

    program: str
    activity: str | None
    wave: str
    committed: int
    with_baseline: int
    reported: int
    change: Difference
    done: Difference | None
    outside: OtherReports


class _Pair(NamedTuple):
    """Hold the shares, 0 to 1, of one commitment before and after, its participant's number, and whether it is done."""

    person: int
    before: float
    after: float
    is_done: bool


def _query(conditions: Iterable[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    """Select each commitment with each of its reports, once where there is none."""
    return (
        sa.select(
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            COMMITMENT.c.id.label("commitment"),
            COMMITMENT.c.participant_id.label("person"),
            COMMITMENT.c.baseline_did,
            COMMITMENT.c.baseline_had,
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
        .where(COMMITMENT.c.confirmed, *conditions)
        .order_by(PROGRAM.c.slug, ACTIVITY.c.slug, COMMITMENT.c.id, FOLLOW_UP.c.wave_days)
    )


RATES_QUERY: Final = _query([PROGRAM.c.slug == sa.bindparam("program", type_=sa.String())])
"""The rows that `rate_changes` counts, of one program."""


def rate_changes(connection: Connection, selection: ExportSelection) -> tuple[RateChange, ...]:
    """Return the change at each wave of each program and activity, and after its waves over the newest report (LATEST).

    A commitment is in the selection by when it was made. Where no commitment has a number for before, nothing is told.
    """
    others = _other_acts(connection, selection)
    rows = stream(connection, _query(selection.conditions(COMMITMENT.c.made_at)))
    return tuple(
        change
        for (program, activity), found in groupby(rows, key=lambda row: (row.program, row.activity))
        for change in _of_activity(program, activity, list(found), others)
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


def _other_acts(connection: Connection, selection: ExportSelection) -> dict[int, datetime]:
    """Return since when the words of a commitment are of another act: since the first other words after a wave came.

    A correction before that is the same plan, and a new start alone leaves the words as they are.
    """
    sent = FOLLOW_UP.alias("sent")
    first_sent = sa.select(sa.func.min(sent.c.sent_at)).where(sent.c.commitment_id == COMMITMENT.c.id)
    query = (
        sa.select(
            COMMITMENT_REVISION.c.commitment_id,
            COMMITMENT_REVISION.c.statement,
            COMMITMENT_REVISION.c.replaced_at,
            COMMITMENT.c.statement.label("newest"),
            first_sent.scalar_subquery().label("first_sent_at"),
        )
        .join(COMMITMENT, COMMITMENT.c.id == COMMITMENT_REVISION.c.commitment_id)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .where(COMMITMENT.c.confirmed, *selection.conditions(COMMITMENT.c.made_at))
        .order_by(COMMITMENT_REVISION.c.commitment_id, COMMITMENT_REVISION.c.id)
    )
    found: dict[int, datetime] = {}
    for number, group in groupby(stream(connection, query), key=lambda row: row.commitment_id):
        revisions = list(group)
        followed = [*(row.statement for row in revisions[1:]), revisions[0].newest]
        for row, words in zip(revisions, followed, strict=True):
            is_late = row.first_sent_at is None or row.replaced_at >= row.first_sent_at
            if is_late and row.statement != words:
                found.setdefault(number, row.replaced_at)
    return found


def _of_activity(
    program: str, activity: str | None, rows: list[sa.Row[Any]], others: Mapping[int, datetime]
) -> Iterator[RateChange]:
    """Yield the changes of one activity: wave by wave, and over the newest number of each commitment."""
    committed = {row.commitment for row in rows}
    known = {row.commitment for row in rows if share_done(row.baseline_did, row.baseline_had) is not None}
    if not known:
        return
    pairs = _by_wave((row, _pair(row, others.get(row.commitment))) for row in rows)
    reported = _reported(row for row in rows if row.commitment in known)
    for wave in sorted(pairs, key=_place):
        found = pairs[wave].values()
        done = [pair for pair in found if pair.is_done]
        yield RateChange(
            program,
            activity,
            wave,
            len(committed),
            len(known),
            len(reported[wave]),
            difference_of(_grouped(found)),
            difference_of(_grouped(done)) if done else None,
            _outside(status for number, status in reported[wave].items() if number not in pairs[wave]),
        )


def _reported(rows: Iterable[sa.Row[Any]]) -> dict[str, dict[int, ImplementationStatus]]:
    """Return what is reported of each commitment, by wave; under LATEST by its newest report."""
    reported: dict[str, dict[int, ImplementationStatus]] = defaultdict(dict)
    for row in sorted((row for row in rows if row.status is not None), key=lambda row: row.reported_at):
        reported[_wave(row)][row.commitment] = row.status
        reported[LATEST][row.commitment] = row.status
    return reported


def _outside(statuses: Iterable[ImplementationStatus]) -> OtherReports:
    """Count reports that have no rate."""
    found = Counter(statuses)
    no_patients = found.pop(ImplementationStatus.NOT_APPLICABLE, 0)
    not_started = found.pop(ImplementationStatus.NOT_STARTED_YET, 0)
    done = sum(found.pop(status, 0) for status in _DONE)
    return OtherReports(done, found.total(), not_started, no_patients)


def _by_wave(found: Iterable[tuple[sa.Row[Any], _Pair | None]]) -> dict[str, dict[int, _Pair]]:
    """Return the pairs of reports by wave and commitment; under LATEST the newest of each commitment."""
    pairs: dict[str, dict[int, _Pair]] = defaultdict(dict)
    newest: dict[int, datetime] = {}
    for row, pair in found:
        if pair is None:
            continue
        pairs[_wave(row)][row.commitment] = pair
        if row.reported_at >= newest.get(row.commitment, row.reported_at):
            newest[row.commitment] = row.reported_at
            pairs[LATEST][row.commitment] = pair
    return pairs


def _wave(row: sa.Row[Any]) -> str:
    """Return the name of a report's wave: its days, or AFTER_START."""
    return AFTER_START if row.after_start else str(row.wave_days)


def _pair(row: sa.Row[Any], other_act: datetime | None) -> _Pair | None:
    """Return what a report and its commitment tell together; None where one is missing, or they are of two acts.

    `other_act` is since when the commitment's words are of another act, None where they never were.
    """
    before, after = share_done(row.baseline_did, row.baseline_had), share_reported(row.details)
    if before is None or after is None or row.status in _WITHOUT_RATE:
        return None
    same_act = other_act is None or row.reported_at < other_act
    return _Pair(row.person, before, after, row.status in _DONE) if same_act else None


def _place(wave: str) -> tuple[bool, bool, int]:
    """Return where a wave stands: those with days in order, then the one after a late start, then all together."""
    return wave == LATEST, wave == AFTER_START, int(wave) if wave.isdecimal() else 0


def _grouped(pairs: Iterable[_Pair]) -> dict[int, list[tuple[float, float]]]:
    """Return the shares before and after by participant."""
    found: dict[int, list[tuple[float, float]]] = {}
    for pair in pairs:
        found.setdefault(pair.person, []).append((pair.before, pair.after))
    return found
