"""Tell in which of our languages a text is, by its common words, and what to make of a hit in another one's list.

Theory. People change language in the middle of a sentence, so the lists of all languages are tried on every text. But a
word of one language may stand in another's list: `enjoy` begins like Portuguese nausea, `could` like a French verb. So
each lexicon has the common words of its language. The text's language is the one most of whose common words it has; the
language in which the participant is written to has one word's start. A hit of another language's list counts only if

- not all of its words are common words of the text's language, and
- where the text is surely in its own language and nothing else in it is of the other one: as a weak hit at most. Words
  of risk always count in full.

It costs one look-up a word, needs no model, and says the same tomorrow.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, Self

from msgspec import Struct
from msgspec.structs import replace

from flows.safety.cooccurrence import PAIRS
from flows.safety.patterns import ANY, PatternHit

_SURE: Final = 2.0
"""Common words of its own, beyond the start, from which on a text is surely in its language."""
_OF_LIFE: Final = frozenset(
    {"risk", "hint", "faint"}.union(*(pair[:2] for pair in PAIRS if pair[2] in {"hint", "faint"}))
)
"""Families of words of risk, and of their halves."""
_ARABIC: Final = ("\u0600", "\u06ff")


class TextLanguage(Struct, frozen=True):
    """The language of a text (`main`, None where nothing tells it), and for each word the languages it is common in."""

    main: str | None
    is_sure: bool
    home: frozenset[str]
    """The languages in which misspelt words are corrected: that of the text, and that of the conversation."""
    words: Sequence[frozenset[str]]

    @classmethod
    def of(cls, found: Sequence[str], common: Mapping[str, frozenset[str]], language: str | None) -> Self:
        """Tell the language of the folded words of a text; `language` is the one in which its writer is written to."""
        words = [common.get(word) or _languages_by_letters(word) for word in found]
        times: dict[frozenset[str], int] = {}
        for languages in words:
            times[languages] = times.get(languages, 0) + 1
        scores: dict[str, float] = {}
        for languages, count in times.items():  # few sets, however many words
            share = count / (len(languages) or 1)
            for one in languages:
                scores[one] = scores.get(one, 0.0) + share
        own = None if language is None else language.partition("-")[0]
        counts = dict(scores)
        if own is not None:
            counts[own] = counts.get(own, 0.0) + 1.0
        main = max(sorted(counts), key=counts.__getitem__, default=None)
        home = _home(main, own)
        return cls(main, scores.get(main or "", 0.0) >= _SURE, home, words)

    def spells(self, place: int) -> frozenset[str]:
        """Return the languages in whose lists a misspelt word may be looked for; none where it is a common word."""
        return frozenset() if self.words[place] & self.home else self.home

    def weighed(self, hit: PatternHit) -> PatternHit | None:
        """Return a hit as it counts in this text: as it is, marked as doubtful, or None for a mere look-alike."""
        if self.main is None or hit.language in (self.main, ANY):
            return hit
        if hit.last - hit.first == 1 and self.main in self.words[hit.first]:
            return None  # most are of this kind
        inside = range(hit.first, hit.last)
        if all(self.main in self.words[place] for place in inside if place not in hit.passed):
            return None
        if not self.is_sure or hit.family in _OF_LIFE or self._speaks(hit):
            return hit
        return replace(hit, is_doubtful=True)

    def _speaks(self, hit: PatternHit) -> bool:
        """Tell whether another word of the text is of the hit's language, and not of the text's."""
        return any(
            hit.language in languages and self.main not in languages
            for place, languages in enumerate(self.words)
            if not hit.first <= place < hit.last
        )


@lru_cache(maxsize=64)
def _home(main: str | None, own: str | None) -> frozenset[str]:
    """Return the languages of a text and of the conversation, as far as they are known."""
    return frozenset(one for one in (main, own) if one is not None)


def _languages_by_letters(word: str) -> frozenset[str]:
    """Return the languages that a word in no list is in: Arabic where it has Arabic letters, else none."""
    return _ARABIC_ALONE if not word.isascii() and _ARABIC[0] <= word[0] <= _ARABIC[1] else _NONE


_NONE: Final = frozenset[str]()
_ARABIC_ALONE: Final = frozenset({"ar"})
