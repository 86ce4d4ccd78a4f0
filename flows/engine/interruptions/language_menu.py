"""Ask which language to go on in, and go on in it."""

from typing import Final

from flows.engine.effects import SetLanguage
from flows.engine.interruptions.interruption import Reaction
from flows.engine.interruptions.menu import Menu
from flows.engine.traversal import walk
from flows.engine.turn import Turn
from flows.i18n.localized_flow import first_of, name_of
from flows.i18n.say import Sentence
from flows.parsing.language_names import language_named

LANGUAGE: Final = "@language"
"""The slot of the menu, as stored."""


class LanguageMenu(Menu):
    """Ask which language the participant would like."""

    slot = LANGUAGE
    sentence = Sentence.LANGUAGE_WHICH

    def label(self, turn: Turn, code: str) -> str:
        """Return what the language calls itself."""
        return name_of(code)

    def choose(self, turn: Turn, value: str) -> Reaction:
        """Go on in the language of this code."""
        switch_language(turn, value)
        return Reaction.TAKEN

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Take the name of any language, offered or not; else a choice, as every menu does."""
        if not language_named(text):
            return super().answer(turn, text)
        switch_to_named(turn, text)
        return Reaction.TAKEN

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Go on in the language on the button, also under a menu from before."""
        codes = turn.codes_at(ask)
        return self.choose(turn, codes[option]) if 0 <= option < len(codes) else Reaction.TAKEN


def ask_language(turn: Turn) -> None:
    """Open the menu; where the flow has only one language, say so and show the open question again.

    No interruption may be open.
    """
    if len(turn.languages) > 1:
        LanguageMenu().put(turn, LANGUAGE, turn.languages)
    else:
        turn.say(Sentence.LANGUAGE_ONLY)
        turn.show_open()


def switch_to_named(turn: Turn, wanted: str) -> None:
    """Go on in the language that these words name; where it is not offered, say so and open the menu."""
    language = first_of((language_named(wanted),), turn.languages)
    turn.change(aside=None, paused=False)
    if language is not None:
        switch_language(turn, language)
        return
    if len(turn.languages) > 1:
        turn.say(Sentence.LANGUAGE_NOT_YET)
    ask_language(turn)


def switch_language(turn: Turn, language: str) -> None:
    """Go on in an offered language that the participant chose, closing what interrupts, with the open question.

    Where nothing has been answered yet the conversation begins anew: who we are was said in another language.
    """
    announce_language(turn, language)
    turn.change(aside=None, paused=False, misses=0)
    if turn.state.answers:
        turn.show_open()
    else:
        walk(turn, (turn.compiled.first, ()))


def announce_language(turn: Turn, language: str) -> None:
    """Change the language of the conversation, have the choice kept, and say so."""
    turn.set_language(language)
    turn.change(chose_language=True)
    turn.emit(SetLanguage(language))
    turn.say(Sentence.LANGUAGE_SET)
