"""Find whether cuts that were handed out tell, taken from one another, of fewer than five people. Pure.

The theory. All who joined the program stand in a row, in the order in which they joined. A cut counts a stretch of that
row, and days are looked at no more: two days between which nobody joined are one place. Cuts are added and taken away
until what is left are people who count alike (a group), or nobody (the same people, counted at two times: what
changed). Where fewer than five joined between two places these are taken for one as well, since the few are what would
be told. So the new cut is compared with each earlier one and with each two of them; more than two are not looked at,
nor two where one of them only adds to what is known already.

Of what is left every cell is judged that is known in all of these cuts, and under each total what remains beside the
parts that are known. How many people a difference rests on is not kept anywhere, since that would need to know who was
in which cell. It is at least the difference of the numbers of people, and at least the number of commitments divided by
how many one person has at most: when that is fewer than five, the difference may be of fewer than five people. A
difference of nothing is none where the same people were counted twice; in a group it says something of everybody there,
so that nobody is fewer than five, as in a cut itself. Newcomers, who joined after an earlier cut without an end was
handed out, are a group, too; but a role or an activity of which nothing changed tells nothing of them, since it may be
over.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Final, NamedTuple

from storage.export.small_cells import LEAST_PEOPLE
from storage.outcomes.supporters import Cells

_MOST_TOGETHER: Final = 2
_TREES: Final = {"people": 3, "commitments": 2}
"""How many names of a place say of which role and flow, or of which activity, a cell is; of others its kind alone."""


class KnownCut(NamedTuple):
    """What a reader knows by a cut, and whom it counts.

    These are the people from place `first` to before place `last`, of all who joined and are still there, in order.
    `is_open` says that more could join it when it was handed out.
    """

    first: int
    last: int
    cells: Cells
    is_open: bool = False


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


class _Left(NamedTuple):
    """Whom some cuts leave: `sign` is how each of them counts, 0 where fewer than five or none are left."""

    sign: int
    is_group: bool
    are_newcomers: bool

    @property
    def are_few(self) -> bool:
        """Return whether all that the cuts tell is of a few, who are no newcomers beside whom others changed."""
        return self.is_group and not self.sign and not self.are_newcomers


_Parts = Sequence[tuple[int, KnownCut]]
"""Cuts, each with 1 where it is added and -1 where it is taken away."""


def small_change(new: KnownCut, earlier: Sequence[KnownCut]) -> SmallChange | None:
    """Return the first earlier cuts from which a new one differs by a small cell; None where it does from none."""
    for size in range(1, _MOST_TOGETHER + 1):
        for chosen in combinations(range(len(earlier)), size):
            for signs in product((-1, 1), repeat=size):
                parts = [
                    (1, new),
                    *((sign, earlier[place]) for sign, place in zip(signs, chosen, strict=True)),
                ]
                left = _left(parts)
                if -1 in signs and left is not None and not _only_adds(parts):
                    places = tuple(dict.fromkeys(_told(parts, left)))
                    if places:
                        return SmallChange(chosen, places)
    return None


def _left(parts: _Parts) -> _Left | None:
    """Return whom some cuts leave; None where they leave people who do not all count alike."""
    turns: Counter[int] = Counter()
    for sign, cut in parts:
        turns[cut.first] += sign
        turns[cut.last] -= sign
    height, signs, lows = 0, set(), []
    for low, high in pairwise(sorted(place for place, turn in turns.items() if turn)):
        height += turns[low]
        if height:
            lows.append(low)
        if height and high - low >= LEAST_PEOPLE:
            signs.add(height)
    if signs not in (set(), {1}, {-1}):
        return None
    ends = {cut.last for _, cut in parts[1:] if cut.is_open}
    return _Left(sum(signs), bool(lows), bool(lows) and ends.issuperset(lows))


def _only_adds(parts: _Parts) -> bool:
    """Return whether one of three cuts is only added to what the other two tell, and so tells nothing with them."""
    for place, (sign, _) in enumerate(parts):
        others = [*parts[:place], *parts[place + 1 :]]
        if len(others) > 1 and sum(one for one, _ in others) == 0:
            left = _left(others)
            if left is not None and left.sign in (0, sign):
                return True
    return False


def _told(parts: _Parts, left: _Left) -> Iterator[str]:
    """Yield the places in which some cuts tell of a few."""
    shown = [cut.cells for _, cut in parts]
    known = sorted(set.intersection(*(set(cells) for cells in shown)))
    changes = {place: _change([(sign, cut.cells[place]) for sign, cut in parts]) for place in known}
    yield from _told_cells(changes, left)
    for place, change in changes.items():
        if _tells_rest(place, changes, shown, left) or (not change.n and _shows_other_parts(place, shown)):
            yield f"{place}/..."


def _told_cells(changes: dict[str, _Change], left: _Left) -> Iterator[str]:
    """Yield the places that may rest on a few; in a group also those with nobody, where others have somebody."""
    names = _tree if left.are_newcomers else _kind
    moved = {names(place) for place, change in changes.items() if change.n}
    for place, change in changes.items():
        is_nobody = left.is_group and not change.n and names(place) in moved
        if change.may_be_few or is_nobody or (left.are_few and change.n):
            yield place


def _change(values: Sequence[tuple[int, tuple[int, int, int]]]) -> _Change:
    n, people = (sum(sign * value[place] for sign, value in values) for place in (0, 1))
    return _Change(n, people, max(value[2] for _, value in values))


def _kind(place: str) -> str:
    """Return what a cell counts: the beginning of its place."""
    return place.partition("/")[0]


def _tree(place: str) -> str:
    """Return of which role and flow, or of which activity a cell is; of any other what it counts."""
    return "/".join(place.split("/")[: _TREES.get(_kind(place), 1)])


def _tells_rest(place: str, changes: dict[str, _Change], shown: Sequence[Cells], left: _Left) -> bool:
    """Return whether what is not known below a total changed by a few, or in a group by nobody."""
    below = [one for one in changes if one.startswith(f"{place}/")]
    nearest = [one for one in below if not any(one.startswith(f"{other}/") for other in below)]
    if not nearest:
        return False
    rest = changes[place].n - sum(changes[one].n for one in nearest)
    if rest == 0 and left.is_group and changes[place].n:
        return any(cells[place][0] != sum(cells[one][0] for one in nearest) for cells in shown)
    return _Change(rest, 0, changes[place].each).may_be_few


def _shows_other_parts(place: str, shown: Sequence[Cells]) -> bool:
    """Return whether the cuts show different parts of a total that did not change: one tells what the other hides."""
    parts = {frozenset(one for one in cells if one.startswith(f"{place}/")) for cells in shown}
    return len(parts) > 1
