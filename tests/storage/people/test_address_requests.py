"""Addresses that wait to be confirmed: whatever is done twice is done once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.people import address_requests, participants
from storage.people.address_requests import MAILS_A_DAY, LinkedRequest, NewRequest, RequestProblem
from storage.schema import ParticipantStatus
from tests.support.turn_world import IDENTITY, World, make_world

MAILBOX = "email:ann@example.org"
HASH = b"h" * 32
THEIRS = "SELECT participant_id, status FROM address WHERE channel = 'email'"


@pytest.fixture
async def world(tmp_path: Path) -> Iterator[World]:
    """Ann and Bob have come."""
    made = make_world(tmp_path)
    for name in ("ann", "bob"):
        await made.someone(name).start(made.token())
    yield made
    made.database.close()


def _asks(world: World, mailbox: str = MAILBOX, participant: int = 1) -> RequestProblem | None:
    new = NewRequest(participant, IDENTITY.lookup(mailbox), IDENTITY.seal(mailbox), "de")
    return world.database.write_now(lambda c: address_requests.ask(c, new, world.clock.now()))


def _mailed(world: World, token_hash: bytes = HASH, *, refused: bool = False) -> None:
    """The mail of the newest request goes, or is refused."""
    [(number,)] = world.rows("SELECT max(id) FROM address_request")
    now = world.clock.now()
    world.database.write_now(lambda c: address_requests.keep_token(c, number, token_hash))
    world.database.write_now(lambda c: address_requests.mark_sent(c, number, refused=refused, now=now))


def _confirms(world: World, token_hash: bytes = HASH) -> LinkedRequest | None:
    return world.database.write_now(lambda c: address_requests.confirm(c, token_hash, world.clock.now()))


def _unsent(world: World) -> list[bool]:
    """Of each request whose mail is to go, whether the address is somebody else's."""
    found = world.database.read_now(lambda c: address_requests.unsent(c, world.clock.now()))
    return [one.is_others for one in found]


async def test_the_same_address_once_more_changes_nothing(world: World) -> None:
    """A reload or a second tap asks for no other mail, ends no link, and counts for nothing."""
    assert _asks(world) is None
    before = world.rows("SELECT * FROM address_request")
    for _ in range(MAILS_A_DAY + 1):
        assert _asks(world) is None
    assert world.rows("SELECT * FROM address_request") == before
    _mailed(world)
    assert _asks(world) is None
    assert _unsent(world) == []
    assert _confirms(world) is not None


async def test_an_address_that_was_refused_may_be_given_again(world: World) -> None:
    """Its mail goes anew, and so does that of one in whose place another was given; three mails a day go."""
    _asks(world)
    _mailed(world, refused=True)
    assert _asks(world) is None
    assert _unsent(world) == [False]
    assert _asks(world, "email:other@example.org") is None
    assert _asks(world) is RequestProblem.TOO_OFTEN


async def test_a_link_confirms_once_and_says_so_until_it_is_over(world: World) -> None:
    """Twice is as once: nobody hears that it is dead who taps twice. It is not good once nobody is written to there."""
    _asks(world)
    _mailed(world)
    for _ in range(2):
        assert _confirms(world) == LinkedRequest("de", is_confirmed=True)
    assert world.rows(THEIRS) == [(1, "active")]
    world.database.write_now(lambda c: participants.update_address(c, 3, {"status": "blocked"}))
    assert _confirms(world) is None
    assert world.rows(THEIRS) == [(1, "blocked")]
    world.clock.move(timedelta(days=3))
    world.database.write_now(lambda c: address_requests.forget_unconfirmed(c, world.clock.now()))
    assert world.rows("SELECT count(*) FROM address_request") == [(0,)]


async def test_the_link_before_the_last_one_confirms_nothing(world: World) -> None:
    """Another address takes its place, be it confirmed or not."""
    _asks(world)
    _mailed(world)
    _asks(world, "email:other@example.org")
    _mailed(world, b"i" * 32)
    assert _confirms(world) is None
    assert _confirms(world, b"i" * 32) is not None
    assert _confirms(world) is None


async def test_somebody_else_s_address_is_not_confirmed(world: World) -> None:
    """Its mail goes as what says so; once they have left it is as free as any other."""
    _asks(world)
    _mailed(world)
    _confirms(world)
    _asks(world, participant=2)
    assert _unsent(world) == [True]
    _mailed(world, b"i" * 32)
    assert _confirms(world, b"i" * 32) is None
    assert world.rows(THEIRS) == [(1, "active")]
    left = {"status": ParticipantStatus.WITHDRAWN}
    world.database.write_now(lambda c: participants.update(c, 1, left))
    assert _confirms(world, b"i" * 32) is not None
    assert (2, "active") in world.rows(THEIRS)
