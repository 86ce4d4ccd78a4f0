"""Draw a figure as SVG text: its title, what it is made of, and what its reader must know.

Nothing in it depends on the day or the machine, so the same figure gives the same bytes. A figure is drawn as wide as
it will be shown, since letters that are made smaller cannot be read: `NARROW` fits a phone, `WIDE` a page. A page that
has both shows one of them by `STYLE`.
"""

from typing import Final, assert_never

from storage.outcomes.figures.barriers import draw_barriers
from storage.outcomes.figures.cut_bars import draw_cut
from storage.outcomes.figures.finish import FigureWords
from storage.outcomes.figures.funnel import draw_funnel
from storage.outcomes.figures.labels import wrapped
from storage.outcomes.figures.model import (
    BarrierFigure,
    CutFigure,
    FunnelFigure,
    LoopFigure,
    OutcomesFigure,
    ResponseFigure,
    StatusFigure,
)
from storage.outcomes.figures.response import draw_response
from storage.outcomes.figures.sankey import draw_loop
from storage.outcomes.figures.sheet import HEAD, LINE, NOTE, SMALL, TEXT, Sheet
from storage.outcomes.figures.statuses import draw_statuses

NARROW: Final = 340
WIDE: Final = 700
"""Pixels: as wide as a phone's page between its margins, and as a page of text."""
NOTHING: Final = "Nothing to show yet."
STYLE: Final = """\
svg.figure { display: block; max-width: 100%; height: auto; }
.figure-narrow { display: none; }
@media screen and (max-width: 760px) { .figure-narrow { display: block; } .figure-wide { display: none; } }
"""
"""A style sheet for both widths of a figure, in elements of the classes `figure-narrow` and `figure-wide`."""
_MARGIN: Final = 4.0


def draw(figure: OutcomesFigure, name: str, width: int = WIDE) -> str:
    """Return a figure as an SVG element that is `width` pixels wide; its ids begin with `name`.

    Raises:
        PackageMissing: matplotlib is not installed.
        ValueError: an id cannot begin with the name.
    """
    sheet = Sheet(width)
    title = wrapped(figure.title, sheet.width, TEXT)
    sheet.words(0, TEXT + 1, title, HEAD)
    y = len(title) * LINE + 10
    if is_empty(figure):
        sheet.words(0, y + TEXT, NOTHING)
        y += LINE + 8
    else:
        y = _body(sheet, figure, y)
    note = wrapped(figure.note, sheet.width, SMALL, 9)
    sheet.words(0, y + SMALL, note, NOTE)
    return sheet.svg(y + len(note) * LINE + _MARGIN, FigureWords(name, figure.title, figure.description))


def is_empty(figure: OutcomesFigure) -> bool:
    """Return whether there is nothing to draw."""
    match figure:
        case FunnelFigure():
            return not any(step.people for step in figure.steps)
        case StatusFigure():
            return not any(wave.due for wave in figure.waves)
        case BarrierFigure():
            return not any(one.foreseen or one.met for one in figure.barriers)
        case LoopFigure():
            return not figure.commitments
        case ResponseFigure():
            return not any(one.answered for one in figure.series)
        case CutFigure():
            return not figure.is_drawn
        case _:
            assert_never(figure)


def _body(sheet: Sheet, figure: OutcomesFigure, top: float) -> float:
    """Draw what a figure is made of below `top`, and return where it ends."""
    match figure:
        case FunnelFigure():
            return draw_funnel(sheet, figure, top)
        case StatusFigure():
            return draw_statuses(sheet, figure, top)
        case BarrierFigure():
            return draw_barriers(sheet, figure, top)
        case LoopFigure():
            return draw_loop(sheet, figure, top)
        case ResponseFigure():
            return draw_response(sheet, figure, top)
        case CutFigure():
            return draw_cut(sheet, figure, top)
        case _:
            assert_never(figure)
