"""Collect what a batch of turns leaves behind, and write it in one transaction.

A turn writes nothing while it runs: it adds to its `Writes`, so that N turns cost one commit, and a turn that
raises leaves nothing. `commit` is the one place that says in which order things are written.
"""

from collections.abc import Callable
from enum import IntEnum, auto
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from storage.conversations import outbox
from storage.conversations.inbox import BLANK, FORGET, mark_handled, postpone
from storage.database import audit as trail
from storage.database.audit import AuditEntry
from storage.database.commit_notes import JournalNote, note
from storage.database.statements import BulkWrite, Row
from storage.database.wakeups import WorkKind
from storage.schema import ANSWER, CONSENT, CONVERSATION, REMARK, JournalKind, Lane


class CommitStage(IntEnum):
    """Say when a step runs inside the commit of a batch of turns.

    The steps of one turn run in this order, turn by turn; rechecks run after those of all turns.
    """

    EFFECT = auto()
    """What the engine asked for beside rows: a commitment, a pause, a withdrawal, a request."""
    SAFETY = auto()
    """Cases and alerts: after the effects, so that a withdrawal does not drop the alert that it came with."""
    MOVE = auto()
    """The conversation goes on at another address: before anything is begun there."""
    END = auto()
    """The timers of a conversation that ended, which frees what waits behind it."""
    BEGIN = auto()
    """The conversation that comes next: only after the one before has ended."""
    ADDRESS = auto()
    """What the platform told of the address: after all that was said there."""
    RECHECK = auto()
    """What another turn of the batch, also a later one, may have made untrue."""


class TapAnswer(NamedTuple):
    """Name a tap that a turn has answered, by its inbox row's channel and external id.

    `toast` are the words that it is answered by on the screen; None for none.
    """

    channel: str
    external_id: str
    toast: str | None


class Writes(msgspec.Struct):
    """Hold what turns leave behind: rows by table, and steps that run one by one inside the commit.

    A struct, since every turn makes one: it has its lists in half the time of a dataclass.
    """

    superseded: list[Row] = []
    answers: list[Row] = []
    consents: list[Row] = []
    superseded_remarks: list[Row] = []
    remarks: list[Row] = []
    conversations: list[Row] = []
    audit: list[AuditEntry] = []
    steps: "list[tuple[CommitStage, Step]]" = []
    rechecks: "list[Step]" = []
    outbox: list[Row] = []
    handled: list[Row] = []
    postponed: list[Row] = []
    forgotten: list[Row] = []
    """Conversations whose words are blanked in the inbox: they were said without consent."""
    taps: list[TapAnswer] = []
    """Taps to be answered on the screen after the commit: nothing of them is written."""

    def add_step(self, stage: CommitStage, step: "Step") -> None:
        """Have `step` run inside the commit, at its stage. It is given the connection and the whole batch's writes."""
        if stage is CommitStage.RECHECK:
            self.rechecks.append(step)
        else:
            self.steps.append((stage, step))

    def work(self) -> frozenset[WorkKind]:
        """Return what there is to do once these rows are written; ask before `commit`, which lets go of them."""
        rows = (*self.answers, *self.remarks)
        work = {WorkKind.OUTBOX}
        if any(row["unheard"] for row in rows):
            work.add(WorkKind.WORDS)
        if any(row["raw"] and row.get("kind", PromptKind.TEXT) == PromptKind.TEXT for row in rows):
            work.add(WorkKind.READING)
        return frozenset(work)

    def add(self, turn: "Writes") -> None:
        """Add what one turn leaves behind to that of the batch, the turn's steps in order of their stages."""
        self.superseded += turn.superseded
        self.answers += turn.answers
        self.consents += turn.consents
        self.superseded_remarks += turn.superseded_remarks
        self.remarks += turn.remarks
        self.conversations += turn.conversations
        self.audit += turn.audit
        if turn.steps:
            self.steps += sorted(turn.steps, key=_stage_of)
        self.rechecks += turn.rechecks
        self.outbox += turn.outbox
        self.handled += turn.handled
        self.postponed += turn.postponed
        self.forgotten += turn.forgotten
        self.taps += turn.taps


Step = Callable[[Connection, Writes], None]
"""What is done inside the commit. It is given the writes of the whole batch, and may add to them."""


def commit(connection: Connection, writes: Writes, lane: Lane = Lane.REPLY) -> set[int]:
    """
    Write what a batch of turns leaves behind, and run its steps, in the caller's transaction.

    `lane` is that of the messages that say none of their own, see `outbox.queue`.

    Returns:
        The numbers of the addresses for which messages were queued.
    """
    # 1. What was said, in bulk. First, because the steps read it: a follow-up is planned from its commitment.
    _write_rows(connection, writes)
    # 2. What follows from it, one by one. Before the messages, so that a withdrawal drops what was queued
    #    earlier and not its own farewell. A step may add rows, written at once for the next one to read, and
    #    steps, such as those of a conversation that it begins, which come last.
    for _stage, step in writes.steps:
        step(connection, writes)
        _write_rows(connection, writes)
    # 3. What must hold after all turns. It may still take back messages: none is queued yet.
    for recheck in writes.rechecks:
        recheck(connection, writes)
        _write_rows(connection, writes)
    # 4. The messages, in the order in which they were added: those of the steps are said last.
    outbox.queue(connection, writes.outbox, lane)
    # 5. The inbox rows are done, or wait: in the same transaction, so that a crash repeats all of a turn or none.
    mark_handled(connection, writes.handled)
    postpone(connection, writes.postponed)
    # 6. What may not be kept. Last, because it blanks handled rows, those of this very batch among them.
    FORGET.run(connection, [{**row, "blank": BLANK} for row in writes.forgotten])
    return {row["address_id"] for row in writes.outbox}


def _write_rows(connection: Connection, writes: Writes) -> None:
    """Write the rows by table, and let go of them."""
    refused = [row for row in writes.consents if not row["granted"]]
    for statement, rows in (
        (_SUPERSEDE, writes.superseded),  # before the answers, or a correction would supersede itself
        (_INSERT_ANSWER, writes.answers),
        (_INSERT_CONSENT, writes.consents),
        (_SUPERSEDE_REMARK, writes.superseded_remarks),  # before the remarks, for the same reason
        (_INSERT_REMARK, writes.remarks),
        (_UPDATE_CONVERSATION, writes.conversations),
    ):
        statement.run(connection, rows)
        rows.clear()
    trail.append(connection, writes.audit)
    for row in refused:
        kind = JournalKind.CONSENT
        where = {"conversation_id": row["conversation_id"], "purpose": row["purpose"]}
        note(connection, JournalNote(kind, row["decided_at"], **where))
    writes.audit.clear()


def _stage_of(step: tuple[CommitStage, Step]) -> CommitStage:
    return step[0]


_SUPERSEDE = BulkWrite(
    ANSWER.update()
    .where(ANSWER.c.conversation_id == sa.bindparam("of"))
    .where(ANSWER.c.slot == sa.bindparam("at_slot"), ANSWER.c.superseded_at.is_(None))
    .values(superseded_at=sa.bindparam("at")),
    (),
)
_NOT_SET = {
    "id", "superseded_at", "detected_language", "detected_probability", "message_deleted_at", "redaction",
    "redaction_rules",
}  # fmt: skip
_INSERT_ANSWER = BulkWrite(
    ANSWER.insert(), [column.name for column in ANSWER.c if column.name not in _NOT_SET]
)
_SUPERSEDE_REMARK = BulkWrite(
    REMARK.update()
    .where(REMARK.c.conversation_id == sa.bindparam("of"), REMARK.c.number == sa.bindparam("numbered"))
    .where(REMARK.c.superseded_at.is_(None))
    .values(superseded_at=sa.bindparam("at"), taken_as=sa.bindparam("as_answer")),
    (),
)
_INSERT_REMARK = BulkWrite(
    REMARK.insert(), [column.name for column in REMARK.c if column.name not in {*_NOT_SET, "taken_as"}]
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
