"""Offer to go on, skip, pause or stop after words of sadness or fear. Offered once in a conversation."""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Final, assert_never

from flows.engine.interruptions.interruption import Rank, Reaction
from flows.engine.interruptions.safety_menu import SafetyMenu
from flows.engine.interruptions.safety_report import ask_next
from flows.engine.leaving import pause, stop
from flows.engine.replies.settling import skip
from flows.engine.traversal import after_answer, walk
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.parsing.commands import asks_to_go_on

UPSET: Final = "@upset"
"""The slot of the menu, as stored."""


class UpsetChoice(StrEnum):
    """Name what a participant may choose after words of sadness or fear."""

    GO_ON = auto()
    SKIP = auto()
    PAUSE = auto()
    STOP = auto()


_CHOICES: Final = {
    UpsetChoice.GO_ON.value: Sentence.UPSET_GO_ON,
    UpsetChoice.SKIP.value: Sentence.UPSET_SKIP,
    UpsetChoice.PAUSE.value: Sentence.UPSET_PAUSE,
    UpsetChoice.STOP.value: Sentence.UPSET_STOP,
}


class UpsetMenu(SafetyMenu):
    """Ask, after words of sadness or fear, whether to go on, skip the question, pause or stop."""

    slot = UPSET
    rank = Rank.BEFORE_ABSENCE

    def choices(self, slot: str) -> Mapping[str, Sentence]:
        """Return the labels of 'go on', 'skip', 'pause' and 'stop', by code; the same under every slot."""
        return _CHOICES

    def text(self, turn: Turn, slot: str) -> str:
        """Return the words of the menu, in the conversation's language."""
        return say(Sentence.UPSET, turn.state.language)

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Carry out the choice that the words name; the first time they name none, ask again, the second time go on.

        Nobody is kept at it: whoever writes on wants to go on. An emoji alone is too little to stop.
        """
        code = self.code_typed(turn, UPSET, text)
        if code is None and asks_to_go_on(text, turn.state.language):
            code = UpsetChoice.GO_ON.value
        if code == UpsetChoice.STOP and self.wants_words(turn, text):
            return Reaction.ASK_AGAIN
        if code is None and turn.state.misses == 0:
            turn.change(misses=1)
            turn.say(Sentence.UNREAD_CHOICE)
            return Reaction.ASK_AGAIN
        if code is not None:
            turn.hear_choice(text)
        return _choose(turn, UpsetChoice.GO_ON if code is None else UpsetChoice(code))

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Carry out the choice at place `option` while the menu is open; do nothing afterwards."""
        code = self.code_at(UPSET, option)
        return _choose(turn, UpsetChoice(code)) if ask == turn.state.aside and code else Reaction.TAKEN

    def skip(self, turn: Turn) -> Reaction:
        """Close the menu without a choice, and put the next question of a safety report if any is left.

        Else go back to the script's question, which is not skipped. Nothing is said of a report then: none was made.
        """
        if turn.state.concerns:
            return ask_next(turn)
        turn.change(aside=None, misses=0)
        return Reaction.TAKEN if turn.state.paused else Reaction.ASK_AGAIN


def _choose(turn: Turn, choice: UpsetChoice) -> Reaction:
    """Close the menu and carry out a choice."""
    turn.change(aside=None, misses=0)
    match choice:
        case UpsetChoice.GO_ON:
            return Reaction.ASK_AGAIN
        case UpsetChoice.SKIP:
            _leave_out(turn)
        case UpsetChoice.PAUSE:
            pause(turn)
        case UpsetChoice.STOP:
            stop(turn)
        case _:
            assert_never(choice)
    return Reaction.TAKEN


def _leave_out(turn: Turn) -> None:
    """Skip the open question. One that was not shown yet is skipped under the words of the menu, which were.

    A further question that was not shown is passed over, as if it had never been put.
    """
    waiting, shown = turn.waiting(turn.state.open), turn.state.in_its_place
    if waiting is None:
        return
    if shown is not None and waiting.probe:
        walk(turn, after_answer(turn, waiting.context))
        return
    if shown is not None:
        turn.change(written_under={**turn.state.written_under, waiting.slot: shown})
    skip(turn, waiting)
