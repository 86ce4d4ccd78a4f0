"""A reply waits while nobody knows whether its question has arrived; help and the end do not."""

import asyncio

import pytest

from bot.channels.base import InboundKind
from bot.conversations.sight import WAIT
from bot.delivery.sender import Delivery, DeliveryOptions
from flows.i18n.say import Sentence
from storage.conversations import inbox
from storage.database.wakeups import WorkKind
from storage.schema import OutboxStatus
from tests.support.fake_channel import FakeChannel
from tests.support.ordered_chat import OrderedChat
from tests.support.seen_words import answers, begin, consents, to_story
from tests.support.turn_world import said, texts


@pytest.mark.parametrize(("question_first", "kept"), [(True, "some words"), (False, None)])
async def test_a_reply_waits_for_a_sending_without_an_outcome(world, chat, question_first, kept):
    """It is answered once the outcome is known: before that, nobody knows what stands first in the chat."""
    await chat.start(world.token())
    await chat.write("blue")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.set_status(row, OutboxStatus.SENDING)
    number = next(chat.ids) if question_first else None
    await chat.write("some words")
    await world.runtime.drain()
    assert answers(world) == [("colour", "blue", "answered")]
    chat.mark(row, number=number)
    await world.runtime.drain()
    assert [raw for slot, raw, _ in answers(world) if slot == "words"] == ([kept] if kept else [])


async def test_half_a_minute_of_doubt_is_enough(world, chat):
    """After it the question counts as shown."""
    await chat.start(world.token())
    await chat.write("blue")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.set_status(row, OutboxStatus.SENDING)
    await chat.write("some words")
    await world.runtime.drain()
    assert answers(world) == [("colour", "blue", "answered")]
    chat.wait(seconds=WAIT.total_seconds())
    await world.runtime.drain()
    assert answers(world)[-1] == ("words", "some words", "answered")


@pytest.mark.parametrize("words", ["I want to kill myself", "stop"])
async def test_what_must_be_heard_waits_for_no_sending(world, chat, words):
    """Help and the end come at once, though the question before them has no known outcome."""
    await to_story(chat)
    await chat.write("It began in April, after a long winter.")
    await world.runtime.drain()
    for row in chat.unsent():
        chat.set_status(row, OutboxStatus.SENDING)
    await chat.write(words)
    chat.person.look()
    await world.runtime.drain()
    told = texts(chat.person.look())
    assert len(told) == 1
    assert "emergency" in told[0].lower() or told == [said(Sentence.STOPPED)]


@pytest.mark.parametrize("at_once", [False, True])
async def test_help_waits_for_no_words_before_it_that_wait(world, chat, at_once):
    """Whoever writes something, and then that they are at risk, is helped at once, whatever is on its way."""
    await to_story(chat)
    await chat.write("It began in April, after a long winter.")
    await world.runtime.drain()
    for row in chat.unsent():
        chat.set_status(row, OutboxStatus.SENDING)
    await chat.write("Nothing helps.")
    if not at_once:
        await world.runtime.drain()
        chat.wait(seconds=2)
    await chat.write("I want to kill myself")
    chat.person.look()
    await world.runtime.drain()
    assert world.rows("SELECT count(*) FROM outbox WHERE lane = 'safety'") == [(1,)]
    assert world.rows("SELECT count(*) FROM inbox WHERE handled_at IS NULL") == [(0,)]


async def test_a_consent_in_doubt_is_shown_again(world, chat):
    """Nobody consents to what may not have arrived."""
    await begin(chat)
    await chat.write("continue")
    await world.runtime.drain()
    for row in chat.unsent():
        chat.set_status(row, OutboxStatus.QUEUED, in_doubt=True)
    await chat.write("yes")
    chat.wait(seconds=WAIT.total_seconds())
    await world.runtime.drain()
    assert consents(world) == []
    assert len(chat.rows_of("Do you agree to take part?")) == 2


class Rung:
    """Wake-ups that are only counted."""

    def __init__(self):
        self.work = []

    def defer(self, _connection, work, _addresses):
        self.work.append(work)

    def listen(self, _work, _wake):
        """Nobody is woken: the test asks."""

    async def run(self):
        """Nothing is carried."""


async def test_the_end_of_a_sending_wakes_the_reply_that_waits(world, chat):
    """While the call is on its way the reply waits; when it has landed, it is taken up."""
    channel, bell = FakeChannel(world.clock.now, "telegram"), Rung()
    delivery = Delivery(world.database, {"telegram": channel}, world.clock, DeliveryOptions(wakeups=bell))
    await world.runtime.receive([chat.person.inbound(InboundKind.START, text=world.token())])
    await world.runtime.drain()
    gate = channel.hold(chat.address)
    sending = asyncio.create_task(delivery.drain())
    await channel.until(lambda: bool(channel.calls))
    await chat.write("blue")
    await world.runtime.drain()
    assert answers(world) == []
    assert bell.work == []
    gate.set()
    await sending
    assert bell.work == [WorkKind.INBOX]
    await world.runtime.drain()
    assert answers(world) == [("colour", "blue", "answered")]


async def test_a_reply_that_waits_is_looked_at_in_time(world, chat):
    """Not half a minute after the half minute: the runtime sleeps until the reply is due."""
    await chat.start(world.token())
    await chat.write("blue")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.set_status(row, OutboxStatus.SENDING)
    await chat.write("some words")
    await world.runtime.drain()
    due = world.database.read_now(inbox.next_postponed)
    assert due == world.clock.now() + WAIT
    chat.wait(seconds=WAIT.total_seconds())
    await world.runtime.drain()
    assert world.database.read_now(inbox.next_postponed) is None


async def test_others_do_not_wait_with_them(world, chat):
    """A reply that waits holds up its own chat and nobody else's, also in the same batch."""
    other = OrderedChat(world, "telegram:2")
    for each in (chat, other):
        await each.start(world.token())
        await each.write("blue")
    await world.runtime.drain()
    [row] = chat.unsent()
    chat.set_status(row, OutboxStatus.SENDING)
    other.show()
    for each in (chat, other):
        await each.write("some words")
    await chat.write("more")
    await world.runtime.drain()
    assert [raw for _, raw, _ in answers(world)] == ["blue", "blue", "some words"]
