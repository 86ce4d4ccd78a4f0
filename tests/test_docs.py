"""The pages say what the program does: commands, options, columns, links."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from bot.cli.reference import DOCS, commands, generated
from bot.team.reasons import REASONS
from flows.engine.effects import Outcome
from flows.schedule.contact_policy import ContactReason
from storage.export.links import links
from storage.export.tables.answers import answers_long
from storage.export.tables.best_practice import exemplars
from storage.export.tables.codebook import codebook
from storage.export.tables.codebooks.codes import codes
from storage.export.tables.codebooks.codings import codings
from storage.export.tables.codebooks.columns import columns as code_columns
from storage.export.tables.codebooks.programs import programs
from storage.export.tables.commitments import commitments, revisions
from storage.export.tables.consents import consents
from storage.export.tables.quotes import quotes
from storage.export.tables.rates import rates
from storage.export.tables.remarks import remarks
from storage.export.tables.table import ExportSelection
from storage.export.tables.waves import supporters, waves
from storage.export.tables.wide import wide

ROOT = DOCS.parent
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.mark.parametrize("page", generated(), ids=lambda page: page.name)
def test_made_pages_are_current(page):
    """What is made from the code says what the code says; `python -m bot.cli.reference` writes it."""
    assert page.read_text(encoding="utf-8") == generated()[page]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page):
    """Every link to a file of ours leads to one."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    broken = [one for one in targets if "://" not in one and not (page.parent / one).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_in_the_pages_exist(page):
    """Every `said ...` in a shell block is a command, with options that it has."""
    known = commands()
    blocks = re.findall(
        r"```(?:sh|bash|console)?\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
        typed = re.match(r"^(?:\$ )?(said .*)$", line.strip().partition(" #")[0])
        if typed is None:
            continue
        words = typed[1].split()
        name = next((n for n in (" ".join(words[:3]), " ".join(words[:2])) if n in known), None)
        assert name is not None, line
        options = {option for one in known[name].params for option in one.opts} | {"--help", "OPTIONS]"}
        assert {word for word in words if re.match(r"^--?[a-z]", word)} <= options, line


def test_every_page_is_in_the_index():
    """No page is left out of docs/README.md."""
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = [page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md") if page.name != "README.md"]
    assert [page for page in pages if f"({page})" not in index] == []


def test_every_column_is_explained():
    """Each column of an export stands in docs/reference/exports.md, and nothing that is no column."""
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.connect() as connection:
        one = ExportSelection()
        tables = [
            answers_long(connection, one), commitments(connection, one), codebook(connection, one),
            wide(connection, one, "none"), exemplars(connection, one), waves(connection, one),
            supporters(connection, one), remarks(connection, one), rates(connection, one),
            consents(connection, one), quotes(connection, one), revisions(connection, one),
            links(connection, one), codes(connection, one), code_columns(connection, one),
            programs(connection, one), codings(connection, one),
        ]  # fmt: skip
        columns = {column for table in tables for column in table.columns}
    page = (DOCS / "reference" / "exports.md").read_text(encoding="utf-8").partition("## Columns")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE)) == columns


def test_every_reason_has_words():
    """`said why` tells each reason for a contact, and each way in which a conversation ends, in plain words."""
    assert {reason.value for reason in ContactReason} <= set(REASONS)
    assert {outcome.value for outcome in Outcome} <= set(REASONS)


def test_nothing_is_left_to_do():
    """The tree holds no reminder of unfinished work. In what made-up people say, the word is a Spanish one."""
    marks = re.compile(r"\bTO" r"DO\b|\bFIX" r"ME\b|raise Not" "Implemented")
    places = [Path(package) for package in ("bot", "flows", "storage", "tests", "bench", "docs")]
    files = [
        file for place in places for kind in ("*.py", "*.md", "*.yaml") for file in (ROOT / place).rglob(kind)
    ]
    files = [file for file in files if not file.is_relative_to(ROOT / "tests" / "data")]
    assert [
        str(file.relative_to(ROOT)) for file in files if marks.search(file.read_text(encoding="utf-8"))
    ] == []
