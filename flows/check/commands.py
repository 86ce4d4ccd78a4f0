"""Find the commands that a text asks its reader to write ("write “stop”"), so that a translation asks for the same."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from flows.parsing.commands import asks_to_start, global_word
from flows.parsing.vocabulary import vocabulary
from flows.text.folding import fold

START: Final = "start"
"""What brings somebody back who has stopped; all others are named as in `GlobalWord`."""
_TOKEN: Final = re.compile(
    r"[\u201c\u201e\u00ab]\s*(?P<quoted>[^\u201c\u201d\u00ab\u00bb]{1,60}?)\s*[\u201c\u201d\u00bb]"
    r"|`[^`]*`|\{[^{}]*\}|/\w+"
    r"|(?P<end>[.!?\u061f\n]+)|(?P<mark>[,:;\u060c\u061b])"
    r"|(?P<word>[^\s.,:;!?\u060c\u061b\u061f\u201c-\u201e\u00ab\u00bb`{}/]+)"
)
_LONGEST_COMMAND: Final = 4
"""Words of a command that a text names without quotes."""
_SHORT: Final = 4
"""Letters."""
_LONGEST_VERB: Final = 2
"""Words of what asks to write: 'schreiben Sie'."""
_BETWEEN: Final = 2
"""Words between the verb and a quoted command: 'write to me “stop”'."""


class _Piece(NamedTuple):
    """Hold a word, folded, a phrase in quotes, or a mark (`kind` is the group's name; 'other' is a placeholder)."""

    kind: str
    text: str


@lru_cache(maxsize=4096)
def commands_asked_for(text: str, language: str) -> frozenset[str]:
    """Return the commands that a text in a language asks to write, by their names in the vocabulary: 'stop', 'start'.

    Those that stand beside a verb of writing, in quotes or without, one or several in a row: "write help or “stop”".
    A name of a button in quotes is none.
    """
    return frozenset(name for sentence in _sentences(text) for name in _asked_in(sentence, language))


def _sentences(text: str) -> Iterator[list[_Piece]]:
    """Yield the pieces of each sentence of a text."""
    pieces: list[_Piece] = []
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "other"
        if kind == "end":
            yield pieces
            pieces = []
        else:
            pieces.append(_Piece(kind, fold(found[kind]) if kind != "other" else ""))
    yield pieces


def _asked_in(pieces: list[_Piece], language: str) -> Iterator[str]:
    """Yield the commands beside each verb of writing of a sentence: after it, or before one that ends a clause."""
    at = 0
    while at < len(pieces):
        length = _verb_at(pieces, at, language)
        if length:
            yield from _row(pieces, _first_after(pieces, at + length), language)
            if at + length == len(pieces) or pieces[at + length].kind == "mark":
                yield from _row_before(pieces, at, language)
        at += length or 1


def _verb_at(pieces: list[_Piece], at: int, language: str) -> int:
    """Count the words from a place on that ask to write something; 0 where they do not."""
    verbs = vocabulary(language).inviting
    for length in range(min(_LONGEST_VERB, len(pieces) - at), 0, -1):
        if _phrase(pieces, at, length) in verbs:
            return length
    return 0


def _first_after(pieces: list[_Piece], at: int) -> int:
    """Return the place of the quoted phrase that follows soon, else this place itself."""
    near = range(at, min(at + _BETWEEN + 1, len(pieces)))
    return next((place for place in near if pieces[place].kind == "quoted"), at)


def _row(pieces: list[_Piece], at: int, language: str) -> Iterator[str]:
    """Yield the commands from a place on, up to the first word that neither is one nor joins two.

    After a quoted one only quoted ones follow: 'write “link”, and later tap Start'.
    """
    quoted = False
    while at < len(pieces):
        name, length = _command_at(pieces, at, language)
        if quoted and pieces[at].kind == "word":
            name, length = None, 1
        quoted = quoted or pieces[at].kind == "quoted"
        if name is not None:
            yield name
        elif pieces[at].kind == "other" or (pieces[at].kind == "word" and not _joins(pieces[at], language)):
            return
        at += length


def _row_before(pieces: list[_Piece], at: int, language: str) -> Iterator[str]:
    """Yield the commands that end just before a place, as in 'Hilfe oder Stopp schreiben'."""
    begin = at
    while begin > 0:
        before = pieces[begin - 1]
        is_command = before.kind == "quoted" or _command_at(pieces, begin - 1, language)[0] is not None
        if not is_command and (begin == at or not _joins(before, language)):
            break
        begin -= 1
    yield from _row(pieces[:at], begin, language)


def _joins(piece: _Piece, language: str) -> bool:
    """Return whether a piece stands between two of a row: a comma, 'or'."""
    return piece.kind == "mark" or piece.text in vocabulary(language).joining


def _command_at(pieces: list[_Piece], at: int, language: str) -> tuple[str | None, int]:
    """Return the command at a place, None where there is none, and how many pieces it takes, at least one.

    A short word that has other uses in the language ('para') is none unless it is in quotes.
    """
    if pieces[at].kind == "quoted":
        return _command_of(pieces[at].text, language), 1
    small = vocabulary(language).dates.filler | vocabulary(language).filler
    for length in range(min(_LONGEST_COMMAND, len(pieces) - at), 0, -1):
        phrase = _phrase(pieces, at, length)
        is_small = phrase in small and len(phrase or "") <= _SHORT
        name = None if phrase is None or is_small else _own_command(phrase, language)
        if name is not None:
            return name, length
    return None, 1


def _phrase(pieces: list[_Piece], at: int, length: int) -> str | None:
    """Return so many words from a place on as one phrase; None where something else than words stands there."""
    found = pieces[at : at + length]
    return " ".join(one.text for one in found) if all(one.kind == "word" for one in found) else None


def _own_command(phrase: str, language: str) -> str | None:
    """Return the name of the command that a phrase is in the language's own words; None where it is none."""
    own = vocabulary(language).globals
    return next((name for name, phrases in own.items() if phrase in phrases), None)


def _command_of(words: str, language: str) -> str | None:
    """Return the name of the command that quoted words are for their reader, in any language; None for none."""
    word = global_word(words, language)
    if word is not None:
        return word.value
    return START if asks_to_start(words, language) else None
