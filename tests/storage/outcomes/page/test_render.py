"""The page of the report: whole in itself, with every number's definition, and nothing of it runs or loads."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from storage.outcomes.page.render import html_page
from tests.support.outcomes_reports import HOSTILE, made_later, report

pytest.importorskip("jinja2", reason="Jinja2 is optional")
pytest.importorskip("matplotlib", reason="matplotlib is optional")


class Page(HTMLParser):
    """Reads the elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        """The values of an attribute, of all elements that have it."""
        return [
            value or "" for _, attributes in self.elements for key, value in attributes.items() if key == name
        ]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html_page(report()))


def test_words_are_words():
    """What people and files wrote is shown as it is: it runs nothing, loads nothing and is no template."""
    page = Page(html_page(report(title=HOSTILE, words=HOSTILE)))
    tags = Counter(tag for tag, _ in page.elements)
    assert (tags["script"], tags["img"]) == (1, 0)
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert "{{ 71 * 72 }}" in page.text
    assert "5112" not in page.text
    assert page.text.count("<script>alert") >= 5


def test_nothing_is_loaded(page: Page):
    """No element names what is elsewhere, and the policy lets nothing be loaded."""
    assert page.values("src") == []
    assert all(link.startswith(("#", "data:")) for link in page.values("href"))
    policy = next(one["content"] for _, one in page.elements if one.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[\w+/]+=*';", policy)
    assert "http" not in policy


def test_every_link_of_the_page_leads_somewhere(page: Page):
    """Each id that a link names is there, and no two elements have the same."""
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.values("href") if link.startswith("#")} <= set(ids)


def test_evidence_leads_to_its_table(page: Page):
    """The place in the report is a link; the one in a file is text."""
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert "#t-outcomes.activities" in links
    assert "outcomes.activities: engages = yes" in page.text
    assert not [link for link in links if "csv" in (link or "")]


def test_every_number_has_its_definition(page: Page):
    """Each measure of each table is defined, with numerator, denominator and source."""
    for counted in report().tables:
        for measure in counted.table.measures:
            assert f"m-{measure.id}" in page.values("id")
            assert measure.definition in page.text
            assert measure.denominator is None or measure.denominator in page.text


def test_names_lead_to_definitions_and_ids_stand_there_alone(page: Page):
    """Words are what is read at a number; its id is in the definitions, and where a pointer rests."""
    named = [attributes for tag, attributes in page.elements if attributes.get("class") == "defined"]
    assert len(named) > 40
    assert all(one["href"] == f"#m-{one['title']}" for one in named)
    assert (
        "loop.themes.raised"
        not in page.text.partition("Definitions\n")[0].partition("What each number is")[0]
    )


def test_it_says_what_it_was_made_of(page: Page):
    """The date, the program, the cut, the cohort and the versions."""
    for said in (
        "2026-11-30",
        "myeloma",
        "team",
        "everybody who joined",
        "said 1.2.3, schema 0011, redaction 1",
    ):
        assert said in page.text


def test_few_are_told_in_words(page: Page):
    """A figure of fewer than five people says so; nothing yet says so, too."""
    assert "fewer than five answered" in page.text
    assert "Nothing yet." in page.text


def test_each_figure_is_named_and_described_and_has_its_numbers(page: Page):
    """It is drawn for a page and for a phone; who does not see it reads what it shows, and a table."""
    drawn = [attributes for tag, attributes in page.elements if tag == "svg"]
    figures = [one.figure for section in report().sections for one in section.figures]
    assert len(drawn) == 2 * len(figures)
    for one in drawn:
        assert one["role"] == "img"
        assert {*(one["aria-labelledby"] or "").split()} <= {*page.values("id")}
    for figure in figures:
        assert figure.description in page.text
        assert f"{figure.title}: the numbers" in page.text


def test_the_draft_counts_its_words(page: Page):
    """Each part with its limit; one that is too long, or not written yet, says so."""
    assert "7 of 2 words, too long" in page.text
    assert "To write: Which competencies." in page.text


def test_quotations_stand_under_their_themes(page: Page):
    """With the role of who said it, and nothing else of them."""
    assert page.text.count("A patient") == 2
    assert page.text.count("A clinician") == 1
    assert "explaining" not in page.text


def test_the_same_report_gives_the_same_bytes():
    """And another day changes the date alone."""
    one, other = html_page(report()), html_page(made_later(report()))
    assert html_page(report()) == one
    assert one != other
    assert one.replace("2026-11-30", "2026-12-01") == other
