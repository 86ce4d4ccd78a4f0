"""React to a safety finding, after the words in which it was found did what they do.

Risk of self-harm: halt the script and show crisis help. An adverse event, and words that a question asked for which
opens a case, whatever they are: ask up to four questions for a report.
Distress: offer to go on, skip, pause or stop. The script is where it was afterwards.
"""

from typing import Final

from flows.engine.effects import OpenCase, Refresh, SendMessage
from flows.engine.interruptions.crisis_help import halt
from flows.engine.interruptions.safety_notice import RISK_TIER, ReportQuestion, SafetyNotice
from flows.engine.interruptions.safety_report import REPORT, begin_report
from flows.engine.interruptions.upset_menu import UPSET, UpsetMenu
from flows.engine.interruptions.zone_menu import CHECK, ZONE
from flows.engine.state import AskedText, ConversationState, is_over
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say


def respond(turn: Turn, notice: SafetyNotice | None, before: ConversationState) -> None:
    """React to what a safety scan found in this turn's words: crisis help, a report, or the upset menu.

    `notice` None: nothing was found. While the script is halted for crisis help, the conversation stays paused.
    `before` is the state before this turn.
    """
    acted_on = _with_what_was_asked_for(turn, notice)
    if acted_on is not None:
        _react(turn, acted_on)
    if turn.state.care is not None and not is_over(turn.state):
        turn.change(paused=True)
    _note_what_is_unshown(turn, before)


_IN_PLACE: Final = (UPSET, REPORT, ZONE, CHECK)
"""How the slots begin of what is put in place of the script's question, which is not shown with it."""


def _note_what_is_unshown(turn: Turn, before: ConversationState) -> None:
    """Keep what stands in place of the open question, where that gave way to ours and was not shown since it was put.

    Whoever leaves it out then was asked by those words, not by it.
    """
    waits = turn.state.open
    is_new = waits is not None and waits >= len(before.asks)
    kept = before.in_its_place if waits == before.open else None
    if not is_new and before.in_its_place is None:
        return
    asking = [
        one.prompt for one in turn.effects if isinstance(one, SendMessage) and one.prompt.ask is not None
    ]
    if waits in (one.ask for one in asking):
        kept = None
    elif waits is not None and asking and turn.state.asks[asking[-1].ask or 0].slot.startswith(_IN_PLACE):
        kept = AskedText(asking[-1].text, turn.state.language)
    if kept != turn.state.in_its_place:
        turn.change(in_its_place=kept)


_LACKED_BY_SOLICITED = (ReportQuestion.WHICH, ReportQuestion.CONTACT)
"""What a report lacks whose words were asked for: what happened, and to whom, was the question."""


def _with_what_was_asked_for(turn: Turn, notice: SafetyNotice | None) -> SafetyNotice | None:
    """Return the notice of this turn's words: to be reported where a question asked for them that opens a case.

    Words of risk stay what they are: help comes first.
    """
    if OpenCase not in map(type, turn.effects):
        return notice  # most turns
    told = any(isinstance(effect, OpenCase) and effect.words for effect in turn.effects)
    if not told or (notice is not None and notice.tier == RISK_TIER):
        return notice
    tier, lacking = (0, ()) if notice is None else (notice.tier, notice.ask)
    ask = tuple(one for one in lacking or _LACKED_BY_SOLICITED if one in _LACKED_BY_SOLICITED)
    return SafetyNotice(tier, True, ask)


def is_responded_to(turn: Turn, notice: SafetyNotice | None) -> bool:
    """Return whether `respond` is going to say something to this turn's words.

    Not to words of sadness or a reaction for which it was done before.
    """
    if notice is None:
        return False
    if notice.tier == RISK_TIER:
        return True
    if turn.state.care is not None:
        return False
    if is_over(turn.state):
        return notice.reportable
    is_new_report = notice.reportable and not _was_put(turn, REPORT)
    return is_new_report or (bool(notice.tier) and not _was_put(turn, UPSET))


def _react(turn: Turn, notice: SafetyNotice) -> None:
    """Choose the response. Each of the lesser two is made once in a conversation, none while it is halted."""
    if notice.tier == RISK_TIER:
        _drop_messages(turn)
        assert notice.care is not None
        halt(turn, notice.care)
    elif turn.state.care is not None:
        return
    elif is_over(turn.state):
        if notice.reportable:
            turn.say(Sentence.SAFETY_NOTED)
    elif notice.reportable and not _was_put(turn, REPORT):
        thanked = _drop_questions(turn)
        if notice.tier:
            turn.say(Sentence.UPSET_HEARD)
        begin_report(turn, notice.ask, thanked=thanked)
    elif notice.tier and not _was_put(turn, UPSET):
        thanked = _drop_questions(turn)
        UpsetMenu().put(turn, UPSET, text=say(Sentence.UPSET_HEARD, turn.state.language) if thanked else None)


def _drop_messages(turn: Turn) -> None:
    """Send nothing of what the script was about to say: help comes first, and alone."""
    turn.effects[:] = [effect for effect in turn.effects if not isinstance(effect, SendMessage | Refresh)]


def _drop_questions(turn: Turn) -> bool:
    """Send no question of the script now, nor what would do as its answer: it comes after ours.

    Return whether anything else is said to the words, such as thanks: nobody is thanked twice for the same.
    """
    turn.effects[:] = [
        effect
        for effect in turn.effects
        if not (isinstance(effect, SendMessage) and effect.prompt.ask is not None)
        and not any(effect is one for one in turn.before_question)
    ]
    return any(isinstance(effect, SendMessage) for effect in turn.effects)


def _was_put(turn: Turn, slot: str) -> bool:
    """Return whether a question whose slot begins so was put in this conversation."""
    return any(asked.slot.startswith(slot) for asked in turn.state.asks)
