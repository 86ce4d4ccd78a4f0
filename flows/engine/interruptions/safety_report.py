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
from flows.text.emoji import without_emoji
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
    """Ask the questions that a safety report lacks, one after the other; each may be skipped."""

    slot = REPORT
    rank = Rank.BEFORE_ABSENCE

    def choices(self, slot: str) -> Mapping[str, Sentence]:
        """Return labels by code: of whom it happened to, or yes and no to being contacted.

        Empty for the two questions that ask for words: what happened, and with which product.
        """
        return _CHOICES.get(_question(slot), {})

    def text(self, turn: Turn, slot: str) -> str:
        """Return the words of the report's question under a slot, in the conversation's language."""
        return say(_TEXTS[_question(slot)], turn.state.language)

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return the report's question with the number `ask` as a message, with its choices and 'Skip'."""
        prompt = super().prompt(turn, ask)
        skip = Option(say(Sentence.BUTTON_SKIP, turn.state.language), control=True)
        return replace(prompt, options=(*prompt.options, skip))

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Have the choice that the words name kept with the case, else the words, and ask the next question.

        The label of 'Skip' skips. Words that are neither yes nor no to being contacted skip too: nobody agrees by
        accident. An emoji alone is too little for that question: it is asked again.
        """
        assert turn.state.aside is not None
        slot = turn.state.asks[turn.state.aside].slot
        code = self.code_typed(turn, slot, text)
        turn.hear_choice(text)
        if fold(without_emoji(text)) == fold(say(Sentence.BUTTON_SKIP, turn.state.language)):
            return ask_next(turn)
        if _question(slot) is ReportQuestion.CONTACT:
            if self.wants_words(turn, text):
                return Reaction.ASK_AGAIN
            if code is None:
                turn.heard = False
                return ask_next(turn)
        if code is None:
            turn.heard = True  # all of it is kept with the case
        return _note(turn, slot, code or text)

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Have the choice at place `option` kept with the case while the question is open, and ask the next one.

        A place after the choices skips the question.
        """
        if ask != turn.state.aside:
            return Reaction.TAKEN
        slot = turn.state.asks[ask].slot
        code = self.code_at(slot, option)
        return ask_next(turn) if code is None else _note(turn, slot, code)

    def skip(self, turn: Turn) -> Reaction:
        """Leave this question of the report out and ask its next one; the script's question is not skipped."""
        return ask_next(turn)


def in_words(name: str, said: str, language: str) -> tuple[str, str]:
    """Return a question of the report by its name, and what was answered to it: the label of a code, else the words.

    >>> in_words("contact", "yes", "en")[1]
    'Yes'
    """
    question = ReportQuestion(name)
    label = _CHOICES.get(question, {}).get(said)
    return say(_TEXTS[question], language), said if label is None else say(label, language)


def begin_report(turn: Turn, questions: tuple[ReportQuestion, ...], *, thanked: bool) -> None:
    """Say that a safety report is made, and put the first of these questions; the others wait in the state.

    It is thanked for what was told, unless it was `thanked` for in this turn.
    """
    turn.say(Sentence.SAFETY_INTRO_HEARD if thanked else Sentence.SAFETY_INTRO)
    turn.change(concerns=tuple(question.value for question in questions))
    if ask_next(turn) is Reaction.ASK_AGAIN:
        turn.show_open()


def ask_next(turn: Turn) -> Reaction:
    """Put the next of the report's questions; after the last one say thanks and go back to the script.

    Return `TAKEN` where a question was put or the conversation is paused, else `ASK_AGAIN`, which shows the script's
    question.
    """
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
