"""Everything that the pages say is gathered for translators, and what is shipped has all of it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.console.done import DONE
from bot.console.languages.extraction import (
    PAGES,
    TEMPLATES,
    console_domain,
    python_sentences,
    template_sentences,
)
from bot.console.languages.page_words import context_of
from bot.console.navigation import NAVIGATION
from flows.formats.po_files import po_text, read_po_file
from flows.i18n.catalogs import CONSOLE, SHIPPED, languages_in, translation_path
from flows.i18n.sync import report_on, template_of, template_path

CALL = re.compile(r"""(?:\b|(?<=[{ (]))(?:_|n?p?gettext)\(\s*(?P<first>"|'|[a-zA-Z])""")
NAMES = {
    "DOERS[one.by]",
    "DONE[done]",
    "told[one.act]",
    "entry.name",
    "problem",
    "question",
    "table.rows_at[1]",
    "state",
    "zone.problem",
    "title",
    "name",
    "cell",
    "taught.note, open=taught.objectives - taught.named, objectives=taught.objectives",
}
"""What templates show as a sentence by a name: each is noted where it is written."""
SAYING = [path.name for path in TEMPLATES.glob("*.jinja")]


@pytest.mark.parametrize("name", sorted(SAYING))
def test_every_sentence_of_a_template_is_found(name: str) -> None:
    """As many as the template marks, but for those that it shows by a name that is known."""
    text = re.sub(r"\{#.*?#\}", "", (TEMPLATES / name).read_text(), flags=re.DOTALL)
    marked = [found["first"] in "\"'" for found in CALL.finditer(text)]
    assert len(list(template_sentences(TEMPLATES / name))) == sum(marked)
    named = re.findall(r"""[{ (]_\(([a-zA-Z][^()]*)\)""", text)
    assert marked.count(False) == len(named)
    assert set(named) <= NAMES


def test_what_python_says_is_found(tmp_path: Path) -> None:
    """What is noted, in one piece or several, and what a page is refused with; nothing else."""
    module = tmp_path / "module.py"
    module.write_text(
        'A = noted("One.")\nB = noted(\n    "Two,"\n    " in parts."\n)\n'
        'raise PageRefused(HTTPStatus.CONFLICT, "Three, %(n)s.", n=3)\nraise PageRefused(GONE, A)\nother("Four.")\n'
    )
    assert [one.texts[0] for one in python_sentences(module)] == ["One.", "Two, in parts.", "Three, %(n)s."]


def refusals() -> Iterator[tuple[str, ast.expr, frozenset[str]]]:
    """What each `PageRefused` and `noted` of the console is given, with the names of its module that are noted."""
    for path in sorted(PAGES.rglob("*.py")):
        tree = ast.parse(path.read_text())
        calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
        noted = frozenset(
            one.target.id
            for one in tree.body
            if isinstance(one, ast.AnnAssign)
            and isinstance(one.target, ast.Name)
            and isinstance(one.value, ast.Call)
            and ast.unparse(one.value.func) == "noted"
        )
        for call in calls:
            place = {"noted": 0, "PageRefused": 1}.get(ast.unparse(call.func))
            if place is not None:
                yield f"{path.name}:{call.lineno}", call.args[place], noted


def test_sentences_in_python_stand_as_they_are() -> None:
    """No refusal is put together of parts: a sentence that is made when it is said cannot have been translated."""
    wrong = [
        place
        for place, said, noted in refusals()
        if not isinstance(said, ast.Constant)
        and not (isinstance(said, ast.Name) and (said.id in noted or said.id == "what"))
    ]
    assert wrong == []
    assert len(list(refusals())) > 50


def test_the_template_for_translators_is_up_to_date() -> None:
    """What is shipped is what the pages say now: `said translate extract` would change nothing."""
    path = template_path(SHIPPED, CONSOLE)
    assert path.read_text() == po_text(template_of(console_domain())), "run `said translate extract`"


def test_each_sentence_has_one_name_of_its_own() -> None:
    """No two share a name; tables and codes are among them; and every placeholder can be read."""
    entries = console_domain().entries
    contexts = [one.context for one in entries]
    assert len(set(contexts)) == len(contexts)
    said = [*DONE.values(), *(one.name for one in NAVIGATION)]
    assert {context_of(one) for one in said} | {context_of("adverse event", "code")} <= set(contexts)
    assert [one.context for one in entries if None in map(one.style.names_in, one.texts)] == []


@pytest.mark.parametrize(
    "language", [one for one in languages_in(SHIPPED) if translation_path(SHIPPED, one, CONSOLE).exists()]
)
def test_what_is_shipped_is_whole(language: str) -> None:
    """Every sentence is translated in every language that has a file, with the placeholders of its text."""
    told = report_on(console_domain(), language)
    assert (told.untranslated, told.fuzzy, told.stale, told.differences) == ((), (), (), ())
    signs = re.compile(r"[<>\"]")
    file = read_po_file(translation_path(SHIPPED, language, CONSOLE))
    assert [one.context for one in file if one.id and signs.search(str(one.string))] == []
