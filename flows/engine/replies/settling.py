"""Settle a reply whose meaning is known: keep it and go on, correct an earlier answer, or put a question again."""

from collections.abc import Callable
from datetime import date

from flows.engine.compiled import PROBE_SUFFIX, read_slot, slot_of
from flows.engine.context import EvaluationContext
from flows.engine.effects import (
    AnswerStatus,
    PromptKind,
    SendMessage,
    ShowTrace,
    Trace,
)
from flows.engine.interpretation import (
    Interpretation,
)
from flows.engine.interruptions.answer_change import ask_before_change, needs_asking
from flows.engine.interruptions.change_menu import ask_what_to_change
from flows.engine.recording import (
    Reply,
    declining,
    forget_addition,
    is_thin,
    leave_trace,
    record,
)
from flows.engine.remarks import keep_rest
from flows.engine.replies.correcting import correct, goes_on_after_all, repeats_what_ended_it
from flows.engine.state import is_over, without
from flows.engine.traversal import after_answer, walk
from flows.engine.turn import Turn, Waiting
from flows.i18n.say import Sentence
from flows.text.templates import day_with_weekday


def skip(turn: Turn, waiting: Waiting) -> None:
    """Skip a question and go on; where the question is required, say that it cannot be skipped and send it again.

    A probe can always be skipped.
    """
    question = waiting.context.node.question
    if question is not None and question.required and not waiting.probe:
        turn.say(Sentence.SKIP_NOT_HERE)
        turn.show_open()
        return
    settle(turn, waiting, Reply(None, "", AnswerStatus.SKIPPED))


def take(turn: Turn, waiting: Waiting, meant: Interpretation, reply: Reply) -> None:
    """Settle an answer; a no to a read-back is kept nowhere, and leads to a change.

    Where a required question is given no story it is put once more.
    """
    turn.heard = True
    if reply.status.tells_nothing and _wants_a_story(turn, waiting, reply):
        return
    if meant.value is False and waiting.context.node.kind is PromptKind.CONFIRM:
        if reply.remark and not is_over(turn.state):
            keep_rest(turn, waiting, reply.remark, reply.message_id)
        _change(turn, waiting)
        return
    settle(turn, waiting, reply, meant.note)


def _wants_a_story(turn: Turn, waiting: Waiting, reply: Reply) -> bool:
    """Ask once more for the story that a required question was not given; return whether that was done.

    Its earlier answer is not replaced by 'nothing'.
    """
    question = waiting.context.node.question
    if question is None or not question.required or waiting.probe:
        return False
    is_open = waiting.slot == turn.open_slot
    if is_open and turn.state.misses:
        return False
    if reply.remark:
        keep_rest(turn, waiting, reply.remark, reply.message_id)
    if not is_open:
        turn.say(Sentence.UNCHANGED)
        return True
    if reply.message_id is not None:
        turn.change(messages={**turn.state.messages, reply.message_id: waiting.slot})
    turn.change(misses=1, aside=None, paused=False)
    turn.say(Sentence.STORY_WANTED)
    turn.show_open()
    return True


def put_again(turn: Turn, slot: str) -> None:
    """Put the question of a slot again, in place of the open one; the conversation comes back to that afterwards.

    Not to one that was itself put again only to be changed: that shows its answer as it stands.
    """
    left, back_to = turn.waiting(turn.state.open), turn.state.back_to
    given = None if left is None else turn.state.answers.get(left.slot)
    if left is not None and (not back_to or given is None):
        turn.change(back_to=tuple(dict.fromkeys((*back_to, left.slot))))
    elif left is not None and given is not None:
        leave_trace(turn, left, Reply(given.value, "", given.status))
    key, items = read_slot(slot)
    context = turn.context(slot)
    if context.node.key == key:
        turn.ask(context.node, items)
    else:
        turn.ask_probe(context)


def change_answer(turn: Turn, waiting: Waiting) -> None:
    """Put a question again whose answer is to be changed; after the end show it as it was, so that a tap corrects it.

    Nothing is done where it is open already.
    """
    if is_over(turn.state):
        if not turn.consented and declining(turn, waiting) is None:
            turn.say(Sentence.CONVERSATION_ENDED)  # without consent nothing of it was kept
            return
        given = turn.state.answers.get(waiting.slot)
        picks = tuple(given.value) if given is not None and isinstance(given.value, list) else ()
        if waiting.ask in turn.state.put_again:
            turn.hint(Sentence.ASKED_BELOW)
            return
        turn.change(put_again=(*turn.state.put_again, waiting.ask))
        if waiting.shown is None:
            turn.change(written_under=without(turn.state.written_under, waiting.slot))
        turn.emit(ShowTrace(waiting.ask, Trace()))
        turn.emit(SendMessage(turn.prompt(waiting, picks)))
    elif waiting.slot == turn.open_slot:
        turn.hint(Sentence.ASKED_BELOW)
    else:
        turn.change(aside=None, paused=False)
        put_again(turn, waiting.slot)


def settle(turn: Turn, waiting: Waiting, reply: Reply, note: Sentence | None = None) -> None:
    """Keep an answer and go on: from the open question, or as a correction where the question is an earlier one."""
    if is_over(turn.state) and not turn.consented and not goes_on_after_all(turn, waiting, reply):
        if repeats_what_ended_it(turn, waiting, reply):
            leave_trace(turn, waiting, reply)
        else:  # without consent nothing of it is kept
            is_in_words = waiting.context.node.kind is PromptKind.TEXT
            turn.say(Sentence.NOT_KEPT if is_in_words else Sentence.CONVERSATION_ENDED)
        return
    if waiting.slot != turn.open_slot:
        if needs_asking(turn, waiting, reply):
            ask_before_change(turn, waiting, reply)
        else:
            correct(turn, waiting, reply, _announcing(waiting, reply, note))
        return
    if _asks_after_reopening(turn, waiting, reply):
        return
    forget_addition(turn, waiting)
    record(turn, waiting, reply)
    _settled(turn, waiting.slot)
    _go_on(turn, waiting, reply, note)


def _settled(turn: Turn, slot: str) -> None:
    """Note that the question of a slot waits no more; most often nothing had been noted of how it waited."""
    state = turn.state
    if state.misses or state.picks or state.aside is not None or state.paused or state.back_to:
        back_to = tuple(waits for waits in state.back_to if waits != slot)
        turn.change(misses=0, picks=(), aside=None, paused=False, back_to=back_to)


def _go_on(turn: Turn, waiting: Waiting, reply: Reply, note: Sentence | None) -> None:
    """Say what there is to say to a reply that was kept, and put what comes next: its probe, or the next question."""
    said = len(turn.effects)
    _say_note(turn, waiting, reply, note)
    context = turn.context(waiting.slot)
    if not waiting.probe and is_thin(turn, context) and not _was_probed(turn, context):
        turn.ask_probe(context)
        return
    walk(turn, after_answer(turn, context))
    if note is not None and waiting.probe and reply.status.tells_nothing and _script_speaks(turn, said + 1):
        del turn.effects[said]  # the script acknowledges the answer that stands: one kind line is enough


def _say_note(turn: Turn, waiting: Waiting, reply: Reply, note: Sentence | None) -> None:
    """Say a note on an answer, if any. A day that is said back may be put right in words until the next answer."""
    is_day = note is Sentence.DATE_SAID_BACK
    if is_day or turn.state.said_back:
        turn.change(said_back=waiting.slot if is_day else "")
    if is_day:
        say_day_back(turn, date.fromisoformat(reply.value))
    elif note is not None:
        turn.say(note)


def say_day_back(turn: Turn, day: date) -> None:
    """Say which day a typed one was taken for, with its weekday, and that another may be written."""
    turn.say(Sentence.DATE_SAID_BACK, day=day_with_weekday(day, turn.state.language))


def _announcing(waiting: Waiting, reply: Reply, note: Sentence | None) -> Callable[[Turn], None] | None:
    """Return what says the day of a correction back in place of the plain sentence; None where none must be."""
    if note is not Sentence.DATE_SAID_BACK:
        return None
    return lambda turn: _say_note(turn, waiting, reply, note)


def _script_speaks(turn: Turn, since: int) -> bool:
    """Return whether the first message among the effects from a place on asks nothing, and is no farewell."""
    following = next((one for one in turn.effects[since:] if isinstance(one, SendMessage)), None)
    return following is not None and following.prompt.ask is None and not is_over(turn.state)


def _asks_after_reopening(turn: Turn, waiting: Waiting, reply: Reply) -> bool:
    """Ask before the new answer to a question that was put again takes something back; return whether it is asked.

    That is a consent, or the rest of the conversation. The question that the conversation comes back to is open again
    then, so that leaving the answer as it is costs nothing.
    """
    given, waits = turn.state.answers.get(waiting.slot), turn.state.back_to
    if given is None or not waits:
        return False
    returns = next((ask for ask, asked in enumerate(turn.state.asks) if asked.slot in waits), None)
    if returns is None or turn.state.asks[returns].slot == waiting.slot:
        return False
    open_before, slot = turn.state.open, turn.state.asks[returns].slot
    turn.change(open=turn.latest(slot))
    if not needs_asking(turn, waiting, reply):
        turn.change(open=open_before)
        return False
    turn.change(back_to=tuple(one for one in waits if one != slot), misses=0, picks=(), paused=False)
    leave_trace(turn, waiting, Reply(given.value, "", given.status))
    ask_before_change(turn, waiting, reply)
    return True


def _was_probed(turn: Turn, context: EvaluationContext) -> bool:
    """Return whether the probe of the question was put before: it is put once."""
    slot = slot_of(context.node.key + PROBE_SUFFIX, context.items)
    return any(asked.slot == slot for asked in turn.state.asks)


def _change(turn: Turn, waiting: Waiting) -> None:
    """Ask what to change after a read-back; after the end say that the conversation has ended."""
    if is_over(turn.state):
        turn.say(Sentence.CONVERSATION_ENDED)
    else:
        ask_what_to_change(turn, waiting)
