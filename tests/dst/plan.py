"""Say how much of everything there must be, live through the towns, and lay out what there was as a table."""

import asyncio
import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import structlog

from tests.dst.faults import Counts, End, Fault
from tests.dst.promises import broken_promises
from tests.dst.tables import found
from tests.dst.told import told_of
from tests.dst.town import DAYS, LifePlan, hard_town

AIMS: Mapping[str, int] = {
    "person-days": 1_000_000,
    "messages of people": 300_000,
    "of these noise": 100_000,
    "deaths": 10_000,
    **{end.value: 2_000 for end in (End.IN_COMMIT, End.AFTER_SEND)},
    **{fault.value: 1_000 for fault in Fault},
}
"""What a whole run has at least."""
WHOLE_PEOPLE = 8_300
"""People of a whole run; a smaller one has to have as much less of everything."""
ROOM = 0.8
"""What chance may leave out of a run that is not whole."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What came of a town: its seed, how much there was, what is broken, and a hash of all that happened."""

    seed: str
    counts: Counts
    broken: tuple[str, ...]
    digest: str


def live_through(plan: LifePlan) -> Lived:
    """Live through a town, and check it by both checkers."""
    counts = Counts()
    with hard_town(plan, counts) as town:
        asyncio.run(town.live())
        digest = town.digest()
        broken = [*broken_promises(town), *found(town.at_rest(), told_of(town))]
    at = f"transaction {counts.figures['transactions']}, life {counts.figures['lives']}"
    return Lived(plan.seed, counts, tuple(f"{what} ({at})" for what in broken), digest)


def prepare_process() -> None:
    """Have this process log critical lines alone, and collect garbage seldom.

    A town's log is long, and nobody reads it; what it remembers is remembered to its end, and looking through all of
    that again and again takes a twentieth of the time.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def live_through_all(plans: Sequence[LifePlan], processes: int) -> Iterator[Lived]:
    """Live through towns, each by itself, in the order of the plans."""
    if processes == 1:
        yield from map(live_through, plans)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), prepare_process) as pool:
        yield from pool.map(live_through, plans)


def share_of(plans: Sequence[LifePlan]) -> float:
    """How much of everything there must be in these towns, as a share of a whole run."""
    share = sum(plan.people * plan.days for plan in plans) / (WHOLE_PEOPLE * DAYS)
    return 1.0 if share >= 1 else share * ROOM


def figures_of(counts: Counts) -> dict[str, int]:
    """How much there was, by what it is called in the table."""
    return {
        **counts.figures,
        "deaths": counts.deaths.total(),
        **{end.value: counts.deaths[end] for end in End},
        **{fault.value: counts.faults[fault] for fault in Fault},
    }


def too_few(counts: Counts, share: float) -> list[str]:
    """What there was too little of, in a run that is this share of a whole one."""
    figures = figures_of(counts)
    return [name for name, aim in AIMS.items() if figures.get(name, 0) < int(aim * share)]


def table(counts: Counts, share: float) -> str:
    """The figures, one a line, with the least that there must be."""
    figures = figures_of(counts)
    lines = [f"{'':62} {'there were':>11} {'at least':>11}"]
    for name, value in figures.items():
        least = f"{int(AIMS[name] * share):11,}" if name in AIMS else ""
        lines.append(f"{name:62} {value:11,} {least}".rstrip())
    return "\n".join(lines)


def at_most(deaths: int) -> float:
    """The share of deaths of which it can be said at 95 % that no more break a promise, where none did: 3 in n."""
    return 3 / deaths if deaths else 1.0
