"""Keep the invitations of a long list, some hundred a transaction: in the end all of them let in, and before that none.

Ten thousand rows in one transaction would hold the only writer for a third of a second. So each part is kept revoked,
and the last step takes that back. What a crash leaves is links that let nobody in, of which nobody was shown one; the
list is made again.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.people import invitations
from storage.people.invitations import NewInvitation
from storage.schema import INVITATION

AT_ONCE: Final = 500
"""Invitations that are kept in one transaction: it takes some milliseconds."""


def making_steps(
    made: Sequence[tuple[NewInvitation, bytes]], now: datetime
) -> Iterator[Callable[[Connection], None]]:
    """Yield what is to be run, a transaction each and in order, to keep invitations with the hashes of their tokens.

    A step raises `ProgramError` where a program was closed meanwhile: then none of them lets in.
    """
    if len(made) <= AT_ONCE:
        yield partial(invitations.make_many, made=made, now=now)
        return
    for first in range(0, len(made), AT_ONCE):
        part = made[first : first + AT_ONCE]
        yield partial(invitations.make_many, made=part, now=now, revoked_at=now)
    yield partial(_let_in, first_hash=made[0][1], now=now)


def _let_in(connection: Connection, *, first_hash: bytes, now: datetime) -> None:
    """Have the invitations let in that were kept revoked at `now`, from that with the token of this hash on."""
    first = sa.select(INVITATION.c.id).where(INVITATION.c.token_hash == first_hash).scalar_subquery()
    theirs = (INVITATION.c.id >= first, INVITATION.c.created_at == now, INVITATION.c.revoked_at == now)
    connection.execute(INVITATION.update().where(*theirs).values(revoked_at=None))
