"""Offer to go on in the language that a participant writes in. Made once in a conversation; only a yes switches.

The offer stands before the open question and takes nothing from it: whatever is no answer to the offer is an answer
to the question. Left alone, it counts as a no.
"""

from typing import Final

from flows.engine.effects import Option, Prompt, PromptKind, SendMessage
from flows.engine.interruptions.interruption import Interruption, Rank, Reaction
from flows.engine.interruptions.language_menu import announce_language, switch_language, switch_to_named
from flows.engine.state import ConversationState, is_over
from flows.engine.turn import Turn
from flows.i18n.localized_flow import first_of
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, read_yes_no
from flows.parsing.language_names import language_named

OFFER: Final = "@offer"
"""The slot of the offer, as stored."""
_BUTTONS = (Sentence.YES, Sentence.NO)


class LanguageOffer(Interruption):
    """Ask in the language offered: "We can also talk in English. Would you like that?" Its one code is the language."""

    slot = OFFER
    rank = Rank.BEFORE_COMMANDS

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return the offer with the number `ask` as a message with yes and no, in the language offered."""
        (language,) = turn.codes_at(ask)
        options = tuple(Option(say(button, language)) for button in _BUTTONS)
        text = say(Sentence.LANGUAGE_OFFER, language)
        return Prompt(text, PromptKind.SELECT_ONE, ask, options=options, language=language)

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Take the name of a language that the flow has, a yes or a no; leave other words to the open question.

        Yes and no are read in the language offered and in the conversation's.
        """
        ask = turn.state.aside
        assert ask is not None
        if first_of((language_named(text),), turn.languages) is not None:
            turn.hear_choice(text)
            switch_to_named(turn, text)
            return Reaction.TAKEN
        (language,) = turn.codes_at(ask)
        agreed = _yes_or_no(text, language, turn.state.language)
        if agreed is None:
            return Reaction.NOT_MINE
        turn.hear_choice(text)
        return _decide(turn, ask, agreed=agreed)

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Take a yes at any time, also under an offer from before; a no only while the offer is open."""
        if not 0 <= option < len(_BUTTONS):
            return Reaction.TAKEN
        return _decide(turn, ask, agreed=_BUTTONS[option] is Sentence.YES)


def needs_no_offer(state: ConversationState) -> bool:
    """Return whether the offer was made before in this conversation, or its participant chose a language by name."""
    return state.chose_language or any(asked.slot == OFFER for asked in state.asks)


def has_room_for_offer(state: ConversationState) -> bool:
    """Return whether nothing but the script's question is open: no pause, no crisis help, no interruption."""
    return (
        not is_over(state)
        and not state.paused
        and state.care is None
        and state.aside is None
        and state.open is not None
    )


def offer_language(turn: Turn, detected: str) -> None:
    """Offer to go on in the language that was detected in the participant's words, where the flow has it.

    Not in the conversation's own language, nor a second time, nor while anything but the script's question is open. The
    question's `misses` stays, for it is not asked anew.
    """
    language = first_of((detected,), turn.languages)
    if language is None or needs_no_offer(turn.state) or not has_room_for_offer(turn.state):
        return
    if _base(language) == _base(turn.state.language):
        return
    ask = turn.number(OFFER, (language,))
    turn.change(aside=ask)
    turn.emit(SendMessage(LanguageOffer().prompt(turn, ask)))


def _decide(turn: Turn, ask: int, *, agreed: bool) -> Reaction:
    """Carry out a yes or a no. A late yes leaves another interruption open, and asks it again."""
    (language,) = turn.codes_at(ask)
    is_open = turn.state.aside == ask
    if agreed and turn.state.language != language:
        if is_open or turn.state.aside is None:
            switch_language(turn, language)
            return Reaction.TAKEN
        announce_language(turn, language)
        return Reaction.ASK_AGAIN
    if not is_open:
        return Reaction.TAKEN
    turn.change(aside=None, misses=0)
    turn.say(Sentence.LANGUAGE_SET)
    return Reaction.ASK_AGAIN


def _yes_or_no(text: str, *languages: str) -> bool | None:
    """Return what the words say in the first of these languages in which they say it; None where in none."""
    for language in languages:
        agree, decline = (say(button, language) for button in _BUTTONS)
        found = read_yes_no(text, agree=agree, decline=decline, language=language)
        if isinstance(found, ReadReply):
            return found.value is True
    return None


def _base(language: str) -> str:
    """Return the language without its region: 'pt' for 'pt-BR'."""
    return language.partition("-")[0]
