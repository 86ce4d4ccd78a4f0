"""Sentences of the pages in a language: by their lasting name, escaped, with the placeholders that they should have."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

from bot.console.languages.page_words import PageWords, context_of
from flows.formats.po_files import PoFile, write_po_file
from flows.i18n.catalogs import CONSOLE, translation_path, use_folders

LANGUAGE = "eo"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of somebody's own, with some sentences in a made-up language."""
    file = PoFile(LANGUAGE)
    for text, said, meaning in (
        ("Case %(n)s", "Kazo %(n)s", ""),
        ("Show", '<b onclick="x">Montru</b>', ""),
        ("Person %(who)s", "Persono", ""),
        ("Made: %(n)s", "Farita: %(m)s", ""),
        ("Back to %(code)s", "Reen al %(code)s, 5 %", ""),
        ("open", "malfermita", "code"),
        ("open", "malfermi", ""),
    ):
        file.add(text, said, context=context_of(text, meaning))
    file.add(("case", "cases"), ("kazo", "kazoj"), context=context_of("case"))
    write_po_file(translation_path(tmp_path, LANGUAGE, CONSOLE), file)
    use_folders([tmp_path])
    yield tmp_path
    use_folders([])


def shown(template: str, **fields: object) -> str:
    """What a template says in the made-up language."""
    says = PageWords(LANGUAGE)
    made = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    made.install_gettext_callables(
        says.gettext, says.ngettext, newstyle=True, pgettext=says.pgettext, npgettext=says.npgettext
    )
    return made.from_string(template).render(**fields)


@pytest.mark.usefixtures("folder")
def test_a_folder_of_ones_own_is_read() -> None:
    """Its sentences are said, one or many; what it lacks stays English."""
    assert shown('{{ _("Case %(n)s", n=3) }}, {{ _("Sign out") }}') == "Kazo 3, Sign out"
    assert [shown('{{ ngettext("case", "cases", n) }}', n=n) for n in (1, 2)] == ["kazo", "kazoj"]
    assert PageWords(LANGUAGE).say("Case %(n)s", {"n": 3}) == "Kazo 3"


@pytest.mark.usefixtures("folder")
def test_a_code_is_no_sentence_of_the_same_words() -> None:
    """A tag says `open` in other words than a button does."""
    assert PageWords(LANGUAGE).name("open") == "malfermita"
    assert shown('{{ _("open") }} {{ pgettext("code", "open") }}') == "malfermi malfermita"


@pytest.mark.usefixtures("folder")
def test_nothing_in_it_is_markup() -> None:
    """Neither a translation nor what is put into it brings a tag or a quotation mark into a page."""
    assert shown('<i title="{{ _("Show") }}">') == (
        '<i title="&lt;b onclick=&#34;x&#34;&gt;Montru&lt;/b&gt;">'
    )
    assert shown('{{ _("Case %(n)s", n=n) }}', n="<script>%(n)s") == "Kazo &lt;script&gt;%(n)s"


@pytest.mark.usefixtures("folder")
def test_other_placeholders_are_not_used() -> None:
    """A translation that leaves one out, has another or a bare per cent sign is passed over: English is said."""
    assert shown('{{ _("Person %(who)s", who="P-1") }}') == "Person P-1"
    assert shown('{{ _("Made: %(n)s", n=2) }}') == "Made: 2"
    assert shown('{{ _("Back to %(code)s", code="P-1") }}') == "Back to P-1"


def test_a_name_lasts_as_long_as_its_words() -> None:
    """It follows from the words and what they mean alone, never from the page; other words have another."""
    assert context_of("Show") == context_of("Show") != context_of("Show", "code")
    assert context_of("Show").startswith("show:")
    assert context_of("Show") != context_of("Show.")
