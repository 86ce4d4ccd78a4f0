"""Bars of a supporter's figure: as long as their numbers, and none where there is nothing to draw."""

import pytest

from storage.outcomes.figures.draw import NARROW, WIDE, draw
from tests.support.figure_samples import cut, texts
from tests.support.supporter_pages import bars

pytest.importorskip("matplotlib", reason="matplotlib comes with the extra report")


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_bars_are_as_long_as_their_numbers(width: int) -> None:
    """Twelve and seven of forty; the row without bands has its words alone, and each fill one line in the key."""
    svg = draw(cut("Clinicians", "Patients", "Carers"), "a", width)
    assert list(bars(svg, 24)) == pytest.approx([width * 12 / 40, width * 7 / 40] * 2, abs=0.02)
    words = texts(svg)
    assert "Carers" in words
    assert words.count("hidden") == 1
    assert words.count("Finished") == 1
