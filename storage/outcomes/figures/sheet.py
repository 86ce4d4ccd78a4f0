"""Draw on a sheet with matplotlib, and write it as SVG that fits into a page.

A unit of a sheet is a CSS pixel; x goes to the right and y down. Words are kept as text, in the font and the colour of
the page, and a dollar sign is a dollar sign. The same strokes give the same bytes: nothing in it is a date, a random
number, or measured by a font of this machine.
"""

import io
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from flows.heavy_packages import load
from storage.outcomes.figures.finish import FigureWords, finished
from storage.outcomes.figures.palette import BLACK, INK, Fill

TEXT: Final = 13.0
"""The height of letters, and of small ones."""
SMALL: Final = 12.0
LINE: Final = 16.0
"""From one line of a label to the next."""
_POINTS: Final = 72
"""Units an inch: matplotlib's SVG has one unit a point."""
_THIN: Final = 0.75


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its upper left corner, and how wide and high it is."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Lettering:
    """How words stand: `anchor` is start, middle or end; `size` their height, `colour` as `#rrggbb`."""

    anchor: str = "start"
    size: float = TEXT
    bold: bool = False
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line is drawn: its width, its dashes as matplotlib's `linestyle` has them, and its colour."""

    width: float
    dash: Any = "solid"
    colour: str = INK


FAINT: Final = Stroke(0.5, (0, (1, 3)))
START: Final = Lettering()
NOTE: Final = Lettering(size=SMALL)
HEAD: Final = Lettering(bold=True)
_ANCHORS: Final = {"start": "left", "middle": "center", "end": "right"}


class Sheet:
    """A sheet of paper that is as wide as said, and as high as it is told when it is written.

    Strokes are kept until it is written: matplotlib's settings are changed for that time alone.

    Raises:
        PackageMissing: matplotlib is not installed.
    """

    def __init__(self, width: float) -> None:
        self.width = width
        logging.getLogger("matplotlib").setLevel(
            logging.ERROR
        )  # it would tell where it keeps its list of fonts
        self._shapes = load("matplotlib.patches")
        self._strokes: list[Callable[[Any], Any]] = []

    def bar(self, box: Box, fill: Fill, *, outline: bool = True) -> None:
        """Draw a filled rectangle; one without width or height is not there."""
        if box.width > 0 and box.height > 0:
            shape = self._shapes.Rectangle
            self._fill(lambda: shape((box.x, box.y), box.width, box.height), fill, outline=outline)

    def dot(self, x: float, y: float, radius: float, fill: Fill) -> None:
        """Draw a filled circle around a point."""
        self._fill(lambda: self._shapes.Circle((x, y), radius), fill, outline=True)

    def diamond(self, x: float, y: float, radius: float, fill: Fill) -> None:
        """Draw a filled square that stands on a corner, around a point."""
        corners = ((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y))
        self._fill(lambda: self._shapes.Polygon(corners, closed=True), fill, outline=True)

    def ribbon(self, begin: Box, end: Box, fill: Fill, strength: float) -> None:
        """Draw a band from the right side of one box to the left side of another, bent in the middle.

        `strength` is from 0, which cannot be seen, to 1.
        """
        left, right = begin.x + begin.width, end.x
        middle = (left + right) / 2
        path = load("matplotlib.path").Path
        points = (
            (left, begin.y), (middle, begin.y), (middle, end.y), (right, end.y),
            (right, end.y + end.height), (middle, end.y + end.height),
            (middle, begin.y + begin.height), (left, begin.y + begin.height), (left, begin.y),
        )  # fmt: skip
        codes = (path.MOVETO, *[path.CURVE4] * 3, path.LINETO, *[path.CURVE4] * 3, path.CLOSEPOLY)
        shape = self._shapes.PathPatch
        self._fill(lambda: shape(path(points, codes), alpha=strength), fill, outline=False)

    def line(self, points: Sequence[tuple[float, float]], stroke: Stroke) -> None:
        """Draw a line from point to point."""
        across, down = zip(*points, strict=True)
        style = {
            "color": stroke.colour,
            "linewidth": stroke.width,
            "linestyle": stroke.dash,
            "clip_on": False,
        }
        made = load("matplotlib.lines").Line2D
        self._strokes.append(lambda axes: axes.add_artist(made(across, down, **style)))

    def words(self, x: float, y: float, lines: Sequence[str] | str, style: Lettering = START) -> None:
        """Write lines, the first with its base at `y`, each of the others below the one before."""
        how = {
            "ha": _ANCHORS[style.anchor], "va": "baseline", "fontsize": style.size, "color": style.colour,
            "fontweight": "bold" if style.bold else "normal", "parse_math": False, "clip_on": False,
        }  # fmt: skip
        for place, line in enumerate((lines,) if isinstance(lines, str) else lines):
            if line:
                self._strokes.append(partial(_write, at=(x, y + place * LINE), line=line, how=how))

    def svg(self, height: float, words: FigureWords) -> str:
        """Return the sheet as an SVG element of that height, to be put into a page."""
        matplotlib = load("matplotlib")
        plain = {name: matplotlib.rcParamsDefault[name] for name in _SHIPPED}
        written = io.StringIO()
        with matplotlib.rc_context({**plain, **_SETTINGS}), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of letters that its own font lacks: the page's font shows them
            size = (self.width / _POINTS, height / _POINTS)
            paper = load("matplotlib.figure").Figure(figsize=size, frameon=False)
            axes = paper.add_axes((0, 0, 1, 1), xlim=(0, self.width), ylim=(height, 0))
            axes.set_axis_off()
            for place, stroke in enumerate(self._strokes):
                stroke(axes).set_zorder(place)
            paper.savefig(written, format="svg", transparent=True, metadata=dict.fromkeys(_SAID))
        return finished(written.getvalue(), words)

    def _fill(self, make: Callable[[], Any], fill: Fill, *, outline: bool) -> None:
        def stroke(axes: Any) -> Any:
            shape = make()
            shape.set(facecolor=fill.colour, edgecolor=INK, linewidth=_THIN if outline else 0, clip_on=False)
            if fill.pattern:
                shape.set(hatch=fill.pattern, hatchcolor=BLACK)
            return axes.add_artist(shape)

        self._strokes.append(stroke)


def _write(axes: Any, at: tuple[float, float], line: str, how: Mapping[str, Any]) -> Any:
    return axes.text(*at, line, **how)


_SETTINGS: Final = {
    "svg.fonttype": "none",
    "svg.hashsalt": "figures",
    "figure.dpi": _POINTS,
    "savefig.dpi": "figure",
    "savefig.bbox": None,
    "text.usetex": False,
    "font.family": ["DejaVu Sans"],
    "hatch.linewidth": 0.6,
    "path.simplify": False,
}
_SHIPPED: Final = (
    "axes.unicode_minus",
    "path.sketch",
    "path.effects",
    "path.snap",
    "svg.image_inline",
    "svg.id",
)
"""What a settings file of the user may change in a picture."""
_SAID: Final = ("Date", "Creator", "Format", "Type")
