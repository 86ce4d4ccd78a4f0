"""Track two of ACCME's commendation criteria: which activities meet them, and how many more are needed.

Engages Patients wants planners who are patients or members of the public, and faculty who are
(https://accme.org/rule/engages-patients-public): a file of people says who had which function, since no conversation
does. Improves Performance wants a majority of those whose change was measured to have improved
(https://accme.org/rule/improves-performance/): these are the clinicians who answered the follow-up. What counts as
improved was decided on beforehand: a commitment done in full or in part.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.funnel import LATEST, WAVES_QUERY, commitment_waves
from storage.export.measures.measure import (
    PROGRAM_NAME,
    Figure,
    Measure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.export.measures.statuses import DONE
from storage.export.statistics import WaveStanding
from storage.outcomes.people_file import ActivityFunction, DisclosureStatus, PeopleFile
from storage.outcomes.tables import evidence
from storage.schema import ACTIVITY, PROGRAM, ImplementationStatus

ENGAGES: Final = "engages_patients"
IMPROVES: Final = "improves_performance"
_SHARE: Final = 10
"""Per cent of activities that must meet a criterion."""
_FEWEST: Final = 2
"""And no fewer than so many."""
_SIZES: Final = (("S", 39, 2), ("M", 100, 4), ("L", 250, 6))
"""A provider's size by the most activities of its term, and how many examples it must show as evidence."""
_LARGEST: Final = ("XL", 8)


@dataclass(frozen=True, slots=True)
class ReportTerm:
    """The days from and to which activities count, both included; None leaves a side open."""

    since: date | None = None
    until: date | None = None

    def __str__(self) -> str:
        """Return its days as they are typed, such as `2024-07-01..2030-06-30`."""
        return f"{self.since or ''}..{self.until or ''}"

    def holds(self, day: date | None) -> bool:
        """Return whether an activity of that day counts; one without a day only where both sides are open."""
        if day is None:
            return self.since is None and self.until is None
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def _activities_query() -> sa.Select[Any]:
    """Select the activities of the program with its file, which names those that are reviews of content alone."""
    return (
        sa.select(ACTIVITY.c.slug, ACTIVITY.c.title, ACTIVITY.c.held_on, PROGRAM.c.settings)
        .select_from(ACTIVITY)
        .join(PROGRAM, PROGRAM.c.id == ACTIVITY.c.program_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME)
        .order_by(ACTIVITY.c.slug)
    )


ACTIVITIES: Final = _activities_query()


def activities(connection: Connection, program: str) -> dict[str, sa.Row[Any]]:
    """Return the activities of a program by their short names, without what is reviewed before it is taught."""
    return {
        row.slug: row
        for row in rows_of(connection, ACTIVITIES, program)
        if row.slug not in {one.get("slug") for one in row.settings.get("reviews", ())}
    }


@dataclass(frozen=True, slots=True)
class _Engagement:
    """How many planners and faculty of an activity are patients or the public, and who has not disclosed.

    `lines` are those of the file of people that say who these planners and faculty are.
    """

    planners: int
    faculty: int
    undisclosed: int
    lines: frozenset[int]

    @property
    def is_met(self) -> bool:
        return self.planners > 0 and self.faculty > 0


@dataclass(frozen=True, slots=True)
class _Improvement:
    """The clinicians of an activity who committed, who answered, and who did a commitment: in part too, or in full."""

    committed: frozenset[int] = frozenset()
    answered: frozenset[int] = frozenset()
    improved: frozenset[int] = frozenset()
    full: frozenset[int] = frozenset()

    @property
    def is_met(self) -> bool:
        return 2 * len(self.improved) > len(self.answered)

    @property
    def shares(self) -> tuple[Figure, Figure, Figure]:
        answered, committed = len(self.answered), len(self.committed)
        return (
            Figure(len(self.improved), answered, answered),
            Figure(len(self.full), answered, answered),
            Figure(len(self.improved), committed, answered),
        )


def _engagement(people: PeopleFile, activity: str, at: date | None) -> _Engagement:
    """Return how an activity engages patients; whose function starts after `at` does not count yet."""
    found: dict[ActivityFunction, set[str]] = defaultdict(set)
    undisclosed, lines = set[str](), set[int]()
    for one in people.entries:
        if one.activity != activity or (at is not None and one.start is not None and one.start > at):
            continue
        if one.function not in {ActivityFunction.PLANNER, ActivityFunction.FACULTY}:
            continue
        if one.patient:
            found[one.function].add(one.person)
            lines.add(one.line)
        if one.disclosure is DisclosureStatus.MISSING:
            undisclosed.add(one.person)
    planners, faculty = (len(found[one]) for one in (ActivityFunction.PLANNER, ActivityFunction.FACULTY))
    return _Engagement(planners, faculty, len(undisclosed), frozenset(lines))


def _improvements(connection: Connection, program: str) -> Mapping[str, _Improvement]:
    """Return what became of the commitments of each activity, clinician by clinician, by their newest reports."""
    committed: dict[str, set[int]] = defaultdict(set)
    reported: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in commitment_waves(connection, program):
        activity, standing = one.activity or "", one.standings[LATEST]
        committed[activity].add(one.person)
        if standing.place is WaveStanding.RESPONDED:
            reported[activity][one.person].add(standing.status or "")
    return {
        activity: _Improvement(
            frozenset(people),
            frozenset(reported[activity]),
            frozenset(person for person, told in reported[activity].items() if told & DONE),
            frozenset(
                person
                for person, told in reported[activity].items()
                if ImplementationStatus.FULL.value in told
            ),
        )
        for activity, people in committed.items()
    }


def _in_words(*, met: bool | None) -> str | None:
    return None if met is None else "yes" if met else "no"


class AccreditationTables:
    """Count the two tables of the tracker, with what a file of people says and which activities are of the term.

    `people` None: nothing is known of planners and faculty, and what depends on them is empty. `at` is the day of the
    report.
    """

    def __init__(self, people: PeopleFile | None, term: ReportTerm, at: date | None) -> None:
        """Take what the database does not tell."""
        self._people, self._term, self._at = people, term, at

    def activities(self, connection: Connection, program: str) -> Iterator[MeasureRow]:
        """Yield the rows of the activities of the term, by name."""
        improvements = _improvements(connection, program)
        for slug, row in self._of_term(connection, program):
            found = improvements.get(slug, _Improvement())
            engaged = self._engagement(slug)
            yield (
                slug,
                row.title,
                None if row.held_on is None else row.held_on.isoformat(),
                *(
                    (None,) * 3
                    if engaged is None
                    else (engaged.planners, engaged.faculty, engaged.undisclosed)
                ),
                _in_words(met=None if engaged is None else engaged.is_met),
                *(len(found.committed), len(found.answered), *found.shares),
                _in_words(met=found.is_met),
                self._held(row.held_on),
                *self._shown_by(program, slug, found),
            )

    def criteria(self, connection: Connection, program: str) -> Iterator[MeasureRow]:
        """Yield the rows of the two criteria."""
        there = [
            slug for slug, row in self._of_term(connection, program) if not _is_future(row.held_on, self._at)
        ]
        improvements = _improvements(connection, program)
        improving = sum(slug in improvements and improvements[slug].is_met for slug in there)
        engagements = [self._engagement(slug) for slug in there]
        engaging = (
            None if self._people is None else sum(one is not None and one.is_met for one in engagements)
        )
        size, examples = provider_size(len(there))
        wanted = max(_FEWEST, ceil(len(there) * _SHARE / 100))
        lines = (
            (ENGAGES, engaging, evidence.ENGAGING_ACTIVITIES, evidence.planners_and_faculty(self._people)),
            (IMPROVES, improving, evidence.IMPROVING_ACTIVITIES, evidence.done_in_export(program)),
        )
        for criterion, met, *shown_by in lines:
            yield (
                *(criterion, len(there), met),
                *(wanted, None if met is None else max(0, wanted - met)),
                *(size, examples, None if met is None else max(0, examples - met)),
                *shown_by,
            )

    def _of_term(self, connection: Connection, program: str) -> Iterator[tuple[str, sa.Row[Any]]]:
        for slug, row in activities(connection, program).items():
            if self._term.holds(row.held_on):
                yield slug, row

    def _held(self, day: date | None) -> str | None:
        """Return in words whether what is held on a day was held by the day of the report; None: nothing tells."""
        return _in_words(met=None if day is None or self._at is None else not _is_future(day, self._at))

    def _shown_by(self, program: str, activity: str, found: _Improvement) -> tuple[str | None, ...]:
        """Return what shows that it engages patients, and that clinicians improved; None where nothing does."""
        engaged = self._engagement(activity)
        lines = (
            None
            if self._people is None or engaged is None
            else evidence.lines_of_people(self._people, engaged.lines)
        )
        if not found.improved:
            return lines, None, None
        return lines, evidence.done_in_report(activity), evidence.done_in_export(program, activity)

    def _engagement(self, activity: str) -> _Engagement | None:
        return None if self._people is None else _engagement(self._people, activity, self._at)


def _is_future(day: date | None, at: date | None) -> bool:
    """Return whether an activity is not held yet at the day of the report; what has no day counts as held."""
    return day is not None and at is not None and day > at


def provider_size(count: int) -> tuple[str, int]:
    """Return the size class of a provider by the activities of its term, and how many examples it must show.

    >>> provider_size(3), provider_size(251)
    (('S', 2), ('XL', 8))
    """
    return next(((size, evidence) for size, most, evidence in _SIZES if count <= most), _LARGEST)


_Count = Callable[[Connection, str], Iterator[MeasureRow]]
_FILE: Final = evidence.PEOPLE_FILE


def _shown_measures(told: MeasureSet, waves: MeasureSet) -> tuple[Measure, ...]:
    """Return the last columns of the table of activities: whether each was held, and what shows the others."""
    return (
        told.count(
            "held",
            "yes where its day is not after the day of the report; empty without a day, where it counts as held.",
        ),
        told.count(
            "engages_in_files",
            f"Which lines of {_FILE} name these planners and faculty; empty where none does.",
        ),
        waves.count(
            "improves_in_report",
            "Which commitments show that clinicians improved, one by one in T2; empty where none did.",
        ),
        waves.count(
            "improves_in_files",
            "Which rows of `said export` show the same: of each commitment the one with the newest `reported_at`."
            " `detail_evidence` says what backs it up.",
        ),
    )


def activity_table(count: _Count) -> MeasureTable:
    """Return the table of activities, which `count` counts."""
    told = MeasureSet(evidence.ACTIVITY_TABLE, MeasureSource.SYSTEM, ACTIVITIES)
    waves = MeasureSet(evidence.ACTIVITY_TABLE, MeasureSource.SELF_REPORTED, WAVES_QUERY)
    answered, committed = "clinicians who answered on a commitment, ever", "clinicians who committed"
    return MeasureTable(
        evidence.ACTIVITY_TABLE,
        "Activities, by two criteria of ACCME",
        ("activity",),
        (
            told.count("title", "What it is called."),
            told.count("held_on", "The day on which it is held."),
            told.count(
                "patient_planners", f"Planners who are patients or the public, by {_FILE}; empty without it."
            ),
            told.count(
                "patient_faculty", f"Faculty who are patients or the public, by {_FILE}; empty without it."
            ),
            told.count(
                "undisclosed",
                f"Planners and faculty, patients or not, whose financial relationships {_FILE} says are not disclosed.",
            ),
            told.count("engages", "yes where it has such planners and such faculty: meets Engages Patients."),
            waves.count("committed", "Clinicians with a confirmed commitment."),
            waves.count(
                "answered", "Of these, clinicians who answered on one, ever: whose change was measured."
            ),
            waves.share(
                "improved",
                "The share that improved.",
                "clinicians with a commitment in full or in part",
                answered,
            ),
            waves.share(
                "improved_full", "The same in full alone.", "clinicians with a commitment in full", answered
            ),
            waves.share(
                "improved_of_committed",
                "The share of all who committed that improved.",
                "clinicians with a commitment in full or in part",
                committed,
            ),
            waves.count(
                "improves",
                "yes where more than half of those who answered improved: meets Improves Performance.",
            ),
            *_shown_measures(told, waves),
        ),
        "Improvement is self-reported, by the newest reports. Whoever is reviewer or interviewee alone is no planner."
        " A single answer can be a majority: see how many answered. Activities of the term, without one all of the"
        " programme's file, also those to come, which do not count for the criteria yet.",
        count,
    )


def criteria_table(count: _Count) -> MeasureTable:
    """Return the table of criteria, which `count` counts."""
    told = MeasureSet("outcomes.criteria", MeasureSource.SYSTEM, ACTIVITIES)
    return MeasureTable(
        "outcomes.criteria",
        "ACCME commendation: how many activities meet a criterion, and how many more are needed",
        ("criterion",),
        (
            told.count(
                "activities",
                "Activities of the term, without one all of the programme's file, whether or not anybody committed"
                " after them; those after the day of the report do not count.",
            ),
            told.count("met", "Of these, activities that meet it."),
            told.count("wanted", "Activities that must meet it: 10 %, and no fewer than 2."),
            told.count("more_needed", "How many more that takes."),
            told.count("size", "S to 39 activities in the term, M to 100, L to 250, else XL."),
            told.count("evidence", "Examples to be shown as evidence: S 2, M 4, L 6, XL 8."),
            told.count("more_evidence", "How many more that takes."),
            told.count("evidence_in_report", "Which rows of this report show the activities that meet it."),
            told.count(
                "evidence_in_files",
                f"Which lines show it: of {_FILE}, which is the team's own, or of the commitments of `said export`.",
            ),
        ),
        "Of this programme's activities alone, those that are held; those of all programmes of the provider count for"
        f" ACCME. Without {_FILE} nothing is known of Engages Patients.",
        count,
    )


def accreditation_tables(
    people: PeopleFile | None = None, term: ReportTerm | None = None, at: date | None = None
) -> tuple[MeasureTable, MeasureTable]:
    """Return the two tables of the tracker; see `AccreditationTables`."""
    counted = AccreditationTables(people, term or ReportTerm(), at)
    return criteria_table(counted.criteria), activity_table(counted.activities)
