"""Write the model card of the second opinion from what stands in its file of weights."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from flows.safety.second_opinion import OUTRIGHT
from training.card import wilson

_HEAD: Final = """\
# The second opinion on hits: model card

Version {version}, trained on {date}. Written by `python -m training.opinion`; what to do and why:
docs/why/safety-by-rules.md.

**What it is.** A logistic regression over {number} named features of a hit of the rules: which rules stand in it and
beside it, what the question is about, denials near it, the language of the list, the length of hit, sentence and text.
No letter or word of a text is a feature, so none can be had back from the weights.

**What it is for.** To say whether a strong hit of an adverse event may interrupt: open a case and ask. A hit that
scores below {threshold} is a hint: its text is read where it would stand with a case, and the second reader takes
nothing back. It never judges words of distress, complaints, answers of a clinician's plan, a text that names a product
of the programme, or one of {outright} words and fewer.

**What it is not good for.** It reads no meaning. A story of an event that is long, or has no more than one sign in
many sentences, is held back more often than a short report: see the rows of long texts. Other languages than these
seven, and any other use.

## What it was made of

- Our own phrases (`training/phrases`), the met parts of the tests' sets, and the open parts of the ordinary interviews
  (`tests/data`), under the licence of this project; what is nearly the same as an earlier text is left out. The parts
  `unmet_4` and `blind_6`, and all that is sealed, are in neither training nor threshold.
- PsyTAR, every second sentence: Zolnoori M. and others, 2019, CC BY 4.0.
- GoEmotions, a sample of the comments that are not sad: Demszky D. and others, 2020, Apache-2.0.
- BRIGHTER (SemEval-2025 task 11, track A), posts neither sad nor afraid: Muhammad S. H. and others, 2025, CC BY 4.0.

## Figures

Each set was judged by weights that were made without it. The threshold was set so that 85 in 100 events of our own
sets, in texts over {outright} words, that open a case by the rules still do, all topics together. The rules had met the
ordinary sets, so that few of their texts have a strong hit under the question that was asked; here each is read under
all three. In brackets: 95 % intervals (Wilson), too narrow where a text stands under several topics.

| texts | set held out | question about | with a strong hit | of these still interrupt |
|---|---|---|--:|--:|
"""
_TAIL: Final = """
## To train it anew

`python -m training.opinion --data FOLDER`, with the public sets in FOLDER and scikit-learn. It is deterministic on one
machine. The version names weights and threshold: SHA-256 {digest}.
"""


def opinion_digest(kept: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all by which hits are judged: bias, weights and threshold."""
    judged_by = {name: kept[name] for name in ("bias", "interrupts_from", "weights")}
    return hashlib.sha256(json.dumps(judged_by, sort_keys=True).encode()).hexdigest()


def opinion_version(kept: Mapping[str, Any]) -> str:
    """Return the name of these weights: the date, and the beginning of their digest."""
    return f"{kept['date']}-{opinion_digest(kept)[:8]}"


def opinion_card(kept: Mapping[str, Any]) -> str:
    """Return the model card of a file of weights, as Markdown."""
    head = _HEAD.format(
        version=kept["version"],
        date=kept["date"],
        number=len(kept["weights"]),
        threshold=kept["interrupts_from"],
        outright=OUTRIGHT,
    )
    rows = [
        f"| {row['label']} | {row['set']} | {row['asked']} | {row['hits']} | {_share(row['interrupt'], row['hits'])} |"
        for row in kept["figures"]
    ]
    return head + "\n".join(rows) + "\n" + _TAIL.format(digest=opinion_digest(kept))


def _share(found: int, among: int) -> str:
    low, high = wilson(found, among)
    return f"{found / among:.0%} [{low * 100:.0f}-{high * 100:.0f}]"
