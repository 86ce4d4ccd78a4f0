"""Change an answer that was given before, and find what becomes of the conversation then."""

from collections.abc import Callable

from flows.engine.effects import AnswerStatus, Outcome
from flows.engine.recording import Reply, declining, is_thin, record
from flows.engine.state import GivenAnswer, is_over
from flows.engine.traversal import after_answer, schedule_late, walk
from flows.engine.turn import Turn, Waiting
from flows.i18n.say import Sentence


def correct(
    turn: Turn, waiting: Waiting, reply: Reply, announce: Callable[[Turn], None] | None = None
) -> bool:
    """Change an earlier answer, say so, and go on with the open question, or where the new answer leads.

    After the end nothing is asked, unless this gives the consent for want of which the conversation ended. `announce`
    says that the answer was changed in place of the plain sentence. Return False, and do nothing, if the answer is the
    same as before.
    """
    was_declined = not turn.consented
    if not record(turn, waiting, reply):
        return False
    if announce is None:
        turn.say(Sentence.CORRECTED)
    else:
        announce(turn)
    if is_over(turn.state):
        _follow_up_the_end(turn, waiting, was_declined=was_declined)
    elif turn.state.open is not None:
        _go_on(turn, waiting, turn.state.asks[turn.state.open].slot)
    return True


def _go_on(turn: Turn, waiting: Waiting, open_slot: str) -> None:
    """Show the open question again after a correction, or what comes before it now."""
    turn.change(aside=None, paused=False)
    slots = [asked.slot for asked in turn.state.asks]  # whichever was first asked before the other
    if slots.index(waiting.slot) >= slots.index(open_slot):
        turn.show_open()
        return
    if not turn.state.back_to:
        turn.change(back_to=(open_slot,))
    context = turn.context(waiting.slot)
    if turn.context(open_slot).node is context.node and is_thin(turn, context):
        turn.show_open()
        return
    walk(turn, after_answer(turn, context), hold=open_slot)


def _follow_up_the_end(turn: Turn, waiting: Waiting, *, was_declined: bool) -> None:
    """Do what a correction after the end leads to: the conversation goes on, or its waves are scheduled."""
    if was_declined and turn.state.outcome is Outcome.DECLINED:
        if turn.state.recorded:
            turn.say(Sentence.NOT_BROUGHT_BACK)
        turn.change(outcome=None, aside=None)
        walk(turn, after_answer(turn, turn.context(waiting.slot)))
    else:
        schedule_late(turn, waiting.context.node.key)


def goes_on_after_all(turn: Turn, waiting: Waiting, reply: Reply) -> bool:
    """Return whether a reply after the end makes a conversation go on that ended without the consent to take part.

    It gives that consent, or is another answer to the question with which it was declined.
    """
    declined = declining(turn, waiting)
    if declined is None or reply.value == declined or reply.status is not AnswerStatus.ANSWERED:
        return False
    return waiting.context.node.key in turn.compiled.take_part or _was_declined_at(turn, waiting)


def repeats_what_ended_it(turn: Turn, waiting: Waiting, reply: Reply) -> bool:
    """Return whether a reply after the end is the answer with which taking part was declined, or taken back.

    It was tapped twice, or is tapped once more.
    """
    if turn.state.answers.get(waiting.slot) == GivenAnswer(reply.value, reply.status):
        return True
    declined = declining(turn, waiting)
    is_declined = declined is not None and reply.value == declined
    return is_declined and reply.status is AnswerStatus.ANSWERED and _was_declined_at(turn, waiting)


def _was_declined_at(turn: Turn, waiting: Waiting) -> bool:
    """Return whether a conversation was declined, and this is the question that was put last."""
    newest = max(ask for ask, asked in enumerate(turn.state.asks) if not asked.slot.startswith("@"))
    return waiting.ask == newest and turn.state.outcome is Outcome.DECLINED
