"""The web as a channel: what is sent has its number, and what is missing is said."""

import asyncio

import pytest

from bot.channels.base import FindingLevel, Inbound, InboundKind, Outbound, message_order
from bot.channels.web.channel import WebChannel
from bot.channels.web.options import WebConfig
from bot.channels.web.source import PagedChannel
from bot.channels.web.turns import WebTurns
from flows.engine.effects import Prompt
from tests.support.page_source import FakePages

ADDRESS = "web:" + "0" * 32
HELLO = Inbound(address=ADDRESS, external_id="web-1", kind=InboundKind.TEXT, text="hello")


def channel_at(url: str = "https://talk.example.org") -> tuple[WebChannel, FakePages]:
    """A channel, with its pages."""
    channel, pages = WebChannel(WebConfig(public_url=url)), FakePages()
    assert isinstance(channel, PagedChannel)
    channel.pages = pages
    return channel, pages


async def test_messages_are_numbered_in_their_order():
    """Each has a greater number than all before; one that is shown anew keeps its own."""
    channel, _ = channel_at()
    names = [await channel.send(Outbound(address=ADDRESS, prompt=Prompt("Hello"))) for _ in range(3)]
    names.append(await channel.send_document(ADDRESS, "my-data.txt", "", "Here it is"))
    orders = [message_order(name) for name in names]
    assert None not in orders
    assert orders == sorted(set(orders))
    assert orders[0] > 5000
    again = Outbound(address=ADDRESS, prompt=Prompt("Hello"), message_id="7000", refresh=True)
    assert await channel.send(again) == "7000"


async def test_a_post_is_answered_once_its_turn_is_over():
    """It waits for what is sent, and looks then; where that takes too long it says so."""
    turns, pages = WebTurns(patience_seconds=0.3), FakePages()
    turns.pages, turns.receive = pages, pages.receive
    assert await turns.take(HELLO)
    pages.settled = False
    assert not await turns.take(HELLO)
    taking = asyncio.create_task(turns.take(HELLO))
    await asyncio.sleep(0.15)
    pages.settled = True
    turns.sent(ADDRESS)
    assert await taking


async def test_nothing_is_taken_while_nobody_receives():
    """Before the bot runs and after it stopped a post is refused, so that nothing is acknowledged and lost."""
    turns = WebTurns(patience_seconds=0.3)
    turns.pages = FakePages()
    with pytest.raises(ConnectionError):
        await turns.take(HELLO)


@pytest.mark.parametrize(
    ("url", "level"), [("https://127.0.0.1:1", FindingLevel.OK), ("http://127.0.0.1:1", FindingLevel.WARN)]
)
async def test_the_doctor_is_told_who_reaches_the_pages(url, level):
    """Everybody over https, this machine alone without; and nobody while nobody answers there."""
    found, answered = await channel_at(url)[0].check()
    assert found.level is level
    assert url in found.text
    assert "nobody answers" in answered.text
