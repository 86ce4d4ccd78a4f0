"""Tell how invitations stand: the list of them with its filters, and how many of each source were used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.roles import Role
from storage.enums import InvitationKind, InvitationMailStatus, InvitationSort, InvitationState
from storage.follow_up import cosignatures
from storage.schema import ACTIVITY, INVITATION, INVITATION_MAIL, PROGRAM

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class InvitationFilter:
    """Which invitations are meant: of a program (its short name), of a source, in a state; None for all."""

    program: str | None = None
    source: str | None = None
    state: InvitationState | None = None


@dataclass(frozen=True, slots=True)
class InvitationRecord:
    """An invitation as the team sees it: nothing in it opens anything. `label_sealed` None has no label.

    `mail` is how the mail stands that carried it, None where none did.
    """

    id: int
    program: str
    activity: str | None
    role: Role
    flow: str
    source: str
    kind: InvitationKind
    max_uses: int | None
    uses: int
    language: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    about_id: int | None
    label_sealed: bytes | None
    state: InvitationState
    mail: InvitationMailStatus | None

    @property
    def stands(self) -> str:
        """Return what tells whether it is as it was: its state, how often it was used, and until when it is good."""
        until = "" if self.expires_at is None else f"{self.expires_at.timestamp():.0f}"
        return f"{self.state.value}.{self.uses}.{until}"


@dataclass(frozen=True, slots=True)
class SourceTally:
    """How many invitations there are of a source in a program, in all and by state, and how often they were used."""

    program: str
    source: str
    total: int
    uses: int
    states: Mapping[InvitationState, int]


def list_invitations(
    connection: Connection,
    wanted: InvitationFilter,
    now: datetime,
    *,
    sort: InvitationSort = InvitationSort.NEWEST,
    page: tuple[int, int] = (50, 0),
) -> tuple[InvitationRecord, ...]:
    """Return the invitations that are wanted, a page of them: so many at most, after so many that are passed over."""
    most, before = page
    query = _query(now).where(*_conditions(wanted, now)).order_by(*_order(sort)).limit(most).offset(before)
    return tuple(_record(row) for row in connection.execute(query))


def count_invitations(connection: Connection, wanted: InvitationFilter, now: datetime) -> int:
    """Return how many invitations are wanted."""
    joined = INVITATION.join(PROGRAM, PROGRAM.c.id == INVITATION.c.program_id)
    query = sa.select(sa.func.count()).select_from(joined).where(*_conditions(wanted, now))
    return connection.scalar(query) or 0


def find(connection: Connection, number: int, now: datetime) -> InvitationRecord | None:
    """Return the invitation of a number; None where there is none."""
    row = connection.execute(_query(now).where(INVITATION.c.id == number)).first()
    return None if row is None else _record(row)


def by_tokens(
    connection: Connection, token_hashes: Sequence[bytes], now: datetime
) -> dict[bytes, InvitationRecord]:
    """Return invitations by the keyed hashes of their tokens; those that are not there are left out."""
    found: dict[bytes, InvitationRecord] = {}
    for start in range(0, len(token_hashes), _CHUNK):
        some = token_hashes[start : start + _CHUNK]
        rows = connection.execute(_query(now).where(INVITATION.c.token_hash.in_(some)))
        found.update({row.token_hash: _record(row) for row in rows})
    return found


def made_by_team_since(connection: Connection, newest: int, program: str) -> bool:
    """Return whether the team made an invitation to a program since that of the number `newest` was the newest.

    Those that the bot made itself, for whoever is to co-sign, are none of the team's.
    """
    by_the_bot = (INVITATION.c.flow == cosignatures.COSIGN) & (INVITATION.c.source == cosignatures.SUBMISSION)
    here = (
        INVITATION.c.program_id == sa.select(PROGRAM.c.id).where(PROGRAM.c.slug == program).scalar_subquery()
    )
    made = sa.exists().where(INVITATION.c.id > newest, here, ~by_the_bot)
    return connection.scalar(sa.select(made)) is True


def copied_since(connection: Connection, newest: int, one: InvitationRecord) -> bool:
    """Return whether one like `one` was made since that of the number `newest` was: of its program, flow and label."""
    mine = INVITATION.alias("mine")
    alike = [
        INVITATION.c[name].is_not_distinct_from(mine.c[name])
        for name in ("program_id", "role", "flow", "source", "about_id", "label_sealed")
    ]
    copied = sa.exists().where(mine.c.id == one.id, INVITATION.c.id > newest, *alike)
    return connection.scalar(sa.select(copied)) is True


def tally_sources(
    connection: Connection, now: datetime, program: str | None = None
) -> tuple[SourceTally, ...]:
    """Return how the invitations of each source stand, by program and source; of one program, or of all."""
    state = state_at(now)
    sums = [
        sa.func.sum(sa.case((state == one.value, 1), else_=0)).label(one.value) for one in InvitationState
    ]
    groups = (PROGRAM.c.slug, INVITATION.c.source)
    query = (
        sa.select(*groups, sa.func.count(), sa.func.sum(INVITATION.c.uses), *sums)
        .select_from(INVITATION)
        .join(PROGRAM, PROGRAM.c.id == INVITATION.c.program_id)
        .where(*_conditions(InvitationFilter(program), now))
        .group_by(*groups)
        .order_by(*groups)
    )
    return tuple(
        SourceTally(slug, source, total, uses, dict(zip(InvitationState, counts, strict=True)))
        for slug, source, total, uses, *counts in connection.execute(query)
    )


def _query(now: datetime) -> sa.Select[Any]:
    return (
        sa.select(
            INVITATION,
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            state_at(now).label("state"),
            INVITATION_MAIL.c.status.label("mail"),
        )
        .join(PROGRAM, PROGRAM.c.id == INVITATION.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == INVITATION.c.activity_id)
        .outerjoin(INVITATION_MAIL, INVITATION_MAIL.c.invitation_id == INVITATION.c.id)
    )


def state_at(now: datetime) -> sa.ColumnElement[str]:
    """Return how an invitation stands at a moment, as SQL."""
    spent = sa.and_(INVITATION.c.max_uses.is_not(None), INVITATION.c.uses >= INVITATION.c.max_uses)
    return sa.case(
        (spent & (INVITATION.c.kind == InvitationKind.SINGLE), InvitationState.USED.value),
        (spent, InvitationState.FULL.value),
        (INVITATION.c.revoked_at.is_not(None), InvitationState.REVOKED.value),
        (INVITATION.c.expires_at <= now, InvitationState.EXPIRED.value),
        (INVITATION.c.uses > 0, InvitationState.IN_USE.value),
        else_=InvitationState.UNUSED.value,
    )


def _conditions(wanted: InvitationFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    conditions = []
    if wanted.program is not None:
        conditions.append(PROGRAM.c.slug == wanted.program)
    if wanted.source is not None:
        conditions.append(INVITATION.c.source == wanted.source)
    if wanted.state is not None:
        conditions.append(state_at(now) == wanted.state.value)
    return conditions


def _order(sort: InvitationSort) -> tuple[sa.ColumnElement[Any], ...]:
    newest = INVITATION.c.id.desc()
    orders: dict[InvitationSort, tuple[sa.ColumnElement[Any], ...]] = {
        InvitationSort.NEWEST: (newest,),
        InvitationSort.OLDEST: (INVITATION.c.id.asc(),),
        InvitationSort.SOURCE: (INVITATION.c.source.asc(), newest),
        InvitationSort.EXPIRY: (INVITATION.c.expires_at.asc().nulls_last(), newest),
        InvitationSort.USES: (INVITATION.c.uses.desc(), newest),
    }
    return orders[sort]


def _record(row: sa.Row[Any]) -> InvitationRecord:
    return InvitationRecord(
        id=row.id,
        program=row.program,
        activity=row.activity,
        role=row.role,
        flow=row.flow,
        source=row.source,
        kind=row.kind,
        max_uses=row.max_uses,
        uses=row.uses,
        language=row.language,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        about_id=row.about_id,
        label_sealed=row.label_sealed,
        state=InvitationState(row.state),
        mail=row.mail,
    )
