"""Read what people ask the bot: who reads this, how long it takes, why it asks.

Precise rather than wide: a sentence is one of these questions only if one pattern of `flows/library/inquiries` covers
all of it, but for words that change nothing. An answer that merely holds such words ('nobody told me who reads it') is
an answer.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from flows.inquiries.inquiry import SOCIAL, Inquiry
from flows.inquiries.patterns import SHORTEST_SLIP, InquiryPattern, patterns_in
from flows.parsing.politeness import plainly
from flows.parsing.substance import has_substance
from flows.parsing.vocabulary import base_of, languages, understood
from flows.text.emoji import without_emoji
from flows.text.folding import fold

_LONGEST: Final = 400
"""Characters of a message. What is longer is a story."""
_MOST_WORDS: Final = 18
"""In one sentence."""
_LONGEST_ASKING: Final = 4
"""Words of what a question begins with: 'est-ce que', 'y a-t-il'."""
_ENDS: Final = re.compile(r"(?<=[.!?\u061f\u2026;])(?<!\d\.)\s+|\n+")
_ORDER: Final = {inquiry: place for place, inquiry in enumerate(Inquiry)}
_QUESTION_MARKS: Final = ("?", "\u061f")


class InquiryReading(NamedTuple):
    """Hold what a message asks, each once, in its order; and the other sentences in it, '' for none."""

    inquiries: tuple[Inquiry, ...]
    rest: str


def read_inquiries(text: str, language: str) -> InquiryReading | None:
    """Return what a message asks the bot; None where it asks nothing of the closed set.

    It is read in the conversation's language first, then in each other one. Greetings and thanks count only where they
    are all of the message.
    """
    if len(text) > _LONGEST or not any(map(str.isalpha, text)):
        return None
    sentences = tuple(filter(str.strip, _ENDS.split(text)))
    possible = {one.language for sentence in sentences for one in _possible(_tokens(sentence))}
    if not possible or _is_plain(text, language):
        return None
    names = [name for name in dict.fromkeys((base_of(language), *languages())) if name in possible]
    return next((found for name in names if (found := _read_in(sentences, name)) is not None), None)


def warm() -> None:
    """Read the questions of all languages now, so that the first reply need not wait for them."""
    for name in languages():
        patterns_in(name)


def is_a_question_back(text: str, language: str) -> bool:
    """Return whether words end with a question mark and begin as a question does, or are nothing but such marks.

    'What do you mean?' is one, 'I will ask what matters to you?' is none.
    """
    tokens = fold(without_emoji(text)).split()
    if not text.rstrip().endswith(_QUESTION_MARKS):
        return False
    begun = {" ".join(tokens[:length]) for length in range(1, _LONGEST_ASKING + 1)}
    return not tokens or not begun.isdisjoint(patterns_in(base_of(language)).asking)


def _is_plain(text: str, language: str) -> bool:
    """Return whether words are a yes, a no or the like as a whole, which ask nothing; courtesy may stand round it."""
    plain = _plain_words(language)
    return any(fold(without_emoji(words)) in plain for words in (text, plainly(text) or text))


@lru_cache(maxsize=64)
def _plain_words(language: str) -> frozenset[str]:
    known = understood(language)
    return known.yes | known.no | known.none | known.unknown | known.every | known.both


def _read_in(sentences: Sequence[str], language: str) -> InquiryReading | None:
    """Read the sentences of a message by the questions of one language.

    Small words alone ask nothing: 'I want to' may be the beginning of anything.
    """
    found: dict[Inquiry, None] = {}
    rest: list[str] = []
    for sentence in sentences:
        clause, before = _asking_clause(sentence, language)
        if clause is not None and clause not in SOCIAL and not has_substance(sentence, language):
            clause, before = None, ""
        if clause is None:
            rest.append(sentence)
        else:
            found[clause] = None
            if before:
                rest.append(before)
    asked = tuple(one for one in found if one not in SOCIAL)
    if asked:
        telling = " ".join(one.strip() for one in rest if has_substance(one, language))
        return InquiryReading(asked, telling)
    return InquiryReading(tuple(found)[-1:], "") if found and not rest else None


def _asking_clause(sentence: str, language: str) -> tuple[Inquiry | None, str]:
    """Return what a sentence asks, and what it says before that; (None, '') where it asks nothing.

    With a question mark its last clause may ask alone: 'I forgot what I said, can you show me my answers?'
    """
    whole = _meant(sentence, language)
    if whole is not None or not sentence.rstrip().endswith(_QUESTION_MARKS):
        return whole, ""
    clauses = re.split(r"[,\u060c:]\s+", sentence)
    last = _meant(clauses[-1], language) if len(clauses) > 1 else None
    if last is None or last in SOCIAL:
        return None, ""
    return last, ", ".join(one for one in clauses[:-1] if _meant(one, language) not in SOCIAL)


def _meant(sentence: str, language: str) -> Inquiry | None:
    """Return which question a sentence is in a language; None for none."""
    tokens = _tokens(sentence)
    possible = [one for one in _possible(tokens) if one.language == language]
    if not possible or len(tokens) > _MOST_WORDS:
        return None
    is_marked = sentence.rstrip().endswith(_QUESTION_MARKS)
    corrected = tuple(_corrected(word, language) for word in tokens)
    for words in dict.fromkeys((tokens, corrected)):
        line = "".join(f"{word} " for word in words)
        asked = {one.inquiry for one in possible if one.is_all_of(line, is_marked=is_marked)}
        if asked:
            return min(asked, key=_ORDER.__getitem__)
    return None


@lru_cache(maxsize=64)
def _possible(words: tuple[str, ...]) -> tuple[InquiryPattern, ...]:
    """Return the patterns that words may be, of all languages: nearly always none. A glance before any matching."""
    found = dict.fromkeys(one for word in words for one in _found_by(word))
    return tuple(one for one in found if one.may_be(_all_words(words, one.language)))


@lru_cache(maxsize=64)
def _all_words(words: tuple[str, ...], language: str) -> frozenset[str]:
    """Return words, and those that they may be slips of."""
    return frozenset((*words, *(_corrected(word, language) for word in words)))


@lru_cache(maxsize=16_384)
def _found_by(word: str) -> tuple[InquiryPattern, ...]:
    """Return the patterns of all languages whose rarest word is this one, perhaps misspelt."""
    return tuple(
        pattern
        for name in languages()
        for meant in {word: None, _corrected(word, name): None}
        for pattern in patterns_in(name).found_by(meant)
    )


@lru_cache(maxsize=64)
def _tokens(sentence: str) -> tuple[str, ...]:
    """Return the folded words of a sentence: each language looks at the same ones."""
    return tuple(fold(without_emoji(sentence)).split())


@lru_cache(maxsize=16_384)
def _corrected(word: str, language: str) -> str:
    """Return the word of a pattern that this one misspells by one slip; the word itself where there is none."""
    patterns = patterns_in(language)
    if len(word) < SHORTEST_SLIP or word in patterns.known or word.startswith(patterns.stems):
        return word
    near = extractOne(word, patterns.misspelt, scorer=OSA.distance, score_cutoff=1)
    return word if near is None else str(near[0])
