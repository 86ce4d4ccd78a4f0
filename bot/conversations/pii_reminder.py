"""A person who writes something that may tell who they are is asked kindly, once a talk, not to."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.delivery.rows import sentence_row
from flows.engine.effects import AnswerStatus, PromptKind, RecordAnswer
from flows.i18n.say import Sentence
from storage.conversations.conversations import ConversationRecord
from storage.conversations.writes import Writes
from storage.database.audit import AuditEntry
from storage.redaction import has_identifiers
from storage.schema import ANSWER, AuditKind, OutboxKind


def tells_who(effect: RecordAnswer) -> bool:
    """Whether an answer in somebody's own words holds identifiers: a date or number that was asked for is none."""
    own_words = effect.kind is PromptKind.TEXT or effect.status is AnswerStatus.UNPARSED
    return own_words and has_identifiers(effect.raw)


def ask_kindly(
    connection: Connection,
    conversation: ConversationRecord,
    writes: Writes,
    *,
    at_risk: bool,
    address_id: int,
    now: datetime,
) -> None:
    """Where an answer of this turn holds identifiers: flag it, and ask the person if it is the first such.

    Somebody at risk is shown help first and alone: a phone number in such words is no time for a request.
    """
    found = [row for row in writes.answers if row["identifiers"]]
    if not found:
        return
    for row in found:
        details = {"conversation": conversation.id, "slot": row["slot"], "what": "identifiers"}
        writes.audit.append(AuditEntry(now, AuditKind.FLAG, conversation.participant_id, details))
    if at_risk:
        return
    earlier = sa.select(ANSWER.c.id).where(ANSWER.c.conversation_id == conversation.id, ANSWER.c.identifiers)
    if connection.scalar(earlier.limit(1)) is None:
        asked = sentence_row(Sentence.IDENTIFIERS, found[0]["language"], address_id, now)
        writes.outbox.insert(_before_question(writes), {**asked, "conversation_id": conversation.id})


def _before_question(writes: Writes) -> int:
    """The place of the turn's last question: a request that came after it would leave it behind."""
    for place in range(len(writes.outbox) - 1, -1, -1):
        row = writes.outbox[place]
        if row["ask"] is not None and row["kind"] is OutboxKind.MESSAGE:
            return place
    return len(writes.outbox)
