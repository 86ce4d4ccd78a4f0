"""`said doctor` and the channel where something else than Slack answers: a proxy, a portal, a Slack of another year."""

import asyncio
import contextlib
import json
from types import SimpleNamespace

import pytest
from aiohttp import web

from bot.channels.base import ChannelDown, FindingLevel, OutcomeUnknown, SendError
from bot.channels.slack.channel import SlackChannel
from bot.channels.slack.options import SlackConfig
from tests.emulators.faults import Fault
from tests.emulators.slack.server import SlackEmulator
from tests.support.slack_channel import Inbox, config, question, to, until


@contextlib.asynccontextmanager
async def answering(text, content_type="application/json", status=200):
    """A channel whose Slack gives this answer to every call."""

    async def answer(_request):
        return web.Response(text=text, content_type=content_type, status=status)

    app = web.Application()
    app.add_routes([web.route("*", "/api/{method}", answer)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}/api/"
    try:
        yield SlackChannel(SlackConfig(bot_token="xoxb-1", app_token="xapp-1", api_url=url))
    finally:
        await runner.cleanup()


STRANGE = [
    pytest.param("{}", id="an empty object"),
    pytest.param('{"ok": true}', id="ok and no more"),
    pytest.param('{"ok": true, "user": 5, "team": [], "url": {}}', id="fields of other kinds"),
    pytest.param('{"ok": "yes", "channel": "D1", "ts": null}', id="fields of null"),
    pytest.param('{"ok": false}', id="no and no more"),
    pytest.param('{"ok": false, "error": {"code": 7}}', id="an error that is no word"),
    pytest.param(
        '{"ok": false, "error": "invalid_blocks", "response_metadata": [1]}', id="details of no object"
    ),
    pytest.param("[1, 2]", id="a list"),
    pytest.param('"hello"', id="a string"),
    pytest.param("null", id="null"),
    pytest.param("{", id="half of it"),
    pytest.param("", id="nothing"),
    pytest.param(("<html>Please log in</html>", "text/html"), id="a portal's page"),
    pytest.param(("upstream is up", "text/plain"), id="plain words"),
    pytest.param(("<html>Bad gateway</html>", "text/html", 502), id="a gateway"),
    pytest.param(("[1]", "application/json", 500), id="a list with 500"),
    pytest.param(("slow down", "text/plain", 429), id="429 without seconds"),
]


@pytest.mark.parametrize("answer", STRANGE)
async def test_the_doctor_survives_every_answer(answer):
    """Whatever answers in Slack's place, it becomes findings, and what is wrong has a remedy."""
    async with answering(*([answer] if isinstance(answer, str) else answer)) as channel:
        found = await channel.check()
    wrong = [one for one in found if one.level is not FindingLevel.OK]
    assert len(wrong) == 2  # the bot token and the way in
    assert all(one.remedy for one in wrong)


@pytest.mark.parametrize("answer", STRANGE)
async def test_sending_survives_every_answer(answer):
    """A sending fails with an error that the sender knows; a profile that cannot be read leaves the words."""
    ana = SimpleNamespace(slack=SimpleNamespace(team="T1"), id="U1")
    async with answering(*([answer] if isinstance(answer, str) else answer)) as channel:
        with pytest.raises(SendError):
            await channel.send(to(ana, question(labels=("Yes", "No"))))
        with pytest.raises(SendError):
            await channel.send_document("slack:T1/U1", "a.txt", "words", "here")
        with pytest.raises(SendError):
            await channel._fetch_profile("U1")


@pytest.mark.parametrize("answer", ['{"ok": true}', "[1, 2]", '"hello"', '{"ok": true, "url": 5}'])
async def test_the_socket_waits_for_slack_to_be_slack(answer):
    """Nothing that an answer may be ends the channel: it looks again, as in an outage."""
    looks, looked = [], asyncio.Event()

    async def sleep(seconds):
        looks.append(seconds)
        looked.set()
        await asyncio.Event().wait()

    async with answering(answer) as channel:
        channel._sleep = sleep
        task = asyncio.create_task(channel.run(Inbox().receive))
        await asyncio.wait({task, asyncio.create_task(looked.wait())}, return_when=asyncio.FIRST_COMPLETED)
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert looks == [5]


async def test_a_message_that_was_posted_without_a_name_is_not_posted_again():
    """An `ok` without the message's name may well have been posted: its outcome is unknown, not failed."""
    async with answering(json.dumps({"ok": True})) as channel:
        with pytest.raises(OutcomeUnknown):
            await channel._post_in("D1", SimpleNamespace(text="hello", blocks=[], thread=None))
        with pytest.raises(ChannelDown):
            await channel._room("U1")


async def test_scopes_that_are_not_told_are_a_warning():
    """A proxy that takes Slack's own headers away does not make the scopes missing."""
    told = {"ok": True, "user": "said", "team": "Emulated", "url": "wss://x"}
    async with answering(json.dumps(told)) as channel:
        found = await channel.check()
    assert [one.level for one in found] == [
        FindingLevel.OK,
        FindingLevel.WARN,
        FindingLevel.OK,
        FindingLevel.OK,
    ]


async def test_a_start_is_stored_though_its_profile_cannot_be_read():
    """users.info of another shape delays no start."""
    async with SlackEmulator() as slack:
        inbox, ana = Inbox(), slack.person("Ana")
        slack.user_object = lambda person, locale=True: ["no", "profile"]
        channel = SlackChannel(config(slack))
        task = asyncio.create_task(channel.run(inbox.receive))
        await asyncio.wait_for(slack.dispatcher.wait_connected(), 10)
        assert (await (await ana.start("abc")).settled()).acknowledged
        slack.faults.add("users.info", Fault.GATEWAY)
        assert (await (await ana.start("def")).settled()).acknowledged
        await until(lambda: len(inbox.heard) == 2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [one.text for one in inbox.heard] == ["abc", "def"]
