"""Read what the scripts of follow-up conversations are told of their waves: for many conversations at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import TupleQuery, among, numbers
from storage.follow_up.commitment_facts import FACT_COLUMNS, CommitmentRow
from storage.follow_up.due_waves import DueWave
from storage.schema import COMMITMENT, FOLLOW_UP, FollowUpStatus

_COMMITMENTS = TupleQuery(sa.select(*FACT_COLUMNS).where(among(COMMITMENT.c.id, "commitments")))
_TO_COME = TupleQuery(
    sa.select(FOLLOW_UP.c.commitment_id, FOLLOW_UP.c.id, FOLLOW_UP.c.due_at).where(
        among(FOLLOW_UP.c.commitment_id, "commitments"), FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED
    )
)
_STILL_PLANNED = TupleQuery(
    sa.select(FOLLOW_UP.c.participant_id, COMMITMENT.c.activity_id, FOLLOW_UP.c.id)
    .join(COMMITMENT, COMMITMENT.c.id == FOLLOW_UP.c.commitment_id)
    .where(among(FOLLOW_UP.c.participant_id, "people"), FOLLOW_UP.c.status == FollowUpStatus.SCHEDULED)
)

LATE_AFTER = timedelta(days=7)
"""A wave that is asked by so much after its day is late: what is true of its day need not be true any more."""


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """Hold what is kept of the commitments of some waves: their words, and which waves are still to come.

    `_still_planned` has the planned waves of a participant by the activity of their commitments.
    """

    _commitments: dict[int, CommitmentRow]
    _to_come: dict[int, list[tuple[int, datetime]]] = field(default_factory=dict)
    _still_planned: dict[tuple[int, int | None], set[int]] = field(default_factory=dict)

    def of_conversation(self, waves: Sequence[DueWave], zone: str, now: datetime) -> dict[str, Any]:
        """Return what the script of a conversation over these waves reads: the facts `commitments` and `wave`.

        Days are local to `zone`. The shapes are in `flows.script.facts.Facts`.
        """
        local = ZoneInfo(zone)
        today = now.astimezone(local).date()
        return {
            "commitments": [self._commitment(wave, local, today) for wave in waves],
            "wave": {
                "days": max(wave.days for wave in waves),
                "last": all(wave.last for wave in waves),
                "final": self._is_final(waves),
                "late": any(
                    wave.planned_at is not None and now - wave.planned_at > LATE_AFTER for wave in waves
                ),
                **self._next_and_last(waves, local),
            },
        }

    def _commitment(self, wave: DueWave, zone: ZoneInfo, today: date) -> dict[str, Any]:
        kept = self._commitments[wave.commitment_id]
        return {
            **kept.facts(zone),
            "follow_up_id": wave.follow_up_id,
            "status": wave.status,
            "wave_days": wave.days,
            "last": wave.last,
            "starts_later": kept.start_on is not None and kept.start_on > today,
        }

    def _is_final(self, waves: Sequence[DueWave]) -> bool:
        """Return whether no wave but these is planned of any commitment after the same activity."""
        asked, newest = {wave.follow_up_id for wave in waves}, waves[-1]
        return self._still_planned.get((newest.participant_id, newest.activity_id), set()) <= asked

    def _next_and_last(self, waves: Sequence[DueWave], zone: ZoneInfo) -> dict[str, str | None]:
        """Return the local dates of the next and the last wave of any of these commitments; None after the last."""
        asked = {wave.follow_up_id for wave in waves}
        times = [
            due_at
            for wave in waves
            for number, due_at in self._to_come.get(wave.commitment_id, ())
            if number not in asked
        ]
        return {
            "next_on": _local_date(min(times), zone) if times else None,
            "last_on": _local_date(max(times), zone) if times else None,
        }


def read_wave_facts(connection: Connection, waves: Collection[DueWave]) -> WaveFacts:
    """Return what is kept of the commitments of these waves."""
    people = numbers({wave.participant_id for wave in waves})
    planned: dict[tuple[int, int | None], set[int]] = defaultdict(set)
    for participant_id, activity_id, number in _STILL_PLANNED.run(connection, people=people):
        planned[participant_id, activity_id].add(number)
    which = numbers({wave.commitment_id for wave in waves})
    to_come: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for commitment_id, number, due_at in _TO_COME.run(connection, commitments=which):
        to_come[commitment_id].append((number, due_at))
    rows = map(CommitmentRow._make, _COMMITMENTS.run(connection, commitments=which))
    return WaveFacts({row.id: row for row in rows}, to_come, planned)


def _local_date(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
