"""Traces: the lowest class of sending, tried once, and soon forgotten."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.base import (
    AddressGone,
    ChannelDown,
    ChannelRefused,
    MessageRejected,
    OutcomeUnknown,
    ParticipantBlocked,
    RateLimited,
)
from bot.delivery.rate_limits import TELEGRAM
from bot.delivery.traces import NEWER_THAN
from flows.engine.effects import Option
from tests.support.delivery_world import Post, make_post


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = make_post(tmp_path, edits=True)
    yield made
    made.world.database.close()


async def asked(post: Post, name: str = "ann", *, ask: int = 0) -> int:
    """A conversation whose question with this number has been sent; its number."""
    conversation = post.world.person().commit("x")
    post.queue(name, f"Question {ask}?", conversation_id=conversation, ask=ask)
    await post.delivery.drain()
    return conversation


def shown(post: Post) -> list[tuple[str, tuple[str, ...] | None]]:
    """What reached the channel, in order: the text, and what was chosen where it was shown with its trace."""
    return [
        (call.text, None if call.message.trace is None else call.message.trace.chosen)
        for call in post.channel.delivered
    ]


async def test_after_the_next_question(post: Post) -> None:
    """The next question goes first, though the trace was queued before it; the trace names its message."""
    conversation = await asked(post)
    post.trace("ann", "Red", conversation=conversation, ask=0)
    post.queue("ann", "Question 1?", conversation_id=conversation, ask=1)
    assert await post.delivery.drain() == 1
    assert shown(post) == [("Question 0?", None), ("Question 1?", None), ("Question 0?", ("Red",))]
    message = post.channel.delivered[-1].message
    assert (message.message_id, message.refresh, message.conversation) == ("m1", True, conversation)
    assert post.traces_left() == 0


async def test_not_while_something_waits_at_the_address(post: Post) -> None:
    """While a message is to be tried again at the address no trace goes there; elsewhere it does."""
    conversation, other = await asked(post), await asked(post, "ben")
    post.channel.fail("fake:ann", ChannelDown("no route"))
    post.queue("ann", "Question 1?")
    for name, number in (("ann", conversation), ("ben", other)):
        post.trace(name, name, conversation=number, ask=0)
    await post.delivery.drain()
    assert shown(post)[2:] == [("Question 0?", ("ben",))]
    post.clock.move(timedelta(seconds=30))
    await post.delivery.drain()
    assert shown(post)[3:] == [("Question 1?", None), ("Question 0?", ("ann",))]


async def test_not_while_the_channel_sends(post: Post) -> None:
    """While a message is on its way, whoever it is for, the channel sends no trace."""
    conversation = await asked(post)
    gate = post.channel.hold("fake:ben")
    post.queue("ben", "Question 1?")
    post.trace("ann", "Red", conversation=conversation, ask=0)
    draining = asyncio.create_task(post.delivery.drain())
    await post.channel.until(lambda: len(post.channel.calls) == 2)
    assert [call.text for call in post.channel.calls] == ["Question 0?", "Question 1?"]
    gate.set()
    await draining
    assert shown(post)[1:] == [("Question 1?", None), ("Question 0?", ("Red",))]


async def test_not_while_messages_wait_for_the_pace(tmp_path: Path) -> None:
    """Messages that wait until the platform bears one more go before a trace, which has a pace of its own."""
    post = make_post(tmp_path, pace=TELEGRAM, edits=True)
    conversation = await asked(post)
    post.clock.move(timedelta(seconds=2))
    post.trace("ann", "Red", conversation=conversation, ask=0)
    for name in ("ben", "eve", "bob"):
        post.queue(name, "Question 1?")
    await post.delivery.drain()
    assert [chosen for _, chosen in shown(post)] == [None] * 4 + [("Red",)]
    post.world.database.close()


async def test_not_while_the_channel_is_paused(post: Post) -> None:
    """While the platform has the whole channel wait it gets no trace; once the pause is over it does."""
    conversation = await asked(post)
    for name in ("ben", "eve"):
        post.channel.fail(f"fake:{name}", RateLimited("slow down", retry_after=timedelta(seconds=30)))
        post.queue(name, "Question 1?")
    await post.delivery.drain()
    post.trace("ann", "Red", conversation=conversation, ask=0)
    post.clock.move(timedelta(seconds=10))
    await post.delivery.drain()
    assert shown(post) == [("Question 0?", None)]
    post.clock.move(timedelta(seconds=25))
    await post.delivery.drain()
    assert shown(post)[-1] == ("Question 0?", ("Red",))


@pytest.mark.parametrize(("seconds", "sent"), [(59, 1), (61, 0)])
async def test_older_than_a_minute(post: Post, seconds: int, sent: int) -> None:
    """A trace that could not be sent for a minute is dropped, and its row with it."""
    conversation = await asked(post)
    post.trace("ann", "Red", conversation=conversation, ask=0)
    post.clock.move(timedelta(seconds=seconds))
    await post.delivery.drain()
    assert (len(shown(post)) - 1, post.traces_left()) == (sent, 0)
    assert timedelta(seconds=60) == NEWER_THAN


async def test_the_newest_of_a_question(post: Post) -> None:
    """Of several traces of one question only the newest goes out; another question's goes too."""
    conversation = await asked(post)
    post.queue("ann", "Question 1?", conversation_id=conversation, ask=1)
    await post.delivery.drain()
    for ask, chosen in ((0, "Red"), (1, "Tea"), (0, "Blue")):
        post.trace("ann", chosen, conversation=conversation, ask=ask)
    await post.delivery.drain()
    assert shown(post)[2:] == [("Question 1?", ("Tea",)), ("Question 0?", ("Blue",))]
    assert post.traces_left() == 0


async def test_a_refresh_supersedes_a_trace(post: Post) -> None:
    """A list that is shown anew since with its ticks stays a list."""
    conversation = await asked(post)
    post.trace("ann", "Red", conversation=conversation, ask=0)
    post.refresh("ann", "Question 0?", conversation=conversation, ask=0)
    await post.delivery.drain()
    assert shown(post)[1:] == [("Question 0?", None)]
    assert post.traces_left() == 0


async def test_a_question_shown_again_since_keeps_its_buttons(post: Post) -> None:
    """A trace stands under the message that it was made for, not under a later one of the same question."""
    conversation = await asked(post)
    post.trace("ann", "Red", conversation=conversation, ask=0)
    post.queue("ann", "Question 0?", conversation_id=conversation, ask=0)
    await post.delivery.drain()
    assert [call.message.message_id for call in post.channel.delivered] == [None, None, "m1"]


async def test_every_copy_of_a_question(post: Post) -> None:
    """A question that was sent three times shows the trace at the end; what stood above it loses its buttons."""
    conversation = post.world.person().commit("x")
    red = (Option("Red"),)
    for _ in range(3):
        post.queue("ann", "Colour?", conversation_id=conversation, ask=0, options=red)
        await post.delivery.drain()
    post.queue("ann", "Another?", conversation_id=conversation, ask=1, options=red)
    await post.delivery.drain()
    post.trace("ann", "Red", conversation=conversation, ask=0)
    await post.delivery.drain()
    traced = [
        (call.message.message_id, call.message.trace.chosen)
        for call in post.channel.delivered
        if call.message.trace is not None
    ]
    assert traced == [("m3", ("Red",)), ("m2", ()), ("m1", ())]


async def test_a_copy_without_buttons_is_left(post: Post) -> None:
    """Of a question for own words only the newest message is shown anew: the others have nothing to take away."""
    conversation = post.world.person().commit("x")
    for _ in range(2):
        post.queue("ann", "What for?", conversation_id=conversation, ask=0)
        await post.delivery.drain()
    post.trace("ann", "", conversation=conversation, ask=0)
    await post.delivery.drain()
    assert [call.message.message_id for call in post.channel.delivered] == [None, None, "m2"]


async def test_a_copy_at_another_address_is_left(post: Post) -> None:
    """What stands in another chat is none of this one's."""
    conversation = await asked(post)
    post.queue("bob", "Question 0?", conversation_id=conversation, ask=0, options=(Option("Red"),))
    await post.delivery.drain()
    post.trace("ann", "Red", conversation=conversation, ask=0)
    await post.delivery.drain()
    assert [call.message.message_id for call in post.channel.delivered] == [None, None, "m1"]


@pytest.mark.parametrize(
    "error",
    [
        ChannelDown("no route"),
        RateLimited("too fast", retry_after=timedelta(hours=1)),
        OutcomeUnknown("no answer"),
        MessageRejected("message is not modified"),
        ParticipantBlocked("blocked"),
        AddressGone("gone"),
        ChannelRefused("token"),
        TimeoutError(),
        RuntimeError("a mistake of ours"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_fails_ends_it(post: Post, error: Exception) -> None:
    """A trace that fails is not tried again, stops nobody and alarms nobody, and the next message goes at once."""
    conversation = await asked(post)
    post.channel.fail("fake:ann", error)
    post.trace("ann", "Red", conversation=conversation, ask=0)
    await post.delivery.drain()
    assert (post.traces_left(), len(post.channel.calls), post.alerts) == (0, 2, [])
    assert post.world.column("SELECT status FROM address WHERE channel = 'fake'") == ["active"]
    before = post.clock.now()
    post.queue("ann", "Question 1?")
    assert await post.delivery.drain() == 1
    assert post.clock.now() == before


async def test_without_its_message(post: Post) -> None:
    """Where the question never arrived there is nothing to show it under."""
    conversation = post.world.person().commit("x")
    post.trace("ann", "Red", conversation=conversation, ask=0)
    await post.delivery.drain()
    assert (shown(post), post.traces_left()) == ([], 0)


async def test_where_nobody_is_reached(post: Post) -> None:
    """Somebody who blocked the bot gets no trace."""
    conversation = await asked(post)
    post.trace("ann", "Red", conversation=conversation, ask=0)
    post.execute("UPDATE address SET status = 'blocked'")
    await post.delivery.drain()
    assert (len(shown(post)), post.traces_left()) == (1, 0)


async def test_after_a_restart(post: Post) -> None:
    """A trace that is still young goes out after a restart; nothing of it is sent twice."""
    conversation = await asked(post)
    post.trace("ann", "Red", conversation=conversation, ask=0)
    post.restart()
    await post.delivery.drain()
    post.restart()
    await post.delivery.drain()
    assert shown(post)[1:] == [("Question 0?", ("Red",))]


async def test_the_next_message_waits_for_no_trace(tmp_path: Path) -> None:
    """A trace does not count against the pace of messages: one that comes after it goes at once."""
    post = make_post(tmp_path, pace=TELEGRAM, edits=True)
    conversation = await asked(post)
    post.clock.move(timedelta(seconds=2))
    post.trace("ann", "Red", conversation=conversation, ask=0)
    await post.delivery.drain()
    sent_at = post.clock.now()
    post.queue("ann", "Question 1?")
    await post.delivery.drain()
    assert [call.at for call in post.channel.delivered[1:]] == [sent_at, sent_at]
    post.world.database.close()


async def test_a_channel_that_can_not_edit_has_none(tmp_path: Path) -> None:
    """Where nothing can be edited no trace is sent."""
    post = make_post(tmp_path)
    conversation = await asked(post)
    post.trace("ann", "Red", conversation=conversation, ask=0)
    await post.delivery.drain()
    assert len(shown(post)) == 1
    post.world.database.close()
