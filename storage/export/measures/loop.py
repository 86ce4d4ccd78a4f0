"""Show the closed loop by theme: who raised it, what taught it, who committed, what was done, what patients see.

The steps are linked by their theme alone, never person to person: the patients who are asked later are mostly not those
of the clinicians who committed. So the table shows contribution and not cause (`CAVEAT`), and where a theme gets stuck:
its *break* is the first step with nothing in it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from statistics import fmean
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.parsing.answer_quality import known_specificity
from storage.export.funnel import LATEST, WAVES_QUERY, CommitmentWaves, commitment_waves
from storage.export.measures.added_links import (
    LINKED_COMMITMENTS,
    LINKED_OBJECTIVES,
    LinkedTheme,
    linked_themes,
)
from storage.export.measures.barriers import MET, top_barriers
from storage.export.measures.care_ratings import (
    INTERVIEW,
    PICKED,
    PICKS,
    RATED,
    CareOfTheme,
    care_by_theme,
    raised,
)
from storage.export.measures.measure import (
    PROGRAM_NAME,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.export.measures.statuses import implemented
from storage.programs import choice_marks
from storage.schema import ACTIVITY, ANSWER, COMMITMENT, OBJECTIVE, PARTICIPANT, PROGRAM, THEME

CAVEAT: Final = (
    "Linked by theme only, never person to person: the patients are mostly not those of these clinicians."
    " It shows contribution, not cause."
)
NO_THEME: Final = frozenset({"", "other", "none"})
"""Codes that name no theme: such a row has no break."""


class LoopStep(StrEnum):
    """A step of the loop, in order."""

    RAISED = "raised"
    TAUGHT = "taught"
    COMMITTED = "committed"
    IMPLEMENTED = "implemented"
    ASKED_LATER = "asked_later"
    BETTER = "better"


_WORDS: Final[Mapping[LoopStep, tuple[str, str]]] = {
    LoopStep.RAISED: ("raised by 1", "raised by {n}"),
    LoopStep.TAUGHT: ("taught in 1 activity", "taught in {n} activities"),
    LoopStep.COMMITTED: ("committed to by 1", "committed to by {n}"),
    LoopStep.IMPLEMENTED: ("1 commitment implemented", "{n} commitments implemented"),
    LoopStep.ASKED_LATER: ("1 asked later", "{n} asked later"),
    LoopStep.BETTER: ("better for 1", "better for {n}"),
}
"""Each step in words: with one, and with any other number."""


@dataclass(frozen=True, slots=True)
class LoopBreak:
    """The first step of a theme with nothing in it, and the step before with how many there were.

    `before` is None where it is the first step itself.
    """

    step: LoopStep
    before: LoopStep | None
    reached: int

    def __str__(self) -> str:
        """Return it in words, such as 'raised by 9, taught in 0 activities'."""
        nothing = _in_words(self.step, 0)
        return nothing if self.before is None else f"{_in_words(self.before, self.reached)}, {nothing}"


def _in_words(step: LoopStep, n: int) -> str:
    one, many = _WORDS[step]
    return one if n == 1 else many.format(n=n)


def find_break(steps: Mapping[LoopStep, int]) -> LoopBreak | None:
    """Return where a theme gets stuck; None where there is something in every step."""
    before: LoopStep | None = None
    for step in LoopStep:
        if not steps[step]:
            return LoopBreak(step, before, steps[before] if before is not None else 0)
        before = step
    return None


class ReadCoded(Protocol):
    """Find the patients whose words two coders gave a theme, by the theme's code, for a program by its short name."""

    def __call__(self, connection: Connection, program: str) -> Mapping[str, Collection[int]] | None:
        """Return their numbers; a theme that is not there was given to nobody's words. None where nothing is coded."""


def _objectives_query() -> sa.Select[Any]:
    """Select the objectives that name a theme."""
    return (
        sa.select(OBJECTIVE.c.theme, OBJECTIVE.c.activity_id.label("activity"), OBJECTIVE.c.id)
        .select_from(OBJECTIVE)
        .join(ACTIVITY, ACTIVITY.c.id == OBJECTIVE.c.activity_id)
        .join(PROGRAM, PROGRAM.c.id == ACTIVITY.c.program_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME, OBJECTIVE.c.theme.is_not(None))
    )


def _words_query() -> sa.Select[Any]:
    """Select the words of each confirmed commitment, with their language: specificity is read from them by rule."""
    spoken = (
        sa.select(ANSWER.c.language)
        .where(ANSWER.c.conversation_id == COMMITMENT.c.conversation_id)
        .order_by(ANSWER.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(
            COMMITMENT.c.id,
            COMMITMENT.c.theme,
            COMMITMENT.c.statement,
            COMMITMENT.c.specificity,
            sa.func.coalesce(spoken, PARTICIPANT.c.language, "en").label("language"),
        )
        .select_from(COMMITMENT)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == COMMITMENT.c.participant_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME, COMMITMENT.c.confirmed)
    )


def _themes_query() -> sa.Select[Any]:
    """Select the themes of the program's codebook."""
    return (
        sa.select(THEME.c.code, THEME.c.label)
        .select_from(THEME)
        .join(PROGRAM, PROGRAM.c.id == THEME.c.program_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME)
        .order_by(THEME.c.id)
    )


OBJECTIVES: Final = _objectives_query()
WORDS: Final = _words_query()
THEMES: Final = _themes_query()


@dataclass(frozen=True, slots=True)
class _Loop:
    """Hold all that is known by theme, each theme under what it has become part of."""

    raised: Mapping[str, frozenset[int]]
    taught: Mapping[str, tuple[int, int]]
    """Activities, and objectives."""
    commitments: Mapping[str, list[CommitmentWaves]]
    specificity: Mapping[str, float]
    barriers: Mapping[str, str]
    care: Mapping[str, CareOfTheme]
    coded: Mapping[str, Collection[int]] | None
    linked: Mapping[str, LinkedTheme]

    def row(self, theme: str, label: str) -> MeasureRow:
        """Return the row of a theme; '' is that of commitments that have none."""
        people = len(self.raised.get(theme, ()))
        coded = None if self.coded is None else len(self.coded.get(theme, ()))
        activities, objectives = self.taught.get(theme, (0, 0))
        made = self.commitments.get(theme, [])
        clinicians = len({one.person for one in made})
        care = self.care.get(theme) or CareOfTheme()
        of_responders, of_due, full, full_of_due = implemented([one.standings[LATEST] for one in made])
        steps = {
            LoopStep.RAISED: people or coded or 0,
            LoopStep.TAUGHT: activities,
            LoopStep.COMMITTED: clinicians,
            LoopStep.IMPLEMENTED: of_due.n,
            LoopStep.ASKED_LATER: len(care.asked),
            LoopStep.BETTER: care.better.n,
        }
        stuck = None if theme in NO_THEME else find_break(steps)
        return (
            *(theme, label),
            people,
            coded,
            *(activities, objectives),
            *(len(made), clinicians, self.specificity.get(theme)),
            *(of_responders, of_due, full, full_of_due),
            self.barriers.get(theme),
            len(care.asked),
            *(care.better, care.change, care.judged_better),
            None if stuck is None else str(stuck),
            *self.linked.get(theme, LinkedTheme()).counts,
        )


def merged_themes(connection: Connection) -> dict[str, str]:
    """Return which theme has become part of which, by the newest version of the interview."""
    return choice_marks.merged(connection, INTERVIEW, PICKS)


def _read(connection: Connection, program: str, coded: ReadCoded | None) -> tuple[_Loop, dict[str, str]]:
    """Return what is known by theme, and the label of each theme, in the order of the codebook.

    Themes that are in no codebook any more come after these, with their code for a label.
    """
    merged = merged_themes(connection)
    labels: dict[str, str] = {}
    for row in rows_of(connection, THEMES, program):
        labels.setdefault(merged.get(row.code, row.code), row.label)
    aims = [
        (merged.get(row.theme, row.theme), row.activity, row.id)
        for row in rows_of(connection, OBJECTIVES, program)
    ]
    taught: dict[str, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for theme, activity, objective in aims:
        taught[theme][0].add(activity)
        taught[theme][1].add(objective)
    commitments: dict[str, list[CommitmentWaves]] = defaultdict(list)
    for one in commitment_waves(connection, program):
        commitments[merged.get(one.theme or "", one.theme or "")].append(one)
    picked = raised(connection, program, merged)
    care = care_by_theme(connection, program, merged)
    made = ((theme, one.commitment, one.person) for theme, mine in commitments.items() for one in mine)
    linked = linked_themes(connection, program, aims, made, merged)
    for code in sorted({*commitments, *taught, *picked, *care, *linked} - {""}):
        labels.setdefault(code, code)
    given = None if coded is None else coded(connection, program)
    loop = _Loop(
        raised=picked,
        taught={theme: (len(there), len(aims)) for theme, (there, aims) in taught.items()},
        commitments=commitments,
        specificity=_specificity(connection, program, merged),
        barriers=top_barriers(connection, program, merged),
        care=care,
        coded=None if given is None else _joined(given, merged),
        linked=linked,
    )
    return loop, labels


def _specificity(connection: Connection, program: str, merged: Mapping[str, str]) -> dict[str, float]:
    """Return the mean specificity of the words of commitments by theme, without themes of which none is known."""
    points: dict[str, list[int]] = defaultdict(list)
    for row in rows_of(connection, WORDS, program):
        given = row.specificity
        if given is None:
            given = known_specificity(row.statement, row.language)
        if given is not None:
            points[merged.get(row.theme or "", row.theme or "")].append(given)
    return {theme: round(fmean(found), 2) for theme, found in points.items()}


def _joined(given: Mapping[str, Collection[int]], merged: Mapping[str, str]) -> Mapping[str, Collection[int]]:
    """Return people by theme, each theme with those of the codes that became part of it; each person once."""
    found: dict[str, set[int]] = defaultdict(set)
    for code, people in given.items():
        found[merged.get(code, code)].update(people)
    return found


def _rows(connection: Connection, program: str, coded: ReadCoded | None) -> Iterator[MeasureRow]:
    """Yield the rows of the table, those of the codebook in its order, then commitments without a theme."""
    loop, labels = _read(connection, program, coded)
    for theme, label in labels.items():
        yield loop.row(theme, label)
    if loop.commitments.get(""):
        yield loop.row("", "(no theme)")


_patients = partial(MeasureSet, "loop.themes", MeasureSource.PATIENT_REPORTED)
_clinicians = partial(MeasureSet, "loop.themes", MeasureSource.SELF_REPORTED)
_seen = partial(MeasureSet, "loop.themes", MeasureSource.SYSTEM)
_picked, _rated = _patients(PICKED), _patients(RATED)
_standing, _met = _clinicians(WAVES_QUERY), _clinicians(MET)
_worded, _taught = _seen(WORDS), _seen(OBJECTIVES)
_linked_to, _linked_on = _seen(LINKED_OBJECTIVES), _seen(LINKED_COMMITMENTS)
_RESPONDED: Final = "commitments on the theme with any report"
_DUE: Final = "commitments on the theme that were due at any wave: also where nobody answered"


_MEASURES: Final = (
    _picked.count("raised", "Patients and carers who picked the theme in the interview."),
    _picked.count(
        "raised_coded",
        "Patients and carers whose words two coders gave the theme; empty where nothing was coded.",
    ),
    _taught.count("activities", "Activities with an objective that names the theme."),
    _taught.count(
        "objectives",
        "Objectives that name the theme; those of added links stand in objectives_linked.",
    ),
    _standing.count("commitments", "Confirmed commitments on the theme."),
    _standing.count("clinicians", "Clinicians whose they are."),
    _worded.count(
        "specificity",
        "The mean of who, what, when and measure said in their words, 0 to 4, by rule.",
    ),
    _standing.share("done_of_responders", "Implemented in full or in part.", "full + partial", _RESPONDED),
    _standing.share("done_of_due", "Implemented in full or in part.", "full + partial", _DUE),
    _standing.share("full_of_responders", "Implemented in full.", "full", _RESPONDED),
    _standing.share("full_of_due", "Implemented in full.", "full", _DUE),
    _met.count("top_barrier", "The barrier that most clinicians met; of several the first by its code."),
    _rated.count("asked_later", "Patients and carers who were asked about the theme again."),
    _rated.share(
        "better",
        "Patients whose later rating is higher than the newest one before it.",
        "people with a higher rating",
        "people with both ratings",
    ),
    _rated.share(
        "change",
        "The mean of later minus before, in points of a scale of 1 to 5, with the interval by Student's t.",
        "the sum of the differences",
        "people with both ratings",
    ),
    _rated.share(
        "judged_better",
        "Patients who say themselves that it got better.",
        "people who say better",
        "people who say better, same or worse",
    ),
    _picked.count(
        "break",
        "The first step with nothing in it, of raised, taught, committed, implemented, asked later, better,"
        " with the step before. Raised is who picked it or, where nobody did, whose words were coded with it.",
    ),
    _linked_to.count(
        "activities_linked",
        "Activities with an objective that names the theme or to which the team linked it (said link).",
    ),
    _linked_to.count("objectives_linked", "These objectives."),
    _linked_on.count(
        "commitments_linked",
        "Confirmed commitments on the theme, and those that the team linked to one of these objectives, by"
        " themselves or by their suggestion.",
    ),
    _linked_on.count("clinicians_linked", "Clinicians whose they are."),
)


def loop_table(coded: ReadCoded | None = None) -> MeasureTable:
    """Return the table of the loop. `coded` finds what two coders found in people's words; without it that is empty.

    Themes that were joined in the newest version of the interview count as what they became part of.
    """
    return MeasureTable(
        "loop.themes",
        "The closed loop, theme by theme",
        ("theme", "label"),
        _MEASURES,
        CAVEAT,
        lambda connection, program: _rows(connection, program, coded),
    )
