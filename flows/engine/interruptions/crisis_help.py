"""Show somebody at risk where to find help, and halt the script until they clearly wish to go on.

Nothing here makes a diagnosis, asks about plans, or gives advice. The script is where it was afterwards.
"""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from flows.engine.effects import Prompt, SendMessage
from flows.engine.events import Event, LanguageDetected, Replied, RiskSuspected, Tapped, TextSubmitted
from flows.engine.interruptions.interruption import Rank, Reaction
from flows.engine.interruptions.safety_menu import SafetyMenu
from flows.engine.interruptions.safety_notice import care_text, help_text
from flows.engine.leaving import stop
from flows.engine.state import Care, is_over
from flows.engine.traversal import after_answer, walk
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.parsing.commands import GlobalWord, clearly_asks_to_go_on, global_word
from flows.parsing.language_names import asked_language
from flows.text.emoji import without_emoji
from flows.text.folding import fold

CARE: Final = "@care"
"""The slot of the help, as stored."""
GO_ON: Final = "go_on"
STOP: Final = "stop"
_CHOICES: Final = {GO_ON: Sentence.CARE_GO_ON, STOP: Sentence.UPSET_STOP}
STILL_MEANT: Final = frozenset(
    {
        GlobalWord.STOP,
        GlobalWord.HELP,
        GlobalWord.HUMAN,
        GlobalWord.MY_DATA,
        GlobalWord.DELETE_MY_DATA,
        GlobalWord.LINK,
    }
)
"""The commands that work while the script is halted; all others would go on with it."""
_SHORTEST_TELLING: Final = 4
"""The fewest letters of a word that says which choice is meant."""


class CrisisHelp(SafetyMenu):
    """Offer 'go on' and 'stop' under the help for somebody at risk; anything else shows the help again."""

    slot = CARE
    rank = Rank.BEFORE_ALL

    def choices(self, slot: str) -> Mapping[str, Sentence]:
        """Return the labels of 'go on' and 'stop', by code; the same under every slot."""
        return _CHOICES

    def text(self, turn: Turn, slot: str) -> str:
        """Return the short form of the crisis help, for every time after the first."""
        care = turn.state.care
        return say(Sentence.CARE_AGAIN, turn.state.language, number="…" if care is None else care.number)

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return the help with the number `ask` as a message; its choices bear no numbers, as none is chosen by one.

        A number may be the answer to the question before it, sent too late: it must neither stop nor go on.
        """
        return replace(super().prompt(turn, ask), numbered=False)

    def intercept(self, turn: Turn, event: Event) -> Reaction:
        """Take every event while the script is halted, except commands that still work and a wish for a language.

        Nothing is taken while it is not halted, or after the end.
        """
        if turn.state.care is None or is_over(turn.state):
            return Reaction.NOT_MINE
        match event:
            case LanguageDetected() | RiskSuspected():
                return Reaction.TAKEN  # nothing is offered to somebody at risk, and the help stands there
            case Replied() | TextSubmitted():
                return self.answer(turn, event.text)
            case Tapped(ask, option) if 0 <= ask < len(turn.state.asks) and turn.state.asks[ask].slot == CARE:
                return self.tap(turn, ask, option)
            case _:
                return self._decide(turn, None)

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Go on or stop where the words clearly wish it, else show the help again. 'Restart' is a wish to go on.

        Commands that still work, such as 'help', and a wish for a language are left to other readers.
        """
        word = global_word(text, turn.state.language)
        if word in STILL_MEANT or asked_language(text) is not None:
            return Reaction.NOT_MINE
        wish = GO_ON if word is GlobalWord.RESTART else self._wish(turn, text)
        if wish is not None:
            turn.hear_choice(text)
        return self._decide(turn, wish)

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Go on or stop while the script is halted, under whichever help was tapped; do nothing afterwards."""
        return Reaction.TAKEN if turn.state.care is None else self._decide(turn, self.code_at(CARE, option))

    def _decide(self, turn: Turn, code: str | None) -> Reaction:
        """Go on, stop, or, for None, put the help again under a new number."""
        if code == GO_ON:
            turn.change(care=None, aside=None, paused=False, misses=0)
            turn.say(Sentence.WELCOME_BACK)
            return _go_on(turn)
        if code == STOP:
            stop(turn)
        else:
            self.put(turn, CARE)
        return Reaction.TAKEN

    def _wish(self, turn: Turn, text: str) -> str | None:
        """Return the choice that words clearly name.

        Here a number, an emoji, a 'no' or half a label is no wish: only the whole label stops (as the command does),
        and going on takes a word of its label, or words such as 'continue'.
        """
        if clearly_asks_to_go_on(text, turn.state.language):
            return GO_ON
        code = self.code_typed(turn, CARE, text)
        if code is None:
            return None
        key, label = fold(without_emoji(text)), fold(say(_CHOICES[code], turn.state.language))
        named = key == label if code == STOP else bool(_telling(key) & _telling(label))
        return code if named else None


def halt(turn: Turn, care: Care) -> None:
    """Halt the script and show where to find help (`care`), in full. A conversation that is over is only shown it.

    While it is halted nothing of the script is sent, until the participant goes on or stops.
    """
    text = care_text(care, turn.state.language)
    if is_over(turn.state):
        turn.tell(text)
    else:
        turn.change(care=care, paused=True, misses=0, concerns=())
        CrisisHelp().put(turn, CARE, text=text)
    sent = turn.effects[-1]
    assert isinstance(sent, SendMessage)
    turn.effects[-1] = replace(sent, is_help=True)


def tell_of_help(turn: Turn, care: Care) -> None:
    """Say where help can be found, and halt nothing: what is open stays open, and is not put again.

    It is said once in a conversation, and not where crisis help was shown: it may be a mistake. It says nothing of
    what was written, and is said after the end too.
    """
    if turn.state.told_of_help or any(asked.slot == CARE for asked in turn.state.asks):
        return
    turn.change(told_of_help=True)
    said = Prompt(help_text(care, turn.state.language), language=turn.state.language)
    turn.emit(SendMessage(said, is_help=True))


def _go_on(turn: Turn) -> Reaction:
    """Go back to the script. A probe of the words that halted it is passed over: nobody is asked for more.

    What the script had to say before its question is said now, such as the words that a permission is asked for.
    """
    waiting = turn.waiting(turn.state.open)
    if waiting is None or not waiting.probe:
        for text in _unsaid(turn):
            turn.tell(text)
        return Reaction.ASK_AGAIN
    walk(turn, after_answer(turn, waiting.context))
    return Reaction.TAKEN


def _unsaid(turn: Turn) -> list[str]:
    """Return what the script was about to say before its open question when it was halted; nothing if that was seen.

    The way from the answer before to the question is walked once more, apart.
    """
    asks, number = turn.state.asks, turn.state.open
    if number is None or not _was_put_as_help_came(turn, number):
        return []
    before = (turn.waiting(ask) for ask in reversed(range(number)) if not asks[ask].slot.startswith("@"))
    answered = next(before, None)
    if answered is None:
        return []
    again = Turn(turn.compiled, turn.state, turn.now, localized=turn.localized, of_concern=True)
    walk(again, after_answer(again, answered.context))
    put = [asked.slot for asked in again.state.asks[len(asks) :]]
    said = [effect.prompt for effect in again.effects if isinstance(effect, SendMessage)]
    return [prompt.text for prompt in said if prompt.ask is None] if put == [asks[number].slot] else []


def _was_put_as_help_came(turn: Turn, number: int) -> bool:
    """Return whether a question was put in the turn that halted the script, so that help came in place of it."""
    after = turn.state.asks[number + 1 : number + 2]
    return bool(after) and after[0].slot == CARE and after[0].at == turn.state.asks[number].at


def _telling(key: str) -> set[str]:
    """Return the words of a folded text that can tell one choice from another."""
    return {word for word in key.split() if len(word) >= _SHORTEST_TELLING and not word.isdecimal()}
