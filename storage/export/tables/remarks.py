"""Remarks: a table with one row per remark, and the same remarks as objects for JSON Lines.

A remark is what a participant wrote that answered no question. It counts by when its conversation began, as answers
do. One that was made under a question that is marked as personal is never exported.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.compiled import read_slot
from storage.conversations import kept_redactions
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
from storage.safety import rereadings
from storage.schema import ACTIVITY, CONVERSATION, PARTICIPANT, PROGRAM, READING, REMARK

_COLUMNS = (
    "participant", "role", "program", "activity", "flow", "flow_version", "conversation", "remark", "number",
    "question_key", "item", "shown_text", "raw", "language", "detected_language", "detected_probability",
    "channel", "said_at", "superseded_at", "taken_as", "message_deleted_at", "superseded",
)  # fmt: skip
_REREAD = ("reread_value", "reread_at")
_MARKS = ("redacted", *PERMISSION_COLUMNS, "read_at", *_REREAD)


def remarks(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per remark, identifiers in its words redacted.

    Remarks that were edited or became answers are there too, marked; the oldest conversation comes first.
    """
    query = remarks_query(selection)

    def read_rows() -> Iterator[Row]:
        for row, found, permitted in _found(connection, query):
            shown, changed = kept_redactions.redacted_fields(connection, found, row, None)
            cells = (cell(shown[name]) for name in _COLUMNS)
            reread = (cell(found[name]) for name in _REREAD)
            yield (*cells, int(changed), *map(int, permitted), cell(found["read_at"]), *reread)

    return ExportTable("remarks", (*_COLUMNS, *_MARKS), read_rows(), count(connection, query))


def remarks_as_json(connection: Connection, selection: ExportSelection, *, raw: bool = False) -> ExportTable:
    """Return the table of remarks for JSON Lines: one row per remark.

    `raw` leaves all words byte for byte as they came; else identifiers in them are redacted.
    """
    query = remarks_query(selection)

    def read_rows() -> Iterator[Row]:
        for row, found, permitted in _found(connection, query):
            shown, changed = (
                (found, False) if raw else kept_redactions.redacted_fields(connection, found, row, None)
            )
            cells = {name: cell(value) for name, value in shown.items()}
            cells["superseded"] = found["superseded"]
            reread = (cells[name] for name in _REREAD)
            yield (*(cells[name] for name in _COLUMNS), changed, *permitted, cells["read_at"], *reread)

    return ExportTable("remarks", (*_COLUMNS, *_MARKS), read_rows(), count(connection, query))


def _found(
    connection: Connection, query: sa.Select[Any]
) -> Iterator[tuple[sa.Row[Any], Mapping[str, Any], tuple[bool, ...]]]:
    """Yield the remarks of a query, as rows and as values by `_COLUMNS`, with the cells of `PERMISSION_COLUMNS`.

    Both keys are None for a remark that was made while no question was open.
    """
    for row, permitted in with_own_permission(connection, stream(connection, query), is_remark=True):
        key, items = read_slot(row.slot)
        found = {
            **row._mapping,  # noqa: SLF001 - its public name
            "question_key": key or None,
            "item": items[-1] if items else "" if key else None,
            "superseded": row.superseded_at is not None,
            "reread_value": read_value(row.reread_value),
        }
        yield row, found, permission_cells(permitted, stand=stand(row))


def remarks_query(selection: ExportSelection) -> sa.Select[Any]:
    """Select every remark that is not personal, oldest conversation first, superseded ones with the others."""
    reread = rereadings.newest("remark_id")
    return (
        sa.select(
            PARTICIPANT.c.code.label("participant"),
            PARTICIPANT.c.role,
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            CONVERSATION.c.flow,
            sa.func.substr(CONVERSATION.c.flow_hash, 1, VERSION_LENGTH).label("flow_version"),
            CONVERSATION.c.id.label("conversation"),
            REMARK.c.id.label("remark"),
            REMARK.c.number,
            REMARK.c.slot,
            REMARK.c.shown_text,
            REMARK.c.raw,
            REMARK.c.language,
            REMARK.c.detected_language,
            REMARK.c.detected_probability,
            REMARK.c.channel,
            REMARK.c.said_at,
            REMARK.c.superseded_at,
            REMARK.c.taken_as,
            REMARK.c.message_deleted_at,
            REMARK.c.redaction,
            REMARK.c.redaction_rules,
            first_read_at(READING.c.remark_id == REMARK.c.id),
            reread.c.reread_value,
            reread.c.reread_at,
        )
        .select_from(REMARK)
        .outerjoin(reread, reread.c.number == REMARK.c.id)
        .join(CONVERSATION, CONVERSATION.c.id == REMARK.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == CONVERSATION.c.activity_id)
        .where(REMARK.c.personal.is_(sa.false()), *selection.conditions(CONVERSATION.c.started_at))
        .order_by(REMARK.c.conversation_id, REMARK.c.id)
    )
