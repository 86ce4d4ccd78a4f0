"""Count the way of commitments from theme to status: each confirmed commitment once, and none left out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.funnel import LATEST, commitment_waves
from storage.export.measures.loop import THEMES, merged_themes
from storage.export.measures.measure import PROGRAM_NAME, rows_of
from storage.export.statistics import STATUSES, CommitmentStanding, WaveStanding
from storage.outcomes.figures.model import UNANSWERED, LoopFigure, LoopPath, LoopPlace
from storage.outcomes.figures.wording import (
    NO_OBJECTIVE,
    NO_THEME,
    OWN_WORDS,
    ending_labels,
    list_labels,
    program_settings,
)
from storage.schema import ACTIVITY, COMMITMENT, OBJECTIVE, PROGRAM

ENDINGS: Final = (*STATUSES, *(place.value for place in (*UNANSWERED, WaveStanding.NOT_DUE)))
"""What becomes of commitments, each exactly one of these."""


def _ways_query() -> sa.Select[Any]:
    """Select the confirmed commitments with their objective, in its words where the activity has it, and their type."""
    return (
        sa.select(
            COMMITMENT.c.id,
            COMMITMENT.c.theme,
            COMMITMENT.c.type,
            COMMITMENT.c.objective,
            COMMITMENT.c.suggestion,
            ACTIVITY.c.slug.label("activity"),
            OBJECTIVE.c.text.label("objective_text"),
        )
        .select_from(COMMITMENT)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == COMMITMENT.c.activity_id)
        .outerjoin(
            OBJECTIVE,
            (OBJECTIVE.c.activity_id == COMMITMENT.c.activity_id)
            & (OBJECTIVE.c.code == COMMITMENT.c.objective),
        )
        .where(PROGRAM.c.slug == PROGRAM_NAME, COMMITMENT.c.confirmed)
        .order_by(COMMITMENT.c.id)
    )


WAYS: Final = _ways_query()


@dataclass(frozen=True, slots=True)
class _Words:
    """Hold what the places of a program are called."""

    merged: Mapping[str, str]
    themes: Mapping[str, str]
    kinds: Mapping[str, str]
    endings: Mapping[str, str]

    def places(self, row: sa.Row[Any], ending: str) -> tuple[LoopPlace, LoopPlace, LoopPlace, LoopPlace]:
        """Return the places that a commitment goes through."""
        theme = self.merged.get(row.theme or "", row.theme or "")
        objective = f"{row.activity or ''}.{row.objective}" if row.objective else ""
        kind = row.type or ""
        untyped = OWN_WORDS if row.suggestion is None else "(no type)"
        return (
            LoopPlace(theme, self.themes.get(theme, theme) or NO_THEME),
            LoopPlace(objective, row.objective_text or row.objective or NO_OBJECTIVE),
            LoopPlace(kind or untyped, self.kinds.get(kind, kind) or untyped),
            LoopPlace(ending, self.endings[ending]),
        )


def loop_figure(connection: Connection, program: str) -> LoopFigure:
    """Return the way of the confirmed commitments of a program, by its short name, with how each stands now.

    Themes that were joined are one. What became of a commitment is its newest report, else where it stands without one.
    """
    words = _read_words(connection, program)
    rows = {row.id: row for row in rows_of(connection, WAYS, program)}
    found: Counter[tuple[LoopPlace, LoopPlace, LoopPlace, LoopPlace]] = Counter()
    people = set()
    for one in commitment_waves(connection, program):
        ending = ending_of(one.standings[LATEST])
        found[words.places(rows[one.commitment], ending)] += 1
        if ending in STATUSES:
            people.add(one.person)
    order = {theme: place for place, theme in enumerate(words.themes)}
    paths = [LoopPath(*places, n) for places, n in found.items()]
    paths.sort(key=lambda path: _place(path, order))
    return LoopFigure(
        tuple(paths),
        tuple(LoopPlace(code, words.endings[code]) for code in ENDINGS),
        len(people),
    )


def ending_of(standing: CommitmentStanding) -> str:
    """Return what became of a commitment: the status reported, else where it stands, one of ENDINGS."""
    if standing.place is WaveStanding.RESPONDED and standing.status is not None:
        return standing.status
    return standing.place.value


def _read_words(connection: Connection, program: str) -> _Words:
    merged = merged_themes(connection)
    themes: dict[str, str] = {}
    for row in rows_of(connection, THEMES, program):
        themes.setdefault(merged.get(row.code, row.code), row.label)
    kinds = list_labels(program_settings(connection, program), "change_types")
    return _Words(merged, themes, kinds, ending_labels())


def _place(path: LoopPath, order: Mapping[str, int]) -> tuple[Any, ...]:
    """Return where a path stands: by theme, those of the codebook first and those without a theme last."""
    code = path.theme.code
    return (
        not code,
        order.get(code, len(order)),
        code,
        path.objective.code,
        path.kind.code,
        ENDINGS.index(path.ending.code),
    )
