"""Ask when to come back, after the command 'later', and snooze until then."""

from datetime import datetime
from typing import Final

from flows.engine.interruptions.interruption import Reaction
from flows.engine.interruptions.menu import Menu
from flows.engine.leaving import pause, snooze
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, UnreadReply
from flows.parsing.dates.later import LATER_LABELS, read_later
from flows.schedule.local_time import LaterName, later_options

LATER: Final = "@later"
"""The slot of the menu, as stored."""


class LaterMenu(Menu):
    """Ask when to come back. Each button stands for a time, such as tomorrow morning; its code is the time's name."""

    slot = LATER
    sentence = Sentence.LATER_WHEN

    def label(self, turn: Turn, code: str) -> str:
        """Return the words for the time called `code`, such as 'tomorrow morning', in the conversation's language.

        `code` is a value of `LaterName`.
        """
        return say(LATER_LABELS[LaterName(code)], turn.state.language)

    def read(self, turn: Turn, text: str, codes: tuple[str, ...]) -> ReadReply | UnreadReply:
        """Read words as a time, offered or not; the value is an aware datetime."""
        return read_later(text, now=turn.now, zone=turn.zone, language=turn.state.language)

    def choose(self, turn: Turn, value: datetime) -> Reaction:
        """Pause the conversation until the time that was chosen, an aware datetime."""
        snooze(turn, value)
        return Reaction.TAKEN

    def give_up(self, turn: Turn) -> Reaction:
        """Pause the conversation after two replies that named no time, until the participant writes again.

        Whoever said 'later' is not to be asked a third time.
        """
        pause(turn)
        return Reaction.TAKEN

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Pause the conversation until the time on the button at place `option`, also under a menu from before.

        An evening that has come or gone since then becomes tomorrow.
        """
        codes = turn.codes_at(ask)
        if not 0 <= option < len(codes):
            return Reaction.TAKEN
        times = {choice.name.value: choice.at for choice in later_options(turn.now, turn.zone)}
        return self.choose(turn, times.get(codes[option], times[LaterName.TOMORROW.value]))


def ask_when_to_come_back(turn: Turn) -> None:
    """Open the menu of times to come back, with those that still lie ahead: this evening, tomorrow, next Monday."""
    names = tuple(option.name.value for option in later_options(turn.now, turn.zone))
    LaterMenu().put(turn, LATER, names)
