"""Carry out a reply: it answers the open question, or corrects an answer given before."""

from datetime import date
from typing import Final, assert_never

from flows.engine.compiled import Control, slot_of
from flows.engine.effects import (
    CHANGE_OPTION,
    CHOSEN_OPTION,
    PromptKind,
)
from flows.engine.interpretation import (
    Interpretation,
    meaning_of_tap,
    meaning_of_text,
    problem_with_day,
)
from flows.engine.interruptions.change_menu import change_named, choice_read_back, without_no
from flows.engine.interruptions.safety_report import REPORT
from flows.engine.recording import (
    Reply,
    leave_trace,
)
from flows.engine.replies.misses import explain
from flows.engine.replies.picks import finish_picks, toggle
from flows.engine.replies.settling import change_answer, say_day_back, settle, skip, take
from flows.engine.state import JoinedPart
from flows.engine.turn import Turn, Waiting
from flows.i18n.say import Sentence
from flows.parsing.answers import UnreadReply, read_date
from flows.parsing.substance import Substance, says_something, substance_of
from flows.script.model import AskDate, OwnWords, SelectOne


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
    if _answers_what_was_said(turn, waiting, text, message_id):
        return
    meant = meaning_of_text(turn, waiting, text)
    if waiting.shown is not None and (isinstance(meant, UnreadReply) or meant.remark):
        # Whoever replies to a question in the language of before may do so in that of now.
        again = meaning_of_text(turn, turn.waiting(waiting.ask) or waiting, text)
        meant = again if isinstance(meant, UnreadReply) or not isinstance(again, UnreadReply) else meant
    if change_named(turn, waiting, text, meant):
        return
    if _corrects_what_is_read_back(turn, waiting, text, meant, message_id):
        return
    if isinstance(meant, UnreadReply):
        if not _takes_own_words(turn, waiting, text, message_id):
            explain(turn, waiting, meant, text, message_id)
    elif meant.control is not None:
        turn.heard = True
        _use_control(turn, waiting, meant.control, typed=True)
    else:
        reply = Reply(meant.value, text, meant.status, message_id, parts, meant.remark, meant.number)
        take(turn, waiting, meant, reply)


def _answers_what_was_said(turn: Turn, waiting: Waiting, text: str, message_id: str | None) -> bool:
    """Take words that answer what was said before the open question; return whether they did.

    They put a day right that was said back, or give back the thanks for a report.
    """
    if turn.state.said_back and _puts_day_right(turn, waiting, text, message_id):
        return True
    return _thanks_for_report(turn, waiting, text)


def _thanks_for_report(turn: Turn, waiting: Waiting, text: str) -> bool:
    """Return whether words only give back the thanks at the end of a safety report; then the question waits on.

    So the first time that the question which came before the report is answered after it.
    """
    is_after_report = turn.state.asks[-1].slot.startswith(REPORT) and waiting.slot == turn.open_slot
    if (
        not is_after_report
        or turn.state.misses
        or substance_of(text, turn.state.language) is not Substance.THANKS
    ):
        return False
    turn.heard = True
    turn.change(misses=1)
    turn.say(Sentence.INQUIRY_THANKS)
    turn.show_open()
    return True


def _puts_day_right(turn: Turn, waiting: Waiting, text: str, message_id: str | None) -> bool:
    """Take words after a day was said back that name another day ('no, the 6th'); return whether they were taken.

    They must be a day and nothing else, after a no or alone; alone they answer an open question for a day themselves.
    The day is said back once more, also where it is the same.
    """
    asked = turn.waiting(turn.latest(turn.state.said_back))
    words = without_no(text, turn.state.language).lstrip(" ,.;:")
    if asked is None or waiting.slot != turn.open_slot or asked.slot == waiting.slot:
        return False
    is_bare = words == text.lstrip(" ,.;:")
    if words.strip(" .").isdecimal() or (is_bare and isinstance(waiting.context.node.question, AskDate)):
        return False
    meant = meaning_of_text(turn, asked, words)
    if isinstance(meant, UnreadReply):
        if meant.why not in _DAY_REFUSED or is_bare:
            return False
        turn.heard = True
        turn.say(meant.why, **meant.fields)
        turn.show_open()
        return True
    turn.heard = True
    given = turn.state.answers.get(asked.slot)
    if given is not None and given.value == meant.value:
        say_day_back(turn, date.fromisoformat(meant.value))
        turn.show_open()
    else:
        note = meant.note or Sentence.DATE_SAID_BACK
        settle(turn, asked, Reply(meant.value, text, message_id=message_id), note)
    return True


_DAY_REFUSED: Final = frozenset({Sentence.DATE_TOO_EARLY, Sentence.DATE_TOO_LATE, Sentence.DATE_UNCLEAR})
"""Why a day that was read is not taken."""


def _corrects_what_is_read_back(
    turn: Turn, waiting: Waiting, text: str, meant: Interpretation | UnreadReply, message_id: str | None
) -> bool:
    """Take words under a read-back that name the right choice, alone or after a no; return whether they were taken."""
    if isinstance(meant, UnreadReply):
        words = text
    else:
        words = without_no(text, turn.state.language) if meant.value is False and meant.remark else ""
    asked, choice = choice_read_back(turn, waiting, words) if words else (None, None)
    if asked is None or choice is None:
        return False
    take(turn, asked, choice, Reply(choice.value, text, message_id=message_id))
    return True


def answer_plainly(
    turn: Turn, waiting: Waiting, meant: Interpretation, text: str, message_id: str | None
) -> None:
    """Take a reply whose meaning is known, see `plain_meaning`, as the answer to the open question."""
    take(turn, waiting, meant, Reply(meant.value, text, message_id=message_id))


def _takes_own_words(turn: Turn, waiting: Waiting, text: str, message_id: str | None) -> bool:
    """Take words that are no choice as the participant's own, where the script says so; return whether they were taken.

    As if the choice for it was tapped and the words were written then; what was taken is said.
    """
    question = waiting.context.node.question
    if not isinstance(question, SelectOne) or question.own_words is None:
        return False
    own = question.own_words
    if waiting.slot != turn.open_slot:
        return False
    slot = slot_of(own.question, waiting.context.items)
    if isinstance(turn.compiled.questions[own.question].question, AskDate):
        return _takes_a_day(turn, waiting, own, Reply(own.choice, text, message_id=message_id))
    if slot in turn.state.answers or not says_something(text, turn.state.language):
        return False  # written before: to pick once more must not put other words in its place
    settle(turn, waiting, Reply(own.choice, text))
    there = turn.waiting(turn.state.open)
    if there is not None and there.slot == slot:
        turn.effects.pop()  # the message that asks for what has just been said
        turn.say(Sentence.OWN_WORDS, words=text.strip())
        turn.change(asked_by={**turn.state.asked_by, slot: waiting.slot})
        settle(turn, there, Reply(text, text, message_id=message_id))
    return True


def _takes_a_day(turn: Turn, waiting: Waiting, own: OwnWords, reply: Reply) -> bool:
    """Take a day under a question of which one choice asks for a day: 'no, 1 July'; return whether there is one.

    A day that is too early or too late is explained under the question for the day, which is open then. A day that was
    given before is changed to this one.
    """
    words = without_no(reply.raw, turn.state.language)
    if isinstance(read_date(words, turn.state.language, today=turn.today), UnreadReply):
        return False
    slot = slot_of(own.question, waiting.context.items)
    if slot in turn.state.answers and not _changes_day(turn, slot, words, reply):
        return True
    settle(turn, waiting, Reply(own.choice, reply.raw))
    there = turn.waiting(turn.state.open)
    if there is not None and there.slot == slot:
        turn.effects.pop()  # the message that asks for what has just been said
        answer_in_words(turn, there, words, reply.message_id)
    return True


def _changes_day(turn: Turn, slot: str, words: str, reply: Reply) -> bool:
    """Change the day that was given in a slot to the one in these words; return whether it is that now.

    A day that is too early or too late is explained, and the open question put again.
    """
    asked = turn.waiting(turn.latest(slot))
    assert asked is not None  # it was answered
    meant = meaning_of_text(turn, asked, words)
    if isinstance(meant, UnreadReply):
        turn.heard = True
        turn.say(meant.why, **meant.fields)
        turn.show_open()
        return False
    if turn.state.answers[slot].value != meant.value:
        settle(turn, asked, Reply(meant.value, reply.raw, message_id=reply.message_id), meant.note)
        turn.effects.pop()  # the open question, which is answered next
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
        change_answer(turn, waiting)
    elif option == CHOSEN_OPTION:
        turn.hint(Sentence.TAP_CHANGE)
    elif meant is None:
        turn.hint(Sentence.BUTTON_OVER)
    elif meant.control is not None:
        _use_control(turn, waiting, meant.control)
    elif waiting.context.node.kind is PromptKind.SELECT_MANY:
        toggle(turn, waiting, meant.value)
    else:
        take(turn, waiting, meant, Reply(meant.value, waiting.buttons.all[option].label))


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
    finish_picks(turn, waiting, ticked)


def answer_with_day(turn: Turn, waiting: Waiting, day: date) -> None:
    """Take a day from a date picker as the answer; explain where it is too early or too late."""
    problem = problem_with_day(waiting, day, turn.today)
    if _is_asked_no_more(turn, waiting):
        turn.toast(Sentence.ASKED_NO_MORE)
    elif problem is not None:
        turn.toast(problem.why, **problem.fields)
    else:
        meant = Interpretation(day.isoformat())
        take(turn, waiting, meant, Reply(meant.value, meant.value))


def _is_asked_no_more(turn: Turn, waiting: Waiting) -> bool:
    """Return whether an earlier question is about an item that was picked no more: nothing is recorded under it.

    Its text can not be put together any more, so an answer would stand under one that nobody was shown.
    """
    return waiting.slot != turn.open_slot and waiting.context.is_gone()


def _use_control(turn: Turn, waiting: Waiting, control: Control, *, typed: bool = False) -> None:
    """Carry out 'Skip' or 'Done', `typed` or tapped."""
    match control:
        case Control.SKIP:
            skip(turn, waiting)
        case Control.DONE if waiting.slot == turn.open_slot:
            finish_picks(turn, waiting, turn.state.picks, typed=typed)
        case Control.DONE:
            # The picks of an earlier question were kept tick by tick.
            given = turn.state.answers.get(waiting.slot)
            if given is not None and given.value:
                leave_trace(turn, waiting, Reply(given.value, ""))
        case _:
            assert_never(control)
