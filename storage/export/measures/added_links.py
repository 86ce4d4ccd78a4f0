"""Find what themes reach by the links that the team added: further objectives, and commitments behind objectives.

A link leads from a theme to an objective, and from an objective to a commitment or to the suggestion that commitments
were picked from. What was removed counts no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.measures.measure import PROGRAM_NAME, rows_of
from storage.schema import ACTIVITY, COMMITMENT, OBJECTIVE, PROGRAM, THEME_LINK, LinkedKind


def _from_link(kind: LinkedKind) -> sa.ColumnElement[bool]:
    """Return that a link stands in the program and leads from such a thing."""
    link = THEME_LINK.c
    return sa.and_(PROGRAM.c.slug == PROGRAM_NAME, link.removed_at.is_(None), link.from_kind == kind)


def _themes_query() -> sa.Select[Any]:
    """Select each objective to which an added link leads from a theme."""
    name = ACTIVITY.c.slug + "." + OBJECTIVE.c.code
    return (
        sa.select(
            THEME_LINK.c.from_code.label("theme"),
            OBJECTIVE.c.id,
            OBJECTIVE.c.activity_id.label("activity"),
        )
        .select_from(THEME_LINK)
        .join(PROGRAM, PROGRAM.c.id == THEME_LINK.c.program_id)
        .join(ACTIVITY, ACTIVITY.c.program_id == PROGRAM.c.id)
        .join(OBJECTIVE, (OBJECTIVE.c.activity_id == ACTIVITY.c.id) & (name == THEME_LINK.c.to_code))
        .where(_from_link(LinkedKind.THEME), THEME_LINK.c.to_kind == LinkedKind.OBJECTIVE)
    )


def _commitments_query() -> sa.Select[Any]:
    """Select each confirmed commitment to which an added link leads from an objective, itself or by its suggestion."""
    link, made_at = THEME_LINK.c, ACTIVITY.alias("made_at")
    name = ACTIVITY.c.slug + "." + OBJECTIVE.c.code
    itself = (link.to_kind == LinkedKind.COMMITMENT) & (link.to_code == sa.cast(COMMITMENT.c.id, sa.String))
    picked = (link.to_kind == LinkedKind.SUGGESTION) & (
        link.to_code == made_at.c.slug + "." + COMMITMENT.c.suggestion
    )
    return (
        sa.select(
            OBJECTIVE.c.id.label("objective"), COMMITMENT.c.id, COMMITMENT.c.participant_id.label("person")
        )
        .select_from(THEME_LINK)
        .join(PROGRAM, PROGRAM.c.id == link.program_id)
        .join(ACTIVITY, ACTIVITY.c.program_id == PROGRAM.c.id)
        .join(OBJECTIVE, (OBJECTIVE.c.activity_id == ACTIVITY.c.id) & (name == link.from_code))
        .join(COMMITMENT, (COMMITMENT.c.program_id == PROGRAM.c.id) & COMMITMENT.c.confirmed)
        .outerjoin(made_at, made_at.c.id == COMMITMENT.c.activity_id)
        .where(_from_link(LinkedKind.OBJECTIVE), sa.or_(itself, picked))
    )


LINKED_OBJECTIVES: Final = _themes_query()
LINKED_COMMITMENTS: Final = _commitments_query()


@dataclass(slots=True)
class LinkedTheme:
    """Hold what a theme reaches, by what names it and by added links: numbers, and the author of each commitment."""

    activities: set[int] = field(default_factory=set)
    objectives: set[int] = field(default_factory=set)
    commitments: dict[int, int] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Return how many activities, objectives, commitments and clinicians these are."""
        people = set(self.commitments.values())
        return len(self.activities), len(self.objectives), len(self.commitments), len(people)


def linked_themes(
    connection: Connection,
    program: str,
    taught: Iterable[tuple[str, int, int]],
    committed: Iterable[tuple[str, int, int]],
    merged: Mapping[str, str],
) -> dict[str, LinkedTheme]:
    """Return what each theme reaches with the links that the team added; `merged` says which became part of which.

    `taught` are the objectives that name a theme (theme, activity, objective), `committed` the commitments that do
    (theme, commitment, author).
    """
    found: dict[str, LinkedTheme] = defaultdict(LinkedTheme)
    themes_of: dict[int, set[str]] = defaultdict(set)
    for theme, activity, objective in (*taught, *_by_link(connection, program, merged)):
        found[theme].activities.add(activity)
        found[theme].objectives.add(objective)
        themes_of[objective].add(theme)
    for theme, commitment, person in committed:
        found[theme].commitments[commitment] = person
    for row in rows_of(connection, LINKED_COMMITMENTS, program):
        for theme in themes_of[row.objective]:
            found[theme].commitments[row.id] = row.person
    return found


def _by_link(
    connection: Connection, program: str, merged: Mapping[str, str]
) -> Iterator[tuple[str, int, int]]:
    for row in rows_of(connection, LINKED_OBJECTIVES, program):
        yield merged.get(row.theme, row.theme), row.activity, row.id
