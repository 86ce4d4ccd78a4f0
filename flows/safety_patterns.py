"""Patterns of words: what the lexicons are written in, and how they are found in a message.

A pattern is words with spaces between. `vomit*` is any word that begins so, `stopped/quit` either, `the?`
optional, `..` up to three words of the same sentence, `#` a number, `{medicine}` any word of that family.
All patterns of all languages lie in one table by their first word, so a message is read once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from flows.safety_tokens import Token, fold_word

_GAP = 3
_SHORTEST_TYPO = 7
"""Letters. In a shorter word one slip makes another word."""
_LONGEST_TYPO = 30
"""Letters. What is longer is no word, and comparing it takes long."""


@dataclass(frozen=True, slots=True)
class Element:
    """One place in a pattern: words and beginnings of words that fit it."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    optional: bool = False
    number: bool = False
    gap: bool = False

    def fits(self, token: Token) -> bool:
        """Whether the word may stand here."""
        if self.number and token.word.isdecimal():
            return True
        return any(form in self.words or form.startswith(self.stems) for form in token.forms)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of a lexicon."""

    family: str
    language: str
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found: the words from `first` to before `last`."""

    family: str
    language: str
    first: int
    last: int

    def covers(self, other: "Hit") -> bool:
        """Whether the two share a word and this one says more: 'sick of' does not cover 'sick of living'."""
        shared = self.first < other.last and other.first < self.last
        return shared and self.last - self.first >= other.last - other.first


def read_pattern(line: str, family: str, language: str, macros: Mapping[str, Element]) -> Pattern:
    """A pattern from its text. ValueError when it does not begin with a word."""
    elements = tuple(_element(part, macros) for part in line.split())
    if not elements or elements[0].gap or elements[0].optional:
        message = f"the pattern {line!r} must begin with a word"
        raise ValueError(message)
    return Pattern(family, language, elements)


def _element(part: str, macros: Mapping[str, Element]) -> Element:
    if part == "..":
        return Element(gap=True)
    options = part.removesuffix("?").split("/")
    named = [macros[option.strip("{}")] for option in options if option.startswith("{")]
    words = [option for option in options if option[-1:].isalnum() or option[-1:] not in "*#}"]
    stems = [option[:-1] for option in options if option.endswith("*")]
    return Element(
        frozenset(map(fold_word, filter(None, words))).union(*(macro.words for macro in named)),
        (*map(fold_word, stems), *(stem for macro in named for stem in macro.stems)),
        optional=part.endswith("?"),
        number="#" in options,
    )


@dataclass(slots=True)
class Index:
    """All patterns by their first words, and all words for spelling."""

    words: dict[str, list[Pattern]] = field(default_factory=lambda: defaultdict(list))
    stems: dict[str, list[Pattern]] = field(default_factory=lambda: defaultdict(list))
    numbers: list[Pattern] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    known_stems: set[str] = field(default_factory=set)
    near_words: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    near_stems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    stem_lengths: tuple[int, ...] = ()

    def find(self, found: Sequence[Token]) -> Iterator[Hit]:
        """Every pattern in the message; one for each word at which it begins, the longest."""
        for place, token in enumerate(found):
            for pattern in self._beginning(token):
                end = _end(pattern.elements, found, place, 0)
                if end is not None:
                    yield Hit(pattern.family, pattern.language, place, end)

    def _beginning(self, token: Token) -> Iterator[Pattern]:
        if self.numbers and token.word.isdecimal():
            yield from self.numbers
        for form in token.forms:
            if form in self.words:
                yield from self.words[form]
            for length in self.stem_lengths:
                if length > len(form):
                    break
                if (stem := form[:length]) in self.stems:
                    yield from self.stems[stem]

    def correct(self, token: Token) -> None:
        """Give a word that no lexicon knows the words that it is one slip away from. First letters agree."""
        word = token.word
        if not _SHORTEST_TYPO <= len(word) <= _LONGEST_TYPO or not word.isalpha() or self._knows(token):
            return
        for near in self._near(word):
            if near not in token.forms:
                token.forms.append(near)

    def _knows(self, token: Token) -> bool:
        return any(
            form in self.known or any(form[:length] in self.known_stems for length in self.stem_lengths)
            for form in token.forms
        )

    def _near(self, word: str) -> Iterator[str]:
        for key in _shortened(word):
            for near in self.near_words.get(key, ()):
                if OSA.distance(word, near, score_cutoff=1) <= 1:
                    yield near
        for length in range(_SHORTEST_TYPO - 1, min(len(word), self.stem_lengths[-1] + 1) + 1):
            beginning = word[:length]
            for key in _shortened(beginning):
                for near in self.near_stems.get(key, ()):
                    if OSA.distance(beginning, near, score_cutoff=1) <= 1:
                        yield near


def build_index(patterns: Iterable[Pattern], ordinary: Iterable[str] = ()) -> Index:
    """The table of the patterns. `ordinary` words are never taken for a misspelling."""
    index = Index()
    for pattern in patterns:
        first = pattern.elements[0]
        for word in first.words:
            index.words[word].append(pattern)
        for stem in first.stems:
            index.stems[stem].append(pattern)
        if first.number:
            index.numbers.append(pattern)
        for element in pattern.elements:
            index.known |= element.words
            index.known_stems.update(element.stems)
    _learn_spelling(index.known, index.near_words)
    _learn_spelling(index.known_stems, index.near_stems)
    index.known.update(ordinary)
    lengths = {len(stem) for stem in index.known_stems}
    index.stem_lengths = tuple(sorted(lengths))
    return index


def _learn_spelling(words: Iterable[str], near: dict[str, list[str]]) -> None:
    for word in sorted(words):
        if len(word) >= _SHORTEST_TYPO and word.isalpha():
            for key in _shortened(word):
                near[key].append(word)


def _shortened(word: str) -> Iterator[str]:
    """The word, and the word without one of its letters: two words one slip apart share one of these."""
    yield word
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]


def _end(elements: Sequence[Element], found: Sequence[Token], place: int, at: int) -> int | None:
    """The place after the last word of a match that begins at `place`; None when there is none."""
    while at < len(elements):
        element = elements[at]
        if element.gap:
            return _after_gap(elements, found, place, at + 1)
        fits = place < len(found) and element.fits(found[place])
        if element.optional and fits:
            end = _end(elements, found, place + 1, at + 1)
            if end is not None:
                return end
        if not element.optional:
            if not fits or (at and found[place].sentence != found[place - 1].sentence):
                return None
            place += 1
        at += 1
    return place


def _after_gap(elements: Sequence[Element], found: Sequence[Token], place: int, at: int) -> int | None:
    if all(element.optional for element in elements[at:]):
        return place
    sentence = found[place - 1].sentence
    for start in range(place, min(place + _GAP, len(found) - 1) + 1):
        if start >= len(found) or found[start].sentence != sentence:
            return None
        end = _end(elements, found, start, at)
        if end is not None:
            return end
    return None
