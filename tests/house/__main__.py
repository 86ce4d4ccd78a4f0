"""`python -m tests.house [ROOT]`: print the figures of a checkout, and of another beside it."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from tests.house.report import measure, table

HERE = Path(__file__).parents[2]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.house", description="Measure the house.")
    parser.add_argument("root", nargs="?", type=Path, default=HERE, help="the checkout (default: this one)")
    parser.add_argument(
        "--against", type=Path, metavar="OTHER", help="another checkout, in a column before it"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, with what each figure is made of")
    parser.add_argument("--details", action="store_true", help="print also what each figure is made of")
    parser.add_argument("--no-trace", action="store_true", help="leave out what one reply visits")
    chosen = parser.parse_args()
    roots = [root.resolve() for root in (chosen.against, chosen.root) if root is not None]
    columns = {_name(root): measure(root, traced=not chosen.no_trace) for root in roots}
    if chosen.json:
        print(json.dumps({name: [asdict(one) for one in found] for name, found in columns.items()}, indent=2))
        return
    print(table(columns))
    if chosen.details:
        for figure in columns[_name(roots[-1])]:
            print(f"\n{figure.name}: {figure.value}", *figure.details, sep="\n  ")


def _name(root: Path) -> str:
    return "here" if root == HERE else root.name


if __name__ == "__main__":
    main()
