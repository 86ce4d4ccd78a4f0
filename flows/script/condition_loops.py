"""Find the macros of a condition, which are its only loops, and have each ask before it begins how far it may go.

The library that runs conditions counts no steps: ten nested macros over ten items would hold up the process for hours.
So the text of a condition is changed before it is compiled: each list that a macro goes through is handed to
`LoopSteps.admit` first, which counts, and gives an empty list once the count is used up. It does not raise: `||` and
`exists` go on where a part of theirs fails.

What a round costs was measured. The library copies the whole list that `map` and `filter` have made so far in each
round, with all that is in it; and it prepares the pattern of `matches` anew each time, up to a tenth of a second.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import prod
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
    r"(?P<loop>\.\s*(?:all|exists|exists_one|existsOne|map|filter)\s*\()|(?P<match>\bmatches\s*\()"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])"
)
_VARIABLE = re.compile(r"\s*([A-Za-z_]\w*)\s*,")
_ROOT = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?!\w*\s*\()")
_TIMES = re.compile(r"\{(\d{1,4})(?:,(\d{0,4}))?\}")
"""How often a part of a pattern is repeated: `{4}`, `{2,9}`."""
_PATTERN_STEPS = 20
"""What a pattern costs without repetitions: a few tenths of a millisecond."""
_UNKNOWN_TIMES = 100
"""What a pattern that is not in the text is taken to repeat."""


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


class ConditionPattern(NamedTuple):
    """A pattern of `matches` at a place in the text of a condition; `text` is None where it is not given in quotes."""

    start: int
    text: str | None

    @property
    def times(self) -> int:
        """Return how many parts its repetitions make of one, at most."""
        if self.text is None:
            return _UNKNOWN_TIMES
        most = (max(int(times[1]), int(times[2] or 0)) for times in _TIMES.finditer(self.text))
        return prod(max(1, one) for one in most)


class ConditionShape(NamedTuple):
    """The macros and patterns of a condition, in the order of its text, and how deep its brackets are nested."""

    loops: tuple[ConditionLoop, ...]
    depth: int
    patterns: tuple[ConditionPattern, ...]


def bare(source: str) -> str:
    """Return the text of a condition with blanks for its texts in quotes and its comments, place by place."""
    return _LITERAL.sub(lambda literal: " " * len(literal[0]), source)


def shape(source: str) -> ConditionShape:
    """Return the macros and patterns of a condition, and how deep its brackets are nested.

    Brackets may be unbalanced.
    """
    text = bare(source)
    loops: list[ConditionLoop] = []
    patterns: list[ConditionPattern] = []
    open_: list[ConditionLoop | None] = []
    depth = 0
    for mark in _LANDMARK.finditer(text):
        if mark["close"]:
            closed = open_.pop() if open_ else None
            if closed is not None:
                closed.end = mark.start()
            continue
        if mark["match"]:
            patterns.append(ConditionPattern(mark.start(), _in_quotes(source, text, mark.end())))
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
    return ConditionShape(tuple(loops), depth, tuple(patterns))


def _in_quotes(source: str, text: str, begin: int) -> str | None:
    """Return the text in quotes that is all that stands from `begin` to the next bracket; None for anything else.

    `text` is the source as `bare` has it.
    """
    end = text.find(")", begin)
    inside = source[begin : end if end >= 0 else len(source)].strip()
    return inside if _LITERAL.fullmatch(inside) else None


def counted(source: str, found: ConditionShape, roots: Collection[str]) -> str:
    """Return the text of a condition whose macros go through what `LoopSteps.admit` gives them.

    `roots` are the names that it reads.
    """
    text = bare(source)
    parts, done = [], 0
    for loop in found.loops:
        # A chain of `x + x + ...` copies what it has at every sign: it costs the square of its length.
        weight = (1 + (loop.end - loop.begin) // _HEAVY) ** 2
        weight *= 1 + sum(
            _PATTERN_STEPS * one.times for one in found.patterns if loop.begin <= one.start < loop.end
        )
        read = sorted(set(_ROOT.findall(text, loop.begin, loop.end)).intersection(roots))
        handed = ", ".join((str(weight), f"'{' '.join(read)}'", *loop.around))
        parts += [source[done : loop.start], f".{ADMIT}({handed})"]
        done = loop.start
    return "".join((*parts, source[done:]))


class LoopSteps:
    """Counts the steps of a condition while it runs; `exceeded` tells whether it would have taken too many.

    `known` are the values that the condition reads, by name.
    """

    def __init__(self, known: Mapping[str, Any]) -> None:
        self._known = known
        self._left = MOST_STEPS
        self.exceeded = False

    def begin(self) -> None:
        """Count anew, for the next condition."""
        self._left, self.exceeded = MOST_STEPS, False

    def admit(self, items: Any, weight: int, read: str, *around: Any) -> Any:
        """Return what a macro is to go through: `items`, or nothing where that would take too many steps.

        `weight` is that of the macro's text, `read` are the names that stand in it, with blanks between them, `around`
        the items of the macros around it: a round weighs the more the longer its text and the greater its values. What
        is no list or mapping is returned as it is: the macro refuses it.
        """
        if not isinstance(items, list | tuple | dict):
            return items
        size = _weight(items, self._left)
        each = 1 + size // _HEAVY  # what was made so far is copied
        for value in (*around, *(self._known.get(name) for name in read.split())):
            each += _weight(value, self._left - each)
        self._left -= 1 + weight * (each * len(items) + size)
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
