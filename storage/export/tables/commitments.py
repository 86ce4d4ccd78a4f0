"""Commitments with what became of them at each wave, by when they were made, and their earlier wordings."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.parsing.answer_quality import known_specificity
from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import StoredRedaction, WordsTable
from storage.export.tables.permission import with_permission
from storage.export.tables.table import ExportSelection, ExportTable, Row, cell, count, stream
from storage.schema import (
    ACTIVITY,
    ANSWER,
    BARRIER,
    COMMITMENT,
    COMMITMENT_REVISION,
    FOLLOW_UP,
    IMPLEMENTATION,
    PARTICIPANT,
    PROGRAM,
    FollowUpStatus,
)

_COMMITMENT_COLUMNS = (
    "slot", "statement", "suggestion", "type", "theme", "objective", "if_then", "start_on", "level",
    "confidence", "foreseen_barriers", "coping", "specificity", "made_at",
)  # fmt: skip
_NOT_SHOWN = frozenset(
    {
        "details", "said_in", "reported_in", "language", "redaction", "redaction_rules", "report_redaction",
        "report_rules",
    }
)  # fmt: skip
_FOLLOW_UP_COLUMNS = ("wave_days", "due_at", "sent_at", "reminded", "answered_at", "closed_at")


def _commitments_query(selection: ExportSelection) -> sa.Select[Any]:
    """Select each commitment with each of its waves and what was reported there, once where it has no wave."""
    barriers = (
        sa.select(sa.func.aggregate_strings(BARRIER.c.code, ";"))
        .where(BARRIER.c.implementation_id == IMPLEMENTATION.c.id)
        .scalar_subquery()
    )
    revisions = (
        sa.select(sa.func.count())
        .where(COMMITMENT_REVISION.c.commitment_id == COMMITMENT.c.id)
        .scalar_subquery()
    )
    spoken = (
        sa.select(ANSWER.c.language)
        .where(ANSWER.c.conversation_id == COMMITMENT.c.conversation_id)
        .order_by(ANSWER.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(
            PARTICIPANT.c.code.label("participant"),
            PARTICIPANT.c.role,
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            COMMITMENT.c.id.label("commitment"),
            *(COMMITMENT.c[name] for name in _COMMITMENT_COLUMNS),
            revisions.label("revisions"),
            *(FOLLOW_UP.c[name] for name in _FOLLOW_UP_COLUMNS),
            FOLLOW_UP.c.status.label("follow_up_status"),
            FOLLOW_UP.c.reason.label("follow_up_reason"),
            IMPLEMENTATION.c.status.label("implementation"),
            IMPLEMENTATION.c.reported_at,
            IMPLEMENTATION.c.late,
            barriers.label("barriers_met"),
            COMMITMENT.c.confirmed,
            COMMITMENT.c.foreseen_other,
            COMMITMENT.c.baseline_did,
            COMMITMENT.c.baseline_had,
            FOLLOW_UP.c.after_start,
            IMPLEMENTATION.c.details,
            COMMITMENT.c.conversation_id.label("said_in"),
            sa.func.coalesce(spoken, PARTICIPANT.c.language).label("language"),
            IMPLEMENTATION.c.conversation_id.label("reported_in"),
            COMMITMENT.c.redaction,
            COMMITMENT.c.redaction_rules,
            IMPLEMENTATION.c.redaction.label("report_redaction"),
            IMPLEMENTATION.c.redaction_rules.label("report_rules"),
        )
        .select_from(COMMITMENT)
        .join(PARTICIPANT, PARTICIPANT.c.id == COMMITMENT.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == COMMITMENT.c.activity_id)
        .outerjoin(FOLLOW_UP, FOLLOW_UP.c.commitment_id == COMMITMENT.c.id)
        .outerjoin(IMPLEMENTATION, IMPLEMENTATION.c.follow_up_id == FOLLOW_UP.c.id)
        .where(*selection.conditions(COMMITMENT.c.made_at))
        .order_by(COMMITMENT.c.id, FOLLOW_UP.c.wave_days)
    )


def commitments(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table of commitments, one row per commitment and wave, or one alone where it has no waves yet.

    All that is reported is self-reported. `no_response` is 1 where a wave was asked and closed without an
    answer. What else the script recorded stands in columns of its own, `detail_...`.
    """
    query = _commitments_query(selection)
    details = _detail_names(connection, selection)
    names = (column.name for column in query.selected_columns)
    plain = tuple(name for name in names if name not in _NOT_SHOWN)
    columns = (*plain, "no_response", *(f"detail_{name}" for name in details), "redacted", "may_quote")

    def rows() -> Iterator[Row]:
        for row, permitted in with_permission(connection, stream(connection, query), _conversations):
            found, changed = _redacted(connection, row)
            cells = {name: cell(found[name]) for name in plain}
            cells["specificity"] = _specificity(row)
            if row.barriers_met:
                cells["barriers_met"] = "; ".join(sorted(row.barriers_met.split(";")))
            silent = (
                None
                if row.follow_up_status is None
                else int(row.follow_up_status is FollowUpStatus.NO_RESPONSE)
            )
            extra = found["details"] or {}
            own = (cell(extra.get(name)) for name in details)
            yield (*cells.values(), silent, *own, int(changed), int(permitted.may_quote))

    return ExportTable("commitments", columns, rows(), count(connection, query))


def _redacted(connection: Connection, row: sa.Row[Any]) -> tuple[dict[str, Any], bool]:
    """Return the fields of a commitment and of a report on it, redacted, and whether any was changed by that."""
    fields = dict(row._mapping)  # noqa: SLF001 - its public name
    own = {name: fields[name] for name in kept_redactions.COLUMNS[WordsTable.COMMITMENT]}
    kept = StoredRedaction(row.said_in, row.redaction, row.redaction_rules)
    said, is_said_changed = kept_redactions.redacted_fields(connection, own, kept)
    kept = StoredRedaction(row.said_in, row.report_redaction, row.report_rules)
    told, is_told_changed = kept_redactions.redacted_fields(connection, {"details": row.details}, kept)
    return {**fields, **said, **told}, is_said_changed or is_told_changed


_EARLIER = (
    "participant", "role", "program", "activity", "commitment", "revision", "statement", "if_then", "start_on",
    "made_at", "replaced_at",
)  # fmt: skip


def revisions(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table of the earlier wordings of commitments, one row each, the oldest of a commitment first.

    A wording counts by when it was replaced.
    """
    query = (
        sa.select(
            PARTICIPANT.c.code.label("participant"),
            PARTICIPANT.c.role,
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            COMMITMENT.c.id.label("commitment"),
            COMMITMENT_REVISION.c.id.label("revision"),
            COMMITMENT_REVISION.c.statement,
            COMMITMENT_REVISION.c.if_then,
            COMMITMENT_REVISION.c.start_on,
            COMMITMENT.c.made_at,
            COMMITMENT_REVISION.c.replaced_at,
            COMMITMENT.c.conversation_id.label("said_in"),
            COMMITMENT_REVISION.c.redaction,
            COMMITMENT_REVISION.c.redaction_rules,
        )
        .select_from(COMMITMENT_REVISION)
        .join(COMMITMENT, COMMITMENT.c.id == COMMITMENT_REVISION.c.commitment_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == COMMITMENT.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == COMMITMENT.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == COMMITMENT.c.activity_id)
        .where(*selection.conditions(COMMITMENT_REVISION.c.replaced_at))
        .order_by(COMMITMENT.c.id, COMMITMENT_REVISION.c.id)
    )

    def rows() -> Iterator[Row]:
        for row, permitted in with_permission(connection, stream(connection, query), _conversations):
            fields = dict(row._mapping)  # noqa: SLF001 - its public name
            kept = StoredRedaction(row.said_in, row.redaction, row.redaction_rules)
            found, changed = kept_redactions.redacted_fields(connection, fields, kept)
            cells = (cell(found[name]) for name in _EARLIER)
            yield (*cells, int(changed), int(permitted.may_quote))

    columns = (*_EARLIER, "redacted", "may_quote")
    return ExportTable("revisions", columns, rows(), count(connection, query))


def _specificity(row: sa.Row[Any]) -> int | None:
    """Return how specific the words of a commitment are by rule, 0 to 4, as the script's probe saw it; else None.

    It is read here and not kept, so that it is there for commitments of before, and of the words that stand now.
    """
    kept: int | None = row.specificity
    return known_specificity(row.statement, row.language) if kept is None else kept


def _conversations(row: sa.Row[Any]) -> tuple[int, ...]:
    """Return the conversations that the words of a row are from: of the commitment, and of the report on it."""
    reported_in = row._mapping.get("reported_in")  # noqa: SLF001 - its public name
    return (row.said_in,) if reported_in is None else (row.said_in, reported_in)


def _detail_names(connection: Connection, selection: ExportSelection) -> tuple[str, ...]:
    """Return the names of the further fields that any report in the selection holds."""
    query = _commitments_query(selection).with_only_columns(IMPLEMENTATION.c.details).order_by(None)
    return tuple(sorted({name for row in stream(connection, query) for name in (row.details or {})}))
