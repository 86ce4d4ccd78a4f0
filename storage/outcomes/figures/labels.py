"""Make labels fit: without what no picture may hold, and in lines that are short enough.

How wide words are is reckoned from the letters alone, as in DejaVu Sans, which is wider than most fonts: the page shows
them in its own font, which nobody knows here. So the same label always breaks at the same place.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

import regex

ELLIPSIS: Final = "…"
_NARROW: Final = frozenset(" iljtfrI.,:;'|!()[]/-")
_BROAD: Final = frozenset("mwMW%@—…")
_BREAKS: Final = regex.compile(r"[\p{Cc}\p{Zl}\p{Zp}\s]+")
_NEVER: Final = regex.compile(
    r"[\p{Cs}\p{Co}\p{Cn}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""What XML refuses, what is no character, and marks that turn the direction of whatever follows them."""
_SEEN: Final = regex.compile(r"\X")
"""What a reader takes for one character."""
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_ISOLATE, _POP = "\u2068", "\u2069"


def clean(text: str) -> str:
    r"""Return a text on one line, without controls, halves of characters, and marks of direction.

    >>> clean("one\n two\x00\u202e")
    'one two'
    """
    found: str = _BREAKS.sub(" ", _NEVER.sub("", _BREAKS.sub(" ", text)))
    return found.strip()


def width_of(text: str, size: float) -> float:
    """Return about how wide a line is, in the units of `size`, the height of its font."""
    return size * sum(map(_ems_together, _SEEN.findall(text)))


def wrapped(text: str, width: float, size: float, most: int = 3) -> tuple[str, ...]:
    """Return a label in at most so many lines of that width; what does not fit is cut, with an ellipsis.

    A word that is longer than a line is broken, never inside of what a reader takes for one character. At least one
    line is returned, '' for a text with nothing to show.
    """
    return tuple(map(_isolated, _fitting(text, width, size, most)))


def numbered(number: str, text: str, width: float, size: float) -> tuple[str, ...]:
    """Return a label in at most three lines as `wrapped` does, with a number before its first word."""
    first, *others = _fitting(f"{number} {text}", width, size, 3)
    return (number + _isolated(first.removeprefix(number)), *map(_isolated, others))


def _fitting(text: str, width: float, size: float, most: int) -> list[str]:
    """Return the lines of a label, at most so many, and at least one."""
    lines = list(_lines(clean(text), width, size)) or [""]
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(lines[most - 1], width, size)]
    return lines


def _lines(text: str, width: float, size: float) -> Iterator[str]:
    """Yield the lines of a cleaned text."""
    line = ""
    for word in text.split():
        joined = f"{line} {word}".strip()
        if width_of(joined, size) <= width:
            line = joined
            continue
        if line:
            yield line
        *whole, line = _pieces(word, width, size)
        yield from whole
    if line:
        yield line


def _pieces(word: str, width: float, size: float) -> list[str]:
    """Return a word in pieces that fit a line, each of at least one character."""
    pieces = [""]
    for letter in _SEEN.findall(word):
        if pieces[-1] and width_of(pieces[-1] + letter, size) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _cut(line: str, width: float, size: float) -> str:
    """Return a line that ends in an ellipsis, and fits."""
    letters = _SEEN.findall(line)
    while letters and width_of("".join(letters) + ELLIPSIS, size) > width:
        letters.pop()
    return "".join(letters).rstrip() + ELLIPSIS


def _isolated(line: str) -> str:
    """Return a line so that words from right to left stand by themselves, and move nothing beside them."""
    turned = any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in line)
    space = " " if line.startswith(" ") else ""
    return f"{space}{_ISOLATE}{line.strip()}{_POP}" if turned else line


def _ems_together(seen: str) -> float:
    """Return about how wide is what a reader takes for one character: a picture of several is as wide as one."""
    together = [_ems(letter) for letter in seen]
    return max(together) if max(map(ord, seen)) >= _FIRST_EMOJI else sum(together)


def _ems(letter: str) -> float:
    """Return about how wide a character is, where the font is 1 high."""
    if letter.isascii():
        if letter in _NARROW:
            return 0.38
        if letter in _BROAD:
            return 0.98
        return 0.7 if letter.isupper() else 0.62
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(letter) in {"W", "F"} or ord(letter) >= _FIRST_EMOJI:
        return 1.25
    return 0.98 if letter in _BROAD else 0.72


_FIRST_EMOJI: Final = 0x1F000
