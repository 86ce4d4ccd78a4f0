"""Find out whether a number is known: search for whole numbers that meet conditions, in which it is another."""

from collections.abc import Iterator, Mapping, Sequence

Ranges = dict[str, tuple[int, int]]
Condition = tuple[Mapping[str, int], int, int]
"""A weighted sum, its least and its greatest value."""


def another(
    ranges: Mapping[str, tuple[int, int]], conditions: Sequence[Condition], name: str, value: int
) -> bool:
    """Whether the numbers can be such that the one of this name is not that value. The search is whole."""
    low, high = ranges[name]
    return any(
        next(solutions({**ranges, name: (tried, tried)}, conditions), None) is not None
        for tried in sorted(range(low, high + 1), key=lambda one: abs(one - value))
        if tried != value
    )


def solutions(ranges: Ranges, conditions: Sequence[Condition]) -> Iterator[dict[str, int]]:
    """All numbers within their ranges that meet every condition."""
    narrowed = _narrowed(dict(ranges), conditions)
    if narrowed is None:
        return
    loose = [name for name, (low, high) in narrowed.items() if low < high]
    if not loose:
        yield {name: low for name, (low, _) in narrowed.items()}
        return
    name = min(loose, key=lambda one: narrowed[one][1] - narrowed[one][0])
    for tried in range(narrowed[name][0], narrowed[name][1] + 1):
        yield from solutions({**narrowed, name: (tried, tried)}, conditions)


def _narrowed(ranges: Ranges, conditions: Sequence[Condition]) -> Ranges | None:
    """The ranges without what no solution has, as far as each condition by itself tells; None where there is none."""
    changed = True
    while changed:
        changed = False
        for weights, least, most in conditions:
            lows = {name: min(weight * end for end in ranges[name]) for name, weight in weights.items()}
            highs = {name: max(weight * end for end in ranges[name]) for name, weight in weights.items()}
            for name, weight in weights.items():
                least_left = least - (sum(highs.values()) - highs[name])
                most_left = most - (sum(lows.values()) - lows[name])
                if weight < 0:
                    least_left, most_left = -most_left, -least_left
                low, high = ranges[name]
                size = abs(weight)
                better = max(low, -(-least_left // size)), min(high, most_left // size)
                if better[0] > better[1]:
                    return None
                if better != (low, high):
                    ranges[name], changed = better, True
                    lows[name] = min(weight * end for end in better)
                    highs[name] = max(weight * end for end in better)
    return ranges
