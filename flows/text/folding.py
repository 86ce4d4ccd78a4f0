"""Fold texts for comparison: two texts that a person would call the same fold to the same key.

Folded text is for comparing only; what is stored and shown is always the participant's own.
"""

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = "'\u2019\u2018\u02bc`\u00b4"
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "\u0131": "i"} | {
    "\u0629": "\u0647",  # teh marbuta as heh
    "\u0649": "\u064a",  # alef maksura as yeh
    "\u06cc": "\u064a",  # Farsi yeh as yeh
    "\u06a9": "\u0643",  # keheh as kaf
    "\u0671": "\u0627",  # alef wasla as alef
    "\u0640": "",  # the stroke that stretches a word
}
"""Latin letters whose stroke or ligature Unicode does not take apart, and Arabic ones that keyboards and people
use for one another, with the stroke that only stretches a word.
"""

_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_MARKS = (range(0x300, 0x370), range(0x64B, 0x660), range(0x670, 0x671))
"""Accents of Latin, Greek and Cyrillic, and the short vowels of Arabic. Signs of other scripts carry
meaning.
"""

_ASCII = bytes(ord(chr(code).lower() if chr(code).isalnum() else " ") for code in range(128)).ljust(256)
"""What stands for each byte of an ASCII text."""
_ASCII_APOSTROPHES = b"'`"


def fold(text: str) -> str:
    """Return the key of a text: no case, accents, punctuation or emoji, digits as 0-9, single spaces.

    Apostrophes close up (`don't` is `dont`). Text without a letter or digit folds to ''.
    """
    if text.isascii():
        return " ".join(text.encode().translate(_ASCII, _ASCII_APOSTROPHES).decode().split())
    return " ".join(
        "".join(map(_fold_character, unicodedata.normalize("NFKD", _keep_fractions(text)))).split()
    )


@lru_cache(maxsize=8192)
def fold_label(label: str) -> str:
    """Return the key of an author's words as `fold` does, from a cache: they are compared again and again.

    Participants' words must not stay in memory: use `fold` for them.
    """
    return fold(label)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """Fold one character to what stands for it in a key: '' or a space for what is left out."""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if character in _APOSTROPHES or _is_accent(character) or category in {"Me", "Cf"}:
        return ""
    if category[0] == "L":
        folded = character.casefold()
        return "".join(_LETTERS.get(letter, letter) for letter in folded)
    # Joining signs of other scripts belong to their word; variation selectors (of emoji) do not.
    return character if category in {"Mn", "Mc"} and not "\ufe00" <= character <= "\ufe0f" else " "


def _is_accent(character: str) -> bool:
    """Tell whether a character is an accent or a short vowel sign."""
    return any(ord(character) in marks for marks in _MARKS)


def _keep_fractions(text: str) -> str:
    """Take out `½` and the like before they fall apart into two whole numbers."""
    if any(unicodedata.category(character) == "No" for character in text):
        return "".join(character if _is_plain(character) else "?" for character in text)
    return text


def _is_plain(character: str) -> bool:
    """Tell whether a character is anything but a fraction."""
    return unicodedata.category(character) != "No" or unicodedata.digit(character, None) is not None


_ARABIC_SEPARATORS = {"\u066b": ".", "\u066c": "'"}


def plain_digits(text: str) -> str:
    """Return the text with digits of any script as 0-9, other minus signs as '-', and all else as it was."""
    if text.isascii():
        return text
    return "".join(_plain_digit(character) for character in text)


def _plain_digit(character: str) -> str:
    """Return what stands for one character in `plain_digits`."""
    if character in "−‐‑–—":  # noqa: RUF001 - the signs that phones type for a minus
        return "-"
    if character in _ARABIC_SEPARATORS:
        return _ARABIC_SEPARATORS[character]
    digit = unicodedata.digit(character, None)
    return character if digit is None else str(digit)


def without_drawn_letters(key: str) -> str:
    """Return folded words with each letter that stands three times or more written once: 'nooo' is 'no'.

    A word of one letter alone stays: 'kkkk' is laughter, and no 'k'.
    """
    if not _DRAWN_OUT.search(key):
        return key
    words = (word if len(set(word)) == 1 else _DRAWN_OUT.sub(r"\1", word) for word in key.split(" "))
    return " ".join(words)
