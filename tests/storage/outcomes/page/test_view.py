"""Tables in parts that fit a sheet, and what their measures are."""

from storage.export.measures.barriers import BARRIERS
from storage.export.measures.loop import loop_table
from storage.outcomes.page.view import column_label, definitions, shown_table
from storage.outcomes.report import CountedTable
from tests.support.outcomes_reports import report


def test_no_column_is_lost():
    """Each measure stands in just one part, or among those that are empty; the keys stand in each part."""
    for counted in report().tables:
        table = shown_table(counted)
        shown = [column.measure for part in table.parts for column in part.columns if column.measure]
        expected = {measure.id for measure in counted.table.measures} if counted.rows else set()
        empty = [column.measure for column in table.empty]
        assert sorted([*shown, *empty]) == sorted(expected)
        for part in table.parts:
            assert all(column.measure is None for column in part.columns[: part.keys])
            assert [len(row) for row in part.rows] == [len(part.columns)] * len(counted.rows)


def test_the_loop_is_in_parts_with_labels_alone():
    """It is too wide for a sheet; a theme is told by its label, and its code is not shown beside it."""
    loop = next(one for one in report().tables if one.table.name == "loop.themes")
    table = shown_table(loop)
    assert len(table.parts) > 1
    assert {part.columns[0].label for part in table.parts} == {"Label"}
    assert "loop.themes.raised_coded" in {column.measure for column in table.empty}


def test_a_table_without_rows_has_no_parts():
    """Nothing is said of its columns."""
    table = shown_table(CountedTable(BARRIERS, ()))
    assert (table.parts, table.empty) == ((), ())


def test_each_table_is_defined_once():
    """Also where a report has it twice."""
    loop = CountedTable(loop_table(), ())
    (found,) = definitions([loop, loop])
    assert (found.name, found.measures) == ("loop.themes", loop.table.measures)


def test_both_denominators_stand_in_one_part():
    """A share of those who answered is never in another part than the same share of all who were due."""
    for counted in report().tables:
        for part in shown_table(counted).parts:
            names = [(column.measure or "").rpartition(".")[2] for column in part.columns]
            for name in names:
                if name.endswith("of_responders") and name != "people_of_responders":
                    assert names[names.index(name) + 1] == name.replace("of_responders", "of_due")


def test_columns_in_words():
    """Words as people write them, and rates by their names."""
    assert column_label("done_of_due") == "Done, of due"
    assert column_label("of_responders") == "Of responders"
    assert column_label("rr1") == "RR1"
