"""Find out what a condition or a text may name at a place of the script, and what may not be there yet."""

from dataclasses import dataclass
from enum import StrEnum

from flows.check.outline import Outline, OutlineNode
from flows.script.conditions import ConditionError, names
from flows.script.facts import EVERY_ITEM, FACTS, ITEMS, PICK, ROOTS, ROUND
from flows.script.model import Block, ForEach, UpTo


class NameKind(StrEnum):
    """What a name stands for at a place of a script."""

    FACT = "fact"
    ITEM = "item"
    ANSWER = "answer"
    ROUNDS = "rounds"
    """The answers of all rounds of a block that the place is not in: a list."""
    LATER = "later"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a condition or text may use at a step; with `at_end` at the end of the step, which is a block."""

    outline: Outline
    node: OutlineNode
    at_end: bool = False
    when: str | None = None
    """A further condition of the place, within its step."""

    @property
    def blocks(self) -> tuple[int, ...]:
        """The numbers of the blocks that the place is in, outermost first."""
        return (*self.node.blocks, self.node.number) if self.at_end else self.node.blocks

    def kind(self, name: str) -> NameKind:
        """Return what a name stands for at this place; `NOTHING` where it is unknown."""
        if name in self.items():
            return NameKind.ITEM
        if name in ROOTS or (name == ROUND and self._is_in_rounds()):
            return NameKind.FACT
        asked = self.outline.answers.get(name)
        if asked is None:
            return NameKind.NOTHING
        if not self._can_come_before(asked, name):
            return NameKind.LATER
        return NameKind.ANSWER if asked.blocks == self.blocks[: len(asked.blocks)] else NameKind.ROUNDS

    def _is_in_rounds(self) -> bool:
        """Tell whether the place is in an `up_to` block, where `round` is known."""
        around = (self.outline.nodes[number].step for number in self.blocks)
        return any(isinstance(block, Block) and isinstance(block.repeat, UpTo) for block in around)

    def _can_come_before(self, asked: OutlineNode, name: str) -> bool:
        """Tell whether the answer of this name can have been given by now."""
        if self.at_end and self.node.number in asked.blocks:
            return True
        if asked is self.node and name != asked.step.key:
            return False
        return self.outline.comes_after(self.node.number, asked.number)

    def is_sure(self, name: str) -> bool:
        """Tell whether the question that gives this answer was certainly put before this place.

        It was where every way here leads through it, or a condition says so.
        """
        asked = self.outline.answers[name]
        on_every_way = self.outline.always_after(self.node.number, asked.number)
        return (on_every_way and asked.step.when is None) or self._sure_when(asked)

    def _sure_when(self, asked: OutlineNode) -> bool:
        """Tell whether a condition here or around names the answer, or repeats the condition of its question."""
        around = [self.node, *(self.outline.nodes[block] for block in self.node.blocks)]
        conditions = [when for when in (self.when, *(node.step.when for node in around)) if when]
        same = asked.step.when
        return any(
            _names(condition, asked.step.key) or (same is not None and same in condition)
            for condition in conditions
        )

    def items(self) -> dict[str, frozenset[str]]:
        """Return the names of the current items of the blocks around, each with the parts that an item has."""
        found: dict[str, frozenset[str]] = {}
        for number in self.blocks:
            block = self.outline.nodes[number].step
            if isinstance(block, Block) and isinstance(block.repeat, ForEach):
                found[block.repeat.as_] = ITEMS.get(block.repeat.for_each, PICK) | EVERY_ITEM
        return found

    def fields(self, name: str) -> frozenset[str] | None:
        """Return the parts that the item or fact of that name has; None for what has none."""
        return self.items().get(name) or FACTS.get(name)

    def names(self) -> list[str]:
        """Return all names that may be used at this place, to suggest one for a misspelt name."""
        answers = [
            name for name in self.outline.answers if self.kind(name) in {NameKind.ANSWER, NameKind.ROUNDS}
        ]
        return [*answers, *self.items(), *ROOTS]


def _names(condition: str, key: str) -> bool:
    """Tell whether a condition names a key; False where it does not compile."""
    try:
        return key in names(condition)
    except ConditionError:
        return False
