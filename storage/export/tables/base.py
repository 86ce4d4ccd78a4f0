"""What an export holds: tables as streams of rows, with their columns. No address, no name, nothing personal.

A conversation counts by when it began, a commitment by when it was made. Times are ISO 8601 in UTC.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from storage.redaction import redact_fields
from storage.schema import (
    ACTIVITY,
    ANSWER,
    BARRIER,
    COMMITMENT,
    COMMITMENT_REVISION,
    CONVERSATION,
    FOLLOW_UP,
    IMPLEMENTATION,
    PARTICIPANT,
    PROGRAM,
    FollowUpStatus,
)

CHUNK = 1_000
"""Rows fetched at once; memory does not grow with the size of the export."""
VERSION_LENGTH = 12
"""Characters of a flow version's hash that are shown."""

Cell = str | int | float | None
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class ExportSelection:
    """What is exported. `since` is included, `until` is not; None leaves that side open."""

    program: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self, moment: sa.ColumnElement[Any]) -> list[sa.ColumnElement[bool]]:
        """As SQL, over a query in which the programme is joined."""
        wanted: list[sa.ColumnElement[bool]] = []
        if self.program is not None:
            wanted.append(PROGRAM.c.slug == self.program)
        if self.since is not None:
            wanted.append(moment >= self.since)
        if self.until is not None:
            wanted.append(moment < self.until)
        return wanted


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One table of an export. `rows` is read once; `total` is how many it has, for a progress bar."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]
    total: int


def stream(connection: Connection, query: sa.Select[Any]) -> Iterator[sa.Row[Any]]:
    """The rows of a query, a chunk at a time."""
    return iter(connection.execute(query, execution_options={"stream_results": True, "yield_per": CHUNK}))


def count(connection: Connection, query: sa.Select[Any]) -> int:
    """How many rows a query has."""
    return int(
        connection.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    )


def cell(value: Any) -> Cell:  # noqa: PLR0911 - one line a type
    """A value as a cell: times in ISO 8601 (UTC, with Z), lists with '; ' between, yes and no as 1 and 0."""
    match value:
        case None:
            return None
        case Enum():
            return str(value.value)
        case bool():
            return int(value)
        case str() | int() | float():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case list():
            return "; ".join(str(cell(one)) for one in value)
        case _:
            return json.dumps(value, ensure_ascii=False, sort_keys=True)


def answers_query(selection: ExportSelection) -> sa.Select[Any]:
    """Every answer that is not personal, oldest conversation first, superseded ones with the others."""
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
        )
        .select_from(ANSWER)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == CONVERSATION.c.activity_id)
        .where(ANSWER.c.personal.is_(sa.false()), *selection.conditions(CONVERSATION.c.started_at))
        .order_by(ANSWER.c.conversation_id, ANSWER.c.id)
    )


_WORDS = frozenset({"shown_text", "value", "raw"})
"""Where an answer holds somebody's words: a shown text may quote an earlier answer."""
_ASKED_FOR = frozenset({PromptKind.DATE, PromptKind.NUMBER, PromptKind.SCALE})
_WORDS_OF = {kind: _WORDS - {"value"} if kind in _ASKED_FOR else _WORDS for kind in PromptKind}
"""A date or a number that a script asked for is a value and no identifier."""


def answers_long(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Tidy: one row per answer, its words as they may be shown."""
    query = answers_query(selection)
    columns = (*(column.name for column in query.selected_columns), "superseded", "redacted")

    def rows() -> Iterator[Row]:
        for row in stream(connection, query):
            found = dict(row._mapping)  # noqa: SLF001 - its public name
            shown, changed = redact_fields(found | {"value": read_value(row.value)}, _WORDS_OF[row.kind])
            cells = [cell(value) for value in shown.values()]
            yield (*cells, int(row.superseded_at is not None), int(changed))

    return ExportTable("answers_long", columns, rows(), count(connection, query))


def answers_as_objects(
    connection: Connection, selection: ExportSelection, *, raw: bool = False
) -> Iterator[dict[str, Any]]:
    """One JSON object per answer, with the value as JSON; `raw` leaves all words byte for byte as they came."""
    for row in stream(connection, answers_query(selection)):
        found = {name: cell(value) for name, value in row._mapping.items()}  # noqa: SLF001 - its public name
        found["value"] = read_value(row.value)
        found["superseded"] = row.superseded_at is not None
        shown, changed = (found, False) if raw else redact_fields(found, _WORDS_OF[row.kind])
        yield {**shown, "redacted": changed}


def read_value(text: str | None) -> Any:
    """An answer's value; None where it was skipped or could not be read."""
    return None if text is None else json.loads(text)


_OWN_WORDS = frozenset({"statement", "if_then", "coping", "details"})
_COMMITMENT_COLUMNS = (
    "slot", "statement", "suggestion", "type", "theme", "objective", "if_then", "start_on", "level",
    "confidence", "foreseen_barriers", "coping", "specificity", "made_at",
)  # fmt: skip
_FOLLOW_UP_COLUMNS = ("wave_days", "due_at", "sent_at", "reminded", "answered_at", "closed_at")


def _commitments_query(selection: ExportSelection) -> sa.Select[Any]:
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
            IMPLEMENTATION.c.details,
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
    """One row per commitment and wave; one alone for a commitment whose waves are not made yet.

    All that is reported is self-reported. `no_response` is 1 where a wave was asked and closed without an
    answer. What else the script recorded stands in columns of its own, `detail_...`.
    """
    query = _commitments_query(selection)
    details = _detail_names(connection, selection)
    plain = tuple(column.name for column in query.selected_columns if column.name != "details")
    columns = (*plain, "no_response", *(f"detail_{name}" for name in details), "redacted")

    def rows() -> Iterator[Row]:
        for row in stream(connection, query):
            found, changed = redact_fields(dict(row._mapping), _OWN_WORDS)  # noqa: SLF001 - its public name
            cells = {name: cell(found[name]) for name in plain}
            if row.barriers_met:
                cells["barriers_met"] = "; ".join(sorted(row.barriers_met.split(";")))
            silent = (
                None
                if row.follow_up_status is None
                else int(row.follow_up_status is FollowUpStatus.NO_RESPONSE)
            )
            extra = found["details"] or {}
            yield (*cells.values(), silent, *(cell(extra.get(name)) for name in details), int(changed))

    return ExportTable("commitments", columns, rows(), count(connection, query))


def _detail_names(connection: Connection, selection: ExportSelection) -> tuple[str, ...]:
    query = _commitments_query(selection).with_only_columns(IMPLEMENTATION.c.details).order_by(None)
    return tuple(sorted({name for row in stream(connection, query) for name in (row.details or {})}))
