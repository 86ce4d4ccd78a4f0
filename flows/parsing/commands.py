"""Read the commands that work at every step (`skip`, `stop`, `my data`), in every language and with a slip."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum, auto
from functools import cache, lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from flows.i18n.say import FALLBACK
from flows.parsing.politeness import plainly
from flows.parsing.vocabulary import Vocabulary, base_of, languages, others, understood, vocabulary
from flows.text.emoji import without_emoji
from flows.text.folding import fold


class GlobalWord(StrEnum):
    """The commands that a participant can give at any step."""

    SKIP = auto()
    BACK = auto()
    PAUSE = auto()
    LATER = auto()
    STOP = auto()
    LEAVE = auto()
    """To be done with something, who knows what: "cancel", "end", "enough". It is asked, see `LeaveMenu`."""
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
    TIME_ZONE = auto()


_COMMAND = re.compile(r"^\s*/(\w+)(?:@\w+)?\s*$")
"""As chat apps write commands, with the bot's name after it in a group."""


_COMMANDS: Final[Mapping[str, GlobalWord]] = {word.value: word for word in GlobalWord}
"""As a menu sends them, in a conversation of any language: a command is never an ordinary word."""


def global_word(text: str, language: str) -> GlobalWord | None:
    """Return the command that a message is (`/skip`, `Skip.`, `skpi`); None if it is none.

    The whole message must be the command, but for courtesy round it ('stop it, pls'): a sentence that merely contains
    it ('I had to stop my medicine') is an answer. Where a choice of the open question is called so ('Later'), the
    caller looks for the choice first, with `flows.parsing.answers.exact_choice`.
    """
    if len(text) > _LONGEST_MESSAGE:
        return None
    command = _COMMAND.match(text)
    if command and command[1].lower() in _COMMANDS:
        return _COMMANDS[command[1].lower()]
    key = fold(command[1].replace("_", " ") if command else without_emoji(text))
    word = _globals(language).get(key)
    if word is None and command is None and len(key.split()) in _WITH_COURTESY:
        word = _globals(language).get(fold(without_emoji(plainly(text) or "")))
    return _misspelt(key, language) if word is None else word


def asks_to_start(text: str, language: str) -> bool:
    """Return whether a whole message asks to begin ("start", "restart"), for somebody who has stopped.

    In a conversation 'start' is an ordinary word.
    """
    if len(text) > _LONGEST_MESSAGE:
        return False
    command = _COMMAND.match(text)
    key = fold(command[1] if command else without_emoji(text))
    return key in _starts() or global_word(text, language) is GlobalWord.RESTART


def asks_to_go_on(text: str, language: str) -> bool:
    """Return whether a whole message asks to go on ("continue", "I'm back", "yes, let's go on"), after a pause.

    Courtesy and a yes may stand before it. While something is open and nobody paused these are ordinary words.
    """
    return not _ongoing().isdisjoint(_plain_and_agreed(text, language))


def clearly_asks_to_go_on(text: str, language: str) -> bool:
    """Return whether a whole message asks to go on in so many words, as "continue" does and "I'm ready" does not.

    Courtesy and a yes may stand before it.
    """
    return not _continuing().isdisjoint(_plain_and_agreed(text, language))


def _plain_and_agreed(text: str, language: str) -> tuple[str, ...]:
    """Return a message without courtesy, and without a yes before it; nothing for one that is too long."""
    if len(text) > _LONGEST_MESSAGE:
        return ()
    tokens = fold(without_emoji(plainly(text) or text)).split()
    rest = tokens[1:] if tokens and tokens[0] in understood(language).yes else tokens
    return " ".join(tokens), " ".join(rest)


@cache
def _ongoing() -> frozenset[str]:
    """Return the phrases that ask to go on, or say that somebody is there again, of every language."""
    return _starts().union(_continuing(), *(vocabulary(name).globals["back_again"] for name in languages()))


@cache
def _continuing() -> frozenset[str]:
    """Return the phrases that ask to go on in so many words, of every language."""
    return frozenset().union(*(vocabulary(name).globals["go_on"] for name in languages()))


@cache
def _starts() -> frozenset[str]:
    """Return the phrases that ask to begin, of every language."""
    return frozenset().union(*(vocabulary(name).globals["start"] for name in languages()))


_WITH_COURTESY: Final = range(2, 9)
"""Words of a message that may be a command with courtesy round it."""
_LONGEST_MESSAGE: Final = 60
"""Characters: twice the longest phrase."""


_SHORTEST_SLIP: Final = 4
"""Letters. In a shorter word a slip makes another word."""


@lru_cache(maxsize=64)
def _globals(language: str) -> Mapping[str, GlobalWord]:
    """Build the table of all phrases for commands, as a conversation in this language reads them.

    The language's own phrases win. Phrases of other languages are taken unless they are ordinary words of
    this one, a yes ('fine' ends in Italian), or two languages give them different meanings.
    """
    own, agreed = vocabulary(language), understood(language).yes
    foreign: dict[str, GlobalWord | None] = {}
    for words in map(vocabulary, others(language)):
        for phrase, word in _phrases(words):
            foreign[phrase] = word if foreign.get(phrase, word) is word else None
    kept = own.ordinary | agreed
    table = {phrase: word for phrase, word in foreign.items() if word and phrase not in kept}
    return {**table, **dict(_phrases(own))}


def _phrases(words: Vocabulary) -> Iterator[tuple[str, GlobalWord]]:
    """Yield each phrase of a language with its command."""
    for word in GlobalWord:
        for phrase in words.globals.get(word.value, ()):
            yield phrase, word


@lru_cache(maxsize=64)
def _typo_words(language: str) -> Mapping[str, frozenset[str]]:
    """Map the conversation's language, then English, to the words that are recognized with a slip."""
    return {name: vocabulary(name).typo_words for name in dict.fromkeys((base_of(language), FALLBACK))}


def _misspelt(key: str, language: str) -> GlobalWord | None:
    """Find the one command that a single word misspells by one slip; None if there is none, or more than one."""
    if len(key) < _SHORTEST_SLIP or not key.isalpha():
        return None
    table = _globals(language)
    for name, known in _typo_words(language).items():
        if key in vocabulary(name).ordinary or key in vocabulary(language).ordinary:
            continue
        near = {word for word in known if OSA.distance(key, word, score_cutoff=1) == 1}
        found = {table[word] for word in near if word in table}
        if len(found) == 1:
            return found.pop()
    return None
