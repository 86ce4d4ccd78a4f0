"""Processor time of a turn, beside that of another checkout, in alternating pairs.

One turn: an update as Telegram sends it is read and stored, answered by the engine, and committed; patients answer the
first questions of the interview, a block of them at a time. A pair is a process of each checkout on a database of its
own. They take turns, block by block, so that a machine that is busy for a while is as busy for both, and who begins
alternates. The interval of the ratio is Student's, over the pairs. Both must write as many rows.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import arguments, median, show, show_json

HERE = Path(__file__).parents[1]
WORKER = Path(__file__).parent / "in_checkout" / "turn_cost_worker.py"
BLOCKS = 40
"""Each takes some hundredths of a second: the shorter, the more alike is the machine to both."""
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
           11: 2.201, 12: 2.179, 13: 2.160, 14: 2.145, 15: 2.131, 20: 2.086, 30: 2.042}  # fmt: skip
"""Of t, two-sided 95 %, by degrees of freedom; between two of them the lower one's, which is on the safe side."""


class Player:
    """A process that plays turns with one checkout."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.milliseconds: list[float] = []

    def play_block(self) -> None:
        """Play the next block, and wait for it."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self.milliseconds.append(float(self.hear()))

    def hear(self) -> str:
        """
        Return the next line that it tells.

        Raises:
            RuntimeError: It has ended; why stands on standard error.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended before its time")
        return line


@contextmanager
def player(root: Path, people: int) -> Iterator[Player]:
    """Start a process with the code of a checkout, and have everybody in. It ends when its input does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAID_")}
    environment["PYTHONPATH"] = str(root)
    asked = [sys.executable, str(WORKER), str(BLOCKS), str(people // BLOCKS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(asked, cwd=root, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        made = Player(process)
        made.hear()
        yield made


def together(roots: Sequence[Path], people: int) -> list[list[float]]:
    """
    Play with these checkouts in alternation; returns the milliseconds a turn in each block of each.

    Raises:
        ValueError: They did not write the same rows, so that there is nothing to compare.
    """
    with ExitStack() as stack:
        players = [stack.enter_context(player(root, people)) for root in roots]
        for block in range(BLOCKS):
            for one in players if block % 2 else reversed(players):
                one.play_block()
        rows = [json.loads(one.hear()) for one in players]
    if any(each != rows[0] for each in rows):
        raise ValueError(f"not the same work: {rows}")
    return [one.milliseconds for one in players]


@dataclass(frozen=True, slots=True)
class Pair:
    """What two processes that took turns came to, in milliseconds a turn."""

    ours: float
    others: float
    ratio: float
    """The median of the ratios block by block: what slowed down the machine for a moment slowed down both."""


def pair(root: Path, other: Path, people: int, *, ours_first: bool) -> Pair:
    """Compare two checkouts once; raises as `together` does."""
    if ours_first:
        ours, others = together([root, other], people)
    else:
        others, ours = together([other, root], people)
    ratios = [mine / theirs for mine, theirs in zip(ours, others, strict=True)]
    return Pair(median(ours), median(others), median(ratios))


def interval(ratios: Sequence[float]) -> tuple[float, float]:
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
        runs = [median(together([root], chosen.people)[0]) for _ in range(chosen.repeats)]
        show_costs({"here": runs}, as_json=chosen.json)
        return
    other = chosen.against.resolve()
    pairs = [pair(root, other, chosen.people, ours_first=bool(number % 2)) for number in range(chosen.pairs)]
    ratios = [one.ratio for one in pairs]
    costs = {"here": [one.ours for one in pairs], "the other": [one.others for one in pairs]}
    show_costs(costs, ratios, as_json=chosen.json)


def show_costs(costs: dict[str, list[float]], ratios: Sequence[float] = (), *, as_json: bool) -> None:
    """Print what a turn costs, and where there are two checkouts, how many times the other we are."""
    found: dict[str, Any] = {}
    if ratios:
        low, high = interval(ratios)
        found = {"ratio": statistics.mean(ratios), "interval": [low, high], "ratios": list(ratios)}
    if as_json:
        show_json({"milliseconds": costs, **found})
        return
    show(
        "Processor time of a turn",
        ("", "milliseconds", "lowest", "highest"),
        [
            (name, f"{median(runs):.3f}", f"{min(runs):.3f}", f"{max(runs):.3f}")
            for name, runs in costs.items()
        ],
    )
    if ratios:
        print(
            f"here / the other: {found['ratio']:.3f}, 95 % interval {low:.3f} to {high:.3f}, {len(ratios)} pairs"
        )


if __name__ == "__main__":
    main()
