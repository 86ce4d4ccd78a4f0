"""Train the second opinion on hits of events, set its threshold on sets held out, and write weights and card.

    python -m training.opinion --data FOLDER [--date 2026-12-01] [--look]

Needs scikit-learn. FOLDER holds the public sets that `training.texts` names; they are never kept here. Each set (the
texts of one hand) is judged by weights that were made without it; the shipped weights are then made of all.
"""

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from flows.formats.yaml_source import read_source
from flows.safety.finding import FindingKind, HitStrength
from flows.safety.judgement import Judgement
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import mark
from flows.safety.second_opinion import OPINION, OUTRIGHT, features
from flows.safety.tokens import tokens
from flows.script.roles import QuestionTopic
from training.opinion_card import opinion_card, opinion_version
from training.texts import OPEN, TESTS, Label, TrainingText, distinct, of_tests, phrases, public

CARD: Final = OPINION.with_name("card.md")
KEPT_SHARE: Final = 0.85
"""Of longer texts of events of our own that open a case by the rules, so many still do, each judged without its set."""
RAREST: Final = 25
"""Hits that have a feature at least, for it to have a weight."""
SMALLEST: Final = 0.02
"""Weights nearer to nothing are left out."""
PENALTY: Final = 0.1
"""How far weights may go: the inverse of the penalty on large ones."""
INTERVIEWS: Final = {
    "answers": "ordinary_answers.yaml",
    "third": "ordinary_third.yaml",
    "fourth": "ordinary_fourth.yaml",
}
TOPICS: Final = (None, QuestionTopic.MEDICINE, QuestionTopic.CARE)
_PUBLIC: Final = {"goemotions": 0.2, "brighter": 0.2, "psytar": 0.5}
"""How much a text of the public sets counts; it is read under no topic, and as if asked about a medicine."""


@dataclass(frozen=True)
class Hit:
    """A hit of an event with its features: the number of its text, what was asked, and whether it is strong."""

    text: int
    about: QuestionTopic | None
    is_strong: bool
    names: frozenset[str]


def interview_answers() -> Iterator[TrainingText]:
    """Yield the answers of the ordinary interviews that may be looked at, by the set that they are of."""
    for name, file in INTERVIEWS.items():
        for part, people in read_source(TESTS / file).value.items():
            if part.endswith(OPEN):
                for person in people:
                    for one in person["answers"]:
                        yield TrainingText(str(one["text"]), Label.ORDINARY, name, person["language"], 0)


def texts_of(folder: Path) -> list[TrainingText]:
    """Return all texts: the interviews first, so that what is like one of theirs elsewhere is left out; public last."""
    own = [*interview_answers(), *phrases(), *of_tests()]
    return [*distinct(own), *public(folder)]


def set_of(text: TrainingText) -> str:
    """Return the set with which a text is held out: one hand's. The later ordinary phrases are of one hand."""
    return "hands 4 to 6" if text.source in {"hand 4", "hand 5", "hand 6"} else text.source


def hits_of(texts: Sequence[TrainingText]) -> list[Hit]:
    """Return all hits of events, the weak ones too, under each topic that a text is read for."""
    found = []
    for number, one in enumerate(texts):
        words = tokens(one.text)
        if not words:
            continue
        marked, _ = mark(one.text, words, (), languages=SHIPPED, language=one.language)
        for about in TOPICS[: 2 if one.source in _PUBLIC else 3]:
            finding = Judgement(marked, (), about).finding()
            for strength, signals in (
                (HitStrength.STRONG, finding.signals),
                (HitStrength.WEAK, finding.hints),
            ):
                found += [
                    Hit(number, about, strength is HitStrength.STRONG, features(one, marked, about))
                    for one in signals
                    if one.kind is FindingKind.ADVERSE_EVENT
                ]
    return found


class Trainer:
    """Makes weights of some hits. The same hits make the same weights."""

    def __init__(self, texts: Sequence[TrainingText], hits: Sequence[Hit]) -> None:
        often = Counter(name for hit in hits for name in hit.names)
        self.named = DictVectorizer()
        rows = [{name: 1.0 for name in sorted(hit.names) if often[name] >= RAREST} for hit in hits]
        self.rows = self.named.fit_transform(rows)
        self.targets = np.array([texts[hit.text].label is Label.EVENT for hit in hits])
        shared = Counter(hit.text for hit in hits)
        self.importance = np.array(
            [
                _PUBLIC.get(texts[hit.text].source, 1.0)
                * (2.0 if hit.is_strong else 1.0)
                * (2.0 if texts[hit.text].label is Label.ORDINARY else 1.0)
                / shared[hit.text] ** 0.5
                for hit in hits
            ]
        )

    def fit(self, used: Any) -> LogisticRegression:
        """Return the model of the hits that are used (a mask)."""
        model = LogisticRegression(C=PENALTY, solver="liblinear", max_iter=300, random_state=0)
        return model.fit(self.rows[used], self.targets[used], sample_weight=self.importance[used])


def best_scores(hits: Sequence[Hit], scores: Any) -> dict[tuple[int, QuestionTopic | None], float]:
    """Return the highest score of the strong hits of each text, by what was asked."""
    best: dict[tuple[int, QuestionTopic | None], float] = {}
    for hit, score in zip(hits, scores, strict=True):
        if hit.is_strong:
            best[hit.text, hit.about] = max(best.get((hit.text, hit.about), -np.inf), float(score))
    return best


def figures(texts: Sequence[TrainingText], best: dict[Any, float], threshold: float) -> list[dict[str, Any]]:
    """Return for each set, kind of text and topic how many have strong hits, and how many of these still interrupt."""
    rows: dict[tuple[str, str, str], list[bool]] = {}
    for (number, about), score in best.items():
        one = texts[number]
        if one.label in {Label.EVENT, Label.ORDINARY} and one.source not in {"goemotions", "brighter"}:
            asked = "not known" if about is None else about.value
            names = [set_of(one), *(["all of ours"] if one.source not in _PUBLIC else [])]
            if is_judged(one) and one.source not in _PUBLIC:
                names.append(f"ours, over {OUTRIGHT} words")
            for name in names:
                interrupts = score >= threshold or not is_judged(one)
                rows.setdefault((one.label.value, name, asked), []).append(interrupts)
    return [
        {"label": label, "set": name, "asked": asked, "hits": len(kept), "interrupt": sum(kept)}
        for (label, name, asked), kept in sorted(rows.items())
    ]


def is_judged(text: TrainingText) -> bool:
    """Return whether a text is long enough to be judged."""
    return len(tokens(text.text)) > OUTRIGHT


def main() -> None:
    """Train, print the card, and write both files unless `--look` is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--look", action="store_true")
    options = parser.parse_args()
    texts = texts_of(options.data)
    hits = hits_of(texts)
    trainer = Trainer(texts, hits)
    sets = np.array([set_of(texts[hit.text]) for hit in hits])
    held_out = np.zeros(len(hits))
    for name in sorted(set(sets)):
        out = sets == name
        held_out[out] = trainer.fit(~out).decision_function(trainer.rows[out])
    best = best_scores(hits, held_out)
    ours = [
        score
        for (number, _), score in best.items()
        if texts[number].label is Label.EVENT
        and texts[number].source not in _PUBLIC
        and is_judged(texts[number])
    ]
    threshold = round(float(np.quantile(ours, 1 - KEPT_SHARE)), 3)
    model = trainer.fit(np.ones(len(hits), dtype=bool))
    names = trainer.named.get_feature_names_out()
    weights = {str(name): round(float(one), 3) for name, one in zip(names, model.coef_[0], strict=True)}
    kept: dict[str, Any] = {
        "version": "",
        "date": options.date,
        "bias": round(float(model.intercept_[0]), 3),
        "interrupts_from": threshold,
        "texts": hashlib.sha256("\n".join(one.text for one in texts).encode()).hexdigest(),
        "figures": figures(texts, best, threshold),
        "weights": {name: one for name, one in weights.items() if abs(one) >= SMALLEST},
    }
    kept["version"] = opinion_version(kept)
    print(opinion_card(kept))
    if not options.look:
        OPINION.parent.mkdir(exist_ok=True)
        OPINION.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        CARD.write_text(opinion_card(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
