"""Where a conversation stands: one immutable value and its JSON. All that the next turn needs."""

from typing import Any

import msgspec

from flows.effects import AnswerStatus, Outcome
from flows.errors import StateUnreadable
from flows.events import Facts

VERSION = 1
"""Raised when the meaning of a field changes. A new field with a default needs no new number."""


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A question as it was put. Its place in `ConversationState.asks` is the number that buttons carry."""

    slot: str
    at: int
    """When, in whole seconds since 1970, UTC."""
    codes: tuple[str, ...] | None = None
    """The codes behind its buttons, kept only where conditions on choices could change them later."""


class Given(msgspec.Struct, frozen=True, array_like=True):
    """What a slot holds now. `value` is None when skipped or unparsed; `raw` then keeps nothing either."""

    value: Any
    status: AnswerStatus


class ConversationState(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Where a conversation stands.

    A slot names an answer: `c4`, in a block `c4[0]` or `a7[pain]`, for a probe `a3_more`. Slots that begin
    with `@` are the engine's own questions: `@later`, and `@change` (which answer to change).
    """

    language: str
    facts: Facts
    version: int = VERSION
    answers: dict[str, Given] = {}
    asks: tuple[Asked, ...] = ()
    open: int | None = None
    """The number of the question that waits."""
    aside: int | None = None
    """The number of the engine's own question that comes before it."""
    misses: int = 0
    """Unreadable replies in a row."""
    picks: tuple[str, ...] = ()
    """What is ticked so far in the open select_many."""
    paused: bool = False
    back_to: tuple[str, ...] = ()
    """The slots to come back to after a step back or a change: until they are reached, what is answered is not
    asked again."""
    messages: dict[str, str] = {}
    """Which typed message, by the platform's id, gave the answer in which slot."""
    done: tuple[str, ...] = ()
    """The `do` steps that have run, as slots."""
    outcome: Outcome | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ConversationState)


def encode_state(state: ConversationState) -> str:
    """The state as JSON."""
    return _encoder.encode(state).decode()


def decode_state(text: str) -> ConversationState:
    """
    The state from its JSON.

    Raises:
        StateUnreadable: It is not JSON of this shape, or of a version that this program does not read.
    """
    try:
        state = _decoder.decode(text)
    except msgspec.MsgspecError as error:
        raise StateUnreadable(f"a stored state cannot be read: {error}") from None
    if state.version != VERSION:
        raise StateUnreadable(
            f"a stored state has version {state.version}; this program reads version {VERSION}"
        )
    return state


def is_over(state: ConversationState) -> bool:
    """Whether the conversation has ended."""
    return state.outcome is not None
