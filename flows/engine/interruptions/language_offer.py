"""The offer to go on in the language that a person writes in. Made once a talk; only a yes switches.

It stands before the question that waits and takes nothing from it: whatever is no answer to the offer is an
answer to the question. Left alone, it counts as a no.
"""

from flows.engine.effects import Option, Prompt, PromptKind, SendMessage, SetLanguage
from flows.engine.interruptions.menus import set_language, show_waiting, speak
from flows.engine.state import ConversationState, is_over
from flows.engine.turn import OFFER, Turn
from flows.i18n.localized_flow import first_of
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, read_yes_no
from flows.parsing.language_names import language_named

_BUTTONS = (Sentence.YES, Sentence.NO)


def needs_no_offer(state: ConversationState) -> bool:
    """Whether this talk had its offer, or its person chose a language by name."""
    return state.chose_language or any(asked.slot == OFFER for asked in state.asks)


def has_room_for_offer(state: ConversationState) -> bool:
    """Whether nothing but the script's question waits for the person: no pause, no question of the engine's."""
    return (
        not is_over(state)
        and not state.paused
        and state.care is None
        and state.aside is None
        and state.open is not None
    )


def offer_language(turn: Turn, detected: str) -> None:
    """Offer the language in which the person writes, where it can be had and is not the talk's."""
    language = first_of((detected,), turn.languages)
    if language is None or needs_no_offer(turn.state) or not has_room_for_offer(turn.state):
        return
    if _base(language) == _base(turn.state.language):
        return
    ask = turn.number(OFFER, (language,))
    turn.change(aside=ask)
    options = tuple(Option(say(button, language)) for button in _BUTTONS)
    text = say(Sentence.LANGUAGE_OFFER, language)
    turn.emit(SendMessage(Prompt(text, PromptKind.SELECT_ONE, ask, options=options, language=language)))


def answer_offer(turn: Turn, text: str) -> bool:
    """
    Words under an open offer; False where none is open, or they are none of its answers.

    In that case the offer is given up, so that the words are taken as if it had not been made.
    """
    ask = turn.state.aside
    language = None if ask is None else _offered(turn, ask)
    if ask is None or language is None:
        return False
    if first_of((language_named(text),), turn.languages) is not None:
        set_language(turn, text)
        return True
    agreed = _yes_or_no(text, language, turn.state.language)
    if agreed is None:
        turn.change(aside=None)
        return False
    _decide(turn, ask, language, agreed=agreed)
    return True


def tap_offer(turn: Turn, ask: int, option: int) -> bool:
    """A tap under an offer; False where it was another's. A yes counts also later, a no only while it is open."""
    language = _offered(turn, ask)
    if language is None:
        return False
    if 0 <= option < len(_BUTTONS):
        _decide(turn, ask, language, agreed=_BUTTONS[option] is Sentence.YES)
    return True


def _decide(turn: Turn, ask: int, language: str, *, agreed: bool) -> None:
    is_open = turn.state.aside == ask
    if agreed and turn.state.language != language:
        _accept(turn, language, is_open=is_open)
    elif is_open:
        turn.change(aside=None, misses=0)
        turn.say(Sentence.LANGUAGE_SET)
        turn.show_open()


def _accept(turn: Turn, language: str, *, is_open: bool) -> None:
    """A late yes leaves another question of the engine's own where it is."""
    aside = None if is_open else turn.state.aside
    if aside is None:
        speak(turn, language)
        return
    turn.speak(language)
    turn.change(chose_language=True)
    turn.emit(SetLanguage(language))
    turn.say(Sentence.LANGUAGE_SET)
    show_waiting(turn)


def _yes_or_no(text: str, *languages: str) -> bool | None:
    """What the words say in one of these languages; None where that is neither."""
    for language in languages:
        agree, decline = (say(button, language) for button in _BUTTONS)
        found = read_yes_no(text, agree=agree, decline=decline, language=language)
        if isinstance(found, ReadReply):
            return found.value is True
    return None


def _offered(turn: Turn, ask: int) -> str | None:
    """The language that a question offers; None where it is no offer."""
    asked = turn.state.asks[ask]
    return asked.codes[0] if asked.slot == OFFER and asked.codes else None


def _base(language: str) -> str:
    return language.partition("-")[0]
