"""Lanes: who is answered waits for nobody to whom something else is being sent."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest

from bot.channels.base import (
    ChannelDown,
    ChannelRefused,
    MessageRejected,
    Outbound,
    OutcomeUnknown,
    ParticipantBlocked,
    RateLimited,
)
from bot.delivery.channel_queue import AT_ONCE, OURS_AT_ONCE
from bot.delivery.rate_limits import SLACK, TELEGRAM, ChannelRates, PaidRate
from storage.conversations import outbox, outbox_order
from storage.schema import OUTBOX, Lane, OutboxKind
from tests.support.delivery_world import Post, make_post
from tests.support.wave_world import IDENTITY


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
    assert post.channel.texts().count("help") == 1
    assert post.channel.on_the_way > OURS_AT_ONCE  # help went although these hang
    draining.cancel()
    await asyncio.gather(draining, return_exceptions=True)
    post.world.database.close()


async def test_another_channel_holds_up_nobody(post: Post) -> None:
    """What waits on one channel is not looked at for another."""
    post.crowd(500, Lane.BULK, channel="other")
    post.channels["other"].fail("*", *[ChannelDown("away")] * 1_000)
    post.queue("ann", "reply")
    assert await texts_of_next(post, 1) == ["reply"]


PAYING = replace(TELEGRAM, paid=PaidRate(100, 200))
NAMES = {"telegram": [f"p{one}" for one in range(6)], "slack": [f"T{one % 2}/p{one}" for one in range(6)]}
FAILURES = (
    OutcomeUnknown("cut"),
    RateLimited("slow", retry_after=timedelta(seconds=2)),
    ChannelDown("away"),
    MessageRejected("too strange"),
    ParticipantBlocked("blocked"),
    ChannelRefused("token revoked"),
)
GONE = {"crisis_help", "not_wanted", "blocked"}
"""Why rows may be dropped in a play."""


class Play:
    """What may happen to an outbox, at random, and what holds all the same."""

    def __init__(self, post: Post, rng: Random, names: list[str]) -> None:
        self.post, self.rng, self.names = post, rng, names
        self.said: dict[str, list[str]] = {name: [] for name in names}
        """What was queued for each, in order; what was moved to another stands with nobody."""
        self.moved: list[list[str]] = []
        """What was taken from one to another at a time, in order."""
        self.numbers = count()
        self.overtaken: list[str] = []
        self.channel_name = post.channel.name
        send = post.channel.send

        async def watching(message: Outbound) -> str | None:
            self._look_for_overtaken(message)
            sent = await send(message)
            for _ in range(rng.choice((0, 0, 30))):  # it has arrived, and the answer takes its time
                await asyncio.sleep(0)
            return sent

        post.channel.send = watching  # type: ignore[method-assign]

    async def step(self, number: int) -> None:
        """Somebody is written to, something fails, somebody moves, something is dropped, and some is sent."""
        rng, post = self.rng, self.post
        for _ in range(rng.randrange(5)):
            self._queue(rng.choice(self.names), number)
        if rng.random() < 0.4:
            post.channel.fail(f"{self.channel_name}:{rng.choice(self.names)}", rng.choice(FAILURES))
        if rng.random() < 0.1:
            self._move(*rng.sample(self.names, 2))
        if rng.random() < 0.1:
            self._drop()
        if rng.random() < 0.2:
            post.execute("UPDATE address SET status = 'active'")
        if rng.random() < 0.5:
            await self._send_for_a_while()
        if rng.random() < 0.1:
            post.restart()
        check_marks(post)
        post.clock.move(timedelta(seconds=rng.random() * 3))

    def _queue(self, name: str, number: int) -> None:
        lane = self.rng.choice([lane for lane in Lane if lane is not Lane.EDIT])
        text = f"{lane} {number}.{name}.{next(self.numbers)}"
        self.said[name].append(text)
        kind = OutboxKind.HELP if lane is Lane.SAFETY else OutboxKind.MESSAGE
        self.post.queue(name, text, lane=lane, kind=kind, channel=self.channel_name)

    def _move(self, here: str, there: str) -> None:
        """What waits for somebody goes to another of their addresses."""
        ids = [self.post.address(name, self.channel_name) for name in (here, there)]
        waits = {
            text
            for text, row in self.rows().items()
            if row.address == ids[0] and row.status in ("queued", "sending")
        }
        theirs = OUTBOX.c.address_id == ids[0]
        self.post.world.database.write_now(lambda c: outbox_order.move_rows(c, theirs, ids[1]))
        self.moved.append([text for text in self.said[here] if text in waits])
        self.said[here] = [text for text in self.said[here] if text not in waits]

    def _drop(self) -> None:
        """Something that waits is not wanted any more."""
        waits = [row.id for row in self.rows().values() if row.status == "queued"]
        chosen = self.rng.sample(waits, min(len(waits), 2))
        self.post.world.database.write_now(lambda c: outbox.drop_rows(c, chosen, "not_wanted"))

    async def _send_for_a_while(self) -> None:
        """Send, and perhaps be killed at a random moment in it."""
        draining = asyncio.create_task(self.post.delivery.drain())
        if self.rng.random() < 0.5:
            await draining
            return
        for _ in range(self.rng.randrange(40)):
            await asyncio.sleep(0)
        flights = [draining, *self.post.delivery._in_flight]
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        self.post.restart()

    def _look_for_overtaken(self, message: Outbound) -> None:
        """Note what answers a person and could go, where first words or a reminder of ours go."""
        lanes = list(Lane)
        mine = lanes.index(Lane(message.prompt.text.partition(" ")[0]))
        if message.prompt.text not in self.said_in_lane(Lane.BULK):
            return
        now = self.post.clock.now()
        queued = self.post.world.rows(
            "SELECT outbox.id, address_id, lane, outbox.line, not_before FROM outbox"
            " JOIN address ON address.id = address_id WHERE is_head AND outbox.status = 'queued'"
            " AND address.status = 'active' AND lane IN ('safety', 'reply')"
        )
        line = self._line_of(message.address)
        for number, address, lane, its_line, not_before in queued:
            limiter = self.post.delivery._queues.of(its_line).limiter
            rests = lane != "safety" and limiter.address_free(address) > now
            waits = datetime.fromisoformat(not_before).replace(tzinfo=UTC) > now
            if its_line == line and not rests and not waits and lanes.index(Lane(lane)) < mine:
                self.overtaken.append(f"{message.prompt.text} before {number} ({lane})")

    def said_in_lane(self, lane: Lane) -> set[str]:
        """What stands in a lane now: what was promoted is not what it was."""
        return {text for text, row in self.rows().items() if row.lane == lane}

    def _line_of(self, address: str) -> str:
        workspace = IDENTITY.workspace(address)
        return self.channel_name if workspace is None else f"{self.channel_name}/{workspace}"

    def rows(self) -> dict[str, Any]:
        """The rows of the outbox by their texts."""
        found = self.post.world.rows(
            "SELECT id, address_id, status, reason, lane, possibly_duplicate, attempts, payload FROM outbox"
        )
        return {msgspec.json.decode(row[-1])["text"]: Played(*row[:-1]) for row in found}

    def check(self) -> None:
        """Once all is sent: nothing is stuck, lost, twice without being marked so, or out of order."""
        rows = self.rows()
        assert {row.status for row in rows.values()} <= {"sent", "dropped", "failed"}
        assert {row.reason for row in rows.values() if row.status == "dropped"} <= GONE
        for row in rows.values():
            if row.reason == "crisis_help":
                assert row.lane in ("reminder", "bulk")
            if row.status == "failed":
                assert row.reason == "too strange" or "unknown" in row.reason
        arrived = self.post.channel.texts()
        twice = {text for text in arrived if arrived.count(text) > 1}
        assert [text for text in twice if not rows[text].possibly_duplicate] == []
        assert [text for text, row in rows.items() if row.status == "sent" and text not in arrived] == []
        assert [text for text in arrived if rows[text].status == "failed" and not rows[text].attempts] == []
        assert self.overtaken == []
        first = list(dict.fromkeys(arrived))
        for told in (*self.said.values(), *self.moved):
            ordinary = [text for text in told if text in set(first) and not text.startswith("safety")]
            assert [text for text in first if text in set(ordinary)] == ordinary


class Played(NamedTuple):
    """A row of the outbox in a play."""

    id: int
    address: int
    status: str
    reason: str | None
    lane: str
    possibly_duplicate: bool
    attempts: int


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("name", "pace"),
    [("telegram", TELEGRAM), ("telegram", PAYING), ("slack", SLACK)],
    ids=["free", "paid", "slack"],
)
async def test_whatever_happens_order_is_kept_and_nothing_lost(
    tmp_path: Path, name: str, pace: ChannelRates, seed: int
) -> None:
    """
    Random plays over lanes, addresses, failures, retries, refusals, moves, drops, crashes and restarts.

    Order in each chat but for help at risk; no reply waits behind first words; nothing goes twice that is not marked as
    possibly so; each address with something unsent has its head; and in the end all is sent, or told why not.
    """
    post = make_post(tmp_path, pace=pace, names=(name,))
    play = Play(post, Random(seed), NAMES[name])
    for number in range(60):
        await play.step(number)
    for _ in range(20):
        post.clock.move(timedelta(minutes=15))
        await post.delivery.drain()
    assert post.world.database.read_now(outbox.unsent) == 0
    play.check()
    post.world.database.close()


def check_marks(post: Post) -> None:
    """Each address with something unsent has one head, which is on its way or stands in the most urgent lane there."""
    rows = post.world.rows(
        "SELECT address_id, is_head, status, lane FROM outbox"
        " WHERE status IN ('queued', 'sending') AND kind != 'edit'"
    )
    order = list(Lane)
    urgency: dict[int, list[tuple[bool, int]]] = {}
    heads: dict[int, list[tuple[bool, int]]] = {}
    for address, is_head, status, lane in rows:
        found = status != "sending", order.index(Lane(lane))
        urgency.setdefault(address, []).append(found)
        if is_head:
            heads.setdefault(address, []).append(found)
    assert heads == {address: [min(theirs)] for address, theirs in urgency.items()}


@pytest.mark.parametrize("lane", [Lane.SAFETY, Lane.REPLY, Lane.BULK])
async def test_a_clock_that_is_set_back_holds_up_nothing(post: Post, lane: Lane) -> None:
    """After the clock was set back by an hour messages go as before, at their pace."""
    post.queue(1, "before", lane=lane)
    await post.delivery.drain()
    post.clock.move(-timedelta(hours=1))
    began = post.clock.now()
    post.queue(1, "after", lane=lane)
    post.queue(2, "too", lane=lane)
    await post.delivery.drain()
    assert sorted(post.channel.texts()) == ["after", "before", "too"]
    assert post.clock.now() - began < timedelta(seconds=2)


async def test_a_retry_comes_though_the_clock_is_set_back(post: Post) -> None:
    """What waits for a retry is tried soon after the clock was set back by an hour."""
    post.channel.fail("*", ChannelDown("gone"))
    post.queue(1, "help", kind=OutboxKind.HELP)
    await post.delivery.drain()
    post.clock.move(-timedelta(hours=1))
    await post.delivery.drain()
    assert post.channel.texts() == ["help"]


async def test_a_clock_that_goes_back_by_less_than_has_passed(post: Post) -> None:
    """It is noticed by the time that passes: no moment needs to come a second time for that."""
    post.channel.fail("*", RateLimited("slow", retry_after=timedelta(minutes=10)))
    post.queue(1, "first")
    post.queue(2, "second")
    await post.delivery.drain()
    post.clock.move(timedelta(minutes=9))
    post.clock.move(-timedelta(minutes=8))
    await post.delivery.drain()
    assert sorted(post.channel.texts()) == ["first", "second"]


@pytest.mark.parametrize("years", [1, 10])
async def test_a_clock_that_jumps_ahead_and_back_holds_up_nothing(post: Post, years: int) -> None:
    """What went while the clock was years ahead does not make anybody wait for those years."""
    post.clock.jump(timedelta(days=365 * years))
    post.queue(1, "ahead")
    await post.delivery.drain()
    post.clock.jump(-timedelta(days=365 * years))
    began = post.clock.now()
    post.queue(1, "right")
    await post.delivery.drain()
    assert post.channel.texts() == ["ahead", "right"]
    assert post.clock.now() - began < timedelta(seconds=2)
