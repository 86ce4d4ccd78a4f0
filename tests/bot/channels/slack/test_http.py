"""Signed HTTP requests: who may knock, and what they hear."""

import hashlib
import hmac
import time

import aiohttp
import pytest
import structlog
from starlette.requests import Request

from bot.channels.slack.channel import EVENTS_PATH, SlackChannel
from bot.channels.slack.webhook import MAX_BODY, webhook_route
from flows.engine.effects import PromptKind
from tests.emulators.slack.delivery import Delivery, Kind, encode, signature
from tests.emulators.slack.server import SlackEmulator
from tests.support.slack_channel import Inbox, config, question, running, serving, to


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


NONSENSE = [
    pytest.param(b"\xff\xfe{", "application/json", id="no UTF-8"),
    pytest.param(b"", "application/json", id="nothing"),
    pytest.param(b"{", "application/json", id="no JSON"),
    pytest.param(b"[1, 2]", "application/json", id="a list"),
    pytest.param(b'"hello"', "application/json", id="a string"),
    pytest.param(b"7", "application/json", id="a number"),
    pytest.param(b"null", "application/json", id="null"),
    pytest.param(b"{}", "application/json", id="an empty object"),
    pytest.param(b'{"type": 7}', "application/json", id="a type that is a number"),
    pytest.param(b'{"type": "event_callback"}', "application/json", id="no event"),
    pytest.param(
        b'{"type": "event_callback", "event": "hi"}', "application/json", id="an event that is none"
    ),
    pytest.param(b'{"type": "event_callback", "event": {}}', "application/json", id="an event without type"),
    pytest.param(b'{"type": "x", "team": 5}', "application/json", id="a team that is a number"),
    pytest.param(b'{"type": "x", "authorizations": 5}', "application/json", id="authorizations of no list"),
    pytest.param(b"[" * 100_000, "application/json", id="too deep"),
    pytest.param(b"hello=1", "application/x-www-form-urlencoded", id="a form without payload"),
    pytest.param(b"payload=", "application/x-www-form-urlencoded", id="an empty payload"),
    pytest.param(b"payload=%7B", "application/x-www-form-urlencoded", id="a payload of no JSON"),
    pytest.param(b"payload=%5B%5D", "application/x-www-form-urlencoded", id="a payload that is a list"),
    pytest.param(b"payload=%7B%7D", "application/x-www-form-urlencoded", id="a payload without type"),
    pytest.param(b"my_payload=1", "application/x-www-form-urlencoded", id="a payload of another name"),
    pytest.param(b"\x00\x01\x02", "application/octet-stream", id="bytes"),
    pytest.param(b"{}", None, id="no content type"),
]


@pytest.mark.parametrize(("body", "content_type"), NONSENSE)
async def test_a_body_of_no_known_shape_is_refused(slack, body, content_type):
    """Signed nonsense is answered with 400, unsigned nonsense with 401, neither ever with 500; nothing is stored."""
    inbox = Inbox()
    kind = {} if content_type is None else {"content-type": content_type}
    signed = signature_of_bytes(slack.signing_secret, body) | kind
    unsigned = signature_of_bytes("another secret", body) | kind
    async with running(slack, inbox, socket=False):
        assert (await post(slack.dispatcher.request_url, body, signed))[0] == 400
        assert (await post(slack.dispatcher.request_url, body, unsigned))[0] == 401
    assert inbox.stored == []


def signature_of_bytes(secret, body):
    """Slack's signature over bytes that need be no text, as its documentation has it."""
    stamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}"}


async def test_a_body_that_breaks_off_is_nothing():
    """Whoever hangs up in the middle of it has said nothing: that is no error of ours."""

    async def hang_up():
        return {"type": "http.disconnect"}

    headers = signature_of_bytes("secret", b"{}")
    scope = {
        "type": "http",
        "method": "POST",
        "path": EVENTS_PATH,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    route = webhook_route(EVENTS_PATH, "secret", app=None)
    assert (await route.endpoint(Request(scope, hang_up))).status_code == 400


NOW = "{now}"
HEADERS = [
    pytest.param("x-slack-request-timestamp", value, id=f"timestamp {name}")
    for name, value in [
        ("empty", ""),
        ("of letters", "soon"),
        ("with a fraction", NOW + ".5"),
        ("negative", "-" + NOW),
        ("with a plus", "+" + NOW),
        ("with an underscore", "1_000_000_000"),
        ("of other digits", "\u0661\u0662\u0663"),
        ("not ASCII", "\u00e9t\u00e9"),
        ("enormous", "9" * 5000),
        ("infinite", "inf"),
        ("in milliseconds", NOW + "000"),
        ("of the year 1970", "0"),
    ]
] + [
    pytest.param("x-slack-signature", value, id=f"signature {name}")
    for name, value in [
        ("empty", ""),
        ("without version", "a" * 64),
        ("of another version", "v1=" + "a" * 64),
        ("too short", "v0=abc"),
        ("too long", "v0=" + "a" * 5000),
        ("not ASCII", "v0=" + "\u00e9" * 64),
        ("of no hex", "v0=" + "z" * 64),
        ("in capitals", "v0=" + "A" * 64),
    ]
]


@pytest.mark.parametrize(("name", "value"), HEADERS)
async def test_nonsense_in_the_headers_is_refused(slack, name, value):
    """Whatever stands in place of the timestamp or the signature, the answer is 401, never 500."""
    inbox, ana = Inbox(), slack.person("Ana")
    body, headers = an_event(slack, ana)
    headers |= signature(slack.signing_secret, body, at=int(time.time()))
    headers[name] = value.replace(NOW, str(int(time.time())))
    async with running(slack, inbox, socket=False):
        assert (await post(slack.dispatcher.request_url, body, headers))[0] == 401
    assert inbox.stored == []


async def test_a_body_beyond_the_limit_is_not_read(slack):
    """A body of more than a million bytes is refused, whether or not its length was told; just below it is heard."""

    async def in_pieces(whole):
        for start in range(0, len(whole), 65_536):
            yield whole[start : start + 65_536]

    inbox, ana = Inbox(), slack.person("Ana")
    small, kind = an_event(slack, ana)
    fits, grown = small.ljust(MAX_BODY), small.ljust(MAX_BODY + 1)
    async with running(slack, inbox, socket=False):
        url = slack.dispatcher.request_url
        for body, status in [(grown, 413), (fits, 200)]:
            headers = kind | signature(slack.signing_secret, body, at=int(time.time()))
            assert (await post(url, body, headers))[0] == status
            assert (await post(url, in_pieces(body), headers))[0] == status
    assert [one.text for one in inbox.heard] == ["hello"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_only_a_post_is_taken(slack, method):
    """Whoever opens the address in a browser hears 405 with the method that is taken."""
    async with (
        running(slack, Inbox(), socket=False),
        aiohttp.ClientSession() as session,
        session.request(method, slack.dispatcher.request_url) as answer,
    ):
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")


async def test_the_certificates_check_is_answered(slack):
    """Slack looks at a command's address with `ssl_check=1`, and wants 200."""
    body, headers = b"ssl_check=1&token=x", {"content-type": "application/x-www-form-urlencoded"}
    headers |= signature(slack.signing_secret, body, at=int(time.time()))
    async with running(slack, Inbox(), socket=False):
        assert await post(slack.dispatcher.request_url, body, headers) == (200, "")


async def test_events_that_slack_holds_back_are_told(slack):
    """app_rate_limited has no event inside: it is acknowledged, and logged for the operator."""
    payload = {"type": "app_rate_limited", "team_id": "T0001", "minute_rate_limited": 1518467820}
    body, headers = encode(Delivery(Kind.EVENT, payload))
    headers |= signature(slack.signing_secret, body, at=int(time.time()))
    with structlog.testing.capture_logs() as logs:
        async with running(slack, Inbox(), socket=False):
            assert (await post(slack.dispatcher.request_url, body, headers))[0] == 200
    assert [one["log_level"] for one in logs if one["event"] == "slack_holds_events_back"] == ["warning"]


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
