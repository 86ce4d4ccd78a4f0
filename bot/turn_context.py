"""The one object that a turn passes on: the transaction, the time, and what is to be written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Concatenate, ParamSpec

import structlog
from sqlalchemy import Connection

from bot.clock import ProcessorTimeLimit
from flows.script.time_limit import TimeLimit, TurnTooLong
from storage.conversations.conversations import ConversationRecord
from storage.conversations.writes import CommitStage, Writes

P = ParamSpec("P")

MOST_SECONDS = 5.0
"""Processor time of the engine for one event; hundreds of times what a turn takes."""
UNTIMED = 8
"""Steps and conditions of an event that pass before the clock is looked at: a look takes 3 to 8 us on some machines."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class TurnContext:
    """What one turn works with: the transaction, the time, and what it leaves to be written.

    Whoever is given a turn hands on its result by adding to `writes`, which are committed after the turn.
    """

    connection: Connection
    """Inside the caller's transaction."""
    now: datetime
    writes: Writes = field(default_factory=Writes)
    toasts: bool = False
    """Whether it answers a tap that a toast still reaches; what is said of the tap is a message otherwise."""
    toast: str | None = None
    """What the tap is answered by once all is committed; None for no words."""

    def during_commit(
        self,
        stage: CommitStage,
        step: "Callable[Concatenate[TurnContext, P], None]",
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """
        Have `step(turn, ...)` run inside the commit, after answers and states of all turns of the batch are written.

        Steps run turn by turn, those of a turn in the order of their stages; a recheck after all. The turn that a step
        is given has the same time as this one, and the writes of the whole batch.
        """
        now = self.now

        def run(connection: Connection, writes: Writes) -> None:
            step(TurnContext(connection, now, writes), *args, **kwargs)

        self.writes.add_step(stage, run)


class EngineTime(TimeLimit):
    """Holds the engine to its time while it plays an event to a conversation, in a `with` block.

    The time begins with the step or condition after the first `UNTIMED` of them, which most turns do not get to. An
    event that takes too long raises `TurnTooLong`; the conversation and its flow are in the log.
    """

    __slots__ = ("_asked", "_conversation", "_limit")

    def __init__(self, conversation: ConversationRecord) -> None:
        self._conversation = conversation
        self._asked = 0
        self._limit: ProcessorTimeLimit | None = None

    def is_over(self) -> bool:
        """Return whether the time is over; begin it once enough was done that it may come to be long."""
        self._asked += 1
        if self._asked <= UNTIMED:
            return False
        if self._limit is None:
            self._limit = ProcessorTimeLimit(MOST_SECONDS)
        return self._limit.is_reached()

    def __exit__(self, *raised: object) -> None:
        super().__exit__(*raised)
        if raised[0] is TurnTooLong:
            named = self._conversation
            _log.error("turn_too_long", conversation=named.id, flow=named.flow)
