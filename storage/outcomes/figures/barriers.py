"""Draw barriers: for each a line with a circle where it was foreseen, and a diamond where it was met."""

from typing import Final

from flows.heavy_packages import load
from storage.outcomes.figures.labels import width_of, wrapped
from storage.outcomes.figures.model import FEW_ANSWERED, BarrierDots, BarrierFigure
from storage.outcomes.figures.palette import FORESEEN, MET
from storage.outcomes.figures.sheet import FAINT, LINE, NOTE, SMALL, TEXT, Lettering, Sheet, Stroke

_CIRCLE: Final = 8.5
_DIAMOND: Final = 6.5
_ROW: Final = 28.0
_SIDE_BY_SIDE: Final = 560.0
"""From this width on a label stands before its line, else above it."""
_BEFORE: Final = 230.0


def draw_barriers(sheet: Sheet, figure: BarrierFigure, top: float) -> float:
    """Draw the barriers and their key below `top`, and return where they end."""
    y = _key(sheet, top)
    if figure.is_few:
        sheet.words(0, y + SMALL, FEW_ANSWERED.capitalize(), NOTE)
        y += LINE + 4
    most = max((max(one.foreseen, one.met) for one in figure.barriers), default=0)
    margin = _CIRCLE + 10 + width_of(f"{most:,} both", SMALL)
    left = (_BEFORE if sheet.width >= _SIDE_BY_SIDE else 0) + _CIRCLE + 10 + width_of(f"{most:,}", SMALL)
    ticks = _ticks(most)
    scale = (sheet.width - margin - left) / ticks[-1]
    begin = y
    for one in figure.barriers:
        y = _row(sheet, one, (left, scale), y)
    for tick in ticks:
        x = left + tick * scale
        sheet.line(((x, begin), (x, y)), FAINT)
        sheet.words(x, y + SMALL + 4, f"{tick:,}", Lettering("middle", SMALL))
    return y + SMALL + 14


def _ticks(most: int) -> list[int]:
    """Return round numbers from 0 to at least `most`, three to six of them."""
    found = load("matplotlib.ticker").MaxNLocator(4, integer=True, min_n_ticks=1).tick_values(0, max(most, 1))
    return [int(one) for one in found]


def _key(sheet: Sheet, y: float) -> float:
    """Draw what the marks mean, and return where the figure may go on."""
    x = _CIRCLE + 1
    sheet.dot(x, y + 8, _CIRCLE, FORESEEN)
    sheet.words(x + 14, y + TEXT, "foreseen")
    x += 14 + width_of("foreseen", TEXT) + 24
    sheet.diamond(x, y + 8, _DIAMOND, MET)
    sheet.words(x + 14, y + TEXT, "met")
    return y + LINE + 10


def _row(sheet: Sheet, one: BarrierDots, across: tuple[float, float], y: float) -> float:
    """Draw a barrier, `across` saying where 0 is and how wide one person, and return where the next may begin."""
    left, scale = across
    beside = left > _BEFORE
    label = wrapped(one.label, _BEFORE if beside else sheet.width, TEXT, 2)
    if beside:
        height = max(_ROW, len(label) * LINE + 6)
        middle = y + height / 2
        first = middle + TEXT / 3 - (len(label) - 1) * LINE / 2
        sheet.words(_BEFORE, first, label, Lettering("end"))
    else:
        sheet.words(0, y + TEXT, label)
        middle = y + len(label) * LINE + _ROW / 2 - 2
        height = len(label) * LINE + _ROW
    foreseen, met = left + one.foreseen * scale, left + one.met * scale
    sheet.line(((foreseen, middle), (met, middle)), Stroke(2))
    sheet.dot(foreseen, middle, _CIRCLE, FORESEEN)
    sheet.diamond(met, middle, _DIAMOND, MET)
    _numbers(sheet, one, (foreseen, met), middle + SMALL / 3)
    return y + height


def _numbers(sheet: Sheet, one: BarrierDots, places: tuple[float, float], y: float) -> None:
    """Write both numbers on the outer sides of their marks; one number where they are the same."""
    foreseen, met = places
    after = Lettering("start", SMALL)
    before = Lettering("end", SMALL)
    if one.foreseen == one.met:
        sheet.words(met + _CIRCLE + 5, y, f"{one.met:,} both", after)
        return
    first, last = (before, after) if foreseen < met else (after, before)
    sides = {"start": 1, "end": -1}
    sheet.words(foreseen + sides[first.anchor] * (_CIRCLE + 5), y, f"{one.foreseen:,}", first)
    sheet.words(met + sides[last.anchor] * (_DIAMOND + 5), y, f"{one.met:,}", last)
