"""Hide the small cells of a table, and those that would tell them by subtraction.

The theory (docs/why/small-cells.md has the reasons and the sources). A table is a tree of totals: each is the sum of
its parts. A cell with fewer than five people in it is small and must not be shown. Hiding it alone is not enough: a
reader subtracts what is shown from a total that is shown. So further cells are hidden until two things hold for every
total that is shown:

- what is left of it, when everything shown below it is taken away, is the sum of at least two cells and of at least
  five people;
- no hidden cell has only one value that fits all that is shown and all that the marks say.

For the second, each hidden cell gets a range. A small one lies from 0 to 4 people times the most commitments that one
person has, a covering one from 5 upwards; then ranges are narrowed from the parts up to the totals, and from the
totals down to the parts, which in a tree finds all that can be known. The cell to hide next is the one with the fewest
people beside what is revealed. Each round hides one more cell, so it ends; in the worst case everything is hidden.

Everything here is pure: no database, no clock.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.export.statistics import CommitmentCount

LEAST_PEOPLE: Final = 5
"""People, not commitments: two people with three commitments each are two people."""
_NO_LIMIT: Final = 10**12


class HiddenMark(StrEnum):
    """What stands in place of a number that is hidden from supporters."""

    SMALL = "<5"
    """Fewer than five people, perhaps nobody."""
    COVER = "hidden"
    """Five people or more, hidden because it would tell a small cell."""


Shown = Mapping[str, int | HiddenMark]
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CellTree:
    """A cell of a table by its name; with `parts` it is their total, and they hold all of it."""

    name: str
    cell: CommitmentCount
    parts: tuple["CellTree", ...] = ()


def total(name: str, *parts: CellTree) -> CellTree:
    """Return the cell of that name which is the sum of some cells, with these as its parts."""
    whole = CommitmentCount()
    for part in parts:
        whole += part.cell
    return CellTree(name, whole, parts)


def suppress_small_cells(root: CellTree) -> Shown:
    """Return what may be shown of a table: by the name of each cell its number of commitments, or a mark.

    `root` is the total of the table. A mark stands for a small number, or for one that would tell a small one.
    """
    hidden = {node.name for node in _all(root) if node.cell.people < LEAST_PEOPLE}
    while (more := _revealing(root, hidden)) is not None:
        hidden.add(more)
    return {node.name: _mark(node) if node.name in hidden else node.cell.n for node in _all(root)}


def _all(node: CellTree) -> Iterator[CellTree]:
    """Yield a cell and all cells below it."""
    yield node
    for part in node.parts:
        yield from _all(part)


def _mark(node: CellTree) -> HiddenMark:
    """Return the mark of a hidden cell."""
    return HiddenMark.SMALL if node.cell.people < LEAST_PEOPLE else HiddenMark.COVER


def _revealing(root: CellTree, hidden: set[str]) -> str | None:
    """Return the name of the cell to hide next; None when nothing hidden can be worked out.

    It is the one with the fewest people among those shown beside what is revealed.
    """
    ranges = _ranges(root, hidden)
    for whole in _all(root):
        if whole.name in hidden:
            continue
        below = list(_below(whole, hidden))
        lost = [node for node in below if node.name in hidden]
        if lost and _tells(lost, ranges):
            kept = [node for node in below if node.name not in hidden]
            return min(kept, key=lambda node: node.cell.people, default=whole).name
    return None


def _below(whole: CellTree, hidden: set[str]) -> Iterator[CellTree]:
    """Yield the parts of a total, and in place of each hidden one its parts as well."""
    for part in whole.parts:
        yield part
        if part.name in hidden:
            yield from _below(part, hidden)


def _tells(lost: list[CellTree], ranges: Mapping[str, Range]) -> bool:
    """Return whether what is hidden under one total can be worked out, or its sum is of too few people."""
    leaves = [node for node in lost if not node.parts]
    people = len({person for leaf in leaves for person in leaf.cell.who})
    known = any(ranges[node.name][0] == ranges[node.name][1] for node in lost)
    return len(leaves) < 2 or people < LEAST_PEOPLE or known  # noqa: PLR2004 - one alone is its total


def _ranges(root: CellTree, hidden: set[str]) -> dict[str, Range]:
    """Return the least and the greatest value that a reader knows each cell to have.

    The reader knows how many commitments one person may have made. Upwards from the parts and then downwards from the
    totals: in a tree that finds all that can be known.
    """
    each = max(root.cell.who.values(), default=1)
    found: dict[str, Range] = {}
    _narrow_upwards(root, hidden, (LEAST_PEOPLE - 1) * each, found)
    _narrow_downwards(root, found)
    return found


def _narrow_upwards(node: CellTree, hidden: set[str], small: int, found: dict[str, Range]) -> None:
    """Find the ranges of a cell and of all below it, from the parts to the totals.

    `small` is the greatest value that a small cell may have.
    """
    if node.name not in hidden:
        low = high = node.cell.n
    else:
        low, high = (0, small) if _mark(node) is HiddenMark.SMALL else (LEAST_PEOPLE, _NO_LIMIT)
    for part in node.parts:
        _narrow_upwards(part, hidden, small, found)
    if node.parts:
        low = max(low, sum(found[part.name][0] for part in node.parts))
        high = min(high, sum(found[part.name][1] for part in node.parts))
    found[node.name] = low, high


def _narrow_downwards(node: CellTree, found: dict[str, Range]) -> None:
    """Narrow the ranges of all cells below one, from the totals to the parts."""
    low, high = found[node.name]
    lows = sum(found[part.name][0] for part in node.parts)
    highs = sum(found[part.name][1] for part in node.parts)
    for part in node.parts:
        own_low, own_high = found[part.name]
        narrowed = max(own_low, low - (highs - own_high)), min(own_high, high - (lows - own_low))
        found[part.name] = narrowed
    for part in node.parts:
        _narrow_downwards(part, found)
