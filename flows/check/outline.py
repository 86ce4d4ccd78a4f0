"""Lay a script flat: every step with its place, its block, and where the conversation can go from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flows.errors import Problem
from flows.formats.yaml_source import SourcePlace, ValuePath, YamlSource
from flows.problem_codes import ProblemCode
from flows.script.model import (
    QUESTION_TYPES,
    AnyQuestion,
    AskConsent,
    AskText,
    Block,
    Choice,
    End,
    Flow,
    ForEach,
    Role,
    SelectMany,
    SelectOne,
    Step,
)

FINISH = -1
"""Stands for the end of the conversation among the numbers of nodes."""


@dataclass(frozen=True, slots=True)
class OutlineNode:
    """A step with its number and its place (`path`) in the file; numbers follow the order of the file, from 0.

    `blocks` are the numbers of the blocks around it, outermost first.
    """

    number: int
    step: Step
    path: ValuePath
    blocks: tuple[int, ...] = ()


@dataclass
class Outline:
    """A flow as a graph of steps, with its file, as the rules of the check read it.

    `lists` names, by step, the list that a step's choices come from; `stand_ins` are the places of steps that could not
    be read, of which only the key is known.
    """

    flow: Flow
    source: YamlSource
    lists: dict[ValuePath, str] = field(default_factory=dict)
    stand_ins: frozenset[ValuePath] = frozenset()

    @cached_property
    def nodes(self) -> tuple[OutlineNode, ...]:
        """All steps, in the order of the file."""
        return tuple(_number(self.flow.steps, ("steps",), (), []))

    @cached_property
    def by_key(self) -> dict[str, OutlineNode]:
        """The nodes by their keys; of several with one key, the first."""
        found: dict[str, OutlineNode] = {}
        for node in self.nodes:
            found.setdefault(node.step.key, node)
        return found

    @cached_property
    def questions(self) -> tuple[tuple[OutlineNode, AnyQuestion], ...]:
        """The nodes whose step is a question, in the order of the file, each with that step."""
        return tuple((node, node.step) for node in self.nodes if isinstance(node.step, QUESTION_TYPES))

    @cached_property
    def answers(self) -> dict[str, OutlineNode]:
        """The node that gives each answer, by the answer's name: a question's key, `a3_more` for a separate probe."""
        found = {node.step.key: node for node, _ in reversed(self.questions)}
        for node, step in self.questions:
            if isinstance(step, AskText) and step.probe and step.probe.joins == "separate":
                found[f"{step.key}_more"] = node
        return found

    @property
    def for_patients(self) -> bool:
        """Whether the script is for patients or their carers: the rules for them are stricter."""
        return bool({Role.PATIENT, Role.CARER} & set(self.flow.audience))

    def problem(self, code: ProblemCode, path: ValuePath, message: str, remedy: str) -> Problem:
        """Return a problem at the line and column of the value that `path` leads to in the file."""
        return self._problem_at(self.source.place(path), code, message, remedy)

    def problem_at_key(self, code: ProblemCode, path: ValuePath, message: str, remedy: str) -> Problem:
        """Return a problem at the line and column of the key whose value `path` leads to in the file."""
        return self._problem_at(self.source.key_place(path), code, message, remedy)

    def problem_inside(
        self, code: ProblemCode, path: ValuePath, offset: int, message: str, remedy: str
    ) -> Problem:
        """Return a problem inside the text that `path` leads to in the file, `offset` characters from its start."""
        return self._problem_at(self.source.inside(path, offset), code, message, remedy)

    def _problem_at(self, place: SourcePlace, code: ProblemCode, message: str, remedy: str) -> Problem:
        """Make a problem at a place of the file."""
        return Problem(self.source.file, place.line, place.column, code, message, remedy)

    def choices_path(self, node: OutlineNode, number: int) -> ValuePath:
        """Return the path in the file to a question's choice of this number, from 0.

        Where the choices come from a list, the path to the list's name.
        """
        return (*node.path, "choices") if node.path in self.lists else (*node.path, "choices", number)

    @cached_property
    def ways(self) -> dict[int, frozenset[int]]:
        """The numbers of the nodes to which the conversation can go from each node, by its number; `FINISH` is the end.

        Rounds of a block are included; jumps to steps that do not exist are left out.
        """
        return {node.number: frozenset(self._ways_from(node)) for node in self.nodes}

    @cached_property
    def ways_onward(self) -> dict[int, frozenset[int]]:
        """The numbers of the nodes to which the conversation can go from each node, by its number, as in `ways`.

        Left out is the step back to the start of a block for its next round.
        """
        backs = {
            (node.number, node.blocks[-1])
            for node in self.nodes
            if node.blocks and self._is_last_inside(node) and node.step.goto is None
        }
        return {
            number: frozenset(to for to in ways if (number, to) not in backs)
            for number, ways in self.ways.items()
        }

    @cached_property
    def reached_onward(self) -> Mapping[int, int]:
        """What can be reached by `ways_onward` from each node, by its number, as `all_reachable` gives it."""
        return all_reachable(self.ways_onward)

    @cached_property
    def passed(self) -> Mapping[int, int]:
        """What every way from the first node to each other one leads through, as `dominators` gives it."""
        return dominators(self.ways, 0)

    def comes_after(self, number: int, asked: int) -> bool:
        """Tell whether a node can be reached from another one without a new round of a block."""
        return has(self.reached_onward.get(asked, 0), number)

    def always_after(self, number: int, asked: int) -> bool:
        """Tell whether every way from the start to a node leads through another one."""
        if number == 0:
            return number not in reachable(self.ways, 0, without=asked)
        return has(self.passed.get(number, -1), asked)

    def _ways_from(self, node: OutlineNode) -> Iterator[int]:
        """Yield the nodes that can follow a node."""
        step = node.step
        after = self._after(node)
        if step.when is not None:
            yield after
        match step:
            case End():
                yield FINISH
                return
            case Block():
                yield node.number + 1
                if isinstance(step.repeat, ForEach):
                    yield self._target(step.goto, after)
            case _:
                yield self._target(step.goto, after)
        for goto in jumps(step):
            yield self._target(goto, after)
        yield from self._ways_out_of_block(node)

    def _ways_out_of_block(self, node: OutlineNode) -> Iterator[int]:
        """Yield the block itself after its last step, for the next round; `_after` leads out of it."""
        if (
            node.blocks
            and self._is_last_inside(node)
            and (node.step.goto is None or node.step.when is not None)
        ):
            yield node.blocks[-1]

    def _is_last_inside(self, node: OutlineNode) -> bool:
        """Tell whether a node is the last step of its block."""
        block = self.nodes[node.blocks[-1]].step
        return isinstance(block, Block) and node.path[-1] == len(block.steps) - 1

    def _target(self, goto: str | None, after: int) -> int:
        """Return the node of a jump; `after` where there is none, or it leads nowhere."""
        if goto is None:
            return after
        return self.by_key[goto].number if goto in self.by_key else after

    def _after(self, node: OutlineNode) -> int:
        """Return the next node of the same list, or after the last one what follows the block."""
        sibling = (*node.path[:-1], int(node.path[-1]) + 1)
        found = self._by_path.get(sibling)
        if found is not None:
            return found
        if not node.blocks:
            return FINISH
        block = self.nodes[node.blocks[-1]]
        return self._target(block.step.goto, self._after(block))

    @cached_property
    def _by_path(self) -> dict[ValuePath, int]:
        return {node.path: node.number for node in self.nodes}


def reachable(ways: dict[int, frozenset[int]], start: int, *, without: int | None = None) -> frozenset[int]:
    """Return the numbers of the nodes that can be reached from `start`; itself only if a way leads back.

    `ways` are as in `Outline.ways`. `without` is a node that is not passed through.
    """
    found: set[int] = set()
    waiting = list(ways.get(start, ())) if start != without else []
    while waiting:
        number = waiting.pop()
        if number in found or number == without:
            continue
        found.add(number)
        waiting.extend(ways.get(number, ()))
    return frozenset(found)


def all_reachable(ways: Mapping[int, frozenset[int]]) -> Mapping[int, int]:
    """Return for each node the bits of those that can be reached from it; its own only if a way leads back.

    `ways` are as in `Outline.ways`; nodes are looked up by `has`. Sets are the bits of a whole number, so that
    thousands of steps take thousands of operations.
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


def jumps(step: Any) -> Iterator[str]:
    """Yield the keys of the steps that a question's choices, or a no to a consent, lead to; not its own `goto`."""
    for _, choice in choices_of(step):
        if choice.goto is not None:
            yield choice.goto
    if isinstance(step, AskConsent) and step.on_decline is not None:
        yield step.on_decline


def choices_of(step: Any) -> Iterator[tuple[int, Choice]]:
    """Yield the choices of a step that stand in the script, numbered from 0; none for a step that has no choices."""
    if isinstance(step, SelectOne | SelectMany | AskText) and not isinstance(step.choices, str):
        yield from enumerate(step.choices)


def offered_of(step: Any) -> Iterator[tuple[int, Choice]]:
    """Yield the choices of a step that are still offered, numbered as in `choices_of`."""
    yield from ((number, choice) for number, choice in choices_of(step) if choice.into is None)


def _number(
    steps: tuple[Step, ...], path: ValuePath, blocks: tuple[int, ...], made: list[OutlineNode]
) -> list[OutlineNode]:
    """Append the steps of a list, and of the blocks in it, to `made` as numbered nodes."""
    for place, step in enumerate(steps):
        node = OutlineNode(len(made), step, (*path, place), blocks)
        made.append(node)
        if isinstance(step, Block):
            _number(step.steps, (*node.path, "steps"), (*blocks, node.number), made)
    return made
