"""Processor time of a turn, beside that of another checkout, in alternating pairs.

One turn: an update as Telegram sends it is read and stored, answered by the engine, and committed; patients answer the
first questions of the interview, a batch at a time. Each run is a process of its own on a new database. Of two
checkouts, each pair is run in the other order than the one before, so that a machine that warms up or is shared is as
slow for one as for the other; the ratio's interval is Student's, over the pairs. Both must write as many rows.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import arguments, median, show, show_json

HERE = Path(__file__).parents[1]
WORKER = Path(__file__).parent / "in_checkout" / "turn_cost_worker.py"
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
           11: 2.201, 12: 2.179, 13: 2.160, 14: 2.145, 15: 2.131, 20: 2.086, 30: 2.042}  # fmt: skip
"""Of t, two-sided 95 %, by degrees of freedom; between two of them the lower one's, which is on the safe side."""


def run(root: Path, people: int) -> dict[str, Any]:
    """Measure one checkout once: milliseconds a turn, and the rows that were written."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAID_")}
    environment["PYTHONPATH"] = str(root)
    asked = [sys.executable, str(WORKER), "--people", str(people)]
    done = subprocess.run(asked, cwd=root, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def pair(root: Path, other: Path, people: int, *, ours_first: bool) -> tuple[float, float]:
    """
    Measure both checkouts, one after the other; returns ours and the other's milliseconds a turn.

    Raises:
        ValueError: They did not write the same rows, so that there is nothing to compare.
    """
    order = (root, other) if ours_first else (other, root)
    first, second = (run(one, people) for one in order)
    if first["rows"] != second["rows"]:
        raise ValueError(f"not the same work: {first['rows']} in {order[0]}, {second['rows']} in {order[1]}")
    ours, others = (first, second) if ours_first else (second, first)
    return ours["milliseconds"], others["milliseconds"]


def interval(ratios: list[float]) -> tuple[float, float]:
    """
    Return the bounds of the mean's 95 % interval; the same number twice for a single ratio.

    >>> [round(bound, 3) for bound in interval([1.0, 1.1, 0.9])]
    [0.752, 1.248]
    """
    mean, freedom = statistics.mean(ratios), len(ratios) - 1
    if not freedom:
        return mean, mean
    student = STUDENT[max(known for known in STUDENT if known <= freedom)]
    half = student * statistics.stdev(ratios) / len(ratios) ** 0.5
    return mean - half, mean + half


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("root", nargs="?", type=Path, default=HERE, help="the checkout (default: this one)")
    parser.add_argument("--against", type=Path, metavar="DIR", help="another checkout to compare with")
    parser.add_argument("--pairs", type=int, default=15, help="runs of each of the two (default 15)")
    parser.add_argument("--people", type=int, default=1_000, help="conversations in a run (default 1000)")
    chosen = parser.parse_args()
    root = chosen.root.resolve()
    if chosen.against is None:
        alone([run(root, chosen.people)["milliseconds"] for _ in range(chosen.repeats)], as_json=chosen.json)
        return
    other = chosen.against.resolve()
    pairs = [pair(root, other, chosen.people, ours_first=bool(number % 2)) for number in range(chosen.pairs)]
    compared(pairs, as_json=chosen.json)


def alone(ours: list[float], *, as_json: bool) -> None:
    """Print what a turn costs here."""
    if as_json:
        show_json({"milliseconds": ours, "median": median(ours)})
        return
    show("Processor time of a turn", ("", "milliseconds"), [("median of the runs", f"{median(ours):.3f}")])


def compared(pairs: list[tuple[float, float]], *, as_json: bool) -> None:
    """Print what a turn costs here, in the other checkout, and how many times the other we are."""
    ours, others = ([one[place] for one in pairs] for place in (0, 1))
    ratios = [mine / theirs for mine, theirs in pairs]
    low, high = interval(ratios)
    if as_json:
        show_json({"ours": ours, "others": others, "ratio": statistics.mean(ratios), "interval": [low, high]})
        return
    show(
        f"Processor time of a turn, {len(pairs)} pairs",
        ("", "milliseconds", "lowest", "highest"),
        [
            (name, f"{median(runs):.3f}", f"{min(runs):.3f}", f"{max(runs):.3f}")
            for name, runs in (("here", ours), ("the other", others))
        ],
    )
    print(f"here / the other: {statistics.mean(ratios):.3f}, 95 % interval {low:.3f} to {high:.3f}")


if __name__ == "__main__":
    main()
