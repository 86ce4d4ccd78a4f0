"""Answers: a table with one row per answer, and the same answers as objects for JSON Lines.

A conversation counts by when it began. An answer to a question that is marked as personal is never exported.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import StoredRedaction
from storage.export.tables.about import about_by_conversation
from storage.export.tables.permission import PERMISSION_COLUMNS, own_permissions, permission_cells
from storage.export.tables.table import (
    VERSION_LENGTH,
    ColumnChunks,
    ExportSelection,
    ExportTable,
    cell,
    count,
    first_read_at,
    stored_chunks,
    time_cells,
)
from storage.redaction import RULES
from storage.safety import rereadings
from storage.schema import ACTIVITY, ANSWER, CONVERSATION, PARTICIPANT, PROGRAM, READING

_HIDDEN = frozenset({"read_at", "redaction", "redaction_rules", "reread_value", "reread_at"})
"""What the query selects that is no column of its own, or not at its place."""
_TIMES = ("asked_at", "answered_at", "superseded_at", "message_deleted_at", "read_at", "reread_at")
_STANDS = (None, None)
"""When an answer that stands was superseded, and its message deleted."""
_CODE_LENGTH = 40
"""Longer values are somebody's words, of which no two are the same."""


def answers_long(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per answer, identifiers in its words redacted.

    Superseded answers are there too, marked; the oldest conversation comes first.
    """
    query = answers_query(selection)
    about = about_by_conversation(connection, selection)

    def read_chunks() -> Iterator[list[Sequence[Any]]]:
        for found in stored_chunks(connection, query):
            allowed = _permitted(connection, found)
            found["value"] = list(map(_value, found["value"]))
            changed = _redact(connection, found)
            found["value"] = list(map(cell, found["value"]))
            found["reread_value"] = list(map(cell, map(_value, found["reread_value"])))
            superseded = [int(at is not None) for at in found["superseded_at"]]
            yield _in_order(found, about, [superseded, list(map(int, changed))], allowed)

    return ExportTable("answers_long", _columns(query), ColumnChunks(read_chunks()), count(connection, query))


def answers_as_json(connection: Connection, selection: ExportSelection, *, raw: bool = False) -> ExportTable:
    """Return the table of answers for JSON Lines: one row per answer, each value as JSON holds it.

    `raw` leaves all words byte for byte as they came; else identifiers in them are redacted.
    """
    query = answers_query(selection)
    about = about_by_conversation(connection, selection)

    def read_chunks() -> Iterator[list[Sequence[Any]]]:
        for found in stored_chunks(connection, query):
            allowed = [list(map(bool, cells)) for cells in _permitted(connection, found)]
            found["value"] = list(map(_value, found["value"]))
            changed = [False] * len(found["value"]) if raw else _redact(connection, found)
            superseded = [at is not None for at in found["superseded_at"]]
            found["reread_value"] = list(map(_value, found["reread_value"]))
            yield _in_order(found, about, [superseded, changed], allowed)

    return ExportTable("answers", _columns(query), ColumnChunks(read_chunks()), count(connection, query))


@lru_cache(maxsize=1_024)
def _code(text: str) -> Any:
    return json.loads(text)


def _value(text: str | None) -> Any:
    """Return an answer's value from its JSON; most are one of few codes, which are read once. It is never changed."""
    if text is None:
        return None
    if text[0] == '"' and "\\" not in text:
        return text[1:-1]  # a text in which nothing is escaped
    return _code(text) if len(text) < _CODE_LENGTH else json.loads(text)


def _redact(connection: Connection, found: dict[str, list[Any]]) -> list[bool]:
    """Redact the words of some answers where they stand; return of which any were changed."""
    changed = [False] * len(found["answer"])
    kept = zip(found["redaction"], found["redaction_rules"], strict=True)
    for place, (form, rules) in enumerate(kept):
        if form is None and rules == RULES:
            continue
        row = StoredRedaction(found["conversation"][place], form, rules)
        fields = {name: found[name][place] for name in ("shown_text", "value", "raw")}
        kind = PromptKind(found["kind"][place])
        shown, changed[place] = kept_redactions.redacted_fields(connection, fields, row, kind)
        for name, words in shown.items():
            found[name][place] = words
    return changed


def _permitted(connection: Connection, found: Mapping[str, Sequence[Any]]) -> list[Sequence[int]]:
    """Return the columns of what is permitted of some answers, 1 or 0, in the order of `PERMISSION_COLUMNS`."""
    permitted = own_permissions(connection, found["conversation"], found["answer"], is_remark=False)
    distinct = {
        id(one): one for one in permitted
    }  # one object for each conversation: no need to compare them
    cells = {key: tuple(map(int, permission_cells(one))) for key, one in distinct.items()}
    rows = [cells[id(one)] for one in permitted]
    for place, gone in enumerate(zip(found["superseded_at"], found["message_deleted_at"], strict=True)):
        if gone != _STANDS:
            rows[place] = tuple(map(int, permission_cells(permitted[place], stand=False)))
    return list(zip(*rows, strict=True))


def _in_order(
    found: dict[str, list[Any]],
    about: Mapping[int, str],
    marks: Sequence[Sequence[Any]],
    allowed: Sequence[Sequence[Any]],
) -> list[Sequence[Any]]:
    """Return the columns of some answers in the order of `_columns`, with their times as cells."""
    for name in _TIMES:
        found[name] = time_cells(found[name])
    plain = [values for name, values in found.items() if name not in _HIDDEN]
    beside = list(map(about.get, found["conversation"]))
    return [*plain, *marks, *allowed, beside, found["read_at"], found["reread_value"], found["reread_at"]]


def _columns(query: sa.Select[Any]) -> tuple[str, ...]:
    """Return the names of the query's columns, and of the marks after them."""
    names = (column.name for column in query.selected_columns if column.name not in _HIDDEN)
    marks = ("superseded", "redacted", *PERMISSION_COLUMNS, "about", "read_at", "reread_value", "reread_at")
    return (*names, *marks)


def answers_query(selection: ExportSelection) -> sa.Select[Any]:
    """Select every answer that is not personal, oldest conversation first, superseded ones with the others."""
    reread = rereadings.newest("answer_id")
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
            ANSWER.c.redaction,
            ANSWER.c.redaction_rules,
            reread.c.reread_value,
            reread.c.reread_at,
        )
        .select_from(ANSWER)
        .outerjoin(reread, reread.c.number == ANSWER.c.id)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == CONVERSATION.c.activity_id)
        .where(ANSWER.c.personal.is_(sa.false()), *selection.conditions(CONVERSATION.c.started_at))
        .order_by(ANSWER.c.conversation_id, ANSWER.c.id)
    )
