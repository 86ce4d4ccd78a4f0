"""Keep a change of an answer with the question that asks about it, and forget it once its words may not be kept."""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from flows.engine.compiled import CompiledFlow
from flows.engine.effects import PromptKind
from flows.engine.events import ShownQuestion
from flows.engine.state import Asked, ConversationState, GivenAnswer, JoinedPart

CHANGES: Final = "@answer_"
"""The beginning of the slots that keep a change, as stored."""
ASK_CHANGE: Final = "@answer_change"
"""The slot of the question whether to change an answer, as stored."""
UNDO: Final = "@answer_undo"
"""The slot of the message with the button 'Undo', as stored."""


class KeptChange(msgspec.Struct, frozen=True, array_like=True):
    """Hold a change of an answer, as it is kept with the question: of which question, from what, to what."""

    ask: int
    """The number of the question of the script."""
    before: GivenAnswer | None
    after: GivenAnswer
    raw: str
    """The participant's words for the new answer, of a tap the button's; '' where they were forgotten."""
    resumes: int | None = None
    """The number of the question at which the conversation goes on if this is made after its end; None for none."""
    parts: tuple[JoinedPart, ...] = ()
    """The messages that the new answer was joined of; none for a single one."""
    language: str = ""
    """In which the question was shown to whoever wished the change; '' for the conversation's."""
    number: int | None = None
    """The number that was typed, where the new answer is its band; None for none."""
    quoted: str = ""
    """A hash of the question's text where that quotes other answers, as it was shown then; '' where it quotes none."""
    remark: int | None = None
    """The number of the remark as which own words are kept until they are the answer; None for none."""

    def as_codes(self) -> tuple[str, ...]:
        """Return the change as it is kept with its question, without what it does not have at the end."""
        fields = msgspec.to_builtins(self)
        last_ones = (bool(self.parts), bool(self.language), self.number is not None, bool(self.quoted))
        held = (True, True, True, True, True, *last_ones, self.remark is not None)
        last = max(place for place, is_held in enumerate(held) if is_held)
        return (msgspec.json.encode(fields[: last + 1]).decode(),)

    @property
    def shown(self) -> ShownQuestion | None:
        """Return the question as it was shown to whoever wished the change; None for one in no known language."""
        return ShownQuestion(self.language) if self.language else None


def undo_of(state: ConversationState) -> int | None:
    """Return the number of the message that undoes the last change; None where that was undone, or there is none."""
    ask = next((ask for ask in reversed(range(len(state.asks))) if state.asks[ask].slot == UNDO), None)
    back = None if ask is None else change_at(state, ask)
    if back is None or state.answers.get(state.asks[back.ask].slot) != back.before:
        return None
    return ask


def change_at(state: ConversationState, ask: int) -> KeptChange | None:
    """Return the change that is kept with the question of this number; None where it was forgotten."""
    return _change_of(state.asks[ask])


def forget_words_of_changes(compiled: CompiledFlow, state: ConversationState) -> ConversationState:
    """Return the state without the participant's own words in the changes that it keeps.

    Changes between choices, days and numbers stay, so that they can still be made and undone.
    """
    return forget_changes(state, lambda slot: compiled.asked_in(slot).kind is not PromptKind.TEXT)


def forget_changes(state: ConversationState, stays: Callable[[str], bool]) -> ConversationState:
    """Return the state without the changes of answers that it keeps; an open question about one of them is closed.

    Of a change in a slot that `stays`, only the words in which it was asked for are forgotten.
    """
    asks = tuple(_forget(state, asked, stays) for asked in state.asks)
    if asks == state.asks:
        return state
    aside = state.aside
    is_gone = aside is not None and asks[aside] != state.asks[aside] and asks[aside].codes is None
    return replace(state, asks=asks, aside=None if is_gone else aside)


def _forget(state: ConversationState, asked: Asked, stays: Callable[[str], bool]) -> Asked:
    """Return a question without the change that is kept with it, or without the words of that."""
    change = _change_of(asked)
    if change is None:
        return asked
    if not stays(state.asks[change.ask].slot):
        return replace(asked, codes=None)
    if asked.slot == UNDO or not change.raw:
        return asked  # what is undone is put in the words of a button
    return replace(asked, codes=replace(change, raw="").as_codes())


def _change_of(asked: Asked) -> KeptChange | None:
    if not asked.slot.startswith(CHANGES) or not asked.codes:
        return None
    return msgspec.json.decode(asked.codes[0], type=KeptChange)
