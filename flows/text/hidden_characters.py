"""Find characters that nobody sees and that change what is read: controls, overrides of direction, half characters."""

import re
from typing import Final

_HIDDEN: Final = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # C0 and C1, without tab, line breaks and next line
    "\u2028\u2029"  # breaks that forge a line
    "\u202a-\u202e"  # embeddings and overrides of direction
    "\ud800-\udfff"  # halves of a character
    "\ufff9-\ufffb"  # interlinear annotation
    "\U000e0000-\U000e001f"  # tags that no emoji has
    "]"
)


def first_hidden(text: str) -> tuple[int, str] | None:
    """Return the place in a text, from 0, of the first hidden character, and its name (`U+202E`); None without any.

    The marks and isolates that Arabic text needs (U+200E, U+200F, U+2066 to U+2069) and the joiners of emoji are none.
    """
    found = _HIDDEN.search(text)
    return None if found is None else (found.start(), f"U+{ord(found[0]):04X}")
