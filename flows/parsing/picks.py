"""Find all the choices that a reply names: '1, 3', 'side effects and cost', 'both', 'none of these'.

Labels, numbers and joining words are read here; what one label looks like is known to `choices`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from flows.parsing.choices import (
    LONGEST_REPLY,
    SIGNED,
    ChoiceText,
    agrees,
    find_in_words,
    index_of,
    labelled_so,
    unambiguous,
)
from flows.parsing.number_words import counting_number, word_ordinal
from flows.parsing.numbers import read_elsewhere
from flows.parsing.vocabulary import understood, vocabulary
from flows.text.arabic import is_arabic, with_ands_apart, without_articles
from flows.text.emoji import signs_in, without_emoji
from flows.text.folding import fold

_STRONG_SEPARATOR = re.compile(r"[,،;؛\n&+•/]+|(?<=\d)[.)](?=\s|$)|(?:^|\s)[-*](?=\s)")
_WORD = re.compile(r"[\w\u0300-\u036f\u064b-\u065f'\u2019]+")
"""A word with its accents and vowel signs, which `\\w` alone would cut off."""
_RANGE = re.compile(r"^\s*(\d{1,2})\s*[-–]\s*(\d{1,2})\s*$")  # noqa: RUF001 - phones turn '1-3' into this
_LIST_NUMBER = re.compile(r"^\s*\d{1,2}[.)]\s+(?=\D)", re.MULTILINE)
"""People number their own lists; the label beside the number is what they mean."""
_PLUS = re.compile(r"^\s*\+\s?\d")
"""'+1' is a thumb as often as a number."""
_MOST_PARTS = 40
_BOTH = 2


def find_choices(text: str, choices: tuple[ChoiceText, ...], language: str) -> frozenset[ChoiceText] | None:
    """Return the set of all choices that a reply names.

    It is empty for 'none' where no choice says so; None where the reply cannot be read. An emoji without a word picks
    nothing but a choice that is labelled so, and keycaps the choices with their numbers.
    """
    if len(text) > LONGEST_REPLY or not choices:
        return None
    if _PLUS.match(text):
        return None
    words, together = without_emoji(text, apart=True), without_emoji(text)
    if not fold(words):
        labelled = labelled_so(text, choices)
        return None if labelled is None else frozenset((labelled,))
    found = _in_words(words, choices, language)
    if words != together and (other := _in_words(together, choices, language)) is not None:
        found = other if found is None or found == other else None  # 1 and 2, or 12
    signs = signs_in(text)
    agreed = found is not None and all(agrees(signs, one, choices, language) for one in found)
    return found if agreed else None


def _in_words(text: str, choices: tuple[ChoiceText, ...], language: str) -> frozenset[ChoiceText] | None:
    """Return what `find_choices` does for a reply that is known to be words and numbers."""
    key = fold(text)
    exact = index_of(choices).by_key.get(key) or index_of(choices).by_bare.get(without_articles(key))
    if exact is not None:
        return frozenset((exact,))
    numbered = _picked_numbers(text, key, choices, language)
    if numbered is not None:
        return numbered
    words = understood(language)
    together = frozenset(choice for choice in choices if not choice.exclusive)
    if key in words.every or (key in words.both and len(together) == _BOTH):
        return together
    if key in words.none and len(together) == len(choices):
        return frozenset()
    return (
        _picked_parts(text, choices, language)
        or _picked_joined(text, key, choices, language)
        or read_elsewhere(key, language, lambda name: _picked_numbers(text, key, choices, name))
    )


def _picked_joined(
    text: str, key: str, choices: tuple[ChoiceText, ...], language: str
) -> frozenset[ChoiceText] | None:
    """Read an Arabic list, in which 'and' is written onto the word that follows it."""
    if not is_arabic(key):
        return None
    return _picked_parts(with_ands_apart(text), choices, language)


def _picked_numbers(
    text: str, key: str, choices: tuple[ChoiceText, ...], language: str
) -> frozenset[ChoiceText] | None:
    """Read a list of numbers: '1, 3', '1 and 3', '1 3', '1-3', 'one and the third'; None if it is anything else."""
    span = _RANGE.match(text)
    if span:
        numbers: list[int | None] = list(range(int(span[1]), int(span[2]) + 1))
    elif SIGNED.match(text):
        return None
    else:
        numbers = _numbers_listed(key, language)
    if not numbers or not all(number is not None and 1 <= number <= len(choices) for number in numbers):
        return None
    return frozenset(choices[number - 1] for number in numbers if number is not None)


def _numbers_listed(key: str, language: str) -> list[int | None]:
    """Return the numbers of a folded list, without the words between them; None in it for what is none."""
    words = vocabulary(language)
    passing = (words.joining | words.numbering | {"the"}) - words.no - words.counting
    tokens = [word for word in key.split() if word not in passing]
    if len(tokens) > 1 and tokens[-1] in words.choosing and word_ordinal(tokens[-2], language) is not None:
        tokens = tokens[:-1]  # 'the second one'
    return [None if word in words.counting else counting_number(word, language) for word in tokens]


def _picked_parts(text: str, choices: tuple[ChoiceText, ...], language: str) -> frozenset[ChoiceText] | None:
    """Read labels with signs or joining words between them; None unless every part is a choice.

    A label may hold such a sign itself, so the longest run of parts that is a label is taken first.
    """
    parts = _parts(text, language)
    if not 0 < len(parts) <= _MOST_PARTS:
        return None
    picked: set[ChoiceText] = set()
    place = 0
    while place < len(parts):
        step, choice = _longest_from(parts, place, choices, language)
        if choice is None:
            return None
        picked.add(choice)
        place += step
    return frozenset(picked)


def _parts(text: str, language: str) -> list[str]:
    """Split a reply at its commas, bullets, line breaks and words such as 'and'."""
    joining = vocabulary(language).joining
    signs = _STRONG_SEPARATOR.sub("\x1f", _LIST_NUMBER.sub("\n", text))
    pieces = _WORD.sub(lambda word: "\x1f" if fold(word[0]) in joining else word[0], signs)
    return [part.strip() for part in pieces.split("\x1f") if fold(part)]


_LONGEST_LABEL_PARTS = 4
"""How many parts one label may fall into: 'Gender, language or culture' has three."""


def _longest_from(
    parts: list[str], place: int, choices: tuple[ChoiceText, ...], language: str
) -> tuple[int, ChoiceText | None]:
    """Return how many parts, from a place on, make the longest label, and its choice; 1 and None if none do."""
    joined_keys = _joined_index(choices, language)
    for step in range(min(_LONGEST_LABEL_PARTS, len(parts) - place), 1, -1):
        choice = joined_keys.get(fold(" ".join(parts[place : place + step])))
        if choice is not None:
            return step, choice
    return 1, find_in_words(parts[place], choices, language)


@lru_cache(maxsize=2048)
def _joined_index(choices: tuple[ChoiceText, ...], language: str) -> Mapping[str, ChoiceText | None]:
    """Map labels as they look without signs and joining words to their choices; Arabic ones also written apart."""
    joining = vocabulary(language).joining
    names = [
        (form, choice)
        for name, choice in index_of(choices).keys
        for form in (name, with_ands_apart(name) if is_arabic(name) else name)
    ]
    return unambiguous(
        (" ".join(word for word in name.split() if word not in joining), choice) for name, choice in names
    )
