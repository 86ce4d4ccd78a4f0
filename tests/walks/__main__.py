"""`python -m tests.walks --conversations 10000 --seed 8`: walk, count, and tell the story of what breaks."""

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable

import structlog

from tests.walks.telling.report import Report
from tests.walks.telling.shrinking import Walked, story, walked, walked_over_emulators
from tests.walks.town import TownPlan

STORIES = 3
"""How many stories of one invariant are told."""
MOST_OVER_EMULATORS = 40
"""People of one bot there."""


def main() -> int:
    """Walk and print what was found; 1 if an invariant is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.walks", description=__doc__)
    parser.add_argument("--conversations", type=int, default=1_000, help="in process, platforms in memory")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--people", type=int, default=200, help="of one bot")
    parser.add_argument("--town", type=int, help="walk through this one alone")
    parser.add_argument("--stories", type=int, default=STORIES, help="told of each broken invariant")
    parser.add_argument("--only", help="tell stories of this invariant alone")
    parser.add_argument("--emulators", type=int, default=0, help="conversations over both emulators")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"seed {given.seed}")
    in_process = _walk(given, "in process", given.conversations, walked)
    emulated = _walk(given, "over both emulators", given.emulators, walked_over_emulators)
    return 1 if in_process.broken or emulated.broken else 0


def _walk(given: argparse.Namespace, where: str, wanted: int, walk: Callable[[TownPlan], Walked]) -> Report:
    """Walk through one town after the other until there were as many conversations, and print what was found."""
    report, told = Report(), Counter[str]()
    began = time.monotonic()
    people = given.people if walk is walked else min(given.people, MOST_OVER_EMULATORS)
    number = given.town or 0
    while report.conversations < wanted:
        plan = TownPlan(f"{given.seed}/{number}", people)
        evidence, broken, _ = walk(plan)
        report.add(evidence, broken)
        for one in broken:
            told[one.invariant] += 1
            if told[one.invariant] <= given.stories and given.only in (None, one.invariant):
                print(f"\n{story(plan, evidence, one, walk)}\n", flush=True)
        print(
            f"town {number}: {report.conversations} conversations {where} so far", file=sys.stderr, flush=True
        )
        if given.town is not None:
            break
        number += 1
    if wanted:
        seconds = time.monotonic() - began
        print(f"\n{where}, {seconds:.0f} s, seed {given.seed}\n\n{report.table()}")
    return report


if __name__ == "__main__":
    sys.exit(main())
