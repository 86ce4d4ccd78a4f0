"""Signed HTTP requests: who may knock, and what they hear."""

import time

import aiohttp
import pytest

from bot.channels.slack.channel import EVENTS_PATH, SlackChannel
from flows.engine.effects import PromptKind
from tests.emulators.slack.delivery import Delivery, Kind, encode, signature
from tests.emulators.slack.server import SlackEmulator
from tests.support.slack_channel import PROXIES, Inbox, config, question, running, serving, to


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack():
    async with SlackEmulator(ack_seconds=2) as emulator:
        yield emulator


def an_event(slack, ana):
    slack.room_of(ana)
    event = {
        "type": "message",
        "channel_type": "im",
        "user": ana.id,
        "text": "hello",
        "ts": "1.1",
        "event_ts": "1.1",
    }
    return encode(
        Delivery(Kind.EVENT, {"type": "event_callback", "event_id": "Ev9", "team_id": "T1", "event": event})
    )


async def post(url, body, headers):
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


SIGNATURES = [
    pytest.param(0, None, {}, 200, id="good"),
    pytest.param(-301, None, {}, 401, id="older than five minutes"),
    pytest.param(0, "another secret", {}, 401, id="wrong secret"),
    pytest.param(0, "", {}, 401, id="empty secret"),
    pytest.param(0, None, {"x-slack-signature": "v0=abc"}, 401, id="wrong signature"),
    pytest.param(0, None, {"x-slack-signature": None}, 401, id="no signature"),
    pytest.param(0, None, {"x-slack-request-timestamp": None}, 401, id="no timestamp"),
]


@pytest.mark.parametrize(("age", "secret", "changes", "status"), SIGNATURES)
async def test_only_slack_is_heard(slack, age, secret, changes, status):
    """An old, wrong or missing signature is refused, and stores nothing."""
    inbox, ana = Inbox(), slack.person("Ana")
    body, headers = an_event(slack, ana)
    signed = signature(slack.signing_secret if secret is None else secret, body, at=int(time.time()) + age)
    headers = {name: value for name, value in (headers | signed | changes).items() if value is not None}
    async with running(slack, inbox, socket=False):
        assert (await post(slack.dispatcher.request_url, body, headers))[0] == status
    assert [one.text for one in inbox.heard] == (["hello"] if status == 200 else [])


async def test_a_changed_body_is_refused(slack):
    """The signature is over the raw body."""
    inbox, ana = Inbox(), slack.person("Ana")
    body, headers = an_event(slack, ana)
    headers |= signature(slack.signing_secret, body, at=int(time.time()))
    async with running(slack, inbox, socket=False):
        status, _ = await post(slack.dispatcher.request_url, body.replace(b"hello", b"adieu"), headers)
    assert (status, inbox.stored) == (401, [])


async def test_slacks_first_question_is_answered(slack):
    """url_verification echoes the challenge, so that the address can be set in the app's settings."""
    body, headers = encode(Delivery(Kind.EVENT, {"type": "url_verification", "challenge": "echo me"}))
    headers |= signature(slack.signing_secret, body, at=int(time.time()))
    async with running(slack, Inbox(), socket=False):
        assert await post(slack.dispatcher.request_url, body, headers) == (200, '{"challenge": "echo me"}')


async def test_before_anybody_receives_nothing_is_acknowledged(slack):
    """While the program starts or stops, Slack is told to come again."""
    body, headers = an_event(slack, slack.person("Ana"))
    headers |= signature(slack.signing_secret, body, at=int(time.time()))
    async with serving(SlackChannel(config(slack, socket=False))) as url:
        assert (await post(url + EVENTS_PATH, body, headers))[0] == 500


async def test_without_a_signing_secret_there_is_no_door(slack, monkeypatch):
    """No secret, no route: never an unsigned way in."""
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "from somewhere else")
    assert SlackChannel(config(slack, signing_secret=None)).routes() == []


async def test_a_form_that_was_not_stored_stays_open(slack):
    """When storing fails the person keeps the form with their words, and can send it again."""
    inbox, ana = Inbox(), slack.person("Ana")
    async with running(slack, inbox, socket=False) as channel:
        await channel.send(to(ana, question(PromptKind.TEXT, long_text=True)))
        await ana.tap("Write")
        await ana.wait_for_modal()
        inbox.fails = 1
        assert not (await (await ana.submit_modal("long words")).settled()).acknowledged
        assert ana.modal is not None
        assert (await (await ana.submit_modal("long words")).settled()).acknowledged
    assert [one.text for one in inbox.heard] == ["long words"]
