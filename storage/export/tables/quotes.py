"""Quotes: the words that may be quoted now, and nothing else. What a report quotes, it takes from here."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.compiled import read_slot
from flows.engine.effects import AnswerStatus, PromptKind
from storage.conversations import kept_redactions
from storage.export.tables.answers import answers_query
from storage.export.tables.permission import with_own_permission
from storage.export.tables.remarks import remarks_query
from storage.export.tables.table import CHUNK, ExportSelection, ExportTable, Row, cell, read_value, stream
from storage.programs import quotations
from storage.schema import ANSWER, REMARK

_CODE: Final = re.compile(r"[a-z0-9_.:+-]*", re.ASCII)
_HEAD = ("participant", "role", "program", "activity", "flow", "flow_version", "conversation")
_COLUMNS = (
    *_HEAD, "answer", "remark", "question_key", "item", "shown_text", "words", "language", "detected_language",
    "said_at", "released", "redacted", "may_quote",
)  # fmt: skip


def quotes(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per answer in own words, and per remark, that may be quoted now.

    Answers come first, each kind with the oldest conversation first; identifiers in the words are redacted. `released`
    is 1 where the team has released a text of it to be shown to others.
    """
    total = sum(1 for _ in _found(connection, selection))

    def read_rows() -> Iterator[Row]:
        coming = _found(connection, selection)
        while chunk := list(islice(coming, CHUNK)):
            released = {
                name: quotations.released_of(
                    connection, remarks=name == "remark", numbers={one[name] for one in chunk if one[name]}
                )
                for name in ("answer", "remark")
            }
            for one in chunk:
                row, kind = one["row"], PromptKind.TEXT if one["answer"] else None
                words = {"shown_text": one["shown_text"], "raw": one["words"]}
                said, changed = kept_redactions.redacted_fields(connection, words, row, kind)
                shown = {**one, "shown_text": said["shown_text"], "words": said["raw"]}
                is_released = any(one[name] in numbers for name, numbers in released.items())
                marks = {"released": int(is_released), "redacted": int(changed), "may_quote": 1}
                yield tuple(cell({**shown, **marks}[name]) for name in _COLUMNS)

    return ExportTable("quotes", _COLUMNS, read_rows(), total)


def _found(connection: Connection, selection: ExportSelection) -> Iterator[dict[str, Any]]:
    """Yield the words that may be quoted, by `_COLUMNS` as far as they are known from the row, and the `row`."""
    answers = answers_query(selection).where(
        ANSWER.c.kind == PromptKind.TEXT,
        ANSWER.c.status == AnswerStatus.ANSWERED,
        *_stand(ANSWER),
    )
    for row in _permitted(connection, answers, is_remark=False):
        if _in_own_words(row):
            asked = {"question_key": row.question_key, "item": row.item or None}
            yield {**_common(row), **asked, "answer": row.answer, "remark": None, "said_at": row.answered_at}
    for row in _permitted(connection, remarks_query(selection).where(*_stand(REMARK)), is_remark=True):
        key, items = read_slot(row.slot)
        asked = {"question_key": key or None, "item": items[-1] if items else None}
        yield {**_common(row), **asked, "answer": None, "remark": row.remark, "said_at": row.said_at}


def _permitted(connection: Connection, query: sa.Select[Any], *, is_remark: bool) -> Iterator[sa.Row[Any]]:
    """Yield the rows of a query whose words may be quoted."""
    for row, permitted in with_own_permission(connection, stream(connection, query), is_remark=is_remark):
        if permitted.may_quote:
            yield row


def _stand(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that words are there, and were neither replaced nor taken back."""
    return table.c.raw != "", table.c.superseded_at.is_(None), table.c.message_deleted_at.is_(None)


def _common(row: sa.Row[Any]) -> dict[str, Any]:
    """Return what answers and remarks have both."""
    plain = {name: row._mapping[name] for name in _HEAD}  # noqa: SLF001 - its public name
    spoken = {"language": row.language, "detected_language": row.detected_language}
    return {**plain, "row": row, "shown_text": row.shown_text, "words": row.raw, **spoken}


def _in_own_words(row: sa.Row[Any]) -> bool:
    """Return whether an answer was typed, and is not the label of a choice."""
    value = read_value(row.value)
    return value == row.raw or not (isinstance(value, str) and _CODE.fullmatch(value))
