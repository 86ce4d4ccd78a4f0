"""Tell of the question that words answer: what it is about, whether it asks for events, and if they name its choices.

All are for the scan of the words. Words that come before their question could be seen answer the one before it, and so
do the messages that are joined to one answer. An edit is of the question that its message answered. A question of a
safety report is about a medicine, and every other interruption about what it came before.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from flows.engine.compiled import CompiledFlow, CompiledStep, read_slot
from flows.engine.early_words import slot_before
from flows.engine.effects import PromptKind
from flows.engine.events import Edited, Event, Replied, TextSubmitted
from flows.engine.interpretation import is_a_label
from flows.engine.interruptions.safety_report import REPORT
from flows.engine.state import ConversationState
from flows.engine.turn import Turn
from flows.script.model import AskText, SelectOne
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


class AskedTopic(NamedTuple):
    """Hold what the scan must know of a question: its topic, None where it has none, and whether it asks for events.

    One asks for events, so that what it is told is solicited, that has an answer which opens a case; so does the
    question that takes the words which are none of its choices.
    """

    topic: QuestionTopic | None
    solicits: bool


_NOTHING_ASKED: Final = AskedTopic(None, solicits=False)
_OF_A_REPORT: Final = AskedTopic(QuestionTopic.MEDICINE, solicits=False)


def asked_in_slot(compiled: CompiledFlow, slot: str | None) -> AskedTopic:
    """Return what is asked by the question that a slot belongs to; nothing for no slot, and for other interruptions."""
    if slot is None or slot.startswith("@"):
        return _OF_A_REPORT if slot is not None and slot.startswith(REPORT) else _NOTHING_ASKED
    return _asked(compiled, read_slot(slot)[0])


@lru_cache(maxsize=4096)
def _asked(compiled: CompiledFlow, key: str) -> AskedTopic:
    """Return what is asked under a key of the script, also under that of a probe; worked out once for each."""
    node = compiled.questions.get(key) or compiled.probed(key)
    if node is None:
        return _NOTHING_ASKED
    topic = None if node.question is None else node.question.about
    return AskedTopic(topic, node.key in _soliciting(compiled))


@lru_cache(maxsize=64)
def _soliciting(compiled: CompiledFlow) -> frozenset[str]:
    """Return the keys of the questions that ask for events."""
    asking = [node for node in compiled.questions.values() if _opens_case(node)]
    closed = [node.question for node in asking if isinstance(node.question, SelectOne)]
    own_words = {one.own_words.question for one in closed if one.own_words is not None}
    return frozenset({*(node.key for node in asking), *own_words})


def _opens_case(node: CompiledStep) -> bool:
    """Return whether an answer to a question opens a case: one of its choices, or its words."""
    is_text = isinstance(node.question, AskText) and node.question.opens_case
    return is_text or any(choice.opens_case for choice in node.choices)


def slot_of_event(state: ConversationState, event: Event) -> str | None:
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
