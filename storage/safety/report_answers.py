"""Keep what is answered to the questions for a safety report, with its case; what is unread is not written over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.interruptions.safety_report import is_choice
from flows.safety.reading import stands_whole
from storage.programs.case_words import words_added_at
from storage.safety.cases import SAID
from storage.schema import READING, SAFETY_CASE, SafetyKind


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """The answer to one of our questions for a safety report: the question's name and the words.

    `elements` are the parts of a report and `products` the codes that the words make known.
    """

    name: str
    words: str
    elements: Iterable[str] = ()
    products: Iterable[str] = ()


def record_report_answer(
    connection: Connection, conversation_id: int, answer: ReportAnswer, now: datetime
) -> None:
    """Keep an answer to one of our questions for a report with the conversation's latest case, if it has one.

    A later answer to the same question takes its place; words that nobody has read by then stay with the case, among
    what else was said. Cases of distress are passed over. Whoever has read the case before has not read this: `now` is
    when the words came.
    """
    mine = (SAFETY_CASE.c.conversation_id == conversation_id) & (SAFETY_CASE.c.kind != SafetyKind.DISTRESS)
    row = connection.execute(
        sa.select(SAFETY_CASE).where(mine).order_by(SAFETY_CASE.c.id.desc()).limit(1)
    ).first()
    if row is None:
        return
    before = row.details.get("answers", {})
    answers = {**before, answer.name: answer.words}
    if _would_be_lost(answer, before.get(answer.name)) and not _was_read(connection, row):
        answers[SAID] = "\n".join(filter(None, (before.get(SAID), before[answer.name])))
    values = {
        "details": {**row.details, "answers": answers},
        "elements": sorted({*row.elements, *answer.elements}),
        "products": sorted({*row.products, *answer.products}),
        "words_at": words_added_at(connection, row.id, now),
    }
    connection.execute(SAFETY_CASE.update().where(SAFETY_CASE.c.id == row.id).values(**values))


def _would_be_lost(answer: ReportAnswer, before: str | None) -> bool:
    """Return whether an answer takes the place of words that do not stand in it; choices are nobody's words."""
    return (
        before is not None and not is_choice(answer.name, before) and not stands_whole(before, answer.words)
    )


def _was_read(connection: Connection, row: sa.Row[Any]) -> bool:
    """Return whether somebody has read all that a case holds; nobody can say so of cases of before."""
    if row.words_at is None:
        return False
    read = sa.select(READING.c.id).where(
        READING.c.case_id == row.id, READING.c.read_at.is_not(None), READING.c.shown_at >= row.words_at
    )
    return connection.scalar(read.limit(1)) is not None
