"""Offer what was remarked earlier as the answer to a question that asks for it, where the script says so.

The newest remark of the conversation is offered once, in one message with the question that `takes_remarks`: nobody
takes it for a question that did not arrive. It becomes the answer by a tap, its label or a plain yes; other words are
the answer themselves.
"""

from typing import Final

from msgspec.structs import replace

from flows.engine.compiled import AGREE, DECLINE
from flows.engine.effects import (
    CHANGE_OPTION,
    CHOSEN_OPTION,
    Effect,
    Option,
    Prompt,
    PromptKind,
    RecordRemark,
    Refresh,
    SendMessage,
    ShowTrace,
    Trace,
)
from flows.engine.interruptions.interruption import Interruption, Rank, Reaction
from flows.engine.remarks import take_numbered
from flows.engine.replies.answering import answer_in_words
from flows.engine.replies.settling import change_answer, skip
from flows.engine.state import ConversationState, is_over
from flows.engine.turn import REMARK, Turn
from flows.i18n.say import Sentence, say
from flows.parsing.answers import UnreadReply, read_yes_no
from flows.script.model import AskText

_BUTTONS: Final = {AGREE: Sentence.REMARK_TAKE, DECLINE: Sentence.REMARK_ANEW}


class RemarkOffer(Interruption):
    """Ask 'Shall I take that as your answer here?' Its codes are the number and the words of the remark."""

    slot = REMARK
    rank = Rank.BEFORE_QUESTION
    after_end = True

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return the offer with the number `ask` as a message: the open question, and the words that are offered."""
        language = turn.state.language
        _number, words = turn.codes_at(ask)
        options = tuple(Option(say(button, language)) for button in _BUTTONS.values())
        text = say(Sentence.REMARK_OFFER, language, words=words.strip())
        offer = Prompt(text, PromptKind.SELECT_ONE, ask, options=options, language=language)
        question = turn.open_prompt()
        if question is None:
            return offer
        return replace(offer, text=f"{question.text}\n\n{text}", progress=question.progress)

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Take the label of a button, or a plain yes or no; leave other words to the question, as its answer."""
        ask, language = turn.state.aside, turn.state.language
        agree, decline = (say(button, language) for button in _BUTTONS.values())
        reading = read_yes_no(text, agree=agree, decline=decline, language=language)
        if ask is None:
            return Reaction.NOT_MINE
        if isinstance(reading, UnreadReply) or reading.remark:
            turn.emit(ShowTrace(ask, Trace(change=True, language=language)))
            return Reaction.NOT_MINE
        turn.heard = True
        return _decide(turn, ask, AGREE if reading.value else DECLINE)

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Take the remark or leave it, while its question waits; then 'Change' puts that again.

        The offer need not be open: a reminder shows the question alone, below the buttons of the offer.
        """
        codes = tuple(_BUTTONS)
        if option == CHANGE_OPTION and ask != turn.state.aside:
            _change(turn, ask)
            return Reaction.TAKEN
        if option == CHOSEN_OPTION and ask != turn.state.aside:
            turn.hint(Sentence.TAP_CHANGE)
            return Reaction.TAKEN
        if not _can_be_taken(turn, ask) or not 0 <= option < len(codes):
            turn.hint(Sentence.BUTTON_OVER)
            return Reaction.TAKEN
        return _decide(turn, ask, codes[option])

    def skip(self, turn: Turn) -> Reaction:
        """Skip the question, which stands in the same message as the offer."""
        ask, waiting = turn.state.aside, turn.waiting(turn.state.open)
        if ask is None or waiting is None:
            return super().skip(turn)
        turn.emit(ShowTrace(ask, Trace(change=True, language=turn.state.language)))
        turn.change(aside=None, paused=False)
        skip(turn, waiting)
        return Reaction.TAKEN


def offer_remark_once(turn: Turn, asked_before: int) -> None:
    """Offer the newest remark after a question that takes remarks, if this turn has put it for the first time.

    `asked_before` is how many questions had been put before this turn.
    """
    state, remark = turn.state, turn.state.newest_remark
    if remark is None or state.open is None or state.open < asked_before or state.aside is not None:
        return
    if is_over(state) or state.care is not None:
        return
    waiting = turn.waiting(state.open)
    question = None if waiting is None or waiting.probe else waiting.context.node.question
    if not isinstance(question, AskText) or not question.takes_remarks or waiting is None:
        return
    if waiting.slot in state.answers:
        return  # it is put again, to be changed
    turn.change(newest_remark=None)
    turn.effects[:] = [effect for effect in turn.effects if not _puts(effect, state.open)]
    RemarkOffer().put(turn, REMARK, (str(remark.number), remark.words))


def renew_offer(turn: Turn) -> None:
    """Have an offer whose question waits show, and take, the words that its remark was edited to in this turn."""
    shown = turn.state.open
    ask = None if shown is None else offer_with(turn.state, shown)
    if ask is None or turn.open_slot in turn.state.answers or not turn.codes_at(ask):
        return
    number, words = turn.codes_at(ask)
    remarks = (*turn.state.held_remarks, *(one for one in turn.effects if isinstance(one, RecordRemark)))
    edited = next((one.raw for one in remarks if one.number == int(number)), words)
    if edited == words:
        return
    asks = list(turn.state.asks)
    asks[ask] = replace(asks[ask], codes=(number, edited))
    turn.change(asks=tuple(asks), newest_remark=None)
    turn.emit(Refresh(RemarkOffer().prompt(turn, ask)))


def question_in(text: str, language: str) -> str | None:
    """Return the text of the script's question within that of an offer in a language; None where it is no offer's.

    The words that were offered need not be known any more.
    """
    above, below = say(Sentence.REMARK_OFFER, language, words="\n\n").split("\n\n")
    question, stands, _ = text.partition(f"\n\n{above}")
    return question if stands and text.endswith(below) else None


def question_with(state: ConversationState, ask: int) -> int | None:
    """Return the number of the script's question that the offer with the number `ask` showed; None for no offer."""
    if not 0 <= ask < len(state.asks) or state.asks[ask].slot != REMARK:
        return None
    return next((one for one in reversed(range(ask)) if not state.asks[one].slot.startswith("@")), None)


def offer_with(state: ConversationState, ask: int) -> int | None:
    """Return the number of the offer that shows the script's question with the number `ask`; None where none does."""
    for number in range(ask + 1, len(state.asks)):
        slot = state.asks[number].slot
        if slot == REMARK:
            return number
        if not slot.startswith("@"):
            return None
    return None


def _can_be_taken(turn: Turn, ask: int) -> bool:
    """Return whether the question that an offer showed waits still for its first answer, and nothing stands before it.

    False for an offer whose words were forgotten.
    """
    state = turn.state
    waits = question_with(state, ask) == state.open and turn.open_slot not in state.answers
    is_first = state.care is None and state.aside in (None, ask)
    return waits and is_first and bool(turn.codes_at(ask))


def _puts(effect: Effect, ask: int) -> bool:
    """Return whether an effect sends the question with this number."""
    return isinstance(effect, SendMessage) and effect.prompt.ask == ask


def _change(turn: Turn, ask: int) -> None:
    """Put the question again that the offer with the number `ask` showed."""
    waiting = turn.waiting(question_with(turn.state, ask))
    if waiting is not None:
        change_answer(turn, waiting)


def _decide(turn: Turn, ask: int, code: str) -> Reaction:
    """Make the remark the answer to the open question, or have that be written."""
    number, words = turn.codes_at(ask)
    language = turn.state.language
    turn.emit(ShowTrace(ask, Trace((say(_BUTTONS[code], language),), code == AGREE, language)))
    turn.change(aside=None, misses=0)
    waiting = turn.waiting(turn.state.open)
    if code == DECLINE or waiting is None:
        return Reaction.ASK_AGAIN
    message_id = next((one for one, of in turn.state.remarks.items() if of == int(number)), None)
    take_numbered(turn, int(number), waiting.slot)
    answer_in_words(
        turn, waiting, words, message_id
    )  # an edit of that message changes the answer from now on
    return Reaction.TAKEN
