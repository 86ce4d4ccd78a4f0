"""Name every interruption in order of precedence, and hand each event to the one that it concerns.

Theory. An interruption is a small exchange of the engine's own that stands before the open question of the script,
such as "When should I come back?". At most one is open: `state.aside` is the number of its question, and the prefix
of that question's slot names its class. A reply is read by these readers in turn, and the first that takes it wins:

 1. `intercept` of each interruption, in the order of the table: crisis help halts the script for every event.
 2. A wish for a language by name ("in Spanish, please"), and a time zone by a place ("time zone Vienna").
 3. An inquiry ("who reads this?"), for words that are no command and no label of the question, and in which the safety
    scan found nothing. What is open stays open, and is put again. Under a question for own words the whole message
    must be an inquiry, and no thanks; under those for a safety report none that may be their answer. See `inquiries`.
    After a pause words that say no more than "continue" or "I'm back" have the open question shown again.
 4. The open interruption if its rank is BEFORE_COMMANDS, for words that are no command or are a label of the question.
 5. Commands ("stop", "later"). A label of the script's question is none, but for "stop" or while an interruption is
    open. 'Skip' goes to the open interruption. 'Cancel', 'end' and the like are no command where they have one meaning:
    under 'Shall I change it?' and under a read-back they are its no, under the questions for a safety report the end of
    these, and under the menu that asks what is meant by them they are words like any others.
 6. The open interruption if its rank is BEFORE_ABSENCE.
 7. An absence ("I am away until Monday"), except where the open question asks for a date.
 8. The open interruption if its rank is BEFORE_QUESTION.
 9. The question of the script.

The precedence follows from what a mistake would cost: a person at risk must see help; a safety report must not lose
an answer to a guess; a menu can be asked again. Taps need no order: the number of the question says whose they are.
To add an interruption, write a class in a file of its own and name it here.
"""

from typing import Final

from flows.engine.effects import Prompt, SendMessage
from flows.engine.events import Event
from flows.engine.interruptions.answer_change import AnswerChange
from flows.engine.interruptions.change_menu import ChangeMenu
from flows.engine.interruptions.crisis_help import CrisisHelp
from flows.engine.interruptions.interruption import Interruption, Rank, Reaction
from flows.engine.interruptions.language_menu import LanguageMenu
from flows.engine.interruptions.language_offer import LanguageOffer
from flows.engine.interruptions.later_menu import LaterMenu
from flows.engine.interruptions.leave_menu import LeaveMenu
from flows.engine.interruptions.remark_offer import RemarkOffer
from flows.engine.interruptions.returned_menu import ReturnedMenu
from flows.engine.interruptions.safety_report import SafetyReport
from flows.engine.interruptions.upset_menu import UpsetMenu
from flows.engine.interruptions.zone_menu import ZoneCheck, ZoneMenu
from flows.engine.state import is_over
from flows.engine.turn import Turn

INTERRUPTIONS: Final[tuple[Interruption, ...]] = (
    CrisisHelp(),
    LanguageOffer(),
    AnswerChange(),
    SafetyReport(),
    UpsetMenu(),
    LaterMenu(),
    LanguageMenu(),
    ZoneMenu(),
    ZoneCheck(),
    LeaveMenu(),
    ReturnedMenu(),
    ChangeMenu(),
    RemarkOffer(),
)


INTERCEPTING: Final = tuple(one for one in INTERRUPTIONS if one.intercepts)
"""Those that may take an event before anything else reads it."""


def interruption_at(slot: str) -> Interruption | None:
    """Return the interruption that a slot belongs to; None for a slot of the script."""
    return next((one for one in INTERRUPTIONS if slot.startswith(one.slot)), None)


def intercepted(turn: Turn, event: Event) -> bool:
    """Offer an event to interruptions before anything else reads it; return whether one took it.

    Asked are those with an `intercept` of their own, in the order of `INTERRUPTIONS`, up to the first that takes it.
    """
    return any(_is_taken(turn, one.intercept(turn, event)) for one in INTERCEPTING)


def answered(turn: Turn, rank: Rank, text: str) -> bool:
    """Give words to the open interruption if it has this rank; return whether it took them.

    Words that it does not take close it.
    """
    current = _open(turn)
    if current is None or current.rank is not rank:
        return False
    reaction = current.answer(turn, text)
    if reaction is Reaction.NOT_MINE:
        turn.change(aside=None)
    return _is_taken(turn, reaction)


def taken_unseen(turn: Turn, text: str) -> bool:
    """Give words to the open interruption that can mean only what it asks, also before it could be seen."""
    current = _open(turn)
    return current is not None and current.means(turn, text) and _is_taken(turn, current.answer(turn, text))


def tapped(turn: Turn, ask: int, option: int) -> None:
    """Give a tap to the interruption whose question has the number `ask`, open or not.

    Nothing is done under a question of the script, and after the end only by those that act there too. `option` is the
    place of the button, from 0.
    """
    owner = interruption_at(turn.state.asks[ask].slot)
    if owner is not None and (owner.after_end or not is_over(turn.state)):
        _is_taken(turn, owner.tap(turn, ask, option))


def skipped(turn: Turn) -> bool:
    """Give the command 'skip' to the open interruption; return whether it took it, False where none is open."""
    current = _open(turn)
    return current is not None and _is_taken(turn, current.skip(turn))


def left(turn: Turn) -> bool:
    """Give 'cancel' and the like to the open interruption; return whether it took them, False where none is open."""
    current = _open(turn)
    return current is not None and _is_taken(turn, current.leave(turn))


def show_what_waits(turn: Turn) -> None:
    """Send what waits for a reply once more: the question of the open interruption, else the script's."""
    current, ask = _open(turn), turn.state.aside
    if current is not None and ask is not None:
        turn.emit(SendMessage(current.prompt(turn, ask)))
    else:
        turn.show_open()


def what_waits(turn: Turn) -> Prompt | None:
    """Return what waits for a reply as a message: the question of the open interruption, else the script's.

    None where the conversation is over, or the script is halted while somebody at risk is shown crisis help.
    """
    current, ask = _open(turn), turn.state.aside
    if turn.state.open is None or turn.state.care is not None or current is None or ask is None:
        return turn.open_prompt()
    return current.prompt(turn, ask)


def _open(turn: Turn) -> Interruption | None:
    """Return the interruption that is open; None where none is."""
    ask = turn.state.aside
    return None if ask is None else interruption_at(turn.state.asks[ask].slot)


def _is_taken(turn: Turn, reaction: Reaction) -> bool:
    """Carry out a reaction: send what waits where that is asked for. Return whether the event was taken."""
    if reaction is Reaction.ASK_AGAIN:
        show_what_waits(turn)
    return reaction is not Reaction.NOT_MINE
