"""Look up what stands in a text beside a hit: words of the aids to judge by, other hits, ends of clauses."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final

from msgspec import Struct

from flows.safety.lexicon import Lexicon
from flows.safety.patterns import PatternHit
from flows.safety.tokens import Token

_CLAUSE_END: Final = re.compile(
    r"[.!?\n\u061f\u2026,;:()\u060c\u061b]|\s[-\u2013\u2014]+\s|[\U0001f300-\U0001faff]"
)
_NOR: Final = "ne"
_SENTENCE: Final = attrgetter("sentence")
"""The number of a word's sentence: the words of a text are in its order."""


class MarkedWords(Struct, frozen=True):
    """The words of one text with the hits in it."""

    text: str
    tokens: Sequence[Token]
    lexicon: Lexicon
    hits: Mapping[str, Sequence[PatternHit]]
    """By their families."""
    language: str | None
    """The one that the text is in, where something tells it."""

    def of(self, family: str) -> Sequence[PatternHit]:
        """Return the hits of a family."""
        return self.hits.get(family, ())

    def sentence(self, hit: PatternHit) -> int:
        """Return the number of the sentence in which a hit begins."""
        return self.tokens[hit.first].sentence

    def sentences(self, family: str) -> set[int]:
        """Return the numbers of the sentences that have a hit of a family."""
        return {self.tokens[hit.first].sentence for hit in self.of(family)}

    def before(self, hit: PatternHit) -> range:
        """Return the places before a hit in its sentence."""
        sentence, begins = self.sentence(hit), hit.first
        while begins and self.tokens[begins - 1].sentence == sentence:
            begins -= 1
        return range(begins, hit.first)

    def places(self, sentence: int) -> range:
        """Return the places of the words of a sentence."""
        return range(
            bisect_left(self.tokens, sentence, key=_SENTENCE),
            bisect_right(self.tokens, sentence, key=_SENTENCE),
        )

    def length(self, sentence: int) -> int:
        """Return how many words a sentence has."""
        return len(self.places(sentence))

    def begins(self, place: int) -> bool:
        """Tell whether a sentence begins at this place."""
        ends = place in {0, len(self.tokens)}
        return ends or self.tokens[place].sentence != self.tokens[place - 1].sentence

    def ends_clause(self, place: int) -> bool:
        """Tell whether a part of a sentence ends after this place."""
        if place + 1 == len(self.tokens):
            return True
        between = self.text[self.tokens[place].end : self.tokens[place + 1].start]
        return between != " " and _CLAUSE_END.search(between) is not None

    def is_nor(self, place: int) -> bool:
        """Tell whether a word is Italian 'nor': with its accent, or twice in a sentence; 'ne' alone is 'of it'."""
        token = self.tokens[place]
        if self.language != "it" or token.word != _NOR:
            return False
        if self.text[token.start : token.end].lower() != _NOR:
            return True
        return sum(self.tokens[other].word == _NOR for other in self.places(token.sentence)) > 1

    def is_near_in_clause(self, one: PatternHit, other: PatternHit, near: int) -> bool:
        """Tell whether two hits share a part of a sentence, with at most `near` words between, or overlap."""
        earlier, later = (one, other) if one.first <= other.first else (other, one)
        if later.first - earlier.last > near:
            return False
        return not any(self.ends_clause(place) for place in range(earlier.last - 1, later.first))

    def has(self, aid: str, language: str, places: Iterable[int]) -> bool:
        """Tell whether a word at one of some places is a single word of an aid to judge by, in a language."""
        words = self.lexicon.index.aids.get((aid, language))
        if words is None:
            return False
        for place in places:  # noqa: SIM110 - asked of each word before a feeling: `any` takes twice as long
            if not words.isdisjoint(self.tokens[place].keys):
                return True
        return False

    def has_any(self, aid: str, hit: PatternHit, places: range) -> bool:
        """Tell whether an aid stands at some places: one of its words or phrases, in a hit's language or the text's."""
        if self.has(aid, hit.language, places):
            return True
        if self.language not in (None, hit.language) and self.has(aid, self.language or "", places):
            return True
        for other in self.of(aid):
            if not other.is_doubtful and other.first < places.stop and places.start < other.last:
                return True
        return False

    def is_all(self, aid: str, hit: PatternHit) -> bool:
        """Tell whether a hit says no more than words of an aid to judge by: one of its words, or a phrase of it."""
        if hit.last - hit.first == 1 and self.has(aid, hit.language, (hit.first,)):
            return True
        return any(other.covers(hit) for other in self.of(aid))

    def stands_before(self, aid: str, hit: PatternHit) -> bool:
        """Tell whether words of an aid to judge by stand before a hit, in its sentence."""
        before = self.before(hit)
        return self.has(aid, hit.language, before) or any(other.first in before for other in self.of(aid))

    def stands_by(self, hit: PatternHit, family: str) -> bool:
        """Tell whether the sentence has a word of the family, in the same language: `the` is tea in French."""
        sentence = self.sentence(hit)
        return any(
            other.language == hit.language and self.sentence(other) == sentence for other in self.of(family)
        )

    def overlaps(self, hit: PatternHit, families: Iterable[str]) -> bool:
        """Tell whether a hit shares a word with one of some families."""
        for family in families:
            for other in self.of(family):
                if other.first < hit.last and hit.first < other.last:
                    return True
        return False
