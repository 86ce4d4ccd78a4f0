"""Draw what became of commitments: a bar for each wave, as long as all that were due, in bands by status."""

from collections.abc import Sequence
from typing import Final

from storage.outcomes.figures.labels import width_of, wrapped
from storage.outcomes.figures.model import FEW_ANSWERED, StatusBand, StatusFigure, WaveBar
from storage.outcomes.figures.palette import BANDS
from storage.outcomes.figures.sheet import HEAD, LINE, NOTE, SMALL, TEXT, Box, Lettering, Sheet

_BAR: Final = 30.0
_GAP: Final = 18.0
_SWATCH: Final = Box(0, 0, 26, 15)
_KEY_COLUMN: Final = 320.0
_AROUND: Final = 3.0


def draw_statuses(sheet: Sheet, figure: StatusFigure, top: float) -> float:
    """Draw the bars and their key below `top`, and return where they end."""
    y = top
    for wave in figure.waves:
        y = _wave(sheet, wave, y)
    used = [band for place, band in enumerate(_first(figure)) if _any(figure, place)]
    return draw_key(sheet, used, y)


def _first(figure: StatusFigure) -> tuple[StatusBand, ...]:
    return figure.waves[0].bands if figure.waves else ()


def _any(figure: StatusFigure, place: int) -> bool:
    return any(wave.bands[place].n for wave in figure.waves)


def _wave(sheet: Sheet, wave: WaveBar, y: float) -> float:
    """Draw a wave, and return where the next may begin."""
    head = wrapped(wave.label, sheet.width, TEXT)
    sheet.words(0, y + TEXT, head, HEAD)
    y += len(head) * LINE
    told = [f"{wave.due:,} due", *([f"{wave.not_due:,} not due"] if wave.not_due else [])]
    few = [FEW_ANSWERED] if wave.due and wave.is_few else []
    lines = wrapped(", ".join(told + few), sheet.width, SMALL, 2)
    sheet.words(0, y + SMALL, lines, NOTE)
    y += len(lines) * LINE + 2
    x = 0.0
    for band in wave.bands:
        box = Box(x, y, sheet.width * band.n / (wave.due or 1), _BAR)
        draw_band(sheet, band, box)
        x += box.width
    return y + (_BAR if wave.due else 0) + _GAP


def draw_band(sheet: Sheet, band: StatusBand, box: Box) -> None:
    """Draw a band, with its number where there is room: on a plate without the pattern."""
    fill = BANDS[band.code]
    sheet.bar(box, fill)
    number = f"{band.n:,}"
    wide = width_of(number, SMALL) + 2 * _AROUND
    if wide + 2 > box.width:
        return
    middle = box.x + box.width / 2
    if fill.pattern:
        plate = Box(middle - wide / 2, box.y + (box.height - LINE) / 2, wide, LINE)
        sheet.bar(plate, type(fill)(fill.colour), outline=False)
    style = Lettering("middle", SMALL, bold=True, colour=fill.letters)
    sheet.words(middle, box.y + box.height / 2 + SMALL / 3, number, style)


def draw_key(sheet: Sheet, bands: Sequence[StatusBand], y: float) -> float:
    """Draw what the fills mean, in the order of the bands, and return where it ends."""
    columns = max(1, int(sheet.width // _KEY_COLUMN))
    width = sheet.width / columns
    rows = -(-len(bands) // columns)
    tops = [y] * columns
    for place, band in enumerate(bands):
        column = place // rows
        x, at = column * width, tops[column]
        sheet.bar(Box(x, at, _SWATCH.width, _SWATCH.height), BANDS[band.code])
        lines = wrapped(band.label, width - _SWATCH.width - 18, TEXT, 2)
        sheet.words(x + _SWATCH.width + 8, at + TEXT - 1, lines)
        tops[column] = at + len(lines) * LINE + 7
    return max(tops)
