"""Consents for auditors: a row per decision, which is only ever added. A decision counts by when it was made."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from storage.export.tables.table import (
    VERSION_LENGTH,
    ExportSelection,
    ExportTable,
    Row,
    cell,
    count,
    stream,
)
from storage.programs import programs, word_permission
from storage.schema import ACTIVITY, ANSWER, CONSENT, CONVERSATION, PARTICIPANT, PROGRAM

ALL_FLOWS = "(all)"
"""What a decision counts for that was made outside of any question."""
_COLUMNS = (
    "decision", "participant", "role", "program", "activity", "conversation", "purpose", "granted", "stands", "flow",
    "flow_family", "flow_version", "text_hash", "source_hash", "language", "channel", "asked_at", "decided_at",
)  # fmt: skip
_FLOW = sa.func.coalesce(CONSENT.c.flow, CONVERSATION.c.flow)


def consents(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per decision on a consent, by participant, the oldest first.

    `stands` is 1 for the newest decision of a participant on a purpose that counts for its family of flows.
    """
    query = _query(selection)
    return ExportTable("consents", _COLUMNS, _rows(connection, selection), count(connection, query))


def _rows(connection: Connection, selection: ExportSelection) -> Iterator[Row]:
    """Yield the rows of the selection, of each participant those that all their decisions make stand."""
    everything = _query(ExportSelection(selection.program))
    for _, group in groupby(stream(connection, everything), key=lambda row: row.participant_id):
        rows = list(group)
        families = [_family(connection, row) for row in rows]
        decided = [(row.program_id, row.purpose, family) for row, family in zip(rows, families, strict=True)]
        stand = word_permission.standing_decisions(decided)
        for row, family, stands in zip(rows, families, stand, strict=True):
            if _is_selected(row, selection):
                yield _row(row, family, stands=stands)


def _is_selected(row: sa.Row[Any], selection: ExportSelection) -> bool:
    """Return whether a decision was made in the selection's span of time."""
    began = selection.since is None or row.decided_at >= selection.since
    return began and (selection.until is None or row.decided_at < selection.until)


def _family(connection: Connection, row: sa.Row[Any]) -> frozenset[str] | None:
    """Return the flows that a decision counts for; None for all of the program."""
    if row.conversation is None or row.flow is None:
        return None
    return programs.program_file(connection, row.program_id).family_of(row.flow)


def _row(row: sa.Row[Any], family: frozenset[str] | None, *, stands: bool) -> Row:
    found = {name: cell(value) for name, value in row._mapping.items()}  # noqa: SLF001 - its public name
    shown = ALL_FLOWS if family is None else "; ".join(sorted(family))
    cells = {**found, "flow_family": shown, "stands": int(stands)}
    return tuple(cells[name] for name in _COLUMNS)


def _query(selection: ExportSelection) -> sa.Select[Any]:
    """Select every decision of the selection, by participant."""
    asked_at = (
        sa.select(sa.func.min(ANSWER.c.asked_at, type_=ANSWER.c.asked_at.type))
        .where(
            ANSWER.c.conversation_id == CONSENT.c.conversation_id,
            ANSWER.c.kind == PromptKind.CONSENT,
            ANSWER.c.answered_at == CONSENT.c.decided_at,
            ANSWER.c.shown_text == CONSENT.c.shown_text,
        )
        .scalar_subquery()
    )
    return (
        sa.select(
            CONSENT.c.id.label("decision"),
            CONSENT.c.participant_id,
            CONSENT.c.program_id,
            PARTICIPANT.c.code.label("participant"),
            PARTICIPANT.c.role,
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            CONSENT.c.conversation_id.label("conversation"),
            CONSENT.c.purpose,
            CONSENT.c.granted,
            _FLOW.label("flow"),
            sa.func.substr(CONVERSATION.c.flow_hash, 1, VERSION_LENGTH).label("flow_version"),
            CONSENT.c.text_hash,
            CONSENT.c.source_hash,
            CONSENT.c.language,
            CONVERSATION.c.channel,
            asked_at.label("asked_at"),
            CONSENT.c.decided_at,
        )
        .select_from(CONSENT)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONSENT.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONSENT.c.program_id)
        .outerjoin(CONVERSATION, CONVERSATION.c.id == CONSENT.c.conversation_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == CONVERSATION.c.activity_id)
        .where(*selection.conditions(CONSENT.c.decided_at))
        .order_by(CONSENT.c.participant_id, CONSENT.c.id)
    )
