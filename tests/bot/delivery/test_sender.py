"""Delivery, against a channel in memory and a clock moved by hand."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from bot.channels.base import (
    ChannelDown,
    ChannelRefused,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
)
from bot.delivery import sender
from bot.delivery.rate_limits import SLACK, TELEGRAM
from bot.delivery.sender import TRY_REFUSED_AGAIN, Delivery, DeliveryOptions, clock_sleep
from flows.engine.effects import Prompt
from storage.conversations.outbox_in_doubt import IN_DOUBT_FOR, MOST_IN_DOUBT, pause_in_doubt
from storage.follow_up import waves
from storage.schema import Lane, OutboxKind
from tests.support.delivery_world import Post, make_post


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = make_post(tmp_path)
    yield made
    made.world.database.close()


async def test_in_order_at_each_address(post: Post) -> None:
    """What is queued arrives in the order in which it was said, and the platform's name of it is kept."""
    post.queue("ann", "one", "two")
    post.queue("ben", "eins")
    post.queue("ann", "three")
    assert await post.delivery.drain() == 4
    assert post.channel.texts("fake:ann") == ["one", "two", "three"]
    assert set(post.states()) == {("sent", None)}
    assert all(post.column("message_id"))
    assert await post.delivery.drain() == 0


async def test_one_at_a_time_at_an_address_many_at_once(post: Post) -> None:
    """Different addresses go at the same time; one address gets the next only when the last has arrived."""
    for name in ("ann", "ben", "eve"):
        post.queue(name, "one", "two")
    await post.delivery.drain()
    assert post.channel.most_at_once == 3


async def test_slow_address_holds_up_nobody(post: Post) -> None:
    """While one call hangs, everybody else gets their messages."""
    gate = post.channel.hold("fake:slow")
    post.queue("slow", "one", "two")
    post.queue("ann", *[f"{number}" for number in range(5)])
    draining = asyncio.create_task(post.delivery.drain())
    await post.channel.until(lambda: len(post.channel.texts("fake:ann")) == 5)
    assert post.channel.texts("fake:slow") == []
    gate.set()
    assert await draining == 7


async def test_marked_before_the_call(post: Post) -> None:
    """A row says `sending`, durably, before the platform is called."""
    gate = post.channel.hold("fake:ann")
    post.queue("ann", "one")
    draining = asyncio.create_task(post.delivery.drain())
    await post.channel.until(lambda: bool(post.channel.calls))
    assert post.states() == [("sending", None)]
    gate.set()
    await draining


async def test_after_a_crash_resent_and_marked(post: Post) -> None:
    """What a crash left in `sending` goes out again, in its place, marked as a possible duplicate; crash after
    crash it waits for longer, and after an hour of them it has failed; not for an hour in which nothing was tried.
    """
    post.queue("ann", "one", "two")
    post.execute("UPDATE outbox SET status = 'sending' WHERE id = 1")
    post.restart()
    assert await post.delivery.drain() == 2
    assert post.channel.texts() == ["one", "two"]
    assert post.column("possibly_duplicate") == [1, 0]
    assert post.column("attempts") == [1, 1]
    for attempts in (1, 2, 3, MOST_IN_DOUBT - 1, MOST_IN_DOUBT, 20):
        post.execute(f"UPDATE outbox SET status = 'sending', attempts = {attempts} WHERE id = 1")
        post.restart()
        assert await post.delivery.drain() == (attempts < 3)
        post.clock.move(pause_in_doubt(attempts))
        assert await post.delivery.drain() == (attempts >= 3)
    post.clock.move(IN_DOUBT_FOR)
    post.execute("UPDATE outbox SET status = 'sending' WHERE id = 1")
    post.restart()
    assert await post.delivery.drain() == 0
    assert post.states()[0] == ("queued", None)
    post.clock.move(pause_in_doubt(20))
    post.execute("UPDATE outbox SET status = 'sending', attempts = attempts + 1 WHERE id = 1")
    post.restart()
    assert await post.delivery.drain() == 0
    assert post.states()[0] == ("failed", "outcome_unknown")


async def test_an_outage_in_which_nothing_is_heard_back_loses_nothing(post: Post) -> None:
    """Platforms that take calls and answer none for most of an hour: it is sent then, and was tried few times."""
    post.channel.fail("fake:ann", *[OutcomeUnknown("time-out")] * 100)
    post.queue("ann", "one", "two")
    for _ in range(55):
        await post.delivery.drain()
        post.clock.move(timedelta(minutes=1))
    assert post.states() == [("queued", None), ("queued", None)]
    assert post.column("attempts")[0] <= 3 * MOST_IN_DOUBT + 2


async def test_what_was_put_off_by_a_wrong_clock_is_sent_after_a_restart(post: Post) -> None:
    """Nobody sees the clock go back while the bot is down; a retry of a few minutes waits for its time."""
    post.clock.jump(timedelta(days=365))
    for name, seconds in (("ann", 2), ("ben", 2)):
        post.channel.fail(f"fake:{name}", RateLimited("slow down", retry_after=timedelta(seconds=seconds)))
    post.queue("ann", "one")
    await post.delivery.drain()
    post.clock.jump(-timedelta(days=365))
    post.queue("ben", "eins")
    post.restart()
    await post.delivery.drain()
    assert post.channel.texts() == ["one"]
    post.restart()
    assert await post.delivery.drain() == 0


async def test_retry_after_is_obeyed(post: Post) -> None:
    """A rate-limited address waits as long as it was told, never less, and keeps its order; others go on."""
    post.channel.fail("fake:ann", RateLimited("slow down", retry_after=timedelta(seconds=30)))
    post.queue("ann", "one", "two")
    post.queue("ben", "eins")
    await post.delivery.drain()
    assert post.channel.texts() == ["eins"]
    post.clock.move(timedelta(seconds=29))
    assert await post.delivery.drain() == 0
    post.clock.move(timedelta(seconds=2))
    assert await post.delivery.drain() == 2
    assert post.channel.texts("fake:ann") == ["one", "two"]


async def test_two_limited_addresses_stop_the_channel(post: Post) -> None:
    """When a second address is told to wait, the whole bot is over its limit, and stands still so long."""
    for name, seconds in (("ann", 10), ("ben", 30)):
        post.channel.fail(f"fake:{name}", RateLimited("slow down", retry_after=timedelta(seconds=seconds)))
        post.queue(name, "one")
    await post.delivery.drain()
    post.queue("eve", "hello")
    post.queue("bob", "hello", channel="other")
    post.clock.move(timedelta(seconds=20))
    assert await post.delivery.drain() == 1
    assert post.channels["other"].texts() == ["hello"]
    post.clock.move(timedelta(seconds=12))
    assert await post.delivery.drain() == 3


async def test_backoff_grows(post: Post) -> None:
    """A channel that is down is tried again after growing pauses, which are never quite the same."""
    post.channel.fail("fake:ann", *[ChannelDown("no route")] * 6)
    post.queue("ann", "one")
    for _ in range(7):
        await post.delivery.drain()
        post.clock.move(timedelta(minutes=5))
    assert post.channel.texts() == ["one"]
    assert post.column("attempts") == [7]
    assert post.column("possibly_duplicate") == [0]


async def test_backoff_keeps_what_stands_behind(post: Post) -> None:
    """While a message waits for its retry, the next one of the same address waits behind it."""
    post.channel.fail("fake:ann", ChannelDown("no route"))
    post.queue("ann", "one", "two")
    await post.delivery.drain()
    assert post.channel.texts() == []
    post.clock.move(timedelta(seconds=3))
    await post.delivery.drain()
    assert post.channel.texts() == ["one", "two"]


async def test_unknown_outcome_is_retried(post: Post) -> None:
    """Without an answer a message is sent again, marked; without any answer in the end it has failed."""
    post.channel.fail("fake:ann", *[OutcomeUnknown("time-out")] * (MOST_IN_DOUBT - 1))
    post.channel.fail("fake:ben", *[OutcomeUnknown("time-out")] * MOST_IN_DOUBT)
    post.queue("ann", "one")
    post.queue("ben", "eins", "zwei")
    for _ in range(MOST_IN_DOUBT + 1):
        await post.delivery.drain()
        post.clock.move(timedelta(minutes=20))
    failed = f"outcome unknown in {MOST_IN_DOUBT} attempts: time-out"
    assert post.states() == [("sent", None), ("failed", failed), ("sent", None)]
    assert post.column("possibly_duplicate") == [1, 1, 0]
    assert post.channel.texts("fake:ben") == ["zwei"]


async def test_rejected_message_lets_the_next_one_go(post: Post) -> None:
    """A message that the platform will never take has failed with its reason; the next one goes."""
    post.channel.fail("fake:ann", MessageRejected("too long"))
    post.queue("ann", "one", "two")
    await post.delivery.drain()
    assert post.states() == [("failed", "too long"), ("sent", None)]


async def test_refused_channel_pauses_and_calls_the_operator(post: Post) -> None:
    """A refused channel stands still, keeps its rows and calls the operator once; other channels go on. When it
    has been put right, it goes on by itself.
    """
    post.channel.fail("*", ChannelRefused("token revoked"))
    post.queue("ann", "one", "two")
    post.queue("bob", "hello", channel="other")
    for _ in range(3):
        await post.delivery.drain()
    post.queue("ben", "eins")
    await post.delivery.drain()
    assert post.alerts == [("fake", "token revoked")]
    assert len(post.channel.calls) == 1
    assert post.channels["other"].texts() == ["hello"]
    assert post.states()[:2] == [("queued", None)] * 2
    post.clock.move(TRY_REFUSED_AGAIN)
    assert await post.delivery.drain() == 3
    assert post.channel.texts("fake:ann") == ["one", "two"]


async def test_refused_channel_is_tried_with_one_message(post: Post) -> None:
    """Every ten minutes one message, the first in the queue, tries a refused channel; the operator is called once
    for each refusal, not for each try.
    """
    post.channel.fail("*", *[ChannelRefused("token revoked")] * 3)
    post.queue("ann", "one")
    for tries in range(1, 4):
        await post.delivery.drain()
        post.queue(f"p{tries}", "hello")
        assert [call.message.address for call in post.channel.calls] == ["fake:ann"] * tries
        post.clock.move(TRY_REFUSED_AGAIN - timedelta(seconds=1))
        assert await post.delivery.drain() == 0
        post.clock.move(timedelta(seconds=1))
    assert len(post.alerts) == 1
    assert await post.delivery.drain() == 4
    assert post.channel.texts()[0] == "one"
    post.channel.fail("*", ChannelRefused("app removed"))
    post.queue("ann", "two")
    await post.delivery.drain()
    assert post.alerts == [("fake", "token revoked"), ("fake", "app removed")]


async def test_unforeseen_error_fails_one_message_only(post: Post) -> None:
    """A fault in a channel's own code fails that message, with no words in the reason, and stops nothing."""
    post.channel.fail("fake:ann", KeyError("a person's words"))
    post.queue("ann", "one", "two")
    await post.delivery.drain()
    [(status, reason), second] = post.states()
    assert (status, second) == ("failed", ("sent", None))
    assert reason is not None
    assert reason.startswith("KeyError at")
    assert "words" not in reason


async def test_stop_drops_all_but_the_goodbye(post: Post) -> None:
    """After a stop nothing that was queued goes out, except the goodbye that was queued after it."""
    post.queue("ann", "question")
    person = post.world.column("SELECT participant_id FROM address WHERE channel = 'fake'")[0]
    now = post.clock.now()
    post.world.database.write_now(lambda c: waves.withdraw(c, participant_id=person, now=now))
    post.queue("ann", "Goodbye")
    assert await post.delivery.drain() == 1
    assert post.channel.texts() == ["Goodbye"]
    assert post.states()[0] == ("dropped", "withdrawn")


async def test_stop_while_a_message_is_on_its_way(post: Post) -> None:
    """A message that failed while the person said stop is not tried again."""
    post.channel.fail("fake:ann", ChannelDown("no route"))
    gate = post.channel.hold("fake:ann")
    post.queue("ann", "question")
    draining = asyncio.create_task(post.delivery.drain())
    await post.channel.until(lambda: bool(post.channel.calls))
    person = post.world.column("SELECT participant_id FROM address WHERE channel = 'fake'")[0]
    now = post.clock.now()
    await post.world.database.write(lambda c: waves.withdraw(c, participant_id=person, now=now))
    gate.set()
    await draining
    assert post.states() == [("dropped", "withdrawn")]


async def test_gives_up_after_two_days(post: Post) -> None:
    """A message that could not be sent for two days has failed, with the reason."""
    post.channel.fail("fake:ann", ChannelDown("no route"), ChannelDown("no route"))
    post.queue("ann", "one")
    await post.delivery.drain()
    post.clock.move(timedelta(days=3))
    await post.delivery.drain()
    assert post.states() == [("failed", "could not be sent for 2 days: no route")]


@pytest.mark.parametrize(("pace", "in_a_second"), [(TELEGRAM, 28), (SLACK, 4)])
async def test_pace_of_a_channel(tmp_path: Path, pace: object, in_a_second: int) -> None:
    """No second sees more messages than the platform bears, in all and at one address."""
    post = make_post(tmp_path, pace=pace)  # type: ignore[arg-type]
    for number in range(30):
        post.queue(f"p{number}", "one", "two")
    assert await post.delivery.drain() == 60
    times = [call.at for call in post.channel.calls]
    second = timedelta(seconds=1)
    assert max(sum(at <= other < at + second for other in times) for at in times) <= in_a_second
    for number in range(30):
        mine = [call.at for call in post.channel.calls if call.message.address == f"fake:p{number}"]
        assert all(later - earlier >= second for earlier, later in pairwise(mine))
    post.world.database.close()


async def test_run_sends_what_comes_and_waits_for_retries(post: Post) -> None:
    """While it runs, a wake-up sends at once what was queued; cancelling ends it."""
    running = asyncio.create_task(post.delivery.run())
    post.queue("ann", "one")
    post.delivery.wake()
    await post.channel.until(lambda: post.channel.texts() == ["one"])
    post.queue("ann", "two")
    post.delivery.wake()
    await post.channel.until(lambda: post.channel.texts() == ["one", "two"])
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await post.delivery.drain()
    assert post.states() == [("sent", None)] * 2


async def test_a_stop_leaves_nothing_marked_and_unsent(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled while it marks what it is about to send, it sends that all the same, once, and nothing is in doubt."""
    await post.delivery.drain()
    post.queue("ann", "one")
    database, begun, goes_on = post.world.database, asyncio.Event(), threading.Event()
    loop, write = asyncio.get_running_loop(), database.write

    async def slow(work):
        def waiting(connection):
            loop.call_soon_threadsafe(begun.set)
            goes_on.wait()
            return work(connection)

        return await write(waiting)

    monkeypatch.setattr(database, "write", slow)
    running = asyncio.create_task(post.delivery.run())
    await begun.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    goes_on.set()
    await post.delivery.drain()
    assert post.channel.texts() == ["one"]
    assert post.states() == [("sent", None)]
    assert post.column("possibly_duplicate") == [0]


async def test_a_call_that_nobody_answers_ends(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a time it counts as unanswered: its message waits for another attempt, marked, and nothing hangs."""
    monkeypatch.setattr(sender, "SEND_TIMEOUT_SECONDS", 0.01)
    post.channel.hold("fake:ann")
    post.queue("ann", "one")
    async with asyncio.timeout(30):
        assert await post.delivery.drain() == 0
    assert post.states() == [("queued", None)]
    assert post.column("possibly_duplicate") == [1]


async def test_a_question_shown_anew_keeps_what_leads_to_it(post: Post) -> None:
    """The words that stand before a question in its message stand there still."""
    conversation = post.world.person().commit("x")
    payload = msgspec.json.encode(Prompt("Pick", ask=0, lead="Thanks.")).decode()
    post.queue("ann", "Pick", conversation_id=conversation, ask=0, payload=payload)
    await post.delivery.drain()
    post.refresh("ann", "Pick (1)", conversation=conversation, ask=0)
    await post.delivery.drain()
    shown = [(call.text, call.message.prompt.lead) for call in post.channel.delivered]
    assert shown == [("Pick", "Thanks."), ("Pick (1)", "Thanks.")]


async def test_their_own_answers_go_as_a_file(post: Post) -> None:
    """With the words that were queued; not to an address that is nobody's any more: that row has failed and says so."""
    for name in ("ann", "gone"):
        post.queue(name, "Here it is.", kind=OutboxKind.DOCUMENT)
    post.world.update("address", post.address("gone"), participant_id=None)
    await post.delivery.drain()
    [(address, name, content)] = post.channel.documents
    [code] = post.world.column("SELECT code FROM participant ORDER BY id LIMIT 1")
    assert (address, name) == ("fake:ann", "my-data.txt")
    assert code in content
    assert post.channel.texts() == ["Here it is."]
    assert post.states() == [("sent", None), ("failed", "nobody_at_address")]


async def test_the_log_names_what_was_refused(post: Post) -> None:
    """Where nobody else is told, it has the channel that stopped, and why; of what failed its number and channel."""
    options = DeliveryOptions(sleep=clock_sleep(post.clock))
    post.delivery = Delivery(post.world.database, post.channels, post.clock, options)
    post.channel.fail("fake:ann", MessageRejected("too long"))
    post.channels["other"].fail("*", ChannelRefused("token revoked"))
    post.queue("ann", "one")
    post.queue("bob", "two", channel="other")
    with capture_logs() as lines:
        await post.delivery.drain()
    told = [{key: value for key, value in line.items() if key != "log_level"} for line in lines]
    assert {"event": "channel_stopped", "channel": "other", "reason": "token revoked"} in told
    assert {"event": "message_failed", "channel": "fake", "outbox": 1} in told


async def test_openers_wait_for_their_rate_and_are_all_sent(tmp_path: Path) -> None:
    """What we begin goes at a rate of its own. A minute's worth of it may wait on a channel and no more; a channel
    with less has room, and so has one that is not served here.
    """
    post = make_post(tmp_path, pace=SLACK)

    def room(line: str) -> bool:
        return post.world.database.read_now(lambda c: post.delivery.has_room(c, line))

    post.crowd(23, Lane.BULK)
    assert room("fake")
    post.queue("ann", "one", lane=Lane.BULK)
    assert [room(line) for line in ("fake", "other", "telegram")] == [False, True, True]
    assert await post.delivery.drain() == 24
    times = [call.at for call in post.channel.calls]
    assert all(later - earlier >= timedelta(seconds=2) for earlier, later in pairwise(times))
    post.world.database.close()


async def test_run_goes_on_at_once_behind_what_is_dropped(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands behind a message that need not be sent goes in the next round, though nobody wakes the delivery."""
    monkeypatch.setattr(sender, "LOOK_AGAIN", timedelta(days=1))
    post.refresh("ann", "Pick (1)", conversation=post.world.person().commit("x"), ask=0)
    post.queue("ann", "one")
    running = asyncio.create_task(post.delivery.run())
    async with asyncio.timeout(30):
        await post.channel.until(lambda: post.channel.texts() == ["one"])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert post.states()[0] == ("dropped", "no message to refresh")
