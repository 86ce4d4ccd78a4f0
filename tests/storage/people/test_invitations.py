"""Invitations: a token lets in exactly whom it should."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from flows.program.model import ProgramFile
from flows.script.model import Role
from storage.people import invitations
from storage.people.invitations import InvitationProblem, NewInvitation, RedeemedInvitation
from storage.programs import programs
from storage.schema import InvitationKind

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HASH = b"h" * 32


@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        programs.load(
            connection,
            ProgramFile(
                program="mm",
                title="M",
                team="t",
                contact="c",
                condition="m",
                emergency_numbers={"default": "1"},
            ),
            "1",
            NOW,
        )
        yield connection
    engine.dispose()


def make(connection: sa.Connection, **options) -> int:
    new = NewInvitation(
        program_id=1, role=Role.HCP, flow="hcp_commitment", source="Spring symposium", **options
    )
    return invitations.make_invitation(connection, new, token_hash=HASH, now=NOW)


def test_looking_counts_nothing(connection):
    """What a link is for is told, and why it opens nothing; to whoever used it, that they did."""
    look = partial(invitations.look_at, connection, token_hash=HASH, now=NOW)
    assert look(participant_id=None) is None
    make(connection, expires_at=NOW + timedelta(days=1), language="de")
    for _ in range(3):
        seen = look(participant_id=None)
        assert (seen.role, seen.flow, seen.language) == (Role.HCP, "hcp_commitment", "de")
        assert (seen.problem, seen.again) == (None, False)
    late = invitations.look_at(connection, token_hash=HASH, participant_id=None, now=NOW + timedelta(days=2))
    assert late.problem is InvitationProblem.EXPIRED
    come(connection, 1)
    assert look(participant_id=None).problem is InvitationProblem.USED
    assert look(participant_id=2).problem is InvitationProblem.USED
    mine = look(participant_id=1)
    assert (mine.problem, mine.again) == (None, True)


def come(
    connection: sa.Connection, person: int, *, now: datetime = NOW
) -> RedeemedInvitation | InvitationProblem:
    """A person takes the token and is enrolled, as the runtime does it."""
    taken = invitations.redeem(connection, token_hash=HASH, participant_id=person, now=now)
    if isinstance(taken, RedeemedInvitation) and not taken.again:
        table = SQLModel.metadata.tables["enrollment"]
        row = {
            "program_id": 1,
            "participant_id": person,
            "invitation_id": taken.invitation_id,
            "enrolled_at": now,
        }
        connection.execute(table.insert().values(row))
    return taken


def uses(connection: sa.Connection) -> int:
    return connection.scalar(sa.select(SQLModel.metadata.tables["invitation"].c.uses))


def test_tokens_fit_a_deep_link():
    """A token is opaque, never the same twice, and of the 64 characters that Telegram takes."""
    tokens = {invitations.new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", token) for token in tokens)


def test_a_single_invitation_is_used_once(connection):
    """The first person gets in, the second is told that it was used, the first may come again."""
    number = make(connection)
    assert come(connection, 1) == RedeemedInvitation(
        number, 1, None, Role.HCP, "hcp_commitment", None, again=False
    )
    assert come(connection, 2) is InvitationProblem.USED
    assert come(connection, 1) == RedeemedInvitation(
        number, 1, None, Role.HCP, "hcp_commitment", None, again=True
    )
    assert uses(connection) == 1


def test_a_group_link_fills_up(connection):
    """A group link lets in as many people as it says; coming again does not count."""
    make(connection, kind=InvitationKind.GROUP, max_uses=2)
    assert isinstance(come(connection, 1), RedeemedInvitation)
    assert isinstance(come(connection, 1), RedeemedInvitation)
    assert isinstance(come(connection, 2), RedeemedInvitation)
    assert come(connection, 3) is InvitationProblem.FULL
    assert uses(connection) == 2


def test_an_open_group_link_has_no_end(connection):
    """Without a number, as many as come are let in."""
    make(connection, kind=InvitationKind.GROUP)
    assert all(isinstance(come(connection, person), RedeemedInvitation) for person in range(1, 40))


def test_expiry(connection):
    """After its hour an invitation takes nobody new; whoever is in may come again."""
    make(connection, kind=InvitationKind.GROUP, expires_at=NOW + timedelta(days=30))
    before, after = NOW + timedelta(days=29), NOW + timedelta(days=30)
    assert isinstance(come(connection, 1, now=before), RedeemedInvitation)
    assert come(connection, 2, now=after) is InvitationProblem.EXPIRED
    assert isinstance(come(connection, 1, now=after), RedeemedInvitation)


def test_an_unknown_token(connection):
    """A token that was never made is unknown, also to somebody new."""
    make(connection)
    taken = invitations.redeem(connection, token_hash=b"other", participant_id=None, now=NOW)
    assert taken is InvitationProblem.UNKNOWN
    assert uses(connection) == 0
