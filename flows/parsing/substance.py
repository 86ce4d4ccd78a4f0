"""Tell words that say something from those that say nothing: thanks, 'yes', 'I do not know', numbers, signs alone."""

from functools import lru_cache

from flows.parsing.commands import global_word
from flows.parsing.numbers import counting_number
from flows.parsing.politeness import plainly
from flows.parsing.vocabulary import understood, vocabulary
from flows.text.emoji import without_emoji
from flows.text.folding import fold

_FEWEST_LETTERS = 2
"""Of a word that says something, in writing that has letters."""


def has_substance(text: str, language: str) -> bool:
    """Return whether words tell something that somebody may want to read.

    Not so for commands, courtesy, yes and no, 'nothing', 'I do not know', numbers, small words alone, and what has no
    letters.
    """
    words = without_emoji(plainly(text) or text)
    key = fold(words)
    known = understood(language)
    if (
        not key
        or global_word(text, language) is not None
        or key in known.yes
        or key in known.no
        or key in known.none
        or key in known.unknown
    ):
        return False
    empty = _empty_words(language)
    return any(_tells(word, language) for word in key.split() if word not in empty)


def _tells(word: str, language: str) -> bool:
    """Return whether a word is one of letters, and no number."""
    letters = sum(map(str.isalpha, word))
    return letters >= _FEWEST_LETTERS and counting_number(word, language) is None


@lru_cache(maxsize=64)
def _empty_words(language: str) -> frozenset[str]:
    """Return the words that say nothing by themselves."""
    words = vocabulary(language)
    return words.filler | words.numbering | words.joining | words.negation | words.polite
