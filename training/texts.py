"""Read what the heads are trained on: our own phrases, by language and hand, and public sets where they lie."""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from rapidfuzz import fuzz, process

from flows.formats.yaml_source import read_source

HERE: Final = Path(__file__).parent
PHRASES: Final = HERE / "phrases"
OPEN: Final = "_open"
"""The end of the names of those parts of the ordinary interviews that may be looked at. The others are never read."""
TESTS: Final = HERE.parent / "tests" / "data"
NEVER_MET: Final = frozenset({"unmet_4", "blind_6"})
"""Parts of the tests' sets that are kept to measure: nothing is trained on them, nor any threshold set by them."""
PUBLIC: Final = ("psytar_half.csv", "goemotions_sample.csv", "brighter_train.csv")
ALIKE: Final = 88.0
"""From this likeness on (0 to 100, words in any order), the later of two phrases of a language is left out."""
FOLDS: Final = 4
"""One for each of three hands, the fourth for all else of ours; public texts are dealt to all by their hash."""
_HAND = re.compile(r"hand(\d+)_(\w\w)")


class Label(StrEnum):
    """What a training text tells of."""

    EVENT = "adverse_event"
    RISK = "risk"
    ORDINARY = "ordinary"
    """An answer such as most are: neither."""
    NEITHER = "neither"
    """Neither, and no answer to our questions: sadness, comments, near misses that were written to be hard."""


@dataclass(frozen=True, slots=True)
class TrainingText:
    """A text with its label; `fold` is the part with which it is held out together when figures are made."""

    text: str
    label: Label
    source: str
    language: str
    fold: int


_OF_TESTS: Final = {
    "adverse_event": Label.EVENT,
    "product_complaint": Label.EVENT,
    "risk": Label.RISK,
    "upset": Label.NEITHER,
    "harmless": Label.NEITHER,
}


def phrases(folder: Path = PHRASES) -> list[TrainingText]:
    """Return our own phrases, without those that are nearly the same as an earlier one.

    Each of the first three hands is a fold; later ones, which were written together, are in the last.
    """
    found = []
    for file in sorted(folder.glob("hand*_*.yaml")):
        named = _HAND.fullmatch(file.stem)
        assert named is not None, file
        for label, texts in read_source(file).value.items():
            found += [
                TrainingText(
                    str(text), Label(label), f"hand {named[1]}", named[2], min(int(named[1]), FOLDS) - 1
                )
                for text in texts
            ]
    return list(distinct(found))


def distinct(texts: Iterable[TrainingText]) -> Iterator[TrainingText]:
    """Yield the texts that are not nearly the same as one of the same language before."""
    kept: dict[str, list[str]] = {}
    for one in texts:
        plain = " ".join(sorted(re.findall(r"\w+", one.text.lower())))
        before = kept.setdefault(one.language, [])
        if process.extractOne(plain, before, scorer=fuzz.ratio, score_cutoff=ALIKE) is None:
            before.append(plain)
            yield one


def of_tests() -> Iterator[TrainingText]:
    """Yield the labelled replies of the tests that were met before, and the ordinary answers of their other sets."""
    for name in ("safety_phrases.yaml", "safety_blind.yaml"):
        for language, parts in read_source(TESTS / name).value.items():
            for part, labels in parts.items():
                if part in NEVER_MET:
                    continue
                for label, texts in labels.items():
                    for text in texts:
                        yield TrainingText(str(text), _OF_TESTS[label], "tests", language, FOLDS - 1)
    for language, writers in read_source(TESTS / "language_answers.yaml").value.items():
        for texts in writers.values():
            for text in texts:
                yield TrainingText(str(text), Label.ORDINARY, "answers", language, FOLDS - 1)


def interviews() -> Iterator[TrainingText]:
    """Yield the answers of the ordinary interviews that may be looked at, by who gave them."""
    for part, people in sorted(read_source(TESTS / "ordinary_answers.yaml").value.items()):
        if not part.endswith(OPEN):
            continue
        source = part.removesuffix(OPEN)
        for interview in people:
            for answer in interview["answers"]:
                yield TrainingText(
                    str(answer["text"]), Label.ORDINARY, source, interview["language"], FOLDS - 1
                )


def public(folder: Path) -> Iterator[TrainingText]:
    """Yield the texts of the public sets in a folder. Texts that are only sad are of no use: they are passed over.

    Raises:
        FileNotFoundError: A set is not there.
    """
    for name in PUBLIC:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["label"].startswith("sad"):
                    continue
                label = Label.EVENT if row["label"] == Label.EVENT else Label.NEITHER
                fold = int(hashlib.sha256(row["text"].encode()).hexdigest(), 16) % FOLDS
                yield TrainingText(row["text"], label, row["source"], row["language"], fold)
