"""Lanes: who is answered waits for nobody to whom something else is being sent."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from bot.channels.base import ChannelDown, OutcomeUnknown, RateLimited
from bot.delivery.channel_queue import AT_ONCE
from bot.delivery.rate_limits import TELEGRAM
from storage.conversations import outbox
from storage.schema import Lane, OutboxKind
from tests.support.delivery_world import Post, make_post


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = make_post(tmp_path, pace=TELEGRAM)
    yield made
    made.world.database.close()


async def texts_of_next(post: Post, number: int) -> list[str]:
    """The next messages that are handed to the platform, in order."""
    before = len(post.channel.delivered)
    draining = asyncio.create_task(post.delivery.drain())
    await post.channel.until(lambda: len(post.channel.delivered) >= before + number)
    draining.cancel()
    await asyncio.gather(draining, return_exceptions=True)
    return [call.text for call in post.channel.delivered[before : before + number]]


@pytest.mark.parametrize(
    ("waiting", "lane"),
    [
        (Lane.BULK, Lane.REPLY),
        (Lane.BULK, Lane.TEAM),
        (Lane.BULK, Lane.REMINDER),
        (Lane.BULK, Lane.SAFETY),
        (Lane.REMINDER, Lane.REPLY),
        (Lane.TEAM, Lane.REPLY),
        (Lane.REPLY, Lane.SAFETY),
    ],
)
async def test_what_is_urgent_is_next(post: Post, waiting: Lane, lane: Lane) -> None:
    """Whatever stands in a slower lane, a message of a quicker one is the next that is handed over."""
    post.crowd(1_000 if waiting is Lane.BULK and lane is Lane.REPLY else 100, waiting)
    await texts_of_next(post, 3)
    post.queue("ann", "at once", lane=lane)
    assert "at once" in await texts_of_next(post, 2)  # one was on its way


async def test_a_lane_is_first_come_first_served(post: Post) -> None:
    """Within a lane nobody is overtaken."""
    post.crowd(20, Lane.BULK)
    await post.delivery.drain()
    assert post.channel.texts() == [f"bulk {one}" for one in range(20)]


async def test_a_reply_takes_along_what_stands_before_it(post: Post) -> None:
    """In a chat the order is kept: first words that waited there come first, and before everybody else's."""
    post.crowd(50, Lane.BULK)
    post.queue("ann", "We have a question", "Here it is", lane=Lane.BULK)
    post.queue("ann", "You wrote: hello")
    assert set(post.world.column("SELECT lane FROM outbox WHERE payload LIKE '%question%'")) == {"reply"}
    await post.delivery.drain()
    arrived = post.channel.texts()
    assert post.channel.texts("fake:ann") == ["We have a question", "Here it is", "You wrote: hello"]
    assert arrived.index("We have a question") == 0
    assert arrived.index("You wrote: hello") < arrived.index("bulk 49") + 10


async def test_nothing_is_promoted_by_what_is_slower(post: Post) -> None:
    """A reminder behind a reply changes nothing of it, nor does what waits at another address."""
    post.queue("ann", "reply")
    post.queue("ann", "reminder", lane=Lane.REMINDER)
    post.queue("ben", "opener", lane=Lane.BULK)
    assert post.column("lane") == ["reply", "reminder", "bulk"]


async def test_help_overtakes_what_waits_in_its_chat(post: Post) -> None:
    """Help at risk is next; reminders, first words and edits that waited there are dropped, replies follow."""
    post.queue("ann", "opener", lane=Lane.BULK)
    post.trace("ann", "chosen", conversation=None, ask=0)  # type: ignore[arg-type]
    post.queue("ben", "opener", lane=Lane.BULK)
    post.queue("cem", "reply one", "reply two")
    post.queue("cem", "reminder", lane=Lane.REMINDER)
    for name in ("ann", "cem"):
        post.queue(name, "help", kind=OutboxKind.HELP)
        post.queue(name, "and a question")
    assert post.traces_left() == 0
    await post.delivery.drain()
    assert post.channel.texts("fake:ann") == ["help", "and a question"]
    assert post.channel.texts("fake:cem") == ["help", "reply one", "reply two", "and a question"]
    assert post.channel.texts("fake:ben") == ["opener"]
    assert post.channel.texts()[:2] == ["help", "help"]
    assert Counter(post.column("reason")) == {None: 7, "crisis_help": 2}


async def test_help_waits_for_no_second(post: Post) -> None:
    """A chat that has just had a message gets help in the same second, and the rest a second after it."""
    post.queue("ann", "one", "two")
    await texts_of_next(post, 1)
    post.queue("ann", "help", kind=OutboxKind.HELP)
    await post.delivery.drain()
    one, helped, two = post.channel.delivered
    assert [one.text, helped.text, two.text] == ["one", "help", "two"]
    assert helped.at - one.at < timedelta(seconds=0.1)
    assert two.at - helped.at >= timedelta(seconds=1)


async def test_what_is_on_its_way_is_not_overtaken(post: Post) -> None:
    """A message that is being sent is finished first: the platform has it."""
    gate = post.channel.hold("fake:ann")
    post.queue("ann", "one", "two")
    draining = asyncio.create_task(post.delivery.drain())
    await post.channel.until(lambda: len(post.channel.calls) == 1)
    post.queue("ann", "help", kind=OutboxKind.HELP)
    gate.set()
    await draining
    assert post.channel.texts() == ["one", "help", "two"]


async def test_help_waits_for_no_retry(post: Post) -> None:
    """Where a message waits to be tried again, help goes before it; a reply keeps its place behind it."""
    post.channel.fail("fake:ann", OutcomeUnknown("cut off"), None)
    post.channel.fail("fake:ben", OutcomeUnknown("cut off"), None)
    post.queue("ann", "one")
    post.queue("ben", "one")
    await post.delivery.drain()
    post.queue("ann", "help", kind=OutboxKind.HELP)
    post.queue("ben", "reply")
    await post.delivery.drain()
    assert post.channel.texts() == ["help"]
    post.clock.move(timedelta(minutes=1))
    await post.delivery.drain()
    assert post.channel.texts("fake:ann") == ["help", "one"]
    assert post.channel.texts("fake:ben") == ["one", "reply"]


async def test_help_has_room_where_all_calls_hang(tmp_path: Path) -> None:
    """A channel that is full of calls without an answer still takes help; first words leave room for replies."""
    post = make_post(tmp_path)
    for one in range(AT_ONCE):
        post.channel.hold(f"fake:reply{one}")
        post.channel.hold(f"fake:bulk{one}")
    post.crowd(AT_ONCE, Lane.BULK)
    draining = asyncio.create_task(post.delivery.drain())
    await post.channel.until(lambda: post.channel.on_the_way > 0)
    post.crowd(AT_ONCE, Lane.REPLY)
    post.channel.hold("fake:reply0").set()
    await post.channel.until(lambda: "reply 0" in post.channel.texts())
    post.queue("ann", "help", kind=OutboxKind.HELP)
    post.channel.hold("fake:bulk0").set()
    await post.channel.until(lambda: "help" in post.channel.texts())
    draining.cancel()
    await asyncio.gather(draining, return_exceptions=True)
    post.world.database.close()


async def test_another_channel_holds_up_nobody(post: Post) -> None:
    """What waits on one channel is not looked at for another."""
    post.crowd(500, Lane.BULK, channel="other")
    post.channels["other"].fail("*", *[ChannelDown("away")] * 1_000)
    post.queue("ann", "reply")
    assert await texts_of_next(post, 1) == ["reply"]


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_order_is_kept_and_nothing_lost(tmp_path: Path, seed: int) -> None:
    """Random queues over lanes, addresses, crashes and retries: order in each chat but for help, no row lost."""
    rng = Random(seed)
    post = make_post(tmp_path, pace=TELEGRAM)
    names = [f"p{number}" for number in range(6)]
    said: dict[str, list[str]] = {name: [] for name in names}
    for step in range(60):
        for _ in range(rng.randrange(4)):
            name, lane = rng.choice(names), rng.choice([lane for lane in Lane if lane is not Lane.EDIT])
            text = f"{lane} {step}.{len(said[name])}"
            said[name].append(text)
            kind = OutboxKind.HELP if lane is Lane.SAFETY else OutboxKind.MESSAGE
            post.queue(name, text, lane=lane, kind=kind)
        if rng.random() < 0.3:
            error = rng.choice(
                [
                    OutcomeUnknown("cut"),
                    RateLimited("slow", retry_after=timedelta(seconds=2)),
                    ChannelDown("away"),
                ]
            )
            post.channel.fail(f"fake:{rng.choice(names)}", error)
        if rng.random() < 0.5:
            await texts_until_random_stop(post, rng)
        if rng.random() < 0.1:
            post.restart()
        check_marks(post)
        post.clock.move(timedelta(seconds=rng.random() * 3))
    for _ in range(20):
        post.clock.move(timedelta(minutes=5))
        await post.delivery.drain()
    assert post.world.database.read_now(outbox.unsent) == 0
    assert set(post.column("status")) <= {"sent", "dropped"}
    dropped = post.world.rows("SELECT DISTINCT lane, reason FROM outbox WHERE status = 'dropped'")
    assert set(dropped) <= {("reminder", "crisis_help"), ("bulk", "crisis_help")}
    for name in names:
        arrived = list(dict.fromkeys(post.channel.texts(f"fake:{name}")))  # what is in doubt comes twice
        ordinary = [text for text in arrived if not text.startswith("safety")]
        assert ordinary == [text for text in said[name] if text in set(ordinary)]
        assert {text for text in said[name] if text.startswith(("safety", "reply", "team"))} <= set(arrived)
    post.world.database.close()


async def texts_until_random_stop(post: Post, rng: Random) -> None:
    """Send for a while, and be killed at a random moment in it."""
    draining = asyncio.create_task(post.delivery.drain())
    for _ in range(rng.randrange(40)):
        await asyncio.sleep(0)
    if rng.random() < 0.5:
        draining.cancel()
        await asyncio.gather(draining, return_exceptions=True)
        post.restart()
    else:
        await draining


def check_marks(post: Post) -> None:
    """Each address with something unsent has one head, and it is the right one."""
    rows = post.world.rows(
        "SELECT address_id, is_head, status, lane, id FROM outbox"
        " WHERE status IN ('queued', 'sending') AND kind != 'edit'"
    )
    heads = {row[0]: row[4] for row in rows if row[1]}
    assert len(heads) == sum(bool(row[1]) for row in rows) == len({row[0] for row in rows})
    order = list(Lane)
    for address, head in heads.items():
        theirs = [
            (row[2] != "sending", order.index(Lane(row[3])), row[4]) for row in rows if row[0] == address
        ]
        assert min(theirs)[2] == head
