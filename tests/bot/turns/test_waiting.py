"""Promises of the runtime to whoever waits: all are answered, those at risk first, and nobody later than need be."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.channels.base import InboundKind
from bot.conversations.sight import WAIT
from bot.turns import runtime
from bot.turns.runtime import Runtime, RuntimeOptions
from storage.database import wakeups
from storage.database.wakeups import WorkKind
from storage.schema import OutboxStatus
from tests.support.ordered_chat import OrderedChat
from tests.support.turn_world import COLOUR, SURE, flows, opens, texts

NOBODY_WAITS = [(0,)]


def unhandled(world):
    return world.rows("SELECT count(*) FROM inbox WHERE handled_at IS NULL")


async def answering(world):
    """A chat at a question for own words of which nobody knows whether it has arrived: a reply to it waits."""
    chat = OrderedChat(world)
    await chat.start(world.token())
    await chat.write("red")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.set_status(row, OutboxStatus.SENDING)
    chat.person.look()
    return chat


async def test_those_beyond_a_transaction_are_answered_by_the_next(world):
    """However few turns go into one, nobody is left until another message comes."""
    options = RuntimeOptions(opens=opens, batch=2)
    world.runtime, sizes = Runtime(world.database, flows(), world.clock, options), []
    token, write = world.group(), world.database.write
    people = [world.someone(f"p{number}") for number in range(5)]
    await world.runtime.receive([one.inbound(InboundKind.START, text=token) for one in people])

    async def noted(work):
        result = await write(work)
        sizes.append(result[0])
        return result

    world.database.write = noted
    assert await world.runtime.drain() == 5
    world.database.write = write
    assert max(sizes) == 2
    assert [texts(one.look()) for one in people] == [[COLOUR]] * 5


@pytest.mark.parametrize("at_once", [True, False])
async def test_somebody_at_risk_waits_for_nothing_that_stands_before(world, at_once):
    """What they wrote before may wait for its question to arrive; once they are at risk, both are answered."""
    chat, other = await answering(world), OrderedChat(world, "telegram:2")
    await chat.write("Nothing helps.")
    if not at_once:
        await world.runtime.drain()
        await other.write("hello")
        await world.runtime.drain()
        assert unhandled(world) == [(1,)]
    await chat.write("I want to kill myself")
    await world.runtime.drain()
    assert unhandled(world) == NOBODY_WAITS
    assert world.rows("SELECT address_id FROM outbox WHERE lane = 'safety'") == [(1,)]


async def test_other_words_leave_what_waits_waiting(world):
    """Nobody knows yet what stood before them in the chat."""
    chat = await answering(world)
    for words in ("Nothing helps.", "It is as it was."):
        await chat.write(words)
        await world.runtime.drain()
    assert unhandled(world) == [(2,)]
    assert chat.person.look() == []


async def test_what_waits_is_answered_when_it_is_due(world, monkeypatch):
    """The loop sleeps no longer than that: it needs no other message, and no look that comes every half minute."""
    for module in (runtime, wakeups):
        monkeypatch.setattr(module, "RECONCILE_SECONDS", 3600.0)
    chat, read, a_moment = await answering(world), world.database.read, timedelta(milliseconds=20)
    await chat.write("Nothing helps.")
    await world.runtime.drain()
    world.clock.move(WAIT - a_moment)
    looked, answered = asyncio.Event(), asyncio.Event()
    world.runtime.wakeups.listen(WorkKind.OUTBOX, answered.set)

    async def watched(work):
        found = await read(work)
        if isinstance(found, datetime):
            looked.set()
        return found

    monkeypatch.setattr(world.database, "read", watched)
    async with asyncio.TaskGroup() as group:
        loop = group.create_task(world.runtime.run())
        await looked.wait()
        assert chat.person.look() == []
        world.clock.move(a_moment)
        while not (shown := chat.person.look()):
            await answered.wait()
            answered.clear()
        loop.cancel()
    assert texts(shown) == [SURE]
    assert unhandled(world) == NOBODY_WAITS
