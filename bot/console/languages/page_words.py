"""Say a sentence of the pages in a language: what templates call as `_`, `ngettext` and `pgettext`.

A translation is text and nothing else: signs of HTML in it are escaped, as they are in what is put in.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

from bot.console.languages.codes import MEANING, words_of
from flows.i18n.catalogs import counted_page_sentence_in, page_sentence_in

_FIRST_WORDS: Final = 4
_HASH_LETTERS: Final = 10


@lru_cache(maxsize=4096)
def context_of(text: str, meaning: str = "") -> str:
    """Return the lasting name of a sentence: its first words, and a hash of the whole with its meaning.

    A sentence has one name wherever it stands, so that it is translated once, and moving it loses nothing. Where the
    same words mean two things, `meaning` tells them apart.

    >>> context_of("Who takes part?")
    'who-takes-part:89e8b40824'
    """
    first = "-".join(re.findall(r"[a-z0-9]+", text.lower())[:_FIRST_WORDS])
    whole = hashlib.sha256(f"{meaning}\x04{text}".encode()).hexdigest()
    return f"{first}:{whole[:_HASH_LETTERS]}"


@dataclass(frozen=True, slots=True)
class PageWords:
    """The sentences of the pages in one language, in English where it lacks one."""

    language: str

    def say(self, text: str, fields: Mapping[str, object] | None = None) -> str:
        """Return a sentence as plain text, its fields filled in."""
        said = page_sentence_in(context_of(text), text, self.language)
        return said % fields if fields else said

    def name(self, code: str) -> str:
        """Return a code in words, as plain text."""
        text = words_of(code)
        return page_sentence_in(context_of(text, MEANING), text, self.language)

    # What Jinja2 calls: the texts come out as HTML, and it fills in the fields, escaped.

    def gettext(self, text: str) -> Markup:
        """Return a sentence."""
        return escape(page_sentence_in(context_of(text), text, self.language))

    def ngettext(self, one: str, more: str, number: int) -> Markup:
        """Return the form of a sentence for a number."""
        return self.npgettext("", one, more, number)

    def pgettext(self, meaning: str, text: str) -> Markup:
        """Return a sentence whose words mean something else elsewhere."""
        return escape(page_sentence_in(context_of(text, meaning), text, self.language))

    def npgettext(self, meaning: str, one: str, more: str, number: int) -> Markup:
        """Return the form for a number of a sentence whose words mean something else elsewhere."""
        return escape(counted_page_sentence_in(context_of(one, meaning), (one, more), number, self.language))
