"""Compare the barriers that clinicians foresaw with those that they met, among commitments that were not done in full.

Both stand for the same commitments, so that their shares and ranks can be compared.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Connection

from storage.export.measures.barriers import FORESEEN, MET, NO_BARRIER
from storage.export.measures.measure import (
    Figure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.schema import ImplementationStatus

NOT_DONE: Final = frozenset(
    {ImplementationStatus.PARTIAL, ImplementationStatus.PLANNED, ImplementationStatus.DROPPED}
)
"""The reports of which barriers are compared."""


def ranks(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the rank of each name by its count, 1 for the greatest; the same count, the same rank; of 0 none.

    >>> ranks({"time": 4, "skill": 2, "peers": 2, "agree": 1, "memory": 0})
    {'time': 1, 'skill': 2, 'peers': 2, 'agree': 4}
    """
    return {
        name: 1 + sum(other > count for other in counts.values()) for name, count in counts.items() if count
    }


def _ranked(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table, what most commitments met first."""
    whole: dict[int, int] = {}
    met: dict[str, set[int]] = defaultdict(set)
    foreseen: dict[str, set[int]] = defaultdict(set)
    for row in rows_of(connection, MET, program):
        if row.status in NOT_DONE:
            whole[row.id] = row.person
            if row.code not in {None, NO_BARRIER}:
                met[row.code].add(row.id)
    for row in rows_of(connection, FORESEEN, program):
        if row.id in whole:
            for code in {*row.foreseen_barriers} - {NO_BARRIER}:
                foreseen[code].add(row.id)
    people = len(set(whole.values()))
    counts = {code: (len(met[code]), len(foreseen[code])) for code in {*met, *foreseen}}
    met_ranks = ranks({code: found for code, (found, _) in counts.items()})
    foreseen_ranks = ranks({code: found for code, (_, found) in counts.items()})
    for code in sorted(counts, key=lambda code: (-counts[code][0], -counts[code][1], code)):
        came, expected = counts[code]
        before, after = foreseen_ranks.get(code), met_ranks.get(code)
        yield (
            code,
            Figure(expected, len(whole), people),
            Figure(came, len(whole), people),
            *(before, after),
            None if before is None or after is None else before - after,
        )


_WHOLE: Final = "confirmed commitments with a report of partial, planned or dropped"
_of_foreseen = MeasureSet("outcomes.barriers", MeasureSource.SELF_REPORTED, FORESEEN)
_of_met = MeasureSet("outcomes.barriers", MeasureSource.SELF_REPORTED, MET)

BARRIER_RANKS: Final = MeasureTable(
    "outcomes.barriers",
    "Barriers of what is not done in full: foreseen, met, and their ranks",
    ("barrier",),
    (
        _of_foreseen.share(
            "foreseen", "The share for which it was foreseen.", "these for which it was foreseen", _WHOLE
        ),
        _of_met.share(
            "met", "The share for which it was met.", "these that name it in such a report", _WHOLE
        ),
        _of_foreseen.count("rank_foreseen", "Its rank by how many foresaw it; empty where nobody did."),
        _of_met.count("rank_met", "Its rank by how many met it; empty where nobody did."),
        _of_met.count(
            "rank_change", "Rank foreseen minus rank met: above 0 it mattered more than was thought."
        ),
    ),
    "Commitments; self-reported. The same count has the same rank.",
    _ranked,
)
