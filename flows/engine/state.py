"""Where a conversation stands: one immutable value and its JSON. All that the next turn needs."""

from functools import lru_cache
from typing import Any

import msgspec

from flows.engine.effects import AnswerStatus, Outcome, RecordAnswer
from flows.errors import StateUnreadable
from flows.script.facts import Facts

VERSION = 1
"""Raised when the meaning of a field changes. A new field with a default needs no new number."""


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """A question as it was put. Its place in `ConversationState.asks` is the number that buttons carry."""

    slot: str
    at: int
    """When, in whole seconds since 1970, UTC."""
    codes: tuple[str, ...] | None = None
    """The codes behind its buttons, kept only where conditions on choices could change them later."""


class GivenAnswer(msgspec.Struct, frozen=True, array_like=True):
    """What a slot holds now. `value` is None when skipped or unparsed; `raw` then keeps nothing either."""

    value: Any
    status: AnswerStatus


class Care(msgspec.Struct, frozen=True, array_like=True):
    """Where somebody at risk finds help: an emergency number, and help lines as 'name: number'."""

    number: str
    lines: tuple[str, ...] = ()


class ConversationState(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Where a conversation stands.

    A slot names an answer: `c4`, in a block `c4[0]` or `a7[pain]`, for a probe `a3_more`. Slots that begin
    with `@` are the engine's own questions, such as `@later`, `@change` (which answer to change).
    """

    language: str
    sealed_facts: msgspec.Raw
    """The facts as JSON: most turns do not look at them. See `facts`."""
    version: int = VERSION
    answers: dict[str, GivenAnswer] = {}
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
    """The slots to come back to after a step back or a change: until they are reached, what is answered is
    not asked again."""
    messages: dict[str, str] = {}
    """Which typed message, by the platform's id, gave the answer in which slot."""
    done: tuple[str, ...] = ()
    """The `do` steps that have run, as slots."""
    held: tuple[RecordAnswer, ...] = ()
    """What was answered before the consent to take part: recorded once it is given, forgotten otherwise."""
    outcome: Outcome | None = None
    care: Care | None = None
    """The script is halted: somebody at risk was shown this help, and has not asked to go on."""
    risky: tuple[str, ...] = ()
    """The slots whose words halted the script: they are not read back."""
    concerns: tuple[str, ...] = ()
    """What is still to be asked for a safety report."""
    chose_language: bool = False
    """The person named the language of this talk: no other one is offered."""
    counted: tuple[int, int, int] | None = None
    """The last counted question's number, and its 'n of m'; None where m must be worked out anew."""

    @property
    def facts(self) -> Facts:
        """What the conversation knows from outside. Not to be changed."""
        return _read_facts(bytes(self.sealed_facts))


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ConversationState)


def new_state(language: str, facts: Facts) -> ConversationState:
    """Where a conversation stands before its first step."""
    return ConversationState(language, sealed(facts))


def sealed(facts: Facts) -> msgspec.Raw:
    """Facts as they are kept in a state."""
    return msgspec.Raw(_encoder.encode(facts))


@lru_cache(maxsize=4096)
def _read_facts(sealed: bytes) -> Facts:
    """The facts of a conversation; those of the conversations that are busy are kept at hand."""
    facts: Facts = msgspec.json.decode(sealed)
    return facts


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
