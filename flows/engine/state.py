"""Hold where a conversation stands: one immutable value, stored as JSON, with all that the next turn needs."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec

from flows.engine.effects import AnswerStatus, Outcome, RecordAnswer, RecordRemark
from flows.errors import StateUnreadable
from flows.script.facts import Facts
from flows.text.folding import fold

_Kept = TypeVar("_Kept")

VERSION = 1
"""Raised when the meaning of a field changes. A new field with a default needs no new number."""


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """Hold a question as it was put: its slot, the time, and its codes.

    Its place in `ConversationState.asks` is the number that buttons carry.
    """

    slot: str
    at: int
    """When, in whole seconds since 1970, UTC."""
    codes: tuple[str, ...] | None = None
    """The codes behind its buttons, kept only where conditions on choices could change them later."""


class GivenAnswer(msgspec.Struct, frozen=True, array_like=True):
    """Hold what a slot contains now. `value` is None when skipped or unparsed; the words are then not kept here."""

    value: Any
    status: AnswerStatus


class AskedText(msgspec.Struct, frozen=True, array_like=True):
    """Hold the text of a question as it was shown, and its language."""

    text: str
    language: str


class JoinedPart(msgspec.Struct, frozen=True, array_like=True):
    """Hold the words of one message of an answer that was joined of several. `message_id` is '' where it has none."""

    message_id: str
    words: str


class KeptRemark(msgspec.Struct, frozen=True, array_like=True):
    """Hold the newest remark of a conversation, its number and words, until a question has offered it as its answer."""

    number: int
    words: str


class CommitmentPlan(msgspec.Struct, frozen=True, array_like=True):
    """Hold what the waves of a commitment count from: when it was made, and its start."""

    made_at: int
    """In whole seconds since 1970, UTC."""
    start_on: str | None
    """An ISO date; None where no start is known."""


class Care(msgspec.Struct, frozen=True, array_like=True):
    """Hold where somebody at risk finds help: an emergency number, and help lines as 'name: number'."""

    number: str
    lines: tuple[str, ...] = ()


class ConversationState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Hold where a conversation stands.

    A slot names an answer: `c4`, in a block `c4[0]` or `a7[pain]`, for a probe `a3_more`. Slots that begin with `@`
    belong to interruptions, such as `@later`; see `flows.engine.interruptions`. The names of the fields are stored.
    """

    language: str
    sealed_facts: msgspec.Raw
    """The facts as JSON: most turns do not look at them. See `facts`."""
    version: int = VERSION
    answers: dict[str, GivenAnswer] = {}
    asks: tuple[Asked, ...] = ()
    open: int | None = None
    """The number of the open question of the script; None once the conversation has ended."""
    aside: int | None = None
    """The number of the interruption's question that comes before it; None where none is open."""
    misses: int = 0
    """How many replies in a row could not be read."""
    doubted: int | None = None
    """The number of the consent that half a yes was given to ('ok'), and that was asked once more."""
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
    """The slots whose words halted the script: they are not shown again."""
    concerns: tuple[str, ...] = ()
    """What is still to be asked for a safety report: values of `ReportQuestion`."""
    chose_language: bool = False
    """The participant named the language of this conversation: no other one is offered."""
    recorded: tuple[str, ...] = ()
    """The slots whose answers are recorded, and were forgotten here when the consent to take part was taken back."""
    counted: tuple[int, int, int] | None = None
    """The number of the last counted question, and its 'n of m'; None where m must be counted again."""

    joined: dict[str, tuple[JoinedPart, ...]] = {}
    """The parts, in order, of answers that several messages make up, by slot."""
    asked_by: dict[str, str] = {}
    """The slots that were answered in own words under another question, with that question's slot: its text was shown.
    """
    written_under: dict[str, AskedText] = {}
    """Under which text own words were written, by slot, where their question would read otherwise now: it quotes an
    answer that was changed since, or the language is another. Until it is shown again."""
    planned: dict[str, CommitmentPlan] = {}
    """The commitments that were made here, by the slot of the step that records them: what is asked when follows."""
    told_of_reactions: bool = False
    """The participant was told that an emoji put on a message is no answer."""
    told_of_help: bool = False
    """The participant was told where help can be found, after words that may be those of somebody at risk."""
    in_its_place: AskedText | None = None
    """What was shown in place of the open question, which was not shown yet: it gave way to a safety response or
    to the question for the time zone. None where it was shown."""
    put_again: tuple[int, ...] = ()
    """The numbers of questions that were shown again after the end, to be changed, and not answered since."""

    remarks: dict[str, int] = {}
    """Which typed message, by the platform's id, became which remark, by its number."""
    remark_count: int = 0
    """How many remarks there are, also those that became answers."""
    newest_remark: KeptRemark | None = None
    seed: int = 0
    """Decides the order of rotated choices; 0, and so the order of the script, in conversations of before."""
    typed: tuple[str, ...] = ()
    """The slots whose choice was understood from words, where a read-back asks for it: no tap, no label as it is."""
    said_back: str = ""
    """The slot whose day was said back in the last turn that answered, so that another day may be written; '' for none.
    """
    held_remarks: tuple[RecordRemark, ...] = ()
    """Remarks made before the consent to take part: recorded once it is given, forgotten otherwise."""

    @property
    def facts(self) -> Facts:
        """Return what the conversation knows from outside, decoded. Not to be changed."""
        return _latest_facts.of(self.sealed_facts)


NOTHING_SAID: Final[dict[str, Any]] = {
    "held": (),
    "messages": {},
    "joined": {},
    "written_under": {},
    "planned": {},
    "remarks": {},
    "newest_remark": None,
    "held_remarks": (),
}
"""The fields of a state that hold what somebody said, as they are where nothing is kept of it."""


def joined_words_of(parts: Iterable[JoinedPart]) -> str:
    """Put the parts of an answer together, a line each, in the order in which they were written."""
    return "\n".join(part.words.strip() for part in parts)


def without(kept: dict[str, _Kept], slot: str | None) -> dict[str, _Kept]:
    """Return what is kept by slot without that of one slot."""
    return {of: value for of, value in kept.items() if of != slot} if slot in kept else kept


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ConversationState)


def new_state(language: str, facts: Facts) -> ConversationState:
    """Return the state of a conversation before its first step: a language and facts, nothing asked or answered."""
    return ConversationState(language, sealed(facts))


def sealed(facts: Facts) -> msgspec.Raw:
    """Return facts as they are kept in a state: as raw JSON, encoded once."""
    return msgspec.Raw(_encoder.encode(facts))


class _LatestFacts:
    """Holds the facts that were looked at last: one turn looks at the same several times, and finds them by no hash."""

    def __init__(self) -> None:
        self._latest: tuple[msgspec.Raw | None, Facts] = None, {}

    def of(self, sealed: msgspec.Raw) -> Facts:
        """Return facts, decoded; the very same as before where they are of the very same state or its successor."""
        latest = self._latest
        if latest[0] is not sealed:
            self._latest = latest = sealed, _read_facts(bytes(sealed))
        return latest[1]


_latest_facts: Final = _LatestFacts()


@lru_cache(maxsize=4096)
def _read_facts(sealed: bytes) -> Facts:
    """Decode facts; those of recent conversations stay decoded."""
    facts: Facts = msgspec.json.decode(sealed)
    return facts


def encode_state(state: ConversationState) -> str:
    """Return the state as JSON text, as it is stored."""
    return _encoder.encode(state).decode()


def decode_state(text: str) -> ConversationState:
    """Return the state from its JSON text, as `encode_state` writes it.

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
    """Return whether the conversation has ended."""
    return state.outcome is not None


def with_addition(words: str, more: str) -> str:
    """Return an answer with what a probe added to it; the addition alone where it says all of the answer again.

    A comma stands between the two, unless the answer ends with a mark of its own.

    >>> with_addition("Ask about pain", "Ask about pain, at each visit")
    'Ask about pain, at each visit'
    >>> with_addition("Ask about pain", "at each visit")
    'Ask about pain, at each visit'
    """
    said, again = fold(words), fold(more)
    if said and f" {said} " in f" {again} ":
        return more
    end = words.rstrip()[-1:]
    comma = ("\u060c" if "\u0600" <= end <= "\u06ff" else ",") if end.isalnum() else ""
    return f"{words.rstrip()}{comma} {more}"
