"""Compile a flow: link every step to its neighbours and its targets, and note what its condition reads.

Done once for each version and language of a flow, and kept; nothing here changes afterwards but caches.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from flows.engine.effects import Option, PromptKind
from flows.parsing.choices import ChoiceText
from flows.parsing.vocabulary import vocabulary
from flows.script.conditions import ConditionError, holds, names
from flows.script.model import (
    QUESTION_TYPES,
    AnyQuestion,
    AskConsent,
    AskDate,
    AskText,
    Block,
    Choice,
    Confirm,
    Do,
    End,
    Flow,
    ForEach,
    KeptPick,
    Number,
    Probe,
    Purpose,
    Scale,
    SelectMany,
    SelectOne,
    Step,
    UpTo,
    WordedQuestion,
)
from flows.script.question_parts import buttons_differ, fixed_text, kept_key, quoted, taps_of, texts_of

PROBE_SUFFIX = "_more"
"""What the slot of a probe adds to its question's key."""
AGREE = "agree"
"""The first button of a consent or a read-back. Its value, as kept and in conditions, is true."""
DECLINE = "decline"
"""The second button of a consent. Its value is false."""
CHANGE = "change"
"""The second button of a read-back, a `confirm` step: it leads to a change, and is never kept as an answer."""
KEEP = "keep"
"""The button of a text question that keeps what was picked before it."""

Items = tuple[str, ...]
"""The round of each block around a step, outermost first: a picked code, a fact's id, or a number from 0."""


class Control(StrEnum):
    """Name the buttons of a question that are no choice: 'Skip' leaves it out, 'Done' ends the ticking."""

    SKIP = "@skip"
    DONE = "@done"


class ChoiceButton(NamedTuple):
    """Hold one button of a question: a choice with its code and label, or, where `control` is set, 'Skip' or 'Done'.

    An `exclusive` choice is picked alone; `goto` is the key of the step that it leads to; `aliases` are other words by
    which it may be typed; `about` says whom the answers are about where it is picked.
    """

    code: str
    label: str
    control: Control | None = None
    exclusive: bool = False
    goto: str | None = None
    aliases: tuple[str, ...] = ()
    about: str | None = None


class Buttons(NamedTuple):
    """Hold the buttons of a question in three forms: to read taps, to show, and to read typed words.

    `all` has the controls ('Skip', 'Done') last; `options` is the same, place by place, as it is shown.
    """

    all: tuple[ChoiceButton, ...]
    options: tuple[Option, ...]
    texts: tuple[ChoiceText, ...]
    """The choices among them, as the readers of replies take them."""


@dataclass(eq=False, slots=True)
class CompiledStep:
    """Hold a step, linked to its neighbours, with what can be worked out about it before anybody answers."""

    step: Step
    parent: "CompiledStep | None"
    depth: int
    """How many blocks are around it; the length of its `Items`."""
    key: str = field(init=False)
    next: "CompiledStep | None" = None
    weighs: bool = False
    """Whether the number of questions to come can depend on it."""
    ahead: "CompiledStep | None" = None
    """The next step of its level that weighs."""
    first: "CompiledStep | None" = None
    """The first step of a block."""
    question: AnyQuestion | None = None
    kind: PromptKind = PromptKind.SAY
    probe: Probe | None = None
    choices: tuple[Choice, ...] = ()
    keeps: str | None = None
    """The key under which a number is kept beside the answer: the one typed for a band, or the place of the choice that
    was shown first. None where none is."""
    targets: dict[str, str] = field(default_factory=dict)
    """The step that each choice leads to, for those that lead anywhere."""
    alerting: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    """The codes of which the team is told, and those that open a case."""
    changes_buttons: bool = False
    """Whether answers decide which of its buttons are there."""
    written: tuple[ChoiceButton, ...] = ()
    """The buttons as the author wrote them, without controls and whatever their conditions."""
    fixed_buttons: tuple[ChoiceButton, ...] | None = None
    """The buttons, where they are the same for everybody; None where they depend on answers or facts."""
    buttons_by_language: dict[str, "Buttons"] = field(default_factory=dict)
    """`fixed_buttons` as they are shown, by language; filled as languages are met."""
    plain_replies: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the author's own labels, their numbers, yes and no mean when typed, by language; see `interpretation`."""
    blocks: tuple["CompiledStep", ...] = ()
    """The blocks around it, the outermost first."""
    aliases: dict[str, "CompiledStep"] = field(default_factory=dict)
    """The names of the items that it can use, each with the `for_each` block that it comes from."""
    when_reads: frozenset[str] = frozenset()
    when_codes: tuple[str, frozenset[str | bool | None]] | None = None
    """For a condition over one closed question only: its key, and the values for which it holds."""
    fixed_text: str | None = None
    """The text of the question, where it is the same for everybody; None where conditions, answers or facts decide."""
    quotes: bool | None = None
    """Whether the text of the question quotes another answer; None until that was looked at."""
    reads: frozenset[str] = frozenset()
    """For a `do`: the names that its fields read."""
    field_reads: dict[str, frozenset[str]] = field(default_factory=dict)
    """For a `do`: the same, by field."""

    def __post_init__(self) -> None:
        """Copy the key, which is read very often."""
        self.key = self.step.key


@dataclass(eq=False, slots=True)
class CompiledFlow:
    """Hold a flow ready to play, in one language: its linked steps, and which answers decide the way through them."""

    flow: Flow
    first: CompiledStep
    nodes: dict[str, CompiledStep]
    questions: dict[str, CompiledStep]
    deciding: frozenset[str]
    """The keys of the questions whose answers can change which questions are put."""
    take_part: tuple[str, ...]
    """The keys of the questions that ask for the consent to take part; empty where an earlier conversation did."""
    labels: dict[str, str]
    """The labels of all codes in shared lists, for codes that come from an earlier conversation."""
    offered: frozenset[str]
    """The answers that the author offers, and yes and no, in lower case: they are nobody's own words."""
    if_given: frozenset[str]
    """Those of `deciding` that ask for words, where only whether there are any decides, and not what they say."""
    by_choice: bool = field(init=False)
    """Whether choices and numbers, and whether words were given, decide the way alone; of facts, the program's."""
    typed_matters: frozenset[str] = field(init=False)
    """The keys of the questions that are read back only where their answer was typed."""
    known_progress: dict[Hashable, tuple[int, int]] = field(default_factory=dict)
    """The 'n of m' that were worked out, by place and deciding answers; see `flows.engine.progress`."""

    def __post_init__(self) -> None:
        """Work out whether choices and numbers alone decide the way, and what is read back where it was typed."""
        asked = (node.question for node in self.questions.values())
        typed = (one.changes for one in asked if isinstance(one, Confirm) and one.typed_only)
        self.typed_matters = frozenset().union(*typed)
        decide = map(self.questions.get, self.deciding - self.if_given - {"program"})
        self.by_choice = all(node is not None and node.kind is not PromptKind.TEXT for node in decide)

    def asked_in(self, slot: str) -> "CompiledStep":
        """Return the question of the script that a slot belongs to, also for the slot of its probe or its number."""
        key = read_slot(slot)[0]
        node = self.questions.get(key) or self.probed(key) or self._keeping(key)
        assert node is not None
        return node

    def _keeping(self, key: str) -> "CompiledStep | None":
        """Return the question that keeps the number that was typed under this key; None where none does."""
        return next((node for node in self.questions.values() if node.keeps == key), None)

    def quotes_answers(self, node: "CompiledStep") -> bool:
        """Return whether the text of a question has the answer to another one in it, or is chosen by one."""
        if node.quotes is None:
            question = node.question
            used = (
                set() if question is None else {name for text in texts_of(question) for name in quoted(text)}
            )
            if isinstance(question, WordedQuestion):
                used.update(*(names(wording.when) for wording in question.wordings))
            node.quotes = not used.isdisjoint(self.questions)
        return node.quotes

    def probed(self, key: str) -> CompiledStep | None:
        """Return the question whose probe has this key: that of `a3` for `a3_more`; None where there is none."""
        node = self.questions.get(key.removesuffix(PROBE_SUFFIX)) if key.endswith(PROBE_SUFFIX) else None
        return node if node is not None and key not in self.questions and node.probe is not None else None


_compiled_flows: dict[tuple[str, str], CompiledFlow] = {}


def compile_flow(flow: Flow) -> CompiledFlow:
    """Return a flow ready to play; each version is compiled once for each language, at the first call, and kept."""
    key = flow.hash, flow.language
    compiled = _compiled_flows.get(key)
    if compiled is None:
        compiled = _compiled_flows[key] = _compile(flow)
    return compiled


def slot_of(key: str, items: Items) -> str:
    """Return the slot of a key, given the item of each block around it: `a7[pain]` for `a7` and `("pain",)`."""
    return key if not items else f"{key}[{']['.join(items)}]"


@lru_cache(maxsize=4096)
def read_slot(slot: str) -> tuple[str, Items]:
    """Return the key in a slot, and the item of each block around it: `a7` and `("pain",)` for `a7[pain]`."""
    if not slot.endswith("]"):
        return slot, ()
    key, *items = slot.split("[")
    return key, tuple(item[:-1] for item in items)


def _compile(flow: Flow) -> CompiledFlow:
    """Link the steps, then work out what needs all of them."""
    nodes: dict[str, CompiledStep] = {}
    first = _link(flow, flow.steps, None, nodes)
    questions = {key: node for key, node in nodes.items() if node.question is not None}
    labels = {choice.code: choice.label for choices in flow.lists.values() for choice in choices}
    for node in nodes.values():
        _read_conditions(node, questions)
        node.weighs = _weighs(node)
    for node in nodes.values():
        node.ahead = _next_that_weighs(node)
    deciding = frozenset().union(*(_decided_by(node) for node in nodes.values()))
    take_part = tuple(key for key, node in questions.items() if _asks_to_take_part(node))
    offered = frozenset(_offered(flow.language, questions.values()))
    if_given = frozenset(
        key for key in deciding if key in questions and _decides_if_given(key, questions, nodes)
    )
    return CompiledFlow(flow, first, nodes, questions, deciding, take_part, labels, offered, if_given)


def _decides_if_given(
    key: str, questions: Mapping[str, CompiledStep], nodes: Mapping[str, CompiledStep]
) -> bool:
    """Return whether a question asks for words, and all conditions only look whether it was answered."""
    if questions[key].kind is not PromptKind.TEXT:
        return False
    repeats = (node.step.repeat for node in nodes.values() if isinstance(node.step, Block))
    loops = (repeat.while_ for repeat in repeats if isinstance(repeat, UpTo))
    conditions = (*(node.step.when for node in nodes.values()), *loops)
    looks = re.compile(rf"\b{key} [!=]= null\b|\bsize\({key}\) (?:[!=]=|>) 0\b")
    return not any(
        re.search(rf"\b{key}\b", looks.sub("", condition)) for condition in conditions if condition
    )


def _offered(language: str, questions: Iterable[CompiledStep]) -> Iterator[str]:
    """Yield what the author offers as answers, and the language's words for yes and no, in lower case."""
    words = vocabulary(language)
    yield from words.yes | words.no
    for button in chain.from_iterable(node.written for node in questions):
        yield from map(str.lower, (button.label, *button.aliases))


def _asks_to_take_part(node: CompiledStep) -> bool:
    """Return whether the step asks for the consent to take part, outside of blocks."""
    question = node.question
    return isinstance(question, AskConsent) and question.purpose is Purpose.TAKE_PART and not node.depth


def _decided_by(node: CompiledStep) -> frozenset[str]:
    """Return the keys of the answers that decide whether and which counted questions come from this step on."""
    step = node.step
    decides = {node.key} if _leads_on(node) else set()
    if isinstance(step, Block) and node.weighs:
        decides |= {step.repeat.for_each} if isinstance(step.repeat, ForEach) else _names(step.repeat.while_)
    return frozenset(decides | node.when_reads if node.weighs else decides)


def _leads_on(node: CompiledStep) -> bool:
    """Return whether an answer to the step can lead to another step than the next."""
    declines = isinstance(node.step, AskConsent) and node.step.on_decline is not None
    return declines or bool(node.targets)


def _weighs(node: CompiledStep) -> bool:
    """Return whether the number of questions to come can depend on the step: of a block, on a step in it."""
    inside = node.first
    while inside is not None and not _weighs(inside):
        inside = inside.next
    counted = node.question is not None and node.question.counted
    own = counted or _leads_on(node) or node.step.goto is not None or isinstance(node.step, End)
    return own or inside is not None


def _next_that_weighs(node: CompiledStep) -> CompiledStep | None:
    """Return the next step of the same level that weighs; None where there is none."""
    after = node.next
    while after is not None and not after.weighs:
        after = after.next
    return after


def _link(
    flow: Flow, steps: Sequence[Step], parent: CompiledStep | None, nodes: dict[str, CompiledStep]
) -> CompiledStep:
    """Link the steps of one level, and of the blocks in it; fill `nodes` by key, and return the first step."""
    level = [_node(flow, step, parent) for step in steps]
    for node, after in zip(level, [*level[1:], None], strict=True):
        node.next = after
        nodes[node.key] = node
        if isinstance(node.step, Block):
            node.first = _link(flow, node.step.steps, node, nodes)
    return level[0]


def _node(flow: Flow, step: Step, parent: CompiledStep | None) -> CompiledStep:
    """Return a compiled step with everything that does not depend on its neighbours."""
    node = CompiledStep(step, parent, 0 if parent is None else parent.depth + 1)
    if parent is not None:
        node.blocks = (*parent.blocks, parent)
        node.aliases = dict(parent.aliases)
        if isinstance(parent.step, Block) and isinstance(parent.step.repeat, ForEach):
            node.aliases[parent.step.repeat.as_] = parent
    if isinstance(step, QUESTION_TYPES):
        node.question = step
        node.kind = PromptKind(step.kind)
        node.probe = step.probe if isinstance(step, AskText) else None
        node.choices = _choices(flow, step)
        node.keeps = kept_key(step)
        node.fixed_text = fixed_text(step)
        node.targets = {choice.code: choice.goto for choice in node.choices if choice.goto}
        node.alerting = tuple(choice.code for choice in node.choices if choice.alert)
        node.opening = tuple(choice.code for choice in node.choices if choice.opens_case)
        node.changes_buttons = buttons_differ(step) or any(choice.when for choice in node.choices)
        node.written = tuple(written_buttons(node))
        node.fixed_buttons = _fixed_buttons(node)
    return node


def _choices(flow: Flow, question: AnyQuestion) -> tuple[Choice, ...]:
    """Return the choices that the author wrote, whatever the kind of the question; empty where there are none."""
    match question:
        case SelectOne() | SelectMany():
            return (
                flow.lists.get(question.choices, ())
                if isinstance(question.choices, str)
                else question.choices
            )
        case AskText():
            return question.choices
        case _:
            return ()


def _fixed_buttons(node: CompiledStep) -> tuple[ChoiceButton, ...] | None:
    """Return the buttons where they are the same for everybody; None where answers or facts change them."""
    question = node.question
    if isinstance(question, SelectOne | SelectMany) and (question.choices_from or question.promote):
        return None
    is_turned = isinstance(question, SelectMany) and question.rotates is not None
    return None if is_turned or node.changes_buttons else node.written


def written_buttons(node: CompiledStep) -> Iterator[ChoiceButton]:
    """Yield the buttons of a question as the author wrote them; none for a step that has no choices.

    Conditions on choices are not looked at, and controls ('Skip', 'Done') are not among them.
    """
    match node.question:
        case AskConsent(agree=agree, decline=decline):
            yield from (ChoiceButton(AGREE, agree), ChoiceButton(DECLINE, decline))
        case Confirm(agree=agree, change=change):
            yield from (ChoiceButton(AGREE, agree), ChoiceButton(CHANGE, change))
        case Scale(low=low, high=high):
            yield from (ChoiceButton(str(point), str(point)) for point in range(low, high + 1))
        case Number(bands=bands) as number:
            yield from (ChoiceButton(str(tap), str(tap)) for tap in taps_of(number))
            yield from (ChoiceButton(band.code, band.label, aliases=band.aliases) for band in bands)
        case AskDate(shortcuts=shortcuts):
            yield from (ChoiceButton(shortcut.code, shortcut.label) for shortcut in shortcuts)
        case AskText(keeps_pick=KeptPick(label=label)):
            yield ChoiceButton(KEEP, label)
            yield from map(button_of, node.choices)
        case _:
            yield from (button_of(choice) for choice in node.choices if choice.into is None)


def button_of(choice: Choice) -> ChoiceButton:
    """Return a choice of a script as a button."""
    marks = (choice.exclusive, choice.goto, choice.aliases, choice.about)
    return ChoiceButton(choice.code, choice.label, None, *marks)


def _read_conditions(node: CompiledStep, questions: dict[str, CompiledStep]) -> None:
    """Note what the step's condition and fields read.

    A condition that does not compile never holds; `said check` reports it.
    """
    if node.step.when:
        node.when_reads = _names(node.step.when)
        node.when_codes = _codes_that_hold(node, node.step.when, questions)
    if isinstance(node.step, Do):
        node.field_reads = {name: _names(source) for name, source in node.step.fields.items()}
        node.reads = frozenset().union(*node.field_reads.values())


def _names(source: str) -> frozenset[str]:
    """Return the names that a condition reads; none where it does not compile."""
    try:
        return names(source)
    except ConditionError:
        return frozenset()


def _codes_that_hold(
    node: CompiledStep, source: str, questions: dict[str, CompiledStep]
) -> tuple[str, frozenset[str | bool | None]] | None:
    """Return the key and the values for which a condition over one closed question holds; None for any other condition.

    Found once, looked up in every turn. Not for a question in a block that the step is not in: there the condition sees
    the list of all rounds.
    """
    asked = questions.get(next(iter(node.when_reads))) if len(node.when_reads) == 1 else None
    if asked is not None and asked.blocks != node.blocks[: asked.depth]:
        return None
    single = {PromptKind.SELECT_ONE, PromptKind.CONSENT}
    if asked is None or asked.fixed_buttons is None or asked.kind not in single:
        return None
    codes = (True, False) if asked.kind is PromptKind.CONSENT else (one.code for one in asked.fixed_buttons)
    return asked.key, frozenset(one for one in (None, *codes) if holds(source, {asked.key: one}.__getitem__))
