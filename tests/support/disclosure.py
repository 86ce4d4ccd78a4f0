"""What a reader can work out from a table with hidden cells, by trying every table that fits."""

from collections.abc import Iterator, Mapping
from itertools import chain, combinations, product

from storage.export.small_cells import CellTree, HiddenMark


def leaves(node: CellTree) -> list[CellTree]:
    return [node] if not node.parts else [leaf for part in node.parts for leaf in leaves(part)]


def nodes(node: CellTree) -> list[CellTree]:
    return [node, *(one for part in node.parts for one in nodes(part))]


def readings(root: CellTree, shown: Mapping[str, int | HiddenMark]) -> Iterator[dict[str, int]]:
    """Every table that agrees with what is shown, for a reader who knows how many one person may have made."""
    each = max(root.cell.who.values(), default=1)
    most = shown[root.name]
    assert isinstance(most, int), "nothing is shown of a table whose total is hidden"

    def fits(name: str, n: int) -> bool:
        match shown[name]:
            case HiddenMark.SMALL:
                return n <= 4 * each
            case HiddenMark.COVER:
                return n >= 5
            case known:
                return n == known

    own = leaves(root)
    values = [[n for n in range(most + 1) if fits(leaf.name, n)] for leaf in own]
    for tried in product(*values):
        if sum(tried) != most:
            continue
        table = dict(zip((leaf.name for leaf in own), tried, strict=True))
        for node in nodes(root):
            table[node.name] = sum(table[leaf.name] for leaf in leaves(node))
        if all(fits(node.name, table[node.name]) for node in nodes(root)):
            yield table


def revealed(root: CellTree, shown: Mapping[str, int | HiddenMark]) -> list[tuple[str, ...]]:
    """The hidden cells that have one value only, and the sums of hidden cells that are of fewer than five people."""
    tables = list(readings(root, shown))
    assert {node.name: node.cell.n for node in nodes(root)} in tables
    hidden = [node for node in nodes(root) if isinstance(shown[node.name], HiddenMark)]
    alone = [(node.name,) for node in hidden if len({table[node.name] for table in tables}) == 1]
    lost = [node for node in hidden if not node.parts]
    sums = chain.from_iterable(combinations(lost, size) for size in range(2, len(lost) + 1))
    return alone + [
        tuple(one.name for one in some)
        for some in sums
        if len({person for one in some for person in one.cell.who}) < 5
        and len({sum(table[one.name] for one in some) for table in tables}) == 1
    ]
