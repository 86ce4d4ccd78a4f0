"""Check conditions: they compile, name what is known by then, and compare with codes that exist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flows.check.outline import Outline, OutlineNode, choices_of
from flows.check.scope import NameKind, Scope
from flows.errors import Problem
from flows.formats.yaml_source import ValuePath
from flows.problem_codes import ProblemCode
from flows.script.conditions import ConditionError, names
from flows.script.facts import PROBE
from flows.script.model import (
    AskConsent,
    AskText,
    Block,
    Confirm,
    Do,
    SelectMany,
    SelectOne,
    UpTo,
    WordedQuestion,
)
from flows.text.suggest import did_you_mean, listed

_LITERAL = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_PART = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\.([A-Za-z_]\w*)(?!\w*\()")
_NAME = re.compile(r"[A-Za-z_]\w*")
_QUOTED = r"(?:'(?P<single>[^'\\]*)'|\"(?P<double>[^\"\\]*)\")"
_KEY = r"(?<![\w.'])(?P<name>[A-Za-z_]\w*)\b"


def _anywhere(pattern: str) -> re.Pattern[str]:
    """Compile a pattern so that it is found at each place, also where it stands in what was found before."""
    return re.compile(rf"(?=(?P<whole>{pattern}))")


_COMPARED = (_anywhere(rf"{_KEY}\s*[!=]=\s*{_QUOTED}"), _anywhere(rf"{_QUOTED}\s*(?:[!=]=|in)\s*{_KEY}"))
_EQUAL = (_COMPARED[0], _anywhere(rf"{_QUOTED}\s*[!=]=\s*{_KEY}"))
_IN_LIST = _anywhere(rf"{_KEY}\s+in\s*\[(?P<listed>[^\]]*)\]")
_TEXT = re.compile(_QUOTED)


@dataclass(frozen=True, slots=True)
class ScriptCondition:
    """A condition of the script: its place, its text, and the names that it may use.

    `extra` are names that are known only there, such as those of a probe's rule.
    """

    path: ValuePath
    text: str
    scope: Scope
    extra: frozenset[str] = frozenset()


def script_conditions(outline: Outline) -> Iterator[ScriptCondition]:
    """Yield all conditions of a script, in its order: of steps, choices, probes and blocks.

    The fields of effects are among them: they are written in the same language.
    """
    for node in outline.nodes:
        scope = Scope(outline, node)
        if node.step.when is not None:
            yield ScriptCondition((*node.path, "when"), node.step.when, scope)
        for number, choice in choices_of(node.step):
            if choice.when is not None:
                path = outline.choices_path(node, number)
                yield ScriptCondition(
                    path if node.path in outline.lists else (*path, "when"), choice.when, scope
                )
        if isinstance(node.step, WordedQuestion):
            for number, wording in enumerate(node.step.wordings):
                yield ScriptCondition((*node.path, "wordings", number, "when"), wording.when, scope)
        yield from _conditions_of_kind(node, scope)


def _conditions_of_kind(node: OutlineNode, scope: Scope) -> Iterator[ScriptCondition]:
    """Yield the conditions that only one kind of step has."""
    match node.step:
        case AskText(probe=probe) if probe is not None:
            yield ScriptCondition((*node.path, "probe", "when"), probe.when, scope, PROBE)
            for number, other in enumerate(probe.instead):
                path = (*node.path, "probe", "instead", number, "when")
                yield ScriptCondition(path, other.when, scope, PROBE)
        case Confirm(lines=lines):
            for number, line in enumerate(lines):
                yield ScriptCondition((*node.path, "lines", number, "when"), line.when, scope)
        case Block(repeat=UpTo() as repeat):
            at_end = Scope(scope.outline, node, at_end=True)
            yield ScriptCondition((*node.path, "repeat", "while"), repeat.while_, at_end)
        case Do(fields=fields):
            for name, text in fields.items():
                yield ScriptCondition((*node.path, "fields", name), text, scope)
        case _:
            pass


def conditions(outline: Outline) -> Iterator[Problem]:
    """Yield the problems of all conditions of a script.

    A condition may not compile, name what is unknown or comes later, or compare with a code that no choice has.
    """
    for condition in script_conditions(outline):
        try:
            used = names(condition.text)
        except ConditionError as error:
            message = f"the condition does not compile: {error.message}"
            remedy = "write it as in `c2 == 'yes' && size(a6) > 0`"
            yield outline.problem_inside(
                ProblemCode.CONDITION_SYNTAX, condition.path, error.column - 1, message, remedy
            )
            continue
        bare = _LITERAL.sub(lambda literal: " " * len(literal[0]), condition.text)
        for name in sorted(used - condition.extra):
            yield from _name_problem(outline, condition, name, bare)
        yield from _part_problems(outline, condition, bare)
        yield from _code_problems(outline, condition)


def _name_problem(outline: Outline, condition: ScriptCondition, name: str, bare: str) -> Iterator[Problem]:
    """Report a name that is unknown, or whose question comes later."""
    match condition.scope.kind(name):
        case NameKind.NOTHING:
            known = [*condition.scope.names(), *condition.extra]
            remedy = (
                did_you_mean(name, known)
                or "name a question of this script or a fact such as participant.role"
            )
            message, offset = f"the condition names '{name}', which is no answer or fact", _offset(name, bare)
            yield outline.problem_inside(ProblemCode.CONDITION_NAME, condition.path, offset, message, remedy)
        case NameKind.LATER:
            message = f"the condition names '{name}', which can only be answered later"
            remedy, offset = f"move this step behind '{name}'", _offset(name, bare)
            yield outline.problem_inside(ProblemCode.CONDITION_LATER, condition.path, offset, message, remedy)
        case _:
            pass


def _offset(name: str, bare: str) -> int:
    """Return where a name first stands in a condition without its texts; 0 where it does not."""
    found = re.search(rf"(?<![\w.]){re.escape(name)}\b", bare)
    return found.start() if found else 0


def _part_problems(outline: Outline, condition: ScriptCondition, bare: str) -> Iterator[Problem]:
    """Report parts that a fact does not have: `program.teem`."""
    for found in _PART.finditer(bare):
        parts = condition.scope.fields(found[1])
        if parts is not None and found[2] not in parts:
            remedy = did_you_mean(found[2], parts) or f"it has {listed(sorted(parts))}"
            message = f"'{found[1]}' has no '{found[2]}'"
            yield outline.problem_inside(
                ProblemCode.CONDITION_FACT, condition.path, found.start(2), message, remedy
            )


def _code_problems(outline: Outline, condition: ScriptCondition) -> Iterator[Problem]:
    """Report comparisons with a code that the question does not offer: they could never hold."""
    for name in sorted(outline.answers.keys() & set(_NAME.findall(condition.text))):
        node = outline.answers[name]
        known = _codes(node)
        if known is None or name != node.step.key:
            continue
        for code, offset in _compared(condition.text, name):
            if code not in known:
                if known:
                    message = f"'{name}' has no choice '{code}'"
                    remedy = did_you_mean(code, known) or f"it has {listed(known)}"
                else:
                    message, remedy = (
                        f"'{name}' is true or false, and never '{code}'",
                        f"write `{name} == true`",
                    )
                yield outline.problem_inside(
                    ProblemCode.CONDITION_CODE, condition.path, offset, message, remedy
                )
        is_list = isinstance(node.step, SelectMany) or condition.scope.kind(name) is NameKind.ROUNDS
        for code, offset in _compared(condition.text, name, only_equal=True) if is_list else ():
            message = f"'{name}' is a list here and never equals '{code}'"
            yield outline.problem_inside(
                ProblemCode.CONDITION_CODE, condition.path, offset, message, f"write `'{code}' in {name}`"
            )


def _codes(node: OutlineNode) -> list[str] | None:
    """Return the codes that an answer can be: none for true and false, None where it can be anything."""
    match node.step:
        case SelectOne(choices_from=None) | SelectMany(choices_from=None):
            return [choice.code for _, choice in choices_of(node.step)]
        case AskConsent() | Confirm():
            return []
        case _:
            return None


def _compared(text: str, name: str, *, only_equal: bool = False) -> Iterator[tuple[str, int]]:
    """Yield each text that an answer is compared with, and its offset.

    Forms that are found: `a == 'x'`, `'x' in a`, `a in ['x', 'y']`; with `only_equal` the first alone.
    """
    for pattern in _EQUAL if only_equal else _COMPARED:
        for found in _found(pattern, text, name):
            quotes = _quotes(found)
            yield found[quotes], found.start(quotes)
    if only_equal:
        return
    for found in _found(_IN_LIST, text, name):
        for inner in _TEXT.finditer(found["listed"]):
            quotes = _quotes(inner)
            yield inner[quotes], found.start("listed") + inner.start(quotes)


def _found(pattern: re.Pattern[str], text: str, name: str) -> Iterator[re.Match[str]]:
    """Yield where a pattern is found with this name, each behind the one before.

    One pattern is for all names: to compile one for each takes longer than all else that a condition is checked for.
    """
    end = 0
    for found in pattern.finditer(text):
        if found["name"] == name and found.start() >= end:
            end = found.end("whole")
            yield found


def _quotes(found: re.Match[str]) -> str:
    """Return the group of `_QUOTED` that a text was found by."""
    return "single" if found["single"] is not None else "double"


RULES = (conditions,)
