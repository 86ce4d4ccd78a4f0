"""Find and match the patterns of a language's questions.

Hundreds of patterns stand beside one another, and hardly any sentence is one of them. Each is therefore found by its
rarest word: only where a sentence has that, and all others that the pattern cannot do without, is it compiled and
matched. Most sentences are not even looked up: without a question mark a pattern without gaps takes none but words that
its language knows, and one with gaps only what begins as questions do. Nothing of a participant's words is kept.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache, cached_property
from itertools import chain
from typing import Final, NamedTuple, assert_never

from rapidfuzz.distance import OSA

from flows.inquiries.expressions import LanguageExpressions
from flows.inquiries.inquiry import Inquiry
from flows.inquiries.inquiry_file import GAPS, MARKED, InquiryFile
from flows.parsing.vocabulary import languages, phrases
from flows.text.folding import fold
from flows.text.slips import shortened

SHORTEST_SLIP: Final = 5
"""Letters. In a shorter word a slip makes another word."""
_LONGEST_WITH_A_SLIP: Final = 8
"""Words of a sentence. A longer one is hardly ever a question, and to look for slips takes longer than all else."""
_SMALL_WORD: Final = 4
"""Letters. What is shorter stands in many an answer: 'to', 'me', 'que'."""
_SMALL_WORDS_WEIGH: Final = 10
_NOWHERE: Final = frozenset[str]()
_NOTHING_MEANT: Final[Mapping[str, str]] = {}
_ORDER: Final = {inquiry: place for place, inquiry in enumerate(Inquiry)}
"""Where two fit, the first is meant."""


class ElementWords(NamedTuple):
    """Hold words, and stems of words: where none is in a sentence, an element of a pattern is not in it either."""

    words: frozenset[str]
    stems: tuple[str, ...]

    def are_in(self, words: AbstractSet[str]) -> bool:
        """Return whether one of these is among the words of a sentence."""
        if not self.words.isdisjoint(words):
            return True
        return bool(self.stems) and any(word.startswith(self.stems) for word in words)


class PatternKind(Enum):
    """Name which sentences a pattern is for, beside those with a question mark."""

    WITH_A_MARK = auto()
    """No others."""
    BEGUN_AS_A_QUESTION = auto()
    """Those that begin as questions do, since a gap of it stands for words whatever."""
    ANYHOW = auto()


@dataclass(frozen=True, eq=False)
class InquiryPattern:
    """Hold one way to ask a question: a line of the file. Equal to none but itself.

    `needed` are the elements that are not optional, the rarest first.
    """

    language: str
    inquiry: Inquiry
    text: str
    kind: PatternKind
    needed: tuple[ElementWords, ...]
    expressions: LanguageExpressions

    def may_be(self, words: frozenset[str]) -> bool:
        """Return whether words have all that the pattern cannot do without: seldom, and found without matching."""
        if any(map(words.isdisjoint, self._whole_words)):
            return False
        return all(element.are_in(words) for element in self.needed if element.stems)

    @cached_property
    def _whole_words(self) -> tuple[frozenset[str], ...]:
        """Return the words of each needed element that has no stems."""
        return tuple(element.words for element in self.needed if not element.stems)

    def is_all_of(self, line: str, *, is_marked: bool) -> bool:
        """Return whether a sentence, words with a space after each, asks this; `is_marked` by a question mark."""
        match PatternKind.ANYHOW if is_marked else self.kind:
            case PatternKind.ANYHOW:
                return self._whole.fullmatch(line) is not None
            case PatternKind.BEGUN_AS_A_QUESTION:
                return self._begun.fullmatch(line) is not None
            case PatternKind.WITH_A_MARK:
                return False
            case never:
                assert_never(never)

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return self.expressions.compiled(self.inquiry, self.text, begins_by_asking=False)

    @cached_property
    def _begun(self) -> re.Pattern[str]:
        return self.expressions.compiled(self.inquiry, self.text, begins_by_asking=True)


@dataclass(frozen=True, slots=True)
class InquiryIndex:
    """The patterns of all languages by the words that they need."""

    by_word: Mapping[str, Sequence[InquiryPattern]]
    """By each word of which their rarest element needs one."""
    words: frozenset[str]
    """Those of `by_word`."""
    by_stem: Mapping[str, Sequence[InquiryPattern]]
    """The same by the stem of a word."""
    stems: tuple[str, ...]
    """Those of `by_stem`."""
    slips: Mapping[str, Sequence[tuple[str, str]]]
    """The languages and words that may be misspelt, under the keys of `shortened`."""
    knowing: Mapping[str, AbstractSet[str]]
    """The languages with a pattern that has a word, by word."""
    known_stems: tuple[str, ...]
    """The stems of words that patterns have besides."""
    asking: Mapping[str, AbstractSet[str]]
    """The languages whose questions begin with a word, by word."""
    before_asking: Mapping[str, AbstractSet[str]]
    """The languages in which a word may stand before those of `asking`, by word."""
    languages: frozenset[str]
    """All of them."""

    def possible(self, words: Sequence[str], *, is_marked: bool) -> dict[str, "PossibleReading"]:
        """Return, by each language with a pattern that words may be, these patterns: nearly always none.

        `is_marked` says that a question mark stands behind them.
        """
        misspelt = _MisspeltWords(self.slips if len(words) <= _LONGEST_WITH_A_SLIP else {})
        if not is_marked and not self._may_be_unmarked(words, misspelt):
            return {}
        written, corrected = frozenset(words), misspelt.by_language(words)
        found = [one for one in self._needing(written) if one.language in corrected or one.may_be(written)]
        for language, correct in corrected.items():
            meant = written.union(correct.values())
            found += (one for one in self._needing(correct.values()) if one.language == language)
            found = [one for one in found if one.language != language or one.may_be(meant)]
        by_language: dict[str, dict[InquiryPattern, None]] = {}
        for pattern in found:
            by_language.setdefault(pattern.language, {})[pattern] = None
        return {
            language: PossibleReading(language, tuple(patterns), corrected.get(language, {}))
            for language, patterns in by_language.items()
        }

    def _may_be_unmarked(self, words: Sequence[str], misspelt: "_MisspeltWords") -> bool:
        """Return whether words without a question mark begin as questions do, or some language knows all of them."""
        return self._begin_by_asking(words, misspelt) or self._are_known(words, misspelt)

    def _begin_by_asking(self, words: Iterable[str], misspelt: "_MisspeltWords") -> bool:
        """Return whether a word with which questions begin stands first, or behind what may stand before it.

        All of them in one language: 'the' begins a question in English, 'was' does in German, 'the was' in none.
        """
        left: AbstractSet[str] = self.languages
        for word in words:
            meant = misspelt.meant_by(word)
            if not left.isdisjoint(_known_in(self.asking, word, meant)):
                return True
            left = left & _known_in(self.before_asking, word, meant)
            if not left:
                return False
        return False

    def _are_known(self, words: Iterable[str], misspelt: "_MisspeltWords") -> bool:
        """Return whether the patterns of some language have all these words, as they are or corrected."""
        knowing: AbstractSet[str] = self.languages
        for word in (
            sorted(words, key=len) if misspelt.slips else words
        ):  # short ones misspell none: they tell soonest
            here = self.knowing.get(word, _NOWHERE)
            if knowing <= here:
                continue
            if word.startswith(self.known_stems):
                here = {name for name in knowing if patterns_in(name).has(word)}
            meant = misspelt.meant_by(word)
            knowing = knowing & (here | meant.keys() if meant else here)
            if not knowing:
                return False
        return True

    def _needing(self, words: Collection[str]) -> list[InquiryPattern]:
        """Return the patterns whose rarest element needs one of these words."""
        found = [one for word in self.words.intersection(words) for one in self.by_word[word]]
        for word in words:
            if word.startswith(self.stems):
                found += (one for stem in self.stems if word.startswith(stem) for one in self.by_stem[stem])
        return found


@dataclass(slots=True)
class _MisspeltWords:
    """Finds the words of patterns that those of one sentence misspell; only a word that is asked for is looked up."""

    slips: Mapping[str, Sequence[tuple[str, str]]]
    """As of `InquiryIndex`; none to take all words as they are."""
    found: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def meant_by(self, word: str) -> Mapping[str, str]:
        """Return the word that a word misspells by one slip in each language that has such a one."""
        if not self.slips or len(word) < SHORTEST_SLIP:
            return _NOTHING_MEANT
        if word not in self.found:
            near = {one for key in shortened(word) for one in self.slips.get(key, ())}
            self.found[word] = {
                language: meant
                for language, meant in sorted(near, reverse=True)
                if not patterns_in(language).has(word) and OSA.distance(word, meant, score_cutoff=1) <= 1
            }
        return self.found[word]

    def by_language(self, words: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return, for each language, the words that misspell one of its own, with that one."""
        found: dict[str, dict[str, str]] = {}
        for word in words if self.slips else ():
            for language, meant in self.meant_by(word).items():
                found.setdefault(language, {})[word] = meant
        return found


def _known_in(table: Mapping[str, AbstractSet[str]], word: str, meant: Mapping[str, str]) -> AbstractSet[str]:
    """Return the languages that a table has for a word, as it is or for what it misspells in one (`meant`)."""
    here = table.get(word, _NOWHERE)
    if not meant:
        return here
    return here | {name for name, one in meant.items() if name in table.get(one, _NOWHERE)}


class PossibleReading(NamedTuple):
    """Hold the patterns of a language that words may be, and what its words among them misspell."""

    language: str
    patterns: tuple[InquiryPattern, ...]
    corrected: Mapping[str, str]

    def inquiry(self, words: Sequence[str], *, is_marked: bool) -> Inquiry | None:
        """Return what words ask, as they are or corrected; None for nothing. `is_marked` by a question mark."""
        lines = {_line(words): None}
        if self.corrected:
            lines[_line([self.corrected.get(word, word) for word in words])] = None
        for line in lines:
            asked = {one.inquiry for one in self.patterns if one.is_all_of(line, is_marked=is_marked)}
            if asked:
                return min(asked, key=_ORDER.__getitem__)
        return None


def _line(words: Iterable[str]) -> str:
    """Return words as patterns match them: with a space after each."""
    return f"{' '.join(words)} "


@dataclass(frozen=True, slots=True)
class LanguagePatterns:
    """The questions of one language."""

    patterns: tuple[InquiryPattern, ...]
    asking: frozenset[str]
    """The phrases that a question begins with."""
    stating: frozenset[str]
    """The phrases that a statement begins with too."""
    before_asking: frozenset[str]
    """The phrases that may stand before those of `asking`."""
    fillers: frozenset[str]
    known: frozenset[str]
    """The words of all patterns."""
    stems: tuple[str, ...]

    def has(self, word: str) -> bool:
        """Return whether a word stands in a pattern."""
        return word in self.known or word.startswith(self.stems)


@cache
def patterns_in(language: str) -> LanguagePatterns:
    """Return the patterns of a language."""
    file = InquiryFile.load(language)
    known, stems = _written(file)
    patterns = tuple(_patterns(language, file))
    return LanguagePatterns(
        patterns,
        phrases(file.asking),
        phrases(file.stating),
        phrases(file.fillers) | phrases(file.around) | phrases(file.leads),
        phrases(file.fillers),
        known,
        stems,
    )


@cache
def every_pattern() -> InquiryIndex:
    """Return the patterns of all languages, by the words that they need."""
    by_word, by_stem = (
        defaultdict[str, list[InquiryPattern]](list),
        defaultdict[str, list[InquiryPattern]](list),
    )
    slips = defaultdict[str, list[tuple[str, str]]](list)
    listed = {language: patterns_in(language) for language in languages()}
    for language, one in listed.items():
        for pattern in one.patterns:
            for word in pattern.needed[0].words:
                by_word[word].append(pattern)
            for stem in pattern.needed[0].stems:
                by_stem[stem].append(pattern)
        for word in one.known:
            for key in shortened(word) if len(word) >= SHORTEST_SLIP else ():
                slips[key].append((language, word))
    asking = {language: [phrase.split()[0] for phrase in one.asking] for language, one in listed.items()}
    return InquiryIndex(
        dict(by_word),
        frozenset(by_word),
        dict(by_stem),
        tuple(by_stem),
        dict(slips),
        _by_word({language: one.known for language, one in listed.items()}),
        tuple(chain.from_iterable(one.stems for one in listed.values())),
        _by_word(asking),
        _by_word({language: " ".join(one.before_asking).split() for language, one in listed.items()}),
        frozenset(listed),
    )


def _by_word(words: Mapping[str, Iterable[str]]) -> Mapping[str, AbstractSet[str]]:
    """Map each word of some languages to those that have it."""
    found = defaultdict[str, set[str]](set)
    for language, listed in words.items():
        for word in listed:
            found[word].add(language)
    return {word: frozenset(having) for word, having in found.items()}


def _patterns(language: str, file: InquiryFile) -> list[InquiryPattern]:
    """Return all patterns of a file; which words are rare is told by how many of them have each.

    Raises:
        KeyError: A pattern names a group of words that there is not.
        ValueError: A pattern has nothing but gaps and what is optional. A test finds both.
    """
    expressions = LanguageExpressions.of(file)
    groups = {name: frozenset(map(_longest_word, phrases(text))) for name, text in file.words.items()}
    lines = [
        (inquiry, line) for inquiry in Inquiry for line in file.asks.get(inquiry, "").splitlines() if line
    ]
    needed = [[_needed_words(one, groups) for one in _needed_elements(line)] for _, line in lines]
    patterns_with = Counter(
        word for elements in needed for one in elements for word in (*one.words, *one.stems)
    )

    def commonness(word: str) -> int:
        return patterns_with[word] * (_SMALL_WORDS_WEIGH if len(word) < _SMALL_WORD else 1)

    patterns = []
    for (inquiry, line), elements in zip(lines, needed, strict=True):
        if not elements:
            raise ValueError(f"the pattern {line!r} needs a word")
        elements.sort(key=lambda one: sum(commonness(word) for word in (*one.words, *one.stems)))
        text = line.removeprefix(MARKED)
        patterns.append(InquiryPattern(language, inquiry, text, _kind(line), tuple(elements), expressions))
    return patterns


def _kind(line: str) -> PatternKind:
    """Return which sentences a line of the file is for."""
    if line.startswith(MARKED):
        return PatternKind.WITH_A_MARK
    has_gap = not GAPS.keys().isdisjoint(line.split())
    return PatternKind.BEGUN_AS_A_QUESTION if has_gap else PatternKind.ANYHOW


def _needed_elements(line: str) -> Iterator[str]:
    """Yield the elements of a line that are not optional."""
    for element in line.removeprefix(MARKED).split():
        if element not in GAPS and not element.startswith("["):
            yield element


def _needed_words(element: str, groups: Mapping[str, frozenset[str]]) -> ElementWords:
    """Return the words of which an element of a pattern needs one: of a phrase its longest."""
    words: set[str] = set()
    stems: set[str] = set()
    for part in element.split("/"):
        if part.startswith("<"):
            words |= groups[part.strip("<>")]
            continue
        phrase = fold(part.replace("_", " "))
        whole = phrase.rpartition(" ")[0] if part.endswith("*") else phrase
        if whole:
            words.add(_longest_word(whole))
        else:
            stems.add(phrase)
    return ElementWords(frozenset(words), tuple(sorted(stems)))


def _longest_word(phrase: str) -> str:
    """Return the longest word of a phrase, which is the rarest as a rule."""
    return max(phrase.split(), key=len)


def _written(file: InquiryFile) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return all words of a file, and the stems of words."""
    listed = (*file.words.values(), file.around, file.fillers, file.leads, file.tails)
    words = {word for text in listed for phrase in phrases(text) for word in phrase.split()}
    stems = []
    for part in _parts(file.asks):
        folded = fold(part.replace("_", " "))
        if part.endswith("*"):
            stems.append(folded)
        else:
            words.update(folded.split())
    return frozenset(words), tuple(stems)


def _parts(asks: Mapping[Inquiry, str]) -> Iterator[str]:
    """Yield each word or phrase that patterns name, without the names of groups and the gaps."""
    for element in " ".join(asks.values()).split():
        if element not in (*GAPS, MARKED.strip()):
            yield from (part for part in element.strip("[]").split("/") if not part.startswith("<"))
