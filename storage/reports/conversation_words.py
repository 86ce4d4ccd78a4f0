"""Read a conversation as it was held: what was asked, as it was shown, and what was answered, in order and redacted.

Words to questions that are marked as personal are left out, as in every export; what was redacted once is taken as it
is kept. Whoever shows this keeps in the audit trail to whom (`look_at`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, Outcome
from storage.conversations.kept_redactions import WordsTable, shown_words
from storage.database import audit
from storage.people.coordinators import CoordinatorRecord
from storage.safety import unread_rows
from storage.safety.read_texts import TextReader, first_readers
from storage.safety.text_signals import TextKind, TextSource
from storage.schema import ANSWER, CONVERSATION, PROGRAM, REMARK, AuditKind, ConversationStatus


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """A conversation, as a list names it; `program` by its short name. `outcome` is None while it goes on."""

    id: int
    participant_id: int
    program: str
    flow: str
    channel: str
    status: ConversationStatus
    outcome: Outcome | None
    turns: int
    started_at: datetime
    last_turn_at: datetime


@dataclass(frozen=True, slots=True)
class WordsLine:
    """What was answered to a question, or said beside it, redacted.

    `asked` is the question as it was shown; '' where it was shown right before already. `status` is None for words that
    answered nothing. `was_replaced` says that they were changed later; of words to a personal question `said` is None.
    `reader` is who has read them first as a text of the queue, None where nobody has; `is_unread` says that they wait
    in it. What is no text of the queue, such as a choice, has neither.
    """

    number: int
    asked: str
    said: str | None
    at: datetime
    language: str
    status: AnswerStatus | None
    was_replaced: bool
    reader: TextReader | None = None
    is_unread: bool = False


def conversations_of(connection: Connection, participant_id: int) -> tuple[ConversationLine, ...]:
    """Return the conversations of a participant that have begun, the latest first."""
    return _held(connection, CONVERSATION.c.participant_id == participant_id)


def find_held(connection: Connection, conversation_id: int) -> ConversationLine | None:
    """Return a conversation that has begun by its number; None where there is none."""
    return next(iter(_held(connection, CONVERSATION.c.id == conversation_id)), None)


def look_at(
    connection: Connection, conversation: ConversationLine, *, by: CoordinatorRecord, now: datetime
) -> tuple[WordsLine, ...]:
    """Return what was said in a conversation, in order; one entry of the audit trail keeps what was shown to whom."""
    waiting = unread_rows.of_conversation(connection, conversation.id, conversation.participant_id)
    answers = _words(connection, WordsTable.ANSWER, conversation.id, waiting.__contains__)
    remarks = _words(connection, WordsTable.REMARK, conversation.id, waiting.__contains__)
    audit.record(
        connection, AuditKind.VIEW, participant_id=conversation.participant_id, now=now, what="conversation",
        conversation=conversation.id, answers=len(answers), remarks=len(remarks), by=by.code,
    )  # fmt: skip
    return _without_repetition(sorted([*answers, *remarks], key=lambda line: line.at))


def _held(connection: Connection, which: sa.ColumnElement[bool]) -> tuple[ConversationLine, ...]:
    query: sa.Select[Any] = (
        sa.select(
            CONVERSATION.c.id,
            CONVERSATION.c.participant_id,
            PROGRAM.c.slug,
            CONVERSATION.c.flow,
            CONVERSATION.c.channel,
            CONVERSATION.c.status,
            CONVERSATION.c.outcome,
            CONVERSATION.c.turns,
            CONVERSATION.c.started_at,
            CONVERSATION.c.last_turn_at,
        )
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(which, CONVERSATION.c.status != ConversationStatus.WAITING)
        .order_by(CONVERSATION.c.id.desc())
    )
    return tuple(ConversationLine(*row) for row in connection.execute(query))


def _words(
    connection: Connection, table: WordsTable, conversation_id: int, waits: Callable[[TextSource], bool]
) -> list[WordsLine]:
    """Return the answers, or the remarks, of a conversation, with their kept redacted forms.

    `waits` says whether a text is to be read still.
    """
    kind = TextKind.ANSWER if table is WordsTable.ANSWER else TextKind.REMARK
    query: sa.Select[Any]
    if table is WordsTable.ANSWER:
        query = sa.select(ANSWER, ANSWER.c.answered_at.label("at"))
        query = query.where(ANSWER.c.conversation_id == conversation_id)
    else:
        query = sa.select(REMARK, REMARK.c.said_at.label("at"), sa.null().label("status"))
        query = query.where(REMARK.c.conversation_id == conversation_id)
    rows = connection.execute(query).all()
    shown = shown_words(connection, table, [row.id for row in rows if not row.personal])
    readers = first_readers(connection, kind, [row.id for row in rows])
    return [
        WordsLine(
            number=row.id,
            asked=(shown[row.id]["shown_text"] or "") if row.id in shown else "",
            said=(shown[row.id]["raw"] or "") if row.id in shown else None,
            at=row.at,
            language=row.language,
            status=row.status,
            was_replaced=row.superseded_at is not None,
            reader=readers.get(row.id),
            is_unread=waits(TextSource(kind, row.id)),
        )
        for row in rows
        if row.personal
        or any(shown[row.id].values())  # what was kept beside an answer was neither asked nor said
    ]


def _without_repetition(lines: Sequence[WordsLine]) -> tuple[WordsLine, ...]:
    """Leave out a question that was shown right before already: somebody said more than one thing to it."""
    found: list[WordsLine] = []
    last = ""
    for line in lines:
        repeats = line.asked == last and line.asked != ""
        last = line.asked or last
        found.append(replace(line, asked="") if repeats else line)
    return tuple(found)
