"""Who may be asked for an e-mail address, and who is not asked again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.script.roles import Purpose
from storage.people import address_requests, mail_addresses, participants
from storage.people.address_requests import NewRequest
from storage.people.mail_addresses import MailOffer
from storage.privacy import erasure
from storage.schema import CONSENT
from tests.support.turn_world import IDENTITY, World, make_world

MAILBOX = "email:ann@example.org"
ASKED, MAY, NO = MailOffer(True, True), MailOffer(True, False), MailOffer()


@pytest.fixture
async def world(tmp_path: Path) -> Iterator[World]:
    """Ann has come, and has agreed to be contacted again."""
    made = make_world(tmp_path)
    await made.someone().start(made.token())
    _agrees(made)
    yield made
    made.database.close()


def _agrees(world: World, *, granted: bool = True) -> None:
    world.clock.move(timedelta(hours=1))
    row = {
        "participant_id": 1,
        "program_id": world.program_id,
        "purpose": Purpose.CONTACT_AGAIN,
        "granted": granted,
        "shown_text": "May we ask again?",
        "language": "en",
        "decided_at": world.clock.now(),
        "text_hash": "of-it",
    }
    world.database.write_now(lambda c: c.execute(CONSENT.insert().values(row)))


def _offer(world: World) -> MailOffer:
    return world.database.read_now(lambda c: mail_addresses.offer_of(c, 1))


def _gives(world: World) -> int:
    """Ann gives an address; the number of what she asked for."""
    new = NewRequest(1, IDENTITY.lookup(MAILBOX), IDENTITY.seal(MAILBOX), "en")
    world.database.write_now(lambda c: address_requests.ask(c, new, world.clock.now()))
    [(number,)] = world.rows("SELECT max(id) FROM address_request")
    return int(number)


def _has(world: World) -> int:
    """Ann's address is confirmed; its number."""

    def write(connection: sa.Connection) -> int:
        lookup, sealed, now = IDENTITY.lookup(MAILBOX), IDENTITY.seal(MAILBOX), world.clock.now()
        number = participants.add_address(connection, channel="email", lookup=lookup, sealed=sealed, now=now)
        participants.assign_address(connection, number, 1)
        return number

    return world.database.write_now(write)


async def test_who_agreed_to_be_contacted_again_is_asked(world: World) -> None:
    """Nobody else is: not who takes that back, nor who stopped."""
    assert _offer(world) == ASKED
    _agrees(world, granted=False)
    assert _offer(world) == NO
    _agrees(world)
    await world.someone().say("stop")
    assert _offer(world) == NO


async def test_who_wants_none_now_is_asked_at_the_next_consent(world: World) -> None:
    """They may give one all the same, and are not asked until they agree anew."""
    world.database.write_now(lambda c: mail_addresses.decline(c, 1, world.clock.now()))
    assert _offer(world) == MAY
    _agrees(world)
    assert _offer(world) == ASKED


async def test_an_address_that_waits_may_be_mended(world: World) -> None:
    """Whoever mistyped it gives another one, and is not asked; if no mail can go there, they are."""
    number = _gives(world)
    assert _offer(world) == MAY
    world.database.write_now(
        lambda c: address_requests.mark_sent(c, number, refused=True, now=world.clock.now())
    )
    assert _offer(world) == ASKED


async def test_who_is_reached_is_not_asked_until_no_mail_arrives(world: World) -> None:
    """Who ended mails may give another address and is not asked for one; a bounce is nobody's wish."""
    number = _has(world)
    assert _offer(world) == NO
    world.database.write_now(lambda c: participants.update_address(c, number, {"status": "unreachable"}))
    assert _offer(world) == ASKED
    world.database.write_now(
        lambda c: mail_addresses.end_mails(c, number, 1, reason="unsubscribed", now=world.clock.now())
    )
    assert _offer(world) == MAY


async def test_a_deletion_takes_it_along(world: World) -> None:
    """That somebody wanted no mails goes with all else."""
    world.database.write_now(lambda c: mail_addresses.decline(c, 1, world.clock.now()))
    world.database.write_now(lambda c: erasure.erase_again(c, 1, world.clock.now()))
    assert world.rows("SELECT mail_declined_at FROM participant") == [(None,)]
