"""Nothing that was hidden can be worked out: found by trying every table that fits what is shown."""

from collections.abc import Iterator, Mapping
from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.export.small_cells import CellTree, HiddenMark, suppress_small_cells, total
from storage.export.statistics import CommitmentCount


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


def cell(people: int, *, first: int = 1, each: int = 1) -> CommitmentCount:
    return CommitmentCount(dict.fromkeys(range(first, first + people), each))


def table(
    full: CommitmentCount, partial: CommitmentCount, dropped: CommitmentCount, silent: CommitmentCount
) -> CellTree:
    told = total(
        "responded", CellTree("full", full), CellTree("partial", partial), CellTree("dropped", dropped)
    )
    return total("due", told, CellTree("no_answer", silent))


def some_cells() -> st.SearchStrategy[CommitmentCount]:
    """People by number, so that one person may be in several cells; up to two commitments each."""
    return st.dictionaries(st.integers(1, 12), st.integers(1, 2), max_size=8).map(CommitmentCount)


@settings(max_examples=150, deadline=None)
@given(some_cells(), some_cells(), some_cells(), some_cells())
def test_nothing_is_told_by_subtraction(full, partial, dropped, silent):
    """For any table: each small cell is hidden, and no total, denominator or mark gives back what was hidden."""
    root = table(full, partial, dropped, silent)
    found = suppress_small_cells(root)
    for node in nodes(root):
        assert (found[node.name] is HiddenMark.SMALL) is (node.cell.people < 5)
        assert found[node.name] in (node.cell.n, HiddenMark.SMALL, HiddenMark.COVER)
    if isinstance(found["due"], HiddenMark):
        assert all(isinstance(mark, HiddenMark) for mark in found.values())
    else:
        assert revealed(root, found) == []


SMALL, COVER = HiddenMark.SMALL, HiddenMark.COVER


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        # nothing small: all is shown
        ((9, 8, 7, 6), {"due": 30, "responded": 24, "full": 9, "partial": 8, "dropped": 7, "no_answer": 6}),
        # one small cell takes the smallest beside it along
        (
            (12, 6, 2, 9),
            {"due": 29, "responded": 20, "full": 12, "partial": COVER, "dropped": SMALL, "no_answer": 9},
        ),
        # two that are small cover one another, if five people are in them
        (
            (12, 3, 2, 9),
            {"due": 26, "responded": 17, "full": 12, "partial": SMALL, "dropped": SMALL, "no_answer": 9},
        ),
        # two that hold nobody would both be told by their sum, which is nothing
        (
            (12, 7, 0, 0),
            {
                "due": 19,
                "responded": COVER,
                "full": 12,
                "partial": COVER,
                "dropped": SMALL,
                "no_answer": SMALL,
            },
        ),
        # a cover of five beside an empty cell would be known to be five: one more is hidden
        (
            (12, 5, 0, 9),
            {"due": 26, "responded": 17, "full": COVER, "partial": COVER, "dropped": SMALL, "no_answer": 9},
        ),
        # fewer than five people in all: nothing
        ((2, 1, 0, 1), dict.fromkeys(("due", "responded", "full", "partial", "dropped", "no_answer"), SMALL)),
    ],
)
def test_what_is_shown(cells, shown):
    """As little is hidden as will do."""
    firsts = [1 + sum(cells[:place]) for place in range(4)]
    root = table(*(cell(people, first=first) for people, first in zip(cells, firsts, strict=True)))
    assert suppress_small_cells(root) == shown


def test_people_are_counted_and_not_commitments():
    """Four people with three commitments each are a small cell of twelve."""
    root = table(cell(4, each=3), cell(6, first=10), cell(9, first=20), cell(9, first=30))
    found = suppress_small_cells(root)
    assert (found["full"], found["partial"]) == (SMALL, COVER)
    assert revealed(root, found) == []


def test_a_table_that_tells_is_found_out():
    """The search itself finds what plain hiding of small cells gives away."""
    root = table(cell(12), cell(6, first=20), cell(2, first=30), cell(9, first=40))
    plain = {node.name: SMALL if node.cell.people < 5 else node.cell.n for node in nodes(root)}
    assert revealed(root, plain) == [("dropped",)]
