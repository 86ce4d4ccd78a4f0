"""Socket Mode over days: refreshes, breaks, silent connections and tokens that are taken back."""

import asyncio
import contextlib

import pytest

from bot.channels.base import ChannelRefused
from bot.channels.slack.channel import SlackChannel
from tests.emulators.faults import Fault
from tests.emulators.slack.server import SlackEmulator
from tests.support.slack_channel import Inbox, config, run_task, running, until


@pytest.fixture
async def slack():
    async with SlackEmulator(ack_seconds=0.5) as emulator:
        yield emulator


class Looks:
    """A sleep that lasts until the test says so: one `look` is one round of the watchdog."""

    def __init__(self):
        self.waits = []
        self._gate = asyncio.Semaphore(0)
        self._arrived = asyncio.Condition()

    async def sleep(self, seconds):
        async with self._arrived:
            self.waits.append(seconds)
            self._arrived.notify_all()
        await self._gate.acquire()

    async def settled(self, count):
        """Until the watchdog has finished so many rounds."""
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(lambda: len(self.waits) >= count), 10)

    async def look(self):
        count = len(self.waits)
        self._gate.release()
        await self.settled(count + 1)


@contextlib.asynccontextmanager
async def watched(slack, inbox, looks):
    channel = SlackChannel(config(slack), sleep=looks.sleep)
    task = asyncio.create_task(channel.run(inbox.receive))
    try:
        yield channel, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_refreshes_and_breaks_lose_nothing(slack):
    """Through goodbyes of every kind all that was said is stored, once."""
    inbox, ana = Inbox(), slack.person("Ana")
    said = []
    async with running(slack, inbox) as channel:
        for number, reason in enumerate(["refresh_requested", "warning", "refresh_requested"]):
            said.append(await ana.type(f"before {number}"))
            await slack.dispatcher.disconnect(reason)
            said.append(await ana.type(f"between {number}"))
            await asyncio.wait_for(slack.dispatcher.wait_connected(), 10)
            said.append(await ana.type(f"after {number}"))
        for delivery in said:
            assert (await delivery.settled()).acknowledged
        assert channel.keeper.opened == 1  # slack_sdk's own reconnecting did it
    assert sorted(one.text for one in inbox.heard) == sorted(one.payload["event"]["text"] for one in said)


async def test_a_break_without_a_word_is_repaired(slack):
    """A connection that breaks silently is found by the watchdog, and what was not acknowledged comes
    again.
    """
    inbox, ana, looks = Inbox(), slack.person("Ana"), Looks()
    async with watched(slack, inbox, looks) as (channel, _):
        await asyncio.wait_for(slack.dispatcher.wait_connected(), 10)
        slack.faults.add("apps.connections.open", Fault.SERVER_ERROR, times=3)
        slack.dispatcher.drop_sockets()
        lost = await ana.type("during the break")
        await until(lambda: channel.keeper._handler.client.current_session.closed)
        for _ in range(6):
            if slack.dispatcher.sockets:
                break
            await looks.look()
        assert (await asyncio.wait_for(lost.settled(), 10)).acknowledged
    assert [one.text for one in inbox.heard] == ["during the break"]


async def test_a_connection_that_was_never_greeted_is_replaced(slack):
    """A socket that is up but was not greeted brings no events: after two looks it is built anew."""
    inbox, ana, looks = Inbox(), slack.person("Ana"), Looks()
    slack.dispatcher.greets = False
    async with watched(slack, inbox, looks) as (channel, _):
        await looks.settled(1)
        unheard = await ana.type("hello?")
        await looks.look()
        assert channel.keeper.opened == 1
        slack.dispatcher.greets = True
        await looks.look()
        assert channel.keeper.opened == 2
        assert (await asyncio.wait_for(unheard.settled(), 10)).acknowledged
        await until(lambda: len(slack.dispatcher.sockets) == 1)
        await looks.look()
        await looks.look()
        assert channel.keeper.opened == 2
    assert [one.text for one in inbox.heard] == ["hello?"]


async def test_looks_are_rare_while_all_is_well_and_frequent_while_nothing_is_open(slack):
    """Half a minute between looks; five seconds while Slack cannot be reached; each look tests the bot
    token.
    """
    looks = Looks()
    slack.faults.add("apps.connections.open", Fault.GATEWAY)
    async with watched(slack, Inbox(), looks):
        await looks.settled(1)
        await looks.look()
        await looks.look()
    assert looks.waits == [5, 30, 30]
    assert len(slack.said("auth.test")) == 3


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("auth.test", "token_revoked"),
        ("auth.test", "account_inactive"),
        ("apps.connections.open", "invalid_auth"),
        ("apps.connections.open", "not_authed"),
        ("apps.connections.open", "a_word_from_next_year"),
        ("auth.test", "user_removed_from_team"),
    ],
)
async def test_a_refused_token_ends_the_channel_and_says_why(slack, method, error):
    """What only the operator can settle is raised at once, and nothing goes round."""
    slack.faults.add(method, Fault.REVOKED, error=error, times=100)
    with pytest.raises(ChannelRefused, match=error):
        await asyncio.wait_for(SlackChannel(config(slack)).run(Inbox().receive), 10)
    assert slack.faults.met == [(method, Fault.REVOKED)]


@pytest.mark.parametrize("socket", [True, False], ids=["socket", "http"])
@pytest.mark.parametrize("event", ["revoke", "uninstall"])
async def test_being_removed_ends_the_channel(slack, event, socket):
    """tokens_revoked and app_uninstalled are acknowledged, and the channel ends by telling the operator."""
    inbox = Inbox()
    async with running(slack, inbox, socket=socket):
        receiving = run_task()
        assert (await getattr(slack, event)().settled()).acknowledged
        with pytest.raises(ChannelRefused, match="install the app again"):
            await asyncio.wait_for(receiving, 10)
    assert inbox.stored == []


async def test_old_news_of_a_token_does_not_end_the_channel(slack):
    """Slack may tell of the old token minutes later, when the app has long been installed again."""
    async with running(slack, Inbox()) as channel:
        slack.send_event({"type": "app_uninstalled"})
        event = {"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}}
        assert (await slack.send_event(event).settled()).acknowledged
        await channel._doubts
        assert not channel._ended.done()


async def test_a_users_token_that_is_revoked_is_not_ours(slack):
    """tokens_revoked also tells of people's own tokens; those do not concern the bot."""
    async with running(slack, Inbox()) as channel:
        event = {"type": "tokens_revoked", "tokens": {"oauth": ["U0001"], "bot": []}}
        assert (await slack.send_event(event).settled()).acknowledged
        assert not channel._ended.done()


async def test_stopping_leaves_nothing_running(slack):
    """When the channel is cancelled its socket is closed."""
    async with running(slack, Inbox()):
        assert len(slack.dispatcher.sockets) == 1
    await until(lambda: not slack.dispatcher.sockets)
