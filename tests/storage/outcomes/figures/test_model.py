"""Figures in words and as tables: everything that is drawn can be read."""

import pytest

from storage.outcomes.figures.model import OutcomesFigure, ResponseFigure, ResponseSeries
from tests.support.figure_samples import EMPTY, FIGURES, loop, statuses


@pytest.mark.parametrize("figure", [*FIGURES.values(), *EMPTY.values()])
def test_every_figure_has_the_table_of_its_numbers(figure: OutcomesFigure) -> None:
    """A row is as long as the columns, and begins with what it is about."""
    table = figure.table
    assert table.caption == figure.title
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert all(isinstance(row[0], str) for row in table.rows)


def test_the_numbers_of_a_table_are_all_that_were_due() -> None:
    """The bands of a wave add up to who was due; the ways of the loop to all commitments."""
    for row in statuses(12, 40).table.rows:
        *bands, due, _, _ = row[1:]
        assert sum(int(one) for one in bands) == due
    figure = loop(12, 140)
    assert sum(int(row[-1]) for row in figure.table.rows) == figure.commitments == 140


def test_answers_are_counted_by_week() -> None:
    """Day 6 is within seven days, day 7 is not; the last column has everybody."""
    table = ResponseFigure((ResponseSeries("30 days", 9, (0, 6, 7, 13, 14)),)).table
    assert table.columns[2:] == (
        "answered within 7 days",
        "answered within 14 days",
        "answered within 21 days",
    )
    assert table.rows == (("30 days", 9, 2, 4, 5),)


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_a_description_says_the_numbers(figure: OutcomesFigure) -> None:
    """Whoever hears it knows what is drawn, and by whom it was told."""
    assert figure.title in figure.description
    assert figure.note in figure.description
    assert any(letter.isdigit() for letter in figure.description)
