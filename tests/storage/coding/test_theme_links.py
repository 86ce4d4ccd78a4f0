"""Promises of storage/coding/theme_links.py: links of the file and of the team, each with who and why."""

import pytest

from flows.program.model import ActivityFile, Objective, Suggestion, ThemeFile
from storage.coding import theme_links
from storage.coding.errors import CodingError
from storage.coding.theme_links import FROM_FILE, LinkEnd
from storage.programs import programs
from tests.support.coding_rows import words_to_code
from tests.support.export_rows import NOW

SPRING = ActivityFile(
    slug="spring",
    title="Spring",
    objectives=(Objective(code="early", text="Ask early", theme="body"), Objective(code="plan", text="Plan")),
    suggestions=(
        Suggestion(code="ask", label="Ask", objective="early", patient_label="Asked about my feet"),
        Suggestion(code="write", label="Write it down"),
    ),
)


@pytest.fixture
def rows():
    with words_to_code() as made:
        file = programs.program_file(made.connection, 1)
        changed = file.model_copy(
            update={"activities": (SPRING,), "themes": (ThemeFile(code="body", label="Body"),)}
        )
        programs.load(made.connection, changed, "with links", NOW)
        yield made


def end(text):
    found = LinkEnd.read(text)
    assert found is not None, text
    return found


def add(rows, begin, to, why="They say so"):
    by = (rows.coder("ANNA"), NOW)
    return theme_links.add(rows.connection, 1, (end(begin), end(to)), why, by=by)


def listed(rows):
    return [(str(one.begin), str(one.end), one.made_by) for one in theme_links.list_links(rows.connection, 1)]


def test_the_file_is_where_links_begin(rows):
    """From themes to objectives, to suggestions, to what patients are asked."""
    assert listed(rows) == [
        ("theme:body", "objective:spring.early", FROM_FILE),
        ("objective:spring.early", "suggestion:spring.ask", FROM_FILE),
        ("suggestion:spring.ask", "behaviour:spring.ask", FROM_FILE),
    ]


def test_a_link_is_made_and_removed(rows):
    """With who, when and why of both; the row stays, and the same link may be made again."""
    number = add(rows, "theme:wait", "objective:spring.plan")
    add(rows, "objective:spring.plan", "commitment:k1")
    add(rows, "commitment:k1", "behaviour:spring.ask")
    assert listed(rows)[3:] == [
        ("theme:wait", "objective:spring.plan", "ANNA"),
        ("objective:spring.plan", "commitment:1", "ANNA"),
        ("commitment:1", "behaviour:spring.ask", "ANNA"),
    ]
    theme_links.remove(rows.connection, number, "A mistake", by=rows.coder("BERT"), now=NOW)
    assert len(listed(rows)) == 5
    query = "SELECT reason, made_by, removed_reason, removed_by FROM theme_link WHERE removed_at IS NOT NULL"
    assert rows.connection.exec_driver_sql(query).all() == [("They say so", 1, "A mistake", 2)]
    assert add(rows, "theme:wait", "objective:spring.plan") > number


REFUSED = [
    ("theme:body", "suggestion:spring.ask", "x", "no link leads from theme to suggestion"),
    ("theme:nope", "objective:spring.plan", "x", "there is no theme:nope; there are: body"),
    ("theme:body", "objective:plan", "x", "spring.early, spring.plan"),
    ("objective:spring.plan", "commitment:k9", "x", "no commitment '9'"),
    ("suggestion:spring.write", "behaviour:spring.write", "x", "there is no behaviour:spring.write"),
    ("theme:body", "objective:spring.early", "x", "linked to objective:spring.early already"),
    ("theme:body", "objective:spring.plan", " ", "say why"),
]


@pytest.mark.parametrize(("begin", "to", "why", "told"), REFUSED)
def test_what_is_no_link(rows, begin, to, why, told):
    """Ends that are not there or no two steps of the way, what stands already, and no reason."""
    with pytest.raises(CodingError, match=told):
        add(rows, begin, to, why)
    assert rows.count("theme_link") == 0


def test_what_cannot_be_removed(rows):
    """A link that nobody made; and nothing goes without a reason."""
    number = add(rows, "theme:body", "objective:spring.plan")
    for which, reason in ((99, "x"), (number, " ")):
        with pytest.raises(CodingError):
            theme_links.remove(rows.connection, which, reason, by=rows.coder("ANNA"), now=NOW)
    assert len(listed(rows)) == 4


def test_ends_as_they_are_typed():
    """A kind and a code; anything else is none."""
    assert str(end("Theme:body")) == "theme:body"
    assert [LinkEnd.read(text) for text in ("body", "thema:body", "theme:", "theme:a b")] == [None] * 4
