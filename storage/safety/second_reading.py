"""Find the texts that the second reader has still to read, by their numbers, and whether they still stand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, PromptKind
from flows.script.roles import Role
from storage.database.statements import TupleQuery
from storage.safety.text_signals import TextKind, TextNumbers, TextSource
from storage.schema import ANSWER, CONVERSATION, PARTICIPANT, REMARK


@dataclass(frozen=True, slots=True)
class WrittenText:
    """An answer or a remark in somebody's own words, with whose it is; `written_at` is when it was answered.

    `slot` is that of the answer, or of the question under which the remark was made ('' for none), in the flow of the
    version `flow_hash`; `language` the one in which it was asked.
    """

    source: TextSource
    conversation_id: int
    participant_id: int
    program_id: int
    role: Role
    flow_hash: str
    slot: str
    language: str
    written_at: datetime
    raw: str


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """Some texts, in the order of their numbers, and the numbers up to which all were looked at for them.

    `more` says that there are rows beyond these.
    """

    texts: tuple[WrittenText, ...]
    reached: TextNumbers
    more: bool


def _after(table: sa.Table, at: sa.ColumnElement[Any], own_words: sa.ColumnElement[bool]) -> TupleQuery:
    """Return the query for the rows of a table after a number: their numbers, and what is read of them."""
    return TupleQuery(
        sa.select(
            table.c.id,
            own_words,
            CONVERSATION.c.id,
            CONVERSATION.c.participant_id,
            CONVERSATION.c.program_id,
            PARTICIPANT.c.role,
            CONVERSATION.c.flow_hash,
            table.c.slot,
            table.c.language,
            at,
            table.c.raw,
        )
        .join(CONVERSATION, CONVERSATION.c.id == table.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .where(table.c.id > sa.bindparam("after"))
        .order_by(table.c.id)
        .limit(sa.bindparam("most"))
    )


_OWN_ANSWER: Final = sa.and_(
    sa.or_(ANSWER.c.kind == PromptKind.TEXT, ANSWER.c.status == AnswerStatus.UNPARSED),
    ANSWER.c.status.in_((AnswerStatus.ANSWERED, AnswerStatus.UNPARSED)),
    sa.not_(ANSWER.c.personal),
    ANSWER.c.superseded_at.is_(None),
    ANSWER.c.raw != "",
)
"""Whether an answer is in its participant's own words: no label, number or name, and not just that there is nothing."""
_OWN_REMARK: Final = sa.and_(REMARK.c.superseded_at.is_(None), sa.not_(REMARK.c.personal), REMARK.c.raw != "")
_QUERIES: Final = {
    TextKind.ANSWER: _after(ANSWER, ANSWER.c.answered_at, _OWN_ANSWER),
    TextKind.REMARK: _after(REMARK, REMARK.c.said_at, _OWN_REMARK),
}
_STANDING: Final = {
    TextKind.ANSWER: sa.select(ANSWER.c.raw).where(ANSWER.c.superseded_at.is_(None)),
    TextKind.REMARK: sa.select(REMARK.c.raw).where(REMARK.c.superseded_at.is_(None)),
}
_NUMBER: Final = {TextKind.ANSWER: ANSWER.c.id, TextKind.REMARK: REMARK.c.id}


def written_after(connection: Connection, numbers: TextNumbers, *, limit: int) -> WrittenBatch:
    """Return the texts in own words after these numbers, of the next `limit` answers and `limit` remarks at most.

    Names, labels, numbers and what was corrected since are passed over.
    """
    texts: list[WrittenText] = []
    reached = {TextKind.ANSWER: numbers.answer, TextKind.REMARK: numbers.remark}
    more = False
    for kind, query in _QUERIES.items():
        rows = query.run(connection, after=reached[kind], most=limit)
        more = more or len(rows) == limit
        for number, own_words, *known in rows:
            reached[kind] = number
            if own_words:
                texts.append(WrittenText(TextSource(kind, number), *known))
    return WrittenBatch(
        tuple(texts),
        TextNumbers(reached[TextKind.ANSWER], reached[TextKind.REMARK]),
        more,
    )


def stands(connection: Connection, text: WrittenText) -> bool:
    """Return whether a text is there as it was read: neither corrected nor erased since."""
    kind = text.source.kind
    words = connection.scalar(_STANDING[kind].where(_NUMBER[kind] == text.source.number))
    return words == text.raw
