"""Define what every interruption is: a class with a slot, a rank, and `prompt`, `answer`, `tap` and `skip`.

The classes hold no state of their own: everything they know is in the turn's state, where `aside` is the number of
the interruption's question that is open.
"""

from abc import ABC, abstractmethod
from enum import Enum, IntEnum, auto
from typing import ClassVar

from msgspec.structs import replace

from flows.engine.effects import Prompt, SendMessage
from flows.engine.events import Event
from flows.engine.turn import Turn


class Rank(IntEnum):
    """Say when an open interruption reads a reply. Lower ranks read earlier; see `table` for the whole order."""

    BEFORE_ALL = auto()
    """It reads through `intercept`, before commands and whatever the event is."""
    BEFORE_COMMANDS = auto()
    """It reads words that are no command, before all other readers of words."""
    BEFORE_ABSENCE = auto()
    """It reads after commands, and before 'I am away until Monday'."""
    BEFORE_QUESTION = auto()
    """It reads last, just before the script's question."""


class Reaction(Enum):
    """Name what an interruption did with an event."""

    NOT_MINE = auto()
    """Nothing: the event goes on to the readers after it. Words given back so close the interruption."""
    TAKEN = auto()
    """It took the event, and everything that is to be sent has been sent."""
    ASK_AGAIN = auto()
    """It took the event; what waits now is to be sent again: the interruption if one is open, else the question."""


class Interruption(ABC):
    """Define a small exchange of the engine's own before the open question of the script, such as a menu.

    A subclass is named in `table.INTERRUPTIONS`. Its questions are numbered like the script's; their slots begin with
    `slot`.
    """

    slot: ClassVar[str]
    """The prefix of its slots, as stored: begins with `@`, and is no prefix of another's."""
    rank: ClassVar[Rank]
    after_end: ClassVar[bool] = False
    """Whether it takes replies after the conversation's end, too."""
    intercepts: ClassVar[bool] = False
    """Whether it has an `intercept` of its own; every event of every turn asks, so it is found out once."""

    def __init_subclass__(cls) -> None:
        """Note whether the subclass reads events before everything else."""
        cls.intercepts = cls.intercept is not Interruption.intercept

    @abstractmethod
    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return this interruption's question with the number `ask` as a message."""

    @abstractmethod
    def answer(self, turn: Turn, text: str) -> Reaction:
        """React to words that were typed while this interruption is open; return what it did with them."""

    @abstractmethod
    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """React to a tap on the button at place `option` under this interruption's question with the number `ask`.

        Called also for a question that is no longer open, and for places that have no button.
        """

    def skip(self, turn: Turn) -> Reaction:
        """React to 'skip' while this interruption is open: close it, and show the script's question again."""
        turn.change(aside=None, paused=False)
        return Reaction.ASK_AGAIN

    def leave(self, turn: Turn) -> Reaction:
        """React to 'cancel', 'enough' and the like while this interruption is open.

        Most leave it to the menu that asks what is meant, as here.
        """
        return Reaction.NOT_MINE

    def means(self, turn: Turn, text: str) -> bool:
        """Return whether words can mean only what this interruption asks, also where it could not be seen yet."""
        return False

    def intercept(self, turn: Turn, event: Event) -> Reaction:
        """React to any event before everything else reads it, whether this interruption is open or not.

        Most leave every event to the others, as here.
        """
        return Reaction.NOT_MINE

    def put(
        self, turn: Turn, slot: str, codes: tuple[str, ...] | None = None, text: str | None = None
    ) -> None:
        """Open a question of this interruption under a new number, and send it.

        `codes` are kept with the question, for `prompt` and `tap`. `text` is shown this once in place of the question's
        own.
        """
        ask = turn.number(slot, codes)
        turn.change(aside=ask, misses=0)
        prompt = self.prompt(turn, ask)
        turn.emit(SendMessage(prompt if text is None else replace(prompt, text=text)))
