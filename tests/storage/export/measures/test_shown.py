"""A cell of a table of measures in words, and as JSON."""

import pytest

from storage.export.measures.measure import Figure, MeasureCell, RatingChange
from storage.export.measures.shown import as_json, in_words
from storage.export.statistics import Difference


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (None, ""),
        ("full", "full"),
        (3, "3"),
        (Figure(0, 0, 0), "-"),
        (Figure(6, 32, 20), "6 of 32 = 18.8 % (8.9 to 35.3)"),
        (Figure(2, 11, 4), "2 of 11, under 5 answered"),
        (RatingChange(6, 0.5, -0.25, 1.25), "+0.5 (-0.2 to +1.2) of 6"),
        (RatingChange(4, -1.5, -2.0, -1.0), "-1.5, under 5 answered"),
        (Difference(9, 7, 0.4, 0.5, -0.1, 0.3), "+10.0 (-10.0 to +30.0)"),
        (Difference(9, 4, 0.4, 0.5, -0.1, 0.3), "+10.0, under 5 answered"),
    ],
)
def test_a_cell_in_words(cell: MeasureCell, words: str):
    """A figure of fewer than five people says so, and has no per cent and no interval."""
    assert in_words(cell) == words


def test_json_has_no_per_cent_of_few():
    """Its counts are there, and that they are few."""
    assert as_json(Figure(2, 4, 4)) == {
        "n": 2, "of": 4, "percent": None, "low": None, "high": None, "responders": 4, "few": True
    }  # fmt: skip
    assert as_json(Figure(2, 4, 4), with_people=False) == {
        "n": 2, "of": 4, "percent": None, "low": None, "high": None
    }  # fmt: skip
    assert as_json(RatingChange(4, 0.5, -1.0, 2.0)) == {
        "points": 0.5, "low": None, "high": None, "people": 4, "few": True
    }  # fmt: skip
