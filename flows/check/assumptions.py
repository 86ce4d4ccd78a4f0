"""Tell which steps of a script come for every program, and which only where its author decided so.

A program file decides with yes or no whether patients are asked about their medicine. What a script promises of its
length must be true after either: each rule about it looks at the script once for every decision.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from flows.check.outline import Outline, OutlineNode
from flows.script.conditions import ConditionError, decided, names

_DECIDED: Final = "ask_about_medicine"
_OF_PROGRAM: Final = re.compile(r"\bprogram\.(\w+)")


class Assumption(NamedTuple):
    """Hold what follows from a decision of a program's author: the numbers of steps that never come, or surely do.

    `sure` has only steps whose condition the decision makes true; a step without a condition is not among them.
    """

    left_out: frozenset[int] = frozenset()
    sure: frozenset[int] = frozenset()

    def weighs(self, node: OutlineNode) -> bool:
        """Return whether a step may come at all."""
        return node.number not in self.left_out


NONE: Final = Assumption()
"""Nothing is decided: every step may come."""


def assumptions(outline: Outline) -> Iterator[Assumption]:
    """Yield what follows from each decision that a program's author may make; `NONE` where no step depends on one."""
    if not any(_asks_program(node.step.when) for node in outline.nodes):
        yield NONE
        return
    for asks in (False, True):
        yield _assuming(outline, asks=asks)


def _assuming(outline: Outline, *, asks: bool) -> Assumption:
    """Return which steps never, and which surely, come where patients are asked about their medicine, or are not."""
    left_out, sure, never_given = set[int](), set[int](), set[str]()

    def known(name: str) -> Any:
        if name == "program":
            return {_DECIDED: asks}
        if name in never_given:
            return None
        raise KeyError(name)

    for node in outline.nodes:
        condition = node.step.when
        depends = _asks_program(condition) or not never_given.isdisjoint(_names(condition))
        holds = decided(condition, known) if condition is not None and depends else None
        if holds is False or not left_out.isdisjoint(node.blocks):
            left_out.add(node.number)
            never_given.add(node.step.key)
        elif holds:
            sure.add(node.number)
    return Assumption(frozenset(left_out), frozenset(sure))


def _asks_program(condition: str | None) -> bool:
    """Return whether a condition names the decision, and nothing else of the program."""
    return set(_OF_PROGRAM.findall(condition or "")) == {_DECIDED}


def _names(condition: str | None) -> frozenset[str]:
    """Return what a condition reads; nothing where there is none, or it cannot be read."""
    try:
        return names(condition) if condition else frozenset()
    except ConditionError:
        return frozenset()
