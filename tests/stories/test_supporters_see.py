"""What supporters have in their hands tells of no fewer than five people: page, pictures and workbook.

The readers here know nothing of how a report is made. They read every number that is written, measure the bars, and
work out what they can from all of it together (`tests/support/supporter_pages.py`).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from storage.export.small_cells import LEAST_PEOPLE
from storage.export.statistics import STATUSES
from storage.outcomes.cuts import table_of_json, tables_as_json
from storage.outcomes.figures.draw import NARROW, WIDE
from storage.outcomes.figures.model import CutFigure, StatusBand
from storage.outcomes.page.render import html_page
from storage.outcomes.report import OutcomesReport
from storage.outcomes.supporter_counts import SupporterCounts
from storage.outcomes.supporters import hide_the_few
from storage.outcomes.workbook import write_workbook
from tests.support.small_programs import (
    THEMES,
    conditions,
    known_ranges,
    most_each,
    random_counts,
    seen_numbers,
    truth,
)
from tests.support.supporter_pages import (
    ReadPage,
    bars,
    page_facts,
    pictures,
    supporters_report,
    workbook_counts,
)
from tests.support.whole_numbers import another

pytest.importorskip("jinja2", reason="Jinja2 is optional")
pytest.importorskip("matplotlib", reason="matplotlib is optional")
pytestmark = pytest.mark.timeout(600)
SEEDS = range(12)
BAR = 24
"""How high a bar is, in pixels."""
SHOWN = 4
"""A seed of a program of which much is shown."""


@cache
def counts_of(seed: int) -> SupporterCounts:
    """A small program, the same each time: some so small that nothing of it is shown."""
    chance = Random(seed)
    return random_counts(chance, chance.randint(8, 38))


def report_of(seed: int) -> OutcomesReport:
    """What supporters get of it."""
    return supporters_report(hide_the_few(counts_of(seed)).tables)


@cache
def page_of(seed: int) -> str:
    """The same as a page, which takes its time to draw."""
    return html_page(report_of(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_number_is_of_fewer_than_five_people(seed: int, tmp_path: Path):
    """Not one that is written, on the page, in a picture, in the words for who does not see it, or in a worksheet."""
    write_workbook(report_of(seed), tmp_path / "report.xlsx")
    found = [*ReadPage(page_of(seed)).people_counts(), *workbook_counts(tmp_path / "report.xlsx")]
    assert not [(place, n) for place, n in found if n < LEAST_PEOPLE]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_bar_is_as_long_as_fewer_than_five_people(seed: int):
    """Whoever measures a bar with a ruler comes to numbers that are shown, and to rests of at least five."""
    for section in report_of(seed).sections:
        for one in section.figures:
            assert isinstance(one.figure, CutFigure)
            drawn = [band.n for bar in one.figure.bars for band in bar.bands]
            for name, width in (("wide", WIDE), ("narrow", NARROW)):
                found = measured(pictures(page_of(seed))[f"figure-{one.name}-{name}"], one.figure, width)
                assert found == drawn
                assert min(found) >= LEAST_PEOPLE


def measured(svg: str, figure: CutFigure, width: int) -> list[int]:
    """How many each drawn bar is of, by its length: the number that would fill the width is known of each row."""
    scales = [bar.scale for bar in figure.bars for _ in bar.bands]
    return [round(long * scale / width) for long, scale in zip(bars(svg, BAR), scales, strict=True)]


def rests(seen: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """What is left of each total that is shown when all that is shown below it is taken away."""
    parts = {
        "due": ("responded",),
        "responded": tuple(STATUSES),
        **{f"opened {role}": (f"finished {role}",) for role in ("hcp", "patient")},
        **{f"raised {name}": (f"told {name}",) for name in THEMES},
        **{f"told {name}": (f"better {name}",) for name in THEMES},
    }
    for whole, below in parts.items():
        shown = [seen[name] for name in below if isinstance(seen.get(name), int)]
        if isinstance(seen.get(whole), int) and shown:
            yield whole, seen[whole] - sum(shown)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_hidden_can_be_worked_out_of_a_page(seed: int):
    """A reader subtracts, and then tries each number that fits: of what is hidden there is always another one."""
    counts = counts_of(seed)
    seen = page_facts(ReadPage(page_of(seed)))
    assert not [(whole, rest) for whole, rest in rests(seen) if 0 < rest < LEAST_PEOPLE]
    names, each = truth(counts), most_each(counts)
    ranges, together = known_ranges(seen, names, each), conditions(names, each)
    for name, value in names.items():
        low, high = ranges[name]
        assert low <= value <= high, name
        if low < high:
            assert another(ranges, together, name, value), name


def test_a_page_says_what_the_tables_say():
    """The reader of pages reads right: in each program the same numbers as stand in the tables of the cut."""
    for seed in SEEDS:
        tables = seen_numbers(hide_the_few(counts_of(seed)))
        seen = {name: one for name, one in tables.items() if one is not None}
        found = page_facts(ReadPage(page_of(seed)))
        assert {name: one for name, one in found.items() if name != "no_answer"} == {
            name: one for name, one in seen.items() if name != "no_answer"
        }


def test_a_figure_that_tells_is_found_out(tmp_path: Path):
    """The readers see a small number in a figure: in its table, in its words, and in the length of its bar."""
    found = report_of(SHOWN)
    section = next(one for one in found.sections if one.figures)
    figure = section.figures[0].figure
    assert isinstance(figure, CutFigure)
    bar = replace(figure.bars[0], told="3 of them", bands=(StatusBand("met", "Met", 3),), scale=30)
    planted = replace(figure, bars=(bar,), rows=(("row", *(3 for _ in figure.columns[1:])),))
    changed = replace(section, figures=(replace(section.figures[0], figure=planted),))
    told = replace(found, sections=(changed,))
    page = html_page(told)
    places = [place for place, n in ReadPage(page).people_counts() if n == bar.bands[0].n]
    assert {"words", "table"} == {"table" if "/" in place else "words" for place in places}
    drawn = pictures(page)[f"figure-{changed.figures[0].name}-wide"]
    assert measured(drawn, planted, WIDE) == [3]
    write_workbook(told, tmp_path / "report.xlsx")
    assert 3 in {n for _, n in workbook_counts(tmp_path / "report.xlsx")}


def test_what_is_kept_of_a_cut_makes_the_same_report(tmp_path: Path):
    """Nothing of it is counted beside the tables that the register keeps and compares."""
    for seed in (0, SHOWN):
        tables = hide_the_few(counts_of(seed)).tables
        kept = tuple(map(table_of_json, json.loads(json.dumps(tables_as_json(tables)))))
        assert html_page(supporters_report(kept)) == page_of(seed)
        for name, some in (("kept", kept), ("first", tables)):
            write_workbook(supporters_report(some), tmp_path / name)
        assert (tmp_path / "kept").read_bytes() == (tmp_path / "first").read_bytes()


def test_the_programs_draw_and_refuse_to_draw():
    """In some of them each figure is there, and in some of them a sentence stands in its place."""
    made = [supporters_report(hide_the_few(counts_of(seed)).tables) for seed in range(40)]
    names = [one.name for found in made for section in found.sections for one in section.figures]
    assert set(names) == {"came_in", "statuses", "barriers", "themes", "noticed"}
    assert all(names.count(name) < len(made) for name in ("statuses", "barriers", "noticed"))
    assert all(section.not_drawn for found in made for section in found.sections if not section.figures)
