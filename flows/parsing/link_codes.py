"""Read 'link ABCD2345': the code that connects a second app to a participant, the word in any language."""

import re
from functools import cache
from typing import Final

from flows.parsing.vocabulary import languages, vocabulary
from flows.text.emoji import without_emoji
from flows.text.folding import fold

CODE_LENGTH: Final = 8
"""Letters and digits of a code."""

_FORM: Final = re.compile(r"^\s*/?([^\s/]+)\s+([A-Za-z0-9][A-Za-z0-9 -]*)\s*$")
_LONGEST: Final = 40


def link_code(text: str) -> str | None:
    """Return the account-link code in 'link ABCD2345' or '/link abcd-2345', in capitals.

    None if the text is not of this form.
    """
    found = _FORM.match(without_emoji(text)) if len(text) <= _LONGEST else None
    if found is None or fold(found[1]) not in _words():
        return None
    code = re.sub(r"[ -]", "", found[2]).upper()
    return code if len(code) == CODE_LENGTH else None


@cache
def _words() -> frozenset[str]:
    """Return the single words for 'link' in every language."""
    phrases = (phrase for name in languages() for phrase in vocabulary(name).globals["link"])
    return frozenset(phrase for phrase in phrases if " " not in phrase)
