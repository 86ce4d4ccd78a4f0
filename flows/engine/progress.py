"""Count how far along a conversation is, 'n of m', by walking ahead once as the answers so far lead."""

from collections import Counter
from collections.abc import Hashable
from typing import Any

from flows.engine.compiled import CompiledStep, Items, read_slot, slot_of
from flows.engine.context import EvaluationContext
from flows.script.conditions import decided
from flows.script.model import Block, End, ForEach

_FARTHEST = 400
"""The most steps to walk ahead; loops are cut here."""
_MOST_KNOWN = 4_096
"""The most counts kept for one flow; beyond it all are forgotten."""

Place = tuple[CompiledStep, Items] | None


def progress(context: EvaluationContext, last: tuple[int, int, int] | None) -> tuple[int, int]:
    """Return the 'n of m' of the question at `context`: its number among the counted ones, and how many there will be.

    The total is a guess: what depends on answers to come is taken at its longest, so that it shrinks rather than grows.
    `last` is the state's `counted` for the counted question put before, if no answer that decides the way was given
    since; else None.
    """
    if last is not None and last[1] < last[2]:
        return last[1] + 1, last[2]
    if not context.compiled.by_choice:
        return _count_ahead(context)
    key = (context.node.key, context.items, context.state.risky, _decisions(context), _of_program(context))
    known = context.compiled.known_progress.get(key)
    if known is None:
        if len(context.compiled.known_progress) >= _MOST_KNOWN:
            context.compiled.known_progress.clear()
        known = context.compiled.known_progress[key] = _count_ahead(context)
    return known


def _decisions(context: EvaluationContext) -> tuple[tuple[str, Hashable], ...]:
    """Return the answers that decide the way; with the place they determine the count."""
    deciding, if_given = context.compiled.deciding, context.compiled.if_given
    decided = ((read_slot(slot)[0], slot, given.value) for slot, given in context.state.answers.items())
    return tuple(
        (slot, value is None if key in if_given else tuple(value) if isinstance(value, list) else value)
        for key, slot, value in decided
        if key in deciding
    )


def _of_program(context: EvaluationContext) -> tuple[tuple[str, Hashable], ...]:
    """Return what is known of the program where it decides the way, such as whether patients are asked something."""
    known = (context.state.facts.get("program") or {}) if "program" in context.compiled.deciding else {}
    return tuple(known.items())


def _count_ahead(context: EvaluationContext) -> tuple[int, int]:
    """Walk ahead from the first step, and return the number of this question and the total."""
    lookahead = _Lookahead(context)
    lookahead.go()
    return lookahead.number or lookahead.total, max(lookahead.total, lookahead.number)


class _Lookahead:
    """Walk from the first step to the end without asking, counting questions."""

    def __init__(self, context: EvaluationContext) -> None:
        """Prepare to count for the question at `context`."""
        self.compiled = context.compiled
        self.state = context.state
        self.here = (context.node, context.items)
        self.sure = 0
        self.by_code: dict[str, Counter[str | bool | None]] = {}
        """For each unanswered question, how many questions each of its answers would add."""
        self.number = 0
        self.left_out: set[str] = set()
        """The slots of what is surely not put: no answer to it is to come."""

    @property
    def total(self) -> int:
        """Return how many questions there are so far.

        These are the sure ones, and for each open question the most that one of its answers adds.
        """
        return max(1, self.sure + sum(max(codes.values(), default=0) for codes in self.by_code.values()))

    def go(self) -> None:
        """Walk until the end of the flow, or as far as loops are followed."""
        place: Place = (self.compiled.first, ())
        for _ in range(_FARTHEST):
            if place is None:
                return
            place = self._pass(*place)

    def _pass(self, node: CompiledStep, items: Items) -> Place:
        """Count one step, and return the place after it; None past the last step."""
        if not node.weighs:
            return self._after(node, items, jump=False)
        context = EvaluationContext(self.compiled, self.state, node, items)
        applies = True if (node, items) == self.here else self._applies(context)
        if applies is False:
            self.left_out.add(slot_of(node.key, items))
            return self._after(node, items, jump=False)
        if isinstance(node.step, End) and applies:
            return None
        if isinstance(node.step, Block):
            inside = self._first_round(context)
            return (node.first, inside) if inside and node.first else self._after(node, items, jump=True)
        if node.question is not None:
            self._count(context, sure=applies is True)
        return self._choice(context) or self._after(node, items, jump=applies is True)

    def _count(self, context: EvaluationContext, *, sure: bool) -> None:
        """Count a question: surely put, or put for some answers to the question that its condition reads."""
        node = context.node
        if node.question is None or not node.question.counted:
            return
        if sure or node.when_codes is None:
            self.sure += 1
        else:
            slot = slot_of(node.when_codes[0], context.items)
            self.by_code.setdefault(slot, Counter()).update(node.when_codes[1])
        if (node, context.items) == self.here:
            self.number = self.total

    def _applies(self, context: EvaluationContext) -> bool | None:
        """Return whether the step is taken; None while that depends on an answer to come."""
        condition = context.node.step.when
        if context.reads_back_risk():
            return False
        if condition is None:
            return True
        if context.node.when_codes is not None:
            return None if self._is_to_come(context, context.node.when_codes[0]) else context.applies()

        def known(name: str) -> Any:
            if self._is_to_come(context, name):
                raise KeyError(name)
            return context.value(name)

        return decided(condition, known)

    def _is_to_come(self, context: EvaluationContext, name: str) -> bool:
        """Return whether a name stands for an answer, or an item, that is not there yet."""
        if name in context.node.aliases:
            return not context.items[context.node.aliases[name].depth]
        question = self.compiled.questions.get(name)
        if question is None or question.depth > len(context.items):
            return False
        slot = slot_of(name, context.items[: question.depth])
        return slot not in self.state.answers and slot not in self.left_out

    def _choice(self, context: EvaluationContext) -> Place:
        """Return the place where the answer leads; None if it was not given, or leads nowhere."""
        targets = context.node.targets
        value = context.answer(context.node) if targets else None
        target = self.compiled.nodes.get(targets.get(value) or "") if isinstance(value, str) else None
        return None if target is None else (target, context.items[: target.depth])

    def _after(self, node: CompiledStep, items: Items, *, jump: bool) -> Place:
        """Return the place after a step: its `goto`, the next step that weighs, or what follows its block.

        Without `jump` a `goto` is ignored: it is not sure that the step is taken.
        """
        target = self.compiled.nodes.get(node.step.goto) if jump and node.step.goto else None
        if target is not None:
            return target, items[: target.depth]
        if node.ahead is not None:
            return node.ahead, items
        block = node.parent
        if block is None or block.first is None:
            return None
        outside = items[: block.depth]
        again = self._next_round(EvaluationContext(self.compiled, self.state, node, items), block, outside)
        return (block.first, again) if again else self._after(block, outside, jump=True)

    def _first_round(self, context: EvaluationContext) -> Items | None:
        """Return the items of a block's first round; None where there is none.

        Where the picks are still to come, one round without a name stands for them.
        """
        block = context.node.step
        if not isinstance(block, Block) or not isinstance(block.repeat, ForEach):
            return (*context.items, "0")
        names = list(context.things())
        if names:
            return (*context.items, names[0])
        return (*context.items, "") if self._is_to_come(context, block.repeat.for_each) else None

    def _next_round(self, inside: EvaluationContext, block: CompiledStep, outside: Items) -> Items | None:
        """Return the items of the round after this one; None where it is not known that there is one."""
        assert isinstance(block.step, Block)
        repeat, item = block.step.repeat, inside.items[block.depth]
        if not isinstance(repeat, ForEach):
            number = int(item) + 1
            goes_on = number < repeat.up_to and inside.holds(repeat.while_)
            return (*outside, str(number)) if goes_on else None
        names = list(EvaluationContext(self.compiled, self.state, block, outside).things())
        place = names.index(item) + 1 if item in names else len(names)
        return (*outside, names[place]) if place < len(names) else None
