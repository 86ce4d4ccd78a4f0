"""What the tables of the outcomes report must say, counted from the notes of made-up people and from nothing else."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.simulation.channels import SIMULATED
from tests.support.oracle_first_page import may_be_asked, profession
from tests.support.oracle_notes import NotedPerson, NotedPlan, NotedTalk
from tests.support.oracle_outcomes import met_of, was_due
from tests.support.oracle_response import CLOSES, WAVES, Notes, Rows, Standing, agreed, newest

NOT_DONE = {"partial", "planned", "dropped"}


def listed(rows: Iterable[tuple[Any, ...]]) -> Rows:
    """Rows whose names nobody knows, each with how many are like it."""
    return {tuple(map(str, row)): (number,) for row, number in Counter(rows).items()}


# From invitation to answer.


def funnel(notes: Notes) -> Rows:
    """`outcomes.funnel`: all clinicians but those of the committee, then by channel, then by profession."""
    clinicians = [one for one in notes.people if one.role == "hcp" and one.flow != "content_review"]
    came = [one for one in clinicians if one.opened_at is not None]
    unopened = sum(one.single and one.opened_at is None for one in clinicians)
    groups: dict[tuple[str, str], list[NotedPerson]] = {("all", ""): came}
    for one in came:
        groups.setdefault(("channel", SIMULATED if one.talks else ""), []).append(one)
        groups.setdefault(("profession", profession(one)), []).append(one)
    rows: Rows = {("all", "", "invited"): (len(came) + unopened, None, None)}
    for group, people in groups.items():
        rows |= {(*group, step): cells for step, cells in _steps(people)}
    return rows


def _steps(people: list[NotedPerson]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Who came by links for all, too: so of whom `came` is a share is not known."""
    plans = [(one, plan) for one in people for plan in one.plans if plan.confirmed]
    reached = {
        "came": len(people),
        "started": sum(bool(one.talks) for one in people),
        "agreed": sum(any(agreed(talk) for talk in one.talks) for one in people),
        "committed": len({id(one) for one, _ in plans}),
    }
    before = None
    for step, number in reached.items():
        yield step, (number, None if before is None else (number, before, before), None)
        before = number
    due, told = defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
    for one, plan in plans:
        for wave in WAVES:
            standing, step = Standing(one, plan, wave), f"answered_{wave}"
            if standing.due:
                due[step].add(id(one))
            if standing.in_time:
                told[step].add(id(one))
        if plan.reports:
            told["answered_any"].add(id(one))
        if was_due(one, plan):
            due["answered_any"].add(id(one))
    for step in (*(f"answered_{wave}" for wave in WAVES), "answered_any"):
        number = len(told[step])
        yield step, (number, (number, len(due[step]), number), (number, reached["committed"], number))


# Commitments.


def commitments(notes: Notes) -> Rows:
    """`outcomes.commitments`, but for what they are called and how specific a rule finds their words."""
    return listed(
        (
            person.activity,
            *_of_pick(plan),
            *(plan.words, plan.if_then, plan.start_on, plan.confidence, plan.sure),
            "; ".join(sorted(plan.expected)) or None,
            "; ".join(f"{wave} {told_at(person, plan, wave)}" for wave in WAVES),
            _told_last(person, plan),
        )
        for person, plan in notes.plans()
        if not person.erased
    )


def _of_pick(plan: NotedPlan) -> tuple[str | None, str | None, str | None]:
    picked = plan.picked
    return (picked.type, picked.theme, picked.objective) if picked else (None, None, None)


def told_at(person: NotedPerson, plan: NotedPlan, wave: int) -> str:
    """What was told of a plan at a wave, else why nothing was."""
    standing = Standing(person, plan, wave)
    if standing.in_time and standing.report:
        return standing.report.status
    place = _place(person, standing)
    return f"{place}, late {standing.report.status}" if standing.report else place


def _place(person: NotedPerson, standing: Standing) -> str:
    if standing.settled:
        return "not_due"
    if not may_be_asked(person):
        return "opted_out"
    ends = [talk.at + CLOSES for talk in standing.asked]
    left = person.left_at is not None and (not ends or person.left_at < min(ends))
    return "opted_out" if left else "no_response"


def _told_last(person: NotedPerson, plan: NotedPlan) -> str:
    last = newest(plan)
    if last:
        return last.status
    places = {_place(person, Standing(person, plan, wave)) for wave in WAVES}
    return next(place for place in ("no_response", "opted_out", "not_due") if place in places)


def alignment(notes: Notes) -> Rows:
    """`outcomes.alignment`: the team links nothing, so that what is linked is what was picked."""
    groups: dict[str, list[tuple[NotedPerson, NotedPlan]]] = defaultdict(list)
    for person, plan in notes.plans():
        for group in ("(all)", person.activity):
            groups[group].append((person, plan))
    rows: Rows = {}
    for group, plans in groups.items():
        people = len({id(person) for person, _ in plans})
        named = sum(plan.picked is not None and plan.picked.objective is not None for _, plan in plans)
        share = named, len(plans), people
        rows[(group,)] = (len(plans), people, sum(plan.picked is None for _, plan in plans), share, share)
    return rows


def unintended(notes: Notes) -> Rows:
    """`outcomes.unintended`, but for what they are called."""
    return listed(
        (person.activity, plan.picked and plan.picked.theme, plan.picked and plan.picked.type, plan.words)
        for person, plan in notes.plans()
        if not person.erased and (plan.picked is None or plan.picked.objective is None)
    )


# Barriers.


def barrier_ranks(notes: Notes) -> Rows:
    """`outcomes.barriers`: of what was told to be done in part, not yet or not at all, at any time."""
    whole, met, foreseen = set[int](), Counter[str](), Counter[str]()
    number = 0
    for person, plan in notes.plans():
        reports = [one for one in plan.reports if one.status in NOT_DONE]
        if reports:
            number += 1
            whole.add(id(person))
            met.update(frozenset().union(*(one.barriers for one in reports)) & met_of(plan))
            foreseen.update(plan.foreseen)
    rows: Rows = {}
    for code in {*met, *foreseen}:
        before, after = _rank(foreseen, code), _rank(met, code)
        rows[(code,)] = (
            (foreseen[code], number, len(whole)),
            (met[code], number, len(whole)),
            *(before, after, before and after and before - after),
        )
    return rows


def _rank(counts: Mapping[str, int], code: str) -> int | None:
    return 1 + sum(other > counts[code] for other in counts.values()) if counts[code] else None


# The data.


def quality(notes: Notes) -> Rows:
    """`outcomes.quality`."""
    found: dict[str, list[tuple[NotedPerson, NotedTalk]]] = defaultdict(list)
    for person, talk in notes.kept_talks():
        if talk.answers and (talk.flow == "hcp_follow_up" or agreed(talk)):
            found[talk.flow].append((person, talk))
    rows: Rows = {}
    for flow, talks in found.items():
        answers = [one for _, talk in talks for one in talk.answers]
        people = len({id(person) for person, _ in talks})
        skipped, unread = (sum(getattr(one, name) for one in answers) for name in ("skipped", "unread"))
        rows[(flow,)] = (
            *(len(talks), len(answers)),
            *((skipped, len(answers), people), (unread, len(answers), people)),
            0,
        )
    return rows
