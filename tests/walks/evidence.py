"""Keep what happened in a walk: what the platform really showed and when, what people did, what each turn came to."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from bot.channels.base import InboundKind
from bot.conversations.messages import Message, from_payload
from bot.delivery.results import decode_prompt
from bot.turns.dispatch import TurnDispatcher
from flows.engine.effects import CHANGE_OPTION, CHOSEN_OPTION, Option, Prompt, Trace
from flows.i18n.say import Sentence, say
from storage.conversations.inbox import PendingTurn
from storage.conversations.writes import Writes
from storage.database.connection import Database
from storage.schema import OutboxKind
from tests.walks.kinds import Noise

_LOOKUP = sa.text("SELECT lookup FROM address WHERE id = :id")


class Fate(StrEnum):
    """What becomes of a message that the bot sends."""

    SHOWN = "shown"
    REFUSED = "refused for good"
    LIMITED = "put off by a rate limit"
    ARRIVED = "shown, but the answer to the call was lost"
    LOST = "lost, and so was the answer to the call"


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of ours on somebody's screen, or one shown anew where it stands (`edit`).

    `place` counts everything that happens in a walk, on all screens. `order` is the message's place in its chat.
    `conversation` and `prompt` are what the bot sent.
    """

    place: int
    address: str
    message_id: str
    order: int
    at: datetime
    conversation: int | None
    prompt: Prompt
    edit: bool = False
    thread: str | None = None
    places: tuple[int, ...] = ()
    """The numbers that the buttons carry, where these are not their places: those of a trace."""

    @property
    def is_answered(self) -> bool:
        """Whether it stands there with what was chosen, as the trace of an answer."""
        return bool(self.places)

    @property
    def key(self) -> tuple[int, int] | None:
        """The question that it shows: its conversation and number; None where nothing is asked."""
        ask = self.prompt.ask
        return None if ask is None else (self.conversation or 0, ask)


def with_trace(prompt: Prompt, trace: Trace) -> tuple[Prompt, tuple[int, ...]]:
    """A question as it stands with its trace, and the numbers of its buttons."""
    options = [Option(f"\N{CHECK MARK} {label}") for label in trace.chosen]
    places = [CHOSEN_OPTION] * len(options)
    if trace.change:
        options.append(Option(say(Sentence.BUTTON_CHANGE, trace.language)))
        places.append(CHANGE_OPTION)
    return msgspec.structs.replace(prompt, options=tuple(options)), tuple(places)


@dataclass(frozen=True, slots=True)
class Done:
    """What a person did: words, a tap, an edit. `under` is the message that was tapped, edited or quoted."""

    place: int
    address: str
    message_id: str
    order: int
    at: datetime
    kind: InboundKind
    text: str = ""
    under: str | None = None
    noise: Noise | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message that the bot tried to send, and what became of it."""

    place: int
    address: str
    at: datetime
    key: tuple[int, int] | None
    fate: Fate
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What answering one message came to.

    `before` and `after` are states of conversations, as JSON, by their numbers; `after` those that were written.
    `answers`, `remarks` and `consents` are rows as the turn had them written, `said` what it queued, by conversation.
    """

    place: int
    inbox_id: int
    address: str
    participant: int | None
    message: Message
    at: datetime
    handled: datetime
    before: Mapping[int, str]
    after: Mapping[int, str] = field(default_factory=dict)
    outcomes: Mapping[int, str | None] = field(default_factory=dict)
    answers: tuple[Mapping[str, Any], ...] = ()
    consents: tuple[Mapping[str, Any], ...] = ()
    remarks: tuple[Mapping[str, Any], ...] = ()
    said: tuple[Prompt, ...] = ()
    toast: str | None = None
    """What a tap was answered by, on the spot."""
    steps: int = 0
    flows: Mapping[int, str] = field(default_factory=dict)
    erased: bool = False
    """Whether all that was known of the participant was deleted in it."""
    left: bool = False
    """Whether the participant had stopped before it."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a suspicion of the second reader came to, which is played to a conversation in between turns.

    `before` and `after` are the conversation's states as JSON, `said` is what was queued, `cases` is how many safety
    cases were opened by it; `ends` says that the conversation stands otherwise now.
    """

    place: int
    address: str
    conversation: int
    participant: int
    before: str
    after: str
    said: tuple[Prompt, ...]
    cases: int = 0
    ends: bool = False
    reachable: bool = True
    """Whether the platform still took messages from us there."""


class Evidence:
    """Everything that happened in one walk, in order. `now` tells the time of the walk."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.screens: dict[str, list[Shown]] = defaultdict(list)
        self.done: list[Done] = []
        self.turns: dict[int, Turn] = {}
        """By the number of the row in the inbox."""
        self.suspicions: list[Suspicion] = []
        self.attempts: list[Attempt] = []
        self.doubts: list[tuple[int, tuple[int, int] | None, str]] = []
        """Places, questions and texts of sendings of which the bot was not told what became of them."""
        self.aside: list[tuple[int, str, str]] = []
        """Places, addresses and errors of turns that raised."""
        self.noises: Counter[Noise] = Counter()
        self.remarks: list[tuple[int, str, str]] = []
        """Places, addresses ('' for all), and what happened beside messages."""
        self.persons: dict[str, str] = {}
        """Whose address it is, by a name of the walk."""
        self.database: Database | None = None
        """That of the walk, while it is open."""
        self.figures: dict[str, int] = {}
        """How many rows of some tables the walk left."""
        self._places = count(1)
        self._lookups: dict[bytes, str] = {}

    def place(self) -> int:
        """The next place in the order of all things."""
        return next(self._places)

    def person_at(self, address: str, name: str, lookup: bytes) -> None:
        """An address that is somebody's."""
        self.persons[address] = name
        self._lookups[lookup] = address

    def doubt(self, key: tuple[int, int] | None, text: str) -> None:
        """The bot is not told what became of a message that it sent."""
        self.doubts.append((self.place(), key, text))

    def remark(self, address: str, text: str) -> None:
        """Something happened that is no message."""
        self.remarks.append((self.place(), address, text))

    def address_of(self, connection: Connection, address_id: int) -> str:
        """The address with this number in the database now: numbers of addresses that were erased come again."""
        lookup = connection.execute(_LOOKUP, {"id": address_id}).scalar()
        return self._lookups.get(bytes(lookup or b""), "")

    def addresses(self) -> dict[int, str]:
        """The addresses that are in the database at the end, by their numbers."""
        assert self.database is not None
        rows = self.database.read_now(lambda c: c.exec_driver_sql("SELECT id, lookup FROM address").all())
        return {number: self._lookups.get(bytes(lookup), "") for number, lookup in rows}

    def watch(self, dispatcher: TurnDispatcher) -> "Watched":
        """The dispatcher, but each of its turns is kept here."""
        return Watched(dispatcher, self)

    def seen_by(self, name: str) -> Iterator[Shown]:
        """What was shown to a person, at all of their addresses."""
        for address, shown in self.screens.items():
            if self.persons.get(address) == name:
                yield from shown


@dataclass(frozen=True, slots=True)
class Watched:
    """A dispatcher of turns that keeps what each came to."""

    dispatcher: TurnDispatcher
    evidence: Evidence

    def answer(self, connection: Connection, pending: PendingTurn, now: datetime) -> Writes:
        """Answer as the real one does. A turn that is put off leaves no record yet."""
        before = {one.id: one.state for one in pending.conversations}
        flows = {one.id: one.flow for one in pending.conversations}
        participant = None if pending.participant is None else pending.participant.id
        left = pending.participant is not None and not pending.participant.active
        address = self.evidence.address_of(connection, pending.address_id)
        writes = self.dispatcher.answer(connection, pending, now)
        if not writes.handled:
            return writes
        self.evidence.turns[pending.inbox_id] = Turn(
            place=self.evidence.place(),
            inbox_id=pending.inbox_id,
            address=address,
            participant=participant,
            message=from_payload(pending.payload),
            at=pending.received_at,
            handled=now,
            before=before,
            after={row["of"]: row["new_state"] for row in writes.conversations},
            outcomes={row["of"]: row["new_outcome"] for row in writes.conversations},
            answers=tuple(dict(row) for row in writes.answers),
            consents=tuple(dict(row) for row in writes.consents),
            remarks=tuple(dict(row) for row in writes.remarks),
            said=tuple(
                decode_prompt(row["payload"])
                for row in writes.outbox
                if row.get("kind") is not OutboxKind.EDIT
            ),
            steps=len(writes.steps),
            toast=next((tap.toast for tap in writes.taps), None),
            flows=flows,
            erased=participant is not None and pending.participant is None,
            left=left,
        )
        return writes

    def put_aside(self, connection: Connection, pending: PendingTurn, error: str, now: datetime) -> Writes:
        """Put a turn aside as the real one does. One that waits for its database is none."""
        address = self.evidence.address_of(connection, pending.address_id)
        self.evidence.aside.append((self.evidence.place(), address, f"{error}: {pending.payload[:160]}"))
        return self.dispatcher.put_aside(connection, pending, error, now)
