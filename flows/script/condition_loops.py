"""Find the macros of a condition, which are its only loops, and have each ask before it begins how far it may go.

The library that runs conditions counts no steps: ten nested macros over ten items would hold up the process for hours.
So the text of a condition is changed before it is compiled: each list that a macro goes through is handed to
`LoopSteps.admit` first, which counts, and gives an empty list once the count is used up. It does not raise: `||` and
`exists` go on where a part of theirs fails.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

MOST_STEPS: Final = 20_000
"""Steps of one condition: rounds, each as heavy as its text and the values that it goes over."""
ADMIT: Final = "admit_"
"""What the text of a condition calls `LoopSteps.admit` by; an author's own text may not call it."""

_HEAVY: Final = 100
"""Characters that weigh as much as one more step."""
_LITERAL = re.compile(
    r"(?<!\w)(?:[bB]?[rR]|[rR][bB])(?:'''.*?'''|\"\"\".*?\"\"\"|'[^'\n]*'|\"[^\"\n]*\")"
    r"|'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\""
    r"|//[^\n]*",
    re.DOTALL,
)
"""A text in quotes, of any of CEL's kinds, or a comment."""
_LANDMARK = re.compile(
    r"(?P<loop>\.\s*(?:all|exists|exists_one|existsOne|map|filter)\s*\()|(?P<open>[(\[{])|(?P<close>[)\]}])"
)
_VARIABLE = re.compile(r"\s*([A-Za-z_]\w*)\s*,")


@dataclass(slots=True)
class ConditionLoop:
    """A macro in the text of a condition.

    `start` is the place of its dot, `begin` and `end` those of what stands in its brackets; `variable` is the name
    that it gives to each item; `around` are those of the macros around it, the outermost first; `depth` is 1
    for one that is in no other.
    """

    start: int
    begin: int
    end: int
    variable: str
    around: tuple[str, ...]
    depth: int


class ConditionShape(NamedTuple):
    """The macros of a condition, in the order of its text, and how deep its brackets are nested."""

    loops: tuple[ConditionLoop, ...]
    depth: int


def bare(source: str) -> str:
    """Return the text of a condition with blanks for its texts in quotes and its comments, place by place."""
    return _LITERAL.sub(lambda literal: " " * len(literal[0]), source)


def shape(source: str) -> ConditionShape:
    """Return the macros of a condition, and how deep its brackets are nested; brackets may be unbalanced."""
    text = bare(source)
    loops: list[ConditionLoop] = []
    open_: list[ConditionLoop | None] = []
    depth = 0
    for mark in _LANDMARK.finditer(text):
        if mark["close"]:
            closed = open_.pop() if open_ else None
            if closed is not None:
                closed.end = mark.start()
            continue
        variable = _VARIABLE.match(text, mark.end()) if mark["loop"] else None
        if variable is None:
            open_.append(None)
        else:
            outer = [loop.variable for loop in open_ if loop is not None]
            around = tuple(dict.fromkeys(outer))
            place = (mark.start(), mark.end(), len(text))
            loops.append(ConditionLoop(*place, variable[1], around, len(outer) + 1))
            open_.append(loops[-1])
        depth = max(depth, len(open_))
    return ConditionShape(tuple(loops), depth)


def counted(source: str, loops: Sequence[ConditionLoop]) -> str:
    """Return the text of a condition whose macros go through what `LoopSteps.admit` gives them."""
    parts, done = [], 0
    for loop in loops:
        # A chain of `x + x + ...` copies what it has at every sign: it costs the square of its length.
        weight = (1 + (loop.end - loop.begin) // _HEAVY) ** 2
        parts += [source[done : loop.start], f".{ADMIT}({', '.join((str(weight), *loop.around))})"]
        done = loop.start
    return "".join((*parts, source[done:]))


class LoopSteps:
    """Counts the steps of a condition while it runs; `exceeded` tells whether it would have taken too many."""

    def __init__(self) -> None:
        self._left = MOST_STEPS
        self.exceeded = False

    def begin(self) -> None:
        """Count anew, for the next condition."""
        self._left, self.exceeded = MOST_STEPS, False

    def admit(self, items: Any, weight: int, *around: Any) -> Any:
        """Return what a macro is to go through: `items`, or nothing where that would take too many steps.

        `weight` is that of the macro's text, `around` are the items of the macros around it: a round weighs the more
        the longer its text and the greater its values. What is no list or mapping is returned as it is: the macro
        refuses it.
        """
        if not isinstance(items, list | tuple | dict):
            return items
        each = 1
        for item in around:
            each += _weight(item, self._left - each)
        self._left -= 1 + weight * (each * len(items) + _weight(items, self._left))
        if self._left < 0:
            self.exceeded = True
            return []
        return items


def _weight(value: Any, most: int) -> int:
    """Return how many steps a value weighs: one for each part, and more for a long text; counted as far as `most`."""
    waiting, weight = [value], 0
    while waiting and weight <= most:
        one = waiting.pop()
        weight += 1
        if isinstance(one, str | bytes):
            weight += len(one) // _HEAVY
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
    return weight
