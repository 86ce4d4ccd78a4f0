"""What a supporter sees: listed columns alone, and no number that tells of fewer than five people."""

from dataclasses import replace
from random import Random

import pytest

from storage.export.measures.measure import Figure, MeasureSet, MeasureSource
from storage.export.measures.registry import EVERY_TABLE
from storage.export.small_cells import HiddenMark
from storage.export.statistics import STATUSES
from storage.outcomes.supporter_counts import FlowPeople, SupporterCounts
from storage.outcomes.supporters import SEEN, SUPPORTER_TABLES, hide_the_few, narrowed
from tests.support.small_programs import (
    NOBODY,
    activity,
    conditions,
    full_house,
    known_ranges,
    most_each,
    people,
    random_counts,
    reported,
    rows,
    seen_numbers,
    silent,
    theme,
    truth,
)
from tests.support.whole_numbers import Condition, another, solutions

SMALL, COVER = HiddenMark.SMALL, HiddenMark.COVER


def test_a_new_column_is_not_seen_until_it_is_listed():
    """One that is added to a table of measures is left out, and a table that is not listed too."""
    links = next(table for table in EVERY_TABLE if table.name == "response.links")
    added = MeasureSet("response.links", MeasureSource.SYSTEM, links.measures[0].query).count(
        "names", "Names."
    )
    found = narrowed(replace(links, keys=(*links.keys, "person"), measures=(*links.measures, added)))
    assert found is not None
    assert found.columns == SEEN["response.links"]
    assert narrowed(replace(links, name="response.new")) is None


def test_what_is_listed_is_there():
    """Each listed table has its columns, in order, and rows for all of them."""
    assert {table.name: table.columns for table in SUPPORTER_TABLES} == SEEN
    for one in hide_the_few(random_counts(Random(5), 30)).tables:
        assert all(len(row) == len(one.table.columns) for row in one.rows)


def test_no_column_can_hold_words_or_persons():
    """Nothing that is listed is a person, a source, a day, or words of anybody."""
    words = {"person", "participant", "source", "statement", "quote", "top_barrier", "break"}
    for columns in SEEN.values():
        assert not words & set(columns)
        assert not [column for column in columns if column.startswith(("first_", "last_"))]


def test_a_table_of_which_nothing_can_be_shown_says_so():
    """Four people are too few for any table."""
    few = people(4)
    counts = SupporterCounts(
        (FlowPeople("hcp", "hcp_commitment", few, people(2)),),
        (activity(*reported("full", 4, 1)),),
        few,
        {"time": few},
        few,
        (theme("pain", few), theme("sleep", frozenset())),
    )
    view = hide_the_few(counts)
    assert [one.is_too_few for one in view.tables] == [True] * 5
    assert view.cells == {}
    assert all(one.is_too_few for one in hide_the_few(NOBODY).tables)


def test_where_all_are_many_all_is_shown():
    """Nothing is hidden without need."""
    counts = SupporterCounts(
        (FlowPeople("hcp", "hcp_commitment", people(120), people(33)),),
        (activity(*full_house()),),
        people(20),
        {"time": people(9), "cost": people(15)},
        people(30, 100),
        (theme("pain", people(20, 100), 14, 9), theme("sleep", people(12, 110))),
    )
    view = hide_the_few(counts)
    assert rows(view, "response.links") == [("hcp", "hcp_commitment", 120, 33, Figure(33, 120, 120))]
    assert rows(view, "response.barriers") == [("cost", 15), ("time", 9)]
    [implemented] = rows(view, "response.implemented")
    assert implemented[:3] == ("spring", 5 * len(STATUSES) + 6, 5 * len(STATUSES))
    assert implemented[3] == Figure(10, 45, 45)
    assert {row[2] for row in rows(view, "response.statuses")} == {5}
    assert rows(view, "loop.themes")[0] == ("pain", "Pain", 20, 1, 2, Figure(9, 14, 14), Figure(9, 14, 14))


@pytest.mark.parametrize("finished", [0, 3, 37, 40])
def test_a_few_who_finished_or_did_not_are_hidden(finished: int):
    """The rest of a total is a number, too."""
    counts = replace(NOBODY, came_in=(FlowPeople("hcp", "f", people(40), people(finished)),))
    [row] = rows(hide_the_few(counts), "response.links")
    assert row[2:] == (40, SMALL if finished < 5 else COVER, None)


def test_a_barrier_that_nearly_everybody_met_is_hidden():
    """And there is no row of it, nor of one that few met."""
    met = {"time": people(17), "cost": people(4), "staff": people(15)}
    counts = replace(NOBODY, asked=people(20), met=met)
    assert rows(hide_the_few(counts), "response.barriers") == [("staff", 15)]


def test_a_theme_that_nearly_everybody_raised_is_hidden():
    """As is one that few did; with a second one, where one alone would be told by the number of picks."""
    themes = (theme("a", people(18)), theme("b", people(9)), theme("c", people(2)), theme("d", people(8)))
    found = rows(hide_the_few(replace(NOBODY, picked=people(20), themes=themes)), "loop.themes")
    assert [row[2] for row in found] == [COVER, 9, SMALL, COVER]


def test_a_share_needs_all_its_numbers():
    """Better of those asked again is hidden where few were not asked, or few are not better."""
    for told, better, shown in (
        (14, 9, True),
        (18, 9, False),
        (14, 12, False),
        (14, 2, False),
        (3, 3, False),
    ):
        counts = replace(
            NOBODY, picked=people(30), themes=(theme("a", people(20), told, better), theme("b", people(20)))
        )
        first = rows(hide_the_few(counts), "loop.themes")[0]
        assert first[2] == 20
        assert (first[5] == Figure(better, told, told)) is shown
        assert (first[5] is None) is not shown


def test_commitments_do_not_tell_who_made_none():
    """Where each made the most, the commitments of an activity tell how many people made one."""
    made = (activity(*reported("full", 18, 1), *silent(20, 50)),)
    counts = replace(
        NOBODY, commitments=made, came_in=(FlowPeople("hcp", "f", people(18) | people(22, 50), people(30)),)
    )
    assert rows(hide_the_few(counts), "response.links") == []
    many = replace(counts, came_in=(FlowPeople("hcp", "f", people(90), people(30)),))
    assert len(rows(hide_the_few(many), "response.links")) == 1


@pytest.mark.parametrize("seed", range(40))
def test_nothing_that_is_hidden_can_be_worked_out_of_all_tables_together(seed: int):
    """In small programs of all kinds: each hidden number may be another one, given all that is shown."""
    chance = Random(seed)
    counts = random_counts(chance, chance.randint(3, 30))
    names, view = truth(counts), hide_the_few(counts)
    each = most_each(counts)
    ranges, all_conditions = known_ranges(seen_numbers(view), names, each), conditions(names, each)
    for name, value in names.items():
        low, high = ranges[name]
        assert low <= value <= high, name
        if low < high:
            assert another(ranges, all_conditions, name, value), name


def test_the_small_programs_show_and_hide_something():
    """In some of them each table is there, and in some of them something in it is hidden."""
    views = [hide_the_few(random_counts(Random(seed), 28)) for seed in range(40)]
    for place, table in enumerate(SUPPORTER_TABLES):
        found = [view.tables[place] for view in views]
        assert sum(not one.is_too_few for one in found) > 5, table.name
        if table.name != "response.barriers":
            assert any(isinstance(cell, HiddenMark) for one in found for row in one.rows for cell in row)


def test_the_search_finds_what_is_told():
    """A number that only one value fits is found out, and one that two fit is not."""
    whole: list[Condition] = [({"a": 1, "b": 1}, 7, 7)]
    assert not another({"a": (3, 3), "b": (0, 9)}, whole, "b", 4)
    assert another({"a": (2, 3), "b": (0, 9)}, whole, "b", 4)
    assert len(list(solutions({"a": (0, 9), "b": (0, 9)}, whole))) == 8
