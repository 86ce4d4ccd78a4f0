"""Ask one question with buttons, read the reply as a choice, and ask once more before giving up.

The base of the menus that a command or an answer opens: later, language, which answer to change.
"""

from abc import abstractmethod
from typing import Any, ClassVar, Final

from flows.engine.effects import Option, Prompt, PromptKind
from flows.engine.interruptions.interruption import Interruption, Rank, Reaction
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, UnreadReply, read_choice
from flows.parsing.choices import ChoiceText

_FAILED_CHOICE: Final = 3
"""Words, at most, of a reply that can be nothing but a choice that was not understood, which is said."""


class Menu(Interruption):
    """Offer choices, each with a code; the codes are kept with the question when it is put."""

    rank = Rank.BEFORE_QUESTION
    sentence: ClassVar[Sentence]
    """What is asked."""

    says_when_it_gives_up: ClassVar[bool] = False
    """Whether `give_up` says what comes of the second reply; else that one is kept as a remark, however short."""

    @abstractmethod
    def label(self, turn: Turn, code: str) -> str:
        """Return the words on the button of this code, in the conversation's language."""

    @abstractmethod
    def choose(self, turn: Turn, value: Any) -> Reaction:
        """Do what was chosen; return `TAKEN`, or `ASK_AGAIN` where the open question is to be sent.

        `value` is what `read` gave: a code unless a subclass reads otherwise.
        """

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return the menu with the number `ask` as a message, with a button for each code that was kept with it."""
        language = turn.state.language
        options = tuple(Option(self.label(turn, code)) for code in turn.codes_at(ask))
        return Prompt(
            say(self.sentence, language), PromptKind.SELECT_ONE, ask, options=options, language=language
        )

    def read(self, turn: Turn, text: str, codes: tuple[str, ...]) -> ReadReply | UnreadReply:
        """Read typed words as one of the choices with these codes, by label or number.

        An `UnreadReply` says what would do where they are none.
        """
        choices = tuple(ChoiceText(code, self.label(turn, code)) for code in codes)
        return read_choice(text, choices, turn.state.language)

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Take words as a choice. The first time they are none, explain and ask again; the second time, `give_up`."""
        assert turn.state.aside is not None
        reading = self.read(turn, text, turn.codes_at(turn.state.aside))
        if isinstance(reading, ReadReply):
            turn.hear_choice(text)
            return self.choose(turn, reading.value)
        is_explained = not turn.state.misses or self.says_when_it_gives_up
        turn.heard = is_explained and len(text.split()) <= _FAILED_CHOICE
        if turn.state.misses:
            return self.give_up(turn)
        turn.change(misses=1)
        turn.say(reading.why, **reading.fields)
        return Reaction.ASK_AGAIN

    def give_up(self, turn: Turn) -> Reaction:
        """Close the menu after the second reply that was no choice, and go back to the script's question."""
        turn.change(aside=None, misses=0)
        return Reaction.ASK_AGAIN

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Choose what is on the button at place `option`, while this menu is open; say afterwards that it is over."""
        codes = turn.codes_at(ask)
        if ask == turn.state.aside and 0 <= option < len(codes):
            return self.choose(turn, codes[option])
        turn.hint(Sentence.BUTTON_OVER)
        return Reaction.TAKEN
