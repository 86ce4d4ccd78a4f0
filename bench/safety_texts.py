"""The texts that the safety scan and the second reader are measured on: our own sets, ordinary answers, public sets."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from pathlib import Path
from typing import Any, Final

from flows.formats.yaml_source import read_source
from flows.script.loader import library
from flows.script.model import Block, Step
from flows.script.roles import QuestionTopic

DATA: Final = Path(__file__).parent.parent / "tests" / "data"
PHRASES: Final = DATA / "safety_phrases.yaml"
BLIND: Final = DATA / "safety_blind.yaml"
ANSWERS: Final = DATA / "language_answers.yaml"
ORDINARY: Final = tuple(
    DATA / f"ordinary_{name}.yaml" for name in ("answers", "unseen", "third", "fourth", "fifth", "sixth")
)
UNSEEN: Final = DATA / "safety_unseen.yaml"
"""Labelled replies of another hand, for a last run as the sealed parts are."""
HARMLESS: Final = "harmless"
SEALED: Final = "_sealed"
"""How the names of parts end that are kept for a last run."""
SHORT: Final = 60
"""Letters, spaces too: texts of so many and fewer are counted apart."""
TRAINED_ON: Final = frozenset({"psytar_half.csv", "goemotions_sample.csv", "brighter_train.csv"})
"""Public files of which the second reader's shipped weights have seen every text, but for the sad ones."""
SAMPLE: Final = 250
"""Texts that are taken of a public set by source, language and label, chosen by their hash; all where asked for."""
_QUESTIONS: Final = {
    "c3": ("hcp_commitment", "c4"),
    "c_when": ("hcp_commitment", "c5"),
    "c_barrier_words": ("hcp_commitment", "c9_other"),
    "c_cope": ("hcp_commitment", "c9a"),
    "d_changed": ("hcp_follow_up", "d7_text"),
    "d_why": ("hcp_follow_up", "d4"),
}
"""The shipped question that a clinician's ordinary answer stands under; a patient's has its own slot's."""


class Told(StrEnum):
    """What a text is labelled as telling of."""

    EVENT = auto()
    """An adverse event or a product complaint."""
    RISK = auto()
    """Words of somebody at risk: tier 2."""
    UPSET = auto()
    """Tier 1."""
    HARMLESS = auto()
    """Neither: a near miss, an ordinary answer, somebody else's comment, sad ones too."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A labelled reply of our own sets. `label` is a SafetyKind or 'harmless'."""

    language: str
    part: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class MeasuredText:
    """A text with what it tells of, and what it is counted under (`group`).

    `trained` says that the second reader has seen it.
    """

    text: str
    language: str
    group: str
    told: Told
    trained: bool = False

    @property
    def is_short(self) -> bool:
        """Whether it is counted among the short ones."""
        return len(self.text) <= SHORT


@dataclass(frozen=True, slots=True)
class OrdinaryAnswer:
    """An ordinary answer with what its question is about; None where that says nothing."""

    text: str
    about: QuestionTopic | None


@dataclass(frozen=True, slots=True)
class OrdinaryTalk:
    """All that one made-up person answers; nothing of it is to be stopped for."""

    part: str
    language: str
    answers: tuple[OrdinaryAnswer, ...]

    @property
    def is_of_patient(self) -> bool:
        """Whether a patient talks; else a clinician does."""
        return self.part.startswith("patients")


_OF_LABEL: Final = {
    "adverse_event": Told.EVENT,
    "product_complaint": Told.EVENT,
    "risk": Told.RISK,
    "upset": Told.UPSET,
    HARMLESS: Told.HARMLESS,
    "other": Told.HARMLESS,
    "sad": Told.HARMLESS,
    "sad_or_afraid": Told.HARMLESS,
}


def phrases() -> Iterator[Phrase]:
    """Read the labelled sets."""
    for file in (PHRASES, BLIND):
        for language, parts in read_source(file).value.items():
            for part, labels in parts.items():
                for label, texts in labels.items():
                    for text in texts:
                        yield Phrase(language, part, label, str(text))


def own_texts(never_met: Iterable[str]) -> Iterator[MeasuredText]:
    """Yield our own labelled replies in two groups: `met`, and `never met` for the parts named."""
    kept = frozenset(never_met)
    for one in phrases():
        is_met = one.part not in kept
        yield MeasuredText(
            one.text, one.language, "met" if is_met else "never met", _OF_LABEL[one.label], trained=is_met
        )


def unseen_texts() -> Iterator[MeasuredText]:
    """Yield the labelled replies that are kept for a last run, which are never to be shown."""
    for language, labels in read_source(UNSEEN).value.items():
        for label, texts in labels.items():
            for text in texts:
                yield MeasuredText(str(text), language, "unseen", _OF_LABEL[label])


def public_texts(folder: Path, *, whole: bool) -> Iterator[MeasuredText]:
    """Yield the texts of every table in a folder that has the columns source, language, label and text.

    A sample of each source, language and label, unless `whole`. The group is the source with the label where that
    is one of several of harmless texts ('goemotions sad').
    """
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            rows = [row for row in csv.DictReader(lines) if row.get("label") in _OF_LABEL and row.get("text")]
        by_kind: dict[tuple[str, str, str], list[str]] = {}
        for row in rows:
            by_kind.setdefault((row["source"], row["language"], row["label"]), []).append(row["text"])
        for (source, language, label), texts in by_kind.items():
            told = _OF_LABEL[label]
            group = f"{source} {label.split('_')[0]}" if told is Told.HARMLESS else source
            trained = file.name in TRAINED_ON and not label.startswith("sad")
            most = None if whole or told is not Told.HARMLESS else SAMPLE
            for text in sorted(texts, key=_hash)[:most]:
                yield MeasuredText(text, language, group, told, trained)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def ordinary_talks(*, sealed: bool, files: Iterable[Path] = ORDINARY) -> Iterator[OrdinaryTalk]:
    """Read the ordinary answers, talk by talk; those of the sealed parts, which are never to be shown, where wanted."""
    topics = _topics()
    parts = [part for file in files for part in read_source(file).value.items()]
    for part, people in parts:
        if part.endswith(SEALED) and not sealed:
            continue
        for person in people:
            answers = tuple(
                OrdinaryAnswer(str(one["text"]), _about(one, topics)) for one in person["answers"]
            )
            yield OrdinaryTalk(part, str(person["language"]), answers)


def _about(answer: Any, topics: Mapping[tuple[str, str], QuestionTopic | None]) -> QuestionTopic | None:
    """Return what an answer's question is about: as the file says, or as the shipped script does."""
    if "about" in answer:
        return None if answer["about"] == "none" else QuestionTopic(answer["about"])
    return topics[_question(str(answer["slot"]))]


def _question(slot: str) -> tuple[str, str]:
    return _QUESTIONS.get(slot, ("patient_interview", slot.removesuffix("_more")))


def _topics() -> dict[tuple[str, str], QuestionTopic | None]:
    """Return what each question of the shipped scripts is about, by script and key."""
    return {
        (name, step.key): getattr(step, "about", None)
        for name, flow in library().items()
        for step in _steps(flow.steps)
    }


def _steps(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Block):
            yield from _steps(step.steps)
