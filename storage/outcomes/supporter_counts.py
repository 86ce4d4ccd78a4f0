"""Read whom the figures of a supporter's cut count: people by number, and commitments with whose they are."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from storage.export.funnel import LATEST, WaveFunnel, funnels
from storage.export.measures.barriers import ASKED_OF, MET, NO_BARRIER
from storage.export.measures.care_ratings import (
    BETTER,
    CANNOT_SAY,
    INTERVIEW,
    PICKED,
    PICKS,
    CareOfTheme,
    care_by_theme,
    raised,
)
from storage.export.measures.links import CASES
from storage.export.measures.loop import OBJECTIVES, THEMES
from storage.export.measures.measure import rows_of
from storage.export.tables.table import ExportSelection
from storage.programs import choice_marks

People = frozenset[int]
"""Participants by their numbers."""


class FlowPeople(NamedTuple):
    """Who came in with a role to begin a flow, and who of them came to its end."""

    role: str
    flow: str
    opened: People
    finished: People


class CareAnswers(NamedTuple):
    """Who was asked, and can be counted (`told`), and who of them says or shows that care got better."""

    told: People
    better: People


@dataclass(frozen=True, slots=True)
class ThemeCounts:
    """A theme of the codebook: in how many activities and objectives it is taught, and who raised and judged it.

    `rated` has those with a rating before and after, `judged` those who said themselves whether it got better.
    """

    theme: str
    label: str
    activities: int
    objectives: int
    raised: People
    rated: CareAnswers
    judged: CareAnswers


@dataclass(frozen=True, slots=True)
class SupporterCounts:
    """All that a supporter's cut is made of, before anything is hidden.

    `picked` are the patients and carers who picked any theme, `asked` the clinicians who were asked for barriers, and
    `met` those who met one, by its code. `commitments` has the newest report of each, activity by activity.
    """

    came_in: tuple[FlowPeople, ...]
    commitments: tuple[WaveFunnel, ...]
    asked: People
    met: Mapping[str, People]
    picked: People
    themes: tuple[ThemeCounts, ...]


def read_counts(connection: Connection, program: str) -> SupporterCounts:
    """Return what a supporter's cut of a program is made of, for a program by its short name."""
    asked, met = _barriers(connection, program)
    return SupporterCounts(
        came_in=_came_in(connection, program),
        commitments=tuple(
            wave for wave in funnels(connection, ExportSelection(program)) if wave.wave == LATEST
        ),
        asked=asked,
        met=met,
        picked=frozenset(row.person for row in rows_of(connection, PICKED, program)),
        themes=_themes(connection, program),
    )


def _came_in(connection: Connection, program: str) -> tuple[FlowPeople, ...]:
    """Return who came in and who finished, by role and flow."""
    opened: dict[tuple[str, str], set[int]] = defaultdict(set)
    finished: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in rows_of(connection, CASES, program):
        if row.person is not None:
            opened[row.role.value, row.flow].add(row.person)
            if row.finished_at is not None:
                finished[row.role.value, row.flow].add(row.person)
    return tuple(FlowPeople(*key, frozenset(opened[key]), frozenset(finished[key])) for key in sorted(opened))


def _barriers(connection: Connection, program: str) -> tuple[People, dict[str, People]]:
    """Return who was asked for barriers, and who met which."""
    asked: set[int] = set()
    met: dict[str, set[int]] = defaultdict(set)
    for row in rows_of(connection, MET, program):
        if row.status in ASKED_OF:
            asked.add(row.person)
        if row.code is not None and row.code != NO_BARRIER:
            met[row.code].add(row.person)
    return frozenset(asked), {code: frozenset(people) for code, people in met.items()}


def _themes(connection: Connection, program: str) -> tuple[ThemeCounts, ...]:
    """Return the themes of the codebook in its order, each with what has become part of it.

    One that is in no codebook any more is left out: that it is there would tell that somebody named it.
    """
    merged = choice_marks.merged(connection, INTERVIEW, PICKS)
    labels: dict[str, str] = {}
    for row in rows_of(connection, THEMES, program):
        labels.setdefault(merged.get(row.code, row.code), row.label)
    activities: dict[str, set[int]] = defaultdict(set)
    objectives: dict[str, set[int]] = defaultdict(set)
    for row in rows_of(connection, OBJECTIVES, program):
        activities[merged.get(row.theme, row.theme)].add(row.activity)
        objectives[merged.get(row.theme, row.theme)].add(row.id)
    picked, care = raised(connection, program, merged), care_by_theme(connection, program, merged)
    return tuple(
        ThemeCounts(
            theme,
            label,
            len(activities[theme]),
            len(objectives[theme]),
            picked.get(theme, frozenset()),
            *_judged(care.get(theme) or CareOfTheme()),
        )
        for theme, label in labels.items()
    )


def _judged(care: CareOfTheme) -> tuple[CareAnswers, CareAnswers]:
    """Return who rated care before and after, and who said whether it got better."""
    told = {person: word for person, word in care.judged.items() if word != CANNOT_SAY}
    higher = frozenset(person for person, (before, later) in care.pairs.items() if later > before)
    return (
        CareAnswers(frozenset(care.pairs), higher),
        CareAnswers(frozenset(told), frozenset(person for person, word in told.items() if word == BETTER)),
    )
