"""What a condition or a text may name at a place of the script, and what may not be there yet."""

from dataclasses import dataclass
from enum import StrEnum

from flows.check.outline import Outline, OutlineNode, reachable
from flows.script.conditions import ConditionError, names
from flows.script.facts import EVERY_ITEM, FACTS, ITEMS, PICK, ROOTS, ROUND
from flows.script.model import Block, ForEach, UpTo


class NameKind(StrEnum):
    """What a name is at a place."""

    FACT = "fact"
    ITEM = "item"
    ANSWER = "answer"
    ROUNDS = "rounds"
    """The answers of all rounds of a block that the place is not in: a list."""
    LATER = "later"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Scope:
    """The names at a node. `at_end` means the end of the node, which is a block, instead of its beginning."""

    outline: Outline
    node: OutlineNode
    at_end: bool = False

    @property
    def blocks(self) -> tuple[int, ...]:
        """The blocks that the place is in."""
        return (*self.node.blocks, self.node.number) if self.at_end else self.node.blocks

    def kind(self, name: str) -> NameKind:
        """What a name is here."""
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
        around = (self.outline.nodes[number].step for number in self.blocks)
        return any(isinstance(block, Block) and isinstance(block.repeat, UpTo) for block in around)

    def _can_come_before(self, asked: OutlineNode, name: str) -> bool:
        if self.at_end and self.node.number in asked.blocks:
            return True
        if asked is self.node and name != asked.step.key:
            return False
        return self.node.number in reachable(self.outline.ways_onward, asked.number)

    def is_sure(self, name: str) -> bool:
        """Whether the question was certainly put by now: every way here leads through it, or a condition says
        so.
        """
        asked = self.outline.answers[name]
        on_every_way = self.node.number not in reachable(self.outline.ways, 0, without=asked.number)
        return (on_every_way and asked.step.when is None) or self._sure_when(asked)

    def _sure_when(self, asked: OutlineNode) -> bool:
        """Whether the condition here, or round here, names the answer or repeats the condition of its
        question.
        """
        around = [self.node, *(self.outline.nodes[block] for block in self.node.blocks)]
        conditions = [node.step.when for node in around if node.step.when]
        same = asked.step.when
        return any(
            _names(condition, asked.step.key) or (same is not None and same in condition)
            for condition in conditions
        )

    def items(self) -> dict[str, frozenset[str]]:
        """The names of the current items of the blocks around, each with what an item of that list holds."""
        found: dict[str, frozenset[str]] = {}
        for number in self.blocks:
            block = self.outline.nodes[number].step
            if isinstance(block, Block) and isinstance(block.repeat, ForEach):
                found[block.repeat.as_] = ITEMS.get(block.repeat.for_each, PICK) | EVERY_ITEM
        return found

    def fields(self, name: str) -> frozenset[str] | None:
        """What the item or fact of that name holds; None for what has no parts."""
        return self.items().get(name) or FACTS.get(name)

    def names(self) -> list[str]:
        """All names that are known here, for suggestions."""
        answers = [
            name for name in self.outline.answers if self.kind(name) in {NameKind.ANSWER, NameKind.ROUNDS}
        ]
        return [*answers, *self.items(), *ROOTS]


def _names(condition: str, key: str) -> bool:
    try:
        return key in names(condition)
    except ConditionError:
        return False
