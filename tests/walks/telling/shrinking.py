"""Make the story of a broken invariant short: the person alone, and as little noise as still breaks it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from tests.walks.evidence import Evidence
from tests.walks.invariants import Broken, check
from tests.walks.over_emulators import emulated_town
from tests.walks.telling.report import count_rows
from tests.walks.telling.transcript import transcript
from tests.walks.town import Town, TownPlan, town

Walked = tuple[Evidence, list[Broken], dict[str, list[int]]]
"""What happened, what is broken, and the steps at which each person made noise."""
Walks = Callable[[TownPlan], Walked]


def walked(plan: TownPlan) -> Walked:
    """Walk through a town in memory."""
    with town(plan) as made:
        asyncio.run(made.walk())
        return _outcome(made)


def walked_over_emulators(plan: TownPlan) -> Walked:
    """Walk through a town on both emulators."""

    async def walk() -> Walked:
        async with emulated_town(plan) as made:
            await made.walk()
            return _outcome(made)

    return asyncio.run(walk())


def _outcome(made: Town) -> Walked:
    count_rows(made.evidence)
    noisy = {walker.name: walker.noisy for walker in made.walkers}
    return made.evidence, list(check(made.evidence)), noisy


def story(plan: TownPlan, evidence: Evidence, broken: Broken, walk: Walks = walked) -> str:
    """The shortest story that breaks the invariant, as text; as it was walked where the person alone does not."""
    name = evidence.persons.get(broken.address)
    if name is None:
        return f"{broken.invariant}: {broken.what}"
    alone = replace(plan, only=frozenset({int(name.split()[-1])}))
    shortest = _shorter(alone, broken.invariant, walk)
    if shortest is None:
        return _told(plan, evidence, broken)
    return _told(*shortest)


def _shorter(plan: TownPlan, invariant: str, walk: Walks) -> tuple[TownPlan, Evidence, Broken] | None:
    """Leave out one noisy step after the other, wherever the invariant still breaks; None where it never does."""
    best = _broken(plan, invariant, walk)
    if best is None:
        return None
    for step in dict.fromkeys(best[3]):
        quieter = replace(best[0], quiet=frozenset({*best[0].quiet, step}))
        found = _broken(quieter, invariant, walk)
        best = best if found is None else found
    return best[0], best[1], best[2]


def _broken(
    plan: TownPlan, invariant: str, walk: Walks
) -> tuple[TownPlan, Evidence, Broken, list[int]] | None:
    evidence, found, noisy = walk(plan)
    mine = next((broken for broken in found if broken.invariant == invariant), None)
    return (
        None if mine is None else (plan, evidence, mine, [step for steps in noisy.values() for step in steps])
    )


def _told(plan: TownPlan, evidence: Evidence, broken: Broken) -> str:
    quiet = "" if not plan.quiet else f", without noise at steps {sorted(plan.quiet)}"
    head = f"{broken.invariant}: {broken.what}\n(seed {plan.seed}{quiet})"
    return f"{head}\n{transcript(evidence, broken.address, broken.place)}"
