"""Which identifiers are redacted by kind, with Wilson intervals; what else is; and the time of one text.

The texts with their marked identifiers are those of others, presidio-research's synthetic set (MIT): a folder with
`presidio_synthetic.jsonl` is named by `--data`. Without it, false alarms and speed are measured on our own answers.
"""

import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import sqrt
from pathlib import Path
from time import perf_counter
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import arguments, median, percentile, show, show_json
from flows.formats.yaml_source import read_source
from flows.text.pii import find_identifiers
from storage.redaction import redacted

ROOT: Final = Path(__file__).parent.parent
BESIDE: Final = ROOT.parent / "shared" / "data"
"""Where the texts of others lie if `--data` names no folder."""
OURS: Final = ("language_answers.yaml", "thin_answers.yaml", "typed.yaml", "safety_phrases.yaml")
"""Answers of the tests, in seven languages, written for other purposes: nobody's number is in them."""
_TITLE: Final = re.compile(r"\b(?:dr|mr|mrs|ms|miss|prof)\.?\s*$", re.IGNORECASE)
_Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text of others with its identifiers: kind, start and end."""

    text: str
    spans: tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class KindScore:
    """How many identifiers of a kind there are, and how many of them are redacted."""

    there: int = 0
    whole: int = 0
    partly: int = 0

    def figures(self) -> dict[str, Any]:
        """As JSON, with the interval of the share that is redacted whole."""
        low, high = wilson(self.whole, self.there)
        return {
            "n": self.there,
            "whole": self.whole,
            "partly": self.partly,
            "share": round(self.whole / self.there, 4),
            "from": round(low, 4),
            "to": round(high, 4),
        }


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); 0 to 1 where there is nothing to count."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def marked(folder: Path) -> list[MarkedText]:
    """Read the texts of others; none where they are not there."""
    file = folder / "presidio_synthetic.jsonl"
    if not file.exists():
        return []
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [
        MarkedText(row["text"], tuple((one["kind"], one["start"], one["end"]) for one in row["spans"]))
        for row in rows
    ]


def by_kind(texts: Iterable[MarkedText]) -> tuple[dict[str, KindScore], list[str]]:
    """Score each kind; and return what was redacted where nothing is marked.

    Persons after a title are also counted apart.
    """
    scores: dict[str, KindScore] = defaultdict(KindScore)
    alarms = []
    for one in texts:
        found = find_identifiers(one.text)
        taken = {place for span in found for place in range(span.start, span.end)}
        for kind, start, end in one.spans:
            titled = kind == "PERSON" and _TITLE.search(one.text[:start])
            places = [place for place in range(start, end) if one.text[place].isalnum()]
            gone = sum(place in taken for place in places)
            for name in (kind, "PERSON after a title") if titled else (kind,):
                scores[name].there += 1
                scores[name].whole += gone == len(places)
                scores[name].partly += 0 < gone < len(places)
        alarms += [
            f"{span.kind.value}: {one.text[span.start : span.end]}"
            for span in found
            if not any(span.start < end and start < span.end for _, start, end in one.spans)
        ]
    return scores, alarms


def _strings(value: Any) -> Iterator[str]:
    """Yield all texts in a YAML value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(_strings, value.values()))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(_strings, value))


def ordinary(folder: Path) -> dict[str, list[str]]:
    """Read answers in which nobody's identifiers are meant to be, by source."""
    texts = {name: sorted(set(_strings(read_source(ROOT / "tests" / "data" / name).value))) for name in OURS}
    patients = folder / "psytar_half.csv"
    if patients.exists():
        with patients.open(encoding="utf-8", newline="") as file:
            texts["psytar_half.csv"] = [row["text"] for row in csv.DictReader(file)]
    return texts


def alarms_in(texts: Iterable[str]) -> list[str]:
    """Return what is redacted in ordinary answers."""
    return [
        f"{span.kind.value}: {text[max(0, span.start - 20) : span.end + 15]}"
        for text in texts
        for span in find_identifiers(text)
    ]


def speed(texts: Sequence[str], repeats: int) -> dict[str, float]:
    """Return microseconds to look for identifiers in one text."""
    for text in texts[:50]:
        redacted(text)
    times = [min(_once(text) for _ in range(repeats)) * 1e6 for text in texts]
    return {
        "mean_us": round(sum(times) / len(times), 1),
        "median_us": round(median(times), 1),
        "p95_us": round(percentile(times, 0.95), 1),
        "p99_us": round(percentile(times, 0.99), 1),
    }


def _once(text: str) -> float:
    started = perf_counter()
    find_identifiers(text)
    return perf_counter() - started


def main() -> None:
    """Print the tables, or JSON."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--data", type=Path, default=BESIDE, help="the folder of the texts of others")
    options = parser.parse_args()
    texts = marked(options.data)
    scores, elsewhere = by_kind(texts)
    answers = ordinary(options.data)
    alarms = {name: alarms_in(texts) for name, texts in answers.items()}
    times = {
        "ordinary answers": speed(list(chain.from_iterable(answers.values())), options.repeats),
        **({"synthetic texts": speed([one.text for one in texts], options.repeats)} if texts else {}),
    }
    figures = {kind: scores[kind].figures() for kind in sorted(scores)}
    counts: dict[str, Any] = {
        name: {"texts": len(answers[name]), "alarms": found} for name, found in alarms.items()
    }
    if options.json:
        show_json({"kinds": figures, "elsewhere": elsewhere, "ordinary": counts, "speed": times})
        return
    if texts:
        show(
            f"Identifiers in {len(texts)} synthetic texts",
            ("kind", "n", "redacted whole", "95 %", "partly"),
            [
                (
                    kind,
                    str(one["n"]),
                    f"{one['share']:.1%}",
                    f"{one['from']:.0%} to {one['to']:.0%}",
                    str(one["partly"]),
                )
                for kind, one in figures.items()
            ],
        )
        print(f"redacted where nothing is marked: {elsewhere}")
    else:
        print(f"No texts of others in {options.data}: see `--data`.")
    for name, one in counts.items():
        print(f"{name}: {len(one['alarms'])} in {one['texts']} answers: {one['alarms']}")
    print(f"speed: {times}")


if __name__ == "__main__":
    main()
