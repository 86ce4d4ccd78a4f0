"""Gather what the pages say for translators.

It stands in the templates, in Python where it is marked, in the tables of what forms did and of the navigation, and in
the codes that pages show.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, cast

from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

from bot.console.done import DONE
from bot.console.languages.codes import MEANING, SHOWN, words_of
from bot.console.languages.page_words import context_of
from bot.console.navigation import NAVIGATION
from flows.i18n.catalogs import CONSOLE
from flows.i18n.extraction import TranslatableString, TranslationDomain, versioned
from flows.i18n.placeholders import PlaceholderStyle

PAGES: Final = Path(__file__).parents[1]
TEMPLATES: Final = PAGES / "templates"
_CALLS: Final = {"_": 1, "gettext": 1, "ngettext": 2, "pgettext": 1, "npgettext": 2}
"""What templates call, with how many texts each takes."""
_WITH_MEANING: Final = frozenset({"pgettext", "npgettext"})
"""Those that take a meaning before them."""
_MARKS: Final = {"noted": 0, "PageRefused": 1}
"""What marks a sentence in Python, with the place of its text among the arguments."""
_NOTE_OF_CODES: Final = "a code in a tag or a choice"


class ConsoleSentence(NamedTuple):
    """A sentence as it stands in a file: one text or two (for one, for more), and what it means ('' for most)."""

    texts: tuple[str, ...]
    meaning: str
    place: str
    """The file, without its folders."""


def console_domain() -> TranslationDomain:
    """Gather all that the pages say, each sentence once, as one domain."""
    found: dict[str, tuple[ConsoleSentence, list[str]]] = {}
    for one in (*_in_templates(), *_in_python(), *_in_tables(), *_codes()):
        _, places = found.setdefault(context_of(one.texts[0], one.meaning), (one, []))
        if one.place not in places:
            places.append(one.place)
    return versioned(
        CONSOLE,
        (
            TranslatableString(context, one.texts, _note(one, places), style=PlaceholderStyle.PERCENT)
            for context, (one, places) in found.items()
        ),
    )


def template_sentences(path: Path) -> Iterator[ConsoleSentence]:
    """Yield the sentences that a template marks, in its order."""
    with path.open("rb") as file:
        options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
        for _line, call, said, _comments in babel_extract(file, list(_CALLS), [], options):
            parts = [one for one in (said if isinstance(said, tuple) else (said,)) if one is not None]
            meaning = parts.pop(0) if parts and str(call) in _WITH_MEANING else ""
            if parts:  # else it is a name, whose sentence is marked where it is written
                yield ConsoleSentence(tuple(parts[: _CALLS[str(call)]]), meaning, _called(path))


def python_sentences(path: Path) -> Iterator[ConsoleSentence]:
    """Yield the sentences that a module marks, in its order."""
    with path.open("rb") as file:
        for _line, call, found, _comments in extract_python(file, dict.fromkeys(_MARKS), [], {}):
            said = cast("str | tuple[str, ...]", found)  # a list, say its types
            parts = (said,) if isinstance(said, str) else said
            place = _MARKS[str(call)]
            if len(parts) > place and parts[place]:
                yield ConsoleSentence((parts[place],), "", _called(path))


def _in_templates() -> Iterator[ConsoleSentence]:
    for path in sorted(TEMPLATES.glob("*.jinja")):
        yield from template_sentences(path)


def _in_python() -> Iterator[ConsoleSentence]:
    for path in sorted(PAGES.rglob("*.py")):
        yield from python_sentences(path)


def _in_tables() -> Iterator[ConsoleSentence]:
    for sentence in DONE.values():
        yield ConsoleSentence((sentence,), "", "done")
    for entry in NAVIGATION:
        yield ConsoleSentence((entry.name,), "", "navigation")


def _codes() -> Iterator[ConsoleSentence]:
    for a_set in SHOWN:
        for code in a_set:
            yield ConsoleSentence((words_of(code),), MEANING, a_set.__name__)


def _called(path: Path) -> str:
    """Return what translators are told of a file: its name without its endings."""
    return re.sub(r"(\.html)?\.(jinja|py)$", "", path.name)


def _note(one: ConsoleSentence, places: Iterable[str]) -> str:
    """Return the note above a sentence: what its words mean, where that must be told, and where it stands."""
    meaning = _NOTE_OF_CODES if one.meaning == MEANING else one.meaning
    where = ", ".join(sorted(places))
    return f"{meaning}; {where}" if meaning else where
