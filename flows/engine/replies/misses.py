"""Say what would do where words are no answer: they are kept as a remark, and after the second time it goes on."""

from typing import Final

from flows.engine.effects import (
    AnswerStatus,
    Outcome,
)
from flows.engine.interruptions.language_menu import switch_to_named
from flows.engine.recording import (
    Reply,
)
from flows.engine.remarks import keep_remark, keep_rest, say_kept
from flows.engine.replies.settling import settle
from flows.engine.traversal import after_answer
from flows.engine.turn import Turn, Waiting
from flows.i18n.localized_flow import first_of
from flows.i18n.say import Sentence
from flows.parsing.answers import UnreadReply
from flows.parsing.language_names import language_alone, language_named
from flows.parsing.substance import says_something
from flows.script.model import AskConsent, Confirm, End


def explain(turn: Turn, waiting: Waiting, unread: UnreadReply, text: str, message_id: str | None) -> None:
    """Keep words that are no answer as a remark, explain what would do, and ask again; the second time go on.

    Then the question stands without an answer, or with a few words as they are, which may have been meant as one. An
    emoji alone where it is too little to go by is no such time, nor are half a yes and the edit of a remark. The name
    of another language alone is a wish to be asked in it.
    """
    if _wishes_for_language(turn, waiting, text):
        return
    if message_id is not None:
        turn.change(messages={**turn.state.messages, message_id: waiting.slot})
    is_open = waiting.slot == turn.open_slot
    if unread.why is Sentence.HALF_A_YES:
        turn.change(doubted=waiting.ask)
    counts = unread.why not in _NO_MISSES and message_id not in turn.state.remarks
    if is_open and counts and turn.state.misses and not _keeps_asking(turn, waiting):
        _go_on_without_answer(turn, waiting, text, message_id)
        return
    turn.heard = (
        turn.heard or unread.uncertain
    )  # what is asked again was meant as the answer, and is no remark
    kept = not unread.uncertain and keep_rest(turn, waiting, text, message_id)
    if is_open:
        _ask_again(turn, waiting, unread, counts=counts, kept=kept)
    else:
        turn.say(unread.why, **unread.fields)
        turn.say(Sentence.UNCHANGED)


_NO_MISSES: Final = frozenset({Sentence.EMOJI_ALONE, Sentence.HALF_A_YES})
"""What is said where the reply was understood, and is too little."""


def _ask_again(turn: Turn, waiting: Waiting, unread: UnreadReply, *, counts: bool, kept: bool) -> None:
    """Say what would do, and show the question again.

    `counts` says that this is one of the replies after which it goes on, `kept` that the words are a remark.
    """
    waits = counts and bool(turn.state.misses) and isinstance(waiting.context.node.question, AskConsent)
    turn.change(misses=turn.state.misses + counts, aside=None, paused=False)
    if waits:
        turn.say_before_question(Sentence.CONSENT_WAITS)
    elif kept and unread.why in _TAP_WOULD_DO:
        turn.say_before_question(Sentence.NOW_ONE_TAP)
    else:
        turn.say_before_question(unread.why, **unread.fields)
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
        raw, message = ("", None) if kept else (text, message_id)
        settle(turn, waiting, Reply(None, raw, AnswerStatus.UNPARSED, message))
        return
    is_story = len(text.split()) >= _SHORTEST_STORY and says_something(text, turn.state.language)
    if is_story and keep_remark(turn, text, message_id, waiting):
        turn.say(Sentence.REMARK_KEPT_GO_ON if turn.consented else Sentence.REMARK_HELD)
        settle(turn, waiting, Reply(None, "", AnswerStatus.UNPARSED))
        return
    turn.say(Sentence.RAW_KEPT)
    settle(turn, waiting, Reply(None, text, AnswerStatus.UNPARSED, message_id))


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
