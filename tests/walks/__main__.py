"""`python -m tests.walks --conversations 10000 --seed 8`: walk, count, and tell the story of what breaks."""

import argparse
import logging
import sys
import time
from collections import Counter

import structlog

from tests.walks.checking import INVARIANTS
from tests.walks.kinds import Noise
from tests.walks.report import Report
from tests.walks.shrinking import story, walked
from tests.walks.town import TownPlan

STORIES = 3
"""How many stories of one invariant are told."""


def main() -> int:
    """Walk and print what was found; 1 if an invariant is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.walks", description=__doc__)
    parser.add_argument(
        "--conversations", type=int, default=1_000, help="in process, against a platform in memory"
    )
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--people", type=int, default=200, help="of one bot")
    parser.add_argument("--town", type=int, help="walk through this one alone")
    parser.add_argument("--stories", type=int, default=STORIES, help="told of each broken invariant")
    parser.add_argument("--only", help="tell stories of this invariant alone")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"seed {given.seed}")
    report = Report()
    told: Counter[str] = Counter()
    began = time.monotonic()
    number = given.town or 0
    while report.conversations < given.conversations:
        plan = TownPlan(f"{given.seed}/{number}", given.people)
        evidence, broken, _ = walked(plan)
        report.add(evidence, broken)
        for one in broken:
            told[one.invariant] += 1
            if told[one.invariant] <= given.stories and given.only in (None, one.invariant):
                print(f"\n{story(plan, evidence, one)}\n", flush=True)
        print(f"town {number}: {report.conversations} conversations so far", file=sys.stderr, flush=True)
        if given.town is not None:
            break
        number += 1
    print(report.table(), f"\n{time.monotonic() - began:.0f} s, seed {given.seed}")
    missing = [noise.value for noise in Noise if not report.noises[noise]]
    if missing:
        print(f"never met: {', '.join(missing)}")
    for name in INVARIANTS:
        if report.broken[name]:
            print(f"BROKEN {report.broken[name]:6} times: {name}: {INVARIANTS[name].__doc__}")
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
