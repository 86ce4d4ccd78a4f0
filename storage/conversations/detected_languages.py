"""Answers whose language is not known yet, and what was found. Nothing of the words leaves by these functions
but to whoever finds the language.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import BulkWrite, TupleQuery
from storage.schema import ANSWER, CONVERSATION

SURE = 0.95
"""The probability from which a language is taken for found. It is high also for wrong guesses, so that it is never
the only condition.
"""


@dataclass(frozen=True, slots=True)
class UnheardAnswer:
    """An answer in somebody's own words. `asked_in` is the language of its question."""

    answer_id: int
    conversation_id: int
    program_id: int
    asked_in: str
    raw: str


@dataclass(frozen=True, slots=True)
class DetectedLanguage:
    """What was found of an answer: a language with its probability, or None and None."""

    answer_id: int
    language: str | None
    probability: float | None


_UNHEARD = TupleQuery(
    sa.select(
        ANSWER.c.id, ANSWER.c.conversation_id, CONVERSATION.c.program_id, ANSWER.c.language, ANSWER.c.raw
    )
    .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
    .where(sa.text("answer.unheard"))  # word for word the condition of the partial index
    .order_by(ANSWER.c.id)
    .limit(sa.bindparam("most"))
)
_HEARD = BulkWrite(
    ANSWER.update()
    .where(ANSWER.c.id == sa.bindparam("answer"))
    .values(
        unheard=sa.false(),
        detected_language=sa.bindparam("found"),
        detected_probability=sa.bindparam("sure"),
    ),
    (),
)
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


def unheard(connection: Connection, limit: int) -> tuple[UnheardAnswer, ...]:
    """The oldest answers whose language is still to be found; reads no other row."""
    return tuple(UnheardAnswer(*row) for row in _UNHEARD.run(connection, most=limit))


def keep(connection: Connection, findings: Sequence[DetectedLanguage]) -> None:
    """Keep what was found; an answer that is gone by now is left alone."""
    rows = [{"answer": one.answer_id, "found": one.language, "sure": one.probability} for one in findings]
    _HEARD.run(connection, rows)


def stands(connection: Connection, answer_id: int) -> bool:
    """Whether an answer is there and has not been corrected since."""
    return bool(_STANDS.run(connection, answer=answer_id))


def found_before(
    connection: Connection, conversation_id: int, answer_id: int
) -> tuple[tuple[str, float], ...]:
    """The language of the talk's last answer before this one in which one was found; empty if there is none."""
    rows = _BEFORE.run(connection, conversation=conversation_id, answer=answer_id)
    return tuple((language, probability) for language, probability in rows)
