"""Keep an answer, and the text under which it was given.

Theory. An answer is kept under the text that its author was shown. Some are recorded anew without being asked again:
words about a pick follow it, a probe adds words, words that came too early are joined. By then the question may read
otherwise, for it quotes an answer that was changed, or the conversation goes on in another language. So whenever that
happens, the text and language under which own words were written are kept in the state (`written_under`) until their
question is shown again.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from flows.engine.compiled import (
    AGREE,
    DECLINE,
    PROBE_SUFFIX,
    CompiledStep,
    compile_flow,
    read_slot,
    slot_of,
)
from flows.engine.context import EvaluationContext
from flows.engine.effects import (
    AnswerStatus,
    OpenCase,
    PromptKind,
    RecordAnswer,
    RecordConsent,
    ShowTrace,
    TellTeam,
    Trace,
)
from flows.engine.events import ShownQuestion
from flows.engine.remarks import is_uncertain, keep_rest, say_lost, take_remark
from flows.engine.state import AskedText, GivenAnswer, JoinedPart, is_over, joined_words_of, without
from flows.engine.traversal import do_again
from flows.engine.turn import Turn, Waiting, declining_answer
from flows.i18n.localized_flow import LocalizedFlow
from flows.i18n.say import Sentence, say, written_out
from flows.parsing.substance import is_no_story
from flows.script.model import AskConsent, AskText
from flows.script.reconsent import origin_of, source_of


class Reply(NamedTuple):
    """Hold what a participant answered: the value as JSON, and their words (of a tap, the button's)."""

    value: Any
    raw: str
    status: AnswerStatus = AnswerStatus.ANSWERED
    message_id: str | None = None
    parts: tuple[JoinedPart, ...] = ()
    """The messages that the words were joined of; none for a single one."""
    remark: str = ""
    """Words that tell more than the choice that was read out of them; '' for none."""
    number: int | None = None
    """The number that was typed, where the value is its band."""


def record(turn: Turn, waiting: Waiting, reply: Reply) -> bool:
    """Keep an answer in the state and have it recorded; return False, and record nothing, if the slot holds the same.

    Effects that used an earlier answer are emitted again with the new one. Before the consent to take part the record
    is held back in the state. The team is told of picks that the author marked for it. The question is shown with what
    was chosen.
    """
    turn.heard = True
    take_remark(turn, reply.message_id, waiting.slot)
    if reply.remark:
        _keep_rest(turn, waiting, reply)
    if waiting.slot != turn.unfolded:
        leave_trace(turn, waiting, reply)
    _keep_parts(turn, waiting.slot, reply)
    same_number = _keep_number(turn, waiting, reply)
    state = turn.state
    given, before = GivenAnswer(reply.value, reply.status), state.answers.get(waiting.slot)
    if reply.message_id is not None:
        turn.change(messages={**state.messages, reply.message_id: waiting.slot})
    _keep_if_typed(turn, waiting, reply)
    if before == given and same_number and reply.status is not AnswerStatus.UNPARSED:
        return False
    _put(turn, waiting, reply, before)
    return True


def _put(turn: Turn, waiting: Waiting, reply: Reply, before: GivenAnswer | None) -> None:
    """Put an answer into its slot in place of what was there, and do what comes of that; see `record`."""
    stood, about = ({}, {}) if before is None else (_texts_of_words(turn), _words_about(turn, waiting))
    state, node, items = turn.state, waiting.context.node, waiting.context.items
    given, decides = GivenAnswer(reply.value, reply.status), node.key in turn.compiled.deciding
    turn.change(answers={**state.answers, waiting.slot: given}, counted=None if decides else state.counted)
    adds = waiting.probe and _joins(waiting)
    if turn.at_risk or state.risky:
        _mark(turn, slot_of(node.key, items) if adds else waiting.slot, adds=adds)
    _emit_effects(turn, waiting, reply, before, adds=adds)
    if before is not None:
        _keep_texts(turn, stood)
        _follow_pick(turn, about)
    if before is not None or adds:
        do_again(turn, node.key, items)


def _keep_if_typed(turn: Turn, waiting: Waiting, reply: Reply) -> None:
    """Note whether a choice was understood from words: it was no tap, no label as it stands, and no place in the list.

    What was skipped, or could not be understood, holds no choice to read back. Only where a read-back asks for it.
    """
    if waiting.context.node.key not in turn.compiled.typed_matters:
        return
    said, codes = (
        reply.raw.strip().casefold(),
        reply.value if isinstance(reply.value, list) else [reply.value],
    )
    labels = [one.label.casefold() for one in waiting.buttons.all if one.code in map(str, codes)]
    typed = reply.value is not None and not said.isdecimal() and said not in {*labels, ", ".join(labels)}
    others = tuple(slot for slot in turn.state.typed if slot != waiting.slot)
    turn.change(typed=(*others, waiting.slot) if typed else others)


def _keep_number(turn: Turn, waiting: Waiting, reply: Reply) -> bool:
    """Keep a number beside the answer, where the script says so; return whether it is as before.

    It is the number that was typed for a band, and a reply without one takes the place of the one before: a tap names a
    band and no number. Of choices in rotated order it is the place of the first.
    """
    key, (_, items) = waiting.context.node.keeps, read_slot(waiting.slot)
    if key is None or waiting.probe:
        return True
    slot = slot_of(key, items)
    before = turn.state.answers.get(slot)
    first = waiting.context.first_place()
    number, raw = (reply.number, reply.raw) if first is None else (first, "")
    if number == (None if before is None else before.value):
        return True
    status = AnswerStatus.SKIPPED if number is None else AnswerStatus.ANSWERED
    turn.change(answers={**turn.state.answers, slot: GivenAnswer(number, status)})
    _emit(turn, waiting, slot, Reply(number, "" if number is None else raw, status), before)
    return False


def kept_number(turn: Turn, waiting: Waiting) -> int | None:
    """Return the number that is kept beside the band of a question; None where none is, or the question keeps none."""
    key, (_, items) = waiting.context.node.keeps, read_slot(waiting.slot)
    given = None if key is None or waiting.probe else turn.state.answers.get(slot_of(key, items))
    return None if given is None else given.value


def leave_trace(turn: Turn, waiting: Waiting, reply: Reply) -> None:
    """Have a question show what was chosen, where it was put last; where it stood before it loses its buttons."""
    latest, now = turn.latest(waiting.slot), waiting
    if waiting.shown is not None:
        now = turn.waiting(waiting.ask) or waiting
    assert latest is not None
    turn.emit(ShowTrace(latest, Trace(_chosen(turn, now, reply), True, turn.state.language)))
    if waiting.ask in turn.state.put_again:
        turn.change(put_again=tuple(ask for ask in turn.state.put_again if ask != waiting.ask))
    if latest != waiting.ask:
        turn.emit(ShowTrace(waiting.ask, Trace()))


def _chosen(turn: Turn, waiting: Waiting, reply: Reply) -> tuple[str, ...]:
    """Return the labels of what a reply chose, a day or a number as it is written; nothing for words of their own."""
    value, kind, language = reply.value, waiting.context.node.kind, turn.state.language
    if reply.status is AnswerStatus.SKIPPED:
        return (say(Sentence.BUTTON_SKIP, language),)
    if value is None or waiting.probe:
        return ()
    if kind is PromptKind.DATE:
        return (written_out(date.fromisoformat(value), language),)
    codes = value if isinstance(value, list) else [_code_of(value)]
    labels = tuple(button.label for button in waiting.buttons.all if button.code in codes)
    if not labels and kind in (PromptKind.NUMBER, PromptKind.SCALE):
        return (written_out(value, language),)
    return labels


def _code_of(value: object) -> str:
    """Return the code of the button whose value an answer holds."""
    if isinstance(value, bool):
        return AGREE if value else DECLINE
    return str(value)


def _keep_parts(turn: Turn, slot: str, reply: Reply) -> None:
    """Keep of which messages an answer was joined, as long as the answer is what they make up together."""
    before = turn.state.joined.get(slot, ())
    if not (parts := reply.parts or before):
        return
    now = parts if joined_words_of(parts) == reply.value else ()
    if now != before:
        others = {name: kept for name, kept in turn.state.joined.items() if name != slot}
        turn.change(joined={**others, slot: now} if now else others)


def _emit_effects(
    turn: Turn, waiting: Waiting, reply: Reply, before: GivenAnswer | None, *, adds: bool
) -> None:
    """Have an answer recorded, and the team told of it; a probe that adds nothing is not recorded."""
    is_answered = reply.status is AnswerStatus.ANSWERED
    if before is not None or not adds or is_answered:
        _emit_answer(turn, waiting, reply, before)
    if is_answered and turn.consented:
        _tell_team(turn, waiting, reply.value, () if before is None else before.value)
        _open_case(turn, waiting, reply.value, before)


def _mark(turn: Turn, slot: str, *, adds: bool) -> None:
    """Note whether a slot holds words that halted the script; harmless words in their place end that.

    Not words that are added to them, nor a change of one part of several: the others may be those that halted it.
    """
    others = tuple(risky for risky in turn.state.risky if risky != slot)
    stays = turn.at_risk or ((adds or slot in turn.state.joined) and slot in turn.state.risky)
    turn.change(risky=(*others, slot) if stays else others, counted=None)


def _tell_team(turn: Turn, waiting: Waiting, value: Any, before: Any) -> None:
    """Have the team told of new picks that the author marked for it."""
    for code in () if waiting.probe else waiting.context.node.alerting:
        if _is_picked(code, value) and not _is_picked(code, before):
            turn.emit(TellTeam(waiting.context.node.key, code))


def _open_case(turn: Turn, waiting: Waiting, value: Any, before: GivenAnswer | None) -> None:
    """Have a case opened by an answer of which the author said so, where it is another than before.

    Not by words that tell nothing: 'nothing', 'I do not know'.
    """
    node, earlier = waiting.context.node, None if before is None else before.value
    if waiting.probe or value == earlier:
        return
    if isinstance(node.question, AskText) and node.question.opens_case:
        if not is_no_story(value, turn.state.language):
            turn.emit(OpenCase(waiting.slot, value))
    elif any(_is_picked(code, value) for code in node.opening):
        turn.emit(OpenCase(waiting.slot))


def _is_picked(code: str, value: Any) -> bool:
    """Return whether an answer is a code, or contains it."""
    return code in value if isinstance(value, list | tuple) else code == value


def declining(turn: Turn, waiting: Waiting) -> Any:
    """Return the answer to a question with which somebody declines to take part; None where it has no such answer.

    That is the no to a consent to take part, and a choice that leads to the end of those who declined.
    """
    return declining_answer(turn.compiled, waiting.context.node)


def _keep_rest(turn: Turn, waiting: Waiting, reply: Reply) -> None:
    """Keep what a reply tells besides; nothing of one with which somebody declines to take part, and say so."""
    if reply.value is not None and reply.value == declining(turn, waiting):
        say_lost(turn, reply.remark)
    else:
        keep_rest(turn, waiting, reply.remark, reply.message_id)


def is_thin(turn: Turn, context: EvaluationContext) -> bool:
    """Return whether the answer to the question at `context` is thin by the script's rule, so that its probe is due.

    Never for a choice that was picked, nor where the question has no probe.
    """
    probe, given = context.node.probe, turn.state.answers.get(slot_of(context.node.key, context.items))
    words = given.value if given is not None else None
    if probe is None or not isinstance(words, str) or words in context.labels(context.node):
        return False
    return context.holds_of_answer(probe.when)


def forget_addition(turn: Turn, waiting: Waiting) -> None:
    """Drop the words that a probe added to an answer, now that the answer is given again as a whole."""
    more = slot_of(waiting.context.node.key + PROBE_SUFFIX, waiting.context.items)
    if _joins(waiting) and not waiting.probe and more in turn.state.answers:
        turn.change(answers={slot: given for slot, given in turn.state.answers.items() if slot != more})


def is_addition(turn: Turn, slot: str) -> bool:
    """Return whether a slot only adds to another's answer."""
    if slot.startswith("@"):
        return False
    context = turn.context(slot)
    probe = context.node.probe
    return probe is not None and probe.joins == "append" and context.node.key != read_slot(slot)[0]


def was_dropped(turn: Turn, slot: str) -> bool:
    """Return whether a slot added to an answer that holds nothing of it now: see `forget_addition`."""
    return slot not in turn.state.answers and slot != turn.open_slot and is_addition(turn, slot)


def _joins(waiting: Waiting) -> bool:
    """Return whether the words of a probe are added to those of its question."""
    probe = waiting.context.node.probe
    return probe is not None and probe.joins == "append"


def _emit_answer(turn: Turn, waiting: Waiting, reply: Reply, before: GivenAnswer | None) -> None:
    """Have an answer recorded in its own slot, or as a whole with what its probe adds."""
    if not _joins(waiting) and _kept_pick(waiting.context.node) is None:
        _emit(turn, waiting, waiting.slot, reply, before)
        return
    there = turn.waiting(waiting.ask, waiting.shown)
    assert there is not None
    context = there.context
    slot, whole = slot_of(context.node.key, context.items), context.answer(context.node)
    if whole != reply.value:
        reply = Reply(whole, whole if _joins(waiting) and context.has_addition() else reply.raw)
    _emit(turn, waiting, slot, reply, before)


def _kept_pick(node: CompiledStep) -> str | None:
    """Return the key of the question whose pick a text question keeps; None for any other."""
    keeps = node.question.keeps_pick if isinstance(node.question, AskText) else None
    return None if keeps is None else keeps.question


def _words_about(turn: Turn, waiting: Waiting) -> dict[str, Any]:
    """Return what is kept of own words about the pick of a question, by slot: the label of the pick stands in it."""
    key, items, nodes = waiting.context.node.key, waiting.context.items, turn.compiled.questions.values()
    slots = {slot_of(node.key, items) for node in nodes if _kept_pick(node) == key}
    return {slot: _whole_words(turn, slot)[1] for slot in slots & turn.state.answers.keys()}


def _whole_words(turn: Turn, slot: str) -> tuple[Waiting, Any]:
    """Return the question under which words about a pick were written, and what is kept of them."""
    kept = turn.state.written_under.get(slot)
    there = turn.waiting(turn.latest(slot), None if kept is None else ShownQuestion(kept.language, kept.text))
    assert there is not None
    return there, there.context.answer(there.context.node)


def _follow_pick(turn: Turn, about: Mapping[str, Any]) -> None:
    """Have words about a pick (`about`, as they were kept) follow it: recorded anew, or dropped where they kept it."""
    for slot, before in about.items():
        (there, whole), given = _whole_words(turn, slot), turn.state.answers[slot]
        if whole is None and not is_over(turn.state):
            turn.change(answers={name: kept for name, kept in turn.state.answers.items() if name != slot})
        elif whole is not None and whole != before:
            _emit_answer(turn, there, Reply(given.value, whole), given)


def _emit(turn: Turn, waiting: Waiting, slot: str, reply: Reply, before: GivenAnswer | None) -> None:
    """Have an answer recorded in a slot, and the decision where the question asks for a consent."""
    context, (key, items) = waiting.context, read_slot(slot)
    question = context.node.question
    assert question is not None
    is_probe = key == context.node.key + PROBE_SUFFIX
    if waiting.shown is not None and waiting.shown.text is not None and is_probe == waiting.probe:
        asked = AskedText(waiting.shown.text, waiting.language)
    elif is_probe:
        asked = AskedText(context.probe_text(), waiting.language)
    else:
        asked = _asked_text(turn, context, slot)
    turn.keep(
        RecordAnswer(
            slot=slot,
            question_key=key,
            item=items[-1] if items else "",
            kind=PromptKind.NUMBER if key == context.node.keeps else context.node.kind,
            value=reply.value,
            raw=reply.raw,
            status=reply.status,
            shown_text=asked.text,
            language=asked.language,
            asked_at=datetime.fromtimestamp(turn.state.asks[waiting.ask].at, UTC),
            corrects=before is not None or slot in turn.state.recorded or (waiting.probe and _joins(waiting)),
            personal=question.personal,
            uncertain=key == context.node.key and is_uncertain(waiting, reply.raw, reply.value, reply.status),
        )
    )
    if isinstance(question, AskConsent) and reply.status is AnswerStatus.ANSWERED:
        _emit_consent(turn, waiting, question, before, granted=reply.value is True)


def _asked_text(turn: Turn, context: EvaluationContext, slot: str) -> AskedText:
    """Return the text under which the answer in a slot is kept, whose question is at `context`.

    That under which its words were written, where it was kept, and that of another question where the answer was given
    in own words under that one. Else that of now, in the language of `context`.
    """
    kept, under = turn.state.written_under.get(slot), turn.state.asked_by.get(slot)
    if kept is not None:
        return kept
    if under is not None:
        node = context.compiled.asked_in(under)
        context = EvaluationContext(context.compiled, context.state, node, read_slot(under)[1])
    return AskedText(context.asked_text(), context.state.language)


def _texts_of_words(turn: Turn) -> dict[str, AskedText]:
    """Return the text under which each answer in own words stands, by slot."""
    questions = turn.compiled.questions
    nodes = {slot: questions.get(read_slot(slot)[0]) for slot in turn.state.answers}
    words = [slot for slot, node in nodes.items() if node is not None and isinstance(node.question, AskText)]
    return {slot: _asked_text(turn, turn.context(slot), slot) for slot in words}


def _keep_texts(turn: Turn, stood: Mapping[str, AskedText]) -> None:
    """Keep the texts under which own words were written (`stood`), where their questions read otherwise now."""
    now = _texts_of_words(turn)
    others = {slot: text for slot, text in stood.items() if slot in now and now[slot] != text}
    if others:
        turn.change(written_under={**turn.state.written_under, **others})


def speak(turn: Turn, language: str) -> None:
    """Go on in another language that the flow has; what was written in that of before stays under its text."""
    stood = _texts_of_words(turn)
    turn.set_language(language)
    _keep_texts(turn, stood)


def tell_again(turn: Turn, waiting: Waiting) -> None:
    """Say the question again whose probe is `waiting`: what is added to its answer is kept under its text of now."""
    slot = slot_of(waiting.context.node.key, waiting.context.items)
    turn.change(written_under=without(turn.state.written_under, slot))
    turn.tell(_asked_text(turn, waiting.context, slot).text)


def _emit_consent(
    turn: Turn, waiting: Waiting, question: AskConsent, before: GivenAnswer | None, *, granted: bool
) -> None:
    """Have a decision recorded, with the hash of the text as its author wrote it, whatever the language shown.

    Where a message showed other words than the script has now, the hash is of those: what is asked now was not decided.
    """
    localized = turn.localized or LocalizedFlow(turn.compiled.flow)
    written, facts = localized.flow, localized.written(turn.state.facts, turn.state.language)
    step = compile_flow(written).nodes[question.key].step
    assert isinstance(step, AskConsent)
    source = source_of(step.text, facts.get("program") or {}, written.language)
    if waiting.shown is not None and waiting.text != waiting.scripted_text:
        source = source_of(waiting.text, {}, written.language)
    was_granted = before is not None and before.value is True
    turn.emit(
        RecordConsent(
            question.purpose,
            granted,
            waiting.text,
            waiting.language,
            flow=origin_of(step, written.flow)[0],
            source=source,
            takes_back=not granted and (was_granted or step.renews is not None),
            gives_again=granted and before is not None,
        )
    )
