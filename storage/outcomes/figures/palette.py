"""Name the fills of the figures: a colour and a pattern each, so that colour is never the only sign.

The colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with each kind of colour
blindness tell apart, and three greys for what was not answered. Each fill has an outline in the colour of the page's
text, so that pale ones can be seen on a light page and dark ones on a dark one.
"""

from dataclasses import dataclass
from typing import Final

INK: Final = "#000000"
"""Becomes the colour of the page's text: `currentColor`."""
BLACK, WHITE = "#010101", "#ffffff"
"""Letters on a fill, the same on every page."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A colour as `#rrggbb`, the pattern on it in matplotlib's letters ('' for none), and the colour of words on it."""

    colour: str
    pattern: str = ""
    letters: str = BLACK


PLAIN: Final = Fill("#56b4e9")
FORESEEN: Final = Fill("#f0e442")
MET: Final = Fill("#0072b2", letters=WHITE)
THEMES: Final = Fill("#7f7f7f")
LOST: Final = Fill("#9a9a9a", "\\\\\\")
"""Of bands that nobody answered for."""

ENDINGS: Final = {
    "full": Fill("#0072b2", letters=WHITE),
    "partial": Fill("#56b4e9", "///"),
    "planned": Fill("#f0e442", "---"),
    "modified": Fill("#009e73", "\\\\\\"),
    "not_applicable": Fill("#cc79a7", "|||"),
    "dropped": Fill("#d55e00", "xxx"),
    "already": Fill("#e69f00", "+++"),
    "not_started_yet": Fill("#fbf6b4", "--"),
    "in_words": Fill("#d0ede3", "/"),
    "waiting": Fill("#e8e8e8", "//"),
    "no_response": Fill("#bdbdbd", "\\\\"),
    "opted_out": Fill("#8c8c8c", "xx"),
    "not_due": Fill("#f7f7f7"),
}
"""By status that was reported, else by where a commitment stands without any."""

BANDS: Final = ENDINGS | {
    "opened": PLAIN,
    "finished": MET,
    "not_finished": Fill("#e8e8e8", "//"),
    "met": MET,
    "raised": PLAIN,
    "better": Fill("#009e73", "\\\\\\"),
    "not_better": Fill("#e8e8e8", "//"),
    "no_answer": LOST,
    "others": Fill("#f7f7f7", ".."),
}
"""The same with the bands of a supporter's figures; `others` are those that cannot be told apart."""
