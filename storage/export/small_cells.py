"""Small cells are hidden, and so is what would tell them by subtraction. Pure. docs/why/small-cells.md says why so.

A table is a tree of totals: each is the sum of its parts. A cell with fewer than five people in it is hidden. Then
further cells are hidden until the two things hold for every total that is shown:

- what is left of it when everything shown is taken away is the sum of at least two cells, and of at least five people;
- no hidden cell has only one value that fits all that is shown and all that the marks say.
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
    """What stands in place of a number."""

    SMALL = "<5"
    """Fewer than five people, perhaps nobody."""
    COVER = "hidden"
    """Five people or more, hidden because it would tell a small cell."""


Shown = Mapping[str, int | HiddenMark]
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CellTree:
    """A cell of a table by its name; with `parts` the total of these, which hold all of it."""

    name: str
    cell: CommitmentCount
    parts: tuple["CellTree", ...] = ()


def total(name: str, *parts: CellTree) -> CellTree:
    """The sum of some cells."""
    whole = CommitmentCount()
    for part in parts:
        whole += part.cell
    return CellTree(name, whole, parts)


def suppress_small_cells(root: CellTree) -> Shown:
    """What may be shown of a table, by the names of its cells: the number of commitments, or a mark."""
    hidden = {node.name for node in _all(root) if node.cell.people < LEAST_PEOPLE}
    while (more := _revealing(root, hidden)) is not None:
        hidden.add(more)
    return {node.name: _mark(node) if node.name in hidden else node.cell.n for node in _all(root)}


def _all(node: CellTree) -> Iterator[CellTree]:
    yield node
    for part in node.parts:
        yield from _all(part)


def _mark(node: CellTree) -> HiddenMark:
    return HiddenMark.SMALL if node.cell.people < LEAST_PEOPLE else HiddenMark.COVER


def _revealing(root: CellTree, hidden: set[str]) -> str | None:
    """The cell to hide next, the one with the fewest people beside what is revealed; None when nothing is."""
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
    """The parts of a total, and in place of each hidden one its parts as well."""
    for part in whole.parts:
        yield part
        if part.name in hidden:
            yield from _below(part, hidden)


def _tells(lost: list[CellTree], ranges: Mapping[str, Range]) -> bool:
    """Whether what is hidden under one total can be worked out, or their sum is of too few people."""
    leaves = [node for node in lost if not node.parts]
    people = len({person for leaf in leaves for person in leaf.cell.who})
    known = any(ranges[node.name][0] == ranges[node.name][1] for node in lost)
    return len(leaves) < 2 or people < LEAST_PEOPLE or known  # noqa: PLR2004 - one alone is its total


def _ranges(root: CellTree, hidden: set[str]) -> dict[str, Range]:
    """
    Between what and what a reader knows each cell to lie, who knows how many commitments one person may have made.

    Upwards from the parts and then downwards from the totals: in a tree that finds all that can be known.
    """
    each = max(root.cell.who.values(), default=1)
    found: dict[str, Range] = {}
    _narrow_upwards(root, hidden, (LEAST_PEOPLE - 1) * each, found)
    _narrow_downwards(root, found)
    return found


def _narrow_upwards(node: CellTree, hidden: set[str], small: int, found: dict[str, Range]) -> None:
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
    low, high = found[node.name]
    lows = sum(found[part.name][0] for part in node.parts)
    highs = sum(found[part.name][1] for part in node.parts)
    for part in node.parts:
        own_low, own_high = found[part.name]
        narrowed = max(own_low, low - (highs - own_high)), min(own_high, high - (lows - own_low))
        found[part.name] = narrowed
    for part in node.parts:
        _narrow_downwards(part, found)
