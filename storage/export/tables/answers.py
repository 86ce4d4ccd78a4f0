"""Answers: a table with one row per answer, and the same answers as objects for JSON Lines.

A conversation counts by when it began. An answer to a question that is marked as personal is never exported.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from storage.export.tables.about import about_by_conversation
from storage.export.tables.permission import (
    PERMISSION_COLUMNS,
    permission_cells,
    stand,
    with_own_permission,
)
from storage.export.tables.table import (
    VERSION_LENGTH,
    ExportSelection,
    ExportTable,
    Row,
    cell,
    count,
    first_read_at,
    read_value,
    stream,
)
from storage.programs import whereabouts
from storage.redaction import redact_fields
from storage.schema import ACTIVITY, ANSWER, CONVERSATION, PARTICIPANT, PROGRAM, READING

_WORDS = frozenset({"shown_text", "value", "raw"})
"""Where an answer holds somebody's words: a shown text may quote an earlier answer."""
_ASKED_FOR = frozenset({PromptKind.DATE, PromptKind.NUMBER, PromptKind.SCALE})
_WORDS_OF = {kind: _WORDS - {"value"} if kind in _ASKED_FOR else _WORDS for kind in PromptKind}
"""A date or a number that a script asked for is a value and no identifier."""


def answers_long(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per answer, identifiers in its words redacted.

    Superseded answers are there too, marked; the oldest conversation comes first.
    """
    query = answers_query(selection)
    about = about_by_conversation(connection, selection)

    def read_rows() -> Iterator[Row]:
        for row, permitted in with_own_permission(connection, stream(connection, query), is_remark=False):
            found = dict(row._mapping)  # noqa: SLF001 - its public name
            read_at = found.pop("read_at")
            shown, changed = _redacted(connection, found | {"value": read_value(row.value)}, row)
            cells = [cell(value) for value in shown.values()]
            allowed = map(int, permission_cells(permitted, stand=stand(row)))
            marks = (int(row.superseded_at is not None), int(changed))
            yield (*cells, *marks, *allowed, about.get(row.conversation), cell(read_at))

    return ExportTable("answers_long", _columns(query), read_rows(), count(connection, query))


def answers_as_json(connection: Connection, selection: ExportSelection, *, raw: bool = False) -> ExportTable:
    """Return the table of answers for JSON Lines: one row per answer, each value as JSON holds it.

    `raw` leaves all words byte for byte as they came; else identifiers in them are redacted.
    """
    query = answers_query(selection)
    about = about_by_conversation(connection, selection)

    def read_rows() -> Iterator[Row]:
        for row, permitted in with_own_permission(connection, stream(connection, query), is_remark=False):
            found = {name: cell(value) for name, value in row._mapping.items()}  # noqa: SLF001 - its public name
            read_at = found.pop("read_at")
            found["value"] = read_value(row.value)
            found["superseded"] = row.superseded_at is not None
            shown, changed = (found, False) if raw else _redacted(connection, found, row)
            allowed = permission_cells(permitted, stand=stand(row))
            yield (*shown.values(), changed, *allowed, about.get(row.conversation), read_at)

    return ExportTable("answers", _columns(query), read_rows(), count(connection, query))


def _redacted(connection: Connection, found: dict[str, Any], row: sa.Row[Any]) -> tuple[dict[str, Any], bool]:
    """Return the fields of an answer with identifiers redacted, and whether any was."""
    regions = whereabouts.of_conversation(connection, row.conversation)
    return redact_fields(found, _WORDS_OF[row.kind], regions)


def _columns(query: sa.Select[Any]) -> tuple[str, ...]:
    """Return the names of the query's columns, and of the marks after them."""
    names = (column.name for column in query.selected_columns if column.name != "read_at")
    return (*names, "superseded", "redacted", *PERMISSION_COLUMNS, "about", "read_at")


def answers_query(selection: ExportSelection) -> sa.Select[Any]:
    """Select every answer that is not personal, oldest conversation first, superseded ones with the others."""
    return (
        sa.select(
            PARTICIPANT.c.code.label("participant"),
            PARTICIPANT.c.role,
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            CONVERSATION.c.flow,
            sa.func.substr(CONVERSATION.c.flow_hash, 1, VERSION_LENGTH).label("flow_version"),
            CONVERSATION.c.id.label("conversation"),
            ANSWER.c.id.label("answer"),
            ANSWER.c.question_key,
            ANSWER.c.item,
            ANSWER.c.kind,
            ANSWER.c.shown_text,
            ANSWER.c.value,
            ANSWER.c.raw,
            ANSWER.c.status,
            ANSWER.c.language,
            ANSWER.c.detected_language,
            ANSWER.c.detected_probability,
            ANSWER.c.channel,
            ANSWER.c.asked_at,
            ANSWER.c.answered_at,
            ANSWER.c.superseded_at,
            ANSWER.c.message_deleted_at,
            first_read_at(READING.c.answer_id == ANSWER.c.id),
        )
        .select_from(ANSWER)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == CONVERSATION.c.activity_id)
        .where(ANSWER.c.personal.is_(sa.false()), *selection.conditions(CONVERSATION.c.started_at))
        .order_by(ANSWER.c.conversation_id, ANSWER.c.id)
    )
