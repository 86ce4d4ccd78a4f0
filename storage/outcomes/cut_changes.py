"""Find whether cuts that were handed out tell, taken from one another, of fewer than five people. Pure.

The theory. A cut counts those who joined in a span, as a path leads from its first day to its last. Cuts are added and
taken away until what is left is a span again (the people who joined between two ends: a group), or nothing (the same
people, counted at two times: what changed). Nested spans give a group as soon as they share an end, and a span with the
two that lie side by side in it gives what changed. So the new cut is compared with each earlier one and with each two
of them; more than two are not looked at.

Of what is left every cell is judged that is known in all of these cuts, and under each total what remains beside the
parts that are known. How many people a difference rests on is not kept anywhere, since that would need to know who was
in which cell. It is at least the difference of the numbers of people, and at least the number of commitments divided by
how many one person has at most: when that is fewer than five, the difference may be of fewer than five people. A
difference of nothing is none where the same people were counted twice; in a group it says something of everybody there,
so that nobody is fewer than five, as in a cut itself.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product
from typing import Final, NamedTuple

from storage.export.small_cells import LEAST_PEOPLE
from storage.outcomes.cohort import CohortSpan
from storage.outcomes.supporters import Cells

_MOST_TOGETHER: Final = 2


class KnownCut(NamedTuple):
    """What a reader knows by a cut, and the days on which the people joined whom it counts."""

    span: CohortSpan
    cells: Cells


@dataclass(frozen=True, slots=True)
class SmallChange:
    """With which earlier cuts, by their place in the list, a new one would tell of a few, and in which cells."""

    cuts: tuple[int, ...]
    places: tuple[str, ...]


class _Change(NamedTuple):
    """How a cell differs: by how many, by how many people, and how many one of them has at most."""

    n: int
    people: int
    each: int

    @property
    def may_be_few(self) -> bool:
        """Return whether it may rest on fewer than five people, and on somebody."""
        return self.n != 0 and max(abs(self.people), -(-abs(self.n) // self.each)) < LEAST_PEOPLE


def small_change(new: KnownCut, earlier: Sequence[KnownCut]) -> SmallChange | None:
    """Return the first earlier cuts from which a new one differs by a small cell; None where it does from none."""
    for size in range(1, _MOST_TOGETHER + 1):
        for chosen in combinations(range(len(earlier)), size):
            for signs in product((-1, 1), repeat=size):
                parts = [
                    (1, new),
                    *((sign, earlier[place]) for sign, place in zip(signs, chosen, strict=True)),
                ]
                ends = _ends(parts)
                if -1 in signs and ends is not None:
                    places = tuple(dict.fromkeys(_told(parts, is_group=bool(ends))))
                    if places:
                        return SmallChange(chosen, places)
    return None


def _ends(parts: Sequence[tuple[int, KnownCut]]) -> frozenset[date] | None:
    """Return the two ends of the span that some cuts leave, none where nobody is left; None where it is no span."""
    left: Counter[date] = Counter()
    for sign, cut in parts:
        left[cut.span.since or date.min] -= sign
        left[cut.span.until or date.max] += sign
    found = {day: times for day, times in left.items() if times}
    if not found:
        return frozenset()
    return frozenset(found) if sorted(found.values()) == [-1, 1] else None


def _told(parts: Sequence[tuple[int, KnownCut]], *, is_group: bool) -> Iterator[str]:
    """Yield the places in which some cuts tell of a few; `is_group` says that people are left, and not a change."""
    shown = [cut.cells for _, cut in parts]
    known = sorted(set.intersection(*(set(cells) for cells in shown)))
    changes = {place: _change([(sign, cut.cells[place]) for sign, cut in parts]) for place in known}
    yield from _told_cells(changes, is_group=is_group)
    yield from (f"{place}/..." for place in changes if _tells_rest(place, changes))
    if not is_group:
        same = (place for place, change in changes.items() if not change.n)
        yield from (f"{place}/..." for place in same if _shows_other_parts(place, shown))


def _told_cells(changes: dict[str, _Change], *, is_group: bool) -> Iterator[str]:
    """Yield the places that may rest on a few; in a group also those with nobody, where others have somebody."""
    moved = {_kind(place) for place, change in changes.items() if change.n}
    for place, change in changes.items():
        is_nobody = is_group and not change.n and _kind(place) in moved
        if change.may_be_few or is_nobody:
            yield place


def _change(values: Sequence[tuple[int, tuple[int, int, int]]]) -> _Change:
    n, people = (sum(sign * value[place] for sign, value in values) for place in (0, 1))
    return _Change(n, people, max(value[2] for _, value in values))


def _kind(place: str) -> str:
    """Return what a cell counts: the beginning of its place."""
    return place.partition("/")[0]


def _tells_rest(place: str, changes: dict[str, _Change]) -> bool:
    """Return whether what is not known below a total changed by a few."""
    below = [one for one in changes if one.startswith(f"{place}/")]
    nearest = [one for one in below if not any(one.startswith(f"{other}/") for other in below)]
    if not nearest:
        return False
    rest = changes[place].n - sum(changes[one].n for one in nearest)
    return _Change(rest, 0, changes[place].each).may_be_few


def _shows_other_parts(place: str, shown: Sequence[Cells]) -> bool:
    """Return whether the cuts show different parts of a total that did not change: one tells what the other hides."""
    parts = {frozenset(one for one in cells if one.startswith(f"{place}/")) for cells in shown}
    return len(parts) > 1
