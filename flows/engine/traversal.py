"""Walk from step to step, as far as the conversation goes without the participant: to a question, or to the end."""

from typing import Any, Final, assert_never

from flows.engine.compiled import PROBE_SUFFIX, CompiledFlow, CompiledStep, Items, read_slot, slot_of
from flows.engine.context import EvaluationContext
from flows.engine.effects import (
    AnswerStatus,
    InvitePartner,
    Outcome,
    RecordCommitment,
    RecordImplementation,
    ReviseCommitment,
    ScheduleWaves,
)
from flows.engine.state import CommitmentPlan
from flows.engine.turn import Turn
from flows.i18n.say import Sentence
from flows.script.model import AskConsent, Block, Confirm, Do, EffectName, End, ForEach, Say
from flows.script.time_limit import go_on

# Theory. A walk starts at a place and takes one step after the other. A question ends it, and so does the end.
#
# Going back, or correcting an answer, makes the conversation walk a stretch twice. What it then has to come back to is
# in `state.back_to`: the slots of the questions that were open. While any are left:
#  - a question that is answered is passed over, so that nobody is asked twice; one that is not is put;
#  - messages between passed questions are dropped, for they have been read;
#  - a `do` step that ran is not run again: a correction repeats those that used the answer (`do_again`).
# A slot is taken out of `back_to` when its question is put or shown. Two guards keep an author's loop from running for
# ever: a slot that a walk passes twice is put, and no walk takes more than `limits.steps_per_turn` steps.

MOST_STEPS_PER_TURN: Final = 20_000
"""Whatever the limits of a kept version allow: no file has room for so many steps, so that only a loop takes them."""
_NEEDED: Final = {
    EffectName.RECORD_COMMITMENT: "statement",
    EffectName.RECORD_IMPLEMENTATION: "status",
    EffectName.REVISE_COMMITMENT: "statement",
}
"""What keeps something that was said, with the field without which it means nothing."""
_START: Final = "start_on"

Place = tuple[CompiledStep, Items] | None
"""A step in one round of its blocks; None is past the last step."""


def walk(turn: Turn, place: Place, *, hold: str | None = None) -> None:
    """Take steps from a place on until a question is open or the conversation has ended.

    A place is a step in a round of its blocks; None is past the last step. While there are slots to come back to, after
    a step back or a correction, answered questions are passed over, and messages between them are not sent again.
    `hold` is the slot that is open already: there it is shown, not put anew.

    Raises:
        TurnTooLong: The turn took longer than it may.
    """
    messages: list[str] = []
    passed: set[str] = set()
    for _ in range(min(turn.compiled.flow.limits.steps_per_turn, MOST_STEPS_PER_TURN)):
        go_on()
        if place is None:
            _finish(turn, Outcome.COMPLETED, messages)
            return
        node, items = place
        context = EvaluationContext(turn.compiled, turn.state, node, items)
        if not context.applies():
            place = following(turn, node, items, jump=False)
            continue
        step = node.step
        match step:
            case Say():
                messages.extend(_said(turn, context, step))
                place = following(turn, node, items)
            case Do():
                _do_once(turn, context)
                place = following(turn, node, items)
            case Block():
                place = _enter(context) or following(turn, node, items)
            case End():
                if step.text:
                    messages.append(context.text(step.text))
                _finish(turn, Outcome(step.outcome), messages)
                return
            case _:
                slot = slot_of(node.key, items)
                if hold in (slot, slot_of(node.key + PROBE_SUFFIX, items)):
                    turn.change(back_to=tuple(waits for waits in turn.state.back_to if waits != slot))
                    turn.show_open()
                    return
                if not _is_passed_over(turn, slot, passed):
                    _put(turn, context, messages)
                    return
                passed.add(slot)
                messages.clear()
                place = after_answer(turn, context)
    turn.say(Sentence.TOO_MANY_STEPS)
    turn.end(Outcome.TOO_MANY_STEPS)


def _said(turn: Turn, context: EvaluationContext, step: Say) -> tuple[str, ...]:
    """Return what a message step says; nothing of thanks where a safety response thanks for the same words."""
    return () if step.thanks and turn.of_concern else (context.text(step.text),)


def _put(turn: Turn, context: EvaluationContext, messages: list[str]) -> None:
    """Put the question of this step, after the messages that lead to it unless they have been sent before."""
    if not _comes_again(turn, slot_of(context.node.key, context.items)):
        _tell_all(turn, messages)
    turn.ask(context.node, context.items)


def after_answer(turn: Turn, context: EvaluationContext) -> Place:
    """Return the place after the question at `context`: where its answer leads, else what follows the question.

    The answer is the one in the state now. None past the last step.
    """
    target = turn.compiled.nodes.get(_choice_target(context) or "")
    if target is not None:
        return target, context.items[: target.depth]
    return following(turn, context.node, context.items)


def following(turn: Turn, node: CompiledStep, items: Items, *, jump: bool = True) -> Place:
    """Return the place after a step: its `goto`, the next one, the next round of its block, or what follows that.

    Without `jump` a `goto` is ignored: the step was not taken. None past the last step.
    """
    target = turn.compiled.nodes.get(node.step.goto) if jump and node.step.goto else None
    if target is not None:
        return target, items[: target.depth]
    if node.next is not None:
        return node.next, items
    block = node.parent
    if block is None:
        return None
    outside = items[: block.depth]
    again = _next_round(turn, EvaluationContext(turn.compiled, turn.state, node, items), block, outside)
    return again or following(turn, block, outside)


def do_again(turn: Turn, key: str, items: Items) -> None:
    """Emit again the effects whose fields read the question `key`, now that its answer was corrected.

    Only of `do` steps that have run, in rounds that share the question's `items`; the effects carry the new answer.
    """
    for slot in turn.state.done:
        do_key, do_items = read_slot(slot)
        node = turn.compiled.nodes.get(do_key)
        shared = min(len(items), len(do_items))
        if node is None or items[:shared] != do_items[:shared]:
            continue
        if key in node.reads or any(one.key == key for one in _confirms_of(turn.compiled, node)):
            context = EvaluationContext(turn.compiled, turn.state, node, do_items)
            if context.applies():
                _do(turn, context)


def keep_what_was_said(turn: Turn) -> None:
    """Emit what the `do` steps that were not reached would have recorded of what was answered, as far as that goes.

    For a conversation that ended without its author: a commitment needs its words and its start (or that none was
    named), a report its status. What was read back without a yes, or not at all, is not confirmed. The state does not
    change: who comes back goes on as before, and what is recorded then takes the place of this.
    """
    if not turn.consented:
        return
    for node in turn.compiled.nodes.values():
        if not isinstance(node.step, Do) or node.step.effect not in _NEEDED:
            continue
        for items in _rounds_of(turn, node):
            context = EvaluationContext(turn.compiled, turn.state, node, items)
            if slot_of(node.key, items) not in turn.state.done and _may_be_kept(context):
                _do(turn, context, confirmed=_was_agreed_to(turn, context))


def _rounds_of(turn: Turn, node: CompiledStep) -> tuple[Items, ...]:
    """Return the rounds of the blocks around a step in which something was answered, in the order of the answers."""
    if not node.depth:
        return ((),)
    found: dict[Items, None] = {}
    for slot in turn.state.answers:
        key, items = read_slot(slot)
        asked = turn.compiled.questions.get(key)
        if asked is not None and asked.blocks[: node.depth] == node.blocks:
            found[items[: node.depth]] = None
    return tuple(found)


def _may_be_kept(context: EvaluationContext) -> bool:
    """Return whether a `do` step that was not reached has what it needs, and nothing on the way to it rules it out."""
    node, compiled = context.node, context.compiled
    around = (
        EvaluationContext(compiled, context.state, block, context.items[: block.depth])
        for block in node.blocks
    )
    if context.is_gone() or not all(one.applies() for one in (*around, context)):
        return False
    assert isinstance(node.step, Do)
    if not context.results(node.step.fields).get(_NEEDED[node.step.effect]):
        return False
    if node.step.effect is not EffectName.RECORD_COMMITMENT:
        return True
    read = node.field_reads.get(_START, frozenset())
    starts = [compiled.questions[name] for name in read if name in compiled.questions]
    return all(_is_settled(context, one) for one in starts)


def _is_settled(context: EvaluationContext, question: CompiledStep) -> bool:
    """Return whether a question in the same round was answered or skipped, or does not apply."""
    items = context.items[: question.depth]
    asked = EvaluationContext(context.compiled, context.state, question, items)
    return slot_of(question.key, items) in context.state.answers or not asked.applies()


def _was_agreed_to(turn: Turn, context: EvaluationContext) -> bool:
    """Return whether what the `do` step at `context` would record was read back, and a yes was the answer."""
    slots = (slot_of(one.key, context.items) for one in _confirms_of(turn.compiled, context.node))
    given = [turn.state.answers[slot] for slot in slots if slot in turn.state.answers]
    return bool(given) and all(answer.value is True for answer in given)


def _confirms_of(compiled: CompiledFlow, node: CompiledStep) -> tuple[CompiledStep, ...]:
    """Return the read-backs of what a `do` step records: those beside it that offer to change what it reads."""
    if not isinstance(node.step, Do) or node.step.effect is not EffectName.RECORD_COMMITMENT:
        return ()
    return tuple(
        one
        for one in compiled.questions.values()
        if isinstance(one.question, Confirm)
        and one.parent is node.parent
        and not node.reads.isdisjoint(one.question.changes)
    )


def _is_confirmed(turn: Turn, context: EvaluationContext) -> bool:
    """Return whether no read-back of what the `do` step at `context` records was passed without a yes."""
    slots = (slot_of(one.key, context.items) for one in _confirms_of(turn.compiled, context.node))
    given = (turn.state.answers.get(slot) for slot in slots)
    return all(answer is None or answer.status is AnswerStatus.ANSWERED for answer in given)


def schedule_late(turn: Turn, key: str) -> None:
    """Schedule the waves that a script would have scheduled on its way, had `key` been answered as it is now.

    For a correction after the end: the conversation does not go that way again.
    """
    for node in turn.compiled.nodes.values():
        if isinstance(node.step, Do) and node.step.effect is EffectName.SCHEDULE_WAVES:
            context = EvaluationContext(turn.compiled, turn.state, node, ())
            late = not node.depth and key in node.when_reads and node.key not in turn.state.done
            if late and context.applies():
                _do_once(turn, context)


def _is_passed_over(turn: Turn, slot: str, passed: set[str]) -> bool:
    """Return whether a question is not put because it is answered and only what comes after it is wanted.

    `passed` are the slots passed over in this walk: one met twice is an author's loop, and is put.
    """
    back_to = turn.state.back_to
    return bool(back_to) and slot in turn.state.answers and slot not in back_to and slot not in passed


def _comes_again(turn: Turn, slot: str) -> bool:
    """Return whether the conversation comes back to a question that was put before: what leads to it has been said."""
    return bool(turn.state.back_to) and any(asked.slot == slot for asked in turn.state.asks)


def _choice_target(context: EvaluationContext) -> str | None:
    """Return the key of the step that the answer itself leads to; None where it leads nowhere."""
    question, targets = context.node.question, context.node.targets
    if isinstance(question, AskConsent):
        return None if context.answer(context.node) is True else question.on_decline
    if not targets:
        return None
    value = context.answer(context.node)
    picks = value if isinstance(value, list) else [value]
    return next((targets[code] for code in picks if code in targets), None)


def _enter(context: EvaluationContext) -> Place:
    """Return the place of a block's first round; None where there is nothing to go through."""
    block, first = context.node.step, context.node.first
    assert isinstance(block, Block)
    assert first is not None
    if not isinstance(block.repeat, ForEach):
        return first, (*context.items, "0")
    names = list(context.things())
    return (first, (*context.items, names[0])) if names else None


def _next_round(turn: Turn, inside: EvaluationContext, block: CompiledStep, outside: Items) -> Place:
    """Return the place of a block's next round, seen from the end of one; None where that was the last."""
    assert isinstance(block.step, Block)
    assert block.first is not None
    item = inside.items[block.depth]
    repeat = block.step.repeat
    if isinstance(repeat, ForEach):
        names = list(EvaluationContext(turn.compiled, turn.state, block, outside).things())
        place = names.index(item) + 1 if item in names else len(names)
        return (block.first, (*outside, names[place])) if place < len(names) else None
    number = int(item) + 1
    if number < repeat.up_to and inside.holds(repeat.while_):
        return block.first, (*outside, str(number))
    return None


def _tell_all(turn: Turn, messages: list[str]) -> None:
    """Send messages in order."""
    for message in messages:
        turn.tell(message)


def _finish(turn: Turn, outcome: Outcome, messages: list[str]) -> None:
    """Send the last messages, and end the conversation."""
    _tell_all(turn, messages)
    turn.end(outcome)


def _do_once(turn: Turn, context: EvaluationContext) -> None:
    """Run a `do` step; on the way back to an open question only if it never ran, as corrections repeat theirs."""
    slot = slot_of(context.node.key, context.items)
    if slot in turn.state.done:
        if turn.state.back_to:
            return
    else:
        turn.change(done=(*turn.state.done, slot))
    _do(turn, context)


def _do(turn: Turn, context: EvaluationContext, *, confirmed: bool | None = None) -> None:
    """Emit the effect of a `do` step, with the values of its fields here.

    `confirmed` says of a commitment whether its author said that it is so; None where the answers tell.
    """
    step = context.node.step
    assert isinstance(step, Do)
    fields = context.results(step.fields)
    match step.effect:
        case EffectName.RECORD_COMMITMENT:
            is_confirmed = _is_confirmed(turn, context) if confirmed is None else confirmed
            slot = slot_of(step.key, context.items)
            _plan(turn, slot, fields.get(_START))
            turn.emit(RecordCommitment(slot, fields, is_confirmed))
        case EffectName.SCHEDULE_WAVES:
            turn.emit(ScheduleWaves())
        case EffectName.INVITE_PARTNER:
            turn.emit(InvitePartner())
        case EffectName.REVISE_COMMITMENT:
            number = _number_of(context, fields, "commitment_id", "id")
            if number is not None:
                turn.emit(ReviseCommitment(number, fields))
        case EffectName.RECORD_IMPLEMENTATION:
            number = _number_of(context, fields, "commitment_id", "id")
            follow_up = _number_of(context, fields, "follow_up_id", "follow_up_id")
            if number is not None and follow_up is not None:
                turn.emit(RecordImplementation(number, follow_up, fields))
        case _:
            assert_never(step.effect)


def _plan(turn: Turn, slot: str, start_on: Any) -> None:
    """Note from what the waves of a commitment count: the day on which it was first recorded, and its start of now."""
    before, start = turn.state.planned.get(slot), start_on if isinstance(start_on, str) else None
    plan = CommitmentPlan(turn.seconds if before is None else before.made_at, start)
    turn.change(planned={**turn.state.planned, slot: plan})


def _number_of(context: EvaluationContext, fields: dict[str, Any], name: str, fact: str) -> int | None:
    """Return an id for an effect: a field that the author wrote, else that of the nearest item around the step.

    None where there is no such id. `name` is the field, which is taken out of `fields`; `fact` is the item's key.
    """
    written = fields.pop(name, None)
    found = (context.item(block) for block in reversed(context.node.blocks))
    value = (
        written
        if written is not None
        else next((item[fact] for item in found if item and fact in item), None)
    )
    return value if isinstance(value, int) else None
