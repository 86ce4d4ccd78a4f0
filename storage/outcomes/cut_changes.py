"""Find whether cuts that were handed out tell, taken from one another, of fewer than five people. Pure.

The theory. Those whom a cell may count, by their roles (`counted_roles`), stand in a row, in the order in which they
joined: who joined in another role changes nothing of it. A cut counts a stretch of that row, and days are looked at no
more: two days between which nobody joined are one place. Cuts are added and taken away until what is left are people
who count alike (a group), or nobody (the same people, counted at two times: what changed). Where fewer than five joined
between two places these are taken for one as well, since the few are what would be told. So the new cut is compared
with each earlier one and with each two of them; more than two are not looked at, nor two where one of them only adds to
what is known already.

Of what is left every cell is judged that is known in all of these cuts, and under each total what remains beside the
parts that are known. How many people a difference rests on is not kept anywhere, since that would need to know who was
in which cell. It is at least the difference of the numbers of people, and at least the number of commitments divided by
how many one person has at most: when that is fewer than five, the difference may be of fewer than five people.

A difference of nothing is none where the same people were counted twice; in a group it says something of everybody
there, so that nobody is fewer than five, as in a cut itself. Whether a tree of totals counts the group at all its root
tells: where that did not change, the group is not in it, and what changed below it are the same people, counted twice.
Newcomers, who joined after an earlier cut without an end was handed out, are a group, too; they can be only in trees
whose root rose. A root that stayed as it was says of a group between two days that nobody of it is in there, and of
newcomers nothing, since what it counts may be over.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Final, NamedTuple

from flows.script.roles import Role
from storage.export.small_cells import LEAST_PEOPLE
from storage.outcomes.supporters import Cells

_MOST_TOGETHER: Final = 2
_TREES: Final = {"people": 3, "commitments": 2, "better": 2, "judged_better": 2}
"""How many names of a place are the root of its tree, by its kind: of a role and flow, an activity, or a theme.

Cells of other kinds are in no tree.
"""
_CLINICIANS: Final = frozenset({Role.HCP, Role.EDUCATOR})
_PATIENTS: Final = frozenset({Role.PATIENT, Role.CARER})
_ROLES: Final = {
    "commitments": _CLINICIANS,
    "barriers": _CLINICIANS,
    "themes": _PATIENTS,
    "better": _PATIENTS,
    "judged_better": _PATIENTS,
}
"""Whom the cells of a kind may count; those of `people` name their role."""


class KnownCut(NamedTuple):
    """What a reader knows by a cut, and whom it counts.

    These are the people from place `first` to before place `last`, in the order in which they joined, of those who are
    still there and whom the cells may count. `is_open` says that more could join it when it was handed out.
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
    """Whom some cuts leave.

    `sign` is how often each of them counts: of a cut of places 0 to 40 without one of 0 to 30 ten people are left who
    count once, so it is 1; taken the other way round it is -1. It is 0 where fewer than five are left, or none.
    `heights` is how often whoever is left counts, be they few or many; it is empty where nobody is.
    """

    sign: int
    heights: frozenset[int]
    are_newcomers: bool

    @property
    def is_group(self) -> bool:
        """Return whether anybody is left."""
        return bool(self.heights)

    @property
    def are_few(self) -> bool:
        """Return whether all that the cuts tell is of a few, who are no newcomers beside whom others changed."""
        return self.is_group and not self.sign and not self.are_newcomers

    def may_be_in(self, root: _Change) -> bool:
        """Return whether somebody who is left may be in a tree, by how its root changed; newcomers only add to it."""
        if self.are_newcomers:
            return any(height * root.n > 0 for height in self.heights)
        return self.is_group and root.n != 0


_Parts = Sequence[tuple[int, KnownCut]]
"""Cuts, each with 1 where it is added and -1 where it is taken away."""
_Changes = Mapping[str, _Change]
"""How each cell differs that is known in all of some cuts, by its place."""


def counted_roles(place: str) -> frozenset[Role]:
    """Return in which roles people may be counted in a cell; all of them where its place does not tell.

    >>> sorted(counted_roles("people/carer/patient_interview/finished")), sorted(counted_roles("barriers/time"))
    ([<Role.CARER: 'carer'>], [<Role.EDUCATOR: 'educator'>, <Role.HCP: 'hcp'>])
    """
    if _kind(place) != "people":
        return _ROLES.get(_kind(place), frozenset(Role))
    named = place.split("/")[1:2]
    return frozenset(role for role in Role if role.value in named) or frozenset(Role)


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
    height, signs, heights, lows = 0, set[int](), set[int](), set[int]()
    for low, high in pairwise(sorted(place for place, turn in turns.items() if turn)):
        height += turns[low]
        if height:
            heights.add(height)
            lows.add(low)
        if height and high - low >= LEAST_PEOPLE:
            signs.add(height)
    if signs not in (set(), {1}, {-1}):
        return None
    ends = {cut.last for _, cut in parts[1:] if cut.is_open}
    return _Left(sum(signs), frozenset(heights), bool(lows) and lows <= ends)


def _only_adds(parts: _Parts) -> bool:
    """Return whether one of three cuts is only added to what the other two tell, and so tells nothing with them.

    Such as a cut of places 0 to 50, added to one of 0 to 90 without one of 0 to 70: of the twenty who are left of these
    two all is told already, and fifty others on top of them tell no more of them.
    """
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
    for place in changes:
        if _tells_rest(place, changes, shown, left):
            yield f"{place}/..."


def _told_cells(changes: _Changes, left: _Left) -> Iterator[str]:
    """Yield the places that may rest on a few; in a group also those with nobody, where others have somebody."""
    names = _tree if left.are_newcomers else _kind
    moved = {
        names(place) for place, change in changes.items() if change.n and _may_hold(place, changes, left)
    }
    for place, change in changes.items():
        is_judged = place == _tree(place) or _may_hold(place, changes, left)
        is_nobody = not change.n and is_judged and names(place) in moved
        if change.may_be_few or is_nobody or (left.are_few and change.n):
            yield place


def _may_hold(place: str, changes: _Changes, left: _Left) -> bool:
    """Return whether somebody of a group may be in the tree of a cell: as its root tells, and else always."""
    root = changes.get(_tree(place)) if _kind(place) in _TREES else None
    return left.is_group if root is None else left.may_be_in(root)


def _change(values: Sequence[tuple[int, tuple[int, int, int]]]) -> _Change:
    n, people = (sum(sign * value[place] for sign, value in values) for place in (0, 1))
    return _Change(n, people, max(value[2] for _, value in values))


def _kind(place: str) -> str:
    """Return what a cell counts: the beginning of its place."""
    return place.partition("/")[0]


def _tree(place: str) -> str:
    """Return the root of the tree that a cell is in; of a cell in no tree what it counts."""
    return "/".join(place.split("/")[: _TREES.get(_kind(place), 1)])


def _tells_rest(place: str, changes: _Changes, shown: Sequence[Cells], left: _Left) -> bool:
    """Return whether what is not known below a total changed by a few, or else by nobody where that tells something.

    That is in a group, whose members then are all in the parts that are known; and where the cuts show different parts,
    of which one tells what the other hides.
    """
    below = [one for one in changes if one.startswith(f"{place}/")]
    nearest = [one for one in below if not any(one.startswith(f"{other}/") for other in below)]
    rest = changes[place].n - sum(changes[one].n for one in nearest)
    if rest:
        return bool(nearest) and _Change(rest, 0, changes[place].each).may_be_few
    if all(cells[place][0] == sum(cells[one][0] for one in nearest) for cells in shown):
        return False
    is_nobody = bool(nearest) and changes[place].n != 0 and _may_hold(place, changes, left)
    return is_nobody or _shows_other_parts(place, nearest, shown)


def _shows_other_parts(place: str, nearest: Sequence[str], shown: Sequence[Cells]) -> bool:
    """Return whether the cuts show different cells below a total, beside those that are known in all of them."""

    def is_other(one: str) -> bool:
        return one.startswith(f"{place}/") and not f"{one}/".startswith(
            tuple(f"{other}/" for other in nearest)
        )

    return len({frozenset(filter(is_other, cells)) for cells in shown}) > 1
