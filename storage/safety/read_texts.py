"""Find who has read what patients wrote, and list what was read lately. Nobody's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.safety.reading import ReadingClass
from storage.database.statements import among, numbers
from storage.programs.case_words import ALSO
from storage.safety.text_signals import TextKind, TextSource
from storage.safety.unread_rows import class_of
from storage.schema import (
    ANSWER,
    CONVERSATION,
    COORDINATOR,
    PARTICIPANT,
    PROGRAM,
    READING,
    REMARK,
    SAFETY_CASE,
    TEXT_SIGNAL,
    SafetyKind,
)

MOST_LISTED: Final = 1_000
"""Of what was read, so many texts are listed: those that were shown last."""
_COLUMNS: Final = {kind: READING.c[f"{kind.value}_id"] for kind in TextKind}


@dataclass(frozen=True, slots=True)
class TextReader:
    """Who said first that they had read a text, by their code, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text that somebody has read: whose it is, in which program and conversation (None: in none), and by whom."""

    source: TextSource
    participant: str
    program: str
    conversation_id: int | None
    reading_class: ReadingClass
    reader: TextReader


@dataclass(frozen=True, slots=True)
class ReadFilter:
    """Which texts are listed: of these programs, by short names (None: of all), and of one class (None: of any)."""

    programs: tuple[str, ...] | None = None
    reading_class: ReadingClass | None = None


def first_readers(connection: Connection, kind: TextKind, rows: Sequence[int]) -> Mapping[int, TextReader]:
    """Return who has read answers, remarks or the words of cases first, by number; those nobody has are left out."""
    column = _COLUMNS[kind]
    query = (
        sa.select(column, COORDINATOR.c.code, READING.c.read_at)
        .join(COORDINATOR, COORDINATOR.c.id == READING.c.coordinator_id)
        .where(among(column, "wanted"), READING.c.read_at.is_not(None))
        .order_by(READING.c.read_at.desc(), READING.c.id.desc())
    )
    return {row[0]: TextReader(*row[1:]) for row in connection.execute(query, {"wanted": numbers(rows)})}


def count_read(connection: Connection, wanted: ReadFilter) -> int:
    """Return how many texts were read, up to `MOST_LISTED`."""
    return connection.scalar(sa.select(sa.func.count()).select_from(_latest(wanted).subquery())) or 0


def list_read(
    connection: Connection, wanted: ReadFilter, *, limit: int, offset: int = 0
) -> tuple[ReadText, ...]:
    """Return the texts that were read, those that were shown last first; read by two, a text is listed for each."""
    most = min(limit, max(0, MOST_LISTED - offset))
    return tuple(
        ReadText(
            source=TextSource(kind, row[f"{kind.value}_id"]),
            participant=row["participant"],
            program=row["program"],
            conversation_id=row["conversation_id"],
            reading_class=ReadingClass(row["reading_class"]),
            reader=TextReader(row["by"], row["read_at"]),
        )
        for row in connection.execute(_latest(wanted).limit(most).offset(offset)).mappings()
        for kind in TextKind
        if row[f"{kind.value}_id"] is not None
    )


def _latest(wanted: ReadFilter) -> sa.Select[Any]:
    of_text = sa.func.coalesce(ANSWER.c.conversation_id, REMARK.c.conversation_id)
    query = (
        sa.select(
            *_COLUMNS.values(),
            PARTICIPANT.c.code.label("participant"),
            PROGRAM.c.slug.label("program"),
            CONVERSATION.c.id.label("conversation_id"),
            COORDINATOR.c.code.label("by"),
            READING.c.read_at,
            _gravest().label("reading_class"),
        )
        .select_from(READING)
        .join(COORDINATOR, COORDINATOR.c.id == READING.c.coordinator_id)
        .outerjoin(ANSWER, ANSWER.c.id == READING.c.answer_id)
        .outerjoin(REMARK, REMARK.c.id == READING.c.remark_id)
        .outerjoin(SAFETY_CASE, SAFETY_CASE.c.id == READING.c.case_id)
        .outerjoin(CONVERSATION, CONVERSATION.c.id == of_text)
        .join(
            PARTICIPANT,
            PARTICIPANT.c.id == sa.func.coalesce(CONVERSATION.c.participant_id, SAFETY_CASE.c.participant_id),
        )
        .join(PROGRAM, PROGRAM.c.id == sa.func.coalesce(CONVERSATION.c.program_id, SAFETY_CASE.c.program_id))
        .where(READING.c.read_at.is_not(None))
        .order_by(READING.c.id.desc())
        .limit(MOST_LISTED)
    )
    if wanted.programs is not None:
        query = query.where(PROGRAM.c.slug.in_(wanted.programs))
    if wanted.reading_class is not None:
        query = query.where(_gravest() == wanted.reading_class.value)
    return query


def _gravest() -> sa.ColumnElement[str]:
    """Return the class of the gravest that was noticed in a text that was read."""
    noticed = [(_noticed(one), one.value) for one in ReadingClass if one is not ReadingClass.PLAIN]
    return sa.case(*noticed, else_=ReadingClass.PLAIN.value)


def _noticed(wanted: ReadingClass) -> sa.ColumnElement[bool]:
    """Return the condition that a signal or a case notices this in a text that was read."""
    kinds = [kind for kind in SafetyKind if class_of(kind) is wanted]
    found: list[sa.ColumnElement[bool]] = [SAFETY_CASE.c.kind.in_(kinds)]
    for kind in (TextKind.ANSWER, TextKind.REMARK):
        column, number = f"{kind.value}_id", _COLUMNS[kind]
        case = SAFETY_CASE.alias("noticed")
        also = sa.func.json_each(case.c.details, f"$.{ALSO}.{column}").table_valued("value")
        is_also = sa.exists(sa.select(also.c.value).where(also.c.value == number))
        theirs = case.c.participant_id == CONVERSATION.c.participant_id
        found.append(
            sa.exists().where(theirs, case.c.kind.in_(kinds), sa.or_(case.c[column] == number, is_also))
        )
        signal = TEXT_SIGNAL.c[column] == number
        found.append(sa.exists().where(signal, TEXT_SIGNAL.c.reading_class == wanted))
    return sa.or_(*found)
