"""Evaluate conditions and texts at one step: they see answers by key, facts, and the current item of each block."""

from collections.abc import Mapping
from typing import Any, Final

from flows.engine.compiled import (
    AGREE,
    DECLINE,
    KEEP,
    PROBE_SUFFIX,
    ChoiceButton,
    CompiledFlow,
    CompiledStep,
    Items,
    read_slot,
    slot_of,
)
from flows.engine.effects import PromptKind
from flows.engine.state import ConversationState, with_addition
from flows.parsing.answer_quality import QUALITIES, says_what
from flows.program.model import Schedule
from flows.schedule.wave_plans import wave_dates
from flows.script.conditions import evaluate_each, holds
from flows.script.model import (
    AskText,
    Block,
    Confirm,
    ForEach,
    KeptPick,
    Number,
    Say,
    SelectMany,
    SelectOne,
    UpTo,
    WordedQuestion,
)
from flows.script.question_parts import quoted
from flows.text.templates import fill

FACTS = frozenset(
    {"participant", "program", "activity", "schedule", "commitments", "wave"}
    | {"earlier", "baseline", "behaviours", "peers", "changes", "points", "review"}
    | {"submission", "cosign", "help", "others", "own_themes"}
)
"""The facts that can always be named; one that was not given is null."""

_READ_BACK: Final = PromptKind.CONFIRM
"""Looked at before each step: a member is found by its enum's name in some ten times the time."""

ROUND = "round"
"""The name of the current round of an `up_to` block in conditions and texts."""

OTHER = "other"
"""The code of what is not in the list: where choices are rotated, it stays behind them."""


class EvaluationContext:
    """Read answers and facts as one step sees them, in one round of its blocks. Changes nothing."""

    __slots__ = ("compiled", "items", "node", "state")

    def __init__(
        self, compiled: CompiledFlow, state: ConversationState, node: CompiledStep, items: Items
    ) -> None:
        """Look from the step `node`; `items` is the round of each block around it."""
        self.compiled = compiled
        self.state = state
        self.node = node
        self.items = items

    def applies(self) -> bool:
        """Return whether the step is to be taken: its `when` holds, or it has none.

        Never where `reads_back_risk` is true: the step would quote to somebody at risk their own words.
        """
        node, condition = self.node, self.node.step.when
        if (self.state.risky and self.reads_back_risk()) or (
            node.kind is _READ_BACK and self._was_all_tapped()
        ):
            return False
        if condition is None:
            return True
        if node.when_codes is not None:
            key, codes = node.when_codes
            value = self.answer(self.compiled.questions[key])
            return value in codes if value is None or isinstance(value, str | bool) else False
        return holds(condition, self.value)

    def reads_back_risk(self) -> bool:
        """Return whether this step does nothing but quote words for which the script was halted.

        Such words, about dying or self-harm, are not shown to their author again: neither by a `say` step nor by a
        `confirm` step all of whose answers hold some. False where that also covers other answers, as before a
        commitment is saved: the yes to those is still needed.
        """
        question, risky = self.node.question, self.state.risky
        if not risky:
            return False
        if isinstance(self.node.step, Say):
            return not {read_slot(slot)[0] for slot in risky}.isdisjoint(quoted(self.node.step.text))
        if not isinstance(question, Confirm):
            return False
        named = (self.compiled.questions[key] for key in question.changes)
        return all(slot_of(node.key, self.items[: node.depth]) in risky for node in named)

    def _was_all_tapped(self) -> bool:
        """Return whether this is a `confirm` step of typed answers alone, and none of its answers was typed."""
        question = self.node.question
        if not isinstance(question, Confirm) or not question.typed_only:
            return False
        named = (self.compiled.questions[key] for key in question.changes)
        return not any(slot_of(node.key, self.items[: node.depth]) in self.state.typed for node in named)

    def holds(self, condition: str) -> bool:
        """Return whether a condition holds as seen from this step; False where it cannot be evaluated."""
        return holds(condition, self.value)

    def results(self, expressions: Mapping[str, str]) -> dict[str, Any]:
        """Return the value of each of these CEL expressions as seen from this step, by the same names.

        None for one that cannot be evaluated.
        """
        return evaluate_each(expressions, self.value)

    def asked_text(self) -> str:
        """Return the text of the question at this step, in the words for this participant and the answers of now.

        Empty for a step that is no question.
        """
        if self.node.fixed_text is not None:
            return self.node.fixed_text
        question = self.node.question
        match question:
            case None:
                return ""
            case AskText(keeps_pick=KeptPick(text=text)) if self._picked(self.node, self.items) is not None:
                return self.text(text)
            case Confirm(lines=lines):
                below = (self.text(line.text) for line in lines if self.holds(line.when))
                return "\n".join((self.text(question.text), *below))
            case WordedQuestion(wordings=wordings):
                worded = (wording.text for wording in wordings if self.holds(wording.when))
                return self.text(next(worded, question.text))
            case _:
                return self.text(question.text)

    def probe_text(self) -> str:
        """Return the text of the probe of the question at this step, by what its answer lacks."""
        probe = self.node.probe
        assert probe is not None
        others = (other.text for other in probe.instead if self.holds_of_answer(other.when))
        return self.text(next(others, probe.text))

    def holds_of_answer(self, condition: str) -> bool:
        """Return whether a rule of the probe of the question at this step holds of its answer.

        What the probe itself added is left out. False where no words were given.
        """
        words, language = self._first(self.node, self.items), self.state.language
        if not isinstance(words, str):
            return False
        return holds(
            condition,
            lambda name: QUALITIES[name](words, language) if name in QUALITIES else self.value(name),
        )

    def most(self) -> float | None:
        """Return the greatest number that the question at this step takes; None where it has no end."""
        question = self.node.question
        if not isinstance(question, Number) or question.no_more_than is None:
            return question.max if isinstance(question, Number) else None
        named = self.value(question.no_more_than)
        ends = [end for end in (question.max, named) if isinstance(end, int | float)]
        return min(ends, default=None)

    def offers_pick(self) -> bool:
        """Return whether there is a pick that the text question at this step can keep."""
        return self.pick_to_keep() is not None

    def pick_to_keep(self) -> str | None:
        """Return the label of the pick that the text question at this step can keep; None for none."""
        return self._picked(self.node, self.items)

    def has_addition(self) -> bool:
        """Return whether the probe of the question at this step has added words to its answer."""
        return bool(self._added(self.node))

    def text(self, template: str) -> str:
        """Return an author's text with its placeholders filled by the answers and facts seen from this step."""
        return fill(template, self.at, self.state.language)

    def rotated(self, choice_buttons: list[ChoiceButton]) -> list[ChoiceButton]:
        """Return the choices of the question at this step from this conversation's own first one on.

        Exclusive ones and `other` stay last. Unchanged where the script does not rotate them.
        """
        if not isinstance(self.node.question, SelectMany) or self.node.question.rotates is None:
            return choice_buttons
        turning = [button for button in choice_buttons if _turns(button)]
        start = self.state.seed % len(turning) if turning else 0
        last = [button for button in choice_buttons if not _turns(button)]
        return [*turning[start:], *turning[:start], *last]

    def first_place(self) -> int | None:
        """Return the place, from 1 in the order of the script, of the choice that is shown first here.

        None where the question is not rotated, or has nothing to rotate.
        """
        question = self.node.question
        if not isinstance(question, SelectMany) or question.rotates is None:
            return None
        turning = sum(map(_turns, self.all_buttons(self.node)))
        return self.state.seed % turning + 1 if turning else None

    def value(self, name: str) -> Any:
        """
        Return what a name in a condition stands for: the answer to a question, an item, a fact, or the round's number.

        None for an answer or a fact that was not given.

        Raises:
            KeyError: The name is none of a question, an item or a fact.
        """
        question = self.compiled.questions.get(name)
        if question is not None:
            return self.answer(question)
        block = self.node.aliases.get(name)
        if block is not None:
            return self.item(block)
        probed = self.compiled.probed(name)
        if probed is not None:
            return self._added(probed)
        if name == "schedule" and self.state.planned:
            return self._schedule()
        if name in FACTS:
            return self.state.facts.get(name)
        return self.round() if name == ROUND else self.state.facts[name]

    def _schedule(self) -> dict[str, Any] | None:
        """Return the waves with the days on which the commitments that were made here are asked about.

        As the facts have it in a conversation of before, which does not know by what settings they are computed.
        """
        facts = self.state.facts
        schedule, participant = facts.get("schedule"), facts.get("participant") or {}
        if not schedule or "rules" not in schedule:
            return schedule
        plans = [(plan.made_at, plan.start_on) for plan in self.state.planned.values()]
        zone = str(participant.get("timezone") or "UTC")
        return {**schedule, "wave_dates": wave_dates(plans, Schedule.model_validate(schedule["rules"]), zone)}

    def round(self) -> int | None:
        """Return the number, from 1, of the round of the innermost `up_to` block; None outside of one."""
        around = zip(reversed(self.node.blocks), reversed(self.items), strict=False)
        rounds = (int(item) for block, item in around if _is_up_to(block))
        return next((number + 1 for number in rounds), None)

    def answer(self, question: CompiledStep) -> Any:
        """Return what was answered to a question, as JSON: None (for select_many `[]`) where nothing was.

        With the words of a probe that are added to it. Asked from outside of the question's block: the answers of all
        rounds, as a list in the order in which they were given.
        """
        if question.depth == 0 or question.parent is self.node.parent:
            return self._held(question, self.items[: question.depth])
        shared = 0
        while (
            shared < len(self.node.blocks)
            and question.blocks[shared : shared + 1] == self.node.blocks[shared : shared + 1]
        ):
            shared += 1
        if shared == question.depth:
            return self._held(question, self.items[:shared])
        return self._of_all_rounds(question, self.items[:shared])

    def _added(self, question: CompiledStep) -> Any:
        """Return the answer to a question's probe in the same round; None where nothing was answered."""
        given = self.state.answers.get(slot_of(question.key + PROBE_SUFFIX, self.items[: question.depth]))
        return None if given is None else given.value

    def _held(self, question: CompiledStep, items: Items) -> Any:
        """Return the answer of one round, with the words of a probe that are added to it."""
        answers = self.state.answers
        value = self._first(question, items)
        if value is None:
            return [] if question.kind is PromptKind.SELECT_MANY else None
        if question.probe is not None and question.probe.joins == "append":
            more = answers.get(slot_of(question.key + PROBE_SUFFIX, items))
            return value if more is None or not more.value else with_addition(str(value), str(more.value))
        return value

    def _first(self, question: CompiledStep, items: Items) -> Any:
        """Return the answer of one round without what a probe adds, as JSON; None where nothing was answered.

        Of words about a pick: the label where it is kept, and before words that name no act.
        """
        given = self.state.answers.get(slot_of(question.key, items))
        value = None if given is None else given.value
        if not isinstance(value, str) or not isinstance(question.question, AskText):
            return value
        if question.question.keeps_pick is None:
            return value
        label = self._picked(question, items)
        if value == KEEP or label is None:
            return label if value == KEEP else value
        return value if says_what(value, self.state.language) else f"{label} \u2013 {value}"

    def _picked(self, question: CompiledStep, items: Items) -> str | None:
        """Return the label of the pick that words are about, of the same round, as their question is to keep it.

        None where nothing was picked, or own words were chosen, and for every other question.
        """
        keeps = question.question.keeps_pick if isinstance(question.question, AskText) else None
        picking = None if keeps is None else self.compiled.questions.get(keeps.question)
        if picking is None or not isinstance(picking.question, SelectOne):
            return None
        given = self.state.answers.get(slot_of(picking.key, items[: picking.depth]))
        own = picking.question.own_words
        if (
            given is None
            or not isinstance(given.value, str)
            or (own is not None and given.value == own.choice)
        ):
            return None
        return self.labels(picking).get(given.value)

    def _of_all_rounds(self, question: CompiledStep, within: Items) -> list[Any]:
        """Return the answers of all rounds within a round of the outer blocks, without those that are None."""
        places = (read_slot(slot) for slot in self.state.answers)
        rounds = [items for key, items in places if key == question.key and items[: len(within)] == within]
        held = (self._held(question, items) for items in rounds)
        return [value for value in held if value is not None]

    def item(self, block: CompiledStep) -> dict[str, Any] | None:
        """Return the current item of a `for_each` block around this step, as a dict of its parts.

        With its `index` from 1 and the `count` of items. None outside of the block, and for an item that is no longer
        there.
        """
        if len(self.items) <= block.depth:
            return None
        outside = EvaluationContext(self.compiled, self.state, block, self.items[: block.depth])
        return outside.things().get(self.items[block.depth])

    def is_gone(self) -> bool:
        """Return whether an item of a `for_each` block around this step is no longer there: it was picked no more."""
        return any(
            isinstance(block.step, Block)
            and isinstance(block.step.repeat, ForEach)
            and len(self.items) > block.depth
            and self.item(block) is None
            for block in self.node.blocks
        )

    def things(self) -> dict[str, dict[str, Any]]:
        """Return the items that the `for_each` block at this step goes through, in order, by the name of each in slots.

        An item is a dict: `code` and `label` of a pick, or the parts of an item of a fact; with its `index` from 1 and
        the `count`. Empty at any other step.
        """
        repeat = self.node.step.repeat if isinstance(self.node.step, Block) else None
        if not isinstance(repeat, ForEach):
            return {}
        question = self.compiled.questions.get(repeat.for_each)
        if question is not None:
            codes = self.answer(question)
            labels = self.labels(question)
            things = [{"code": code, "label": labels.get(code, code)} for code in codes]
        else:
            found = self.at(repeat.for_each, "")
            things = [thing for thing in found if isinstance(thing, dict)] if isinstance(found, list) else []
        return {
            _name(thing, place): {**thing, "index": place + 1, "count": len(things)}
            for place, thing in enumerate(things)
        }

    def at(self, path: str, spec: str) -> Any:
        """Return the value at a path such as `program.team` or `schedule.wave_dates.0`; None where there is none.

        With `spec` "label" codes are replaced by their labels.
        """
        root, *steps = path.split(".")
        question = self.compiled.questions.get(root)
        if question is not None:
            value = self.answer(question)
            return self.labelled(question, value) if spec == "label" else value
        try:
            value = self.value(root)
        except KeyError:
            return None
        for step in steps:
            value = _inside(value, step)
        return _relabelled(value, self.compiled.labels) if spec == "label" else value

    def labels(self, question: CompiledStep) -> dict[str, str]:
        """Return the labels of a question's choices by code, also of choices whose conditions do not hold."""
        if question.fixed_buttons is not None:
            return {button.code: button.label for button in question.fixed_buttons}
        return {button.code: button.label for button in self.all_buttons(question)}

    def labelled(self, question: CompiledStep, value: Any) -> Any:
        """Return an answer with labels in place of codes, in a list too; words, numbers and points of a scale stay."""
        return _relabelled(value, self.labels(question)) if question.kind is not PromptKind.SCALE else value

    def all_buttons(self, question: CompiledStep) -> list[ChoiceButton]:
        """Return the choices of a question as buttons, those from facts first; their conditions are not looked at."""
        step = question.question
        choice_buttons = list(question.written)
        if not isinstance(step, SelectOne | SelectMany) or not step.choices_from:
            return choice_buttons
        found = self.at(step.choices_from, "")
        listed = [thing for thing in found if isinstance(thing, dict)] if isinstance(found, list) else []
        return [
            ChoiceButton(str(thing.get("code", "")), str(thing.get("label", ""))) for thing in listed
        ] + choice_buttons


def _turns(button: ChoiceButton) -> bool:
    """Return whether a choice changes its place where choices are rotated."""
    return not button.exclusive and button.code != OTHER


def _is_up_to(block: CompiledStep) -> bool:
    """Return whether a block repeats a number of times."""
    return isinstance(block.step, Block) and isinstance(block.step.repeat, UpTo)


def _name(thing: dict[str, Any], place: int) -> str:
    """Return how a round is called in slots: the code or id of its thing, else its place from 0."""
    name = str(thing.get("code", thing.get("id", place)))
    return name if name and "[" not in name and "]" not in name else str(place)


def _inside(value: Any, step: str) -> Any:
    """Return a part of a dict by key or of a list by place; None where there is no such part."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None


def _relabelled(value: Any, labels: dict[str, str]) -> Any:
    """Return a value with labels in place of codes, in lists too; a boolean is 'agree' or 'decline'."""
    if isinstance(value, list):
        return [_relabelled(part, labels) for part in value]
    if isinstance(value, bool):
        return labels.get(AGREE if value else DECLINE, value)
    return labels.get(value, value) if isinstance(value, str) else value
