"""Invitations: opaque tokens that let a participant into a program. Only the keyed hash of a token is kept."""

import secrets
import string
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.roles import Role
from storage.database.statements import TupleQuery, after_finding, among, numbers
from storage.programs import programs
from storage.programs.programs import ProgramError
from storage.schema import ENROLLMENT, INVITATION, InvitationKind

_LANGUAGE = (
    sa.select(INVITATION.c.language)
    .join(ENROLLMENT, ENROLLMENT.c.invitation_id == INVITATION.c.id)
    .where(ENROLLMENT.c.participant_id == sa.bindparam("participant"))
    .order_by(ENROLLMENT.c.id.desc())
    .limit(1)
)
_LANGUAGE_ANYWHERE = TupleQuery(_LANGUAGE)
_LANGUAGES = TupleQuery(
    sa.select(ENROLLMENT.c.participant_id, ENROLLMENT.c.program_id, INVITATION.c.language)
    .join(INVITATION, ENROLLMENT.c.invitation_id == INVITATION.c.id)
    .where(among(ENROLLMENT.c.participant_id, "people"))
    .order_by(after_finding(ENROLLMENT.c.id))
)
_BY_TOKEN = sa.select(INVITATION).where(INVITATION.c.token_hash == sa.bindparam("token"))
_LATEST_OF = (
    sa.select(INVITATION)
    .join(ENROLLMENT, ENROLLMENT.c.invitation_id == INVITATION.c.id)
    .where(ENROLLMENT.c.participant_id == sa.bindparam("participant"))
    .order_by(ENROLLMENT.c.id.desc())
    .limit(1)
)
_COUNT_USE = (
    INVITATION.update()
    .where(INVITATION.c.id == sa.bindparam("invitation"))
    .where(sa.or_(INVITATION.c.max_uses.is_(None), INVITATION.c.uses < INVITATION.c.max_uses))
    .values(uses=INVITATION.c.uses + 1)
)

TOKEN_BYTES = 24
"""192 bits: 32 characters of A-Z a-z 0-9 _ and -. A Telegram deep link takes at most 64 of these."""
_LENGTH = 32
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """An invitation to be made: the program, role and flow that its holder is let in to.

    `max_uses` None on a group link means as many as come.
    """

    program_id: int
    role: Role
    flow: str
    source: str
    activity_id: int | None = None
    kind: InvitationKind = InvitationKind.SINGLE
    max_uses: int | None = None
    language: str | None = None
    expires_at: datetime | None = None
    about_id: int | None = None
    """The submission that its holder is to co-sign."""
    label_sealed: bytes | None = None
    """What the organisation calls it, sealed; None where it has no label."""


@dataclass(frozen=True, slots=True)
class RedeemedInvitation:
    """An invitation that was redeemed: the program, role and flow that its holder is let in to.

    `again` is True for a participant who used it before: their conversation goes on.
    """

    invitation_id: int
    program_id: int
    activity_id: int | None
    role: Role
    flow: str
    language: str | None
    again: bool
    about_id: int | None = None


@dataclass(frozen=True, slots=True)
class InvitationLook:
    """An invitation that was looked at, and not used: what it lets its holder in to, and why not, if it does not.

    `again` says that the participant who looks used it before.
    """

    program_id: int
    role: Role
    flow: str
    language: str | None
    again: bool
    problem: "InvitationProblem | None"


class InvitationProblem(StrEnum):
    """Why an invitation was not redeemed: no such token, used already, expired, revoked, or the group is full."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"
    """The team ended it before its time; whoever has it is told the same as of an expired one."""
    FULL = "full"


def new_token() -> str:
    """Return a token that nobody can guess: 32 characters of A-Z a-z 0-9 _ and -."""
    while True:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        # One that began with - would be taken for an option at a command line, and for a formula by a
        # spreadsheet.
        if token[0].isalnum():
            return token


def picked_token(pick: Callable[[str], str]) -> str:
    """Return a token of 32 characters that `pick` chooses one by one: it gives one letter of a text.

    A simulation gives a `pick` that is the same each time; otherwise `new_token` makes tokens that nobody can guess.
    """
    return pick(_LETTERS) + "".join(pick(_LETTERS + "_-") for _ in range(_LENGTH - 1))


def make_invitation(
    connection: Connection, invitation: NewInvitation, *, token_hash: bytes, now: datetime
) -> int:
    """Keep an invitation under the keyed hash of its token, and return its number.

    Raises:
        ProgramError: its program is closed. Who is to co-sign what was written there is let in while that goes on.
    """
    _check_open(connection, [invitation])
    key = connection.execute(
        INVITATION.insert().values(**_values(invitation, token_hash, now))
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def make_many(
    connection: Connection,
    made: Sequence[tuple[NewInvitation, bytes]],
    *,
    now: datetime,
    revoked_at: datetime | None = None,
) -> None:
    """Keep many invitations at once, each with the keyed hash of its token; with `revoked_at` they let nobody in yet.

    Raises:
        ProgramError: the program of one is closed.
    """
    _check_open(connection, [invitation for invitation, _ in made])
    if made:
        rows = [_values(invitation, token_hash, now) for invitation, token_hash in made]
        connection.execute(INVITATION.insert(), [{**row, "revoked_at": revoked_at} for row in rows])


def _check_open(connection: Connection, made: Iterable[NewInvitation]) -> None:
    for program_id in {one.program_id for one in made if one.about_id is None}:
        if programs.how_closed(connection, program_id) is not None:
            raise ProgramError("the programme is closed: nobody new is let in")


def newest_number(connection: Connection) -> int:
    """Return the number of the invitation that was made last; 0 where there is none."""
    return connection.scalar(sa.select(sa.func.max(INVITATION.c.id))) or 0


def _values(invitation: NewInvitation, token_hash: bytes, now: datetime) -> dict[str, object]:
    """Return the row of an invitation, by column."""
    single = invitation.kind is InvitationKind.SINGLE
    return {
        "token_hash": token_hash,
        "program_id": invitation.program_id,
        "activity_id": invitation.activity_id,
        "role": invitation.role,
        "flow": invitation.flow,
        "source": invitation.source,
        "kind": invitation.kind,
        "max_uses": 1 if single else invitation.max_uses,
        "uses": 0,
        "language": invitation.language,
        "created_at": now,
        "expires_at": invitation.expires_at,
        "about_id": invitation.about_id,
        "label_sealed": invitation.label_sealed,
    }


def is_known(connection: Connection, token_hash: bytes) -> bool:
    """Return whether there is an invitation whose token has this hash, also one that is used up or too old."""
    return connection.execute(_BY_TOKEN, {"token": token_hash}).first() is not None


def look_at(
    connection: Connection, *, token_hash: bytes, participant_id: int | None, now: datetime
) -> InvitationLook | None:
    """Look at the invitation whose token has this hash, as a page shows it; nothing is counted. None: there is none.

    `participant_id` is who looks, None for somebody new.
    """
    row = connection.execute(_BY_TOKEN, {"token": token_hash}).first()
    if row is None:
        return None
    again = participant_id is not None and _was_here(connection, row.id, participant_id)
    problem = None if again else _problem(row, now)
    return InvitationLook(row.program_id, row.role, row.flow, row.language, again, problem)


def redeem(
    connection: Connection, *, token_hash: bytes, participant_id: int | None, now: datetime
) -> RedeemedInvitation | InvitationProblem:
    """Redeem the invitation whose token has this hash, and count one use; return it, or why it was not redeemed.

    `participant_id` is None for somebody new. A participant who is enrolled by this invitation is let in again
    without counting, also after it has expired, was revoked or filled up. The caller enrolls the participant:
    `invitation_id` in that row is how "again" is seen.
    """
    row = connection.execute(_BY_TOKEN, {"token": token_hash}).first()
    if row is None:
        return InvitationProblem.UNKNOWN
    if participant_id is not None and _was_here(connection, row.id, participant_id):
        return _redeemed(row, again=True)
    problem = _problem(row, now)
    if problem is not None:
        return problem
    counted = connection.execute(_COUNT_USE, {"invitation": row.id})
    return _redeemed(row, again=False) if counted.rowcount == 1 else _all_used(row)


def latest_of(connection: Connection, participant_id: int) -> RedeemedInvitation | None:
    """Return the invitation by which a participant came in last; None where it is not there any more."""
    row = connection.execute(_LATEST_OF, {"participant": participant_id}).first()
    return None if row is None else _redeemed(row, again=True)


def language_of(connection: Connection, participant_id: int) -> str | None:
    """Return the language of the latest link that let a participant in, anywhere; None where it named none."""
    rows = _LANGUAGE_ANYWHERE.run(connection, participant=participant_id)
    return rows[0][0] if rows else None


def languages_of(
    connection: Connection, participant_ids: Collection[int]
) -> dict[tuple[int, int], str | None]:
    """Return the language of the latest link that let each participant into each program, by both numbers.

    None where that link named none.
    """
    rows = _LANGUAGES.run(connection, people=numbers(participant_ids))
    return {(participant_id, program_id): language for participant_id, program_id, language in rows}


def _was_here(connection: Connection, invitation_id: int, participant_id: int) -> bool:
    """Return whether a participant is enrolled by an invitation."""
    mine = sa.and_(ENROLLMENT.c.invitation_id == invitation_id, ENROLLMENT.c.participant_id == participant_id)
    return connection.scalar(sa.select(ENROLLMENT.c.id).where(mine).limit(1)) is not None


def _problem(row: sa.Row[Any], now: datetime) -> InvitationProblem | None:
    """Return why an invitation cannot be used now; None if it can."""
    if row.revoked_at is not None:
        return InvitationProblem.REVOKED
    if row.expires_at is not None and row.expires_at <= now:
        return InvitationProblem.EXPIRED
    if row.max_uses is not None and row.uses >= row.max_uses:
        return _all_used(row)
    return None


def _all_used(row: sa.Row[Any]) -> InvitationProblem:
    """Return the problem of an invitation without uses left."""
    return InvitationProblem.USED if row.kind is InvitationKind.SINGLE else InvitationProblem.FULL


def _redeemed(row: sa.Row[Any], *, again: bool) -> RedeemedInvitation:
    """Return what the row of an invitation lets its holder do."""
    return RedeemedInvitation(
        invitation_id=row.id,
        program_id=row.program_id,
        activity_id=row.activity_id,
        role=row.role,
        flow=row.flow,
        language=row.language,
        again=again,
        about_id=row.about_id,
    )
