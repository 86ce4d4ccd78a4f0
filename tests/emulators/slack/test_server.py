"""The emulated Slack is strict in Slack's words; the clients here are slack_sdk's own."""

import asyncio
import json
import sys

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.faults import Fault
from tests.emulators.slack.blockkit import problems
from tests.emulators.slack.control import Control
from tests.emulators.slack.person import NotOnScreen
from tests.support.slack_channel import Inbox, question, running, to


def client(slack, token=None):
    return AsyncWebClient(token=token or slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def word(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


def section(text, kind="plain_text"):
    return {"type": "section", "text": {"type": kind, "text": text}}


def buttons(*labels, **extra):
    made = [{"type": "button", "text": {"type": "plain_text", "text": label}, **extra} for label in labels]
    return {"type": "actions", "elements": made}


def option(text, value):
    return {"text": {"type": "plain_text", "text": text}, "value": value}


def boxes(count, kind="checkboxes", **extra):
    options = [option(f"o{number}", f"v{number}") for number in range(count)]
    return {"type": "actions", "elements": [{"type": kind, "options": options, **extra}]}


BLOCKS = [
    pytest.param([section("ok")], None, id="fine"),
    pytest.param([section("a" * 3001)], "less than 3001", id="section too long"),
    pytest.param([section("🙂" * 1501)], "less than 3001", id="section too long in UTF-16"),
    pytest.param([section("")], "more than 0", id="empty section"),
    pytest.param([{"type": "section"}], "missing required field", id="section without text"),
    pytest.param([{"type": "divider"}] * 51, "no more than 50 items", id="51 blocks"),
    pytest.param([{"type": "carousel"}], "unsupported type", id="unknown block"),
    pytest.param([buttons("a" * 76)], "less than 76", id="long label"),
    pytest.param([buttons(*"a" * 26)], "no more than 25 items", id="26 buttons"),
    pytest.param([buttons()], "no fewer than 1", id="no button"),
    pytest.param([buttons("a", "b", action_id="same")], "already exists", id="same action_id"),
    pytest.param([buttons("a", value="v" * 2001)], "less than 2001", id="long value"),
    pytest.param([buttons("a", style="pink")], "must be one of", id="unknown style"),
    pytest.param([boxes(11)], "no more than 10 items", id="11 boxes"),
    pytest.param([boxes(11, "radio_buttons")], "no more than 10 items", id="11 radio buttons"),
    pytest.param([boxes(101, "static_select")], "no more than 100 items", id="101 options"),
    pytest.param([boxes(3, initial_options=[])], "must not be empty", id="empty initial options"),
    pytest.param(
        [boxes(3, initial_options=[option("x", "y")])], "among the options", id="strange initial option"
    ),
    pytest.param(
        [section("a") | {"block_id": "x"}, section("b") | {"block_id": "x"}],
        "already exists",
        id="same block_id",
    ),
    pytest.param(
        [{"type": "header", "text": {"type": "mrkdwn", "text": "h"}}],
        "must be plain_text",
        id="mrkdwn header",
    ),
    pytest.param("blocks", "must be an array", id="no array"),
]


@pytest.mark.parametrize(("blocks", "complaint"), BLOCKS)
def test_block_kits_limits(blocks, complaint):
    """Each limit of Block Kit is checked, and the complaint names the place."""
    found = problems(blocks)
    assert found == [] if complaint is None else complaint in found[0]
    assert all("[json-pointer:/" in one for one in found)


async def test_invalid_blocks_come_with_their_reasons(slack):
    """invalid_blocks carries what is wrong, in response_metadata."""
    ana = slack.person("Ana")
    slack.room_of(ana)
    response = await word(client(slack).chat_postMessage(channel=ana.room, text="t", blocks=[section("")]))
    assert response["error"] == "invalid_blocks"
    assert "/blocks/0/text" in response["response_metadata"]["messages"][0]
    assert ana.from_bot == []


POSTS = [
    ({"channel": "D9999", "text": "x"}, "channel_not_found"),
    ({"text": ""}, "no_text"),
    ({"text": "a" * 40_001}, "msg_too_long"),
    ({"text": "t", "blocks": [section("a" * 3000)] * 5}, "msg_blocks_too_long"),
]


@pytest.mark.parametrize(("arguments", "error"), POSTS)
@pytest.mark.filterwarnings("ignore:The top-level")
async def test_refusals_of_a_post(slack, arguments, error):
    """chat.postMessage refuses in Slack's words."""
    ana = slack.person("Ana")
    slack.room_of(ana)
    call = client(slack).chat_postMessage(**({"channel": ana.room} | arguments))
    assert (await word(call))["error"] == error


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-other", "auth.test", "invalid_auth"),
        ("xapp-emulated-app", "auth.test", "not_allowed_token_type"),
        ("xoxb-emulated-bot", "apps.connections.open", "not_allowed_token_type"),
        ("xoxb-emulated-bot", "chat.meow", "unknown_method"),
    ],
)
async def test_tokens_and_methods(slack, token, method, error):
    """Each method takes its own kind of token, and no other."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack.api_url + method, headers=headers) as answer,
    ):
        assert (await answer.json())["error"] == error


async def test_json_form_and_query_are_all_read(slack):
    """Arguments come as JSON, as a form or in the query; blocks in a form are JSON text."""
    ana = slack.person("Ana")
    slack.room_of(ana)
    fields = {"channel": ana.room, "text": "t", "blocks": json.dumps([section("shown")])}
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(f"{slack.api_url}chat.postMessage", data=fields) as answer:
            assert (await answer.json())["ok"]
        async with session.get(f"{slack.api_url}users.info", params={"user": ana.id}) as answer:
            assert "locale" not in (await answer.json())["user"]
    assert (await client(slack).users_info(user=ana.id, include_locale=True))["user"]["locale"] == "en-GB"
    assert ana.last.shown == "shown"


async def test_a_trigger_opens_one_view_in_time(slack):
    """A trigger is good once, for three seconds."""
    ana, view = (
        slack.person("Ana"),
        {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []},
    )
    now = 100.0
    slack.now = lambda: now
    late, used = slack.trigger(ana), slack.trigger(ana)
    await client(slack).views_open(trigger_id=used, view=view)
    now += 3.5
    for trigger, error in (
        (used, "exchanged_trigger_id"),
        (late, "expired_trigger_id"),
        ("x", "invalid_trigger_id"),
    ):
        assert (await word(client(slack).views_open(trigger_id=trigger, view=view)))["error"] == error


async def test_a_view_can_be_replaced(slack):
    """views.update shows another form in the same place."""
    ana = slack.person("Ana")
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [section("one")]}
    opened = await client(slack).views_open(trigger_id=slack.trigger(ana), view=view)
    await client(slack).views_update(view_id=opened["view"]["id"], view=view | {"blocks": [section("two")]})
    assert ana.modal["blocks"][0]["text"]["text"] == "two"
    assert (await word(client(slack).views_update(view_id="V9", view=view)))["error"] == "not_found"


async def test_a_socket_needs_a_fresh_ticket(slack):
    """The URL of a socket is good once."""
    url = (await client(slack, slack.app_token).apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_an_unacknowledged_envelope_comes_again(slack):
    """Without an acknowledgement the same event comes in new envelopes, numbered, and then is given up."""
    slack.dispatcher.ack_seconds = 0.05
    slack.dispatcher.time_scale = 0
    url = (await client(slack, slack.app_token).apps_connections_open(app_token=slack.app_token))["url"]
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.receive_json()
        delivery = await slack.person("Ana").type("hello")
        envelopes = [await socket.receive_json() for _ in range(4)]
        await delivery.settled()
    assert not delivery.acknowledged
    assert [one["retry_attempt"] for one in envelopes] == [0, 1, 2, 3]
    assert [one["retry_reason"] for one in envelopes] == ["", "timeout", "timeout", "timeout"]
    assert len({one["envelope_id"] for one in envelopes}) == 4
    assert len({one["payload"]["event_id"] for one in envelopes}) == 1


async def test_an_interaction_fails_before_the_persons_eyes(slack):
    """Taps and commands are not sent again: the person sees that it did not work."""
    slack.dispatcher.ack_seconds = 0.05
    inbox, ana = Inbox(fails=1), slack.person("Ana")
    async with running(slack, inbox):
        delivery = await (await ana.command("/said start abc")).settled()
        await ana.wait_until(lambda: bool(ana.ephemerals))
    assert (delivery.acknowledged, delivery.attempts) == (False, 1)
    assert ana.ephemerals == ["operation_timeout"]


async def test_the_person_sees_what_is_shown(slack):
    """A person names controls by their words, also where a button carries only a number; else they fail
    aloud.
    """
    inbox, ana = Inbox(), slack.person("Ana")
    long = "I will ask every patient with a new diagnosis about pain, sleep and work at each visit"
    async with running(slack, inbox) as channel:
        await channel.send(to(ana, question(labels=(long, "No"))))
        await (await ana.tap(long)).settled()
        with pytest.raises(NotOnScreen):
            await ana.tap("Maybe")
        with pytest.raises(NotOnScreen):
            await ana.wait_for_message("never said", seconds=0.01)
    assert [one.button for one in inbox.heard] == ["7.1.0"]


async def test_it_runs_alone_and_can_be_steered(monkeypatch):
    """As a process of its own it is steered over HTTP, faults and breaks included."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.emulators.slack.server",
        "--ack-seconds",
        "2",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    about = json.loads(await process.stdout.readline())
    control, inbox = Control(about["url"]), Inbox()
    try:
        from bot.channels.slack.channel import SlackChannel
        from bot.channels.slack.options import SlackConfig

        names = ("bot_token", "app_token", "signing_secret", "api_url")
        channel = SlackChannel(SlackConfig(**{name: about[name] for name in names}))
        task = asyncio.create_task(channel.run(inbox.receive))
        said = await control.act("U1", "type", wait=True, text="hello")
        assert said["acknowledged"]
        await control.plan_fault("chat.postMessage", Fault.BLOCKED, times=1)
        await control.set(duplicate=1)
        await control.sockets("disconnect")
        assert (await control.act("U1", "start", wait=True, token="abc"))["acknowledged"]
        log = await control.log()
        assert len(log["deliveries"]) == 3
        assert await control.messages("U1") == []
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    finally:
        process.terminate()
        await process.wait()
        await control.close()
    assert [one.text for one in inbox.heard] == ["hello", "abc"]
