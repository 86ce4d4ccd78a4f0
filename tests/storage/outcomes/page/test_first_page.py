"""The first page: five steps, and each theme through all of them."""

from dataclasses import replace

from storage.export.options import ExportAudience
from storage.outcomes.page.first_page import MOST_THEMES, first_page
from storage.outcomes.report import CountedTable
from tests.support.outcomes_reports import LOOP, report, row


def test_five_steps_from_heard_to_noticed():
    """Each has numbers, and each number the id of its measure."""
    found = first_page(report())
    assert [step.title for step in found.steps] == [
        "What we heard",
        "What we taught",
        "What clinicians said they would do",
        "What they did",
        "What patients noticed",
    ]
    summary = report().summary
    assert summary is not None
    ids = {measure.id for measure in summary.table.measures}
    numbers = [number for step in found.steps for number in step.numbers]
    assert {number.measure for number in numbers} <= ids
    assert numbers[0].cell.text == "1,182"
    assert numbers[0].words.startswith("began the interview"), (
        "the measure counts those who did not finish, too"
    )


def test_one_is_told_as_one():
    """One activity is no activities."""
    made = report()
    assert made.summary is not None
    cells = dict(zip(made.summary.table.columns, made.summary.rows[0], strict=True))
    rows = (tuple((cells | {"activities": 1}).values()),)
    taught = first_page(replace(made, summary=replace(made.summary, rows=rows))).steps[1]
    assert taught.numbers[0].words == "activity with an objective on a theme"


def test_what_they_did_has_both_denominators():
    """Of those that were reported on, and of all that were due."""
    did = first_page(report()).steps[3]
    assert [one.measure.rpartition(".")[2] for one in did.numbers] == ["done_of_responders", "done_of_due"]


def test_the_themes_that_most_people_raised_come_first():
    """Those that are none, such as other, are left out."""
    found = first_page(report(words="Explaining"))
    assert [theme[0].text for theme in found.themes] == ["Explaining", "Cost"]
    assert found.themes[1][-1].text == "raised by 9, taught in 0 activities"
    assert found.more == 0


def test_more_themes_than_fit():
    """They are counted, and stand in the section on the loop."""
    made = report()
    rows = tuple(row(LOOP, (f"code{n}", f"Theme {n}"), raised=n) for n in range(MOST_THEMES + 3))
    sections = (replace(made.sections[-1], tables=(CountedTable(LOOP, rows),)),)
    found = first_page(replace(made, sections=sections))
    assert (len(found.themes), found.more) == (MOST_THEMES, 3)


def test_without_a_loop_there_are_no_themes():
    """The steps are there all the same."""
    found = first_page(replace(report(), sections=()))
    assert found.themes == ()
    assert len(found.steps) == 5


def test_supporters_have_the_same_steps():
    """They have no summary, and fewer columns in the loop: their numbers are made of the tables of their cut."""
    made = report()
    request = replace(made.origin.request, audience=ExportAudience.SUPPORTERS)
    made = replace(made, origin=replace(made.origin, request=request))
    loop = made.sections[-1].tables[0]
    seen = replace(loop.table, measures=loop.table.measures[:1])
    rows = tuple(one[:3] for one in loop.rows)
    cut = (replace(made.sections[-1], tables=(CountedTable(seen, rows),)),)
    found = first_page(replace(made, summary=None, sections=cut))
    assert [step.title for step in found.steps] == [step.title for step in first_page(report()).steps]
    assert [column.label for column in found.columns] == ["Theme", "Heard from"]
