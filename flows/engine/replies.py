"""Carry out a reply: it answers the open question, or corrects an answer given before."""

from datetime import date
from typing import Final, assert_never

from flows.engine.compiled import PROBE_SUFFIX, Control, read_slot, slot_of
from flows.engine.context import EvaluationContext
from flows.engine.effects import (
    CHANGE_OPTION,
    CHOSEN_OPTION,
    AnswerStatus,
    Outcome,
    PromptKind,
    Refresh,
    SendMessage,
    ShowTrace,
    Trace,
)
from flows.engine.interpretation import (
    Interpretation,
    meaning_of_tap,
    meaning_of_text,
    problem_with_day,
    problem_with_picks,
    says_something,
    toggled,
)
from flows.engine.interruptions.answer_change import ask_before_change, needs_asking, pending_picks
from flows.engine.interruptions.change_menu import ask_what_to_change, change_named
from flows.engine.interruptions.language_menu import switch_to_named
from flows.engine.recording import (
    Reply,
    correct,
    declining,
    forget_addition,
    goes_on_after_all,
    is_thin,
    leave_trace,
    record,
    repeats_what_ended_it,
)
from flows.engine.remarks import keep_remark, keep_rest, say_kept
from flows.engine.state import JoinedPart, is_over
from flows.engine.traversal import after_answer, walk
from flows.engine.turn import Turn, Waiting
from flows.i18n.localized_flow import first_of
from flows.i18n.say import Sentence
from flows.parsing.answers import UnreadReply
from flows.parsing.language_names import language_alone, language_named
from flows.script.model import AskConsent, Confirm, End, SelectOne


def answer_in_words(
    turn: Turn, waiting: Waiting, text: str, message_id: str | None, parts: tuple[JoinedPart, ...] = ()
) -> None:
    """Take words, typed or from a form, as the answer to a question of the script; explain where they are none.

    `message_id` is the platform's, so that a later edit finds the answer; None where there is none. `parts` are the
    messages that the words were joined of; none for a single one.
    """
    if _is_asked_no_more(turn, waiting):
        turn.say(Sentence.ASKED_NO_MORE)
        return
    meant = meaning_of_text(turn, waiting, text)
    if waiting.shown is not None and (isinstance(meant, UnreadReply) or meant.remark):
        # Whoever replies to a question in the language of before may do so in that of now.
        again = meaning_of_text(turn, turn.waiting(waiting.ask) or waiting, text)
        meant = again if isinstance(meant, UnreadReply) or not isinstance(again, UnreadReply) else meant
    if change_named(turn, waiting, text, meant):
        return
    if isinstance(meant, UnreadReply):
        if not _takes_own_words(turn, waiting, text, message_id):
            _not_understood(turn, waiting, meant, text, message_id)
    elif meant.control is not None:
        turn.heard = True
        _use_control(turn, waiting, meant.control, typed=True)
    else:
        reply = Reply(meant.value, text, meant.status, message_id, parts, meant.remark, meant.number)
        _take(turn, waiting, meant, reply)


def answer_plainly(
    turn: Turn, waiting: Waiting, meant: Interpretation, text: str, message_id: str | None
) -> None:
    """Take a reply whose meaning is known, see `plain_meaning`, as the answer to the open question."""
    _take(turn, waiting, meant, Reply(meant.value, text, message_id=message_id))


def _takes_own_words(turn: Turn, waiting: Waiting, text: str, message_id: str | None) -> bool:
    """Take words that are no choice as the participant's own, where the script says so; return whether they were taken.

    As if the choice for it was tapped and the words were written then; what was taken is said.
    """
    question = waiting.context.node.question
    if not isinstance(question, SelectOne) or question.own_words is None:
        return False
    own = question.own_words
    if waiting.slot != turn.open_slot or not says_something(text, turn.state.language):
        return False
    slot = slot_of(own.question, waiting.context.items)
    if slot in turn.state.answers:
        return False  # written before: to pick once more must not put other words in its place
    _settle(turn, waiting, Reply(own.choice, text))
    there = turn.waiting(turn.state.open)
    if there is not None and there.slot == slot:
        turn.effects.pop()  # the message that asks for what has just been said
        turn.say(Sentence.OWN_WORDS, words=text.strip())
        turn.change(asked_by={**turn.state.asked_by, slot: waiting.slot})
        _settle(turn, there, Reply(text, text, message_id=message_id))
    return True


def answer_by_tap(turn: Turn, waiting: Waiting, option: int) -> None:
    """Take a tap on the button at place `option` of a script's question; say so where there is no such button.

    In a select_many it ticks or unticks a choice; 'Skip' and 'Done' are carried out. Under the trace of an answer,
    'Change' puts the question again, and what was chosen says how to change it.
    """
    meant = meaning_of_tap(turn, waiting, option)
    if _is_asked_no_more(turn, waiting):
        turn.toast(Sentence.ASKED_NO_MORE)
    elif option == CHANGE_OPTION:
        _change_answer(turn, waiting)
    elif option == CHOSEN_OPTION:
        turn.hint(Sentence.TAP_CHANGE)
    elif meant is None:
        turn.hint(Sentence.BUTTON_OVER)
    elif meant.control is not None:
        _use_control(turn, waiting, meant.control)
    elif waiting.context.node.kind is PromptKind.SELECT_MANY:
        _toggle(turn, waiting, meant.value)
    else:
        _take(turn, waiting, meant, Reply(meant.value, waiting.buttons.all[option].label))


def answer_with_picks(turn: Turn, waiting: Waiting, options: tuple[int, ...]) -> None:
    """Take all picks of a select_many at once, from checkboxes; explain where they cannot stand.

    `options` are places from 0.
    """
    if _is_asked_no_more(turn, waiting):
        turn.toast(Sentence.ASKED_NO_MORE)
        return
    choice_buttons = waiting.buttons.all
    ticked = tuple(
        button.code
        for place, button in enumerate(choice_buttons)
        if place in options and button.control is None
    )
    _finish_picks(turn, waiting, ticked)


def answer_with_day(turn: Turn, waiting: Waiting, day: date) -> None:
    """Take a day from a date picker as the answer; explain where it is too early or too late."""
    problem = problem_with_day(waiting, day, turn.today)
    if _is_asked_no_more(turn, waiting):
        turn.toast(Sentence.ASKED_NO_MORE)
    elif problem is not None:
        turn.toast(problem.why, **problem.fields)
    else:
        meant = Interpretation(day.isoformat())
        _take(turn, waiting, meant, Reply(meant.value, meant.value))


def _is_asked_no_more(turn: Turn, waiting: Waiting) -> bool:
    """Return whether an earlier question is about an item that was picked no more: nothing is recorded under it.

    Its text can not be put together any more, so an answer would stand under one that nobody was shown.
    """
    return waiting.slot != turn.open_slot and waiting.context.is_gone()


def skip(turn: Turn, waiting: Waiting) -> None:
    """Skip a question and go on; where the question is required, say that it cannot be skipped and send it again.

    A probe can always be skipped.
    """
    question = waiting.context.node.question
    if question is not None and question.required and not waiting.probe:
        turn.say(Sentence.SKIP_NOT_HERE)
        turn.show_open()
        return
    _settle(turn, waiting, Reply(None, "", AnswerStatus.SKIPPED))


def _take(turn: Turn, waiting: Waiting, meant: Interpretation, reply: Reply) -> None:
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
    _settle(turn, waiting, reply, meant.note)


def _wants_a_story(turn: Turn, waiting: Waiting, reply: Reply) -> bool:
    """Ask once more for the story that a required question was not given; return whether that was done.

    Its earlier answer is not replaced by 'nothing'.
    """
    question = waiting.context.node.question
    if question is None or not question.required or waiting.probe:
        return False
    if waiting.slot != turn.open_slot:
        turn.say(Sentence.UNCHANGED)
        return True
    if turn.state.misses:
        return False
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


def _change_answer(turn: Turn, waiting: Waiting) -> None:
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
        turn.emit(ShowTrace(waiting.ask, Trace()))
        turn.emit(SendMessage(turn.prompt(waiting, picks)))
    elif waiting.slot == turn.open_slot:
        turn.hint(Sentence.ASKED_BELOW)
    else:
        turn.change(aside=None, paused=False)
        put_again(turn, waiting.slot)


def _settle(turn: Turn, waiting: Waiting, reply: Reply, note: Sentence | None = None) -> None:
    """Keep an answer and go on: from the open question, or as a correction where the question is an earlier one."""
    if is_over(turn.state) and not turn.consented and not goes_on_after_all(turn, waiting, reply):
        if repeats_what_ended_it(turn, waiting, reply):
            leave_trace(turn, waiting, reply)
        else:
            turn.say(Sentence.CONVERSATION_ENDED)  # without consent nothing of it is kept
        return
    if waiting.slot != turn.open_slot:
        if needs_asking(turn, waiting, reply):
            ask_before_change(turn, waiting, reply)
        else:
            correct(turn, waiting, reply)
        return
    if _asks_after_reopening(turn, waiting, reply):
        return
    forget_addition(turn, waiting)
    record(turn, waiting, reply)
    back_to = tuple(slot for slot in turn.state.back_to if slot != waiting.slot)
    turn.change(misses=0, picks=(), aside=None, paused=False, back_to=back_to)
    if note is not None:
        turn.say(note)
    context = turn.context(waiting.slot)
    if not waiting.probe and is_thin(turn, context) and not _was_probed(turn, context):
        turn.ask_probe(context)
    else:
        walk(turn, after_answer(turn, context))


def _asks_after_reopening(turn: Turn, waiting: Waiting, reply: Reply) -> bool:
    """Ask before the new answer to a question that was put again takes something back; return whether it is asked.

    That is a consent, or the rest of the conversation. The question that the conversation comes back to is open again
    then, so that leaving the answer as it is costs nothing.
    """
    given, waits = turn.state.answers.get(waiting.slot), turn.state.back_to
    returns = next((ask for ask, asked in enumerate(turn.state.asks) if asked.slot in waits), None)
    if given is None or returns is None or turn.state.asks[returns].slot == waiting.slot:
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


def _use_control(turn: Turn, waiting: Waiting, control: Control, *, typed: bool = False) -> None:
    """Carry out 'Skip' or 'Done', `typed` or tapped."""
    match control:
        case Control.SKIP:
            skip(turn, waiting)
        case Control.DONE if waiting.slot == turn.open_slot:
            _finish_picks(turn, waiting, turn.state.picks, typed=typed)
        case Control.DONE:
            # The picks of an earlier question were kept tick by tick.
            given = turn.state.answers.get(waiting.slot)
            if given is not None and given.value:
                leave_trace(turn, waiting, Reply(given.value, ""))
        case _:
            assert_never(control)


def _toggle(turn: Turn, waiting: Waiting, code: str) -> None:
    """Tick or untick. Under an earlier question that corrects its answer at once: Done has been tapped."""
    is_open, before = waiting.slot == turn.open_slot, turn.state.answers.get(waiting.slot)
    ticked = turn.state.picks if is_open else pending_picks(turn, waiting.slot)
    if ticked is None:
        ticked = tuple(before.value or ()) if before is not None else ()
    picks = toggled(waiting, ticked, code)
    problem = problem_with_picks(waiting, picks)
    if problem is not None and not (is_open and problem.why is Sentence.TOO_FEW_PICKS):
        turn.toast(problem.why, **problem.fields)
        return
    if is_open:
        turn.change(picks=picks)
        turn.emit(Refresh(turn.prompt(turn.waiting(waiting.ask) or waiting, picks)))
        return
    count = len(turn.effects)
    turn.unfolded = waiting.slot
    _settle(turn, waiting, _picked(waiting, picks))
    now = turn.state.answers.get(waiting.slot)
    if now is not None and now.value == list(picks):
        turn.effects.insert(count, Refresh(turn.prompt(waiting, picks)))


def _finish_picks(turn: Turn, waiting: Waiting, picks: tuple[str, ...], *, typed: bool = False) -> None:
    """Settle the picks as the answer; explain where they cannot stand.

    The list with its ticks stays as it is, so that nothing is lost; it is sent again only to whoever typed.
    """
    problem = problem_with_picks(waiting, picks)
    if problem is None:
        _settle(turn, waiting, _picked(waiting, picks))
    elif typed:
        turn.say(problem.why, **problem.fields)
        turn.show_open()
    else:
        turn.toast(problem.why, **problem.fields)


def _picked(waiting: Waiting, picks: tuple[str, ...]) -> Reply:
    """Return picks as a reply, with their labels as its words."""
    labels = [button.label for button in waiting.buttons.all if button.code in picks]
    return Reply(list(picks), ", ".join(labels))


def _change(turn: Turn, waiting: Waiting) -> None:
    """Ask what to change after a read-back; after the end say that the conversation has ended."""
    if is_over(turn.state):
        turn.say(Sentence.CONVERSATION_ENDED)
    else:
        ask_what_to_change(turn, waiting)


def _not_understood(
    turn: Turn, waiting: Waiting, unread: UnreadReply, text: str, message_id: str | None
) -> None:
    """Keep words that are no answer as a remark, explain what would do, and ask again; the second time go on.

    Then the question stands without an answer, or with a few words as they are, which may have been meant as one. An
    emoji alone where it is too little to go by is no such time, nor is the edit of a remark. The name of another
    language alone is a wish to be asked in it.
    """
    if _wishes_for_language(turn, waiting, text):
        return
    if message_id is not None:
        turn.change(messages={**turn.state.messages, message_id: waiting.slot})
    is_open = waiting.slot == turn.open_slot
    is_no_miss = unread.why is Sentence.EMOJI_ALONE or message_id in turn.state.remarks
    if is_open and turn.state.misses and not _keeps_asking(turn, waiting) and not is_no_miss:
        _go_on_without_answer(turn, waiting, text, message_id)
        return
    turn.heard = (
        turn.heard or unread.uncertain
    )  # what is asked again was meant as the answer, and is no remark
    kept = not unread.uncertain and keep_remark(turn, text, message_id, waiting)
    if kept:
        say_kept(turn)
    if not is_open:
        turn.say(unread.why, **unread.fields)
        turn.say(Sentence.UNCHANGED)
        return
    waits = bool(turn.state.misses) and isinstance(waiting.context.node.question, AskConsent)
    turn.change(misses=turn.state.misses + (not is_no_miss), aside=None, paused=False)
    if waits and not is_no_miss:
        turn.say(Sentence.CONSENT_WAITS)
    elif kept and unread.why in _TAP_WOULD_DO:
        turn.say(Sentence.NOW_ONE_TAP)
    else:
        turn.say(unread.why, **unread.fields)
    turn.show_open()


_TAP_WOULD_DO: Final = frozenset({Sentence.UNREAD_CHOICE, Sentence.UNREAD_YES_NO, Sentence.UNREAD_SCALE})
"""What is said where one tap is all that is asked for."""


_SHORTEST_STORY: Final = 9
"""Words: fewer may be meant as the answer to a question, such as 'next year in spring or so'."""


def _wishes_for_language(turn: Turn, waiting: Waiting, text: str) -> bool:
    """Go on in another language where its name is all that was written, and it is offered; return whether so."""
    name = language_alone(text) if waiting.slot == turn.open_slot else None
    if name is None or first_of((language_named(name),), turn.languages) in (None, turn.state.language):
        return False
    turn.heard = True
    switch_to_named(turn, name)
    return True


def _go_on_without_answer(turn: Turn, waiting: Waiting, text: str, message_id: str | None) -> None:
    """Leave a question whose replies could not be read: a story is a remark, a few words stand as they are.

    Words at a read-back are a remark, however few: they tell what is not right. It stands as not confirmed.
    """
    if isinstance(waiting.context.node.question, Confirm):
        kept = keep_remark(turn, text, message_id, waiting)
        if kept:
            say_kept(turn)
        turn.say(Sentence.CONFIRM_PASSED)
        _settle(turn, waiting, Reply(None, "" if kept else text, AnswerStatus.UNPARSED, message_id))
        return
    is_story = len(text.split()) >= _SHORTEST_STORY and says_something(text, turn.state.language)
    if is_story and keep_remark(turn, text, message_id, waiting):
        turn.say(Sentence.REMARK_KEPT_GO_ON if turn.consented else Sentence.REMARK_HELD)
        _settle(turn, waiting, Reply(None, "", AnswerStatus.UNPARSED))
        return
    turn.say(Sentence.RAW_KEPT)
    _settle(turn, waiting, Reply(None, text, AnswerStatus.UNPARSED, message_id))


def _keeps_asking(turn: Turn, waiting: Waiting) -> bool:
    """Return whether the question is never passed with words not understood: nobody consents or leaves by accident.

    A read-back is passed, and stands unconfirmed, unless it leads to an end other than the usual one.
    """
    question = waiting.context.node.question
    if isinstance(question, Confirm):
        place = after_answer(turn, waiting.context)
        step = None if place is None else place[0].step
        return isinstance(step, End) and Outcome(step.outcome) is not Outcome.COMPLETED
    return isinstance(question, AskConsent) and question.required
