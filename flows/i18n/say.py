"""The bot's own words, and the words that work everywhere. By language: English here, others are added as
data.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum, auto
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from babel.numbers import format_decimal

from flows.i18n.catalogs import sentence_in, words_language
from flows.i18n.messages import ENGLISH, PLURALS, Sentence
from flows.parsing.vocabulary import Vocabulary, base_of, others, vocabulary
from flows.text.folding import fold
from flows.text.templates import babel_name, isolated

__all__ = ["FALLBACK", "GlobalWord", "Sentence", "global_word", "say"]

FALLBACK: Final = "en"
"""What is said where a language has no words yet."""


class GlobalWord(StrEnum):
    """What a person can say at any step."""

    SKIP = auto()
    BACK = auto()
    PAUSE = auto()
    LATER = auto()
    STOP = auto()
    HELP = auto()
    RESTART = auto()
    HUMAN = auto()
    MY_DATA = auto()
    DELETE_MY_DATA = auto()
    LINK = auto()
    MY_CHOICES = auto()
    NO_CONTACT = auto()
    NOT_MY_WORDS = auto()
    LANGUAGE = auto()


_COMMAND = re.compile(r"^\s*/(\w+)(?:@\w+)?\s*$")
"""As chat apps write commands, with the bot's name after it in a group."""

_COMMANDS: Final[Mapping[str, GlobalWord]] = {word.value: word for word in GlobalWord}
"""As a menu sends them, in a talk of any language: a command is never an ordinary word."""


def global_word(text: str, language: str) -> GlobalWord | None:
    """The word that works everywhere, if the whole message is one (`/skip`, `Skip.`, `skpi`); else None.

    A sentence that merely contains it ('I had to stop my medicine') is an answer. Where a choice of the open
    question is called so ('Later'), the host looks for the choice first, with `flows.parsing.answers.exact_choice`.
    """
    if len(text) > _LONGEST_MESSAGE:
        return None
    command = _COMMAND.match(text)
    if command and command[1].lower() in _COMMANDS:
        return _COMMANDS[command[1].lower()]
    key = fold(command[1].replace("_", " ") if command else text)
    word = _globals(language).get(key)
    return _misspelt(key, language) if word is None else word


_LONGEST_MESSAGE: Final = 60
"""Characters: twice the longest phrase."""

_SHORTEST_SLIP: Final = 4
"""Letters. In a shorter word a slip makes another word."""


@lru_cache(maxsize=64)
def _globals(language: str) -> Mapping[str, GlobalWord]:
    """Every language's words, one table for each language of a talk, whose own words win.

    The ordinary words of the talk's language are left to it; a word that two other languages give different
    meanings is none.
    """
    own = vocabulary(language)
    foreign: dict[str, GlobalWord | None] = {}
    for words in map(vocabulary, others(language)):
        for phrase, word in _phrases(words):
            foreign[phrase] = word if foreign.get(phrase, word) is word else None
    table = {phrase: word for phrase, word in foreign.items() if word and phrase not in own.ordinary}
    return {**table, **dict(_phrases(own))}


def _phrases(words: Vocabulary) -> Iterator[tuple[str, GlobalWord]]:
    for word in GlobalWord:
        for phrase in words.globals.get(word.value, ()):
            yield phrase, word


@lru_cache(maxsize=64)
def _typo_words(language: str) -> Mapping[str, frozenset[str]]:
    """The words known with a slip, by the language that they are of: the talk's, then English."""
    return {name: vocabulary(name).typo_words for name in dict.fromkeys((base_of(language), FALLBACK))}


def _misspelt(key: str, language: str) -> GlobalWord | None:
    if len(key) < _SHORTEST_SLIP or not key.isalpha():
        return None
    from rapidfuzz.distance import OSA  # here: exact words need no fuzzy matching

    table = _globals(language)
    for name, known in _typo_words(language).items():
        if key in vocabulary(name).ordinary or key in vocabulary(language).ordinary:
            continue
        near = {word for word in known if OSA.distance(key, word, score_cutoff=1) == 1}
        found = {table[word] for word in near if word in table}
        if len(found) == 1:
            return found.pop()
    return None


def say(sentence: Sentence, language: str, **fields: object) -> str:
    """The sentence in the language (the fallback where it has none), with its fields filled in.

    Fields are put in as they are and never read as a template; a `date` or `datetime` is written out in the
    language.

    Raises:
        KeyError: a field is missing; that is a mistake in the program, and a test finds it.
    """
    if not fields and words_language(language) == FALLBACK:
        return ENGLISH[sentence]
    counted = fields.get(PLURALS[sentence]) if sentence in PLURALS else None
    template = sentence_in(sentence, language, counted if isinstance(counted, int | float) else None)
    if not fields:
        return template
    spoken = words_language(language)
    return template.format_map({key: _shown(value, spoken) for key, value in fields.items()})


def _shown(value: object, language: str) -> str:
    match value:
        case date():
            return str(format_date(value, format="long", locale=babel_name(language)))
        case bool():
            return str(value)
        case int() | float():
            return format_decimal(value, locale=babel_name(language))
        case _:
            return isolated(str(value), language)
