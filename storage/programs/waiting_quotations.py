"""Find words that may be quoted and of which nothing is released yet, so that a person can read and release them.

Their authors permit it as of now, they stand as they were written, and none tells of distress. What may be quoted is
told by the decisions of each author, so that the newest words are looked at some at a time, and no more than so many.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.compiled import read_slot
from flows.engine.effects import AnswerStatus, PromptKind
from flows.script.roles import Purpose, Role
from storage.database.statements import by_no_index
from storage.programs import case_words, whereabouts, word_permission
from storage.programs.quotations import SHORTEST, QuotationSource
from storage.redaction import redacted
from storage.schema import ANSWER, CONSENT, CONVERSATION, PARTICIPANT, PROGRAM, QUOTATION, REMARK

LOOKED_THROUGH: Final = 2_000
"""The newest words of a kind that are looked at, among so many of the newest rows."""
_NEWEST_ROWS: Final = 200_000
_STREAMED: Final = {"stream_results": True, "yield_per": 100}


@dataclass(frozen=True, slots=True)
class WaitingQuotation:
    """Words that may be quoted, redacted; `participant` is a code, `question` what was asked."""

    source: QuotationSource
    participant: str
    role: Role
    program: str
    flow: str
    question_key: str
    question: str
    language: str
    said_at: datetime
    text: str


def waiting(
    connection: Connection, program: str | None, *, limit: int, skip: int = 0
) -> tuple[WaitingQuotation, ...]:
    """Return words of a program (a short name; None: of all) that wait to be released, redacted, the newest first.

    Answers come before remarks. The first `skip` are passed over. Whoever shows them audits that.
    """
    rows = islice(_permitted(connection, program), skip, skip + limit)
    return tuple(_text(connection, row) for row in rows)


def _permitted(connection: Connection, program: str | None) -> Iterator[sa.Row[Any]]:
    """Yield the rows of words that may be quoted now."""
    for is_remark in (False, True):
        found = connection.execute(_query(program, is_remark=is_remark), execution_options=_STREAMED)
        for rows in found.partitions():
            yield from _of_chunk(connection, rows, is_remark=is_remark)


def _of_chunk(
    connection: Connection, rows: Sequence[sa.Row[Any]], *, is_remark: bool
) -> Iterator[sa.Row[Any]]:
    conversations = {row.conversation for row in rows}
    permitted = word_permission.of_conversations(connection, conversations)
    allowed = {number for number in conversations if permitted[number].may_quote}
    distress = case_words.of_distress(connection, allowed)
    for row in rows:
        if row.conversation in allowed and not distress.holds(row.id, is_remark=is_remark):
            yield row


def _text(connection: Connection, row: sa.Row[Any]) -> WaitingQuotation:
    """Return words as they are shown: redacted as of now, as those that are released are."""
    regions = whereabouts.of_conversation(connection, row.conversation)
    return WaitingQuotation(
        source=QuotationSource(row.id, is_remark=bool(row.is_remark)),
        participant=row.code,
        role=row.role,
        program=row.slug,
        flow=row.flow,
        question_key=read_slot(row.slot)[0],
        question=redacted(row.shown_text, regions),
        language=row.language,
        said_at=row.said_at,
        text=redacted(row.raw, regions),
    )


def _query(program: str | None, *, is_remark: bool) -> sa.Select[Any]:
    """Select words that stand, of people who said yes to be quoted at least once, and of which nothing is released."""
    table = REMARK if is_remark else ANSWER
    column = QUOTATION.c.remark_id if is_remark else QUOTATION.c.answer_id
    released = sa.exists().where(column == table.c.id, QUOTATION.c.withdrawn_at.is_(None))
    agreed = sa.select(CONSENT.c.participant_id).where(
        CONSENT.c.purpose == Purpose.USE_WORDS, CONSENT.c.granted.is_(sa.true())
    )
    query = (
        sa.select(
            table.c.id,
            sa.literal(is_remark).label("is_remark"),
            table.c.conversation_id.label("conversation"),
            table.c.slot,
            table.c.raw,
            table.c.shown_text,
            table.c.language,
            (REMARK.c.said_at if is_remark else ANSWER.c.answered_at).label("said_at"),
            CONVERSATION.c.flow,
            PARTICIPANT.c.code,
            PARTICIPANT.c.role,
            PROGRAM.c.slug,
        )
        .select_from(table)
        .join(CONVERSATION, CONVERSATION.c.id == by_no_index(table.c.conversation_id))
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(table.c.id > sa.select(sa.func.max(table.c.id) - _NEWEST_ROWS).scalar_subquery())
        .where(table.c.superseded_at.is_(None), table.c.message_deleted_at.is_(None))
        .where(table.c.personal.is_(sa.false()), sa.func.length(table.c.raw) >= SHORTEST)
        .where(
            by_no_index(CONVERSATION.c.participant_id).in_(agreed), ~released
        )  # else by people, and all of theirs
        .order_by(table.c.id.desc())
        .limit(LOOKED_THROUGH)
    )
    if not is_remark:
        own = (ANSWER.c.kind == PromptKind.TEXT) & (ANSWER.c.status == AnswerStatus.ANSWERED)
        is_code = ANSWER.c.value.op("GLOB", is_comparison=True)('"[a-z]*"') & (
            sa.func.instr(ANSWER.c.value, " ") == 0
        )
        query = query.where(own, ~sa.and_(is_code, ANSWER.c.value != '"' + ANSWER.c.raw + '"'))
    return query if program is None else query.where(PROGRAM.c.slug == program)
