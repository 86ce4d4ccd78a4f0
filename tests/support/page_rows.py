"""Rows of both sides as the outbox and the inbox keep them, for whoever makes a page of them."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from bot.channels.base import Inbound, InboundKind
from bot.conversations.messages import to_payload
from flows.engine.effects import Option, Prompt, PromptKind
from storage.conversations.page_history import InboundEntry, SentRow
from storage.schema import OutboxKind

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)


def prompt(kind: PromptKind = PromptKind.SELECT_ONE, *labels: str, **changes: object) -> Prompt:
    """A prompt with these options, by default two, and a control behind them."""
    options = [Option(one) for one in labels or ("Yes, often", "No <never>")]
    made = Prompt("How is it?", kind, ask=1, options=(*options, Option("Skip", control=True)))
    return msgspec.structs.replace(made, **changes)


def sent(what: Prompt | str, **changes: object) -> SentRow:
    """A row of ours: a prompt, or a payload that may be none."""
    payload = what if isinstance(what, str) else msgspec.json.encode(what).decode()
    ask = what.ask if isinstance(what, Prompt) else None
    return SentRow(1, "1000", 7, ask, OutboxKind.MESSAGE, payload, NOON)._replace(**changes)


def came(kind: InboundKind, number: int = 1, at: datetime = NOON, **fields: object) -> InboundEntry:
    """A row of theirs."""
    inbound = Inbound(address="web:0", external_id=f"x{number}", kind=kind, **fields)
    return InboundEntry(number, to_payload(inbound), at)
