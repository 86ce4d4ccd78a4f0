"""Let the second reader read what is written in a walk, without its package, and keep what it says."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.clock import Clock
from bot.delivery.results import decode_prompt
from bot.errors import describe
from bot.schedule.second_reading import EventApplier, SecondReading
from flows.engine.events import Event
from storage.database.connection import Database
from storage.database.statements import translated
from storage.errors import DatabaseError
from tests.support.small_reader import READER, WordEncoder
from tests.walks.evidence import Evidence, Suspicion

_STANDING = sa.text("""
    SELECT conversation.participant_id, address_id, conversation.status, outcome, state,
        address.status = 'active' AS is_reachable
    FROM conversation JOIN address ON address.id = address_id WHERE conversation.id = :id""")
_CASES = sa.text("SELECT count(*) FROM safety_case")
_MESSAGES = sa.text(
    "SELECT id, payload FROM outbox WHERE conversation_id = :conversation AND kind != 'edit' ORDER BY id"
)
"""Their numbers may be those of edits that were dropped: no number tells what is new, only the rows do."""


@dataclass(frozen=True, slots=True)
class WatchedSuspicions:
    """A runtime to which the second reader plays its events; what each came to is kept in the evidence."""

    runtime: EventApplier
    evidence: Evidence

    def apply(self, connection: Connection, conversation_id: int, event: Event, *, now: datetime) -> None:
        """Play it as the real one does."""
        before = _standing(connection, conversation_id)
        address = self.evidence.address_of(connection, before.address_id)
        messages, cases = _messages(connection, conversation_id), connection.scalar(_CASES)
        try:
            with translated(Path(str(connection.engine.url.database))):
                self.runtime.apply(connection, conversation_id, event, now=now)
        except DatabaseError:  # all of it is undone, and read once more when the database can be used
            raise
        except Exception as error:
            self.evidence.aside.append((self.evidence.place(), address, f"second reader: {describe(error)}"))
            raise
        after = _standing(connection, conversation_id)
        new = _messages(connection, conversation_id).items() - messages.items()
        suspicion = Suspicion(
            place=self.evidence.place(),
            address=address,
            conversation=conversation_id,
            participant=before.participant_id,
            before=before.state,
            after=after.state,
            said=tuple(decode_prompt(payload) for _, payload in sorted(new)),
            cases=int(connection.scalar(_CASES) or 0) - int(cases or 0),
            ends=(before.status, before.outcome) != (after.status, after.outcome),
            reachable=bool(before.is_reachable),
        )
        self.evidence.suspicions.append(suspicion)
        self.evidence.remark(address, f"the second reader suspects risk: {len(suspicion.said)} said")


def second_reading(
    database: Database, runtime: EventApplier, clock: Clock, evidence: Evidence
) -> SecondReading:
    """The second reader of a walk: the real one, but for the package."""
    watched = WatchedSuspicions(runtime, evidence)
    made = SecondReading(database, watched, clock, WordEncoder(), reader=READER)
    made.rests = False
    return made


def moment(chance: Random, moments: int) -> int | None:
    """At which of the moments of a round it reads, by chance; None for not in this round: it lags behind."""
    return chance.choice((None, *range(moments)))


def _standing(connection: Connection, conversation_id: int) -> Any:
    return connection.execute(_STANDING, {"id": conversation_id}).one()


def _messages(connection: Connection, conversation_id: int) -> dict[int, str]:
    return {row.id: row.payload for row in connection.execute(_MESSAGES, {"conversation": conversation_id})}
