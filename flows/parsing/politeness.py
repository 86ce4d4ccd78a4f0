"""Take away words of courtesy round a reply ('please', 'thank you'): they change nothing in what it means.

Also tell a yes that is mere courtesy, or given against one's will.
"""

import re
from functools import cache
from typing import Final

from flows.parsing.vocabulary import consists_of, languages, others, understood, vocabulary
from flows.text.emoji import emoji_of, with_emoji, without_emoji
from flows.text.folding import fold, without_drawn_letters

_WORD: Final = re.compile(r"[\w\u0300-\u036f\u064b-\u065f'\u2019-]+")
_LONGEST_PHRASE: Final = 4
"""Words: 's'il vous plaît', 'muchas gracias a usted'."""
_LONGEST_REPLY: Final = 400
"""Characters. What is longer is a story."""


def plainly(text: str) -> str | None:
    """Return the text without words of courtesy ('please'), of any language, at its two ends.

    Emoji stay. None where there are no such words, or no other word is left.
    """
    text = with_emoji(text, unknown=" ")
    if len(text) > _LONGEST_REPLY or (text.isascii() and not _may_be_polite(text, text)):
        return None  # most replies: nothing more is looked at
    spans = [found.span() for found in _WORD.finditer(text)]
    if not spans or not _may_be_polite(text[slice(*spans[0])], text[slice(*spans[-1])]):
        return None
    keys = [fold(text[start:end]) for start, end in spans]
    first, last = 0, len(keys)
    while step := _phrase(keys[first:last]):
        first += step
    while step := _phrase(keys[first:last], at_end=True):
        last -= step
    if first == last or (first, last) == (0, len(keys)):
        return None
    start = spans[first][0] if first else 0
    end = spans[last - 1][1] if last < len(keys) else len(text)
    return emoji_of(text[:start]) + text[start:end] + emoji_of(text[end:])


def is_half_a_yes(text: str, language: str) -> bool:
    """Return whether a whole reply agrees out of courtesy alone ('ok') or against one's will ('yes, if I must').

    Of the other languages the words that are no plain yes or no in this one are known too.
    """
    if len(text) > _LONGEST_REPLY:
        return False
    keys = [fold(without_emoji(words)) for words in (text, plainly(text) or text)]
    replies = dict.fromkeys((*keys, *map(without_drawn_letters, keys)))
    return any(_is_half(tuple(key.split()), language) for key in replies)


def _is_half(tokens: tuple[str, ...], language: str) -> bool:
    """Return whether these words are phrases that agree by half, or a yes with what takes half of it back.

    That is something unwilling, or what is no yes of itself: 'yes, whatever', 'if you like, yes'. 'Yes, ok' is whole.
    """
    half, unwilling = _half(language)
    if consists_of(tokens, half | unwilling):
        return True
    known = understood(language).yes
    if " ".join(tokens) in known:  # 'por mí sí' is a whole one, though 'por mí' is none
        return False
    halves = (half - known) | unwilling
    return any(
        (consists_of(one, known | half) and consists_of(other, halves))
        for end in range(1, len(tokens))
        for one, other in ((tokens[:end], tokens[end:]), (tokens[end:], tokens[:end]))
    )


@cache
def _half(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the phrases of courtesy that agree, and those that do so against one's will."""
    own = vocabulary(language)
    foreign = [vocabulary(name) for name in others(language)]
    plain = (own.yes - own.half_yes - own.unwilling) | own.no
    half = frozenset().union(*(words.half_yes for words in foreign)) - plain
    unwilling = frozenset().union(*(words.unwilling for words in foreign)) - plain
    return own.half_yes | half, own.unwilling | unwilling


def _may_be_polite(first: str, last: str) -> bool:
    """Return whether the first of a text's words may begin a phrase of courtesy, or its last one end one.

    `first` and `last` are these words; each may be the whole text instead.
    """
    beginnings, ends = _outer_words()
    key = fold(first)
    if key.partition(" ")[0] in beginnings:
        return True
    return (key if last is first else fold(last)).rpartition(" ")[2] in ends


@cache
def _outer_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the first words of all phrases of courtesy, and the last ones."""
    phrases = [phrase.split(" ") for phrase in _polite()]
    return frozenset(words[0] for words in phrases), frozenset(words[-1] for words in phrases)


def _phrase(keys: list[str], *, at_end: bool = False) -> int:
    """Count the words at the start, or at the end, that are the longest phrase of courtesy; 0 if there is none."""
    for length in range(min(_LONGEST_PHRASE, len(keys)), 0, -1):
        if " ".join(keys[-length:] if at_end else keys[:length]) in _polite():
            return length
    return 0


@cache
def _polite() -> frozenset[str]:
    """Return the phrases of courtesy of every language."""
    return frozenset().union(*(vocabulary(name).polite for name in languages()))
