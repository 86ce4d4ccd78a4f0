"""The way from theme to status: what goes in comes out, and everything has room."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from storage.outcomes.figures.draw import NARROW, WIDE, draw
from storage.outcomes.figures.model import CAVEAT, LoopFigure
from storage.outcomes.figures.sankey import LoopTrack, bands_of, track_of
from tests.support.figure_samples import loop, texts

LOOPS = {"3 themes": loop(3, 12), "12 themes": loop(12, 140), "30 themes": loop(30, 400), "one": loop(1, 1)}


@pytest.mark.parametrize("figure", LOOPS.values(), ids=LOOPS.keys())
def test_what_goes_in_comes_out(figure: LoopFigure) -> None:
    """Each column has each commitment once, and at each place as many leave as came, track by track."""
    bands = bands_of(figure)
    for column in range(3):
        assert sum(band.n for band in bands if band.column == column) == figure.commitments
    for column in (1, 2):
        came: Counter[tuple[str, LoopTrack]] = Counter()
        left: Counter[tuple[str, LoopTrack]] = Counter()
        for band in bands:
            if band.column == column - 1:
                came[band.end, band.track] += band.n
            if band.column == column:
                left[band.begin, band.track] += band.n
        assert came == left


@pytest.mark.parametrize("figure", LOOPS.values(), ids=LOOPS.keys())
def test_the_unanswered_are_a_band_of_their_own(figure: LoopFigure) -> None:
    """From the first column to the last there are as many unanswered as end without an answer."""
    lost = sum(path.n for path in figure.paths if path.ending.code in {"waiting", "no_response", "opted_out"})
    for column in range(3):
        of_column = [band for band in bands_of(figure) if band.column == column]
        assert sum(band.n for band in of_column if band.track is LoopTrack.UNANSWERED) == lost
    for path in figure.paths:
        assert (track_of(path) is LoopTrack.NOT_DUE) is (path.ending.code == "not_due")


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("figure", LOOPS.values(), ids=LOOPS.keys())
def test_each_place_is_there_with_its_number(figure: LoopFigure, width: int) -> None:
    """All themes, and each ending that there is, with its label and how many; the caveat is printed."""
    pytest.importorskip("matplotlib", reason="matplotlib comes with the extra report")
    joined = " ".join(texts(draw(figure, "a", width)))
    themes: Counter[str] = Counter()
    for path in figure.paths:
        themes[path.theme.label] += path.n
    for label, n in themes.items():
        assert f"{n} {label}" in joined
    endings: Counter[str] = Counter()
    for path in figure.paths:
        endings[path.ending.label] += path.n
    for label, n in endings.items():
        assert f"{n} {label}" in joined
    assert CAVEAT in joined


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("figure", LOOPS.values(), ids=LOOPS.keys())
def test_labels_of_a_column_do_not_overlap(figure: LoopFigure, width: int) -> None:
    """In each column there is a line's height from one label's line to the next, with any number of themes."""
    pytest.importorskip("matplotlib", reason="matplotlib comes with the extra report")
    svg = draw(figure, "a", width)
    places = [tuple(map(float, one)) for one in re.findall(r'<text [^>]*?x="([\d.]+)" y="([\d.]+)"', svg)]
    assert places
    for x in {x for x, _ in places}:
        heights = sorted(y for left, y in places if left == x)
        assert all(below - above >= 12 for above, below in pairwise(heights))
