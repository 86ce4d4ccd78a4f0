"""Make rows for the outbox, for whoever queues a message."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from flows.engine.effects import Prompt, ShowTrace
from flows.i18n.say import Sentence, say
from storage.database.statements import Row
from storage.schema import OutboxKind

to_json: Callable[[object], bytes] = msgspec.json.Encoder().encode
"""Prompts and values as JSON."""


def message_row(
    prompt: Prompt,
    address_id: int,
    conversation_id: int | None,
    now: datetime,
    kind: OutboxKind = OutboxKind.MESSAGE,
) -> Row:
    """Make the outbox row that queues a prompt as a message to an address.

    `conversation_id` is None for a message outside any conversation.
    """
    return {
        "address_id": address_id,
        "conversation_id": conversation_id,
        "kind": kind,
        "ask": prompt.ask,
        "payload": to_json(prompt).decode(),
        "created_at": now,
    }


def trace_row(shown: ShowTrace, address_id: int, conversation_id: int, now: datetime) -> Row:
    """Make the outbox row that leaves a trace under a question of a conversation, at an address."""
    return {
        "address_id": address_id,
        "conversation_id": conversation_id,
        "kind": OutboxKind.EDIT,
        "ask": shown.ask,
        "payload": to_json(shown.trace).decode(),
        "created_at": now,
    }


def sentence_row(sentence: Sentence, language: str, address_id: int, now: datetime, **fields: object) -> Row:
    """Make the outbox row of one of the bot's own sentences in a language, to an address, outside any conversation.

    `fields` fill the sentence's placeholders.
    """
    prompt = Prompt(say(sentence, language, **fields), language=language)
    return message_row(prompt, address_id, None, now)
