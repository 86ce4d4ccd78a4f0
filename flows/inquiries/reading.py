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
from flows.inquiries.patterns import SHORTEST_SLIP, patterns_in
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
    own, possible = base_of(language), frozenset[str]()
    possible = possible.union(*(_may_be_asked_in(_tokens(one)) for one in sentences))
    if any(mark in text for mark in _QUESTION_MARKS):
        possible |= {own}
    if not possible or _is_plain(text, language):
        return None
    names = [name for name in dict.fromkeys((own, *languages())) if name in possible]
    return next((found for name in names if (found := _read_in(sentences, name)) is not None), None)


def warm() -> None:
    """Read the questions of all languages now, so that the first reply need not wait for them; none is compiled."""
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
    patterns = patterns_in(language)
    tokens = _tokens(sentence)
    if not 0 < len(tokens) <= _MOST_WORDS:
        return None
    is_marked = sentence.rstrip().endswith(_QUESTION_MARKS)
    if not is_marked and language not in _may_be_asked_in(tokens):
        return None
    corrected = tuple(_corrected(word, language) for word in tokens)
    for words in dict.fromkeys((tokens, corrected)):
        line = "".join(f"{word} " for word in words)
        for question in patterns.questions:
            if (question.marked if is_marked else question.unmarked).fullmatch(line):
                return question.inquiry
    return None


@lru_cache(maxsize=64)
def _may_be_asked_in(words: tuple[str, ...]) -> frozenset[str]:
    """Return the languages in which words without a question mark may be a question: a glance before any pattern.

    Only a pattern with a gap holds other words than its own, and without a question mark it begins by asking, behind
    words that are its own.
    """
    if not 0 < len(words) <= _MOST_WORDS:
        return frozenset()
    known_so_far, found = frozenset(languages()), frozenset[str]()
    for known, asking in map(_languages_with, words):
        found |= known_so_far & asking
        known_so_far &= known
    return found | known_so_far


@lru_cache(maxsize=16_384)
def _languages_with(word: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the languages whose patterns have a word, perhaps misspelt, and those in which it begins a question."""
    known, asking = set(), set()
    for name in languages():
        patterns, meant = patterns_in(name), _corrected(word, name)
        if meant in patterns.known or meant.startswith(patterns.stems):
            known.add(name)
        if not patterns.openers.isdisjoint((word, meant)):
            asking.add(name)
    return frozenset(known), frozenset(asking)


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
