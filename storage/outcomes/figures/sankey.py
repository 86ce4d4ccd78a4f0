"""Draw the way of commitments from theme to status, in bands as thick as they are many.

Each column has all commitments, each once. What nobody answered for runs as a band of its own from the first column to
the last, below what was answered, and what was not due yet below that; so it can be seen where the loss comes from. On
a narrow sheet the columns stand two by two, below each other, since four labels have no room side by side.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from storage.export.statistics import WaveStanding
from storage.outcomes.figures.labels import numbered, wrapped
from storage.outcomes.figures.model import FEW_ANSWERED, UNANSWERED, LoopFigure, LoopPath, LoopPlace
from storage.outcomes.figures.palette import ENDINGS, LOST, THEMES, Fill
from storage.outcomes.figures.sheet import HEAD, LINE, NOTE, SMALL, Box, Lettering, Sheet

HEADS: Final = ("Theme", "Objective", "Type of change", "Status")
ALL_IN_ONE: Final = 560.0
"""From this width on all columns stand side by side."""
_THICK: Final = 320.0
"""How high all commitments together are, before gaps; but no single one is thicker than the next."""
_ONE: Final = 16.0
_GAP: Final = 8.0
_GROUP_GAP: Final = 18.0
_NODE: Final = 11.0
_BESIDE: Final = 5.0
_WIDEST_GAP: Final = 36.0
_THINNEST: Final = 0.6
_LAST: Final = 3


class LoopTrack(IntEnum):
    """Which band a commitment is in: what was told of it, that nothing was, or that nobody was to tell yet."""

    ANSWERED = 0
    UNANSWERED = 1
    NOT_DUE = 2


_STRENGTHS: Final = {LoopTrack.ANSWERED: 0.4, LoopTrack.UNANSWERED: 0.45, LoopTrack.NOT_DUE: 0.14}
"""How strong the bands of each track are; those that nobody answered for are striped, too."""
_TRACKS: Final = {
    **dict.fromkeys((one.value for one in UNANSWERED), LoopTrack.UNANSWERED),
    WaveStanding.NOT_DUE.value: LoopTrack.NOT_DUE,
}
"""The track of each ending that is no status."""
_SAYS: Final = "Striped bands: nobody answered. The palest bands: not due yet."


@dataclass(frozen=True, slots=True)
class LoopNode:
    """A place as it is drawn: the box of its bar, in its column from 0, and the lines of its label."""

    column: int
    place: LoopPlace
    n: int
    box: Box
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoopBand:
    """Commitments between two places of neighbouring columns that are on the same track."""

    column: int
    begin: str
    end: str
    track: LoopTrack
    n: int


@dataclass(frozen=True, slots=True)
class _Panel:
    """Some columns side by side: how far they are from each other, and how thick one commitment is."""

    columns: tuple[int, ...]
    pitch: float
    label: float
    one: float


Ordered = tuple[tuple[tuple[LoopPlace, int], ...], ...]
"""The places of each column in their order, with how many commitments each has."""


def track_of(path: LoopPath) -> LoopTrack:
    """Return the track of a path."""
    return _TRACKS.get(path.ending.code, LoopTrack.ANSWERED)


def bands_of(figure: LoopFigure) -> tuple[LoopBand, ...]:
    """Return the bands of a figure, column by column; those of a column have each commitment once."""
    found: Counter[tuple[int, str, str, LoopTrack]] = Counter()
    for path in figure.paths:
        track = track_of(path)
        for column, (begin, end) in enumerate(zip(path.places, path.places[1:], strict=False)):
            found[column, begin.code, end.code, track] += path.n
    return tuple(LoopBand(*key, n) for key, n in found.items() if n)


def draw_loop(sheet: Sheet, figure: LoopFigure, top: float) -> float:
    """Draw the figure below `top`, and return where it ends."""
    y = top
    if figure.is_few:
        sheet.words(0, y + SMALL, f"What became of them: {FEW_ANSWERED}", NOTE)
        y += LINE + 6
    bands = bands_of(figure)
    order = _order(figure, bands)
    one = min(_ONE, _THICK / figure.commitments)
    panels = [(0, 1, 2, 3)] if sheet.width >= ALL_IN_ONE else [(0, 1), (1, 2), (2, 3)]
    for columns in panels:
        pitch = (sheet.width - _NODE) / len(columns)
        panel = _Panel(columns, pitch + _NODE / len(columns), pitch - _NODE - _BESIDE, one)
        y = _panel(sheet, (order, bands), panel, y)
    said = wrapped(_SAYS, sheet.width, SMALL)
    sheet.words(0, y + SMALL, said, NOTE)
    return y + len(said) * LINE + 4


def _order(figure: LoopFigure, bands: Sequence[LoopBand]) -> Ordered:
    """Return the places of each column with how many commitments they have, in an order with few crossings.

    Themes stand as they come and endings as the figure says; those between by the mean place of what leads to them.
    """
    columns = [_column(figure, column) for column in range(_LAST + 1)]
    ordered: list[list[str]] = [list(columns[0])]
    for column in range(1, _LAST):
        ranks = {code: rank for rank, code in enumerate(ordered[-1])}
        means = _means([band for band in bands if band.column == column - 1], ranks)
        ordered.append(sorted(means, key=means.__getitem__))
    ordered.append([one.code for one in figure.endings if one.code in columns[_LAST]])
    return tuple(tuple(columns[column][code] for code in codes) for column, codes in enumerate(ordered))


def _column(figure: LoopFigure, column: int) -> dict[str, tuple[LoopPlace, int]]:
    """Return the places of a column by their codes, as they come, with how many commitments each has."""
    counts: Counter[str] = Counter()
    known: dict[str, LoopPlace] = {}
    for path in figure.paths:
        place = path.places[column]
        counts[place.code] += path.n
        known.setdefault(place.code, place)
    return {code: (place, counts[code]) for code, place in known.items() if counts[code]}


def _means(bands: Sequence[LoopBand], ranks: Mapping[str, int]) -> dict[str, float]:
    """Return the mean rank of what leads to each place, by its code."""
    weights: dict[str, float] = defaultdict(float)
    counts: Counter[str] = Counter()
    for band in bands:
        weights[band.end] += band.n * ranks[band.begin]
        counts[band.end] += band.n
    return {code: weights[code] / n for code, n in counts.items()}


def _panel(sheet: Sheet, told: tuple[Ordered, tuple[LoopBand, ...]], panel: _Panel, top: float) -> float:
    """Draw some columns below `top`, and return where they end."""
    order, bands = told
    for place, column in enumerate(panel.columns):
        sheet.words(place * panel.pitch, top + SMALL, HEADS[column], HEAD)
    y = top + LINE + 8
    heights = [_height(order[column], column, panel) for column in panel.columns]
    nodes: dict[tuple[int, str], LoopNode] = {}
    for place, column in enumerate(panel.columns):
        spare = max(heights) - heights[place]
        for node in _nodes(order[column], column, panel, (place * panel.pitch, y, spare)):
            nodes[column, node.place.code] = node
    for column in panel.columns[:-1]:
        _ribbons(sheet, [band for band in bands if band.column == column], nodes, panel)
    for node in nodes.values():
        _node(sheet, node)
    return y + max(heights) + 14


def _lines(place: LoopPlace, n: int, panel: _Panel) -> tuple[str, ...]:
    """Return the label of a place with its number, which comes first so that it is never cut."""
    return numbered(f"{n:,}", place.label, panel.label, SMALL)


def _slot(place: LoopPlace, n: int, panel: _Panel) -> float:
    """Return how high a place is, with its label."""
    return max(n * panel.one, len(_lines(place, n, panel)) * LINE)


def _before(places: Sequence[tuple[LoopPlace, int]], rank: int, column: int) -> float:
    """Return the gap before a place: larger in the last column where the track changes."""
    if not rank:
        return 0.0
    if column != _LAST:
        return _GAP
    this, before = (_TRACKS.get(places[one][0].code, LoopTrack.ANSWERED) for one in (rank, rank - 1))
    return _GAP if this is before else _GROUP_GAP


def _height(places: Sequence[tuple[LoopPlace, int]], column: int, panel: _Panel) -> float:
    """Return how high a column is at least."""
    return sum(
        _slot(place, n, panel) + _before(places, rank, column) for rank, (place, n) in enumerate(places)
    )


def _nodes(
    places: Sequence[tuple[LoopPlace, int]], column: int, panel: _Panel, at: tuple[float, float, float]
) -> list[LoopNode]:
    """Return the places of a column as they are drawn; `at` is its left, its top, and how much room is left over."""
    x, top, spare = at
    more = min(spare / max(len(places) - 1, 1), _WIDEST_GAP) if len(places) > 1 else 0.0
    y = top + (spare - more * (len(places) - 1)) / 2
    found = []
    for rank, (place, n) in enumerate(places):
        y += _before(places, rank, column) + (more if rank else 0)
        slot = _slot(place, n, panel)
        thick = n * panel.one
        box = Box(x, y + (slot - thick) / 2, _NODE, thick)
        found.append(LoopNode(column, place, n, box, _lines(place, n, panel)))
        y += slot
    return found


def _ribbons(
    sheet: Sheet, bands: Sequence[LoopBand], nodes: Mapping[tuple[int, str], LoopNode], panel: _Panel
) -> None:
    """Draw the bands between two columns; at each place those of a track stand together, in the order across."""
    ranks = {key: rank for rank, key in enumerate(nodes)}
    begins = {key: node.box.y for key, node in nodes.items()}
    ends = dict(begins)
    left: dict[LoopBand, float] = {}
    for band in sorted(bands, key=lambda one: (one.track, ranks[one.column + 1, one.end])):
        left[band] = begins[band.column, band.begin]
        begins[band.column, band.begin] += band.n * panel.one
    for band in sorted(bands, key=lambda one: (one.track, ranks[one.column, one.begin])):
        here, there = nodes[band.column, band.begin].box, nodes[band.column + 1, band.end].box
        thick = max(band.n * panel.one, _THINNEST)
        begin = Box(here.x, left[band], here.width, thick)
        end = Box(there.x, ends[band.column + 1, band.end], there.width, thick)
        ends[band.column + 1, band.end] += band.n * panel.one
        sheet.ribbon(begin, end, _band_fill(band), _STRENGTHS[band.track])


def _band_fill(band: LoopBand) -> Fill:
    """Return the fill of a band: that of its status in the last column, else that of its track."""
    if band.track is LoopTrack.UNANSWERED:
        return LOST
    if band.column == _LAST - 1 and band.track is LoopTrack.ANSWERED:
        return Fill(ENDINGS[band.end].colour)
    return THEMES


def _node(sheet: Sheet, node: LoopNode) -> None:
    """Draw the bar of a place, and its label beside it."""
    fill = ENDINGS[node.place.code] if node.column == _LAST else THEMES
    sheet.bar(node.box, fill)
    middle = node.box.y + node.box.height / 2
    first = middle - (len(node.lines) - 1) * LINE / 2 + SMALL / 3
    bold = node.column == _LAST and _TRACKS.get(node.place.code) is LoopTrack.UNANSWERED
    sheet.words(node.box.x + _NODE + _BESIDE, first, node.lines, Lettering(size=SMALL, bold=bold))
