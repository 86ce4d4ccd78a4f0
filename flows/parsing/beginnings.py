"""Find the choice that a reply begins with, where more follows: 'yes, last week', 'No because it was closed'.

What begins a reply is a label, or a yes or no; a sign, or a word such as 'because', parts it from the rest. 'No' before
another word is often that word's own ('no doctor came'), so that the vocabulary names what may follow it
(`no_first`). Nothing is found where the rest says otherwise: the contrary, another choice, 'I do not know', a command,
or a question.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from flows.parsing.choices import LONGEST_REPLY, ChoiceText, agrees, find_in_words, find_meaning, index_of
from flows.parsing.commands import global_word
from flows.parsing.picks import find_choices
from flows.parsing.politeness import plainly
from flows.parsing.substance import Substance, has_substance, substance_of
from flows.parsing.vocabulary import Vocabulary, languages, understood, vocabulary
from flows.text.emoji import signs_in, without_emoji
from flows.text.folding import fold

_SIGN: Final = re.compile(r"[.,،;؛:!\n()…–—]|\s-\s")  # noqa: RUF001 - people write these
_WORD: Final = re.compile(r"\S+")
_LONGEST_YES: Final = 4
"""Words of 'yes of course', and of 'no it' in `no_first`."""


class Beginning(NamedTuple):
    """Hold the choice that a reply begins with, and the words after it."""

    choice: ChoiceText
    rest: str


def find_beginning(text: str, choices: tuple[ChoiceText, ...], language: str) -> Beginning | None:
    """Return the choice that a reply begins with, and what follows; None where there is none, or it is not sure."""
    if len(text) > LONGEST_REPLY or "?" in text or "\u061f" in text:
        return None
    words = without_emoji(text)
    for head, rest in _parted(words, language):
        choice = _meant_by(head, choices, language) or _labelled(head, rest, choices, language)
        if choice is not None:
            sure = agrees(signs_in(text), choice, choices, language) and _agrees(
                choice, rest, choices, language
            )
            return Beginning(choice, rest) if sure else None
    return None


def find_beginning_choices(
    text: str, choices: tuple[ChoiceText, ...], language: str
) -> tuple[frozenset[ChoiceText] | None, str]:
    """Return the choices that a reply names before it says why, and the rest; None and '' where it names none so.

    One that excludes the others may be followed by anything.
    """
    begun = find_beginning(text, choices, language)
    if begun is not None and begun.choice.exclusive:
        return frozenset((begun.choice,)), begun.rest
    words = without_emoji(text) if len(text) <= LONGEST_REPLY else ""
    head, rest = _before_reason(words, language)
    found = find_choices(head, choices, language) if rest else None
    if not found or not _is_all(found, rest, choices):
        return None, ""
    return found, rest


def find_shortfall(text: str, language: str) -> str | None:
    """Return what follows words by which something is not quite right ('almost, but ...'); '' where nothing does.

    None for all other words, where a sign says yes, and for a question.
    """
    if len(text) > LONGEST_REPLY or "?" in text or "\u061f" in text or signs_in(text).yes:
        return None
    words = plainly(text) or without_emoji(text)
    ways = ((fold(words), ""), *_parted(without_emoji(text), language))
    return next((rest for head, rest in ways if _falls_short(head, language)), None)


def _falls_short(head: str, language: str) -> bool:
    """Return whether words, folded, say that something is not quite right, with small words round them or without."""
    phrases, softening = _shortfalls(language), vocabulary(language).softening
    plain = " ".join(word for word in head.split() if word not in softening)
    return head in phrases or plain in phrases


@lru_cache(maxsize=64)
def _shortfalls(language: str) -> frozenset[str]:
    """Return the phrases by which something is not quite right, of every language; none that is a yes in this one."""
    listed = frozenset[str]().union(*(vocabulary(name).not_quite for name in languages()))
    return vocabulary(language).not_quite | (
        listed - understood(language).yes - vocabulary(language).ordinary
    )


def says_more(text: str, choice: ChoiceText, choices: tuple[ChoiceText, ...], language: str) -> bool:
    """Return whether a reply that was read as a choice, since its label stands in it, tells more than that."""
    words = without_emoji(text)
    if not fold(words) or find_in_words(words, choices, language) is not None:
        return False
    key = f" {fold(words)} "
    names = sorted((fold(name) for name in (choice.label, *choice.aliases)), key=len, reverse=True)
    name = next((name for name in names if name and f" {name} " in key), None)
    if name is None:
        return False
    rest = key.replace(f" {name} ", " ", 1)
    return len(rest.split()) >= _FEWEST_WORDS and has_substance(rest, language)


_FEWEST_WORDS: Final = 2
"""Of what is told beside a label: one word changes little."""


def _parted(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield the ways in which a reply can be parted into its first words, folded, and the rest as it was written."""
    own = vocabulary(language)
    sign = _SIGN.search(text)
    if sign is not None and fold(text[: sign.start()]) and fold(text[sign.end() :]):
        yield fold(text[: sign.start()]), text[sign.end() :].strip()
    head, rest = _before_reason(text, language)
    if rest:
        yield fold(head), rest
    first, _, others = text.strip().partition(" ")
    if fold(others) and _is_open(fold(text), own):
        yield fold(first), others.strip()


def _before_reason(text: str, language: str) -> tuple[str, str]:
    """Return a reply in two: its words before the first 'because' or 'but', and the rest; '' for no such rest."""
    parting, beginnings = _parting(language)
    if beginnings.isdisjoint(fold(text).split()):
        return text, ""  # most texts
    for found in _WORD.finditer(text):
        if found.start() and fold(found[0]) in parting:
            return text[: found.start()].strip(), text[found.start() :].strip()
    return text, ""


@lru_cache(maxsize=64)
def _parting(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the phrases for 'because' and 'but' in a language, and the first words of these."""
    own = vocabulary(language)
    phrases = own.reasons | own.turning
    return phrases, _first_words(phrases)


def _is_open(key: str, own: Vocabulary) -> bool:
    """Return whether a reply begins with a yes or no that is one whatever follows."""
    tokens = key.split()
    begun = {" ".join(tokens[:length]) for length in range(1, _LONGEST_YES + 1)}
    return not begun.isdisjoint(own.yes_first | own.no_first)


def _meant_by(head: str, choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Return the choice that means yes or no, where the first words are that and begin with the word for it."""
    own, known = vocabulary(language), understood(language)
    first = head.partition(" ")[0]
    is_yes = first in _first_words(own.yes_first) and head in known.yes | {first}
    is_no = first in _first_words(own.no_first) and head in known.no | {first}
    return find_meaning(choices, language, yes=is_yes) if is_yes != is_no else None


def _first_words(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(phrase.partition(" ")[0] for phrase in phrases)


def _labelled(head: str, rest: str, choices: tuple[ChoiceText, ...], language: str) -> ChoiceText | None:
    """Return the choice whose label the first words are; never a yes or no, nor a number.

    By an alias only where no 'but' follows, and no story: 'Before, I ...'.
    """
    known = understood(language)
    is_word = any(map(str.isalpha, head)) and head not in known.yes | known.no
    choice = index_of(choices).by_key.get(head) if is_word else None
    if choice is None or head == fold(choice.label):
        return choice
    is_sure = len(rest.split()) <= _MOST_BEHIND and _first(rest) not in vocabulary(language).turning
    return choice if is_sure else None


_MOST_BEHIND: Final = 8
"""Words behind a mere word for a label."""


def _first(rest: str) -> str:
    """Return the first word of the rest of a reply, folded; '' for none."""
    return fold(rest).partition(" ")[0]


def _agrees(choice: ChoiceText, rest: str, choices: tuple[ChoiceText, ...], language: str) -> bool:
    """Return whether the rest of a reply does not say otherwise than the choice that it begins with."""
    own = vocabulary(language)
    tokens = fold(rest).split()
    while tokens and tokens[0] in own.reasons | own.turning | own.joining:
        tokens = tokens[1:]
    key = " ".join(tokens)
    if global_word(rest, language) is not None or substance_of(rest, language) is Substance.UNKNOWN:
        return False
    opposite = _contrary(choice, choices, language)
    if opposite and (key in opposite or (tokens and not opposite.isdisjoint(_bare(tokens[0])))):
        return False
    return _is_all(frozenset((choice,)), rest, choices)


def _bare(word: str) -> tuple[str, str]:
    """Return a word, and without the Arabic 'and' that is written on to it."""
    return word, word.removeprefix("و")


def _is_all(found: frozenset[ChoiceText], rest: str, choices: tuple[ChoiceText, ...]) -> bool:
    """Return whether the rest of a reply names no choice beside those that were found."""
    key = f" {fold(rest)} "
    return not any(f" {name} " in key for name, other in index_of(choices).keys if other not in found)


def _contrary(choice: ChoiceText, choices: tuple[ChoiceText, ...], language: str) -> frozenset[str]:
    """Return the words that say the contrary of a choice that means yes, or no; none for other choices."""
    known = understood(language)
    if choice == find_meaning(choices, language, yes=True):
        return known.no
    return known.yes if choice == find_meaning(choices, language, yes=False) else frozenset()
