"""Check translations: same placeholders, short enough for the platforms, no reply that means two choices.

Strings that are marked fuzzy or left empty are not looked at: they are not finished, and the report lists
them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel.messages.catalog import Message

from flows.check.commands import commands_asked_for
from flows.errors import Problem
from flows.formats.po_files import TranslationError, read_po_file, strings_of, texts_of
from flows.i18n.catalogs import FUZZY, SHIPPED, languages_in, translation_path
from flows.i18n.extraction import TranslatableString, TranslationDomain
from flows.i18n.sync import differences
from flows.parsing.vocabulary import has_vocabulary
from flows.script.code_lists import code_lists
from flows.script.strings import read_aliases
from flows.text.folding import fold
from flows.text.hidden_characters import first_hidden

MessagesByContext = Mapping[str, Message]


class TranslationCode(StrEnum):
    """Name the problems that a translation can have. Codes are kept for ever, as those of scripts are."""

    UNREADABLE = "X001"
    PLACEHOLDERS = "X002"
    TOO_LONG = "X003"
    SAME_LABEL = "X004"
    OTHER_COMMAND = "X005"
    BREAKING_SPACE = "X006"
    HIDDEN_CHARACTER = "X007"


MEANINGS: Final[Mapping[TranslationCode, str]] = MappingProxyType(
    {
        TranslationCode.UNREADABLE: "The file is no PO file, or not UTF-8.",
        TranslationCode.PLACEHOLDERS: "A translation leaves out a {placeholder} of its text, or has another.",
        TranslationCode.TOO_LONG: "A button or a message is longer than the platforms show.",
        TranslationCode.SAME_LABEL: "Two choices of a question could be meant by the same words.",
        TranslationCode.OTHER_COMMAND: (
            "It asks to write another word that works everywhere than its text, or leaves it out."
        ),
        TranslationCode.BREAKING_SPACE: (
            "A French mark stands behind a space at which a phone may break the line."
        ),
        TranslationCode.HIDDEN_CHARACTER: (
            "A translation holds a character that nobody sees and that changes what is read. It is not shown."
        ),
    }
)


def check_translations(domains: Iterable[TranslationDomain], folder: Path = SHIPPED) -> list[Problem]:
    """Return the problems of the finished translations of these domains in a folder, by file and line.

    Strings that are fuzzy, empty or made for an earlier text, and files that are not there, are no problem
    here. A domain is what one PO file translates; without `folder`, the shipped translations are checked.
    """
    every = tuple(domains)
    return sorted(
        problem
        for language in languages_in(folder)
        for domain in every
        if language != domain.language
        for problem in _file_problems(domain, translation_path(folder, language, domain.name))
    )


def _file_problems(domain: TranslationDomain, path: Path) -> Iterator[Problem]:
    """Yield the problems of one PO file."""
    if not path.exists():
        return
    try:
        catalog = read_po_file(path)
    except TranslationError as error:
        remedy = "mend that line, or write it anew with `said translate update`"
        yield Problem(str(path), error.line, 1, TranslationCode.UNREADABLE, error.message, remedy)
        return
    messages = {message.context or "": message for message in catalog if message.id}
    known = {
        entry.context: messages[entry.context]
        for entry in domain.entries
        if entry.context in messages and _is_finished(messages[entry.context], entry)
    }
    for difference in differences(domain, known):
        remedy = "write the placeholders as they stand in the text"
        yield Problem(str(path), difference.line, 1, TranslationCode.PLACEHOLDERS, str(difference), remedy)
    yield from _long_strings(domain, known, path)
    yield from _same_labels(known, path)
    yield from _other_commands(domain, known, path)
    yield from _breaking_spaces(known, path)
    yield from _hidden_characters(known, path)


def _is_finished(message: Message, entry: TranslatableString) -> bool:
    """Tell whether a string is translated, not fuzzy, and made for the present text."""
    return FUZZY not in message.flags and all(strings_of(message)) and texts_of(message) == entry.texts


def _long_strings(domain: TranslationDomain, messages: MessagesByContext, path: Path) -> Iterator[Problem]:
    """Report translations that are longer than can be shown."""
    for entry in domain.entries:
        message = messages.get(entry.context)
        if message is None or entry.limit is None:
            continue
        length = max(len(string.encode("utf-16-le")) // 2 for string in strings_of(message))
        if length > entry.limit:
            text = f"{entry.context} has {length} characters; at most {entry.limit} can be shown"
            line = message.lineno or 1
            yield Problem(str(path), line, 1, TranslationCode.TOO_LONG, text, "say it in fewer words")


def _other_commands(domain: TranslationDomain, messages: MessagesByContext, path: Path) -> Iterator[Problem]:
    """Report translations that ask to write other commands than their texts: 'write stop', where it said 'leave it'.

    Nothing is known of languages without words of their own for commands.
    """
    language = path.parent.name
    if not (has_vocabulary(language) and has_vocabulary(domain.language)):
        return
    for entry in domain.entries:
        message = messages.get(entry.context)
        if message is None:
            continue
        wanted = _commands(entry.texts, domain.language)
        asked = _commands(strings_of(message), language)
        if asked == wanted:
            continue
        more, less = (", ".join(sorted(names)) for names in (asked - wanted, wanted - asked))
        parts = ((f"asks to write {more}, which the text does not", more), (f"leaves out {less}", less))
        told = f"{entry.context} " + ", and ".join(part for part, names in parts if names)
        remedy = "ask for the same words as the text, as your vocabulary has them"
        yield Problem(str(path), message.lineno or 1, 1, TranslationCode.OTHER_COMMAND, told, remedy)


def _commands(texts: Iterable[str], language: str) -> frozenset[str]:
    """Return the commands that any of these texts asks to write."""
    return frozenset[str]().union(*(commands_asked_for(text, language) for text in texts))


_BREAKING: Final = re.compile(r" [?!:;\u00bb]|\u00ab ")
"""An ordinary space where French wants one that does not break."""


def _breaking_spaces(messages: MessagesByContext, path: Path) -> Iterator[Problem]:
    """Report French translations with an ordinary space before `? ! : ; »` or behind `«`."""
    if path.parent.name.partition("-")[0] != "fr":
        return
    for context, message in messages.items():
        found = next(filter(None, map(_BREAKING.search, strings_of(message))), None)
        if found is not None:
            text = f"{context} has an ordinary space beside {found[0].strip()}: the line may break there"
            remedy = "put a no-break space there, U+00A0 or U+202F"
            yield Problem(str(path), message.lineno or 1, 1, TranslationCode.BREAKING_SPACE, text, remedy)


def _hidden_characters(messages: MessagesByContext, path: Path) -> Iterator[Problem]:
    """Report translations with controls, overrides of direction or half characters."""
    for context, message in messages.items():
        hidden = next(filter(None, map(first_hidden, strings_of(message))), None)
        if hidden is not None:
            text = f"{context} holds the hidden character {hidden[1]}"
            place = (str(path), message.lineno or 1, 1)
            yield Problem(*place, TranslationCode.HIDDEN_CHARACTER, text, "delete it, or type the text anew")


_CHOICE: Final = re.compile(
    r"(?P<group>.+\.(?:choices|bands|shortcuts|suggestions)|.+:lists\.\w+|\w+)\.(?P<code>\w+?)(?:\.(?P<patient>patient_)?label|\.(?P<words>aliases))?"
)


def _meet(group: str, one: str, other: str) -> bool:
    """Return whether two codes are choices of one question: not where each is only in other parts of a shared list."""
    parts = [set(a_list.only) for a_list in code_lists().values() if a_list.part_of == group]
    return not parts or any({one, other} <= part for part in parts)


def _same_labels(messages: MessagesByContext, path: Path) -> Iterator[Problem]:
    """Report labels and aliases of one question that read the same."""
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for context, message in messages.items():
        choice = _CHOICE.fullmatch(context)
        if choice is None:
            continue
        string = strings_of(message)[0]
        for words in read_aliases(string) if choice["words"] else (string,):
            owner = found[choice["group"] + (choice["patient"] or ""), fold(words)].setdefault(
                "code", choice["code"]
            )
            if owner != choice["code"] and fold(words) and _meet(choice["group"], owner, choice["code"]):
                text = f"{context} and '{owner}' are both called '{words}'"
                remedy = "give each words of its own"
                yield Problem(str(path), message.lineno or 1, 1, TranslationCode.SAME_LABEL, text, remedy)
