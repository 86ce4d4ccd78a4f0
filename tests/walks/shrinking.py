"""Make the story of a broken invariant short: the person alone, and as little noise as still breaks it."""

import asyncio
from dataclasses import replace

from tests.walks.checking import check
from tests.walks.evidence import Evidence
from tests.walks.invariants import Broken
from tests.walks.report import count_rows
from tests.walks.town import TownPlan, town
from tests.walks.transcript import transcript


def walked(plan: TownPlan) -> tuple[Evidence, list[Broken], dict[str, list[int]]]:
    """Walk through a town; return what happened, what is broken, and the steps at which each person made noise."""
    with town(plan) as made:
        asyncio.run(made.walk())
        count_rows(made.evidence)
        noisy = {walker.name: walker.noisy for walker in made.walkers}
        return made.evidence, list(check(made.evidence)), noisy


def story(plan: TownPlan, evidence: Evidence, broken: Broken) -> str:
    """The shortest story that breaks the invariant, as text; as it was walked where the person alone does not."""
    name = evidence.persons.get(broken.address)
    if name is None:
        return f"{broken.invariant}: {broken.what}"
    alone = replace(plan, only=frozenset({int(name.split()[-1])}))
    shortest = _shorter(alone, broken.invariant)
    if shortest is None:
        return _told(plan, evidence, broken)
    return _told(*shortest)


def _shorter(plan: TownPlan, invariant: str) -> tuple[TownPlan, Evidence, Broken] | None:
    """Leave out one noisy step after the other, wherever the invariant still breaks; None where it never does."""
    best = _broken(plan, invariant)
    if best is None:
        return None
    for step in dict.fromkeys(best[3]):
        quieter = replace(best[0], quiet=frozenset({*best[0].quiet, step}))
        found = _broken(quieter, invariant)
        best = best if found is None else found
    return best[0], best[1], best[2]


def _broken(plan: TownPlan, invariant: str) -> tuple[TownPlan, Evidence, Broken, list[int]] | None:
    evidence, found, noisy = walked(plan)
    mine = next((broken for broken in found if broken.invariant == invariant), None)
    return (
        None if mine is None else (plan, evidence, mine, [step for steps in noisy.values() for step in steps])
    )


def _told(plan: TownPlan, evidence: Evidence, broken: Broken) -> str:
    quiet = "" if not plan.quiet else f", without noise at steps {sorted(plan.quiet)}"
    head = f"{broken.invariant}: {broken.what}\n(seed {plan.seed}{quiet})"
    return f"{head}\n{transcript(evidence, broken.address, broken.place)}"
