"""Lay a script flat: every step with its place, its block, and where the conversation can go from it."""

from collections.abc import Iterator
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
    """A step, numbered in the order of the file; `blocks` are the numbers of those around it, outermost first."""

    number: int
    step: Step
    path: ValuePath
    blocks: tuple[int, ...] = ()


@dataclass
class Outline:
    """A flow with its file, as the rules of the check read it.

    `lists` names, by step, the list that a step's choices come from; `stand_ins` are the steps that could
    not be read, of which only the key is known.
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
        """The nodes whose step is a question, each with that step."""
        return tuple((node, node.step) for node in self.nodes if isinstance(node.step, QUESTION_TYPES))

    @cached_property
    def answers(self) -> dict[str, OutlineNode]:
        """The node that gives each answer, by the answer's name; a separate probe has an answer of its own."""
        found = {node.step.key: node for node, _ in reversed(self.questions)}
        for node, step in self.questions:
            if isinstance(step, AskText) and step.probe and step.probe.joins == "separate":
                found[f"{step.key}_more"] = node
        return found

    @property
    def for_patients(self) -> bool:
        """Whether patients or their carers are asked: their rules are stricter."""
        return bool({Role.PATIENT, Role.CARER} & set(self.flow.audience))

    def problem(self, code: ProblemCode, path: ValuePath, message: str, remedy: str) -> Problem:
        """Make a problem that stands at a value of the file."""
        return self._problem_at(self.source.place(path), code, message, remedy)

    def problem_at_key(self, code: ProblemCode, path: ValuePath, message: str, remedy: str) -> Problem:
        """Make a problem that stands at the key which names a value."""
        return self._problem_at(self.source.key_place(path), code, message, remedy)

    def problem_inside(
        self, code: ProblemCode, path: ValuePath, offset: int, message: str, remedy: str
    ) -> Problem:
        """Make a problem that stands inside a text, `offset` characters from its start."""
        return self._problem_at(self.source.inside(path, offset), code, message, remedy)

    def _problem_at(self, place: SourcePlace, code: ProblemCode, message: str, remedy: str) -> Problem:
        """Make a problem at a place of the file."""
        return Problem(self.source.file, place.line, place.column, code, message, remedy)

    def choices_path(self, node: OutlineNode, number: int) -> ValuePath:
        """Return the place of a choice, or of the name of its list where it comes from one."""
        return (*node.path, "choices") if node.path in self.lists else (*node.path, "choices", number)

    @cached_property
    def ways(self) -> dict[int, frozenset[int]]:
        """Where the conversation can go from each node, rounds of a block included; jumps to nowhere are left out."""
        return {node.number: frozenset(self._ways_from(node)) for node in self.nodes}

    @cached_property
    def ways_onward(self) -> dict[int, frozenset[int]]:
        """As `ways`, without the step back to the start of a block for its next round."""
        backs = {
            (node.number, node.blocks[-1])
            for node in self.nodes
            if node.blocks and self._is_last_inside(node) and node.step.goto is None
        }
        return {
            number: frozenset(to for to in ways if (number, to) not in backs)
            for number, ways in self.ways.items()
        }

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
    """Return the nodes that can be reached from one; itself only if a way leads back.

    `without` is a node that is not passed through.
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


def jumps(step: Any) -> Iterator[str]:
    """Yield the keys of the steps that a question's answers lead to, beside its own `goto`."""
    for _, choice in choices_of(step):
        if choice.goto is not None:
            yield choice.goto
    if isinstance(step, AskConsent) and step.on_decline is not None:
        yield step.on_decline


def choices_of(step: Any) -> Iterator[tuple[int, Choice]]:
    """Yield the choices that stand in the script, numbered from 0."""
    if isinstance(step, SelectOne | SelectMany | AskText) and not isinstance(step.choices, str):
        yield from enumerate(step.choices)


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
