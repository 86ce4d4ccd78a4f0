"""Ask what somebody is done with who says 'cancel', 'end' or 'enough': this question, for now, or for good.

Only words that can mean nothing else stop at once. To be asked costs a tap; to be stopped for good by a word that meant
one question costs everything that was still to come.
"""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Final, assert_never

from flows.engine.interruptions.interruption import Reaction
from flows.engine.interruptions.menu import Menu
from flows.engine.leaving import pause, stop
from flows.engine.replies.settling import skip
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.parsing.commands import asks_to_go_on
from flows.parsing.substance import Substance, substance_of

LEAVE: Final = "@leave"
"""The slot of the menu, as stored."""
OVER_ASIDE: Final = "@leave.aside"
"""The slot of the menu that came in place of another interruption, which is what 'this question' is then."""


class LeaveChoice(StrEnum):
    """Name what a participant may be done with."""

    QUESTION = auto()
    PAUSE = auto()
    STOP = auto()


_LABELS: Final[Mapping[str, Sentence]] = {
    LeaveChoice.QUESTION.value: Sentence.LEAVE_QUESTION,
    LeaveChoice.PAUSE.value: Sentence.UPSET_PAUSE,
    LeaveChoice.STOP.value: Sentence.UPSET_STOP,
}


class LeaveMenu(Menu):
    """Ask 'What would you like to do?': leave this question, pause, or stop. Left alone, it changes nothing."""

    slot = LEAVE
    sentence = Sentence.LEAVE_WHICH

    def label(self, turn: Turn, code: str) -> str:
        """Return the words on the button of a choice; `code` is a value of `LeaveChoice`."""
        return say(_LABELS[code], turn.state.language)

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Take words as a choice; 'no', 'nothing' and 'continue' end nothing, and it goes on where it was."""
        language = turn.state.language
        if substance_of(text, language) is not Substance.NOTHING and not asks_to_go_on(text, language):
            return super().answer(turn, text)
        turn.heard = True
        turn.change(aside=None, misses=0)
        return Reaction.ASK_AGAIN

    def choose(self, turn: Turn, value: str) -> Reaction:
        """Leave the question, pause or stop; where no answer may be left out, that is said."""
        ask = turn.state.aside
        is_over_aside = ask is not None and turn.state.asks[ask].slot == OVER_ASIDE
        turn.change(aside=None, paused=False, misses=0)
        match LeaveChoice(value):
            case LeaveChoice.QUESTION if is_over_aside:
                return Reaction.ASK_AGAIN
            case LeaveChoice.QUESTION:
                waiting = turn.waiting(turn.state.open)
                if waiting is not None:
                    skip(turn, waiting)
            case LeaveChoice.PAUSE:
                pause(turn)
            case LeaveChoice.STOP:
                stop(turn)
            case code:
                assert_never(code)
        return Reaction.TAKEN

    def skip(self, turn: Turn) -> Reaction:
        """Take the command 'skip' as the choice to leave this question."""
        return self.choose(turn, LeaveChoice.QUESTION.value)


def ask_what_to_leave(turn: Turn, *, over_aside: bool) -> None:
    """Open the menu; `over_aside` says that it comes in place of another interruption's question."""
    LeaveMenu().put(turn, OVER_ASIDE if over_aside else LEAVE, tuple(_LABELS))


def is_asked_what_to_leave(turn: Turn) -> bool:
    """Return whether the menu is open: 'cancel' is then a reply that names none of its choices."""
    ask = turn.state.aside
    return ask is not None and turn.state.asks[ask].slot.startswith(LEAVE)
