"""The supporters' report of a cut: its tables, its figures, and a sentence for each that is not drawn."""

from dataclasses import replace

from storage.outcomes.figures.cut_data import NOT_DRAWN
from storage.outcomes.supporter_report import supporter_sections
from storage.outcomes.supporters import hide_the_few
from tests.support.small_programs import NOBODY, activity, full_house


def test_what_is_not_drawn_says_so():
    """Each figure of nobody; and those of the team that would tell of single people in any cut."""
    sections = {one.id: one for one in supporter_sections(hide_the_few(NOBODY).tables)}
    assert list(sections) == ["T1", "T3", "T4", "T7"]
    assert not [one for section in sections.values() for one in section.figures]
    assert {key: len(one.not_drawn) for key, one in sections.items()} == {"T1": 2, "T3": 1, "T4": 1, "T7": 3}
    assert all(NOT_DRAWN in sections[key].not_drawn[0] for key in sections)
    assert "Answers over time" in sections["T1"].not_drawn[-1]
    assert "from theme to status" in sections["T7"].not_drawn[-1]


def test_what_is_drawn_has_no_sentence():
    """Once there are enough, the figure stands in its section."""
    counts = replace(NOBODY, commitments=(activity(*full_house()),))
    sections = {one.id: one for one in supporter_sections(hide_the_few(counts).tables)}
    assert [one.name for one in sections["T3"].figures] == ["statuses"]
    assert sections["T3"].not_drawn == ()
    assert [one.table.title for one in sections["T4"].tables] == ["Barriers met"]
    assert sections["T4"].title == "Barriers met"


def test_it_says_which_report_counts():
    """Commitments count by the newest report on each: opening and titles say so, and none names a wave."""
    sections = {one.id: one for one in supporter_sections(hide_the_few(NOBODY).tables)}
    told = [sections["T3"].opening, *(one.table.title for one in sections["T3"].tables)]
    assert len(told) == 3
    assert all("newest report" in words for words in told)
    assert not any("by wave" in words for words in told)
