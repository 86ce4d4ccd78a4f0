"""How far along a talk is: 'n of m', where m looks ahead along the way that the answers so far lead."""

from collections import Counter
from typing import Any

from flows.conditions import ConditionError, evaluate
from flows.plan import Items, Node, read_slot, slot_of
from flows.scene import Scene
from flows.script import Block, End, ForEach

_FARTHEST = 300
"""Steps looked ahead at most; loops are cut here."""


def progress(scene: Scene, last: tuple[int, int, int] | None) -> tuple[int, int]:
    """The number of the scene's question among the counted ones, and the best guess of how many there are.

    What an unanswered question decides is taken at its longest, so that the number shrinks rather than grows.
    `last` is that of the counted question put before, when nothing that decides the way was answered since.
    """
    if last is not None and last[1] < last[2]:
        return last[1] + 1, last[2]
    before = _asked_before(scene)
    return before + 1, before + 1 + _Ahead(scene).count()


def _asked_before(scene: Scene) -> int:
    """The counted questions put before this one, each once."""
    here = slot_of(scene.node.key, scene.items)
    seen: set[str] = set()
    for asked in scene.state.asks:
        if asked.slot == here:
            break
        node = scene.plan.questions.get(read_slot(asked.slot)[0])
        if node is not None and node.question is not None and node.question.counted:
            seen.add(asked.slot)
    return len(seen)


class _Unknown(Exception):
    """A condition reads an answer that is still to come."""


class _Ahead:
    """Walks from a question to the end without asking, and counts."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.sure = 0
        self.by_code: dict[str, Counter[str | bool | None]] = {}
        """For each unanswered question, how many questions each of its answers would add."""

    def count(self) -> int:
        place = self._after(self.scene.node, self.scene.items, jump=True)
        for _ in range(_FARTHEST):
            if place is None:
                break
            place = self._pass(*place)
        return self.sure + sum(max(codes.values(), default=0) for codes in self.by_code.values())

    def _pass(self, node: Node, items: Items) -> tuple[Node, Items] | None:
        scene = Scene(self.scene.plan, self.scene.state, node, items)
        applies = self._applies(scene)
        if applies is False:
            return self._after(node, items, jump=False)
        if isinstance(node.step, End) and applies:
            return None
        if isinstance(node.step, Block):
            inside = _first_round(scene)
            if inside is not None and node.first is not None:
                return node.first, inside
            return self._after(node, items, jump=True)
        if node.question is not None and node.question.counted:
            self._add(scene, sure=applies is True)
        return self._after(node, items, jump=applies is True)

    def _applies(self, scene: Scene) -> bool | None:
        """Whether the step will be taken; None while that hangs on an answer to come."""
        condition = scene.node.step.when
        if condition is None:
            return True

        def known(name: str) -> Any:
            if self._is_to_come(scene, name):
                raise _Unknown
            return scene.value(name)

        if scene.node.when_codes is not None:
            return None if self._is_to_come(scene, scene.node.when_codes[0]) else scene.applies()
        try:
            return evaluate(condition, known) is True
        except _Unknown:
            return None
        except ConditionError:
            return False

    def _is_to_come(self, scene: Scene, name: str) -> bool:
        question = scene.plan.questions.get(name)
        return (
            question is not None
            and question.depth <= len(scene.items)
            and slot_of(name, scene.items[: question.depth]) not in scene.state.answers
        )

    def _add(self, scene: Scene, *, sure: bool) -> None:
        codes = scene.node.when_codes
        if sure or codes is None:
            self.sure += 1
            return
        slot = slot_of(codes[0], scene.items)
        self.by_code.setdefault(slot, Counter()).update(codes[1])

    def _after(self, node: Node, items: Items, *, jump: bool) -> tuple[Node, Items] | None:
        target = self.scene.plan.nodes.get(node.step.goto) if jump and node.step.goto else None
        if target is not None:
            return target, items[: target.depth]
        if node.next is not None:
            return node.next, items
        if node.parent is None:
            return None
        outside = items[: node.parent.depth]
        after = _next_round(
            Scene(self.scene.plan, self.scene.state, node.parent, outside), items[node.parent.depth]
        )
        if after is not None and node.parent.first is not None:
            return node.parent.first, after
        return self._after(node.parent, outside, jump=True)


def _first_round(scene: Scene) -> Items | None:
    """The items of a block's first round; of a nameless one, where the picks are still to come."""
    block = scene.node.step
    if not isinstance(block, Block) or not isinstance(block.repeat, ForEach):
        return (*scene.items, "0")
    names = list(scene.things())
    if names:
        return (*scene.items, names[0])
    question = scene.plan.questions.get(block.repeat.for_each)
    to_come = (
        question is not None
        and slot_of(question.key, scene.items[: question.depth]) not in scene.state.answers
    )
    return (*scene.items, "") if to_come else None


def _next_round(scene: Scene, item: str) -> Items | None:
    """The items of the round after this one, where it is known that there is one."""
    names = list(scene.things())
    place = names.index(item) + 1 if item in names else len(names)
    return (*scene.items, names[place]) if place < len(names) else None
