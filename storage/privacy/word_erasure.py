"""Empty the words of conversations whose time is over: codes, numbers, dates and the audit trail stay."""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from storage.coding import forgetting
from storage.follow_up import cosignatures
from storage.programs import case_words, quotations
from storage.redaction import WORDS_CHANGED
from storage.safety import text_signals
from storage.safety.case_notes import NOTES
from storage.safety.cases import SAID
from storage.schema import (
    ANSWER,
    COMMITMENT,
    COMMITMENT_REVISION,
    CONVERSATION,
    IMPLEMENTATION,
    OUTBOX,
    REMARK,
    SAFETY_CASE,
    ConversationStatus,
    SafetyStatus,
)

_CODE = re.compile(r"[a-z0-9_.:+-]*", re.ASCII)


def of_conversation(conversation: sa.ColumnCollection[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
    """Return the condition that a safety case belongs to a conversation.

    A case from words outside all conversations belongs to any of the participant's in the program.
    """
    outside = SAFETY_CASE.c.conversation_id.is_(None) & (SAFETY_CASE.c.program_id == conversation.program_id)
    return (SAFETY_CASE.c.conversation_id == conversation.id) | (
        outside & (SAFETY_CASE.c.participant_id == conversation.participant_id)
    )


def _is_sent() -> sa.ColumnElement[bool]:
    """Return the condition that a safety case was reported."""
    return SAFETY_CASE.c.status.in_([SafetyStatus.SENT, SafetyStatus.ACKNOWLEDGED])


QUOTED = {
    ANSWER: case_words.quoted("answer_id", _is_sent()),
    REMARK: case_words.quoted("remark_id", _is_sent()),
}
"""The answers and the remarks that a report which was sent quotes."""


def empty_conversations(connection: Connection, ids: Sequence[int]) -> int:
    """Empty the words of ended conversations, who has read them and what coders made of them.

    Codes that people chose, numbers, dates and the audit trail stay.
    """
    ended = CONVERSATION.c.id.in_(ids) & (CONVERSATION.c.status == ConversationStatus.ENDED)
    conversations = list(connection.scalars(sa.select(CONVERSATION.c.id).where(ended)))
    quotations.forget(connection, conversations)
    forgetting.forget(connection, conversations)
    connection.execute(CONVERSATION.update().where(CONVERSATION.c.id.in_(conversations)).values(state=""))
    for table, quoted_rows in QUOTED.items():
        theirs = table.c.conversation_id.in_(conversations) & table.c.id.not_in(quoted_rows)
        text_signals.forget(connection, f"{table.name}_id", sa.select(table.c.id).where(theirs))
    own_words = ANSWER.c.kind == PromptKind.TEXT
    connection.execute(
        ANSWER.update()
        .where(ANSWER.c.conversation_id.in_(conversations), ANSWER.c.id.not_in(QUOTED[ANSWER]))
        .values(
            raw="",
            shown_text="",
            identifiers=False,
            value=sa.case((own_words, sa.null()), else_=ANSWER.c.value),
            **WORDS_CHANGED,
        )
    )
    connection.execute(
        REMARK.update()
        .where(REMARK.c.conversation_id.in_(conversations), REMARK.c.id.not_in(QUOTED[REMARK]))
        .values(raw="", shown_text="", identifiers=False, **WORDS_CHANGED)
    )
    connection.execute(OUTBOX.update().where(OUTBOX.c.conversation_id.in_(conversations)).values(payload=""))
    _empty_commitments(connection, conversations)
    cosignatures.forget_in(connection, cosignatures.about(connection, conversations))
    _empty_cases(connection, conversations)
    return len(conversations)


def _empty_cases(connection: Connection, conversations: Sequence[int]) -> None:
    """Empty what was answered to the questions for a report, and what was noted; leave a report that was sent."""
    theirs = sa.exists().where(CONVERSATION.c.id.in_(conversations), of_conversation(CONVERSATION.c))
    query = sa.select(SAFETY_CASE.c.id, SAFETY_CASE.c.details).where(theirs, ~_is_sent())
    for number, details in connection.execute(query).all():
        said = details.get("answers", {}).items()
        answers = {name: word for name, word in said if name != SAID and _is_code(word)}
        kept = {name: value for name, value in details.items() if name != NOTES}
        if answers != details.get("answers", {}):
            kept["answers"] = answers
        left = {} if kept == details else {"details": kept}
        connection.execute(
            SAFETY_CASE.update().where(SAFETY_CASE.c.id == number).values(**left, words_at=None)
        )
        text_signals.forget(
            connection, "case_id", sa.select(SAFETY_CASE.c.id).where(SAFETY_CASE.c.id == number)
        )


def _empty_commitments(connection: Connection, conversations: Sequence[int]) -> None:
    """Empty the words of the commitments made in some conversations, and of what was reported on them."""
    made = sa.select(COMMITMENT.c.id).where(COMMITMENT.c.conversation_id.in_(conversations))
    connection.execute(
        COMMITMENT_REVISION.update()
        .where(COMMITMENT_REVISION.c.commitment_id.in_(made))
        .values(statement="", if_then=None, **WORDS_CHANGED)
    )
    connection.execute(
        COMMITMENT.update()
        .where(COMMITMENT.c.conversation_id.in_(conversations))
        .values(statement="", if_then=None, coping=None, foreseen_other=None, **WORDS_CHANGED)
    )
    reports = sa.select(IMPLEMENTATION.c.id, IMPLEMENTATION.c.details).where(
        IMPLEMENTATION.c.conversation_id.in_(conversations)
    )
    for number, details in connection.execute(reports).all():
        kept = {name: value for name, value in (details or {}).items() if _is_code(value)}
        here = IMPLEMENTATION.c.id == number
        connection.execute(IMPLEMENTATION.update().where(here).values(details=kept, **WORDS_CHANGED))


def _is_code(value: Any) -> bool:
    """Return whether a field holds a code, a number or a date, and nobody's words."""
    if isinstance(value, list):
        return all(_is_code(one) for one in value)
    return not isinstance(value, str) or _CODE.fullmatch(value) is not None
