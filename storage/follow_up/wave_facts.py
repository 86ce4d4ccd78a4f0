"""Read what the scripts of follow-up conversations are told of their waves: for many conversations at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """Hold what is kept of the commitments of some waves: their words, and which waves are still to come."""

    _commitments: dict[int, CommitmentRow]
    _to_come: dict[int, list[tuple[int, datetime]]] = field(default_factory=dict)

    def of_conversation(self, waves: Sequence[DueWave], zone: str) -> dict[str, Any]:
        """Return what the script of a conversation over these waves reads: the facts `commitments` and `wave`.

        Days are local to `zone`. The shapes are in `flows.script.facts.Facts`.
        """
        local = ZoneInfo(zone)
        return {
            "commitments": [self._commitment(wave, local) for wave in waves],
            "wave": {
                "days": max(wave.days for wave in waves),
                "last": all(wave.last for wave in waves),
                **self._next_and_last(waves, local),
            },
        }

    def _commitment(self, wave: DueWave, zone: ZoneInfo) -> dict[str, Any]:
        return {
            **self._commitments[wave.commitment_id].facts(zone),
            "follow_up_id": wave.follow_up_id,
            "status": wave.status,
            "wave_days": wave.days,
        }

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


def read_wave_facts(connection: Connection, waves: Iterable[DueWave]) -> WaveFacts:
    """Return what is kept of the commitments of these waves."""
    which = numbers({wave.commitment_id for wave in waves})
    to_come: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for commitment_id, number, due_at in _TO_COME.run(connection, commitments=which):
        to_come[commitment_id].append((number, due_at))
    rows = map(CommitmentRow._make, _COMMITMENTS.run(connection, commitments=which))
    return WaveFacts({row.id: row for row in rows}, to_come)


def _local_date(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
