"""Invitation links by where their holders come from: how many were made, opened, and led to a conversation."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.tables.table import ExportSelection, ExportTable, cell
from storage.schema import (
    ACTIVITY,
    CONVERSATION,
    ENROLLMENT,
    INVITATION,
    PROGRAM,
    InvitationKind,
)

_COLUMNS = (
    "program", "activity", "source", "role", "flow", "links", "for_one", "for_groups", "uses", "opened", "people",
    "began", "first_made_at", "last_made_at",
)  # fmt: skip


def links(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per program, activity, source, role and flow of the links that were made.

    A link counts by when it was made. `opened` is how many of them somebody came in by, `people` how many did, `began`
    how many of these had a conversation of that flow. No link, and nothing of its token, is there.
    """
    rows = [tuple(map(cell, row)) for row in connection.execute(_query(selection))]
    return ExportTable("links", _COLUMNS, rows, len(rows))


def _query(selection: ExportSelection) -> sa.Select[Any]:
    """Select the sums by source."""
    came = sa.select(sa.func.count()).where(ENROLLMENT.c.invitation_id == INVITATION.c.id)
    spoke = came.where(
        sa.exists().where(
            CONVERSATION.c.participant_id == ENROLLMENT.c.participant_id,
            CONVERSATION.c.program_id == INVITATION.c.program_id,
            CONVERSATION.c.flow == INVITATION.c.flow,
        )
    )
    people, began = came.scalar_subquery(), spoke.scalar_subquery()
    groups = (PROGRAM.c.slug, ACTIVITY.c.slug, INVITATION.c.source, INVITATION.c.role, INVITATION.c.flow)
    single = INVITATION.c.kind == InvitationKind.SINGLE
    return (
        sa.select(
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            INVITATION.c.source,
            INVITATION.c.role,
            INVITATION.c.flow,
            sa.func.count().label("links"),
            sa.func.sum(sa.case((single, 1), else_=0)).label("for_one"),
            sa.func.sum(sa.case((single, 0), else_=1)).label("for_groups"),
            sa.func.sum(INVITATION.c.uses).label("uses"),
            sa.func.sum(sa.case((people > 0, 1), else_=0)).label("opened"),
            sa.func.sum(people).label("people"),
            sa.func.sum(began).label("began"),
            sa.func.min(INVITATION.c.created_at, type_=INVITATION.c.created_at.type).label("first_made_at"),
            sa.func.max(INVITATION.c.created_at, type_=INVITATION.c.created_at.type).label("last_made_at"),
        )
        .select_from(INVITATION)
        .join(PROGRAM, PROGRAM.c.id == INVITATION.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == INVITATION.c.activity_id)
        .where(*selection.conditions(INVITATION.c.created_at))
        .group_by(*groups)
        .order_by(*groups)
    )
