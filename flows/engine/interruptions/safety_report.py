"""Ask what a safety report lacks, at most four questions, and have each answer kept with the case.

`state.concerns` holds the questions still to come. Nothing here asks what caused what.
"""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from flows.engine.effects import Option, Prompt, RecordReportAnswer
from flows.engine.interruptions.interruption import Rank, Reaction
from flows.engine.interruptions.safety_menu import NO, YES, SafetyMenu
from flows.engine.interruptions.safety_notice import ReportQuestion
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.text.folding import fold

REPORT: Final = "@safety_"
"""The prefix of the slots of the questions: `@safety_what`."""
_TEXTS: Final = {
    ReportQuestion.WHAT: Sentence.SAFETY_WHAT,
    ReportQuestion.WHICH: Sentence.SAFETY_WHICH,
    ReportQuestion.WHO: Sentence.SAFETY_WHO,
    ReportQuestion.CONTACT: Sentence.SAFETY_CONTACT,
}
_CHOICES: Final = {
    ReportQuestion.WHO: {
        "self": Sentence.SAFETY_WHO_SELF,
        "cared_for": Sentence.SAFETY_WHO_CARED_FOR,
        "other": Sentence.SAFETY_WHO_OTHER,
    },
    ReportQuestion.CONTACT: {YES: Sentence.YES, NO: Sentence.NO},
}


class SafetyReport(SafetyMenu):
    """Ask the questions of a safety report, one after the other; each may be skipped."""

    slot = REPORT
    rank = Rank.BEFORE_ABSENCE

    def choices(self, slot: str) -> Mapping[str, Sentence]:
        """Return who it happened to, or yes and no to being contacted; empty for the other two."""
        return _CHOICES.get(_question(slot), {})

    def text(self, turn: Turn, slot: str) -> str:
        """Return the question."""
        return say(_TEXTS[_question(slot)], turn.state.language)

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return the question with its buttons and 'Skip'."""
        prompt = super().prompt(turn, ask)
        skip = Option(say(Sentence.BUTTON_SKIP, turn.state.language), control=True)
        return replace(prompt, options=(*prompt.options, skip))

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Keep the choice that words name, else the words; the label of 'Skip' skips.

        Words that are neither yes nor no to being contacted skip too: nobody agrees by accident.
        """
        assert turn.state.aside is not None
        slot = turn.state.asks[turn.state.aside].slot
        code = self.code_typed(turn, slot, text)
        if fold(text) == fold(say(Sentence.BUTTON_SKIP, turn.state.language)):
            return ask_next(turn)
        if code is None and _question(slot) is ReportQuestion.CONTACT:
            return ask_next(turn)
        return _note(turn, slot, code or text)

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Keep the choice at this place while the question is open; the button after the choices skips."""
        if ask != turn.state.aside:
            return Reaction.TAKEN
        slot = turn.state.asks[ask].slot
        code = self.code_at(slot, option)
        return ask_next(turn) if code is None else _note(turn, slot, code)

    def skip(self, turn: Turn) -> Reaction:
        """Leave this question out, and nothing of the script."""
        return ask_next(turn)


def begin_report(turn: Turn, questions: tuple[ReportQuestion, ...]) -> None:
    """Say that a report is made, and put the first of its questions."""
    turn.say(Sentence.SAFETY_INTRO)
    turn.change(concerns=tuple(question.value for question in questions))
    if ask_next(turn) is Reaction.ASK_AGAIN:
        turn.show_open()


def ask_next(turn: Turn) -> Reaction:
    """Put the next of the report's questions; after the last one say thanks and go back to the script."""
    if turn.state.concerns:
        first, *rest = turn.state.concerns
        turn.change(concerns=tuple(rest))
        SafetyReport().put(turn, REPORT + first)
        return Reaction.TAKEN
    turn.change(aside=None, misses=0)
    turn.say(Sentence.SAFETY_THANKS)
    return Reaction.TAKEN if turn.state.paused else Reaction.ASK_AGAIN


def _question(slot: str) -> ReportQuestion:
    """Return the report's question that a slot stands for."""
    return ReportQuestion(slot.removeprefix(REPORT))


def _note(turn: Turn, slot: str, words: str) -> Reaction:
    """Have an answer recorded with the case, and ask the next question."""
    turn.emit(RecordReportAnswer(_question(slot).value, words))
    return ask_next(turn)
