"""Draw a figure of a supporter's cut: a bar for each row, with its label and its numbers above it."""

from typing import Final

from storage.outcomes.figures.labels import wrapped
from storage.outcomes.figures.model import CutBar, CutFigure
from storage.outcomes.figures.sheet import HEAD, LINE, NOTE, SMALL, TEXT, Box, Sheet
from storage.outcomes.figures.statuses import draw_band, draw_key

_BAR: Final = 24.0
_GAP: Final = 14.0


def draw_cut(sheet: Sheet, figure: CutFigure, top: float) -> float:
    """Draw the bars and their key below `top`, and return where they end."""
    y = top
    for bar in figure.bars:
        y = _bar(sheet, bar, y)
    used = {band.code: band for bar in figure.bars for band in bar.bands}
    return draw_key(sheet, tuple(used.values()), y)


def _bar(sheet: Sheet, bar: CutBar, y: float) -> float:
    """Draw a bar, and return where the next may begin."""
    label = wrapped(bar.label, sheet.width, TEXT)
    sheet.words(0, y + TEXT, label, HEAD)
    y += len(label) * LINE
    told = wrapped(bar.told, sheet.width, SMALL, 2)
    sheet.words(0, y + SMALL, told, NOTE)
    y += len(told) * LINE + 2
    x = 0.0
    for band in bar.bands:
        box = Box(x, y, sheet.width * band.n / bar.scale, _BAR)
        draw_band(sheet, band, box)
        x += box.width
    return y + (_BAR if bar.bands else 0) + _GAP
