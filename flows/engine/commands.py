"""Carry out what works at every step: commands that participants type, and events that need no answer."""

from typing import assert_never

from flows.engine.effects import AskFor, RequestKind
from flows.engine.events import MediaKind
from flows.engine.interpretation import is_a_label
from flows.engine.interruptions.language_menu import ask_language
from flows.engine.interruptions.later_menu import ask_when_to_come_back
from flows.engine.interruptions.leave_menu import ask_what_to_leave
from flows.engine.interruptions.zone_menu import ask_zone_before_later, show_zone
from flows.engine.leaving import pause, restart, stop
from flows.engine.recording import is_addition
from flows.engine.replies.settling import put_again, skip
from flows.engine.state import is_over
from flows.engine.turn import Turn, Waiting
from flows.errors import ConversationOver
from flows.i18n.say import Sentence
from flows.parsing.commands import GlobalWord, asks_to_go_on

MEDIA = {
    MediaKind.VOICE: Sentence.MEDIA_VOICE,
    MediaKind.PHOTO: Sentence.MEDIA_PHOTO,
    MediaKind.STICKER: Sentence.MEDIA_STICKER,
    MediaKind.OTHER: Sentence.MEDIA_OTHER,
}


def carry_out(turn: Turn, waiting: Waiting, command: GlobalWord) -> None:  # noqa: PLR0912 - one case a command
    """Carry out a command that a participant typed, such as 'stop'; `waiting` is the script's open question.

    An interruption that is open is closed first, and 'back' does no more than that; 'stop' and 'restart' close it with
    the conversation. 'Skip' comes here only where no interruption is open: an open one takes it for itself.
    """
    was_interrupted = turn.state.aside is not None
    turn.heard, turn.command = True, command
    if command not in (GlobalWord.STOP, GlobalWord.RESTART):
        turn.change(aside=None, paused=False)
    match command:
        case GlobalWord.SKIP:
            skip(turn, waiting)
        case GlobalWord.BACK:
            _back(turn, waiting, only_aside=was_interrupted)
        case GlobalWord.PAUSE:
            pause(turn)
        case GlobalWord.LATER:
            if not ask_zone_before_later(turn):
                ask_when_to_come_back(turn)
        case GlobalWord.STOP:
            stop(turn)
        case GlobalWord.LEAVE:
            ask_what_to_leave(turn, over_aside=was_interrupted)
        case GlobalWord.HELP:
            _help(turn)
        case GlobalWord.LANGUAGE:
            ask_language(turn)
        case GlobalWord.TIME_ZONE:
            show_zone(turn)
        case GlobalWord.RESTART:
            restart(turn)
        case (
            GlobalWord.HUMAN
            | GlobalWord.MY_DATA
            | GlobalWord.DELETE_MY_DATA
            | GlobalWord.LINK
            | GlobalWord.MY_CHOICES
            | GlobalWord.NO_CONTACT
            | GlobalWord.NOT_MY_WORDS
        ):
            turn.emit(AskFor(RequestKind(command.value)))
        case _:
            assert_never(command)


def ask_for_words(turn: Turn, kind: MediaKind) -> None:
    """Ask for words instead of what was sent, in the sentence for its kind: voice, photo, sticker or other.

    Raises:
        ConversationOver: The conversation has ended.
    """
    _refuse_if_over(turn)
    turn.say(MEDIA[kind])


def tell_of_reactions(turn: Turn) -> None:
    """Say, once in a conversation, that an emoji put on the open question is no answer, and how to answer."""
    if turn.state.told_of_reactions or is_over(turn.state):
        return
    turn.change(told_of_reactions=True)
    turn.say(Sentence.REACTION_NO_ANSWER)


def remind(turn: Turn) -> None:
    """Say that this is a reminder, and send the open question once more; an open interruption is closed.

    Whoever has answered is not told that they may not have seen it, but that their answers are kept.

    Raises:
        ConversationOver: The conversation has ended.
    """
    _refuse_if_over(turn)
    turn.change(aside=None)
    turn.say(Sentence.REMINDER_BEGUN if _has_answered(turn) else Sentence.REMINDER)
    turn.show_open()


def _has_answered(turn: Turn) -> bool:
    """Return whether a counted question was answered, and its answer is recorded."""
    if not turn.consented:
        return False
    questions = (turn.compiled.asked_in(slot).question for slot in turn.state.answers)
    return any(question is not None and question.counted for question in questions)


def resume(turn: Turn) -> None:
    """Welcome the participant back after a pause, and send the open question; an open interruption is closed.

    Raises:
        ConversationOver: The conversation has ended.
    """
    _refuse_if_over(turn)
    turn.change(aside=None, paused=False)
    turn.say(Sentence.WELCOME_BACK)
    turn.show_open()


def goes_on(turn: Turn, waiting: Waiting, text: str) -> bool:
    """Show the open question to whoever paused and says no more than that they are back; return whether they do."""
    state = turn.state
    waits = state.paused and state.aside is None and state.care is None
    if not waits or is_a_label(waiting, text) or not asks_to_go_on(text, state.language):
        return False
    turn.heard = True
    resume(turn)
    return True


def _back(turn: Turn, waiting: Waiting, *, only_aside: bool) -> None:
    """Put the question before the open one; the conversation comes back to the open one afterwards.

    `only_aside`: an interruption was open; the question before it is the open one.
    """
    if only_aside:
        turn.show_open()
        return
    slot = _before(turn, waiting)
    if slot is None:
        turn.say(Sentence.NOTHING_BEFORE)
        turn.show_open()
        return
    put_again(turn, slot)


def _before(turn: Turn, waiting: Waiting) -> str | None:
    """Return the slot of the answered question that was first put just before this one; None where there is none."""
    answers = turn.state.answers
    found = None
    for asked in turn.state.asks:
        if asked.slot == waiting.slot:
            break
        if asked.slot in answers and not is_addition(turn, asked.slot):
            found = asked.slot
    return found


def _help(turn: Turn) -> None:
    """Explain the commands, name the program's contact, and show the open question again."""
    program = turn.state.facts.get("program") or {}
    turn.say(Sentence.HELP, contact=program.get("contact", "…"))
    turn.show_open()


def _refuse_if_over(turn: Turn) -> None:
    """Raise `ConversationOver` if the conversation has ended."""
    if is_over(turn.state):
        raise ConversationOver("the conversation has ended")
