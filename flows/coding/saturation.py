"""Tell which interview brought the last new code: a hint that little new is to be heard, and no proof of it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodedInterview:
    """An interview that was coded: its number, and the codes that its words were given; empty where none fits."""

    number: int
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class SaturationPoint:
    """How far it is after so many interviews (`place`, from 1).

    `new` are the codes that no interview before it brought, by name; `known` is how many there are by then.
    """

    place: int
    interview: int
    new: tuple[str, ...]
    known: int


@dataclass(frozen=True, slots=True)
class Saturation:
    """The curve of codes over the interviews, in the order in which they were held.

    `last_new` is the place of the last interview that brought a new code; None where none did.
    """

    curve: tuple[SaturationPoint, ...]
    last_new: int | None

    @property
    def since(self) -> int:
        """How many interviews came after the last one that brought a new code."""
        return len(self.curve) - (self.last_new or 0)


def saturation(interviews: Sequence[CodedInterview]) -> Saturation:
    """Return which codes each interview brought that were not known before; the earliest comes first."""
    known: set[str] = set()
    curve: list[SaturationPoint] = []
    for place, interview in enumerate(interviews, start=1):
        new = tuple(sorted(interview.codes - known))
        known |= interview.codes
        curve.append(SaturationPoint(place, interview.number, new, len(known)))
    return Saturation(tuple(curve), max((one.place for one in curve if one.new), default=None))
