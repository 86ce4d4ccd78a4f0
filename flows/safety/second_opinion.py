"""Judge whether a strong hit of an event may interrupt: a weighted sum over what the scan knows of it, and no words.

Theory. Word lists learn the words that they are shown, and each round of them stops new talks for nothing. What tells
an event from a story of every day is rather its make: which rule made the hit, which others stand before and behind it
in its sentence, what the question is about, denials near it, and how long the text is that it is one place of. Each of
these is a feature with a name and a weight, which `training/opinion.py` makes, so that a judgement can be read. Letters
and words were tried, too, and told no more of texts by others.

A short text that has a strong hit is a report, and is not judged; nor is a clinician's plan, of which training knew
nothing. What is held back opens no case and asks nothing: its hits become hints, and the text stands in the queue
where it would with its case, whatever the second reader says of it. Words of distress, complaints, and texts that name
a product of the programme are never held back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Final

import msgspec

from flows.safety.finding import FindingKind, SafetyFinding, SafetySignal
from flows.safety.marked_words import MarkedWords
from flows.script.loader import LIBRARY
from flows.script.roles import QuestionTopic

OPINION: Final = LIBRARY / "second_opinion" / "weights.json"
"""The shipped weights; `card.md` beside it is their model card."""
_AROUND: Final = 12
"""Words before and behind a hit, in its sentence, in which denials and numbers are looked for."""
OUTRIGHT: Final = 11
"""Words: who writes so few and has a strong hit reports it, and is not judged."""
_MOST_HITS: Final = 8
"""Hits of a text that are judged: what none of these says outright is no plain report."""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """The weights by the names of features. A text may interrupt if one of its hits scores `interrupts_from`."""

    version: str
    bias: float
    weights: Mapping[str, float]
    interrupts_from: float

    def score(self, names: frozenset[str]) -> float:
        """Return the sum for the features of one hit; those that were rare in training count nothing."""
        weigh = self.weights.get
        return sum((weigh(name, 0.0) for name in sorted(names)), start=self.bias)


class _KeptOpinion(msgspec.Struct, frozen=True):
    """The file of weights. Its figures are those that the card shows, and are not looked at here."""

    version: str
    bias: float
    interrupts_from: float
    weights: dict[str, float]


@cache
def shipped_opinion() -> SecondOpinion:
    """Return the shipped weights. They are read once."""
    kept = msgspec.json.decode(OPINION.read_bytes(), type=_KeptOpinion)
    return SecondOpinion(kept.version, kept.bias, MappingProxyType(kept.weights), kept.interrupts_from)


def weighed(
    finding: SafetyFinding, words: MarkedWords, about: QuestionTopic | None, opinion: SecondOpinion
) -> SafetyFinding:
    """Return a finding as it stands, or with its strong hits of an event made weak ones, if none may interrupt."""
    events = [one for one in finding.signals if one.kind is FindingKind.ADVERSE_EVENT]
    if not events or finding.products or len(words.tokens) <= OUTRIGHT or about is QuestionTopic.PLAN:
        return finding
    if any(
        opinion.score(features(one, words, about)) >= opinion.interrupts_from for one in events[:_MOST_HITS]
    ):
        return finding
    kept = tuple(one for one in finding.signals if one.kind is not FindingKind.ADVERSE_EVENT)
    hints = sorted({*events, *finding.hints}, key=attrgetter("start", "end"))
    return msgspec.structs.replace(
        finding,
        signals=kept,
        hints=tuple(hints),
        says_who=finding.says_who if kept else frozenset(),
        held_back=True,
    )


def features(signal: SafetySignal, words: MarkedWords, about: QuestionTopic | None) -> frozenset[str]:
    """Return the names of what is known of a hit: none of them holds a word of the text."""
    tokens = words.tokens
    first = next(place for place, token in enumerate(tokens) if token.end > signal.start)
    last = next(
        (place for place in range(first, len(tokens)) if tokens[place].start >= signal.end), len(tokens)
    )
    asked = "none" if about is None else about.value
    return frozenset(
        (
            f"about {asked}",
            *_of_rules(words, first, last, asked),
            *_of_shape(words, first, last),
            *_of_denials(words, first, last),
            f"list {signal.language}",
            f"own language {signal.language == words.language}",
            f"about {asked}, words {_size(len(tokens), 7)}",
        )
    )


def _of_rules(words: MarkedWords, first: int, last: int, asked: str) -> Iterator[str]:
    """Yield which rules stand in the text, in the sentence of a hit, in the hit itself, and before or behind it."""
    sentence = words.tokens[first].sentence
    inside, beside = set[str](), set[str]()
    for family, hits in words.hits.items():
        yield f"text {family}"
        for hit in hits:
            if words.tokens[hit.first].sentence != sentence:
                continue
            yield f"sentence {family}"
            if hit.first < last and first < hit.last:
                inside.add(f"hit {family}")
            else:
                beside.add(f"{'before' if hit.last <= first else 'behind'} {family}")
            if hit.is_doubtful:
                yield "doubtful"
            if hit.parts:
                yield f"halves {hit.parts[0].family} and {hit.parts[1].family}"
    yield from (*inside, *beside)
    for one in inside:
        yield f"about {asked}, {one}"
        yield from (f"{one}, {other}" for other in beside)


def _of_shape(words: MarkedWords, first: int, last: int) -> Iterator[str]:
    """Yield how long the text, the sentence and the hit are, where the hit stands, and what marks there are."""
    tokens = words.tokens
    sentence = tokens[first].sentence
    here = words.places(sentence)
    near = range(max(here.start, first - _AROUND), min(here.stop, last + _AROUND))
    yield f"words {_size(len(tokens), 7)}"
    yield f"sentences {min(tokens[-1].sentence + 1, 4)}"
    yield f"words of sentence {_size(len(here), 6)}"
    yield f"in sentence {min(sentence, 3)}"
    yield f"words of hit {min(last - first, 4)}"
    yield f"begins {here.start == first}, ends {here.stop == last}"
    yield f"asks {'?' in words.text}"
    yield f"calls {'!' in words.text}"
    yield f"number {any(tokens[place].is_number for place in near)}"


def _of_denials(words: MarkedWords, first: int, last: int) -> Iterator[str]:
    """Yield how far before a hit words that deny stand in its sentence, or that some stand behind it."""
    here, denying = words.places(words.tokens[first].sentence), words.lexicon.denying
    for place in range(max(here.start, first - _AROUND), first):
        if not denying.isdisjoint(words.tokens[place].forms):
            yield f"denial {first - place} before"
    for place in range(last, min(here.stop, last + _AROUND)):
        if not denying.isdisjoint(words.tokens[place].forms):
            yield "denial behind"


def _size(number: int, most: int) -> int:
    """Return a number's size by doublings: 1, 2 to 3, 4 to 7, and so on."""
    return min(number.bit_length(), most)
