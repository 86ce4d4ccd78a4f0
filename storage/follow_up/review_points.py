"""Keep what becomes of the points that reviewers made: the team decides, and the reviewer is told."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, Outcome, PromptKind
from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import StoredRedaction
from storage.database import audit
from storage.database.audit import AuditEntry
from storage.errors import StorageError
from storage.follow_up import follow_ons
from storage.schema import (
    ACTIVITY,
    ANSWER,
    CONVERSATION,
    PARTICIPANT,
    PROGRAM,
    REVIEW_DECISION,
    AuditKind,
    PointDecision,
)

FLOW = "content_review"
_NOTHING = "none"
"""The code of the short cut that says that there is no point to make."""


class ReviewError(StorageError):
    """Raised when a decision cannot be kept as asked. The message says what to do; nothing has changed."""


@dataclass(frozen=True, slots=True)
class Point:
    """Hold what a reviewer wants changed, in their words, with what became of it; `decision` None while open.

    `participant` is a code, `item` the short name of what was reviewed, `key` that of the question.
    """

    participant: str
    item: str
    conversation_id: int
    key: str
    text: str
    said_at: datetime
    decision: PointDecision | None
    reason: str | None


def points(
    connection: Connection,
    *,
    program: str | None = None,
    participant: str | None = None,
    conversation_id: int | None = None,
) -> tuple[Point, ...]:
    """Return the points that reviewers made, the oldest review first, of reviews that were finished.

    They are those of a program, of a participant's code, of one conversation; None is all. Words are not redacted.
    """
    return tuple(_point(row) for row in _rows(connection, program, participant, conversation_id))


def _rows(
    connection: Connection, program: str | None, participant: str | None, conversation_id: int | None
) -> Iterator[Any]:
    """Yield the rows of `points`, each with what is kept of its words' redacted form."""
    query = _POINTS
    if program is not None:
        query = query.where(PROGRAM.c.slug == program)
    if participant is not None:
        query = query.where(sa.func.upper(PARTICIPANT.c.code) == participant.strip().upper())
    if conversation_id is not None:
        query = query.where(CONVERSATION.c.id == conversation_id)
    yield from (row for row in connection.execute(query).all() if json.loads(row.value) != _NOTHING)


def _point(row: Any) -> Point:
    participant, item, conversation_id, key, value, said_at, decision, reason, *_ = row
    return Point(participant, item, conversation_id, key, json.loads(value), said_at, decision, reason)


_POINTS: sa.Select[Any] = (
    sa.select(
        PARTICIPANT.c.code,
        sa.func.coalesce(ACTIVITY.c.slug, ""),
        CONVERSATION.c.id,
        ANSWER.c.slot,
        ANSWER.c.value,
        ANSWER.c.answered_at,
        REVIEW_DECISION.c.decision,
        REVIEW_DECISION.c.reason,
        ANSWER.c.redaction,
        ANSWER.c.redaction_rules,
    )
    .select_from(ANSWER)
    .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
    .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
    .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
    .outerjoin(ACTIVITY, ACTIVITY.c.id == CONVERSATION.c.activity_id)
    .outerjoin(
        REVIEW_DECISION,
        (REVIEW_DECISION.c.conversation_id == CONVERSATION.c.id) & (REVIEW_DECISION.c.slot == ANSWER.c.slot),
    )
    .where(
        CONVERSATION.c.flow == FLOW,
        CONVERSATION.c.outcome == Outcome.COMPLETED,
        ANSWER.c.kind == PromptKind.TEXT,
        ANSWER.c.status == AnswerStatus.ANSWERED,
        ANSWER.c.superseded_at.is_(None),
        ANSWER.c.value.is_not(None),
    )
    .order_by(CONVERSATION.c.id, ANSWER.c.id)
)


def look(connection: Connection, *, program: str | None, now: datetime) -> tuple[Point, ...]:
    """Return all points of a program's finished reviews (None: of all), redacted, and audit that they were shown."""
    audit.append(connection, [AuditEntry(now, AuditKind.VIEW, None, {"what": "review points"})])
    return tuple(_redacted(connection, row) for row in _rows(connection, program, None, None))


def _redacted(connection: Connection, row: Any) -> Point:
    """Return a point with identifiers in its words redacted, as they are kept."""
    found = _point(row)
    kept = StoredRedaction(found.conversation_id, row.redaction, row.redaction_rules)
    shown, _ = kept_redactions.redacted_fields(connection, {"value": found.text}, kept)
    return replace(found, text=shown["value"])


@dataclass(frozen=True, slots=True)
class DecisionOnPoint:
    """Hold what the team decided on a point, named by participant, question and reviewed item.

    `item` None will do where the participant made a point under `key` in one review only.
    """

    participant: str
    key: str
    item: str | None
    decision: PointDecision
    reason: str
    """In a sentence that the reviewer reads."""


def decide(connection: Connection, decided: DecisionOnPoint, *, now: datetime) -> int:
    """
    Keep what was decided on a point, and audit it; a second decision replaces the first until the reviewer was told.

    Once all points of the review are decided on, the message that tells the reviewer is planned.

    Returns:
        How many points of that review are still open.

    Raises:
        ReviewError: there is no such point, several reviews have one, or the reviewer was told already.
    """
    participant, key = decided.participant, decided.key
    found = [
        one
        for one in points(connection, participant=participant)
        if one.key == key and decided.item in {None, one.item}
    ]
    if not found:
        raise ReviewError(f"{participant} made no point {key!r}; see `said review list`")
    if len({one.conversation_id for one in found}) > 1:
        items = ", ".join(sorted({one.item for one in found}))
        raise ReviewError(f"{participant} reviewed more than one item; add --item with one of: {items}")
    conversation = found[0].conversation_id
    if follow_ons.was_answered(connection, conversation):
        raise ReviewError(f"{participant} was told already what became of these points")
    connection.execute(
        REVIEW_DECISION.delete().where(
            REVIEW_DECISION.c.conversation_id == conversation, REVIEW_DECISION.c.slot == key
        )
    )
    row = {"decision": decided.decision, "reason": decided.reason.strip(), "decided_at": now}
    connection.execute(REVIEW_DECISION.insert().values(conversation_id=conversation, slot=key, **row))
    code = decided.decision.value
    what = {"what": "review decision", "conversation": conversation, "slot": key, "decision": code}
    audit.append(connection, [AuditEntry(now, AuditKind.SETTINGS, None, what)])
    left = sum(one.decision is None for one in points(connection, conversation_id=conversation))
    if not left:
        follow_ons.arm_answer(connection, conversation_id=conversation, now=now)
    return left
