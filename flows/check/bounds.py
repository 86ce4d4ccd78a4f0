"""Check the bounds of questions: the lower one below the upper one, and bands that do not overlap."""

from collections.abc import Iterator
from itertools import pairwise

from flows.check.outline import Outline, OutlineNode
from flows.errors import Problem
from flows.problem_codes import ProblemCode
from flows.script.model import AskDate, AskText, Band, Number, Scale, SelectMany


def reversed_bounds(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each question whose lower bound is above its upper one; of a scale also if they are equal.

    For a number also of each band that is the wrong way round, or overlaps with another, and where a number is to be
    kept beside bands that are not there.
    """
    for node, step in outline.questions:
        for name, low, high, may_equal in _bounds(step):
            if low is not None and high is not None and (low > high or (low == high and not may_equal)):
                message = f"'{name}' ({low:g}) is not below its other end ({high:g})"
                path = (*node.path, *name.split("/"))
                yield outline.problem(ProblemCode.REVERSED, path, message, "swap the two or correct one")
        if isinstance(step, Number):
            yield from _band_problems(outline, node, step)
            yield from _tap_problems(outline, node, step)
            if step.keeps_number is not None and not step.bands:
                message = f"'{step.key}' keeps its number twice"
                path = (*node.path, "keeps_number")
                yield outline.problem(ProblemCode.NO_BANDS, path, message, "add bands, or leave this key out")


def _tap_problems(outline: Outline, node: OutlineNode, step: Number) -> Iterator[Problem]:
    """Report numbers to tap that have no ends, or fall into bands."""
    has_ends = step.whole and step.min is not None and step.max is not None
    if step.taps and (not has_ends or any(band.low is not None for band in step.bands)):
        message = f"'{step.key}' offers numbers to tap, and it is not said which"
        remedy = "give whole numbers as `min` and `max`, and leave the bands to what is no number"
        yield outline.problem(ProblemCode.NO_ENDS, (*node.path, "taps"), message, remedy)


def _bounds(step: object) -> Iterator[tuple[str, float | None, float | None, bool]]:
    """Yield the bounds of a step: the key of the lower one, both values, and whether they may be equal."""
    match step:
        case Scale():
            yield "low", step.low, step.high, False
        case Number():
            yield "min", step.min, step.max, True
        case AskDate():
            yield "earliest_days", step.earliest_days, step.latest_days, True
        case AskText():
            yield "min_length", step.min_length, step.max_length, True
        case SelectMany():
            yield "min", step.min, step.max, True
        case _:
            pass


def _band_problems(outline: Outline, node: OutlineNode, step: Number) -> Iterator[Problem]:
    """Report bands the wrong way round, and numbers that fall into two of them."""
    bands = [(number, band) for number, band in enumerate(step.bands) if band.low is not None]
    for number, band in bands:
        if band.high is not None and (band.low or 0) > band.high:
            message = f"the band '{band.label}' begins at {band.low:g} and ends at {band.high:g}"
            path = (*node.path, "bands", number)
            yield outline.problem(ProblemCode.REVERSED, path, message, "swap the two or correct one")
    for (_, first), (number, second) in pairwise(sorted(bands, key=lambda pair: _low(pair[1]))):
        if first.high is None or first.high >= _low(second):
            message = f"the bands '{first.label}' and '{second.label}' overlap"
            path = (*node.path, "bands", number)
            yield outline.problem(
                ProblemCode.BAND_OVERLAP, path, message, "let each number fall into one band only"
            )


def _low(band: Band) -> float:
    """Return the lower end of a band; 0 where it has none."""
    return band.low if band.low is not None else 0.0


RULES = (reversed_bounds,)
