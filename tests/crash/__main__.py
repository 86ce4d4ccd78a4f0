"""The crash test as a command, for longer runs: `python -m tests.crash --kills 500 --seed 7 --cold`."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path

from tests.crash.lives import Outcome, Plan
from tests.crash.load import crash
from tests.crash.web_load import crash_pages


def table(outcome: Outcome) -> str:
    """The figures, one a line."""
    figures = outcome.figures
    width = max(len(name) for name in figures)
    return "\n".join(f"{name:{width}}  {value}" for name, value in figures.items())


def main() -> int:
    """Run it and print what was found; 1 if a promise was broken, and the files are then kept."""
    parser = argparse.ArgumentParser(description="Kill `said run` under load, and look what is left.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--people", type=int, default=30, help="who talk at the same time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--webhook", action="store_true", help="updates by webhook instead of polling")
    parser.add_argument("--pages", action="store_true", help="people in browsers instead of on Telegram")
    parser.add_argument("--cold", action="store_true", help="every start from the shell: slower")
    parser.add_argument("--json", action="store_true")
    given = vars(parser.parse_args())
    as_json = given.pop("json")
    folder = Path(tempfile.mkdtemp(prefix="said-crash-"))
    run = crash_pages if given["pages"] else crash
    outcome = asyncio.run(run(Plan(**given), folder))
    print(json.dumps(outcome.figures, indent=2) if as_json else table(outcome))
    for problem in outcome.audit.problems:
        print(problem, file=sys.stderr)
    if outcome.audit.problems:
        print(f"the files are in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
