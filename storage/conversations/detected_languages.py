"""Keep which language an answer was found to be in, and find the answers whose language is not known yet.

Nothing of the words leaves by these functions but to whoever finds the language.
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
    """Hold an answer in somebody's own words whose language is not known yet. `asked_in` is that of the question."""

    answer_id: int
    conversation_id: int
    program_id: int
    asked_in: str
    raw: str


@dataclass(frozen=True, slots=True)
class DetectedLanguage:
    """Hold the language that an answer was found to be in, with its probability (0 to 1); both None for none."""

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
    """Return the oldest answers whose language is still to be found, at most `limit`."""
    return tuple(UnheardAnswer(*row) for row in _UNHEARD.run(connection, most=limit))


def keep(connection: Connection, findings: Sequence[DetectedLanguage]) -> None:
    """Keep the languages that were found with their answers; one that was erased meanwhile is left alone."""
    rows = [{"answer": one.answer_id, "found": one.language, "sure": one.probability} for one in findings]
    _HEARD.run(connection, rows)


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
