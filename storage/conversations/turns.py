"""The rows of a turn: what came in, which conversation it meets, and what a batch of turns leaves behind.

Everything here runs inside the caller's transaction. The statements of the hot path are built once and run
with many rows at a time, so that N turns cost one commit.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations import outbox
from storage.conversations.inbox import BLANK, FORGET, mark_handled
from storage.database import audit as trail
from storage.database.audit import AuditEntry
from storage.database.statements import BulkWrite, Row
from storage.schema import ANSWER, CONSENT, CONVERSATION


@dataclass(slots=True)
class Writes:
    """What turns leave behind. `commit` writes it: rows in bulk, and what is rare one by one between them.

    `rare` comes after the rows of the turns and before the messages, so that what it adds is said last, and
    what it takes back (a person said stop) is never the farewell. Each is given all writes, to add to them.
    """

    superseded: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    conversations: list[Row] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    rare: "list[Callable[[Connection, Writes], None]]" = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    handled: list[Row] = field(default_factory=list)
    forgotten: list[Row] = field(default_factory=list)
    """Talks whose words are taken out of the inbox, after all else: they were said without consent."""

    def add(self, other: "Writes") -> None:
        """Take in another turn's."""
        self.superseded += other.superseded
        self.answers += other.answers
        self.consents += other.consents
        self.conversations += other.conversations
        self.audit += other.audit
        self.rare += other.rare
        self.outbox += other.outbox
        self.handled += other.handled
        self.forgotten += other.forgotten


def commit(connection: Connection, writes: Writes) -> set[int]:
    """
    Write all of it.

    Returns:
        The addresses that have something to be sent.
    """
    _flush(connection, writes)
    for act in writes.rare:
        act(connection, writes)
        _flush(connection, writes)
    outbox.queue(connection, writes.outbox)
    mark_handled(connection, writes.handled)
    FORGET.run(connection, [{**row, "blank": BLANK} for row in writes.forgotten])
    return {row["address_id"] for row in writes.outbox}


def _flush(connection: Connection, writes: Writes) -> None:
    for statement, rows in (
        (_SUPERSEDE, writes.superseded),
        (_INSERT_ANSWER, writes.answers),
        (_INSERT_CONSENT, writes.consents),
        (_UPDATE_CONVERSATION, writes.conversations),
    ):
        statement.run(connection, rows)
        rows.clear()
    trail.append(connection, writes.audit)
    writes.audit.clear()


_SUPERSEDE = BulkWrite(
    ANSWER.update()
    .where(ANSWER.c.conversation_id == sa.bindparam("of"))
    .where(ANSWER.c.slot == sa.bindparam("at_slot"), ANSWER.c.superseded_at.is_(None))
    .values(superseded_at=sa.bindparam("at")),
    (),
)
_NOT_SET = {"id", "superseded_at", "detected_language", "detected_probability"}
_INSERT_ANSWER = BulkWrite(
    ANSWER.insert(), [column.name for column in ANSWER.c if column.name not in _NOT_SET]
)
_INSERT_CONSENT = BulkWrite(CONSENT.insert(), [column.name for column in CONSENT.c if column.name != "id"])
_UPDATE_CONVERSATION = BulkWrite(
    CONVERSATION.update()
    .where(CONVERSATION.c.id == sa.bindparam("of"))
    .values(
        {
            name: sa.bindparam(f"new_{name}")
            for name in ("state", "status", "outcome", "turns", "last_turn_at", "ended_at")
        }
    ),
    (),
)
