"""Advance a conversation by one event: the state and the event go in, the new state and the effects come out.

Pure: no clock, no chance, no input or output. The flow is compiled once for each version; a `Turn` holds the working
copy of the state. Read on in the order of a turn, all in this package: `interruptions.table` (who reads a reply first),
`commands` (what works at every step), `interpretation` (what a reply means), `replies.answering` (what it does),
`recording` (what is kept), `traversal` (which step comes next), `prompts` (how a question is put).
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, assert_never

from flows.engine.commands import ask_for_words, carry_out, goes_on, remind, resume, tell_of_reactions
from flows.engine.compiled import compile_flow
from flows.engine.early_words import parts_after_edit, take_early_words
from flows.engine.effects import (
    CHANGE_OPTION,
    CHOSEN_OPTION,
    AnswerInquiry,
    AskFor,
    Effect,
    Prompt,
    PromptKind,
    SendMessage,
    Toast,
)
from flows.engine.events import (
    DatePicked,
    Edited,
    Event,
    Expired,
    LanguageDetected,
    LateEvent,
    MediaSent,
    Picked,
    Reacted,
    Remarked,
    Reminded,
    Replied,
    Resumed,
    Returned,
    RiskSuspected,
    Sight,
    Started,
    Tapped,
    TextSubmitted,
    WrittenEvent,
)
from flows.engine.interpretation import Interpretation, is_a_label, plain_meaning
from flows.engine.interruptions.answer_change import answered_change
from flows.engine.interruptions.crisis_help import tell_of_help
from flows.engine.interruptions.interruption import Rank
from flows.engine.interruptions.language_menu import switch_to_named
from flows.engine.interruptions.language_offer import offer_language
from flows.engine.interruptions.leave_menu import is_asked_what_to_leave
from flows.engine.interruptions.remark_offer import offer_remark_once, question_with, renew_offer
from flows.engine.interruptions.returned_menu import take_returned
from flows.engine.interruptions.safety_notice import RISK_TIER, SafetyNotice
from flows.engine.interruptions.safety_response import is_responded_to, respond
from flows.engine.interruptions.table import answered, intercepted, left, skipped, tapped, what_waits
from flows.engine.interruptions.zone_menu import ask_zone_once_needed, grant_zone_wish
from flows.engine.leaving import away_until, hold, stop
from flows.engine.prompts import join_messages
from flows.engine.recording import speak, was_dropped
from flows.engine.remarks import keep_unheard
from flows.engine.replies.answering import (
    answer_by_tap,
    answer_in_words,
    answer_plainly,
    answer_with_day,
    answer_with_picks,
)
from flows.engine.replies.inquiries import answer_inquiry
from flows.engine.state import ConversationState, is_over, joined_words_of, new_state
from flows.engine.traversal import keep_what_was_said, walk
from flows.engine.turn import Turn, Waiting
from flows.errors import ConversationOver
from flows.i18n.localized_flow import LocalizedFlow
from flows.i18n.say import Sentence, say
from flows.parsing.commands import GlobalWord, global_word
from flows.parsing.language_names import asked_language
from flows.script.model import Flow

__all__ = ["Advance", "advance", "is_over", "open_prompt"]


class Advance(NamedTuple):
    """Hold the result of a turn: the conversation's new state, and the effects that the bot carries out, in order.

    `command` is the one that the words were taken for, None where they were something else: an answer may be called so.
    """

    state: ConversationState
    effects: tuple[Effect, ...]
    command: GlobalWord | None = None


def advance(
    flow: Flow | LocalizedFlow,
    state: ConversationState | None,
    event: Event,
    *,
    now: datetime,
    notice: SafetyNotice | None = None,
) -> Advance:
    """Advance a conversation by one event, and return its new state with the effects of the turn.

    Args:
        flow: The version that it began with; localized where there are translations. The state names the language.
        state: Where the conversation stands; None with `Started`, and only then.
        event: What happened. A tap, an edit or a form under an earlier question corrects that answer, also
            after the end; one that means nothing (a button that is not there) changes nothing.
        now: The time, aware.
        notice: What a safety scan found in the participant's words; None for most turns.

    Raises:
        ConversationOver: The conversation has ended, or has not begun, and this is no correction.
    """
    localized = flow if isinstance(flow, LocalizedFlow) else LocalizedFlow(flow)
    if isinstance(event, Started):
        return _begin(localized, event, now) if state is None else Advance(state, ())
    if state is None:
        raise ConversationOver("the conversation has not begun")
    compiled = compile_flow(localized.in_language(state.language))
    at_risk = notice is not None and notice.tier == RISK_TIER
    turn = Turn(compiled, state, now, localized=localized, at_risk=at_risk)
    turn.of_concern = is_responded_to(turn, notice)
    if isinstance(event, LateEvent):
        _speak_as_of_now(turn, event)
    if isinstance(event, Expired):
        keep_what_was_said(turn)
        return Advance(state, tuple(turn.effects))
    if isinstance(event, Replied) and event.sight is not Sight.SEEN and not _waits_for_help(state):
        take_early_words(turn, event)
    elif not intercepted(turn, event):
        _take(turn, event)
    if isinstance(event, WrittenEvent):
        keep_unheard(turn, event, is_responded_to(turn, notice))
    ask_zone_once_needed(turn)
    renew_offer(turn)
    offer_remark_once(turn, len(state.asks))
    respond(turn, notice, state)
    return Advance(turn.state, join_messages(turn.effects), turn.command)


def _speak_as_of_now(turn: Turn, event: LateEvent) -> None:
    """Go on in the language that the participant chose while nothing was open, if the flow can be had in it."""
    if event.language is not None and event.language in turn.languages:
        speak(turn, event.language)


def _waits_for_help(state: ConversationState) -> bool:
    """Return whether the script is halted for somebody at risk, and a command closed the help: it comes again.

    What is open then gave way to the help and was never shown, so that no words could be about it.
    """
    return state.care is not None and state.aside is None


def open_prompt(flow: Flow | LocalizedFlow, state: ConversationState, now: datetime) -> Prompt | None:
    """Return the question that waits for a reply as a message, as it would be sent again now.

    It is the script's, or that of what interrupted it. None where none is open, or the script is halted: somebody at
    risk was shown crisis help and has not gone on.
    """
    localized = flow if isinstance(flow, LocalizedFlow) else LocalizedFlow(flow)
    return what_waits(Turn(compile_flow(localized.in_language(state.language)), state, now))


def quoting_text(flow: Flow | LocalizedFlow, state: ConversationState, now: datetime) -> str | None:
    """Return the text of the open question of the script where it quotes answers, and so may change while it is open.

    Also where something else comes before it: its buttons still stand there. None where it quotes none, and where none
    is open.
    """
    if state.open is None:
        return None
    localized = flow if isinstance(flow, LocalizedFlow) else LocalizedFlow(flow)
    compiled = compile_flow(localized.in_language(state.language))
    if not compiled.quotes_answers(compiled.asked_in(state.asks[state.open].slot)):
        return None
    turn = Turn(compiled, state, now)
    return turn.prompt(turn.needs_waiting(), state.picks).text


def _begin(localized: LocalizedFlow, event: Started, now: datetime) -> Advance:
    """Go from the first step to the first question."""
    compiled = compile_flow(localized.in_language(event.language))
    turn = Turn(compiled, new_state(event.language, event.facts), now, localized=localized)
    held = event.anew.held_remarks
    turn.change(held_remarks=held, remark_count=len(held), remarks=event.anew.remarks, seed=event.seed)
    walk(turn, (compiled.first, ()))
    return Advance(turn.state, join_messages(turn.effects))


def _take(turn: Turn, event: Event) -> None:  # noqa: PLR0912 - one case an event
    """Give an event to the function for its kind."""
    match event:
        case Replied():
            _said(turn, event)
        case Tapped():
            _tapped(turn, event)
        case Picked() | DatePicked():
            _picked(turn, event)
        case TextSubmitted():
            _submitted(turn, event)
        case Edited():
            _edited(turn, event)
        case MediaSent():
            ask_for_words(turn, event.kind)
        case Reminded():
            remind(turn)
        case Resumed():
            resume(turn)
        case LanguageDetected():
            offer_language(turn, event.language)
        case RiskSuspected():
            tell_of_help(turn, event.care)
        case Reacted():
            tell_of_reactions(turn)
        case Returned():
            _returned(turn, event)
        case Started() | Expired() | Remarked():
            pass  # taken by `advance`
        case _:
            assert_never(event)


def _returned(turn: Turn, event: Returned) -> None:
    """Ask whether to go on; what was sent in place of words is refused first.

    Raises:
        ConversationOver: The conversation has ended.
    """
    if event.media is None:
        turn.needs_waiting()
    else:
        ask_for_words(turn, event.media)
    take_returned(turn, event)


def _said(turn: Turn, event: Replied) -> None:
    """Give words to their reader; after the end to the one question of ours that is asked there too."""
    if not is_over(turn.state) or not answered(turn, Rank.BEFORE_COMMANDS, event.text):
        _replied(turn, event, turn.needs_waiting())


def _replied(turn: Turn, event: Replied, waiting: Waiting) -> None:
    """Give words to whoever takes them: most are a plain answer to the open question, all others are read.

    `waiting` is the open question, as it is now or as it stood in the message that the words name.
    """
    plain = plain_meaning(turn, waiting, event.text)
    if plain is not None and event.script_sight is Sight.SEEN:
        answer_plainly(turn, waiting, plain, event.text, event.message_id)
    else:
        _read(turn, event, waiting)


def _read(turn: Turn, event: Replied, waiting: Waiting) -> None:
    """Give words to the first reader that takes them, in the order that `interruptions.table` explains."""
    text = event.text
    if _named_wish(turn, event, waiting):
        return
    command = global_word(text, turn.state.language)
    if command is GlobalWord.LEAVE and _leaves(turn, waiting, event):
        return
    is_label = command is not None and is_a_label(waiting, text)
    if (command is None or is_label) and answered(turn, Rank.BEFORE_COMMANDS, text):
        return
    if command is not None and (command is GlobalWord.STOP or not is_label or turn.state.aside is not None):
        _carry_out(turn, waiting, command)
    elif answered(turn, Rank.BEFORE_ABSENCE, text):
        return
    elif (until := _away_until(turn, waiting, text)) is not None:
        turn.hear_choice(text)
        hold(turn, until)
    elif not answered(turn, Rank.BEFORE_QUESTION, text):
        _answer_the_script(turn, waiting, event)


def _carry_out(turn: Turn, waiting: Waiting, command: GlobalWord) -> None:
    """Carry out a command; 'skip' by the open interruption, where one is open."""
    if command is not GlobalWord.SKIP or not skipped(turn):
        carry_out(turn, waiting, command)


def _leaves(turn: Turn, waiting: Waiting, event: Replied) -> bool:
    """Take 'cancel', 'end' and the like by what waits for a reply; return False where they are a label of it.

    They are the no to what is asked before a change and to a read-back; else it is asked what is meant.
    """
    text = event.text
    if answered(turn, Rank.BEFORE_COMMANDS, text) or left(turn):
        return True
    if is_asked_what_to_leave(turn):
        return answered(turn, Rank.BEFORE_QUESTION, text)
    if turn.state.aside is None and is_a_label(waiting, text):
        return False
    if turn.state.aside is None and waiting.context.node.kind is PromptKind.CONFIRM and not waiting.probe:
        answer_plainly(turn, waiting, Interpretation(False), text, event.message_id)
    else:
        carry_out(turn, waiting, GlobalWord.LEAVE)
    return True


def _named_wish(turn: Turn, event: Replied, waiting: Waiting) -> bool:
    """Grant a wish: a language by its name, a time zone by a place or clock, to go on; or answer what the bot is asked.

    Return whether the words are one of these.
    """
    wanted = asked_language(event.text)
    if wanted is not None:
        turn.heard = True
        switch_to_named(turn, wanted)
        return True
    granted = grant_zone_wish(turn, event.text)
    turn.heard = turn.heard or granted
    if granted or goes_on(turn, waiting, event.text):
        return True
    return answer_inquiry(turn, waiting, event.text, event.message_id)


def _answer_the_script(turn: Turn, waiting: Waiting, event: Replied) -> None:
    """Take words that no interruption took as the answer to the script's question, if that could be seen."""
    if event.script_sight is Sight.SEEN:
        answer_in_words(turn, waiting, event.text, event.message_id)
    else:
        take_early_words(turn, replace(event, sight=event.script_sight))


def _away_until(turn: Turn, waiting: Waiting, text: str) -> datetime | None:
    """Return when an absence that the words announce ends, aware; None where they announce none.

    Under a question for a date the same words may be its answer.
    """
    asks_for_date = waiting.context.node.kind is PromptKind.DATE and turn.state.aside is None
    return None if asks_for_date else away_until(turn, text)


def _tapped(turn: Turn, event: Tapped) -> None:
    """Give a tap to the question that it names: one of the script's, or an interruption's."""
    is_of_trace = event.option in (CHANGE_OPTION, CHOSEN_OPTION)
    waiting = turn.waiting(event.ask, None if is_of_trace else event.shown)
    if waiting is not None:
        answer_by_tap(turn, waiting, event.option)
    elif 0 <= event.ask < len(turn.state.asks):
        tapped(turn, event.ask, event.option)


def _picked(turn: Turn, event: Picked | DatePicked) -> None:
    """Answer with checkboxes or a date picker; do nothing under a question of another kind."""
    waiting = turn.waiting(event.ask, event.shown)
    if waiting is None or waiting.probe:
        return
    kind = waiting.context.node.kind
    if isinstance(event, Picked) and kind is PromptKind.SELECT_MANY:
        answer_with_picks(turn, waiting, event.options)
    elif isinstance(event, DatePicked) and kind is PromptKind.DATE:
        answer_with_day(turn, waiting, event.day)


def _submitted(turn: Turn, event: TextSubmitted) -> None:
    """Take words that name their question as typed under it: it need not be open.

    Under the offer of a remark that is over they are about the question that it showed. Words under another
    interruption's question that is over are early words: they cannot be about what is open now.
    """
    shown_there = None if event.ask == turn.state.aside else question_with(turn.state, event.ask)
    waiting = turn.waiting(event.ask if shown_there is None else shown_there, event.shown)
    if waiting is None:
        if answered_change(turn, event.ask, event.text):
            pass
        elif event.ask == turn.state.aside:
            _said(turn, Replied(event.text, event.message_id))
        elif not 0 <= event.ask < len(turn.state.asks):
            return
        elif is_over(turn.state):
            turn.say(Sentence.CONVERSATION_ENDED)
        else:
            take_early_words(turn, Replied(event.text, event.message_id, Sight.UNREAD))
    elif waiting.slot == turn.open_slot:
        turn.change(aside=None)
        named = turn.needs_waiting() if event.shown is None else waiting
        _replied(turn, Replied(event.text, event.message_id), named)
    elif _leaves_by_words(turn, event.text):
        pass
    elif is_over(turn.state) or not answer_inquiry(turn, waiting, event.text, event.message_id):
        answer_in_words(turn, waiting, event.text, event.message_id)
    _answer_somehow(turn)


def _leaves_by_words(turn: Turn, text: str) -> bool:
    """Return whether words under an earlier question are 'stop', which stops, or 'cancel', which leaves its answer."""
    command = global_word(text, turn.state.language)
    if command is GlobalWord.STOP and not is_over(turn.state):
        stop(turn)
        return True
    if command is GlobalWord.LEAVE:
        turn.heard = True
        turn.say(Sentence.UNCHANGED)
        return True
    return False


def _answer_somehow(turn: Turn) -> None:
    """Leave nobody who wrote without a word: say what a tap would be told in passing, else that nothing has changed."""
    if any(isinstance(effect, SendMessage | AnswerInquiry | AskFor) for effect in turn.effects):
        return
    passing = [effect.text for effect in turn.effects if isinstance(effect, Toast) and effect.quiet]
    turn.tell(passing[0] if passing else say(Sentence.UNCHANGED, turn.state.language))


def _edited(turn: Turn, event: Edited) -> None:
    """Take an edited message as the new answer where the original gave one that still counts.

    What was added to an answer that was given again as a whole since counts no more: it stays a remark.
    """
    slot = turn.state.messages.get(event.message_id)
    if slot is None or was_dropped(turn, slot):
        return
    parts = parts_after_edit(turn.state, event.message_id, event.text)
    if slot == turn.open_slot and not parts:
        named = turn.waiting(turn.state.open, event.shown) or turn.needs_waiting()
        _replied(turn, Replied(event.text, event.message_id), named)
    elif not _leaves_by_words(turn, event.text):
        last = max(ask for ask, asked in enumerate(turn.state.asks) if asked.slot == slot)
        waiting = turn.waiting(last, event.shown)
        if waiting is not None:
            whole = joined_words_of(parts) if parts else event.text
            answer_in_words(turn, waiting, whole, event.message_id, parts)
