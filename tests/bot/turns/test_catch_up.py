"""Up to where people were heard: whom a channel asks for after an outage, and from which message on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from bot.channels.base import Inbound, InboundKind
from bot.turns.catch_up import catch_up_points
from storage.schema import AddressStatus, ConversationStatus
from tests.support.wave_world import MONDAY, World, make_world

ANA = "slack:T1/U1"
WEEK = timedelta(days=7)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def text(message_id: str, address: str = ANA) -> Inbound:
    """Something that a person wrote in Slack."""
    return Inbound(
        address=address,
        external_id=f"{address}:{message_id}",
        kind=InboundKind.TEXT,
        text="hello",
        message_id=message_id,
    )


async def heard(world: World, *inbounds: Inbound, at: datetime = MONDAY) -> None:
    """Store what came in at this moment."""
    world.clock._at = at
    await world.runtime.receive(list(inbounds))


async def points(world: World, ago: timedelta = timedelta(0), channel: str = "slack"):
    """The catch-up points by address: the message, the time, and whether something was asked."""
    found = await catch_up_points(world.database, world.clock, channel)(ago)
    return {one.address: (one.message_id, one.at, one.asked) for one in found}


def conversing(world: World, status: ConversationStatus, address: str = ANA) -> None:
    """From now on somebody at this address takes part and has such a conversation."""
    person = world.person()
    [(number,)] = world.rows("SELECT id FROM address WHERE channel = 'slack' AND participant_id IS NULL")
    world.update("address", number, participant_id=person.id)
    number = person.commit()
    world.update("conversation", number, status=status)


async def test_the_newest_message_is_where_to_go_on(world):
    """Each person is asked for from the newest message of theirs that is stored."""
    await heard(world, text("1.000001"), text("1.000002"), text("1.000009", "slack:T1/U2"))
    assert await points(world) == {
        ANA: ("1.000002", MONDAY, False),
        "slack:T1/U2": ("1.000009", MONDAY, False),
    }


OTHERS = [
    pytest.param({"kind": InboundKind.TAP, "button": "1.1.1"}, id="a tap, which names our message"),
    pytest.param({"kind": InboundKind.EDIT}, id="an edit, which names an older message"),
    pytest.param({"kind": InboundKind.REACTION}, id="a reaction"),
    pytest.param({"kind": InboundKind.DELETED}, id="a deletion"),
    pytest.param({"kind": InboundKind.START, "message_id": None}, id="a command"),
    pytest.param({"kind": InboundKind.PROFILE, "message_id": None}, id="a profile"),
]


@pytest.mark.parametrize("other", OTHERS)
async def test_what_is_no_message_counts_by_its_time(world, other):
    """Whatever came after the newest message says only when the person was last heard."""
    later = MONDAY + timedelta(hours=1)
    await heard(world, text("1.000001"))
    await heard(world, msgspec.structs.replace(text("1.000000"), external_id="x", **other), at=later)
    assert await points(world) == {ANA: (None, later, False)}


@pytest.mark.parametrize("payload", ["", '{"kind":"profile"}', "{", '{"kind":"of next year"}'])
async def test_words_that_are_no_longer_kept_count_by_their_time(world, payload):
    """What retention emptied, or nobody can read any more, still says when."""
    await heard(world, text("1.000001"))
    world.execute("UPDATE inbox SET payload = :payload", payload=payload)
    assert await points(world) == {ANA: (None, MONDAY, False)}


async def test_who_was_not_heard_for_a_week_is_left_alone(world):
    """Outside a conversation only those who wrote in the last seven days are asked for."""
    await heard(world, text("1.000001"))
    world.clock.move(WEEK)
    assert list(await points(world)) == [ANA]
    world.clock.move(timedelta(seconds=1))
    assert await points(world) == {}


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (ConversationStatus.OPEN, True),
        (ConversationStatus.PAUSED, True),
        (ConversationStatus.WAITING, None),
        (ConversationStatus.ENDED, None),
    ],
)
async def test_a_conversation_under_way_is_worth_asking_for(world, status, asked):
    """Whoever is in a conversation, or has paused it, is asked for however long ago they wrote."""
    await heard(world, text("1.000001"))
    conversing(world, status)
    world.clock.move(timedelta(days=60))
    assert await points(world) == ({} if asked is None else {ANA: ("1.000001", MONDAY, asked)})


async def test_what_came_after_the_outage_does_not_hide_what_was_missed(world):
    """The place is that of the time before the outage, though newer messages are stored by now."""
    await heard(world, text("1.000001"))
    await heard(world, text("3.000000"), at=MONDAY + timedelta(hours=1))
    assert await points(world, timedelta(minutes=10)) == {ANA: ("1.000001", MONDAY, False)}
    assert await points(world) == {ANA: ("3.000000", MONDAY + timedelta(hours=1), False)}
    assert await points(world, timedelta(hours=2)) == {}


@pytest.mark.parametrize("status", [one for one in AddressStatus if one is not AddressStatus.ACTIVE])
async def test_who_cannot_be_reached_is_not_asked_for(world, status):
    """An address that the platform no longer knows has no history to be read."""
    await heard(world, text("1.000001"))
    world.execute("UPDATE address SET status = :status WHERE channel = 'slack'", status=status.value)
    assert await points(world) == {}


async def test_who_had_everything_deleted_is_not_asked_for(world):
    """Nothing of an erased person is brought back: neither at the emptied address nor at the one of the last words."""
    await heard(world, text("1.000001"), text("2.000001", "slack:T1/U2"))
    world.execute("UPDATE address SET sealed = x'' WHERE id = (SELECT min(address_id) FROM inbox)")
    world.execute(
        "UPDATE address SET erase_at = :at WHERE id = (SELECT max(address_id) FROM inbox)", at=MONDAY
    )
    assert await points(world) == {}


async def test_other_channels_have_their_own(world):
    """A channel is told of its own addresses alone."""
    await heard(world, text("1.000001"), text("7", "telegram:5"))
    assert list(await points(world)) == [ANA]
    assert list(await points(world, channel="telegram")) == ["telegram:5"]
    assert await points(world, channel="terminal") == {}
