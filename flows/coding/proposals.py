"""Propose codes for a text: by the codebook's words, and by likeness to what people coded before. Works offline.

A proposal is never a coding. It says where it is from, so that a coder sees what stands behind it; nothing keeps it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from flows.coding.codebook import Codebook
from flows.heavy_packages import load
from flows.text.folding import fold

LEAST_LIKE: Final = 0.25
"""Cosine likeness, 0 to 1, from which a text counts as like another; our own reckoning."""
NEIGHBOURS: Final = 5
"""Texts that are most like one, of which the codes are proposed."""
FEWEST_EXAMPLES: Final = 5
"""Coded texts below which likeness says nothing."""


class ProposalSource(StrEnum):
    """What a code is proposed by."""

    RULE = "rule"
    """A word that the codebook includes."""
    LIKENESS = "likeness"
    """A text that is like it was given the code by people."""


@dataclass(frozen=True, slots=True)
class CodeProposal:
    """A code that is proposed for a text, and why.

    `reason` is a word of the codebook (rule), or the name of the most like text (likeness). `likeness` is 0 to 1, None
    for a rule.
    """

    code: str
    source: ProposalSource
    reason: str
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class CodedExample:
    """A text that people coded: its name, its words, and the codes that they gave it."""

    name: str
    words: str
    codes: frozenset[str]


@lru_cache(maxsize=4096)
def pattern_words(words: str) -> tuple[str, ...]:
    """Return the words of an entry of `include` or `exclude`, folded; one that may end in any way keeps its `*`.

    Empty where nothing of it can stand in a text.

    >>> pattern_words("Side effect*")
    ('side', 'effect*')
    """
    found: list[str] = []
    for piece in words.split():
        *others, last = fold(piece).split() or [""]
        found += [*others, f"{last}*" if last and piece.endswith("*") else last]
    return tuple(filter(None, found))


def proposed_by_rules(codebook: Codebook, text: str) -> tuple[CodeProposal, ...]:
    """Return the codes whose `include` stands in a text and none of whose `exclude` does, in the codebook's order."""
    said = fold(text).split()
    found: list[CodeProposal] = []
    for one in codebook.codes:
        included = next((words for words in one.include if _holds(said, pattern_words(words))), None)
        if included is not None and not any(_holds(said, pattern_words(words)) for words in one.exclude):
            found.append(CodeProposal(one.code, ProposalSource.RULE, included))
    return tuple(found)


def proposed_by_likeness(
    text: str, examples: Iterable[CodedExample], known: Iterable[str]
) -> tuple[CodeProposal, ...]:
    """Return the codes that people gave the texts most like this one, the most like first; only those that are `known`.

    Texts are compared by TF-IDF of groups of letters, which serves every language. With fewer than `FEWEST_EXAMPLES`
    coded texts nothing is proposed.

    Raises:
        PackageMissing: scikit-learn is not installed.
    """
    codes = frozenset(known)
    coded = [one for one in examples if fold(one.words)]
    if len(coded) < FEWEST_EXAMPLES or not fold(text):
        return ()
    best: dict[str, CodeProposal] = {}
    for place, likeness in _nearest(text, [one.words for one in coded]):
        near = coded[place]
        for code in sorted(near.codes & codes):
            best.setdefault(code, CodeProposal(code, ProposalSource.LIKENESS, near.name, round(likeness, 3)))
    return tuple(best.values())


def proposals(codebook: Codebook, text: str, examples: Sequence[CodedExample]) -> tuple[CodeProposal, ...]:
    """Return all that is proposed for a text: by rules first, then by likeness.

    Raises:
        PackageMissing: scikit-learn is not installed.
    """
    return (
        *proposed_by_rules(codebook, text),
        *proposed_by_likeness(text, examples, codebook.names),
    )


def by_code(found: Iterable[CodeProposal]) -> dict[str, tuple[CodeProposal, ...]]:
    """Return proposals by code, in the order in which each code comes first."""
    grouped: defaultdict[str, list[CodeProposal]] = defaultdict(list)
    for one in found:
        grouped[one.code].append(one)
    return {code: tuple(every) for code, every in grouped.items()}


def _holds(said: Sequence[str], wanted: tuple[str, ...]) -> bool:
    """Return whether words stand in a text one after the other."""
    last = len(said) - len(wanted)
    return bool(wanted) and any(
        all(_fits(said[start + place], word) for place, word in enumerate(wanted))
        for start in range(last + 1)
    )


def _fits(said: str, wanted: str) -> bool:
    return said.startswith(wanted[:-1]) if wanted.endswith("*") else said == wanted


def _nearest(text: str, others: Sequence[str]) -> list[tuple[int, float]]:
    """Return the places of the texts most like this one, with their likeness, the most like first."""
    features = load("sklearn.feature_extraction.text")
    neighbors = load("sklearn.neighbors")
    vectors = features.TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), preprocessor=fold, sublinear_tf=True
    )
    known = vectors.fit_transform(others)
    index = neighbors.NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(others)), metric="cosine").fit(known)
    distances, places = index.kneighbors(vectors.transform([text]))
    found = [
        (int(place), 1 - float(distance)) for place, distance in zip(places[0], distances[0], strict=True)
    ]
    return [one for one in found if one[1] >= LEAST_LIKE]
