"""Match patterns of words, which the lexicons are written in, against the words of a message.

A pattern is words with spaces between. `vomit*` is any word that begins so, `stopped/quit` either, `the?`
optional, `..` up to three words of the same sentence, `#` a number, `{medicine}` any word of that family,
`$` the end of the sentence ('why me', but not 'why me and not him'). All patterns of all languages lie in
one table by the rarest of their words, so a message is read once.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import groupby

from msgspec import Struct
from rapidfuzz.distance import OSA

from flows.safety.tokens import Token, fold_word
from flows.text.slips import shortened

_GAP = 3
_BUCKET = 2
"""Letters by which beginnings of words are looked up; none is shorter."""
NUMBER = "#"
ANY = "*"
"""The language of a product's name."""
_SHORTEST_TYPO = 7
"""Letters. In a shorter word one slip makes another word."""
_GLUED = re.compile(r"(?:qu|[jldmnstc])([aeiouh].{3,})")
"""French and Italian words with their elision written on, as people in a hurry do: `lhopital`, `jarrete`."""
_ELIDING = frozenset({"fr", "it"})
AIDS = frozenset(
    {
        "vague",
        "loose",
        "framing",
        "effects",
        "felt",
        "aim",
        "asked",
        "joke",
        "generic",
        "having",
        "present",
        "duration",
    }
    | {
        "past",
        "helping",
        "after",
        "then",
        "lasting",
        "often",
        "deep",
        "supposed",
        "people",
        "joint",
        "everyday",
        "intense",
        "turn",
        "eased",
        "illness",
        "steady",
        "bereft",
        "unheard",
        "measured",
        "ongoing",
        "treated",
        "disease",
    }
)
"""Families that only help to judge hits of others. Their single words are no patterns: most texts need none of them."""
_LONGEST_TYPO = 30
"""Letters. What is longer is no word, and comparing it takes long."""


@dataclass(frozen=True, slots=True)
class PatternElement:
    """One place in a pattern: the words that fit it, or a gap, or the end of the sentence.

    `keys` are words, beginnings of words with `*` after, or `#` for any number; none for a gap and for the
    end.
    """

    keys: frozenset[str] = frozenset()
    optional: bool = False
    gap: bool = False
    end: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of a lexicon: words in an order, and the family that says what they are a sign of."""

    family: str
    language: str
    elements: tuple[PatternElement, ...]
    keys: frozenset[str]
    """All words that it names."""
    has_gap: bool
    """Whether it passes over words."""

    @property
    def is_word(self) -> bool:
        """Whether it is a single word."""
        return len(self.elements) == 1

    @property
    def needs(self) -> tuple[frozenset[str], ...]:
        """The words that a text must have: one set for each place, any word of which will do.

        They are looked at before anything else, so that most patterns are never compared.
        """
        return tuple(one.keys for one in self.elements if one.keys and not one.optional)


class PatternHit(Struct, frozen=True, gc=False):
    """A pattern found in a message: its words from number `first` to before `last`, from 0."""

    family: str
    language: str
    first: int
    last: int
    passed: tuple[int, ...] = ()
    """The numbers of the words inside it that a gap passed over."""
    is_doubtful: bool = False
    """Whether it is of another language than the text surely is: it counts as a weak hit at most."""
    parts: tuple["PatternHit", ...] = ()
    """The two halves that it was put together of; none for a pattern."""

    def covers(self, other: "PatternHit") -> bool:
        """Tell whether this hit shares a word with the other and is as long at least.

        'sick of' does not cover 'sick of living'.
        """
        shared = self.first < other.last and other.first < self.last
        return shared and self.last - self.first >= other.last - other.first


def read_pattern(line: str, family: str, language: str, macros: Mapping[str, PatternElement]) -> Pattern:
    """Read a pattern from a line of a lexicon; `macros` say what names in braces (`{medicine}`) stand for.

    Raises:
        ValueError: It does not begin with a word.
    """
    elements = tuple(_element(part, macros) for part in line.split())
    if not elements or elements[0].gap or elements[0].optional or elements[0].end:
        message = f"the pattern {line!r} must begin with a word"
        raise ValueError(message)
    keys = frozenset[str]().union(*(element.keys for element in elements))
    return Pattern(family, language, elements, keys, any(element.gap for element in elements))


def _element(part: str, macros: Mapping[str, PatternElement]) -> PatternElement:
    """Read one place of a pattern."""
    if part == "..":
        return PatternElement(gap=True)
    if part == "$":
        return PatternElement(end=True)
    options = part.removesuffix("?").split("/")
    named = [macros[option.strip("{}")] for option in options if option.startswith("{")]
    words = [option for option in options if option[-1:].isalnum() or option[-1:] not in "*#}"]
    stems = [option[:-1] for option in options if option.endswith("*")]
    keys = {fold_word(word) for word in words if word}
    keys.update(fold_word(stem) + "*" for stem in stems)
    if "#" in options:
        keys.add(NUMBER)
    return PatternElement(
        frozenset(keys).union(*(macro.keys for macro in named)), optional=part.endswith("?")
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Phrase:
    """A pattern of several words, and what a message must hold beside the word by which the phrase was found.

    Equal to none but itself.
    """

    pattern: Pattern
    first_need: frozenset[str]
    """Of the rarest other place, any word of it will do; nearly always no message with the found word has one."""
    needs: tuple[frozenset[str], ...]
    """The same of the places that are left, one set for each."""


@dataclass(slots=True)
class PatternIndex:
    """The patterns of some languages by a word that each needs, and all their words, to know misspelt ones by.

    A phrase stands under the place of it whose words are rarest among all patterns: a message has few of those, so
    most phrases are never looked at.
    """

    words: dict[str, list[Pattern]] = field(default_factory=dict)
    """The patterns of a single word."""
    phrases: dict[str, list[_Phrase]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    stems: dict[str, tuple[tuple[str, ...], tuple[tuple[str, str], ...]]] = field(default_factory=dict)
    """All beginnings of words, by their own first two letters: alone, and each with its key."""
    near_words: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    """Words by language and by a key of `shortened`, by which misspelt ones are known."""
    near_stems: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    longest_stem: int = 0
    aids: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """The single words of the families in `AIDS` by family and language, as keys: for when a hit is judged."""
    _known_keys: dict[str, frozenset[str]] = field(default_factory=dict)
    """The keys of words looked up before. Only words that the lists know are kept: no name, no misspelling, no number.
    """

    def find(self, found: Sequence[Token], spelling: Callable[[int], frozenset[str]]) -> list[PatternHit]:
        """Return every pattern in the message: for each word at which it begins, the longest match.

        Misspelt words get the forms that they are one slip away from, in the languages that `spelling` allows for the
        word at a place.
        """
        places: dict[str, list[int]] = {}
        for place, token in enumerate(found):
            forms = token.forms
            known = self._known_keys.get(forms[0]) if len(forms) == 1 else None
            token.keys = keys = known or self._keys(
                token, place, spelling
            )  # most words were looked up before
            for key in keys:
                if key in places:
                    places[key].append(place)
                else:
                    places[key] = [place]
        hits = [
            PatternHit(pattern.family, pattern.language, place, place + 1)
            for key in self.words.keys() & places.keys()
            for pattern in self.words[key]
            for place in places[key]
        ]
        comparison = _Comparison(found)
        for pattern in self._possible(places.keys()):
            beginnings = pattern.elements[0].keys & places.keys()
            for place in {place for key in beginnings for place in places[key]}:
                end = comparison.end(pattern.elements, place + 1, 1)
                if end is not None:
                    passed = comparison.passed(pattern, place, end) if pattern.has_gap else ()
                    hits.append(PatternHit(pattern.family, pattern.language, place, end, passed))
        return list(dict.fromkeys(hits))  # several patterns may find the same

    def _possible(self, everything: AbstractSet[str]) -> Sequence[Pattern]:
        """Return the phrases that a message with these words may hold."""
        phrases, words = self.phrases, frozenset(everything)
        found = [
            phrase
            for key in phrases.keys() & words
            for phrase in phrases[key]
            if not phrase.first_need.isdisjoint(words)
        ]
        possible: list[Pattern] = []
        for phrase in dict.fromkeys(found):
            for need in phrase.needs:
                if need.isdisjoint(words):
                    break
            else:
                possible.append(phrase.pattern)
        return possible

    def _keys(self, token: Token, place: int, spelling: Callable[[int], frozenset[str]]) -> AbstractSet[str]:
        """Return the keys under which a token is known to the patterns, its spelling corrected if it has none."""
        keys = self._keys_of(token.forms)
        word = token.forms[0]
        if not keys and _SHORTEST_TYPO <= len(word) <= _LONGEST_TYPO and word.isalpha():
            count = len(token.forms)
            self._correct(token, spelling(place))
            if len(token.forms) > count:
                keys = self._keys_of(token.forms)
        return keys | {NUMBER} if word[0].isdecimal() and token.is_number else keys

    def _keys_of(self, forms: Sequence[str]) -> AbstractSet[str]:
        """Return the known words among some forms, and the known beginnings of words, with `*`, of the forms."""
        keys = self._known_keys.get(forms[0]) or self._look_up(forms[0])
        for form in forms[1:]:
            keys |= self._known_keys.get(form) or self._look_up(form)
        return keys

    def _look_up(self, form: str) -> frozenset[str]:
        """Return the keys of one form, and remember them if it is a whole word of the lists, and begins no number."""
        keys = {form} & self.known
        is_word = bool(keys) and not form[0].isdecimal()
        bucket = self.stems.get(form[:_BUCKET])
        if bucket is not None and form.startswith(bucket[0]):
            keys.update([starred for stem, starred in bucket[1] if form.startswith(stem)])
        found = frozenset(keys)
        if is_word:
            self._known_keys[form] = found
        return found

    def _correct(self, token: Token, languages: frozenset[str]) -> None:
        """Add to the forms of a misspelt word the known words of some languages that it is one slip away from.

        Only to words of 7 to 30 letters that no lexicon knows. First letters agree. A French or Italian word
        with its elision written on (`lhopital`) gets the word without it.
        """
        word = token.word
        glued = _GLUED.match(word) if languages & _ELIDING else None
        if glued and glued[1] in self.known:
            token.forms.append(glued[1])
            return
        for near in self._near(word, languages):
            if near not in token.forms:
                token.forms.append(near)

    def _near(self, word: str, languages: Iterable[str]) -> Iterator[str]:
        """Yield the known words and beginnings of some languages that are one slip away."""
        for language in languages:
            for key in shortened(word, same_first_letter=True):
                for near in self.near_words.get((language, key), ()):
                    if OSA.distance(word, near, score_cutoff=1) <= 1:
                        yield near
            for length in range(_SHORTEST_TYPO - 1, min(len(word), self.longest_stem + 1) + 1):
                beginning = word[:length]
                for key in shortened(beginning, same_first_letter=True):
                    for near in self.near_stems.get((language, key), ()):
                        if OSA.distance(beginning, near, score_cutoff=1) <= 1:
                            yield near


def build_index(patterns: Iterable[Pattern], ordinary: Iterable[str] = ()) -> PatternIndex:
    """Build the index of patterns. `ordinary` words are never taken for a misspelling."""
    index = PatternIndex()
    filed = list[Pattern]()
    words, stems = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for pattern in dict.fromkeys(patterns):  # a line may stand twice
        if pattern.is_word and pattern.family in AIDS:
            index.aids.setdefault((pattern.family, pattern.language), set()).update(pattern.keys)
        else:
            filed.append(pattern)
        stems[pattern.language].update(key[:-1] for key in pattern.keys if key.endswith("*"))
        words[pattern.language].update(key for key in pattern.keys if not key.endswith("*"))
    _file_patterns(index, filed)
    _learn_spelling(words, index.near_words)
    _learn_spelling(stems, index.near_stems)
    index.known.update(ordinary, *words.values())
    every_stem = sorted(set[str]().union(*stems.values()))
    for bucket, alike in groupby(every_stem, key=lambda stem: stem[:_BUCKET]):
        theirs = tuple(alike)
        index.stems[bucket] = (theirs, tuple((stem, stem + "*") for stem in theirs))
    index.longest_stem = max(map(len, every_stem), default=0)
    return index


def _file_patterns(index: PatternIndex, patterns: Sequence[Pattern]) -> None:
    """Add patterns to an index, each under its word, or under the words of its rarest place."""
    commonness = Counter(key for pattern in patterns for element in pattern.elements for key in element.keys)
    for pattern in patterns:
        if pattern.is_word:
            for key in pattern.elements[0].keys:
                index.words.setdefault(key, []).append(pattern)
            continue
        rarest, *needs = sorted(pattern.needs, key=lambda keys: sum(commonness[key] for key in keys))
        phrase = _Phrase(pattern, needs[0] if needs else rarest, tuple(needs[1:]))
        for key in rarest:
            index.phrases.setdefault(key, []).append(phrase)


def _learn_spelling(words: Mapping[str, Iterable[str]], near: dict[tuple[str, str], list[str]]) -> None:
    """Add the words that are long enough to `near`, under their language and the keys of `shortened`."""
    for language, theirs in words.items():
        for word in sorted(theirs):
            if len(word) >= _SHORTEST_TYPO and word.isalpha():
                for key in shortened(word, same_first_letter=True):
                    near[language, key].append(word)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A message being compared with patterns: its words, with the keys under which each is known."""

    tokens: Sequence[Token]

    def end(self, elements: Sequence[PatternElement], place: int, at: int) -> int | None:
        """Return the place after a match whose elements from `at` on begin at `place`; None where there is none."""
        while at < len(elements):
            element = elements[at]
            if element.gap:
                return self._after_gap(elements, place, at + 1)
            if element.end:
                return place if self._is_end(place) else None
            fits = place < len(self.tokens) and not element.keys.isdisjoint(self.tokens[place].keys)
            if element.optional and fits:
                end = self.end(elements, place + 1, at + 1)
                if end is not None:
                    return end
            if not element.optional:
                if not fits or (at and self._is_end(place)):
                    return None
                place += 1
            at += 1
        return place

    def passed(self, pattern: Pattern, first: int, last: int) -> tuple[int, ...]:
        """Return the numbers of the words of a match that its gaps passed over: those that it does not name."""
        return tuple(
            place for place in range(first, last) if self.tokens[place].keys.isdisjoint(pattern.keys)
        )

    def _is_end(self, place: int) -> bool:
        """Tell whether a sentence ends before this place."""
        return place == len(self.tokens) or self.tokens[place].sentence != self.tokens[place - 1].sentence

    def _after_gap(self, elements: Sequence[PatternElement], place: int, at: int) -> int | None:
        """Match what follows a gap of up to `_GAP` words in the same sentence."""
        if all(element.optional for element in elements[at:]):
            return place
        sentence = self.tokens[place - 1].sentence
        for start in range(place, min(place + _GAP, len(self.tokens) - 1) + 1):
            if self.tokens[start].sentence != sentence:
                return None
            end = self.end(elements, start, at)
            if end is not None:
                return end
        return None
