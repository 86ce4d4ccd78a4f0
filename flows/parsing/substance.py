"""Tell words that say something from those that say nothing: thanks, 'yes', 'hmm', 'I do not know', numbers, signs.

Where a story was asked for, `substance_of` names what was given in its place. It must be the whole reply, with small
words round it ('honestly, nothing at the moment'): 'nothing was explained to me' is a story.
"""

import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum, auto
from functools import lru_cache
from typing import Final, NamedTuple

from flows.parsing.commands import global_word
from flows.parsing.number_words import counting_number, may_hold_number
from flows.parsing.politeness import plainly
from flows.parsing.vocabulary import languages, understood, vocabulary
from flows.text.emoji import emoji_alone, without_emoji
from flows.text.folding import fold

_FEWEST_LETTERS = 2
"""Of a word that says something, in writing that has letters."""
_LONGEST_NO_STORY: Final = 12
"""Words of 'I am sorry, I honestly can't think of anything right now'."""
_LONGEST_PHRASE: Final = 8
_LONGEST_QUESTION: Final = 25
"""Words. A longer one tells something, too."""
_SHORTEST_TOLD: Final = 3
"""Words, at least, of what somebody may think to have told."""
_SHORTEST_ASKED: Final = 8
_FEWEST_OWN_WORDS: Final = 3
_LONGEST_NOTHING: Final = 6
"""The most words of an 'I do not know', such as 'I really do not know yet'."""
_QUESTION_END: Final = re.compile(r"[?\u061f\uff1f][\s!?.\u061f\uff1f)]*$")
_DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1{2,}")
_IS_DRAWN_OUT: Final = re.compile(r"(.)\1\1")
"""Found wherever `_DRAWN_OUT` is, in half the time."""
_SENTENCE_END: Final = re.compile(r"[.!;:\u061b\n?\u061f]\s+\S")


class Substance(StrEnum):
    """Name what words are under a question for a story: a story, or what stands in its place."""

    NOTHING = auto()
    UNKNOWN = auto()
    """They say 'I do not know', or 'I do not understand'."""
    THANKS = auto()
    """Courtesy and nothing else."""
    EMOJI = auto()
    NUMBER = auto()
    DOTS = auto()
    """Signs without a word, and sounds of somebody who hesitates: 'hmm'."""
    QUESTION = auto()
    """One question, which may be one to us."""
    STORY = auto()


def substance_of(text: str, language: str) -> Substance:
    """Return what words are under a question for a story, in a conversation of a language."""
    tokens = fold(without_emoji(text)).split()
    if not tokens:
        return _of_signs(text)
    if len(tokens) <= _LONGEST_NO_STORY:
        kind = _no_story(tokens, language)
        if kind is not None:
            return kind
        if _is_number(tokens, language):
            return Substance.NUMBER
    is_question = _QUESTION_END.search(text) and not _SENTENCE_END.search(text)
    return Substance.QUESTION if is_question and len(tokens) <= _LONGEST_QUESTION else Substance.STORY


def is_no_story(text: str, language: str) -> bool:
    """Return whether words are no story: nothing, 'I do not know', thanks, signs, a number, or a question back."""
    return substance_of(text, language) is not Substance.STORY


def says_nothing(text: str, language: str) -> bool:
    """Return whether words say 'no' or 'nothing', and nothing else."""
    return substance_of(text, language) is Substance.NOTHING


def has_substance(text: str, language: str) -> bool:
    """Return whether words tell something that somebody may want to read.

    Not so for commands, courtesy, yes and no, 'nothing', 'I do not know', numbers, small words alone, and what has no
    letters.
    """
    if global_word(text, language) is not None or substance_of(text, language) not in _TELLING:
        return False
    key, known = fold(without_emoji(plainly(text) or text)), understood(language)
    if key in known.yes | known.every | known.both:
        return False
    empty = _empty_words(language)
    return any(_tells(word, language) for word in key.split() if word not in empty)


_TELLING: Final = frozenset({Substance.STORY, Substance.QUESTION})


def tells_a_story(text: str, language: str) -> bool:
    """Return whether words have so much in them that their author may think to have told something.

    A question has, if it is long: 'Are you there?' tells nothing.
    """
    length = len(text.split())
    is_long = length >= (
        _SHORTEST_TOLD if substance_of(text, language) is Substance.STORY else _SHORTEST_ASKED
    )
    return is_long and has_substance(text, language)


def says_something(text: str, language: str) -> bool:
    """Return whether words that are no choice are a sentence of the participant's own.

    Not so for a question, 'I do not know', or numbers and small words alone.
    """
    key = fold(without_emoji(text))
    tokens, (nothing, small) = key.split(), _nothing_and_small_words(language)
    beginnings = (" ".join(tokens[:length]) for length in range(1, min(_LONGEST_NOTHING, len(tokens)) + 1))
    if text.rstrip().endswith(("?", "\u061f")) or not nothing.isdisjoint(beginnings):
        return False
    telling = [word for word in tokens if word not in small]
    if may_hold_number(key, language):
        telling = [word for word in telling if counting_number(word, language) is None]
    return len(tokens) >= _FEWEST_OWN_WORDS and len(telling) >= _FEWEST_OWN_WORDS - 1


@lru_cache(maxsize=64)
def _nothing_and_small_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the replies of a language that tell nothing, and its small words."""
    known, words = understood(language), vocabulary(language)
    nothing = known.unknown | known.none | known.no
    return nothing, words.filler | words.numbering | words.joining | words.negation


def names_no_medicine(text: str, language: str) -> bool:
    """Return whether a whole reply says that no medicine is meant: 'not a medicine', 'no, it was not the tablets'.

    In any language, with small words round it.
    """
    return _is_only(text, _around_medicine(language, "no_medicine"))


def refers_back(text: str, language: str) -> bool:
    """Return whether a whole reply says that it was said before and nothing else: 'same as before'."""
    return _is_only(text, _around_medicine(language, "told_before"))


def _is_only(text: str, phrases: "_Phrases") -> bool:
    """Return whether a text is such phrases and nothing else."""
    tokens = fold(without_emoji(text)).split()
    return len(tokens) <= _LONGEST_NO_STORY and phrases.are(tokens)


def _of_signs(text: str) -> Substance:
    """Return what a text without a word is."""
    if emoji_alone(text) is not None:
        return Substance.EMOJI
    return Substance.QUESTION if _QUESTION_END.search(text) else Substance.DOTS


def _no_story(tokens: list[str], language: str) -> Substance | None:
    """Return what words are that are phrases in place of a story and nothing else; None for other words."""
    known = _phrase_words(language)
    for token in tokens:
        if token not in known and _as_drawn_out(token) not in known:
            return None  # nearly always found by the first word
    sounds = [_as_drawn_out(token) for token in tokens]
    softening = vocabulary(language).softening
    plain = [token for token in sounds if token not in softening]
    found = (one for one in _phrases(language) if one.are(sounds) or (plain != sounds and one.are(plain)))
    return next((one.substance for one in found), None)


def _as_drawn_out(word: str) -> str:
    """Return a word with each letter that stands three times or more written twice: 'hmmmm' is 'hmm'."""
    return _DRAWN_OUT.sub(r"\1\1", word) if _IS_DRAWN_OUT.search(word) else word


class _Phrases(NamedTuple):
    """Hold what may stand in place of a story: phrases of `core`, with those of `around` round them."""

    substance: Substance
    core: frozenset[str]
    around: frozenset[str]

    def are(self, tokens: Sequence[str]) -> bool:
        """Return whether words, in their order, are such phrases and nothing else, one of `core` among them."""
        reached = {(0, False)}
        for start in range(len(tokens)):
            if (start, False) not in reached and (start, True) not in reached:
                continue
            for end in range(start + 1, min(start + _LONGEST_PHRASE, len(tokens)) + 1):
                phrase = " ".join(tokens[start:end])
                if phrase in self.core:
                    reached |= {(end, True) for at, _ in tuple(reached) if at == start}
                elif phrase in self.around:
                    reached |= {(end, has_core) for at, has_core in tuple(reached) if at == start}
        return (len(tokens), True) in reached


@lru_cache(maxsize=64)
def _phrases(language: str) -> tuple[_Phrases, ...]:
    """Return what may stand in place of a story in a language."""
    known, own = understood(language), vocabulary(language)
    polite = frozenset[str]().union(*(vocabulary(name).polite for name in languages()))
    sounds = _hesitating(language)
    nothing, around = known.no | known.none | own.nothing_to_tell, own.softening | polite | sounds
    listed = (
        (Substance.NOTHING, nothing, around),
        (Substance.UNKNOWN, known.unknown | own.not_understood, around | nothing),
        (Substance.QUESTION, own.asking_back, around),
        (Substance.THANKS, polite, own.softening | sounds),
        (Substance.DOTS, sounds, own.softening | polite),
    )
    return tuple(_Phrases(*one) for one in listed)


@lru_cache(maxsize=64)
def _around_medicine(language: str, name: str) -> _Phrases:
    """Return the phrases of a set of all vocabularies, with a yes or a no and small words of a language round them."""
    known, own = understood(language), vocabulary(language)
    polite = frozenset[str]().union(*(vocabulary(one).polite for one in languages()))
    core = frozenset[str]().union(*(getattr(vocabulary(one), name) for one in languages()))
    around = own.softening | polite | _hesitating(language) | known.no
    return _Phrases(Substance.NOTHING, core, around)


@lru_cache(maxsize=64)
def _phrase_words(language: str) -> frozenset[str]:
    """Return the words of all these phrases."""
    phrases = frozenset[str]().union(*(one.core | one.around for one in _phrases(language)))
    return frozenset(" ".join(phrases).split())


def _hesitating(language: str) -> frozenset[str]:
    """Return the sounds of hesitation of a language, and those of others that are none of its words.

    Of other languages only what two of them share: 'Ben' is a name wherever French is not spoken.
    """
    own, known = vocabulary(language), understood(language)
    heard = Counter(sound for name in languages() for sound in vocabulary(name).hesitating)
    words = own.ordinary | own.filler | known.yes | known.unknown | own.amounts.keys() | own.ordinals.keys()
    return own.hesitating | ({sound for sound, count in heard.items() if count > 1} - words)


def _is_number(tokens: list[str], language: str) -> bool:
    """Return whether words are numbers in digits, perhaps with words such as 'number' and 'and' before them."""
    passed = _passed_words(language)
    for token in tokens:
        if not token.isdecimal() and token not in passed:
            return False  # nearly always found by the first word
    return not passed.issuperset(tokens)


@lru_cache(maxsize=64)
def _passed_words(language: str) -> frozenset[str]:
    """Return the words that may stand with a number: 'number', 'and'."""
    return vocabulary(language).numbering | vocabulary(language).joining


def _tells(word: str, language: str) -> bool:
    """Return whether a word is one of letters, and no number."""
    letters = sum(map(str.isalpha, word))
    return letters >= _FEWEST_LETTERS and counting_number(word, language) is None


@lru_cache(maxsize=64)
def _empty_words(language: str) -> frozenset[str]:
    """Return the words that say nothing by themselves."""
    words = vocabulary(language)
    return words.filler | words.numbering | words.joining | words.negation | words.polite
