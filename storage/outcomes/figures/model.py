"""Say what each figure is made of: counted things with their labels. Every figure has the table of its numbers.

Labels are as people wrote them; drawing makes them harmless and short. A table has them whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from storage.export.measures.loop import CAVEAT
from storage.export.measures.measure import Figure
from storage.export.statistics import WaveStanding

SELF_REPORTED: Final = "Self-reported by clinicians."
UNANSWERED: Final = (WaveStanding.WAITING, WaveStanding.NO_RESPONSE, WaveStanding.OPTED_OUT)
"""Where a commitment stands that was due, and of which nothing was reported."""
FEW: Final = "fewer than 5 people"
FEW_ANSWERED: Final = f"{FEW} answered"
"""What a figure says of numbers that say next to nothing."""


def is_few(people: int) -> bool:
    """Return whether a number of so few people says next to nothing: fewer than five, as in the tables."""
    return Figure(0, 0, people).is_few


FigureRows = tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True, slots=True)
class FigureTable:
    """The numbers of a figure, for those who do not see it: the first column of a row says what the row is about."""

    caption: str
    columns: tuple[str, ...]
    rows: FigureRows


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step of the funnel: how many people came so far, None where that is not known.

    `share` is what part they are of some whole, and `part_of` says of which; None for no share.
    """

    label: str
    people: int | None
    share: Figure | None = None
    part_of: str = ""

    @property
    def told(self) -> str:
        """Return the share in words, '' for none; without per cent where fewer than five people answer for it."""
        if self.share is None or self.share.share.value is None:
            return ""
        told = FEW if self.share.is_few else f"{round(100 * self.share.share.value)} %"
        return f"{self.share.n:,} of {self.share.of:,} {self.part_of}: {told}"


@dataclass(frozen=True, slots=True)
class FunnelFigure:
    """How many people came how far, step by step."""

    steps: tuple[FunnelStep, ...]
    title: str = "From invitation to answer"
    note: str = "Clinicians, each once in a step."

    @property
    def description(self) -> str:
        """Return the figure in a sentence."""
        return (
            f"{self.title}. {_listed([(one.label, _known(one.people)) for one in self.steps])}. {self.note}"
        )

    @property
    def table(self) -> FigureTable:
        """Return its numbers."""
        rows = tuple((one.label, _known(one.people), one.told) for one in self.steps)
        return FigureTable(self.title, ("step", "people", "share"), rows)


@dataclass(frozen=True, slots=True)
class StatusBand:
    """A part of a bar: its code, which has its fill in the palette, its label, and how many commitments it has."""

    code: str
    label: str
    n: int


@dataclass(frozen=True, slots=True)
class WaveBar:
    """A wave: the bands of all commitments that were due at it, in order, and how many people answered.

    `not_due` is how many more commitments there are that were not due.
    """

    label: str
    bands: tuple[StatusBand, ...]
    responders: int
    not_due: int = 0

    @property
    def due(self) -> int:
        """Return how many commitments were due."""
        return sum(band.n for band in self.bands)

    @property
    def is_few(self) -> bool:
        """Return whether fewer than five people answered."""
        return is_few(self.responders)


@dataclass(frozen=True, slots=True)
class StatusFigure:
    """What became of the commitments that were due, wave by wave, with those that nobody answered for.

    Each wave has the same bands in the same order.
    """

    waves: tuple[WaveBar, ...]
    title: str = "What became of the commitments, of all that were due"
    note: str = SELF_REPORTED

    @property
    def description(self) -> str:
        """Return the figure in a sentence for each wave."""
        told = (
            f"{wave.label}: {wave.due} due{f', {FEW_ANSWERED}' if wave.is_few else ''}; {_listed(_bands(wave))}."
            for wave in self.waves
        )
        return " ".join((f"{self.title}.", *told, self.note))

    @property
    def table(self) -> FigureTable:
        """Return its numbers, a row for each wave."""
        bands = self.waves[0].bands if self.waves else ()
        columns = ("wave", *(band.label for band in bands), "due", "not due", "people who answered")
        rows: FigureRows = tuple(
            (wave.label, *(band.n for band in wave.bands), wave.due, wave.not_due, wave.responders)
            for wave in self.waves
        )
        return FigureTable(self.title, columns, rows)


@dataclass(frozen=True, slots=True)
class BarrierDots:
    """A barrier: how many people foresaw it, and how many met it."""

    label: str
    foreseen: int
    met: int


@dataclass(frozen=True, slots=True)
class BarrierFigure:
    """Barriers foreseen and met. `responders` is how many people were asked later whether they met any."""

    barriers: tuple[BarrierDots, ...]
    responders: int
    title: str = "Barriers foreseen and met"
    note: str = "Clinicians, by what they report themselves."

    @property
    def is_few(self) -> bool:
        """Return whether fewer than five people were asked what they met."""
        return is_few(self.responders)

    @property
    def description(self) -> str:
        """Return the figure in a sentence."""
        told = _listed([(one.label, f"{one.foreseen} foresaw it, {one.met} met it") for one in self.barriers])
        return f"{self.title}. {told}. {self.note}"

    @property
    def table(self) -> FigureTable:
        """Return its numbers."""
        rows = tuple((one.label, one.foreseen, one.met) for one in self.barriers)
        return FigureTable(self.title, ("barrier", "clinicians who foresaw it", "who met it"), rows)


@dataclass(frozen=True, slots=True)
class LoopPlace:
    """A place that commitments go through, such as a theme; places of one column with the same code are one."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class LoopPath:
    """Commitments that go the same way: their theme, their objective, their type, and how they stand at the end.

    `ending` has the code of a status, or of where a commitment stands without one. Each commitment is in one path.
    """

    theme: LoopPlace
    objective: LoopPlace
    kind: LoopPlace
    ending: LoopPlace
    n: int

    @property
    def places(self) -> tuple[LoopPlace, ...]:
        """Return its places, from the first column to the last."""
        return self.theme, self.objective, self.kind, self.ending


@dataclass(frozen=True, slots=True)
class LoopFigure:
    """The way of commitments from themes to what became of them.

    `endings` are the endings in their order, those without an answer last; a path has no other. `responders` is how
    many people told what became of theirs.
    """

    paths: tuple[LoopPath, ...]
    endings: tuple[LoopPlace, ...]
    responders: int
    title: str = "From theme to status"
    note: str = CAVEAT

    @property
    def commitments(self) -> int:
        """Return how many commitments there are."""
        return sum(path.n for path in self.paths)

    @property
    def is_few(self) -> bool:
        """Return whether fewer than five people told what became of theirs."""
        return is_few(self.responders)

    @property
    def description(self) -> str:
        """Return the figure in a sentence, with how it ends."""
        counts = [
            (one.label, sum(path.n for path in self.paths if path.ending.code == one.code))
            for one in self.endings
        ]
        return (
            f"{self.title}: {self.commitments} commitments by theme, objective and type."
            f" {_listed([pair for pair in counts if pair[1]])}. {SELF_REPORTED} {self.note}"
        )

    @property
    def table(self) -> FigureTable:
        """Return its numbers, a row for each way."""
        rows: FigureRows = tuple((*(place.label for place in path.places), path.n) for path in self.paths)
        return FigureTable(
            self.title, ("theme", "objective", "type of change", "status", "commitments"), rows
        )


@dataclass(frozen=True, slots=True)
class ResponseSeries:
    """A wave: how many people were due, and on which day after they were asked each of those who answered did.

    `days` is sorted; 0 is the day of asking.
    """

    label: str
    due: int
    days: tuple[int, ...]

    @property
    def answered(self) -> int:
        """Return how many people answered."""
        return len(self.days)

    @property
    def told(self) -> str:
        """Return how many answered, in words; it says where they are fewer than five."""
        few = f" ({FEW})" if self.answered and is_few(self.answered) else ""
        return f"{self.answered:,} of {self.due:,} answered{few}"


@dataclass(frozen=True, slots=True)
class ResponseFigure:
    """How answers came in over the days after each wave."""

    series: tuple[ResponseSeries, ...]
    title: str = "Answers over time, by wave"
    note: str = "People, of all who were due. Day 0 is the day on which they were asked."

    @property
    def description(self) -> str:
        """Return the figure in a sentence."""
        told = _listed([(one.label, one.told) for one in self.series])
        return f"{self.title}. {told}. {self.note}"

    @property
    def table(self) -> FigureTable:
        """Return its numbers: who had answered by the end of each week, a row for each wave."""
        last = max((one.days[-1] for one in self.series if one.days), default=-1)
        weeks = range(1, last // 7 + 2)
        rows: FigureRows = tuple(
            (one.label, one.due, *(sum(day < 7 * week for day in one.days) for week in weeks))
            for one in self.series
        )
        columns = ("wave", "people due", *(f"answered within {7 * week} days" for week in weeks))
        return FigureTable(self.title, columns, rows)


@dataclass(frozen=True, slots=True)
class CutBar:
    """A bar of a supporter's figure: its label, its numbers in words, and its bands; `scale` would fill the width.

    Without bands nothing is drawn of it, and `told` says why.
    """

    label: str
    told: str
    bands: tuple[StatusBand, ...]
    scale: int


@dataclass(frozen=True, slots=True)
class CutFigure:
    """A figure of a supporter's cut: bars of numbers that its tables show, and `rows` with these numbers.

    A number that is hidden there is hidden here, too, and has no bar.
    """

    title: str
    note: str
    bars: tuple[CutBar, ...]
    columns: tuple[str, ...]
    rows: FigureRows

    @property
    def is_drawn(self) -> bool:
        """Return whether anything of it can be drawn."""
        return any(bar.bands for bar in self.bars)

    @property
    def description(self) -> str:
        """Return the figure in a sentence."""
        return f"{self.title}. {_listed([(bar.label, bar.told) for bar in self.bars])}. {self.note}"

    @property
    def table(self) -> FigureTable:
        """Return its numbers, with marks in place of those that are hidden."""
        return FigureTable(self.title, self.columns, self.rows)


OutcomesFigure = FunnelFigure | StatusFigure | BarrierFigure | LoopFigure | ResponseFigure | CutFigure


def _known(people: int | None) -> str | int:
    return "not known" if people is None else people


def _bands(wave: WaveBar) -> list[tuple[str, int]]:
    return [(band.label, band.n) for band in wave.bands if band.n]


def _listed(pairs: Sequence[tuple[str, str | int]]) -> str:
    """Return labels with what is said of them, in one line."""
    return "; ".join(f"{label}: {said}" for label, said in pairs) or "Nothing to show yet"
