"""Keep which language words were found to be in, and find the answers and remarks whose language is not known yet.

Nothing of the words leaves by these functions but to whoever finds the language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import BulkWrite, TupleQuery
from storage.schema import ANSWER, CONVERSATION, REMARK

SURE = 0.95
"""The probability from which a language is taken for found. It is high also for wrong guesses, so that it is never
the only condition.
"""


class WordsKind(StrEnum):
    """Say what words are: an answer, or a remark. The value is the name of the table in which they stand."""

    ANSWER = "answer"
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class UnheardWords:
    """Hold an answer or a remark in somebody's own words whose language is not known yet.

    `number` is that of its row, `asked_in` the language of the question.
    """

    kind: WordsKind
    number: int
    conversation_id: int
    program_id: int
    asked_in: str
    raw: str


@dataclass(frozen=True, slots=True)
class DetectedLanguage:
    """Hold the language that an answer or a remark was found to be in, with its probability (0 to 1); None for none.

    `number` is that of its row.
    """

    kind: WordsKind
    number: int
    language: str | None
    probability: float | None


def _unheard_in(table: sa.Table) -> TupleQuery:
    """Return the query for the unheard words of a table, the oldest first."""
    program = (  # no join: without statistics SQLite would begin it with the conversations
        sa.select(CONVERSATION.c.program_id).where(CONVERSATION.c.id == table.c.conversation_id)
    ).scalar_subquery()
    return TupleQuery(
        sa.select(table.c.id, table.c.conversation_id, program, table.c.language, table.c.raw)
        .where(sa.text(f"{table.name}.unheard"))  # word for word the condition of the partial index
        .order_by(table.c.id)
        .limit(sa.bindparam("most"))
    )


def _heard_in(table: sa.Table) -> BulkWrite:
    """Return the statement that keeps the language of words of a table."""
    return BulkWrite(
        table.update()
        .where(table.c.id == sa.bindparam("row"))
        .values(
            unheard=sa.false(),
            detected_language=sa.bindparam("found"),
            detected_probability=sa.bindparam("sure"),
        ),
        (),
    )


_UNHEARD = {WordsKind.ANSWER: _unheard_in(ANSWER), WordsKind.REMARK: _unheard_in(REMARK)}
_HEARD = {WordsKind.ANSWER: _heard_in(ANSWER), WordsKind.REMARK: _heard_in(REMARK)}
_STANDS = TupleQuery(
    sa.select(ANSWER.c.id).where(ANSWER.c.id == sa.bindparam("answer"), ANSWER.c.superseded_at.is_(None))
)
_BEFORE = TupleQuery(
    sa.select(ANSWER.c.detected_language, ANSWER.c.detected_probability)
    .where(
        ANSWER.c.conversation_id == sa.bindparam("conversation"),
        ANSWER.c.id < sa.bindparam("answer"),
        ANSWER.c.detected_language.is_not(None),
        ANSWER.c.superseded_at.is_(None),
    )
    .order_by(ANSWER.c.id.desc())
    .limit(1)
)


def unheard(connection: Connection, limit: int) -> tuple[UnheardWords, ...]:
    """Return the oldest answers and remarks whose language is still to be found, at most `limit` of either."""
    return tuple(
        UnheardWords(kind, *row)
        for kind, query in _UNHEARD.items()
        for row in query.run(connection, most=limit)
    )


def keep(connection: Connection, findings: Sequence[DetectedLanguage]) -> None:
    """Keep the languages that were found with their words; what was erased meanwhile is left alone."""
    for kind, statement in _HEARD.items():
        mine = (one for one in findings if one.kind is kind)
        statement.run(
            connection, [{"row": one.number, "found": one.language, "sure": one.probability} for one in mine]
        )


def stands(connection: Connection, answer_id: int) -> bool:
    """Return whether an answer is there and has not been corrected since."""
    return bool(_STANDS.run(connection, answer=answer_id))


def found_before(
    connection: Connection, conversation_id: int, answer_id: int
) -> tuple[tuple[str, float], ...]:
    """Return the language that was detected last in the conversation before this answer, with its probability.

    A tuple of one such pair; an empty tuple where none was detected.
    """
    rows = _BEFORE.run(connection, conversation=conversation_id, answer=answer_id)
    return tuple((language, probability) for language, probability in rows)
