"""Share what crisis help, the upset menu and the report's questions have in common: fixed choices for each slot."""

from abc import abstractmethod
from collections.abc import Mapping

from flows.engine.effects import Option, Prompt, PromptKind
from flows.engine.interruptions.interruption import Interruption
from flows.engine.turn import Turn
from flows.i18n.say import Sentence, say
from flows.parsing.answers import ReadReply, read_choice, read_yes_no
from flows.parsing.choices import ChoiceText
from flows.text.emoji import emoji_alone

YES = "yes"
NO = "no"


class SafetyMenu(Interruption):
    """Offer choices that are the same for everybody; what they are depends on the slot alone."""

    @abstractmethod
    def choices(self, slot: str) -> Mapping[str, Sentence]:
        """Return the label of each code under a slot, in order; empty where words are asked for."""

    @abstractmethod
    def text(self, turn: Turn, slot: str) -> str:
        """Return the words of the question under a slot, in the conversation's language."""

    def labels(self, slot: str, language: str) -> tuple[str, ...]:
        """Return the labels of the buttons under a slot, in a language."""
        return tuple(say(sentence, language) for sentence in self.choices(slot).values())

    def prompt(self, turn: Turn, ask: int) -> Prompt:
        """Return the question with the number `ask` as a message, with a button for each choice."""
        slot, language = turn.state.asks[ask].slot, turn.state.language
        options = tuple(map(Option, self.labels(slot, language)))
        kind = PromptKind.SELECT_ONE if options else PromptKind.TEXT
        return Prompt(self.text(turn, slot), kind, ask, options=options, language=language)

    def code_at(self, slot: str, option: int) -> str | None:
        """Return the code of the choice at place `option` under a slot; None where there is no such choice."""
        codes = tuple(self.choices(slot))
        return codes[option] if 0 <= option < len(codes) else None

    def code_typed(self, turn: Turn, slot: str, text: str) -> str | None:
        """Return the code of the choice under a slot that typed words name; None where they name none."""
        language, codes = turn.state.language, tuple(self.choices(slot))
        labels = self.labels(slot, language)
        if codes == (YES, NO):
            answer = read_yes_no(text, agree=labels[0], decline=labels[1], language=language)
            return None if not isinstance(answer, ReadReply) else YES if answer.value is True else NO
        texts = tuple(ChoiceText(code, label) for code, label in zip(codes, labels, strict=True))
        picked = read_choice(text, texts, language) if texts else None
        return picked.value if isinstance(picked, ReadReply) else None

    def wants_words(self, turn: Turn, text: str) -> bool:
        """Return whether a reply is an emoji alone, having said then that a tap or words are needed to be sure."""
        seen = emoji_alone(text)
        if seen is not None:
            turn.say(Sentence.EMOJI_ALONE, seen=seen)
        return seen is not None
