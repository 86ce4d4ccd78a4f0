"""Draw the funnel: a bar for each step, with its label above it and its number beside it."""

from typing import Final

from storage.outcomes.figures.labels import width_of, wrapped
from storage.outcomes.figures.model import FunnelFigure, FunnelStep
from storage.outcomes.figures.palette import PLAIN
from storage.outcomes.figures.sheet import HEAD, LINE, NOTE, SMALL, TEXT, Box, Sheet

_BAR: Final = 18.0
_GAP: Final = 14.0
_BESIDE: Final = 8.0


def draw_funnel(sheet: Sheet, figure: FunnelFigure, top: float) -> float:
    """Draw the steps below `top`, and return where they end."""
    most = max((one.people or 0 for one in figure.steps), default=0)
    widest = max((width_of(_number(one), TEXT) for one in figure.steps), default=0)
    length = sheet.width - widest - 2 * _BESIDE
    y = top
    for step in figure.steps:
        y = _step(sheet, step, length * (step.people or 0) / (most or 1), y)
    return y


def _number(step: FunnelStep) -> str:
    return "not known" if step.people is None else f"{step.people:,}"


def _step(sheet: Sheet, step: FunnelStep, length: float, y: float) -> float:
    """Draw a step, its bar `length` long, and return where the next may begin."""
    label = wrapped(step.label, sheet.width, TEXT)
    sheet.words(0, y + TEXT, label)
    y += len(label) * LINE + 3
    sheet.bar(Box(0, y, max(length, 1.5), _BAR), PLAIN, outline=True)
    sheet.words(max(length, 1.5) + _BESIDE, y + _BAR - 4.5, _number(step), HEAD)
    y += _BAR
    if step.told:
        lines = wrapped(step.told, sheet.width, SMALL, 2)
        sheet.words(0, y + SMALL + 3, lines, NOTE)
        y += len(lines) * LINE
    return y + _GAP
