"""Find the answer that somebody gave to an open question on a page and that was not taken, to be put right there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from bot.channels.base import HOUSE, InboundKind, button_payload
from bot.channels.web.port import NO_DRAFT, AnswerDraft
from bot.conversations.messages import Message
from bot.pages.history import message_of
from flows.engine.effects import PromptKind
from flows.engine.state import ConversationState, decode_state
from storage.conversations.conversations import ConversationRecord
from storage.conversations.page_history import InboundEntry, SentRow

_BY_TYPING: Final = frozenset({PromptKind.NUMBER, PromptKind.DATE, PromptKind.TEXT})
"""What is answered by typing: words that were no answer are put right, also where they are kept as a remark."""
_BY_FIELDS: Final = frozenset({PromptKind.SELECT_MANY, PromptKind.DATE})
"""What is answered by fields that hold more than one tap."""


class _Said(NamedTuple):
    """What somebody said, and when it came."""

    message: Message
    at: datetime


def draft_of(
    row: SentRow,
    kind: PromptKind,
    conversation: ConversationRecord | None,
    said: Sequence[InboundEntry],
) -> AnswerDraft:
    """Return the answer to the question of a row that was given and not taken; `NO_DRAFT` where there is none.

    `kind` is what the question asks for, `conversation` the open one, and `said` is what came from the person's pages,
    the newest first.
    """
    if row.ask is None:
        return NO_DRAFT
    state = None
    if conversation is not None and conversation.id == row.conversation_id and conversation.state:
        state = decode_state(conversation.state)
    words = "" if state is None else _words(state, row.ask, kind, said)
    given = _given(row, row.ask, state, said) if kind in _BY_FIELDS else NO_DRAFT
    return replace(given, words=words)


def _given(
    row: SentRow, ask: int, state: ConversationState | None, said: Sequence[InboundEntry]
) -> AnswerDraft:
    """Return the ticks or the day that were given last: a question that is open still did not take them.

    Of one that was answered before, and is put again, only what came since counts: its message shows what it took.
    """
    question = button_payload(HOUSE if row.conversation_id is None else row.conversation_id, ask)
    is_first = state is not None and state.asks[ask].slot not in state.answers
    found = (one for one in _read(said) if one.message.button == question)
    newest = next((one for one in found if one.message.kind in (InboundKind.PICKS, InboundKind.DATE)), None)
    if newest is None or not (is_first or newest.at >= row.sent_at):
        return NO_DRAFT
    if newest.message.kind is InboundKind.PICKS:
        return AnswerDraft(question=question, picks=frozenset(newest.message.options))
    day = newest.message.day
    return NO_DRAFT if day is None else AnswerDraft(question=question, day=day.isoformat())


def _words(state: ConversationState, ask: int, kind: PromptKind, said: Sequence[InboundEntry]) -> str:
    """Return the words that were said last, where they could not be read as the answer; '' for all others.

    Where one tap would do, words that are kept as a remark have found their place, and are not to be said again.
    """
    if not state.misses or state.aside is not None or state.open != ask:
        return ""
    newest = next(_read(said), None)
    name = None if newest is None else newest.message.message_id
    if newest is None or name is None or newest.message.kind is not InboundKind.TEXT:
        return ""
    is_missed = state.messages.get(name) == state.asks[ask].slot
    is_placed = name in state.remarks and kind not in _BY_TYPING
    return newest.message.text if is_missed and not is_placed else ""


def _read(said: Sequence[InboundEntry]) -> Iterator[_Said]:
    """Yield what can still be read of what was said, in its order."""
    for one in said:
        message = message_of(one)
        if message is not None:
            yield _Said(message, one.received_at)
