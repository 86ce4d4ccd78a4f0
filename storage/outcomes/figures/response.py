"""Draw how answers came in: for each wave a stair that rises with each person who answered, of all who were due."""

from typing import Final

from flows.heavy_packages import load
from storage.outcomes.figures.labels import wrapped
from storage.outcomes.figures.model import ResponseFigure, ResponseSeries
from storage.outcomes.figures.palette import Fill
from storage.outcomes.figures.sheet import FAINT, LINE, SMALL, TEXT, Box, Lettering, Sheet, Stroke

_HEIGHT: Final = 220.0
_LEFT: Final = 46.0
_SHARES: Final = (0, 25, 50, 75, 100)
_LEAST_DAYS: Final = 14
_STROKES: Final = (
    Stroke(2, "solid", "#0072b2"),
    Stroke(2, (0, (7, 3)), "#d55e00"),
    Stroke(2, (0, (2, 2)), "#009e73"),
    Stroke(2, (0, (8, 2, 2, 2)), "#b0527f"),
    Stroke(2, (0, (1, 3)), "#7f7f7f"),
    Stroke(2, (0, (12, 3)), "#a87500"),
)
"""How the line of each wave is drawn: each colour can be seen on white and on black."""


def draw_response(sheet: Sheet, figure: ResponseFigure, top: float) -> float:
    """Draw the stairs below `top`, with their key, and return where they end."""
    y = _key(sheet, figure, top)
    last = max((one.days[-1] for one in figure.series if one.days), default=0)
    ticks = _ticks(max(last, _LEAST_DAYS))
    plot = Box(_LEFT, y + 8, sheet.width - _LEFT - 14, _HEIGHT)
    for share in _SHARES:
        at = plot.y + plot.height * (1 - share / 100)
        sheet.line(((plot.x, at), (plot.x + plot.width, at)), FAINT if share else Stroke(0.75))
        sheet.words(plot.x - 6, at + 4, f"{share} %", Lettering("end", SMALL))
    for tick in ticks:
        x = plot.x + plot.width * tick / ticks[-1]
        sheet.words(x, plot.y + plot.height + SMALL + 6, f"{tick}", Lettering("middle", SMALL))
    sheet.words(plot.x, plot.y + plot.height + SMALL + 8 + LINE, "days after asking", Lettering(size=SMALL))
    for place, one in enumerate(figure.series):
        if one.answered:
            _stair(sheet, one, place, (plot, ticks[-1]))
    return plot.y + plot.height + 2 * LINE + 16


def _ticks(last: int) -> list[int]:
    """Return the days that are written below, from 0 to at least `last`, by whole weeks."""
    found = load("matplotlib.ticker").MaxNLocator(5, steps=[1, 2, 5, 10], integer=True)
    return [7 * int(one) for one in found.tick_values(0, -(-last // 7))]


def _key(sheet: Sheet, figure: ResponseFigure, y: float) -> float:
    """Draw which line is which wave, with how many answered, and return where the figure may go on."""
    for place, one in enumerate(figure.series):
        sheet.line(((0, y + 9), (34, y + 9)), _stroke(place))
        _mark(sheet, place, (17, y + 9))
        lines = wrapped(f"{one.label}: {one.told}", sheet.width - 46, TEXT, 2)
        sheet.words(46, y + TEXT, lines)
        y += len(lines) * LINE + 5
    return y


def _stair(sheet: Sheet, one: ResponseSeries, place: int, scale: tuple[Box, int]) -> None:
    """Draw the stair of a wave; `scale` is where it stands, and the last day of it."""
    plot, last = scale
    bottom, step = plot.y + plot.height, plot.height / max(one.due, one.answered)
    points = [(plot.x, bottom)]
    for reached, day in enumerate(one.days, 1):
        x = plot.x + plot.width * day / last
        points += [(x, points[-1][1]), (x, bottom - reached * step)]
    points.append((plot.x + plot.width, points[-1][1]))
    sheet.line(_without_steps_between(points), _stroke(place))
    _mark(sheet, place, points[-1])


def _without_steps_between(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the corners of a stair: of several points above each other the first and the last."""
    kept = points[:1]
    for before, this, after in zip(points, points[1:], points[2:], strict=False):
        if this not in (before, after) and not before[0] == this[0] == after[0]:
            kept.append(this)
    return [*kept, points[-1]]


def _stroke(place: int) -> Stroke:
    return _STROKES[place % len(_STROKES)]


def _mark(sheet: Sheet, place: int, at: tuple[float, float]) -> None:
    """Draw the mark of a wave: circles and diamonds in turn."""
    fill = Fill(_stroke(place).colour)
    if place % 2:
        sheet.diamond(*at, 6, fill)
    else:
        sheet.dot(*at, 5, fill)
