"""Recall and false alarms of the safety scan by language, and its speed, on the labelled set of the tests."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import arguments, median, percentile, show, show_json
from flows.formats.yaml_source import read_source
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import FindingKind, Product, scan, warm

DATA = Path(__file__).parent.parent / "tests" / "data"
PHRASES = DATA / "safety_phrases.yaml"
ANSWERS = DATA / "language_answers.yaml"
HARMLESS = "harmless"
BLIND = DATA / "safety_blind.yaml"
MET = ("dev", "held_out", "fresh", "last", "blind_1", "blind_2", "blind_3", "blind_4", "blind_5", "half_5")
"""Parts that the lists have been widened for, in this order; what they were at first is in docs/benchmarks.md."""
NEVER_MET = ("unmet_4", "blind_6")
"""Parts for which no list was ever widened, nor may be; their misses are not printed."""
UNMET = "unmet"
"""All of these: what to expect of new wording."""
SEEN = "seen"
"""All parts that were met."""
PRODUCTS = (
    Product("lenalidomide", "Revlimid", "lenalidomide", ("lenalidomida", "ريفليميد", "ليناليدوميد")),
    Product("bortezomib", "Velcade", "bortezomib", ("فيلكاد",)),
    Product("daratumumab", "Darzalex", "daratumumab", ("دارزالكس",)),
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A labelled reply. `label` is a SafetyKind or 'harmless'."""

    language: str
    part: str
    label: str
    text: str


@dataclass(slots=True)
class Score:
    """What was found of what should be, and what should not."""

    positives: int = 0
    harmless: int = 0
    misses: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the phrases to be found that were found as what they are."""
        return 1 - len(self.misses) / self.positives

    @property
    def false_alarm_rate(self) -> float:
        """Share of the harmless phrases in which anything was found."""
        return len(self.false_alarms) / self.harmless

    def add(self, phrase: Phrase, kinds: frozenset[FindingKind]) -> None:
        """Count a phrase. Words of risk also count as words of being upset: tier 2 holds tier 1."""
        if phrase.label == HARMLESS:
            self.harmless += 1
            if kinds:
                self.false_alarms.append(phrase.text)
            return
        self.positives += 1
        found = phrase.label in kinds or (phrase.label == FindingKind.UPSET and FindingKind.RISK in kinds)
        if not found:
            self.misses.append(f"{phrase.label}: {phrase.text}")

    def figures(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "positives": self.positives,
            "harmless": self.harmless,
            "recall": round(self.recall, 4),
            "false_alarm_rate": round(self.false_alarm_rate, 4),
            "misses": self.misses,
            "false_alarms": self.false_alarms,
        }


def phrases() -> Iterator[Phrase]:
    """Read the labelled sets."""
    for file in (PHRASES, BLIND):
        for language, parts in read_source(file).value.items():
            for part, labels in parts.items():
                for label, texts in labels.items():
                    for text in texts:
                        yield Phrase(language, part, label, str(text))


def scores() -> dict[tuple[str, str], Score]:
    """Score by language and part.

    The part 'seen' is every part that was met, 'unmet' the others, 'all' every part; the language 'all' every one.
    """
    found: dict[tuple[str, str], Score] = defaultdict(Score)
    for phrase in phrases():
        kinds = scan(phrase.text, products=PRODUCTS, languages=SHIPPED).noticed
        for language in (phrase.language, "all"):
            for part in (phrase.part, SEEN if phrase.part in MET else UNMET, "all"):
                found[language, part].add(phrase, kinds)
    return found


def speed(repeats: int) -> dict[str, float]:
    """Microseconds to scan one reply of the set, all seven languages at once."""
    warm(SHIPPED)
    times = []
    for phrase in phrases():
        best = min(_once(phrase.text) for _ in range(repeats))
        times.append(best * 1e6)
    return {"median_us": round(median(times), 1), "p95_us": round(percentile(times, 0.95), 1)}


def _once(text: str) -> float:
    started = perf_counter()
    scan(text, products=PRODUCTS, languages=SHIPPED)
    return perf_counter() - started


def ordinary() -> dict[str, float | int]:
    """Count the ordinary answers of the set for language detection that are flagged.

    None of them was written for this. Some do tell of symptoms, so this is an upper bound on the work that the scan
    makes.
    """
    texts = [
        str(text) for parts in read_source(ANSWERS).value.values() for part in parts.values() for text in part
    ]
    flagged = sum(bool(scan(text, products=PRODUCTS, languages=SHIPPED).signals) for text in texts)
    return {"answers": len(texts), "flagged": flagged, "share": round(flagged / len(texts), 4)}


def main() -> None:
    """Print the table, or JSON."""
    options = arguments(__doc__ or "").parse_args()
    found = scores()
    timing = speed(max(options.repeats, 3))
    languages = [*SHIPPED, "all"]
    if options.json:
        by_language = {
            language: {
                **found[language, "all"].figures(),
                **{part: found[language, part].figures() for part in (*MET, *NEVER_MET, SEEN, UNMET)},
            }
            for language in languages
        }
        show_json({"languages": by_language, "speed": timing, "ordinary_answers": ordinary()})
        return
    parts = (SEEN, UNMET, "all")
    show(
        "Safety scan: recall / false alarms",
        ("language", "phrases", "harmless", *parts),
        [_row(language, found, parts) for language in languages],
    )
    every = [*MET, *NEVER_MET, SEEN, UNMET, "all"]
    show(
        "By part, all languages",
        ("part", "phrases", "harmless", "recall", "false alarms"),
        [_part(part, found["all", part]) for part in every],
    )
    for language in SHIPPED:
        for miss in found[language, SEEN].misses:
            print(f"missed ({language}) {miss}")
        for alarm in found[language, SEEN].false_alarms:
            print(f"false alarm ({language}) {alarm}")
    print(f"speed: {timing}; ordinary answers: {ordinary()}")


def _part(part: str, score: Score) -> list[str]:
    return [
        part,
        str(score.positives),
        str(score.harmless),
        f"{score.recall:.1%}",
        f"{score.false_alarm_rate:.1%}",
    ]


def _row(language: str, found: dict[tuple[str, str], Score], parts: tuple[str, ...]) -> list[str]:
    whole = found[language, "all"]
    return [
        language,
        str(whole.positives),
        str(whole.harmless),
        *(
            f"{found[language, part].recall:.0%} / {found[language, part].false_alarm_rate:.0%}"
            for part in parts
        ),
    ]


if __name__ == "__main__":
    main()
