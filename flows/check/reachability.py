"""Check the way through a script: jumps that lead nowhere, steps never reached, conversations that never end."""

from collections.abc import Iterator

from flows.check.outline import (
    FINISH,
    Outline,
    OutlineNode,
    all_reachable,
    choices_of,
    has,
    leading_to,
    reachable,
)
from flows.errors import Problem
from flows.formats.yaml_source import ValuePath
from flows.problem_codes import ProblemCode
from flows.script.facts import LIST_FACTS
from flows.script.model import QUESTION_TYPES, AskConsent, Block, Confirm, ForEach, Number
from flows.script.question_parts import kept_key
from flows.text.suggest import did_you_mean


def duplicate_steps(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each step whose key an earlier one has, also across blocks.

    An answer is stored under its step's key.
    """
    for node in outline.nodes:
        first = outline.by_key[node.step.key]
        if first is not node:
            line = outline.source.place((*first.path, "key")).line
            message = f"the step key '{node.step.key}' is taken (line {line})"
            yield outline.problem(
                ProblemCode.DUPLICATE_STEP, (*node.path, "key"), message, "give this step another key"
            )
    for node, step in outline.questions:
        kept = kept_key(step)
        if kept is not None and (kept in outline.by_key or kept in outline.answers):
            path = (*node.path, "keeps_number" if isinstance(step, Number) else "rotates")
            message = f"the key '{kept}' is that of another answer"
            yield outline.problem(
                ProblemCode.DUPLICATE_STEP, path, message, "keep the number under another key"
            )


def jumps_nowhere(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each jump to a step that does not exist, or into a block from outside of it."""
    for node in outline.nodes:
        for path, goto in _jumps_with_places(outline, node):
            target = outline.by_key.get(goto)
            if target is None:
                remedy = did_you_mean(goto, outline.by_key) or "name the key of a step of this script"
                yield outline.problem(
                    ProblemCode.GOTO_NOWHERE, path, f"there is no step '{goto}' to go to", remedy
                )
            elif target.blocks != node.blocks[: len(target.blocks)]:
                block = outline.nodes[target.blocks[-1]].step.key
                message = f"'{goto}' stands inside the block '{block}', which has no item outside of it"
                yield outline.problem(ProblemCode.GOTO_INTO_BLOCK, path, message, f"go to '{block}' itself")


def _jumps_with_places(outline: Outline, node: OutlineNode) -> Iterator[tuple[ValuePath, str]]:
    """Yield each jump of a step with its place in the file."""
    step = node.step
    if step.goto is not None:
        yield (*node.path, "goto"), step.goto
    for number, choice in choices_of(step):
        if choice.goto is not None:
            path = outline.choices_path(node, number)
            yield (path if node.path in outline.lists else (*path, "goto")), choice.goto
    if isinstance(step, AskConsent) and step.on_decline is not None:
        yield (*node.path, "on_decline"), step.on_decline


def unreachable(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each step that can never be reached; of several in a row, for the first."""
    found = reachable(outline.ways, 0) | {0}
    for node in outline.nodes:
        if node.number not in found and (node.number - 1 in found or node.number == 0):
            message = f"the step '{node.step.key}' can never be reached"
            remedy = "let a step before it go on here (a `goto:`), or delete it"
            yield outline.problem(ProblemCode.UNREACHABLE, (*node.path, "key"), message, remedy)


def never_ends(outline: Outline) -> Iterator[Problem]:
    """Yield a problem at the first step from which the conversation cannot come to an end; none if all can."""
    found = reachable(outline.ways, 0) | {0}
    ending = leading_to(outline.ways, FINISH)
    for node in outline.nodes:
        if node.number in found and node.number not in ending:
            message = f"from '{node.step.key}' on the talk can never end"
            remedy = "let one of the answers lead on to a step of kind end"
            yield outline.problem(ProblemCode.NO_END, (*node.path, "key"), message, remedy)
            return


def silent_cycles(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each circle of steps that ask nothing: the engine would walk them for ever.

    A circle that asks something is the author's affair.
    """
    silent = {node.number for node in outline.nodes if not isinstance(node.step, QUESTION_TYPES)}
    ways = {number: frozenset(to for to in outline.ways_onward[number] if to in silent) for number in silent}
    told: frozenset[int] = frozenset()
    around = all_reachable(ways)
    for number in sorted(silent):
        if has(around[number], number) and number not in told:
            there = (other for other in silent if has(around[number], other))
            circle = frozenset(other for other in there if has(around[other], number))
            told |= circle
            names = " -> ".join(outline.nodes[other].step.key for other in sorted(circle))
            node = outline.nodes[max(circle)]
            path = (*node.path, "goto") if node.step.goto else (*node.path, "key")
            message = f"a circle without a question: {names}"
            yield outline.problem(
                ProblemCode.CYCLE, path, message, "put a question into it, or go on to another step"
            )


def block_lists(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each `for_each` block over what is no list: no earlier select_many, no list of facts."""
    for node in outline.nodes:
        if not isinstance(node.step, Block) or not isinstance(node.step.repeat, ForEach):
            continue
        name = node.step.repeat.for_each
        path = (*node.path, "repeat", "for_each")
        source = outline.answers.get(name)
        many = {
            key for key, other in outline.answers.items() if getattr(other.step, "kind", "") == "select_many"
        }
        if name in LIST_FACTS or (source is not None and source.path in outline.stand_ins):
            continue
        if source is None or name not in many:
            known = sorted(many | set(LIST_FACTS))
            remedy = (
                did_you_mean(name, known)
                or f"name a select_many question or one of {', '.join(sorted(LIST_FACTS))}"
            )
            yield outline.problem(
                ProblemCode.BLOCK_LIST, path, f"'{name}' is not a list to go through", remedy
            )
        elif not outline.comes_after(node.number, source.number):
            message = f"the question '{name}' comes only after this block"
            yield outline.problem(ProblemCode.BLOCK_LIST, path, message, "move the block behind it")


def changes(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each question that a `confirm` step offers to change and that was not asked before it."""
    for node, step in outline.questions:
        if not isinstance(step, Confirm):
            continue
        for place, name in enumerate(step.changes):
            target = outline.answers.get(name)
            path = (*node.path, "changes", place)
            if target is None or target.step.key != name:
                remedy = did_you_mean(name, outline.answers) or "name a question of this script"
                yield outline.problem(
                    ProblemCode.CHANGE_UNKNOWN, path, f"there is no question '{name}' to change", remedy
                )
            elif not outline.comes_after(node.number, target.number):
                message = f"the question '{name}' has not been asked by then"
                yield outline.problem(
                    ProblemCode.CHANGE_UNKNOWN, path, message, "name a question before the read-back"
                )


RULES = (duplicate_steps, jumps_nowhere, block_lists, changes)
WHOLE_RULES = (unreachable, never_ends, silent_cycles)
"""Rules that only a script without holes can be held to."""
