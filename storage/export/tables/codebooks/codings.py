"""Codings: a row for each code that each coder gave an excerpt, and for what was settled.

Only what two have coded is there: neither coder may learn from an export what the other gave.
"""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.coding import excerpts
from storage.coding.excerpts import CodedText
from storage.export.tables.table import ExportSelection, ExportTable, Row, cell
from storage.programs import programs as kept_programs
from storage.schema import CONVERSATION, PARTICIPANT, PROGRAM

COLUMNS = (
    "program", "participant", "role", "flow", "conversation", "words_of", "words_number", "question_key", "excerpt",
    "excerpt_words", "language", "coder", "given_code", "coded_at", "settled_because",
)  # fmt: skip
SETTLED = "settled"
"""In place of a coder: what holds where two differed."""


def codings(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per excerpt, coder and code; the earliest conversation comes first.

    `words_of` is answer, remark or commitment, `words_number` its number in that table. `given_code` is None where a
    coder found that none fits. `excerpt_words` are redacted.
    """
    rows = [
        row
        for one in kept_programs.list_all(connection)
        if selection.program in {None, one.slug}
        for row in _rows(connection, one.id, one.slug, selection)
    ]
    return ExportTable("codings", COLUMNS, rows, len(rows))


def _rows(connection: Connection, program_id: int, slug: str, selection: ExportSelection) -> Iterator[Row]:
    """Yield the rows of one program."""
    query = (
        sa.select(CONVERSATION.c.id, PARTICIPANT.c.code)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(PROGRAM.c.id == program_id, *selection.conditions(CONVERSATION.c.started_at))
    )
    coded = [one for one in excerpts.coded_by_anybody(connection, program_id) if one.is_double]
    people = {number: code for number, code in connection.execute(query)} if coded else {}  # noqa: C416
    for one in coded:
        text = one.text
        if text.conversation_id not in people:
            continue
        where = (slug, people[text.conversation_id], text.role.value, text.flow, text.conversation_id)
        what = (text.source.kind.value, text.source.number, text.question, one.id, one.words, text.language)
        for made in _made_of(one):
            yield (*where, *what, *made)


def _made_of(one: CodedText) -> Iterator[Row]:
    """Yield who gave an excerpt which code, when, and why where it was settled."""
    for coding in one.codings:
        for code in _each(coding.codes):
            yield coding.coder, code, cell(coding.coded_at), None
    if one.settled is not None:
        for code in _each(one.settled.codes):
            yield SETTLED, code, cell(one.settled.settled_at), one.settled.reason


def _each(codes: Iterable[str]) -> Iterable[str | None]:
    """Return codes in order; None alone where there are none."""
    return sorted(codes) or (None,)
