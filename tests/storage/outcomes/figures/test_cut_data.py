"""The figures of a supporter's cut: made of its tables, and of nothing that these hide."""

from dataclasses import replace

from storage.export.measures.measure import MeasureRow
from storage.export.small_cells import HiddenMark
from storage.outcomes.figures.cut_data import cut_figures
from storage.outcomes.figures.model import CutFigure
from storage.outcomes.supporter_counts import FlowPeople, SupporterCounts
from storage.outcomes.supporters import SUPPORTER_TABLES, CutTable, hide_the_few
from tests.support.small_programs import NOBODY, activity, full_house, people, reported, silent, theme


def figures(counts: SupporterCounts) -> dict[str, CutFigure]:
    return cut_figures(hide_the_few(counts).tables)


def bands(figure: CutFigure) -> list[dict[str, int]]:
    """The bands of each bar."""
    return [{band.code: band.n for band in bar.bands} for bar in figure.bars]


def table(name: str, *rows: MeasureRow) -> CutTable:
    """A table of a cut, made by hand."""
    return CutTable(next(one for one in SUPPORTER_TABLES if one.name == name), rows)


def test_who_came_in_and_finished():
    """Where those who finished are hidden the bar is of all who opened, and nobody can tell it apart."""
    came = (
        FlowPeople("hcp", "hcp_commitment", people(40), people(30)),
        FlowPeople("patient", "patient_interview", people(20), people(18)),
        FlowPeople("carer", "patient_interview", people(3), people(3)),
    )
    found = figures(replace(NOBODY, came_in=came))["came_in"]
    assert bands(found) == [{"finished": 30, "not_finished": 10}, {"opened": 20}]
    assert found.bars[1].told == "20 opened, hidden finished"
    assert found.rows == (
        ("Clinicians, hcp commitment", 40, 30),
        ("Patients, patient interview", 20, "hidden"),
    )
    assert {bar.scale for bar in found.bars} == {40}


def test_statuses_that_cannot_be_told_apart_are_one_band():
    """A status of four people has no band of its own; with the others that are hidden it has."""
    made = activity(
        *reported("full", 12, 1), *reported("dropped", 4, 30), *reported("planned", 7, 50), *silent(9, 90)
    )
    found = figures(replace(NOBODY, commitments=(made,)))["statuses"]
    [bar] = bands(found)
    assert "dropped" not in bar
    assert bar["no_answer"] == 9
    assert sum(bar.values()) == 32 == found.bars[0].scale
    assert bar["others"] >= 5
    assert ("spring", "No answer", 9) in found.rows


def test_all_statuses_where_all_can_be_shown():
    """And no band of others."""
    found = figures(replace(NOBODY, commitments=(activity(*full_house()),)))["statuses"]
    [bar] = bands(found)
    assert set(bar.values()) == {5, 6}
    assert "others" not in bar


def test_without_any_total_no_bar_is_drawn():
    """It would be as long as what is hidden, or say nothing. The words say why."""
    hidden = HiddenMark.COVER
    implemented = table("response.implemented", ("spring", hidden, hidden, None, None, None, None))
    statuses = table("response.statuses", ("spring", "full", 12, None, None))
    found = cut_figures((implemented, statuses))["statuses"]
    assert not found.is_drawn
    assert "neither total can be shown" in found.bars[0].told


def test_a_rest_of_fewer_than_five_is_never_drawn():
    """No cut shows such numbers. If one did, its figures would not draw what is left, nor all but that."""
    implemented = table("response.implemented", ("spring", 20, 16, None, None, None, None))
    statuses = table("response.statuses", ("spring", "full", 16, None, None))
    links = table("response.links", ("hcp", "hcp_commitment", 20, 17, None))
    found = cut_figures((implemented, statuses, links))
    assert not found["statuses"].is_drawn
    assert bands(found["came_in"]) == [{"opened": 20}]


def test_barriers_and_themes_by_how_many():
    """A hidden theme has a line and no bar; a hidden barrier has not even a line, as in the table."""
    counts = replace(
        NOBODY,
        asked=people(30),
        met={"time": people(9), "cost": people(15), "staff": people(4)},
        picked=people(30, 100),
        themes=(
            theme("sleep", people(12, 110)), theme("pain", people(20, 100), 14, 9),
            theme("cost", people(3, 100)), theme("work", people(6, 100)),
        ),
    )  # fmt: skip
    found = figures(counts)
    assert bands(found["barriers"]) == [{"met": 15}, {"met": 9}]
    assert [bar.label for bar in found["themes"].bars][:2] == ["Pain", "Sleep"]
    shown = bands(found["themes"])
    assert shown[:2] == [{"raised": 20}, {"raised": 12}]
    assert shown[2:] == [{}, {}]
    assert bands(found["noticed"]) == [{"better": 9, "not_better": 5}] * 2
    assert found["noticed"].rows[0] == ("Pain: rate it higher than before", 9, 14)


def test_nothing_is_drawn_of_nothing():
    """Nor of a cut whose tables are too few to show, or lack columns, as one of another version may."""
    short = table("response.links", ("hcp", "hcp_commitment", 20, 11, None))
    older = replace(short.table, keys=("role",), measures=short.table.measures[:1])
    for tables in ((), hide_the_few(NOBODY).tables):
        assert not [one for one in cut_figures(tables).values() if one.is_drawn]
    found = cut_figures((CutTable(older, (("hcp", 20),)),))["came_in"]
    assert bands(found) == [{"opened": 20}]
    assert found.rows[0][2] == "hidden"
