"""Ask which language to go on in, and go on in it."""

from typing import Final

from flows.engine.effects import SetLanguage
from flows.engine.interruptions.interruption import Reaction
from flows.engine.interruptions.menu import Menu
from flows.engine.recording import speak, tell_again
from flows.engine.traversal import walk
from flows.engine.turn import Turn
from flows.i18n.localized_flow import first_of, name_of
from flows.i18n.say import Sentence
from flows.parsing.language_names import language_named

LANGUAGE: Final = "@language"
"""The slot of the menu, as stored."""


class LanguageMenu(Menu):
    """Ask which language the participant would like. Each button stands for a language; its code is the tag."""

    slot = LANGUAGE
    sentence = Sentence.LANGUAGE_WHICH

    def label(self, turn: Turn, code: str) -> str:
        """Return the name of the language with this tag (`code`) in that language itself."""
        return name_of(code)

    def choose(self, turn: Turn, value: str) -> Reaction:
        """Go on in the language with this tag."""
        switch_language(turn, value)
        return Reaction.TAKEN

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Go on in the language that the words name, or say that the flow does not have it.

        Words that name no language are read as a choice of the menu, such as its number.
        """
        if not language_named(text):
            return super().answer(turn, text)
        turn.hear_choice(text)
        switch_to_named(turn, text)
        return Reaction.TAKEN

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Go on in the language on the button at place `option`, also under a menu that is no longer open.

        Under such a menu nothing is done where it is the language already: it was tapped twice.
        """
        codes = turn.codes_at(ask)
        if not 0 <= option < len(codes):
            return Reaction.TAKEN
        if ask != turn.state.aside and codes[option] == turn.state.language:
            turn.hint(Sentence.LANGUAGE_SET)
            return Reaction.TAKEN
        return self.choose(turn, codes[option])


def ask_language(turn: Turn) -> None:
    """Open the menu of languages; where the flow has only one, say so and send the open question again.

    No interruption may be open when this is called.
    """
    if len(turn.languages) > 1:
        LanguageMenu().put(turn, LANGUAGE, turn.languages)
    else:
        turn.say(Sentence.LANGUAGE_ONLY)
        turn.show_open()


def switch_to_named(turn: Turn, wanted: str) -> None:
    """Go on in the language that these words name; where the flow does not have it, say so and open the menu.

    An open interruption is closed.
    """
    language = first_of((language_named(wanted),), turn.languages)
    turn.change(aside=None, paused=False)
    if language is not None:
        switch_language(turn, language)
        return
    if len(turn.languages) > 1:
        turn.say(Sentence.LANGUAGE_NOT_YET)
    ask_language(turn)


def switch_language(turn: Turn, language: str) -> None:
    """Go on in a language that the flow has and the participant chose; an open interruption is closed.

    Where nothing has been answered yet the conversation begins anew: who we are was said in another language. Else the
    open question is sent again.
    """
    announce_language(turn, language)
    turn.change(aside=None, paused=False, misses=0)
    if turn.state.answers:
        _tell_what_is_probed(turn)
        turn.show_open()
    else:
        walk(turn, (turn.compiled.first, ()))


def _tell_what_is_probed(turn: Turn) -> None:
    """Say the question again whose probe is open: what is added to its answer is kept under its text of now."""
    waiting = turn.waiting(turn.state.open)
    if waiting is not None and waiting.probe and waiting.context.node.question is not None:
        tell_again(turn, waiting)


def announce_language(turn: Turn, language: str) -> None:
    """Change the language of the conversation, have the participant's choice kept, and say so; ask nothing."""
    speak(turn, language)
    turn.change(chose_language=True)
    turn.emit(SetLanguage(language))
    turn.say(Sentence.LANGUAGE_SET)
