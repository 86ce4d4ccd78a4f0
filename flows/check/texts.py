"""Check texts: their placeholders can be filled, and no platform refuses them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flows.check.outline import Outline, OutlineNode, choices_of, offered_of
from flows.check.scope import NameKind, Scope
from flows.errors import Problem
from flows.formats.yaml_source import ValuePath
from flows.problem_codes import ProblemCode
from flows.script.facts import LIST_FACTS, LIST_PARTS
from flows.script.model import (
    QUESTION_TYPES,
    AskConsent,
    AskDate,
    AskText,
    Confirm,
    End,
    KeptPick,
    Number,
    Say,
    Scale,
    SelectMany,
    SelectOne,
    WordedQuestion,
)
from flows.script.question_parts import taps_of
from flows.text.suggest import did_you_mean, listed
from flows.text.templates import Placeholder, TemplateError, placeholders

TEXT_UNITS = {"Slack": 3000, "Telegram": 4096}
"""The longest message of each platform, in UTF-16 units. Slack's is that of one section block."""

TITLE = 150
"""Characters of a header block on Slack."""

LABEL = 64
"""Characters of a button. Slack cuts off at 75; the rest is left for a tick or a mark."""

PROMOTED_LABEL = 75
"""Characters of a button with its mark: Slack's limit."""

CHOICES = 24
"""Choices of one question. Slack takes 25 elements in a row of actions; one is left for 'Skip'."""

PICKS = 10
"""Choices of a select_many: Slack's checkboxes."""


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text that a participant reads, and where it stands."""

    node: OutlineNode
    path: ValuePath
    text: str
    when: str | None = None
    """When it is shown, beside the condition of its step."""


def prompts(outline: Outline) -> Iterator[ShownText]:
    """Yield all texts that are said and asked, probes too, in the order of the script."""
    for node in outline.nodes:
        step = node.step
        if isinstance(step, (Say, End, *QUESTION_TYPES)) and step.text is not None:
            yield ShownText(node, (*node.path, "text"), step.text)
        if isinstance(step, WordedQuestion):
            for number, wording in enumerate(step.wordings):
                yield ShownText(node, (*node.path, "wordings", number, "text"), wording.text)
        match step:
            case AskText():
                yield from _texts_about_words(node, step)
            case Confirm(lines=lines):
                for number, line in enumerate(lines):
                    yield ShownText(node, (*node.path, "lines", number, "text"), line.text, line.when)
            case _:
                pass


def _texts_about_words(node: OutlineNode, step: AskText) -> Iterator[ShownText]:
    """Yield the texts that a text question has beside its own: of its pick and of its probe."""
    if step.keeps_pick is not None:
        shown = f"{step.keeps_pick.question} != null"
        yield ShownText(node, (*node.path, "keeps_pick", "text"), step.keeps_pick.text, shown)
    if step.probe is not None:
        yield ShownText(node, (*node.path, "probe", "text"), step.probe.text)
        for number, other in enumerate(step.probe.instead):
            yield ShownText(node, (*node.path, "probe", "instead", number, "text"), other.text, other.when)


def labels(outline: Outline) -> Iterator[ShownText]:
    """Yield all labels of buttons and of the ends of scales, in the order of the script."""
    for node in outline.nodes:
        for path, label in _labels_of(outline, node):
            yield ShownText(node, path, label)


def _labels_of(outline: Outline, node: OutlineNode) -> Iterator[tuple[ValuePath, str]]:
    """Yield the labels of one step with their places."""
    step, path = node.step, node.path
    for number, choice in choices_of(step):
        place = outline.choices_path(node, number)
        yield (place if node.path in outline.lists else (*place, "label")), choice.label
    match step:
        case AskConsent():
            yield (*path, "agree"), step.agree
            yield (*path, "decline"), step.decline
        case Confirm():
            yield (*path, "agree"), step.agree
            yield (*path, "change"), step.change
        case Scale():
            yield (*path, "low_label"), step.low_label
            yield (*path, "high_label"), step.high_label
        case AskText(keeps_pick=KeptPick(label=label)):
            yield (*path, "keeps_pick", "label"), label
        case Number():
            for number, band in enumerate(step.bands):
                yield (*path, "bands", number, "label"), band.label
        case AskDate():
            for number, shortcut in enumerate(step.shortcuts):
                yield (*path, "shortcuts", number, "label"), shortcut.label
        case _:
            pass


def short_names(outline: Outline) -> Iterator[ShownText]:
    """Yield the short names of questions, by which a participant chooses which answer to change.

    Placeholders are filled in them.
    """
    for node, step in outline.questions:
        if step.short is not None:
            yield ShownText(node, (*node.path, "short"), step.short)


def blank_texts(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each text, label or short name that holds blanks alone."""
    for text in (*prompts(outline), *labels(outline), *short_names(outline)):
        if not text.text.strip():
            yield outline.problem(
                ProblemCode.BLANK_TEXT, text.path, "the text holds only blanks", "write the words"
            )


def long_texts(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each text that a platform would refuse or cut; placeholders count as they are written."""
    for text in prompts(outline):
        units = len(text.text.encode("utf-16-le")) // 2
        broken = [f"{name} takes {limit:,}" for name, limit in TEXT_UNITS.items() if units > limit]
        if broken:
            message = f"the text has {units:,} characters; {listed(broken).replace(' or ', ', ')}"
            yield outline.problem(
                ProblemCode.TEXT_TOO_LONG, text.path, message, "shorten it or split it into two steps"
            )
    if len(outline.flow.title) > TITLE:
        message = f"the title has {len(outline.flow.title)} characters; Slack takes {TITLE}"
        yield outline.problem(ProblemCode.TEXT_TOO_LONG, ("title",), message, "shorten it")


def long_labels(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each button whose label would be cut off, also with the mark of a promoted choice."""
    for text in labels(outline):
        if len(text.text) > LABEL:
            message = (
                f"the button '{text.text[:20]}…' has {len(text.text)} characters; at most {LABEL} can be read"
            )
            yield outline.problem(
                ProblemCode.BUTTON_TOO_LONG, text.path, message, "shorten it, and say more in the question"
            )
    for node, step in outline.questions:
        if not isinstance(step, SelectOne | SelectMany) or step.promote is None:
            continue
        for _, choice in choices_of(step):
            length = len(f"{choice.label} ({step.promote.mark})")
            if len(choice.label) <= LABEL and length > PROMOTED_LABEL:
                message = (
                    f"'{choice.label}' with its mark has {length} characters; Slack takes {PROMOTED_LABEL}"
                )
                path = (*node.path, "promote", "mark")
                yield outline.problem(
                    ProblemCode.BUTTON_TOO_LONG, path, message, "shorten the mark or the label"
                )


def many_buttons(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each question with more buttons than platforms show: `CHOICES`, or `PICKS` to tick."""
    for node, step in outline.questions:
        count = _count_buttons(step)
        if isinstance(step, SelectMany) and count > PICKS:
            message = f"has {count} choices; Slack's checkboxes take {PICKS}"
            remedy = "keep the ten that matter most, with 'Something else' for the others"
            yield outline.problem(ProblemCode.TOO_MANY_PICKS, (*node.path, "choices"), message, remedy)
        elif count > CHOICES:
            message = f"has {count} buttons; at most {CHOICES} can be shown"
            yield outline.problem(
                ProblemCode.TOO_MANY_BUTTONS, node.path, message, "offer fewer, or ask in two steps"
            )


def _count_buttons(step: object) -> int:
    """Count the buttons of a step."""
    match step:
        case Scale():
            return step.high - step.low + 1
        case Number():
            return len(taps_of(step)) + len(step.bands)
        case AskDate():
            return len(step.shortcuts)
        case _:
            return sum(1 for _ in offered_of(step))


def placeholder_problems(outline: Outline) -> Iterator[Problem]:
    """Yield a problem for each placeholder that cannot be read, or that nothing is sure to fill when it is shown."""
    for text in (*prompts(outline), *short_names(outline)):
        try:
            found = placeholders(text.text)
        except TemplateError as error:
            remedy = "write it as {a5}, {program.team} or {c6:date}; {{ and }} are braces"
            # The column is where the piece begins that holds the brace; the brace itself is wanted.
            brace = re.search(r"[{}]", text.text[error.column - 1 :])
            offset = error.column - 1 + (brace.start() if brace else 0)
            yield outline.problem_inside(
                ProblemCode.PLACEHOLDER_SYNTAX, text.path, offset, error.message, remedy
            )
            continue
        scope = Scope(outline, text.node, when=text.when)
        for placeholder in found:
            problem = _name_problem(scope, placeholder) or _part_problem(scope, placeholder)
            if problem is not None:
                code, message, remedy = problem
                yield outline.problem_inside(code, text.path, placeholder.column - 1, message, remedy)


def _name_problem(scope: Scope, placeholder: Placeholder) -> tuple[ProblemCode, str, str] | None:
    """Return what is wrong with the name in a placeholder: code, message and remedy; None if nothing is."""
    name = placeholder.root
    kind = scope.kind(name)
    if kind is NameKind.NOTHING:
        remedy = (
            did_you_mean(name, scope.names())
            or "name a question before this one or a fact such as program.team"
        )
        return ProblemCode.PLACEHOLDER_NAME, f"nothing can fill '{{{placeholder.path}}}'", remedy
    if kind is NameKind.LATER:
        message = f"'{{{name}}}' is not answered yet when this is shown"
        return ProblemCode.PLACEHOLDER_LATER, message, f"move this step behind '{name}'"
    if kind in {NameKind.ANSWER, NameKind.ROUNDS} and not scope.is_sure(name):
        message = f"'{{{name}}}' may not have been asked when this is shown"
        return ProblemCode.PLACEHOLDER_LATER, message, f"add `when: {name} != null` to this step"
    return None


def _part_problem(scope: Scope, placeholder: Placeholder) -> tuple[ProblemCode, str, str] | None:
    """Return what is wrong with the part of a fact or answer in a placeholder: code, message and remedy."""
    name, _, part = placeholder.path.partition(".")
    parts = scope.fields(name)
    first = part.split(".")[0]
    found: tuple[str, str] | None = None
    if placeholder.spec == "label" and not _has_labels(scope, name, first):
        found = f"'{{{placeholder.path}}}' has no label", "leave ':label' out"
    elif name in LIST_FACTS:
        found = f"'{name}' is a list", f"go through it with a block: `for_each: {name}`"
    elif parts is None and part:
        found = f"'{name}' is an answer and has no '{part}'", f"write {{{name}}}"
    elif parts is not None and not part:
        found = f"'{name}' is not a text", f"name a part of it: {listed(sorted(parts))}"
    elif parts is not None and first not in parts:
        found = f"'{name}' has no '{first}'", did_you_mean(first, parts) or f"it has {listed(sorted(parts))}"
    return None if found is None else (ProblemCode.PLACEHOLDER_FACT, *found)


def _has_labels(scope: Scope, name: str, part: str) -> bool:
    """Tell whether what a placeholder quotes are choices, which have labels."""
    if part in LIST_PARTS:
        return True
    node = scope.outline.answers.get(name)
    if node is None or name != node.step.key:
        return False
    choosing = SelectOne | SelectMany | Number | AskConsent | Confirm | Scale
    chosen = isinstance(node.step, choosing) or bool(list(choices_of(node.step)))
    return chosen or node.path in scope.outline.stand_ins


RULES = (blank_texts, long_texts, long_labels, many_buttons, placeholder_problems)
