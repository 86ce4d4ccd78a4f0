"""Judge what the rules may have missed: a linear head over the sentence vectors of a text. It only orders what is read.

Theory. The rules (`scan`) know words; people say the same in others. A sentence encoder turns a text into 512 numbers
that are near for texts that mean the same, in all our languages, and a head is a weighted sum of them. Two heads are
trained by `training/train.py`: words of risk, looked for in windows of a few words and in each sentence, since one of a
long answer may be the one that counts, and an adverse event, told by the text as a whole. The weights, with their
thresholds, are data in `flows/library/second_reader`, beside the card that says what they were made of and how well
they do.

This module is pure: whoever has an encoder (`bot.schedule.sentence_encoder`) hands in the vectors. Nothing here makes
a diagnosis, and nothing that it notices opens a case.
"""

import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul
from struct import iter_unpack
from typing import Any, Final, NamedTuple

import msgspec

from flows.safety.reading import ReadingClass, SignalLevel
from flows.script.loader import LIBRARY

WEIGHTS: Final = LIBRARY / "second_reader" / "weights.json"
"""The shipped weights; `card.md` beside it is their model card."""
_DOUBT: Final = "doubt"
_OF_THE_WAY: Final = 0.1
"""How far from one threshold of risk to the other a score must be where the rules have a weak hit."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?\u061f\u2026;\n])\s+")
_HALF: Final = "<e"
"""How a weight is stored: 16 bits, the low byte first."""


class ReaderSignal(NamedTuple):
    """What the second reader noticed in a text: the class in which it is read, and what follows."""

    reading_class: ReadingClass
    level: SignalLevel


@dataclass(frozen=True, slots=True)
class LinearHead:
    """A weighted sum over a sentence vector. A score of 0 is even odds in training; thresholds are scores."""

    weights: tuple[float, ...]
    bias: float

    def score(self, vector: Sequence[float]) -> float:
        """Return the score of one vector, the logarithm of the odds.

        Raises:
            ValueError: The vector is not as long as the weights are.
        """
        if len(vector) != len(self.weights):
            raise ValueError(f"a vector of {len(self.weights)} numbers is needed, not of {len(vector)}")
        total: float = sum(map(mul, self.weights, vector), start=self.bias)
        return total


@dataclass(frozen=True, slots=True)
class SecondReader:
    """Both heads with their thresholds, and how a text is cut for them.

    `encoder` is the release of the encoder whose vectors they were trained on: no other one's may be judged.
    """

    version: str
    encoder: str
    window: int
    """Words in a window."""
    step: int
    """Words from the beginning of one window to that of the next."""
    risk: LinearHead
    event: LinearHead
    care_from: float
    risk_from: float
    event_from: float
    doubt_below: float
    """The score of an event below which a weak hit of the rules is doubted."""

    def pieces(self, text: str) -> tuple[str, ...]:
        """Cut a text into what is to be encoded: windows and sentences, and, where there are several, the whole last.

        Empty where the text has no words.
        """
        return pieces(text, self.window, self.step)

    def judge(
        self,
        vectors: Sequence[Sequence[float]],
        *,
        risk: bool = True,
        event: bool = True,
        hinted: bool = False,
    ) -> ReaderSignal | None:
        """Return what is noticed in a text whose `pieces` have these vectors; None for nothing.

        One signal, the graver one. `risk` and `event` say which of the two is looked for at all. `hinted` says that the
        rules have a weak hit of risk in it: two that suspect it in different ways are nearly as sure as one that is
        sure, so that less of a score brings words of care.
        """
        if not vectors:
            return None
        if risk:
            score = max(map(self.risk.score, vectors[:-1] or vectors))
            if score >= self.risk_from:
                care_from = self._care_from_hinted if hinted else self.care_from
                level = SignalLevel.CARE if score >= care_from else SignalLevel.QUEUE
                return ReaderSignal(ReadingClass.RISK, level)
        if event and self.event.score(vectors[-1]) >= self.event_from:
            return ReaderSignal(ReadingClass.EVENT, SignalLevel.QUEUE)
        return None

    @property
    def _care_from_hinted(self) -> float:
        """The score of risk from which words of care are said where the rules have a weak hit, too."""
        return self.risk_from + _OF_THE_WAY * (self.care_from - self.risk_from)

    def doubts_event(self, vectors: Sequence[Sequence[float]]) -> bool:
        """Return whether a text with these vectors surely sounds like no event: a weak hit of the rules counts no more.

        It then has its turn in the queue like any other; a strong hit is never doubted.
        """
        return bool(vectors) and self.event.score(vectors[-1]) < self.doubt_below


def pieces(text: str, window: int, step: int) -> tuple[str, ...]:
    """Cut a text into windows of so many words, one each `step` words, and its sentences, where it has several.

    Where these are several, the whole comes last.

    >>> pieces("one two three four", 2, 1)
    ('one two', 'two three', 'three four', 'one two three four')
    >>> pieces("One. Two.", 2, 1)
    ('One. Two.', 'One.', 'Two.', 'One. Two.')
    """
    words = text.split()
    if not words:
        return ()
    starts = range(0, max(len(words) - window, 0) + step, step)
    parts = [" ".join(words[start : start + window]) for start in starts]
    sentences = [" ".join(one.split()) for one in _SENTENCE_END.split(text) if one.strip()]
    if len(sentences) > 1:
        parts = list(dict.fromkeys((*parts, *sentences)))
    return (*parts, " ".join(words)) if len(parts) > 1 else tuple(parts)


class _KeptHead(msgspec.Struct, frozen=True):
    """A head as its file holds it: `weights` in base64, `thresholds` by level."""

    weights: str
    bias: float
    thresholds: dict[str, float]


class _KeptReader(msgspec.Struct, frozen=True):
    """The file of weights. `figures` are those that its card shows, and are not looked at here."""

    version: str
    encoder: dict[str, str]
    window: int
    step: int
    risk: _KeptHead
    event: _KeptHead
    figures: list[dict[str, Any]] = []


@cache
def shipped_reader() -> SecondReader:
    """Return the second reader with the shipped weights. It is read once."""
    kept = msgspec.json.decode(WEIGHTS.read_bytes(), type=_KeptReader)
    return SecondReader(
        version=kept.version,
        encoder=kept.encoder["version"],
        window=kept.window,
        step=kept.step,
        risk=_head(kept.risk),
        event=_head(kept.event),
        care_from=kept.risk.thresholds[SignalLevel.CARE],
        risk_from=kept.risk.thresholds[SignalLevel.QUEUE],
        event_from=kept.event.thresholds[SignalLevel.QUEUE],
        doubt_below=kept.event.thresholds[_DOUBT],
    )


def _head(kept: _KeptHead) -> LinearHead:
    return LinearHead(tuple(value for (value,) in iter_unpack(_HALF, b64decode(kept.weights))), kept.bias)
