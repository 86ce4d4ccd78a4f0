"""The one object that a turn passes on: the transaction, the time, and what is to be written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Concatenate, ParamSpec

import structlog
from sqlalchemy import Connection

from bot.clock import ProcessorTimeLimit
from flows.script.time_limit import TurnTooLong, held_to
from storage.conversations.conversations import ConversationRecord
from storage.conversations.writes import CommitStage, Writes

P = ParamSpec("P")

MOST_SECONDS = 5.0
"""Processor time of the engine for one event; hundreds of times what a turn takes."""

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


@contextmanager
def in_time(conversation: ConversationRecord) -> Iterator[None]:
    """Hold the engine to its time while it plays an event to a conversation.

    Raises:
        TurnTooLong: The time is over; the conversation and its flow are in the log.
    """
    try:
        with held_to(ProcessorTimeLimit(MOST_SECONDS).is_reached):
            yield
    except TurnTooLong:
        _log.error("turn_too_long", conversation=conversation.id, flow=conversation.flow)
        raise
