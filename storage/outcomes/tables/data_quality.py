"""Count by flow how many answers were skipped, could not be read, or were corrected."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, PromptKind
from storage.export.measures.asked_answers import is_counted
from storage.export.measures.measure import (
    PROGRAM_NAME,
    Figure,
    MeasureRow,
    MeasureSet,
    MeasureSource,
    MeasureTable,
    rows_of,
)
from storage.schema import ANSWER, CONVERSATION, PROGRAM


def _answers_query() -> sa.Select[Any]:
    """Select the answers to the questions of each conversation, consents and what is kept beside an answer aside.

    Those of erased people are gone, also what a safety report keeps of them.
    """
    return (
        sa.select(
            CONVERSATION.c.flow,
            CONVERSATION.c.id,
            CONVERSATION.c.participant_id.label("person"),
            ANSWER.c.status,
            ANSWER.c.superseded_at,
        )
        .select_from(ANSWER)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(PROGRAM.c.slug == PROGRAM_NAME, ANSWER.c.kind != PromptKind.CONSENT, is_counted())
    )


ANSWERS: Final = _answers_query()


def _quality(connection: Connection, program: str) -> Iterator[MeasureRow]:
    """Yield the rows of the table, by flow."""
    flows: dict[str, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows_of(connection, ANSWERS, program):
        flows[row.flow].append(row)
    for flow, rows in sorted(flows.items()):
        standing = [row for row in rows if row.superseded_at is None]
        people = len({row.person for row in standing})
        shares = (
            Figure(sum(row.status is status for row in standing), len(standing), people)
            for status in (AnswerStatus.SKIPPED, AnswerStatus.UNPARSED)
        )
        yield flow, len({row.id for row in rows}), len(standing), *shares, len(rows) - len(standing)


_of_answers = MeasureSet("outcomes.quality", MeasureSource.SYSTEM, ANSWERS)

QUALITY: Final = MeasureTable(
    "outcomes.quality",
    "Answers that were skipped or not understood, by flow",
    ("flow",),
    (
        _of_answers.count("conversations", "Conversations with an answer that is kept, consents aside."),
        _of_answers.count("answers", "Answers in them that stand."),
        _of_answers.share("skipped", "The share that was skipped.", "answers that are skipped", "answers"),
        _of_answers.share(
            "not_understood",
            "The share whose words could not be read as what was asked for, such as a date.",
            "answers kept as the words that came",
            "answers",
        ),
        _of_answers.count("corrected", "Further answers that a later one replaced."),
    ),
    "Answers to questions; consents aside, and what is kept beside an answer, such as the number that was typed for a"
    " band. Those of erased people are gone.",
    _quality,
)
