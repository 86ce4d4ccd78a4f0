"""Measure the safety scan and the second reader: `python bench/safety.py`.

What is found by language, kind and source, and how often ordinary talks are stopped for nothing; each share has its
Wilson interval of 95 %. Our own labelled sets (those never met apart), ordinary answers of patients and clinicians, and
public sets where they lie (`--data`). What is missed in sets that are kept to measure is never shown.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.common import arguments, median, percentile, share_figures, show, show_json, show_markdown, wilson
from bench.safety_figures import CAUSES, Alarms, Measure, alarms_of, columns_of, rows_of, shipped_second
from bench.safety_texts import (
    ANSWERS,
    HARMLESS,
    Phrase,
    Told,
    ordinary_talks,
    own_texts,
    phrases,
    public_texts,
    unseen_texts,
)
from flows.formats.yaml_source import read_source
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import FindingKind, Product, scan, warm

PUBLIC = Path(__file__).parents[2] / "shared" / "data"
"""Where public sets lie, beside the checkout; none of them is part of the project."""
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


_TITLES: Final = {
    Told.EVENT: "Adverse events and complaints: found, in percent",
    Told.RISK: "Words of risk (tier 2): found, in percent",
    Told.UPSET: "Words of being upset (tier 1): found, in percent",
    Told.HARMLESS: "Texts that tell of neither: alarms, in percent",
}


def _options() -> Namespace:
    parser: ArgumentParser = arguments(__doc__ or "")
    parser.add_argument("--without-reader", action="store_true", help="the rules alone")
    parser.add_argument(
        "--data", type=Path, default=PUBLIC, help="a folder of tables: source,language,label,text"
    )
    parser.add_argument(
        "--whole", action="store_true", help="all harmless public texts, not a sample of each set"
    )
    parser.add_argument("--sealed", action="store_true", help="the sealed sets, too: for a last run")
    parser.add_argument("--markdown", action="store_true", help="tables as docs/benchmarks.md has them")
    parser.add_argument(
        "--ordinary", type=Path, help="ordinary talks of this file alone, and nothing else; no text is shown"
    )
    parser.add_argument("--list", action="store_true", help="also what is missed, where it may be seen")
    return parser.parse_args()


def _measure(options: Namespace) -> tuple[Measure, str | None]:
    """Return what reads the texts, and why there is no second reader where there is none."""
    if options.without_reader:
        return Measure(PRODUCTS, None), "it was left out"
    second = shipped_second()
    return (Measure(PRODUCTS, None), second) if isinstance(second, str) else (Measure(PRODUCTS, second), None)


def main() -> None:
    """Print the tables, or JSON."""
    options = _options()
    measure, why_alone = _measure(options)
    started = perf_counter()
    if options.ordinary is not None:
        _measure_file(options, measure)
        return
    alarms = alarms_of(ordinary_talks(sealed=options.sealed), measure)
    own = chain(own_texts(NEVER_MET), unseen_texts() if options.sealed else ())
    rows = rows_of(own, measure)
    rows += rows_of(public_texts(options.data, whole=options.whole), measure)
    parts = _by_part()
    timing = speed(max(options.repeats, 3))
    if options.json:
        show_json(
            {
                "second_reader": why_alone or "shipped",
                "rows": [row.figures() for row in rows],
                "ordinary_talks": {name: one.figures() for name, one in alarms.items()},
                "parts": parts,
                "ordinary_answers": ordinary(),
                "speed": timing,
            }
        )
        return
    put = show_markdown if options.markdown else show
    print(f"Rules alone: no second reader, {why_alone}." if why_alone else "Rules and second reader.")
    print()
    for told, title in _TITLES.items():
        put(
            title,
            columns_of(told),
            [row.cells(has_second=measure.has_second) for row in rows if row.told is told],
        )
    if measure.has_second:
        print("* The second reader was trained on these texts: what it finds of others is in its card.\n")
    if not options.data.is_dir():
        print(f"No public sets: there is no folder {options.data}.")
    _show_alarms(alarms, put, has_second=measure.has_second)
    put(
        "By part, all languages, each kind for itself: rules",
        ("part", "phrases", "harmless", "found", "false alarms"),
        [_part_row(name, one) for name, one in parts.items()],
    )
    if options.list:
        _list(alarms)
    print(f"speed of the rules: {timing}; ordinary answers of the set for language detection: {ordinary()}")
    print(f"measured in {perf_counter() - started:.0f} s at a load of {os.getloadavg()[0]:.1f}")


def _measure_file(options: Namespace, measure: Measure) -> None:
    """Print both tables of the ordinary talks of one file, sealed or not; none of its texts is shown."""
    alarms = alarms_of(ordinary_talks(sealed=True, files=(options.ordinary,)), measure)
    if options.json:
        show_json({name: one.figures() | {"texts": []} for name, one in alarms.items()})
        return
    _show_alarms(alarms, show_markdown if options.markdown else show, has_second=measure.has_second)


def _show_alarms(alarms: dict[str, Alarms], put: Callable[..., None], *, has_second: bool) -> None:
    """Print both tables of ordinary answers; the open ones are marked where the second reader has seen them."""
    names = {name: name.replace("_", ", ") + "*" * (has_second and name.endswith("_open")) for name in alarms}
    put(
        "Ordinary talks: stopped for nothing, in percent of talks",
        ("whose", "talks", "stopped", *CAUSES),
        [
            [
                names[name],
                str(one.talks),
                wilson(one.stopped_talks, one.talks),
                *(str(one.by_cause[cause]) for cause in CAUSES),
            ]
            for name, one in alarms.items()
        ],
    )
    put(
        "Ordinary answers: stopped and read ahead, in percent of answers",
        ("whose", "answers", "stop", "read ahead", "of these as risk"),
        [
            [
                names[name],
                str(one.answers),
                wilson(one.stopped_answers, one.answers),
                wilson(one.ahead, one.answers),
                wilson(one.as_risk, one.answers),
            ]
            for name, one in alarms.items()
        ],
    )


def _by_part() -> dict[str, dict[str, Any]]:
    """Return what the rules find of each part of our own sets, in the order in which they were written."""
    found = scores()
    parts = {}
    for part in (*MET, *NEVER_MET, SEEN, UNMET, "all"):
        score = found["all", part]
        parts[part] = {
            "recall": share_figures(score.positives - len(score.misses), score.positives),
            "false_alarms": share_figures(len(score.false_alarms), score.harmless),
        }
    return parts


def _part_row(name: str, figures: dict[str, Any]) -> list[str]:
    recall, alarms = figures["recall"], figures["false_alarms"]
    return [
        name,
        str(recall["of"]),
        str(alarms["of"]),
        wilson(recall["n"], recall["of"]),
        wilson(alarms["n"], alarms["of"]),
    ]


def _list(alarms: dict[str, Alarms]) -> None:
    """Print what the rules miss, and wrongly find, in the parts that may be looked at."""
    found = scores()
    for language in SHIPPED:
        for miss in found[language, SEEN].misses:
            print(f"missed ({language}) {miss}")
        for alarm in found[language, SEEN].false_alarms:
            print(f"false alarm ({language}) {alarm}")
    for name, one in alarms.items():
        for text in one.texts:
            print(f"ordinary ({name}) {text}")


if __name__ == "__main__":
    main()
