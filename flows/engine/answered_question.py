"""Tell of the question that words answer: what it is about, and whether the words only name its choices.

Both are for the scan of the words. Words that come before their question could be seen answer the one before it, and so
do the messages that are joined to one answer. An edit is of the question that its message answered. A question of a
safety report is about a medicine, and every other interruption about what it came before.
"""

import re
from datetime import datetime
from typing import Final

from flows.engine.compiled import CompiledFlow, read_slot
from flows.engine.early_words import slot_before
from flows.engine.effects import PromptKind
from flows.engine.events import Edited, Event, Replied, TextSubmitted
from flows.engine.interpretation import is_a_label
from flows.engine.interruptions.safety_report import REPORT
from flows.engine.state import ConversationState
from flows.engine.turn import Turn
from flows.script.roles import QuestionTopic

_LISTED: Final = re.compile(r"[,،;؛\n]")
"""What stands between choices that are typed as a list."""


def names_a_choice(compiled: CompiledFlow, state: ConversationState, text: str, now: datetime) -> bool:
    """Return whether a text is nothing but choices of the open question of the script, by label or another word.

    One choice, or where several may be picked, a list of them with commas between. False where none is open. `compiled`
    is in the conversation's language.
    """
    waiting = Turn(compiled, state, now).waiting(state.open)
    if waiting is None:
        return False
    several = waiting.context.node.kind is PromptKind.SELECT_MANY
    named = [part for part in _LISTED.split(text) if part.strip()] if several else [text]
    return bool(named) and all(is_a_label(waiting, part) for part in named)


def topic_of_event(compiled: CompiledFlow, state: ConversationState, event: Event) -> QuestionTopic | None:
    """Return the topic of the question that an event's words answer; None where it has none, or they answer none."""
    slot = _slot_of(state, event)
    if slot is not None and slot.startswith(REPORT):
        return QuestionTopic.MEDICINE
    return topic_of_slot(compiled, slot)


def topic_of_slot(compiled: CompiledFlow, slot: str | None) -> QuestionTopic | None:
    """Return the topic of the question that a slot belongs to; None for no slot, and one of an interruption."""
    if slot is None or slot.startswith("@"):
        return None
    key = read_slot(slot)[0]
    node = compiled.questions.get(key) or compiled.probed(key)
    return None if node is None or node.question is None else node.question.about


def _slot_of(state: ConversationState, event: Event) -> str | None:
    """Return the slot of the question that an event's words answer; None for words that answer none."""
    match event:
        case Replied(may_be_early=True):
            return slot_before(state)
        case Replied():
            aside = None if state.aside is None else state.asks[state.aside].slot
            is_report = aside is not None and aside.startswith(REPORT)
            return aside if is_report else _slot_asked(state, state.open)
        case TextSubmitted(ask=ask):
            return _slot_asked(state, ask)
        case Edited(message_id=message_id):
            return state.messages.get(message_id)
        case _:
            return None


def _slot_asked(state: ConversationState, ask: int | None) -> str | None:
    """Return the slot of a question by its number; None for no number, and one that was never put."""
    return None if ask is None or not 0 <= ask < len(state.asks) else state.asks[ask].slot
