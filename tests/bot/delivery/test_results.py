"""What follows from the result of a sending, and what need not be sent: as it is written to the outbox."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.channels.base import AddressGone, ParticipantBlocked
from storage.conversations import inbox
from storage.conversations.inbox import InboundRow
from storage.conversations.outbox import Head
from storage.schema import AddressStatus
from tests.support.delivery_world import Post, make_delivery, make_post
from tests.support.wave_world import IDENTITY


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = make_post(tmp_path)
    yield made
    made.world.database.close()


@pytest.mark.parametrize(
    ("error", "status"),
    [(ParticipantBlocked("blocked us"), "blocked"), (AddressGone("deactivated"), "unreachable")],
)
async def test_stopped_contact(post: Post, error: Exception, status: str) -> None:
    """Who cannot be reached any more gets nothing more; each message and the story say why; others go on."""
    post.channel.fail("fake:ann", error)
    post.queue("ann", "one", "two")
    post.queue("ben", "eins")
    await post.delivery.drain()
    assert post.states() == [("dropped", status)] * 2 + [("sent", None)]
    found = post.world.rows("SELECT status, reason FROM address WHERE id = :id", id=post.address("ann"))
    assert found == [(status, str(error))]
    assert post.world.story("action", "reason") == [("not_sent", status)] * 2
    assert len(post.channel.calls) == 2


async def test_the_end_of_contact_is_told_once(post: Post) -> None:
    """Whoever is to know hears of the refused message, and of no other; a telling that fails loses no result."""
    told: list[str] = []

    def hears(_connection: Connection, refused: Head, _now: datetime) -> None:
        told.append(refused.channel)
        if len(told) > 1:
            raise ValueError("no words")

    post.delivery = make_delivery(post, contact_ended=hears)
    for name in ("ann", "ben"):
        post.channel.fail(f"fake:{name}", AddressGone("gone"))
        post.queue(name, "one", "two")
    post.queue("eve", "eins")
    await post.delivery.drain()
    assert told == ["fake", "fake"]
    assert post.states() == [("dropped", "unreachable")] * 4 + [("sent", None)]


async def test_who_wrote_after_a_refusal_has_come_back(post: Post) -> None:
    """That they had blocked us is written late, after they wrote again: the message is tried once more."""
    post.channel.fail("fake:ann", ParticipantBlocked("blocked us"))
    post.queue("ann", "one")
    arrival = InboundRow("fake:ann", "fake", "update-1", "{}")
    later = post.clock.now() + timedelta(seconds=1)
    post.world.database.write_now(lambda c: inbox.store(c, [arrival], IDENTITY, later))
    await post.delivery.drain()
    assert post.states() == [("sent", None)]
    assert len(post.channel.calls) == 2


async def test_a_clock_that_was_set_back_doubts_no_refusal_for_ever(post: Post) -> None:
    """What they wrote last seems to come after each refusal, an hour long."""
    for _ in range(50):
        post.channel.fail("fake:ann", ParticipantBlocked("blocked us"))
    post.queue("ann", "one")
    arrival = InboundRow("fake:ann", "fake", "update-1", "{}")
    later = post.clock.now() + timedelta(hours=1)
    post.world.database.write_now(lambda c: inbox.store(c, [arrival], IDENTITY, later))
    await post.delivery.drain()
    assert post.states() == [("dropped", "blocked")]
    assert len(post.channel.calls) < 15


async def test_nothing_is_sent_to_a_blocked_address(post: Post) -> None:
    """What is queued for an address after it was blocked is dropped without a call."""
    post.queue("ann", "one")
    post.world.update("address", post.address("ann"), status=AddressStatus.BLOCKED)
    assert await post.delivery.drain() == 0
    assert post.states() == [("dropped", "blocked")]
    assert post.channel.calls == []


async def test_newer_refresh_replaces_an_older_one(post: Post) -> None:
    """Of several refreshes of a question only the newest goes out, at the message in which it stands."""
    conversation = post.world.person().commit("x")
    post.queue("ann", "Pick", conversation_id=conversation, ask=0)
    await post.delivery.drain()
    for text in ("Pick (1)", "Pick (2)", "Pick (3)"):
        post.refresh("ann", text, conversation=conversation, ask=0)
    assert await post.delivery.drain() == 1
    assert post.states()[1:] == [("dropped", "superseded")] * 2 + [("sent", None)]
    [first, last] = post.channel.delivered
    assert (last.text, last.message.refresh, last.message.message_id) == ("Pick (3)", True, "m1")
    assert first.message.refresh is False


async def test_refresh_without_original_is_left_out(post: Post) -> None:
    """A refresh of a message that never arrived is dropped quietly."""
    conversation = post.world.person().commit("x")
    post.refresh("ann", "Pick (1)", conversation=conversation, ask=0)
    assert await post.delivery.drain() == 0
    assert post.states() == [("dropped", "no message to refresh")]
    assert post.world.story() == []
