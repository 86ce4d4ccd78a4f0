"""Count the barriers that clinicians foresaw, met, and met without having foreseen them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.measures.measure import (
    PROGRAM_NAME,
    Figure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.schema import BARRIER, COMMITMENT, IMPLEMENTATION, PROGRAM, ImplementationStatus

NO_BARRIER: Final = "none"
"""The code of an answer that there is no barrier: it is none, and has no row."""
ASKED_OF: Final = (
    ImplementationStatus.PARTIAL,
    ImplementationStatus.PLANNED,
    ImplementationStatus.MODIFIED,
    ImplementationStatus.DROPPED,
)
"""Which reports are asked for barriers."""


def _foreseen_query() -> sa.Select[Any]:
    """Select the confirmed commitments with the barriers that were foreseen."""
    return (
        sa.select(
            COMMITMENT.c.id,
            COMMITMENT.c.participant_id.label("person"),
            COMMITMENT.c.theme,
            COMMITMENT.c.foreseen_barriers,
        )
        .select_from(COMMITMENT)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME, COMMITMENT.c.confirmed)
        .order_by(COMMITMENT.c.id)
    )


def _met_query() -> sa.Select[Any]:
    """Select the reports on confirmed commitments, with each barrier that was met; once where none was named."""
    return (
        sa.select(
            COMMITMENT.c.id,
            COMMITMENT.c.participant_id.label("person"),
            COMMITMENT.c.theme,
            IMPLEMENTATION.c.status,
            BARRIER.c.code,
        )
        .select_from(COMMITMENT)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .join(IMPLEMENTATION, IMPLEMENTATION.c.commitment_id == COMMITMENT.c.id)
        .outerjoin(BARRIER, BARRIER.c.implementation_id == IMPLEMENTATION.c.id)
        .where(PROGRAM.c.slug == PROGRAM_NAME, COMMITMENT.c.confirmed)
    )


FORESEEN: Final = _foreseen_query()
MET: Final = _met_query()


def top_barriers(connection: Connection, program: str, merged: Mapping[str, str]) -> dict[str, str]:
    """Return the barrier that most clinicians met, by theme ('' for none); of several the first by its code.

    `merged` says which theme has become part of which.
    """
    found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in rows_of(connection, MET, program):
        if row.code is not None and row.code != NO_BARRIER:
            theme = row.theme or ""
            found[merged.get(theme, theme)][row.code].add(row.person)
    return {theme: min(codes, key=lambda code: (-len(codes[code]), code)) for theme, codes in found.items()}


def _barriers(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table of barriers, those that most people met first."""
    foreseen: dict[str, dict[int, int]] = defaultdict(dict)
    met: dict[str, dict[int, int]] = defaultdict(dict)
    asked: dict[int, int] = {}
    for row in rows_of(connection, FORESEEN, program):
        for code in {*row.foreseen_barriers} - {NO_BARRIER}:
            foreseen[code][row.id] = row.person
    for row in rows_of(connection, MET, program):
        if row.status in ASKED_OF:
            asked[row.id] = row.person
        for code in {row.code} - {None, NO_BARRIER}:
            met[code][row.id] = row.person
    people = Counter({code: len(set(met[code].values())) for code in {*foreseen, *met}})
    for code in sorted(people, key=lambda code: (-people[code], code)):
        expected, came = foreseen[code], met[code]
        yield (
            code,
            len(set(expected.values())),
            people[code],
            len({person for number, person in came.items() if number in expected}),
            len({person for number, person in came.items() if number not in expected}),
            len({person for number, person in expected.items() if number not in came}),
            Figure(sum(number in asked for number in came), len(asked), len(set(asked.values()))),
        )


_of_foreseen = MeasureSet("response.barriers", MeasureSource.SELF_REPORTED, FORESEEN)
_of_met = MeasureSet("response.barriers", MeasureSource.SELF_REPORTED, MET)

BARRIERS: Final = MeasureTable(
    "response.barriers",
    "Barriers foreseen and met",
    ("barrier",),
    (
        _of_foreseen.count("foreseen", "Clinicians who foresaw it for a confirmed commitment."),
        _of_met.count("met", "Clinicians who met it, in any report on a confirmed commitment."),
        _of_met.count("met_foreseen", "Clinicians who met it for a commitment for which they foresaw it."),
        _of_met.count("met_not_foreseen", "Clinicians who met it for a commitment for which they did not."),
        _of_met.count(
            "foreseen_not_met", "Clinicians who foresaw it for a commitment and never met it there."
        ),
        _of_met.share(
            "met_of_asked",
            "The share of commitments that were asked about and met it.",
            "commitments of the denominator with the barrier in any report",
            "confirmed commitments with a report of partial, planned, modified or dropped",
        ),
    ),
    "Self-reported. Clinicians, but for the last column, which counts commitments.",
    _barriers,
)
