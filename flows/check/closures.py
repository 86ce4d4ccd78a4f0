"""Answer many questions about the ways through a script from one look at them: what leads where, and past what.

Sets of nodes are the bits of a whole number, so that thousands of steps take thousands of operations.
"""

from collections.abc import Iterator, Mapping


def all_reachable(ways: Mapping[int, frozenset[int]]) -> Mapping[int, int]:
    """Return for each node the bits of those that can be reached from it; its own only if a way leads back.

    `ways` are as in `Outline.ways`; nodes are looked up by `has`.
    """
    found = dict.fromkeys(ways, 0)
    changed = True
    while changed:  # once for a script without circles, and once more for each circle within another
        changed = False
        for number in sorted(ways, reverse=True):
            bits = 0
            for to in ways[number]:
                bits |= _bit(to) | found.get(to, 0)
            changed = changed or bits != found[number]
            found[number] = bits
    return found


def dominators(ways: Mapping[int, frozenset[int]], start: int) -> Mapping[int, int]:
    """Return for each node that can be reached from `start` the bits of those that every way to it leads through.

    Each is among its own, and `start` among those of all.
    """
    before: dict[int, list[int]] = {}
    for number in ways:
        for to in ways[number]:
            before.setdefault(to, []).append(number)
    reached = all_reachable(ways).get(start, 0)
    numbers = [number for number in sorted(ways) if number != start and has(reached, number)]
    found = {start: _bit(start), **dict.fromkeys(numbers, -1)}
    changed = True
    while changed:
        changed = False
        for number in numbers:
            bits = -1
            for other in before[number]:
                bits &= found.get(other, -1)
            bits |= _bit(number)
            changed = changed or bits != found[number]
            found[number] = bits
    return found


def leading_to(ways: Mapping[int, frozenset[int]], end: int) -> frozenset[int]:
    """Return the nodes from which `end` can be reached."""
    before: dict[int, list[int]] = {}
    for number in ways:
        for to in ways[number]:
            before.setdefault(to, []).append(number)
    return frozenset(_walked(before, end))


def has(bits: int, number: int) -> bool:
    """Tell whether a node is among the bits of a set."""
    return bool(bits & _bit(number))


def _bit(number: int) -> int:
    """Return the bit of a node; `FINISH`, which is -1, has the first."""
    return 1 << (number + 1)


def _walked(before: Mapping[int, list[int]], end: int) -> Iterator[int]:
    """Yield the nodes behind an end, each once."""
    seen: set[int] = set()
    waiting = list(before.get(end, ()))
    while waiting:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            yield number
            waiting.extend(before.get(number, ()))
