"""Read wishes for a language: the word 'language', or with the name of one, in any language."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Final

from babel.core import Locale

from flows.i18n.localized_flow import name_of
from flows.parsing.politeness import plainly
from flows.parsing.vocabulary import languages, vocabulary
from flows.text.emoji import without_emoji
from flows.text.folding import fold

_LONGEST: Final = 60
"""Characters, as for the other words that work everywhere."""
_QUESTION_MARKS: Final = ("?", "\u061f")
_CODE: Final = 2
"""Letters: 'es' and 'no' are codes of languages, and words too."""
_BEFORE_A_NAME: Final = frozenset({"in", "en", "auf", "em"})
"""'In' a language; the Arabic one is written on to the name."""


def asked_language(text: str) -> str | None:
    """Return the name, folded, of the language that a message such as 'language español' asks for.

    None where the message is not of this form, or what follows is the name of no language.
    """
    if len(text) > _LONGEST:
        return None
    key = fold(without_emoji(text))
    first, _, rest = key.partition(" ")
    if not rest or first not in _openers():
        return None
    is_marked = text.rstrip().endswith(_QUESTION_MARKS)
    phrases = [
        known
        for known, is_plain in _openers()[first].items()
        if key.startswith(f"{known} ") and (is_plain or is_marked)
    ]
    phrase = max(phrases, key=len, default="")
    wanted = key[len(phrase) + 1 :] if phrase else ""
    names = [
        name for name in (wanted, plainly(wanted)) if name and (len(name) > _CODE or phrase in _wishes())
    ]
    return next((name for name in names if language_named(name)), None)


def language_alone(text: str) -> str | None:
    """Return the name of a language, folded, where a reply is that name or ends with 'in' and the name; else None.

    Such as 'espanol' of 'español, por favor', or 'spanish' of 'can we speak in Spanish?'.
    """
    if len(text) > _LONGEST:
        return None
    key = fold(without_emoji(plainly(text) or text))
    tokens = key.split()
    behind = (" ".join(tokens[place:]) for place, word in enumerate(tokens, 1) if word in _BEFORE_A_NAME)
    joined = tokens[-1].removeprefix("ب") if tokens and tokens[-1].startswith("ب") else ""
    return next((name for name in (key, *behind, joined) if len(name) > _CODE and language_named(name)), None)


def language_named(text: str) -> str | None:
    """Return the code (`es`) of the language that a text names, in any language that has a vocabulary.

    None if it is no language's name.
    """
    return _names().get(fold(without_emoji(text)))


def warm() -> None:
    """Gather the names of languages now (some hundredths of a second) rather than at the first reply."""
    _openers()
    _names()


@cache
def _wishes() -> frozenset[str]:
    """Return the phrases after which a code names a language: 'language es', but not 'verstehen Sie es'."""
    return frozenset[str]().union(*(vocabulary(name).globals["language"] for name in languages()))


@cache
def _openers() -> Mapping[str, Mapping[str, bool]]:
    """Group the phrases before the name of a language, in every language, by their first word.

    Each with whether it asks without a question mark too: 'do you speak' does, 'habla' ('he speaks') does not.
    """
    table: dict[str, dict[str, bool]] = defaultdict(dict)
    for words in map(vocabulary, languages()):
        for phrase in sorted(words.globals["language"] | words.speaking):
            table[phrase.split()[0]][phrase] = phrase in words.globals["language"] or " " in phrase
    return table


@cache
def _names() -> Mapping[str, str]:
    """Map the names of all languages that Babel knows, in their own and in each of our languages, to their codes."""
    table: dict[str, str] = {}
    for teller in languages():
        for code, name in Locale(teller).languages.items():
            if "_" not in code:
                table.setdefault(fold(name), code)
    for code in languages():
        table[fold(Locale(code).get_language_name(code) or code)] = code
        table[fold(name_of(code))] = code
        table[code] = code
    return table
