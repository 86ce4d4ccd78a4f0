"""What the report's first page and its accreditation must say: counted from notes, and from who planned and taught."""

from collections.abc import Iterator
from datetime import date
from math import ceil
from statistics import fmean
from typing import Any

from flows.program.model import ActivityFile, ProgramFile
from tests.support.oracle_notes import NotedPerson
from tests.support.oracle_outcomes import picks, shares, was_due
from tests.support.oracle_response import Notes, Rows, agreed, newest

INVOLVED = (
    ("spring_symposium", "P-1", "planner", "yes", "disclosed", ""),
    ("spring_symposium", "P-2", "faculty", "yes", "nothing_to_disclose", ""),
    ("spring_symposium", "F-1", "faculty", "no", "missing", ""),
    ("spring_symposium", "P-3", "reviewer", "yes", "missing", ""),
    ("autumn_course", "P-1", "planner", "yes", "disclosed", "2026-05-01"),
    ("autumn_course", "P-4", "faculty", "yes", "disclosed", "2026-12-01"),
    ("autumn_course", "F-2", "planner", "no", "missing", ""),
    ("winter_course", "P-5", "planner", "yes", "disclosed", ""),
    ("winter_course", "P-6", "faculty", "yes", "disclosed", ""),
)
"""Who had which function: the lines of the file of people, below the first."""
PEOPLE_CSV = "\n".join(
    map(",".join, (("activity", "person", "function", "patient", "disclosure", "start"), *INVOLVED))
)
NAMED_THEMES = {"other", "none"}
"""What can be picked and is no theme."""


def summary(notes: Notes, program: ProgramFile) -> Rows:
    """`outcomes.summary`."""
    picked = [codes for person in notes.people if (codes := picks(person))]
    themes = {code for codes in picked for code in codes} - NAMED_THEMES
    teaches = {
        (activity.slug, one.theme)
        for activity in program.activities
        for one in activity.objectives
        if one.theme
    }
    plans = list(notes.plans())
    told = [(id(person), last.status) for person, plan in plans if (last := newest(plan))]
    rated, judged, asked = _again(notes)
    return {
        (program.program,): (
            *(len(picked), len(themes), len({slug for slug, _ in teaches})),
            (len(themes & {theme for _, theme in teaches}), len(themes), len(picked)),
            *(len(plans), len({id(person) for person, _ in plans})),
            *shares(told, sum(was_due(person, plan) for person, plan in plans)),
            asked,
            *(
                (number, len(rated), len(rated))
                for number in (sum(m > 0 for m in rated), sum(m < 0 for m in rated))
            ),
            *((sum(word in one for one in judged), *[len(judged)] * 2) for word in ("better", "worse")),
        )
    }


def _again(notes: Notes) -> tuple[list[float], list[set[str]], int]:
    """By how much each person's ratings changed in the mean, what each judged, and how many were asked."""
    rated, judged, asked = list[float](), list[set[str]](), 0
    for person in notes.people:
        again = person.of_flow("patient_follow_up")
        if person.erased or person.first is None or not again:
            continue
        asked += any(one.key == "e2" for talk in again for one in talk.seen)
        answers = [one for talk in again for one in talk.answers]
        later = {one.item: one.number for one in answers if one.key == "e2" and one.number}
        before = {one.item: one.number for one in person.first.answers if one.key == "a7" and one.number}
        both = [number - (before[item] or 0) for item, number in later.items() if item in before]
        rated.extend([fmean(both)] if both else [])
        last = {one.item: one.codes[0] for one in answers if one.key == "e3" and one.codes}
        told = {*last.values()} - {"cannot_say"}
        judged.extend([told] if told else [])
    return rated, judged, asked


# Accreditation.


class Tracked:
    """What can be said of an activity: who planned and taught it by the day of the report, and what clinicians did."""

    def __init__(self, notes: Notes, activity: ActivityFile) -> None:
        today = notes.end.date()
        self.slug, self.title, self.day = activity.slug, activity.title, activity.held_on
        self.is_held = self.day is None or self.day <= today
        there = [
            (line, *one[1:5])
            for line, one in enumerate(INVOLVED, 2)
            if one[0] == self.slug and (not one[5] or date.fromisoformat(one[5]) <= today)
        ]
        ours = [one for one in there if one[2] in {"planner", "faculty"}]
        patients = [one for one in ours if one[3] == "yes"]
        self.planners, self.faculty = (
            len({one[1] for one in patients if one[2] == function}) for function in ("planner", "faculty")
        )
        self.undisclosed = len({one[1] for one in ours if one[4] == "missing"})
        self.lines = [one[0] for one in patients]
        self.engages = self.planners > 0 and self.faculty > 0
        plans = [(person, plan) for person, plan in notes.plans() if person.activity == self.slug]
        told = [(id(person), last.status) for person, plan in plans if (last := newest(plan))]
        self.committed = len({id(person) for person, _ in plans})
        self.answered = len({who for who, _ in told})
        self.improved = len({who for who, status in told if status in {"full", "partial"}})
        self.full = len({who for who, status in told if status == "full"})
        self.improves = 2 * self.improved > self.answered

    def shown_by(self, program: str) -> Iterator[str | None]:
        """Where the report points for what shows it."""
        lines = ", ".join(map(str, self.lines))
        yield f"people.csv: {'line' if len(self.lines) == 1 else 'lines'} {lines}" if lines else None
        done = f"activity = {self.slug}, latest = full or partial"
        kept = f"activity = {self.slug}, confirmed = 1, implementation = full or partial"
        yield f"outcomes.commitments: {done}" if self.improved else None
        yield f"commitments.csv: program = {program}, {kept}" if self.improved else None


def _yes(*, holds: bool) -> str:
    return "yes" if holds else "no"


def activities(notes: Notes, program: ProgramFile) -> Rows:
    """`outcomes.activities`."""
    rows: Rows = {}
    for one in (Tracked(notes, activity) for activity in program.activities):
        rows[one.slug,] = (
            *(one.title, one.day and one.day.isoformat(), one.planners, one.faculty, one.undisclosed),
            *(_yes(holds=one.engages), one.committed, one.answered),
            *((number, one.answered, one.answered) for number in (one.improved, one.full)),
            (one.improved, one.committed, one.answered),
            *(_yes(holds=one.improves), one.day and _yes(holds=one.is_held)),
            *one.shown_by(program.program),
        )
    return rows


def criteria(notes: Notes, program: ProgramFile) -> Rows:
    """`outcomes.criteria`, of the few activities of a small provider, which must show two examples."""
    held = [one for one in (Tracked(notes, activity) for activity in program.activities) if one.is_held]
    assert len(held) < 39
    wanted = max(2, ceil(len(held) / 10))
    engaging, improving = sum(one.engages for one in held), sum(one.improves for one in held)
    kept = f"commitments.csv: program = {program.program}, confirmed = 1, implementation = full or partial"
    planned = "people.csv: function = planner or faculty, patient = yes"
    return {
        (name,): (
            *(len(held), met, wanted, max(0, wanted - met), "S", 2, max(0, 2 - met)),
            *(f"outcomes.activities: {column} = yes", where),
        )
        for name, met, column, where in (
            ("engages_patients", engaging, "engages", planned),
            ("improves_performance", improving, "improves", kept),
        )
    }


def pars(notes: Notes, program: ProgramFile) -> Rows:
    """`outcomes.pars`: what is for a person to fill in is empty."""
    rated = any(
        one.key == "e2" and one.number
        for person, talk in notes.kept_talks()
        if talk.flow == "patient_follow_up"
        for one in talk.answers
    )
    rows: Rows = {}
    for activity in program.activities:
        asked = [
            one for one in notes.people if one.activity == activity.slug and one.of_flow("hcp_commitment")
        ]
        plans = [(person, plan) for person, plan in notes.plans() if person.activity == activity.slug]
        named = [code for person in asked if (code := profession(person))]
        physicians = named.count("physician")
        rows[activity.slug,] = (
            *(activity.title, activity.held_on.isoformat() if activity.held_on else "", "", "", ""),
            *(_yes(holds=bool(asked)), _yes(holds=any(may_be_asked(person) for person, _ in plans)), ""),
            *(_yes(holds=bool(plans)), _yes(holds=any(plan.reports for _, plan in plans))),
            "" if rated else "no",
            *((physicians, len(named) - physicians) if named else ("", "")),
            *(len(asked) - len(named), *[""] * 6),
        )
    return rows


def may_be_asked(person: NotedPerson) -> bool:
    """Whether somebody agreed to be asked later what became of their plans."""
    given = person.first.gave("c0_follow") if person.first else None
    return given is not None and given.codes == ("Yes",)


def profession(person: NotedPerson) -> str:
    """The profession that somebody named last; '' for none."""
    named: list[Any] = [
        given.codes[0]
        for talk in person.of_flow("hcp_commitment")
        if agreed(talk) and (given := talk.gave("c1")) and given.codes
    ]
    return named[-1] if named and not person.erased else ""
