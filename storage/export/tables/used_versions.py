"""Which conversations a selection holds, and the versions of flows that they use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.bounds import KEPT
from flows.script.model import Flow
from storage.export.tables.table import VERSION_LENGTH, ExportSelection
from storage.schema import ACTIVITY, CONVERSATION, FLOW_VERSION, PARTICIPANT, PROGRAM


@dataclass(frozen=True, slots=True)
class FlowVersionInUse:
    """A version of a flow that some conversation uses, with its hash and when it was first used."""

    flow: Flow
    hash: str
    first_used_at: datetime


def flows_in_use(connection: Connection, selection: ExportSelection) -> tuple[str, ...]:
    """Return the names of the flows that have conversations in the selection, in alphabetical order."""
    query = (
        conversations_query(selection, None).with_only_columns(CONVERSATION.c.flow).order_by(None).distinct()
    )
    return tuple(sorted(row.flow for row in connection.execute(query)))


def versions_in_use(
    connection: Connection, selection: ExportSelection, flow: str | None = None
) -> tuple[FlowVersionInUse, ...]:
    """Return the versions that conversations of the selection use, by flow, the newest first.

    `flow` names the one flow whose versions are wanted; None takes those of all.
    """
    used = conversations_query(selection, flow).with_only_columns(CONVERSATION.c.flow_hash).order_by(None)
    query = (
        sa.select(FLOW_VERSION)
        .where(FLOW_VERSION.c.hash.in_(used))
        .order_by(FLOW_VERSION.c.flow, FLOW_VERSION.c.first_used_at.desc(), FLOW_VERSION.c.hash)
    )
    return tuple(
        FlowVersionInUse(Flow.model_validate_json(row.source, context=KEPT), row.hash, row.first_used_at)
        for row in connection.execute(query)
    )


def conversations_query(selection: ExportSelection, flow: str | None) -> sa.Select[Any]:
    """Return the query for the conversations of the selection, of one flow or (None) of all, oldest first."""
    query = (
        sa.select(
            PARTICIPANT.c.code.label("participant"),
            PARTICIPANT.c.role,
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            sa.func.substr(CONVERSATION.c.flow_hash, 1, VERSION_LENGTH).label("flow_version"),
            CONVERSATION.c.id.label("conversation"),
            CONVERSATION.c.channel,
            CONVERSATION.c.status,
            CONVERSATION.c.outcome,
            CONVERSATION.c.turns,
            CONVERSATION.c.started_at,
            CONVERSATION.c.ended_at,
        )
        .select_from(CONVERSATION)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == CONVERSATION.c.activity_id)
        .where(*selection.conditions(CONVERSATION.c.started_at))
        .order_by(CONVERSATION.c.id)
    )
    return query if flow is None else query.where(CONVERSATION.c.flow == flow)
