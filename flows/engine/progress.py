"""How far along a talk is: 'n of m', by going the whole way once, as the answers so far lead."""

from collections import Counter
from collections.abc import Hashable
from typing import Any

from flows.engine.compiled import CompiledStep, Items, read_slot, slot_of
from flows.engine.context import EvaluationContext
from flows.script.conditions import decided
from flows.script.model import Block, End, ForEach

_FARTHEST = 400
"""Steps gone at most; loops are cut here."""
_MOST_WAYS = 4_096
"""Ways of one flow kept at hand; it is forgotten whole when it is full."""

Place = tuple[CompiledStep, Items] | None


def progress(scene: EvaluationContext, last: tuple[int, int, int] | None) -> tuple[int, int]:
    """The number of the scene's question among the counted ones, and the best guess of how many there are.

    What hangs on answers to come is taken at its longest, so that the number shrinks rather than grows.
    `last` is that of the counted question put before, if nothing that decides the way was answered since.
    """
    if last is not None and last[1] < last[2]:
        return last[1] + 1, last[2]
    if not scene.plan.by_choice:
        return _gone(scene)
    key = (scene.node.key, scene.items, scene.state.risky, _decisions(scene))
    known = scene.plan.ways.get(key)
    if known is None:
        if len(scene.plan.ways) >= _MOST_WAYS:
            scene.plan.ways.clear()
        known = scene.plan.ways[key] = _gone(scene)
    return known


def _decisions(scene: EvaluationContext) -> tuple[tuple[str, Hashable], ...]:
    """The answers that decide the way; with the place they are all that it hangs on."""
    deciding = scene.plan.deciding
    return tuple(
        (slot, tuple(given.value) if isinstance(given.value, list) else given.value)
        for slot, given in scene.state.answers.items()
        if read_slot(slot)[0] in deciding
    )


def _gone(scene: EvaluationContext) -> tuple[int, int]:
    way = _Way(scene)
    way.go()
    return way.number or way.total, max(way.total, way.number)


class _Way:
    """The way from the first step to the end, without asking."""

    def __init__(self, scene: EvaluationContext) -> None:
        self.plan = scene.plan
        self.state = scene.state
        self.here = (scene.node, scene.items)
        self.sure = 0
        self.by_code: dict[str, Counter[str | bool | None]] = {}
        """For each unanswered question, how many questions each of its answers would add."""
        self.number = 0

    @property
    def total(self) -> int:
        return max(1, self.sure + sum(max(codes.values(), default=0) for codes in self.by_code.values()))

    def go(self) -> None:
        place: Place = (self.plan.first, ())
        for _ in range(_FARTHEST):
            if place is None:
                return
            place = self._pass(*place)

    def _pass(self, node: CompiledStep, items: Items) -> Place:
        if not node.weighs:
            return self._after(node, items, jump=False)
        scene = EvaluationContext(self.plan, self.state, node, items)
        applies = True if (node, items) == self.here else self._applies(scene)
        if applies is False:
            return self._after(node, items, jump=False)
        if isinstance(node.step, End) and applies:
            return None
        if isinstance(node.step, Block):
            inside = self._first_round(scene)
            return (node.first, inside) if inside and node.first else self._after(node, items, jump=True)
        if node.question is not None:
            self._count(scene, sure=applies is True)
        return self._choice(scene) or self._after(node, items, jump=applies is True)

    def _count(self, scene: EvaluationContext, *, sure: bool) -> None:
        node = scene.node
        if node.question is None or not node.question.counted:
            return
        if sure or node.when_codes is None:
            self.sure += 1
        else:
            slot = slot_of(node.when_codes[0], scene.items)
            self.by_code.setdefault(slot, Counter()).update(node.when_codes[1])
        if (node, scene.items) == self.here:
            self.number = self.total

    def _applies(self, scene: EvaluationContext) -> bool | None:
        """Whether the step is taken; None while that hangs on an answer to come."""
        condition = scene.node.step.when
        if scene.reads_back_risk():
            return False
        if condition is None:
            return True
        if scene.node.when_codes is not None:
            return None if self._is_to_come(scene, scene.node.when_codes[0]) else scene.applies()

        def known(name: str) -> Any:
            if self._is_to_come(scene, name):
                raise KeyError(name)
            return scene.value(name)

        return decided(condition, known)

    def _is_to_come(self, scene: EvaluationContext, name: str) -> bool:
        if name in scene.node.aliases:
            return not scene.items[scene.node.aliases[name].depth]
        question = self.plan.questions.get(name)
        if question is None or question.depth > len(scene.items):
            return False
        return slot_of(name, scene.items[: question.depth]) not in self.state.answers

    def _choice(self, scene: EvaluationContext) -> Place:
        """Where the answer leads, if it was given and leads anywhere."""
        targets = scene.node.targets
        value = scene.answer(scene.node) if targets else None
        target = self.plan.nodes.get(targets.get(value) or "") if isinstance(value, str) else None
        return None if target is None else (target, scene.items[: target.depth])

    def _after(self, node: CompiledStep, items: Items, *, jump: bool) -> Place:
        target = self.plan.nodes.get(node.step.goto) if jump and node.step.goto else None
        if target is not None:
            return target, items[: target.depth]
        if node.ahead is not None:
            return node.ahead, items
        block = node.parent
        if block is None or block.first is None:
            return None
        outside = items[: block.depth]
        again = self._next_round(EvaluationContext(self.plan, self.state, node, items), block, outside)
        return (block.first, again) if again else self._after(block, outside, jump=True)

    def _first_round(self, scene: EvaluationContext) -> Items | None:
        """The items of a block's first round; of a nameless one, where the picks are still to come."""
        block = scene.node.step
        if not isinstance(block, Block) or not isinstance(block.repeat, ForEach):
            return (*scene.items, "0")
        names = list(scene.things())
        if names:
            return (*scene.items, names[0])
        return (*scene.items, "") if self._is_to_come(scene, block.repeat.for_each) else None

    def _next_round(self, inside: EvaluationContext, block: CompiledStep, outside: Items) -> Items | None:
        """The items of the round after this one, where it is known that there is one."""
        assert isinstance(block.step, Block)
        repeat, item = block.step.repeat, inside.items[block.depth]
        if not isinstance(repeat, ForEach):
            number = int(item) + 1
            goes_on = number < repeat.up_to and inside.holds(repeat.while_)
            return (*outside, str(number)) if goes_on else None
        names = list(EvaluationContext(self.plan, self.state, block, outside).things())
        place = names.index(item) + 1 if item in names else len(names)
        return (*outside, names[place]) if place < len(names) else None
