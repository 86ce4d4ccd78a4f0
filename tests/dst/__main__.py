"""`make dst` or `python -m tests.dst --seed 7`: live through a million person-days, count, and tell what broke."""

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.dst.faults import Counts
from tests.dst.plan import (
    WHOLE_PEOPLE,
    Lived,
    at_most,
    live_through_all,
    prepare_process,
    share_of,
    table,
    too_few,
)
from tests.dst.town import DAYS, WHOLE, LifePlan, plan_of

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).with_name("seeds.txt")
"""Seeds of towns that once broke a promise, one a line."""
MINUTE_PEOPLE = 30
"""People of each of the small towns that are lived through before anything lands."""
STORIES = 5
"""How much is told of one promise."""


def main() -> int:
    """Live, and print what there was; 1 if a promise is broken, or there was too little of anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.dst", description=__doc__)
    parser.add_argument(
        "--seed", help="that of the run, or of one town such as 7/31; by default that of the commit"
    )
    parser.add_argument("--towns", type=int, help="how many; by default as many as a whole run has")
    parser.add_argument("--people", type=int, default=WHOLE, help="of one town")
    parser.add_argument("--days", type=int, default=DAYS, help="for which a town lives")
    parser.add_argument("--processes", type=int, default=1, help="that share the towns")
    parser.add_argument(
        "--minute", action="store_true", help="a minute of it, and the towns that once broke a promise"
    )
    parser.add_argument(
        "--digest", action="store_true", help="print a hash of all that happened in each town"
    )
    given = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets of words is chance, too
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.dst", *sys.argv[1:]],
            os.environ | {"PYTHONHASHSEED": "0"},
        )
    prepare_process()
    commit, seed = _commit(), given.seed or _commit()
    plans = _plans(given, seed)
    print(f"seed {seed}, commit {commit}", flush=True)
    return _live(plans, given, commit)


def _plans(given: argparse.Namespace, seed: str) -> list[LifePlan]:
    """The towns to live through."""
    if "/" in seed:
        return [plan_of(seed, given.people, given.days)]
    kept = (
        [line.split("#")[0].strip() for line in KEPT.read_text("utf-8").splitlines()] if given.minute else []
    )
    if given.minute:
        given.people = MINUTE_PEOPLE
    towns = given.towns or (1 if given.minute else -(-WHOLE_PEOPLE // given.people))
    return [
        plan_of(one, given.people, given.days)
        for one in (*filter(None, kept), *(f"{seed}/{town}" for town in range(towns)))
    ]


def _live(plans: list[LifePlan], given: argparse.Namespace, commit: str) -> int:
    counts, told, began = Counts(), Counter[str](), time.monotonic()
    for number, lived in enumerate(live_through_all(plans, given.processes), 1):
        counts.add(lived.counts)
        _tell(lived, told, commit)
        if given.digest:
            print(f"{lived.seed} {lived.digest}", flush=True)
        print(
            f"{number} of {len(plans)} towns, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True
        )
    share = share_of(plans)
    print(f"\n{time.monotonic() - began:.0f} s\n\n{table(counts, share)}")
    missing = too_few(counts, share)
    for name in missing:
        print(f"too few: {name}")
    broken = told.total()
    for name, times in told.most_common():
        print(f"broken {times} times: {name}")
    if not broken:
        deaths = counts.deaths.total()
        print(
            f"\nno promise is broken: at 95 % fewer than {10_000 * at_most(deaths):.1f} deaths in 10,000 break one"
        )
    return 1 if broken or missing else 0


def _tell(lived: Lived, told: Counter[str], commit: str) -> None:
    """Print what broke in a town, and how it is lived through again."""
    for what in lived.broken:
        name = what.partition(":")[0]
        told[name] += 1
        if told[name] <= STORIES:
            print(
                f"\nbroken: {what}\n  seed {lived.seed}, commit {commit}: make dst SEED={lived.seed}",
                flush=True,
            )


def _commit() -> str:
    """The commit that is tested; 'none' outside of a repository."""
    done = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "none"


if __name__ == "__main__":
    sys.exit(main())
