"""One person who floods: bounded in turns and in messages, told once, heard when at risk, and nothing is lost."""

from datetime import timedelta

import pytest

from bot.channels.base import InboundKind
from bot.delivery.rate_limits import TELEGRAM
from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.turns.turn_budget import MOST_WAITING, ORDINARY, QUIET, TurnBudget
from flows.i18n.say import Sentence
from tests.support.fake_channel import FakeChannel
from tests.support.turn_world import COLOUR, Someone, World, said, texts

TOLD = said(Sentence.TOO_FAST)
WAITING = (
    "SELECT count(*) FROM outbox JOIN address ON address.id = address_id"
    " WHERE outbox.status = 'queued' AND lookup = :lookup"
)


def bounded(world: World) -> None:
    """Have turns bounded, as in the bot that runs."""
    world.runtime._budget = TurnBudget(ORDINARY)


def sending(world: World) -> Delivery:
    """What sends to the terminal at Telegram's pace."""
    channel = FakeChannel(world.clock.now, "terminal")
    options = DeliveryOptions(rates={"terminal": TELEGRAM}, sleep=clock_sleep(world.clock))
    return Delivery(world.database, {"terminal": channel}, world.clock, options)


async def flood(world: World, someone: Someone, *lines: str) -> None:
    await world.runtime.receive([someone.inbound(InboundKind.TEXT, text=line) for line in lines])


def unhandled(world: World) -> int:
    return int(world.rows("SELECT count(*) FROM inbox WHERE handled_at IS NULL")[0][0])


async def test_a_flood_is_answered_in_order_and_whole(world: World) -> None:
    """What is beyond the budget waits and is answered later, in order; it is told of once, and others are not late."""
    bounded(world)
    ann, ben = world.someone(), world.someone("ben")
    for one in (ann, ben):
        await one.start(world.token())
    await flood(world, ann, *[f"I do not know {number}" for number in range(300)])
    assert texts(await ben.say("red"))[-1] == "Say something."
    assert unhandled(world) >= 300 - ORDINARY.burst
    delivery, most, heard = sending(world), 0, texts(ann.look())
    for _ in range(2_000):
        world.clock.move(timedelta(seconds=1))
        await world.runtime.drain()
        most = max(most, int(world.rows(WAITING, lookup=world.database.identity.lookup(ann.address))[0][0]))
        await delivery.drain()
        heard += texts(ann.look())
        if not unhandled(world):
            break
    assert unhandled(world) == 0
    assert heard.count(TOLD) == 1
    assert most <= MOST_WAITING + 4
    order = world.rows("SELECT id FROM inbox WHERE address_id = 1 ORDER BY handled_at, id")
    assert order == sorted(order)
    assert world.rows("SELECT count(*) FROM inbox WHERE error IS NOT NULL") == [(0,)]


async def test_somebody_at_risk_is_heard_through_a_flood(world: World) -> None:
    """Words of somebody at risk far behind in the inbox are answered before the budget would let them through."""
    bounded(world)
    ann = world.someone()
    await ann.start(world.token())
    lines = [f"I do not know {number}" for number in range(200)]
    await flood(world, ann, *lines, "I want to kill myself", *lines)
    for _ in range(6):
        world.clock.move(timedelta(seconds=1))
        await world.runtime.drain()
    assert world.rows("SELECT count(*) FROM outbox WHERE lane = 'safety'") == [(1,)]
    assert unhandled(world) >= 100


async def test_it_is_told_again_after_a_quiet_hour(world: World) -> None:
    """Whoever floods another day is told another time."""
    bounded(world)
    ann = world.someone()
    await ann.start(world.token())
    heard = []
    for _ in range(2):
        await flood(world, ann, *[f"What {number}?" for number in range(40)])
        for _ in range(20):
            await world.runtime.drain()
            world.clock.move(timedelta(seconds=1))
            await sending(world).drain()
        heard += texts(ann.look())
        world.clock.move(2 * QUIET)
    assert heard.count(TOLD) == 2


async def test_a_question_put_again_replaces_the_one_that_waits(world: World) -> None:
    """Of a question that is repeated only the newest waits to be sent."""
    ann = world.someone()
    await ann.start(world.token())
    for number in range(5):
        await ann.say(f"I do not know {number}")
    queued = "SELECT json_extract(payload, '$.text'), reason FROM outbox WHERE ask IS NOT NULL AND status = 'queued'"
    waiting = world.rows(queued)
    assert len(set(waiting)) == len(waiting)
    assert (COLOUR, None) in waiting
    assert world.rows("SELECT DISTINCT reason FROM outbox WHERE status = 'dropped'") == [("asked_again",)]


@pytest.mark.parametrize("lines", [1, ORDINARY.burst + 5])
async def test_a_clock_that_is_set_back_makes_nobody_wait(world: World, lines: int) -> None:
    """Whoever wrote just before the clock was set back by an hour is answered within a minute after it."""
    bounded(world)
    ann = world.someone()
    await ann.start(world.token())
    for number in range(lines):
        await ann.say(f"What {number}?")
    world.clock._at -= timedelta(hours=1)
    await flood(world, ann, "red")
    for _ in range(60):
        world.clock.move(timedelta(seconds=1))
        await world.runtime.drain()
    assert world.rows("SELECT count(*) FROM inbox WHERE handled_at IS NULL AND payload LIKE '%red%'") == [
        (0,)
    ]


async def test_a_question_that_the_same_words_lead_to_replaces_it_too(world: World) -> None:
    """Whoever is misread again and again waits for one message; one that other words lead to is not lost."""
    ann = world.someone()
    await ann.start(world.token("hcp_commitment"))
    await sending(world).drain()
    ann.look()
    for number in range(8):
        await ann.say(f"What is it {number}?")
    await ann.say("time zone Tokyo")
    queued = "SELECT json_extract(payload, '$.lead') FROM outbox WHERE ask = 0 AND status = 'queued'"
    [first, misread, told] = [lead for (lead,) in world.rows(queued)]
    assert "Tokyo" in told
    assert first
    assert misread
    assert "Tokyo" not in misread
