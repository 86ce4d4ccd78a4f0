"""Tell which programs are paused, since when and by whom: asked for with every page of the team."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import TupleQuery
from storage.reports.team_acts import ActEntry, Doer, TeamAct, act_of
from storage.schema import AUDIT_EVENT, PROGRAM, TEAM_ACTS, AuditKind


@dataclass(frozen=True, slots=True)
class PausedProgram:
    """A program of which nothing goes out of our own accord: since when, and by whom, None where it is not known."""

    slug: str
    since: datetime
    by: str | Doer | None


_PAUSED: Final = TupleQuery(
    sa.select(
        PROGRAM.c.slug, PROGRAM.c.paused_at, AUDIT_EVENT.c.id, AUDIT_EVENT.c.kind, AUDIT_EVENT.c.details
    )
    .select_from(
        PROGRAM.outerjoin(
            AUDIT_EVENT, sa.and_(AUDIT_EVENT.c.at == PROGRAM.c.paused_at, sa.text(f"audit_event.{TEAM_ACTS}"))
        )
    )
    .where(PROGRAM.c.paused_at.is_not(None), PROGRAM.c.archived_at.is_(None))
    .order_by(PROGRAM.c.slug, AUDIT_EVENT.c.id)
)


def list_paused(connection: Connection) -> tuple[PausedProgram, ...]:
    """Return the programs that are paused, by short name: one statement, asked for with every page."""
    found: dict[str, PausedProgram] = {}
    for slug, since, number, kind, details in _PAUSED.run(connection):
        known = found.setdefault(slug, PausedProgram(slug, since, None))
        told = {} if details is None else json.loads(details)
        if (
            known.by is None
            and number is not None
            and act_of(AuditKind(kind), told) is TeamAct.PROGRAM_PAUSED
        ):
            entry = ActEntry(number, since, TeamAct.PROGRAM_PAUSED, told)
            if entry.text("program") in ("", slug):
                found[slug] = PausedProgram(slug, since, entry.by)
    return tuple(found.values())
