"""What an invariant is given: all that happened in a walk, with what they look up in it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from bot.channels.base import message_order
from flows.engine.compiled import compile_flow, read_slot
from flows.engine.effects import PromptKind
from flows.script.model import Flow
from tests.support.turn_world import flows
from tests.walks.evidence import Evidence, Shown, Turn

MARK = re.compile(r"mark[bcdfghjklmnprstvq]+")
"""A word that stands in one text of a walk alone."""
WAITS = timedelta(seconds=30)
"""How long a reply waits for the outcome of a sending before its question counts as shown."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold: where (an address, a place in the order of things) and how."""

    invariant: str
    address: str
    place: int
    what: str


Breaks = Iterator[tuple[str, int, str]]


def texts_in(message: str) -> frozenset[str]:
    """Every text that may be one of those said in a row in a message: they have blank lines between them."""
    parts = message.split("\n\n")
    places = range(len(parts))
    return frozenset("\n\n".join(parts[first : last + 1]) for first in places for last in places[first:])


class Findings:
    """What happened, with what the invariants look up in it."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.turns = sorted(evidence.turns.values(), key=lambda turn: turn.place)
        self._flows: dict[str, Flow] = flows()

    @cached_property
    def shows(self) -> Mapping[tuple[int, int], list[Shown]]:
        """The messages that showed a question, oldest first, by its conversation and number."""
        found = defaultdict(list)
        for screen in self.evidence.screens.values():
            for shown in screen:
                if shown.key is not None and not shown.edit:
                    found[shown.key].append(shown)
        return found

    @cached_property
    def texts(self) -> Mapping[str, list[Shown]]:
        """The messages of a text, wherever they were shown, whatever else they say before and after it."""
        found = defaultdict(list)
        for screen in self.evidence.screens.values():
            for shown in screen:
                for text in texts_in(shown.prompt.whole_text):
                    found[text].append(shown)
        return found

    @cached_property
    def case_words(self) -> str:
        """All words that stand in safety cases at the end."""
        return " ".join(str(row.details) for row in self._rows("SELECT details FROM safety_case"))

    @cached_property
    def erased(self) -> frozenset[int]:
        """The participants who had everything deleted."""
        return frozenset(row.id for row in self._rows("SELECT id FROM participant WHERE status = 'deleted'"))

    def _rows(self, query: str) -> Sequence[Any]:
        database = self.evidence.database
        assert database is not None
        return database.read_now(lambda c: c.exec_driver_sql(query).all())

    def kind_of(self, flow: str, slot: str) -> PromptKind:
        """The kind of the question in a slot; what is put after a thin answer asks for words."""
        node = compile_flow(self._flows[flow]).questions.get(read_slot(slot)[0])
        return PromptKind.TEXT if node is None else node.kind

    def is_kept_beside(self, flow: str, slot: str) -> bool:
        """Whether a slot holds the number that was read with the answer to a question, and is asked by none."""
        key = read_slot(slot)[0]
        return any(node.keeps == key for node in compile_flow(self._flows[flow]).questions.values())

    def whose(self, turn: Turn) -> str:
        """The person who wrote."""
        return self.evidence.persons.get(turn.address, "")

    def was_seen(self, turn: Turn, shows: list[Shown], *, here: bool) -> bool:
        """Whether a message stood in the chat when the words were written; `here`: in the same chat."""
        order = message_order(turn.message.message_id) or 0
        written = min(turn.message.written_at or turn.at, turn.at)
        for shown in shows:
            if shown.place >= turn.place:
                continue
            if shown.address == turn.address and shown.order < order:
                return True
            same = self.evidence.persons.get(shown.address) == self.whose(turn)
            if not here and same and shown.address != turn.address and shown.at <= written:
                return True
        return False

    def waited(self, turn: Turn, key: tuple[int, int]) -> bool:
        """Whether the words waited long enough for a sending of the question whose outcome is unknown."""
        doubtful = any(doubted == key and place < turn.place for place, doubted, _ in self.evidence.doubts)
        return doubtful and turn.handled - turn.at >= WAITS
