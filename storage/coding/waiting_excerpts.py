"""Find what waits for a coder, or to be settled, without reading all words of a program.

Candidates come by number, some at a time, and only theirs are read as `excerpts.coded_texts` reads them: there may be
a million answers, and one excerpt is shown.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, PromptKind
from storage.coding import excerpts
from storage.coding.excerpts import CODERS, CodedText
from storage.coding.texts import ExcerptKind, ExcerptSource
from storage.people.coordinators import CoordinatorRecord
from storage.schema import (
    ANSWER,
    CODED_EXCERPT,
    CODING,
    CODING_SETTLEMENT,
    COMMITMENT,
    CONVERSATION,
    EXCERPT,
    REMARK,
)

AT_A_TIME: Final = 50
"""Words that are read at once."""


def next_waiting(
    connection: Connection, program_id: int, coder: CoordinatorRecord, later: Collection[ExcerptSource] = ()
) -> CodedText | None:
    """Return an excerpt that a coordinator may code now, besides what they put off; None without one.

    Those that another has coded come first, then those of nobody, the earliest first.
    """
    for sources in _candidates(connection, program_id, coder):
        read = set(sources).difference(later)
        for one in excerpts.coded_texts(connection, program_id, read) if read else ():
            if not one.is_double and one.settled is None and not one.was_coded_by(coder.code):
                return one
    return None


def own(connection: Connection, program_id: int, coder: CoordinatorRecord, excerpt: int) -> CodedText | None:
    """Return an excerpt that a coordinator coded and no other yet, whose codes they may change; None if it is none."""
    one = of_number(connection, program_id, excerpt)
    return one if one is not None and one.was_coded_by(coder.code) and not one.is_double else None


def of_number(connection: Connection, program_id: int, excerpt: int) -> CodedText | None:
    """Return the excerpt of a number; None if there is none in a program, or its words do not stand."""
    row = connection.execute(SOURCES.where(EXCERPT.c.id == excerpt)).first()
    if row is None:
        return None
    found = excerpts.coded_texts(connection, program_id, [source_of(row)])
    return next((one for one in found if one.id == excerpt), None)


def open_disagreements(connection: Connection, program_id: int) -> Iterator[CodedText]:
    """Yield the excerpts that two coded differently and nobody has settled, the earliest that was kept first."""
    alone = (
        sa.select(CODING.c.excerpt_id)
        .group_by(CODING.c.excerpt_id, CODING.c.theme_id)
        .having(sa.func.count() < CODERS)
    )
    differ = (
        SOURCES.where(
            EXCERPT.c.id.in_(double_coded()), EXCERPT.c.id.in_(alone), EXCERPT.c.id.not_in(_settled())
        )
        .where(is_in(program_id))
        .order_by(EXCERPT.c.id)
    )
    rows = connection.execute(differ).all()
    for begin in range(0, len(rows), AT_A_TIME):
        sources = [source_of(row) for row in rows[begin : begin + AT_A_TIME]]
        yield from (one for one in excerpts.coded_texts(connection, program_id, sources) if one.is_open)


def _candidates(
    connection: Connection, program_id: int, coder: CoordinatorRecord
) -> Iterator[list[ExcerptSource]]:
    """Yield words that may wait for a coordinator, some at a time: those of one other coder, then those of nobody."""
    theirs = sa.select(CODED_EXCERPT.c.excerpt_id).where(CODED_EXCERPT.c.coordinator_id == coder.id)
    begun = (
        SOURCES.where(EXCERPT.c.id.not_in(double_coded()), EXCERPT.c.id.not_in(_settled()))
        .where(EXCERPT.c.id.not_in(theirs), is_in(program_id))
        .order_by(EXCERPT.c.id)
    )
    rows = connection.execute(begun).all()
    for begin in range(0, len(rows), AT_A_TIME):
        yield [source_of(row) for row in rows[begin : begin + AT_A_TIME]]
    for kind in ExcerptKind:
        yield from _of_nobody(connection, program_id, kind)


def _of_nobody(connection: Connection, program_id: int, kind: ExcerptKind) -> Iterator[list[ExcerptSource]]:
    """Yield the words of one kind of which no excerpt is kept, by number, some at a time."""
    table, after = _TABLES[kind], 0
    kept = sa.exists().where(EXCERPT.c[kind.column] == table.c.id)
    query = (
        sa.select(table.c.id)
        .where(table.c.id > sa.bindparam("after"), *_MAY_BE[kind], _program_of(table) == program_id, ~kept)
        .order_by(table.c.id)
        .limit(AT_A_TIME)
    )
    while numbers := list(connection.scalars(query, {"after": after})):
        yield [ExcerptSource(kind, number) for number in numbers]
        after = numbers[-1]


def source_of(row: sa.Row[Any]) -> ExcerptSource:
    """Return the words of which a row of an excerpt is."""
    [kind] = [kind for kind in ExcerptKind if getattr(row, kind.column) is not None]
    return ExcerptSource(kind, getattr(row, kind.column))


def double_coded() -> sa.Select[tuple[int]]:
    """Select the excerpts that two have coded."""
    coded = sa.select(CODED_EXCERPT.c.excerpt_id).group_by(CODED_EXCERPT.c.excerpt_id)
    return coded.having(sa.func.count() >= CODERS)


def _settled() -> sa.Select[tuple[int]]:
    return sa.select(CODING_SETTLEMENT.c.excerpt_id)


def is_in(program_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that the words of an excerpt are of a program."""
    whose = (
        sa.select(_program_of(table)).where(table.c.id == EXCERPT.c[kind.column]).scalar_subquery()
        for kind, table in _TABLES.items()
    )
    return sa.func.coalesce(*whose) == program_id


def _program_of(table: sa.Table) -> sa.ScalarSelect[Any]:
    """Return the program of the conversation of a row: looked up row by row, so that rows are read by number."""
    here = CONVERSATION.c.id == table.c.conversation_id
    return sa.select(CONVERSATION.c.program_id).where(here).correlate(table).scalar_subquery()


_TABLES: Final = {
    ExcerptKind.ANSWER: ANSWER,
    ExcerptKind.REMARK: REMARK,
    ExcerptKind.COMMITMENT: COMMITMENT,
}
_MAY_BE: Final[dict[ExcerptKind, tuple[sa.ColumnElement[bool], ...]]] = {
    ExcerptKind.ANSWER: (
        ANSWER.c.kind == PromptKind.TEXT,
        ANSWER.c.status == AnswerStatus.ANSWERED,
        ANSWER.c.raw != "",
        ANSWER.c.superseded_at.is_(None),
    ),
    ExcerptKind.REMARK: (REMARK.c.raw != "", REMARK.c.superseded_at.is_(None)),
    ExcerptKind.COMMITMENT: (COMMITMENT.c.suggestion.is_(None), COMMITMENT.c.statement != ""),
}
"""What is asked of rows before their words are read; `texts` asks the rest."""
SOURCES: Final[sa.Select[Any]] = sa.select(EXCERPT.c.id, *(EXCERPT.c[kind.column] for kind in ExcerptKind))
