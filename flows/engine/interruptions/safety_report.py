"""Ask what a safety report lacks, at most four questions, and have each answer kept with the case.

`state.concerns` holds the questions still to come. Nothing here asks what caused what. Who says that it is about no
medicine, or that there is nothing, is asked no more: those words are kept with the case, which the safety team reads.
"""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from flows.engine.effects import Option, Prompt, PromptKind, RecordReportAnswer
from flows.engine.interruptions.interruption import Rank, Reaction
from flows.engine.interruptions.safety_menu import NO, YES, SafetyMenu
from flows.engine.interruptions.safety_notice import ReportQuestion
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.parsing.substance import (
    Substance,
    has_substance,
    names_no_medicine,
    refers_back,
    says_nothing,
    substance_of,
)
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
NO_MEDICINE: Final = "no_medicine"
_CHOICES: Final[Mapping[ReportQuestion, Mapping[str, Sentence]]] = {
    ReportQuestion.WHAT: {NO_MEDICINE: Sentence.SAFETY_NO_MEDICINE},
    ReportQuestion.WHICH: {NO_MEDICINE: Sentence.SAFETY_NO_MEDICINE},
    ReportQuestion.WHO: {
        "self": Sentence.SAFETY_WHO_SELF,
        "cared_for": Sentence.SAFETY_WHO_CARED_FOR,
        "other": Sentence.SAFETY_WHO_OTHER,
    },
    ReportQuestion.CONTACT: {YES: Sentence.YES, NO: Sentence.NO},
}
_OWN_WORDS: Final = frozenset({ReportQuestion.WHAT, ReportQuestion.WHICH})
"""The questions that ask for words; their one button is the way out."""


class SafetyReport(SafetyMenu):
    """Ask the questions that a safety report lacks, one after the other; each may be skipped."""

    slot = REPORT
    rank = Rank.BEFORE_ABSENCE

    def choices(self, slot: str) -> Mapping[str, Sentence]:
        """Return labels by code: of whom it happened to, or yes and no to being contacted.

        For the two questions that ask for words, what happened and with which product: that it is about no medicine.
        """
        return _CHOICES[_question(slot)]

    def text(self, turn: Turn, slot: str) -> str:
        """Return the words of the report's question under a slot, in the conversation's language."""
        return say(_TEXTS[_question(slot)], turn.state.language)

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return the report's question with the number `ask` as a message, with its choices and 'Skip'."""
        language, prompt = turn.state.language, super().prompt(turn, ask)
        options = prompt.options if self._has_choices(turn, ask) else ()
        kind = PromptKind.TEXT if _question(turn.state.asks[ask].slot) in _OWN_WORDS else prompt.kind
        skip = Option(say(Sentence.BUTTON_SKIP, language), control=True)
        return replace(prompt, kind=kind, options=(*options, skip))

    def code_typed(self, turn: Turn, slot: str, text: str) -> str | None:
        """Return the code of the choice that typed words name; under a question for words only by label or number."""
        if _question(slot) not in _OWN_WORDS:
            return super().code_typed(turn, slot, text)
        words, label = fold(without_emoji(text)), say(Sentence.SAFETY_NO_MEDICINE, turn.state.language)
        ask = turn.state.aside
        is_number = ask is not None and self._has_choices(turn, ask) and words == "1"
        return NO_MEDICINE if is_number or words == fold(label) else None

    def answer(self, turn: Turn, text: str) -> Reaction:
        """Have the choice that the words name kept with the case, else the words, and ask the next question.

        The label of 'Skip' skips. Words that say that there is nothing, or no medicine, end the questions. What is
        neither yes nor no to being contacted is told by itself, see `_contact_unread`.
        """
        assert turn.state.aside is not None
        slot, language = turn.state.asks[turn.state.aside].slot, turn.state.language
        code = self.code_typed(turn, slot, text)
        turn.hear_choice(text)
        if fold(without_emoji(text)) == fold(say(Sentence.BUTTON_SKIP, language)):
            return ask_next(turn)
        if code == NO_MEDICINE or (code is None and _ends_it(text, language)):
            return _close(turn, slot, code or text)
        if _question(slot) is ReportQuestion.CONTACT:
            if self.wants_words(turn, text):
                return Reaction.ASK_AGAIN
            if code is None:
                return _contact_unread(turn, text)
        if code is None:
            turn.heard = True  # all of it is kept with the case
        return _note(turn, slot, code or text, tells=code is not None or not _leaves_open(text, language))

    def tap(self, turn: Turn, ask: int, option: int) -> Reaction:
        """Have the choice at place `option` kept with the case while the question is open, and ask the next one.

        A place after the choices skips the question.
        """
        if ask != turn.state.aside:
            return Reaction.TAKEN
        slot = turn.state.asks[ask].slot
        code = self.code_at(slot, option) if self._has_choices(turn, ask) else None
        if code == NO_MEDICINE:
            return _close(turn, slot, code)
        return ask_next(turn) if code is None else _note(turn, slot, code)

    def _has_choices(self, turn: Turn, ask: int) -> bool:
        """Return whether a question was put with its choices: those for words had none before they got a way out."""
        asked = turn.state.asks[ask]
        return asked.codes is not None or _question(asked.slot) not in _OWN_WORDS

    def skip(self, turn: Turn) -> Reaction:
        """Leave this question of the report out and ask its next one; the script's question is not skipped."""
        return ask_next(turn)

    def leave(self, turn: Turn) -> Reaction:
        """Take 'enough' and 'no more questions' as the end of the report's questions, and go on with the script."""
        turn.heard = True
        return _finish(turn, Sentence.SAFETY_CLOSED)


def in_words(name: str, said: str, language: str) -> tuple[str, str]:
    """Return a question of the report by its name, and what was answered to it: the label of a code, else the words.

    >>> in_words("contact", "yes", "en")[1]
    'Yes'
    """
    question = ReportQuestion(name)
    label = _CHOICES.get(question, {}).get(said)
    return say(_TEXTS[question], language), said if label is None else say(label, language)


def is_choice(name: str, said: str) -> bool:
    """Return whether what was answered to a question of the report, by its name, is the code of one of its choices."""
    return said in _CHOICES.get(ReportQuestion(name), {})


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
        slot = REPORT + first
        SafetyReport().put(turn, slot, tuple(_CHOICES[_question(slot)]))
        return Reaction.TAKEN
    return _finish(turn, Sentence.SAFETY_THANKS)


def _finish(turn: Turn, sentence: Sentence | None) -> Reaction:
    """Ask nothing more for the report: say so, unless that is None, and go back to the script."""
    turn.change(aside=None, misses=0, concerns=())
    if sentence is not None:
        turn.say(sentence)
    return Reaction.TAKEN if turn.state.paused else Reaction.ASK_AGAIN


def _question(slot: str) -> ReportQuestion:
    """Return the report's question that a slot stands for."""
    return ReportQuestion(slot.removeprefix(REPORT))


def _ends_it(text: str, language: str) -> bool:
    """Return whether words say that there is nothing to report: 'nothing', 'none', 'it was not the medicine'."""
    return names_no_medicine(text, language) or says_nothing(text, language)


def _leaves_open(text: str, language: str) -> bool:
    """Return whether words answer nothing that a report asks: 'I do not know', 'same as before', '...'."""
    return refers_back(text, language) or substance_of(text, language) in _UNTOLD


def _contact_unread(turn: Turn, text: str) -> Reaction:
    """Leave words to be kept as a remark that are neither yes nor no to being contacted, and ask for one of them once.

    The second time, and at 'I do not know', the question is over: nobody agrees by accident. Then nothing more is said
    where the remark is thanked for.
    """
    turn.heard, language = False, turn.state.language
    is_unknown = substance_of(text, language) is Substance.UNKNOWN
    if not turn.state.misses and not is_unknown:
        turn.change(misses=1)
        yes, no = say(Sentence.YES, language), say(Sentence.NO, language)
        turn.say(Sentence.UNREAD_YES_NO, agree=yes, decline=no)
        return Reaction.ASK_AGAIN
    return _finish(turn, None if has_substance(text, language) else Sentence.SAFETY_THANKS)


_UNTOLD: Final = frozenset({Substance.UNKNOWN, Substance.THANKS, Substance.EMOJI, Substance.DOTS})


def _close(turn: Turn, slot: str, words: str) -> Reaction:
    """Have words that say that there is nothing kept with the case, and ask nothing more for the report."""
    turn.heard = True
    turn.emit(RecordReportAnswer(_question(slot).value, words, tells=False))
    return _finish(turn, Sentence.SAFETY_CLOSED)


def _note(turn: Turn, slot: str, words: str, *, tells: bool = True) -> Reaction:
    """Have an answer recorded with the case, and ask the next question; `tells`: it answers what was asked."""
    turn.emit(RecordReportAnswer(_question(slot).value, words, tells=tells))
    return ask_next(turn)
