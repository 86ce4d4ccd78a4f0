"""Memory and time of the second reader: to load it, a text by its length, and what a bot has without it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import arguments, median, show, show_json

ROOT = Path(__file__).parent.parent
BASE = "import bot.app, bot.turns.loading; bot.turns.loading.settle()"
LOADED = """
from time import perf_counter, process_time
from bot.schedule.sentence_encoder import PackagedEncoder
from flows.safety.second_reader import shipped_reader
encoder, reader = PackagedEncoder(), shipped_reader()
began, used = perf_counter(), process_time()
encoder.encode(["a first text"])
print("seconds to load", perf_counter() - began)
print("processor seconds to load", process_time() - used)
for words in (6, 14, 60, 300):
    text = " ".join(["The nurse was kind and explained the results in plain words to me."] * 40).split()[:words]
    times = []
    for _ in range(20):
        used = process_time()
        reader.judge(encoder.encode(reader.pieces(" ".join(text))))
        times.append(process_time() - used)
    print(f"milliseconds a text of {words} words", 1000 * sorted(times)[10])
"""
MEMORY = """
import resource
print("MB at most", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def run(code: str) -> dict[str, float]:
    """Run code in a process of its own; the figures that it prints, by their names."""
    done = subprocess.run(
        [sys.executable, "-c", BASE + code + MEMORY], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {
        name: float(figure) for name, _, figure in (line.rpartition(" ") for line in done.stdout.splitlines())
    }


def main() -> None:
    """Measure, in turn, and print."""
    options = arguments(__doc__ or "").parse_args()
    found: dict[str, dict[str, list[float]]] = {"without": {}, "with": {}}
    for _ in range(options.repeats):
        for name, code in (("without", "\n"), ("with", LOADED)):
            for figure, value in run(code).items():
                found[name].setdefault(figure, []).append(value)
    medians: dict[str, Any] = {
        name: {figure: round(median(values), 2) for figure, values in figures.items()}
        for name, figures in found.items()
    }
    if options.json:
        show_json(medians)
        return
    rows = [
        (figure, str(medians["without"].get(figure, "")), str(value))
        for figure, value in medians["with"].items()
    ]
    show("The second reader", ("", "without", "with"), rows)


if __name__ == "__main__":
    main()
