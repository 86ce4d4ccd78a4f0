"""The five steps of a supporter's first page: each number stands in a table of the cut, or is a sum of some that do."""

from dataclasses import replace

from storage.export.measures.measure import Figure
from storage.outcomes.page.steps import ReportStage, ReportStep, StepNumber
from storage.outcomes.page.supporter_steps import MOST_NOTICED, supporter_steps
from storage.outcomes.supporter_counts import FlowPeople, SupporterCounts
from storage.outcomes.supporters import TOO_FEW, hide_the_few
from tests.support.small_programs import NOBODY, activity, full_house, people, reported, silent, theme
from tests.support.supporter_pages import supporters_report

AUTUMN = (
    *reported("full", 12, 1),
    *reported("partial", 8, 50),
    *reported("dropped", 3, 60),
    *reported("planned", 4, 70),
)
MANY = replace(
    NOBODY,
    came_in=(
        FlowPeople("carer", "patient_interview", people(9, 500), people(2, 500)),
        FlowPeople("hcp", "hcp_commitment", people(120), people(33)),
        FlowPeople("patient", "patient_interview", people(40, 700), people(30, 700)),
    ),
    commitments=(
        activity(*full_house(), name="spring"),
        activity(*AUTUMN, *silent(20, 90), name="autumn"),
        activity(*reported("full", 3, 1), name="winter"),
    ),
    picked=people(40, 700),
    themes=(
        theme("pain", people(20, 700), 14, 9),
        theme("sleep", people(12, 710)),
        theme("other", people(30, 705)),
    ),
)


def steps(counts: SupporterCounts) -> dict[ReportStage, ReportStep]:
    return {step.stage: step for step in supporter_steps(supporters_report(hide_the_few(counts).tables))}


def said(number: StepNumber) -> tuple[str, str]:
    return number.cell.text, number.measure


def test_each_step_has_its_numbers():
    """Sums are of the rows that are shown; the share of a sum is that of the sums."""
    found = steps(MANY)
    assert list(found) == list(ReportStage)
    assert [said(one) for one in found[ReportStage.HEARD].numbers] == [
        ("9", "response.links.opened"),
        ("40", "response.links.opened"),
        ("20", "loop.themes.raised"),
    ]
    assert [said(one) for one in found[ReportStage.TAUGHT].numbers] == [
        ("2 of 2", "loop.themes.activities"),
        ("4", "loop.themes.objectives"),
    ]
    due = 51 + 47
    assert said(found[ReportStage.COMMITTED].numbers[0]) == (str(due), "response.implemented.due")
    [of_told, of_due] = found[ReportStage.DONE].numbers
    assert of_told.cell.detail.startswith("30 of 72")
    assert of_due.cell.detail.startswith(f"30 of {due}")
    assert of_due.words.endswith("in the 2 activities that can be shown")
    assert found[ReportStage.NOTICED].numbers[0].cell.detail.startswith("9 of 14")
    assert len(found[ReportStage.NOTICED].numbers) <= MOST_NOTICED


def test_what_is_no_theme_is_not_the_most_raised():
    """`other` and `none` are answers, and no themes."""
    [*_, most] = steps(MANY)[ReportStage.HEARD].numbers
    assert "Pain" in most.words


def test_a_step_without_any_number_says_so():
    """So do all where nobody is there, or four people are."""
    few = people(4)
    counts = replace(NOBODY, came_in=(FlowPeople("patient", "patient_interview", few, few),), picked=few)
    for found in (steps(NOBODY), steps(counts)):
        assert {step.nothing for step in found.values()} == {TOO_FEW}
        assert not [step for step in found.values() if step.numbers]


def test_a_step_about_many_is_not_said_to_be_about_few():
    """What would tell a small number is hidden, too: 21 did it in full and three in part, so the sum is not told."""
    told = (
        *reported("full", 21, 1),
        *reported("partial", 3, 40),
        *reported("planned", 8, 50),
        *silent(14, 90),
    )
    found = steps(replace(MANY, commitments=(activity(*told),)))
    step = found[ReportStage.DONE]
    assert not step.numbers
    assert step.nothing == TOO_FEW
    assert "or a number that would tell" in step.nothing


def test_a_share_that_is_hidden_is_in_no_sum():
    """Of an activity in which nearly all answered, there are no shares, and they are missing in the sum as well."""
    full = activity(*AUTUMN, *silent(2, 90), name="autumn")
    found = steps(replace(MANY, commitments=(*MANY.commitments[:1], full)))
    [of_told, _] = found[ReportStage.DONE].numbers
    assert of_told.cell.detail.startswith("10 of 45")
    assert of_told.words.endswith("in the activity that can be shown")


def test_the_numbers_are_those_of_the_tables():
    """What one activity alone shows is what its row says."""
    counts = replace(MANY, commitments=MANY.commitments[:1])
    [table] = [one for one in hide_the_few(counts).tables if one.table.name == "response.implemented"]
    row = dict(zip(table.table.columns, table.rows[0], strict=True))
    share = row["done_of_due"]
    assert isinstance(share, Figure)
    [_, of_due] = steps(counts)[ReportStage.DONE].numbers
    assert of_due.cell.detail.startswith(f"{share.n} of {share.of}")
