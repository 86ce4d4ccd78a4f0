"""Take apart what Arabic writes onto a word: its article, and the 'and' that joins it to the word before."""

import re
from typing import Final

_JOINED_AND: Final = re.compile(r"(?<=[\s,،;؛])و(?=\w{3})")
_ARTICLE: Final = re.compile(r"(?<!\S)(?:ال|لل)(?=\w{2})")


def is_arabic(key: str) -> bool:
    """Tell whether a folded text has an Arabic letter."""
    return not key.isascii() and any("\u0621" <= letter <= "\u064a" for letter in key)


def with_ands_apart(text: str) -> str:
    """Return an Arabic text with each 'and' that is written onto the following word as a word of its own."""
    return _JOINED_AND.sub("و ", text)


def without_articles(key: str) -> str:
    """Return a folded Arabic text without its articles ('the'), which people leave out and put in."""
    return _ARTICLE.sub("", key)
