"""What the tables of statuses, barriers, rates and the loop must say, counted from notes and from nothing else."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Any

from flows.program.model import ProgramFile
from tests.support.oracle_notes import NotedPerson, NotedPlan
from tests.support.oracle_response import LATEST, WAVES, Notes, Rows, Standing, agreed, newest

ASKED_FOR_BARRIERS = {"partial", "planned", "modified", "dropped"}
Told = tuple[int, str]
"""Whose plan it is, and what was told of it: '' for nothing in time."""


def _by_wave(notes: Notes) -> dict[tuple[str, str], list[tuple[Told, bool]]]:
    """Each confirmed plan by activity and wave: what was told, and whether it was due."""
    found = defaultdict(list)
    for person, plan in notes.plans():
        standings = [Standing(person, plan, wave) for wave in WAVES]
        for wave, one in zip(WAVES, standings, strict=True):
            status = one.report.status if one.report and one.in_time else ""
            found[person.activity, str(wave)].append(((id(person), status), one.due))
        last = newest(plan)
        told = id(person), last.status if last else ""
        found[person.activity, LATEST].append((told, bool(last) or any(one.due for one in standings)))
    return found


def statuses(notes: Notes) -> Rows:
    """`response.statuses`."""
    rows: Rows = {}
    for (activity, wave), found in _by_wave(notes).items():
        told = [one for one, _ in found if one[1]]
        due, people = sum(is_due for _, is_due in found), len({who for who, _ in told})
        for status, number in Counter(status for _, status in told).items():
            theirs = len({who for who, given in told if given == status})
            rows[activity, wave, status] = (
                *(number, theirs),
                *((number, len(told), people), (number, due, people)),
            )
    return rows


def implemented(notes: Notes) -> Rows:
    """`response.implemented`."""
    rows: Rows = {}
    for (activity, wave), found in _by_wave(notes).items():
        told = [one for one, _ in found if one[1]]
        due, people = sum(is_due for _, is_due in found), len({who for who, _ in told})
        committed = len({who for (who, _), _ in found})
        full = {who for who, status in told if status == "full"}
        rows[activity, wave] = (
            *(len(found), committed, due, len(told), people),
            *shares(told, due),
            (len(full), people, people),
            (len(full), committed, people),
        )
    return rows


def was_due(person: NotedPerson, plan: NotedPlan) -> bool:
    """Whether a plan was due at any wave, or told of."""
    return bool(plan.reports) or any(Standing(person, plan, wave).due for wave in WAVES)


def shares(told: list[Told], due: int) -> Iterator[tuple[int, int, int]]:
    """Done in full or in part, then in full: each of those who told, and of all that were due."""
    people = len({who for who, _ in told})
    for wanted in ({"full", "partial"}, {"full"}):
        number = sum(status in wanted for _, status in told)
        yield number, len(told), people
        yield number, due, people


def rates(notes: Notes) -> Rows:
    """`response.rates`, without its interval."""
    found: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    with_baseline = Counter[str]()
    for person, plan in notes.plans():
        if plan.baseline is None:
            continue
        with_baseline[person.activity] += 1
        if person.erased:
            continue
        numbers = [one for one in plan.reports if one.of_10 is not None]
        for wave in WAVES:
            for report in numbers:
                if Standing(person, plan, wave).report is report:
                    pair = id(person), plan.baseline, report.of_10 or 0
                    found[person.activity, str(wave)].append(pair)
        if numbers:
            last = max(numbers, key=lambda one: one.at)
            found[person.activity, LATEST].append((id(person), plan.baseline, last.of_10 or 0))
    return {
        (activity, wave): (
            with_baseline[activity],
            *(len(pairs), len({who for who, _, _ in pairs})),
            fmean(before for _, before, _ in pairs),
            fmean(after for _, _, after in pairs),
        )
        for (activity, wave), pairs in found.items()
    }


def barriers(notes: Notes) -> Rows:
    """`response.barriers`."""
    foreseen: dict[str, list[tuple[int, NotedPlan]]] = defaultdict(list)
    met: dict[str, list[tuple[int, NotedPlan]]] = defaultdict(list)
    asked = []
    for person, plan in notes.plans():
        for code in plan.foreseen:
            foreseen[code].append((id(person), plan))
        for code in met_of(plan):
            met[code].append((id(person), plan))
        if any(one.status in ASKED_FOR_BARRIERS for one in plan.reports):
            asked.append((id(person), plan))
    rows: Rows = {}
    for code in {*foreseen, *met}:
        rows[(code,)] = (
            len({who for who, _ in foreseen[code]}),
            len({who for who, _ in met[code]}),
            len({who for who, plan in met[code] if code in plan.foreseen}),
            len({who for who, plan in met[code] if code not in plan.foreseen}),
            len({who for who, plan in foreseen[code] if code not in met_of(plan)}),
            (len(met[code]), len(asked), len({who for who, _ in asked})),
        )
    return rows


def met_of(plan: NotedPlan) -> frozenset[str]:
    """The barriers that a plan met, in any report."""
    return frozenset().union(*(one.barriers for one in plan.reports))


# The loop.


def loop(notes: Notes, program: ProgramFile) -> Rows:
    """`loop.themes`, without specificity and the interval of the change."""
    labels = {theme.code: theme.label for theme in program.themes}
    codes = [*labels, "none", ""]
    return {(code, labels.get(code, code or "(no theme)")): _theme(notes, program, code) for code in codes}


def _theme(notes: Notes, program: ProgramFile, theme: str) -> tuple[Any, ...]:
    raised = sum(theme in picks(person) for person in notes.people) if theme else 0
    objectives = [
        activity.slug for activity in program.activities for one in activity.objectives if one.theme == theme
    ]
    plans = [(person, plan) for person, plan in notes.plans() if plan.theme == theme]
    told = [(id(person), last.status) for person, plan in plans if (last := newest(plan))]
    due = sum(was_due(person, plan) for person, plan in plans)
    figures = list(shares(told, due))
    care = _care(notes, theme)
    people = len({id(person) for person, _ in plans})
    steps = {
        "raised by {}": raised,
        "taught in {} activities": len(set(objectives)),
        "committed to by {}": people,
        "{} commitments implemented": figures[1][0],
        "{} asked later": care["asked"],
        "better for {}": care["better"][0],
    }
    return (
        *(raised, len(set(objectives)), len(objectives), len(plans), people),
        *figures,
        _top_barrier(plans),
        *(care["asked"], care["better"], care["change"], care["judged"]),
        None if theme in {"", "other", "none"} else _break(steps),
    )


def picks(person: NotedPerson) -> tuple[str, ...]:
    """The themes that somebody picked in their interview."""
    given = person.first.gave("a6") if person.first and agreed(person.first) else None
    return given.codes if given and not person.erased else ()


def _top_barrier(plans: list[tuple[NotedPerson, NotedPlan]]) -> str | None:
    found: dict[str, set[int]] = defaultdict(set)
    for person, plan in plans:
        for code in met_of(plan):
            found[code].add(id(person))
    return min(found, key=lambda code: (-len(found[code]), code)) if found else None


def _care(notes: Notes, theme: str) -> dict[str, Any]:
    asked, pairs, judged = 0, list[tuple[int, int]](), list[str]()
    for person in notes.people:
        if person.erased or person.first is None:
            continue
        before, again = person.first.gave("a7", theme), person.of_flow("patient_follow_up")
        asked += any((one.key, one.item) == ("e2", theme) for talk in again for one in talk.seen)
        later = [given for talk in again if (given := talk.gave("e2", theme)) and given.number]
        change = [given for talk in again if (given := talk.gave("e3", theme)) and given.codes]
        if later and before and before.number:
            pairs.append((before.number, later[-1].number or 0))
        if change:
            judged.append(change[-1].codes[0])
    told = [word for word in judged if word != "cannot_say"]
    better = sum(later > before for before, later in pairs)
    return {
        "asked": asked,
        "better": (better, len(pairs), len(pairs)),
        "change": (len(pairs), fmean(later - before for before, later in pairs)) if pairs else None,
        "judged": (told.count("better"), len(told), len(told)),
    }


def _break(steps: Mapping[str, int]) -> str | None:
    before = ""
    for words, number in steps.items():
        if not number:
            return f"{before}{_said(words, 0)}"
        before = f"{_said(words, number)}, "
    return None


def _said(words: str, number: int) -> str:
    if number == 1:
        words = words.replace("activities", "activity").replace("commitments", "commitment")
    return words.format(number)
