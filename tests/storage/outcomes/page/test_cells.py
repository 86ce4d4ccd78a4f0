"""Cells of the report in words."""

from datetime import UTC, datetime

import pytest

from storage.export.measures.measure import Figure, MeasureCell, RatingChange
from storage.export.small_cells import HiddenMark
from storage.export.statistics import Difference
from storage.outcomes.page.cells import FEW, NOTHING, shown_cell

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("column", "cell", "text", "detail"),
    [
        ("raised", None, NOTHING, ""),
        ("raised", 1234, "1,234", ""),
        ("specificity", 2.64, "2.6", ""),
        ("last_made", datetime(2026, 3, 31, 23, tzinfo=UTC), "2026-03-31", ""),
        ("done_of_due", Figure(6, 32, 20), "18.8 %", "6 of 32 (8.9 to 35.3)"),
        ("done_of_due", Figure(2, 11, 4), "2 of 11", FEW),
        ("done_of_due", Figure(0, 0, 0), NOTHING, ""),
        ("change", RatingChange(6, -0.5, -1.25, 0.25), f"{MINUS}0.5 points", f"6 people ({MINUS}1.2 to +0.2)"),
        ("change", RatingChange(4, 0.01, -1.0, 1.0), "0.0 points", FEW),
        ("difference", Difference(9, 7, 0.4, 0.5, -0.1, 0.3), "+10.0 % points", f"7 people ({MINUS}10.0 to +30.0)"),
        ("difference", Difference(9, 4, 0.4, 0.5, -0.1, 0.3), "+10.0 % points", FEW),
        ("done_of_due", HiddenMark.SMALL, "<5", "fewer than five"),
        ("raised", HiddenMark.COVER, "hidden", ""),
        ("status", "full", "Doing it fully", ""),
        ("status", "in_words", "answered in other words", ""),
        ("barrier", "time", "Not enough time", ""),
        ("top_barrier", "of_somebody", "of_somebody", ""),
        ("wave", "30", "day 30", ""),
        ("wave", "latest", "latest report", ""),
        ("activity", "", NOTHING, ""),
        ("label", "time", "time", ""),
    ],
)  # fmt: skip
def test_a_cell(column: str, cell: MeasureCell, text: str, detail: str):
    """Codes have their labels; what fewer than five people answered says so, and has no per cent and no interval."""
    found = shown_cell(column, cell)
    assert (found.text, found.detail) == (text, detail)
    assert found.is_few is (detail == FEW)
    assert found.is_nothing is (text == NOTHING)


@pytest.mark.parametrize(
    ("column", "words", "target"),
    [
        ("evidence_in_report", "outcomes.activities: engages = yes", "t-outcomes.activities"),
        ("evidence_in_files", "commitments.csv: program = p", ""),
        ("words", "outcomes.activities: engages = yes", ""),
    ],
)
def test_what_stands_in_the_report_is_a_link(column: str, words: str, target: str):
    """By the name of the column: nobody's words lead anywhere."""
    found = shown_cell(column, words)
    assert (found.text, found.target) == (words, target)
