"""Ask who comes back after the talk ran out whether to go on where it was. Nothing they wrote is taken as an answer.

Their words are kept as a remark: the question that was open is weeks away for them, and may mean nothing by now.
"""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Final, assert_never

from flows.engine.events import Returned
from flows.engine.interruptions.interruption import Reaction
from flows.engine.interruptions.menu import Menu
from flows.engine.interruptions.remark_offer import offer_remark_once
from flows.engine.leaving import pause, restart
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, UnreadReply, exact_choice, read_choice
from flows.parsing.choices import ChoiceText
from flows.parsing.commands import GlobalWord, asks_to_go_on, global_word

RETURNED: Final = "@returned"
"""The slot of the menu, as stored."""


class ReturnedChoice(StrEnum):
    """Name what somebody may choose who comes back to a conversation that had expired."""

    GO_ON = auto()
    ANEW = auto()
    NOT_NOW = auto()


_LABELS: Final[Mapping[str, Sentence]] = {
    ReturnedChoice.GO_ON.value: Sentence.UPSET_GO_ON,
    ReturnedChoice.ANEW.value: Sentence.RETURNED_ANEW,
    ReturnedChoice.NOT_NOW.value: Sentence.RETURNED_NOT_NOW,
}
_MEANINGS: Final = {ReturnedChoice.GO_ON.value: True, ReturnedChoice.NOT_NOW.value: False}


class ReturnedMenu(Menu):
    """Ask 'Shall we go on where we were?': go on, start anew, or not now. Yes and no mean the first and the last."""

    slot = RETURNED
    sentence = Sentence.RETURNED

    def label(self, turn: Turn, code: str) -> str:
        """Return the words on the button of a choice; `code` is a value of `ReturnedChoice`."""
        return say(_LABELS[code], turn.state.language)

    def read(self, turn: Turn, text: str, codes: tuple[str, ...]) -> ReadReply | UnreadReply:
        """Read typed words as one of the choices: by label or number, or by a yes or a no; 'continue' goes on."""
        if asks_to_go_on(text, turn.state.language):
            return ReadReply(ReturnedChoice.GO_ON.value)
        return read_choice(text, self._choices(turn, codes), turn.state.language)

    def named(self, turn: Turn, text: str) -> str | None:
        """Return the code of the choice whose label the words are; None for all others."""
        found = exact_choice(text, self._choices(turn, tuple(_LABELS)))
        return None if found is None else found.code

    def choose(self, turn: Turn, value: str) -> Reaction:
        """Show the open question again, begin anew, or pause.

        Where the open question takes remarks, the newest is offered as its answer.
        """
        turn.change(aside=None, paused=False, misses=0)
        match ReturnedChoice(value):
            case ReturnedChoice.GO_ON:
                turn.show_open()
                offer_remark_once(turn, turn.state.open or 0)
            case ReturnedChoice.ANEW:
                restart(turn)
            case ReturnedChoice.NOT_NOW:
                pause(turn)
            case code:
                assert_never(code)
        return Reaction.TAKEN

    def _choices(self, turn: Turn, codes: tuple[str, ...]) -> tuple[ChoiceText, ...]:
        return tuple(
            ChoiceText(code, self.label(turn, code), (), False, _MEANINGS.get(code)) for code in codes
        )


def take_returned(turn: Turn, event: Returned) -> None:
    """Ask somebody who has returned whether to go on, unless their words are the label of a choice, or 'restart'.

    Other words are left to be kept as a remark.
    """
    menu = ReturnedMenu()
    code = menu.named(turn, event.text)
    if global_word(event.text, turn.state.language) is GlobalWord.RESTART:
        code = ReturnedChoice.ANEW.value
    if code is None:
        menu.put(turn, RETURNED, tuple(_LABELS))
    else:
        turn.heard = True
        menu.choose(turn, code)
