"""Write the model card of the second reader from what stands in its file of weights."""

import hashlib
import json
from collections.abc import Mapping
from math import sqrt
from typing import Any, Final

_Z: Final = 1.959964
"""Standard deviations of a 95 % interval."""

_HEAD: Final = """\
# The second reader: model card

Version {version}, trained on {date} for `{package}` {encoder} (Apache-2.0; Google's Universal Sentence Encoder
multilingual v3 in numpy). Written by `python -m training.train`; what to do and why: docs/why/second-reader.md.

**What it is.** Two linear heads (logistic regression) over sentence vectors of 512 numbers: words of risk, looked for
in windows of {window} words and in each sentence, and adverse events, told by the text as a whole. It notices what the
rules may have missed, in English, Spanish, French, German, Italian, Portuguese and Arabic.

**What it is for.** To order the queue in which people read all that patients write, and, from the threshold *care* on,
to say where help can be found while the script goes on. It opens no case, halts nothing, and judges nobody. It is no
diagnosis and no measure of a person.

**What it is not good for.** Any other use; languages beyond these; texts of a few words alone; irony. It misses much:
see the tables. Nobody may rely on it in place of reading.

## What it was made of

- Our own phrases, written for this by several hands in seven languages (`training/phrases`, `tests/data`), and ordinary
  interviews of patients and clinicians (`tests/data`), under the licence of this project. The ordinary phrases
  of the first three hands were written beside the others and are nearer to them than most answers are. Hands 4 to 6
  are ordinary phrases alone, stories of illness and work, in three tempers but by one writer, who then changed the
  rules by them: they are no measure of the rules. The parts `unmet_4` and `blind_6` of the tests are in neither
  training nor thresholds.
- PsyTAR, every second sentence: Zolnoori M. and others, 2019, CC BY 4.0.
- GoEmotions, a sample of the comments that are not sad: Demszky D. and others, 2020, Apache-2.0.
- BRIGHTER (SemEval-2025 task 11, track A), posts that are neither sad nor afraid: Muhammad S. H. and others, 2025,
  CC BY 4.0.

No text of the public sets is kept here; the weights cannot give one back. No word of a participant was used.

## Thresholds

| head | level | score from | set so that |
|---|---|--:|---|
| risk | care | {care} | at most 2 in 1,000 ordinary answers reach it |
| risk | queue | {queue} | at most 2.5 in 100 ordinary answers reach it (5 are allowed) |
| event | queue | {event} | at most 2.5 in 100 ordinary answers reach it |
| event | doubt | {doubt} | 8 in 100 known events are below; a weak hit of the rules is then taken back |

They were set, and the figures below made, on texts held out: each text was scored by a head that was trained without
its hand (one writer; the sets of the tests and the interviews are a fourth), or, for public texts, without its quarter.
The rules are those of that day, told neither the question nor any product; their weak hits open no case: those of risk
are in the queue as such, and those of an event that are doubted are not in the last column. In brackets: 95 % intervals
(Wilson). The rules' words of risk were widened for hands 1 and 2 and the tests; hand 3 was kept unread, and tells most
of what to expect. New people write otherwise than our hands: expect less.
"""
_TITLES: Final = {
    "risk": "Words of risk that are found",
    "adverse_event": "Adverse events and product complaints that are found",
    "ordinary": "Ordinary answers that are flagged",
}
_TAIL: Final = """
## To train it anew

`python -m training.train --data FOLDER`, with the public sets in FOLDER and the encoder installed. It is deterministic
on one machine. The version names the weights and thresholds: SHA-256 {digest}.
"""


_SMALL: Final = 0.1
"""A share below which a tenth of a percent matters."""


def wilson(found: int, among: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, from 0 to 1, by Wilson's score."""
    share, spread = found / among, _Z * _Z / among
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / among + spread / (4 * among)) / (1 + spread)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def digest_of(kept: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all by which texts are judged: encoder, windows, weights and thresholds."""
    judged_by = {name: kept[name] for name in ("encoder", "window", "step", "risk", "event")}
    return hashlib.sha256(json.dumps(judged_by, sort_keys=True).encode()).hexdigest()


def version_of(kept: Mapping[str, Any]) -> str:
    """Return the name of these weights: the date, and the beginning of their digest."""
    return f"{kept['date']}-{digest_of(kept)[:8]}"


def card(kept: Mapping[str, Any]) -> str:
    """Return the model card of a file of weights, as Markdown."""
    parts = [
        _HEAD.format(
            version=kept["version"],
            date=kept["date"],
            package=kept["encoder"]["package"],
            encoder=kept["encoder"]["version"],
            window=kept["window"],
            care=kept["risk"]["thresholds"]["care"],
            queue=kept["risk"]["thresholds"]["queue"],
            event=kept["event"]["thresholds"]["queue"],
            doubt=kept["event"]["thresholds"]["doubt"],
        )
    ]
    for label, title in _TITLES.items():
        rows = [row for row in kept["figures"] if row["label"] == label]
        names = list(rows[0]["found"])
        parts.append(f"\n## {title}\n\n| texts | number | {' | '.join(names)} |")
        parts.append("|---|--:|" + "--:|" * len(names))
        parts += [
            f"| {row['group']} | {row['texts']:,} | "
            + " | ".join(_share(row["found"][name], row["texts"]) for name in names)
            + " |"
            for row in rows
        ]
    return "\n".join(parts) + "\n" + _TAIL.format(digest=digest_of(kept))


def _share(found: int, among: int) -> str:
    low, high = wilson(found, among)
    digits = 1 if found / among < _SMALL else 0
    return f"{found / among:.{digits}%} [{low * 100:.{digits}f}-{high * 100:.{digits}f}]"
