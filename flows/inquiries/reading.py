"""Read what people ask the bot: who reads this, how long it takes, why it asks.

Precise rather than wide: a sentence is one of these questions only if one pattern of `flows/library/inquiries` covers
all of it, but for words that change nothing. An answer that merely holds such words ('nobody told me who reads it') is
an answer.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, Self

from flows.inquiries.inquiry import SOCIAL, Inquiry
from flows.inquiries.patterns import LanguagePatterns, PossibleReading, every_pattern, patterns_in
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
_MAY_END: Final = re.compile(r"[.!?\u061f\u2026;\n]")
_QUESTION_MARKS: Final = ("?", "\u061f")


class InquirySentence(NamedTuple):
    """Hold a sentence or a clause of a message: its folded words, and how it may be read in each language."""

    text: str
    words: tuple[str, ...]
    readings: Mapping[str, PossibleReading]

    @classmethod
    def of(cls, text: str) -> Self:
        """Return a text as a sentence."""
        words = tuple(fold(without_emoji(text)).split())
        is_marked = _has_a_mark(text)
        if len(words) > _MOST_WORDS and not is_marked:  # with a mark its last clause may ask alone
            return cls(text, words, {})
        return cls(text, words, every_pattern().possible(words, is_marked=is_marked))

    @property
    def is_marked(self) -> bool:
        """Return whether it ends with a question mark."""
        return _has_a_mark(self.text)

    def asks(self, language: str) -> Inquiry | None:
        """Return which question it is in a language; None for none, and for more words than a question has."""
        possible = self.readings.get(language)
        if possible is None or len(self.words) > _MOST_WORDS:
            return None
        return possible.inquiry(self.words, is_marked=self.is_marked)


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
    parts = _ENDS.split(text) if _MAY_END.search(text) else [text]
    sentences = [InquirySentence.of(one) for one in parts if one.strip()]
    possible = {language for one in sentences for language in one.readings}
    if not possible:
        return None
    names = [name for name in dict.fromkeys((base_of(language), *languages())) if name in possible]
    found = next((found for name in names if (found := _read_in(sentences, name)) is not None), None)
    return None if found is None or _is_plain(text, language) else found


def _has_a_mark(text: str) -> bool:
    """Return whether a text ends with a question mark."""
    return text.rstrip().endswith(_QUESTION_MARKS)


def warm() -> None:
    """Read the questions of all languages now, so that the first reply need not wait for them."""
    every_pattern()


def is_a_question_back(text: str, language: str) -> bool:
    """Return whether words end with a question mark and begin as a question does, or are nothing but such marks.

    'What do you mean?' is one, 'I will ask what matters to you?' is none.
    """
    tokens = fold(without_emoji(text)).split()
    if not _has_a_mark(text):
        return False
    begun = {" ".join(tokens[:length]) for length in range(1, _LONGEST_ASKING + 1)}
    return not tokens or not begun.isdisjoint(patterns_in(base_of(language)).asking)


MAY_BE_TOLD: Final = frozenset({Inquiry.GENUINE, Inquiry.VOLUNTARY})
"""What has the words of a story in languages that ask by a sign alone: 'tengo que pagar', 'c'est obligatoire'."""


def may_be_told(text: str) -> bool:
    """Return whether words without a question mark begin as a statement may, in any language.

    'Tengo que pagar' is asked or told. Small words may stand before it.
    """
    if _has_a_mark(text):
        return False
    return any(_begins_as_told(fold(without_emoji(text)).split(), patterns_in(name)) for name in languages())


def is_worth_keeping(asked: InquiryReading, text: str) -> bool:
    """Return whether people must read a text, although the bot answers it.

    More stands beside the question, it is about health ('is it normal that I bleed?'), or it may be a statement.
    """
    is_told = not MAY_BE_TOLD.isdisjoint(asked.inquiries) and may_be_told(text)
    return bool(asked.rest) or is_told or Inquiry.MEDICAL in asked.inquiries


def is_for_people(text: str, language: str) -> bool:
    """Return whether people must read a text: it asks the bot nothing, or more than what the bot answers."""
    asked = read_inquiries(text, language)
    return asked is None or is_worth_keeping(asked, text)


def _begins_as_told(tokens: Sequence[str], known: LanguagePatterns) -> bool:
    """Return whether words begin as a statement does, once the small words before it are left out."""
    for start, word in enumerate(tokens):
        ends = range(start + 1, start + _LONGEST_ASKING + 1)
        if any(" ".join(tokens[start:end]) in known.stating for end in ends):
            return True
        if word not in known.fillers:
            return False
    return False


def _is_plain(text: str, language: str) -> bool:
    """Return whether words are a yes, a no or the like as a whole, which ask nothing; courtesy may stand round it."""
    plain = _plain_words(language)
    return any(fold(without_emoji(words)) in plain for words in (text, plainly(text) or text))


@lru_cache(maxsize=64)
def _plain_words(language: str) -> frozenset[str]:
    known = understood(language)
    return known.yes | known.no | known.none | known.unknown | known.every | known.both


def _read_in(sentences: Sequence[InquirySentence], language: str) -> InquiryReading | None:
    """Read the sentences of a message by the questions of one language.

    Small words alone ask nothing: 'I want to' may be the beginning of anything.
    """
    found: dict[Inquiry, None] = {}
    rest: list[str] = []
    for sentence in sentences:
        clause, before = _asking_clause(sentence, language)
        if clause is not None and clause not in SOCIAL and not has_substance(sentence.text, language):
            clause, before = None, ""
        if clause is None:
            rest.append(sentence.text)
        else:
            found[clause] = None
            if before:
                rest.append(before)
    asked = tuple(one for one in found if one not in SOCIAL)
    if asked:
        telling = " ".join(one.strip() for one in rest if has_substance(one, language))
        return InquiryReading(asked, telling)
    return InquiryReading(tuple(found)[-1:], "") if found and not rest else None


def _asking_clause(sentence: InquirySentence, language: str) -> tuple[Inquiry | None, str]:
    """Return what a sentence asks, and what it says before that; (None, '') where it asks nothing.

    With a question mark its last clause may ask alone: 'I forgot what I said, can you show me my answers?'
    """
    whole = sentence.asks(language)
    if whole is not None or not sentence.is_marked:
        return whole, ""
    *before, last = (InquirySentence.of(one) for one in re.split(r"[,\u060c:]\s+", sentence.text))
    asked = last.asks(language) if before else None
    if asked is None or asked in SOCIAL:
        return None, ""
    return asked, ", ".join(one.text for one in before if one.asks(language) not in SOCIAL)
