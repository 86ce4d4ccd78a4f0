"""The webhook: who may post, what is taken, and that 200 means stored."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels.base import ChannelRefused
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.options import TelegramOptions
from bot.channels.telegram.webhook import MAX_BODY, SECRET_HEADER
from tests.emulators.faults import Fault
from tests.emulators.telegram.server import TelegramEmulator
from tests.support.telegram_channel import Inbox, channel_to, running

SECRET = "a-long_Secret1"
UPDATE = {
    "update_id": 10,
    "message": {
        "message_id": 5,
        "from": {"id": 1, "is_bot": False, "first_name": "Ada"},
        "chat": {"id": 1, "type": "private"},
        "date": 1,
        "text": "Well",
    },
}


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as emulator:
        yield emulator


@contextlib.asynccontextmanager
async def served(emulator: TelegramEmulator) -> AsyncIterator[tuple[TelegramChannel, str]]:
    """A channel in webhook mode, its route served on loopback, and the address of the route."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/telegram"
    channel = channel_to(emulator, webhook_url=url, webhook_secret=SECRET)
    config = uvicorn.Config(Starlette(routes=channel.routes()), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield channel, url
    finally:
        server.should_exit = True
        await task
        await channel.close()


async def post(url: str, content: bytes | dict[str, Any] = UPDATE, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.post(url, content=body, headers=headers)).status_code


@contextlib.asynccontextmanager
async def listening(
    channel: TelegramChannel, inbox: Inbox, telegram: TelegramEmulator
) -> AsyncIterator[None]:
    """Until the webhook is set."""
    async with running(channel, inbox):
        await telegram.wait_until(lambda: telegram.state.webhook)
        yield


@pytest.mark.parametrize(
    ("content", "secret", "status"),
    [
        (UPDATE, SECRET, 200),
        (UPDATE, None, 401),
        (UPDATE, "", 403),
        (UPDATE, SECRET + "x", 403),
        (b"not json", SECRET, 400),
        (b'{"update_id": "\xff"}', SECRET, 400),
        (b"", SECRET, 400),
        (b"[" + b" " * MAX_BODY + b"]", SECRET, 413),
        (b"[]", SECRET, 400),
        (b"null", SECRET, 400),
        (b"5", SECRET, 400),
        (b'"update"', SECRET, 400),
        (b"NaN", SECRET, 400),
        (b'{"update_id": NaN}', SECRET, 400),
        (b'{"update_id": 1e999}', SECRET, 400),
        (b'{"update_id": ' + b"9" * 5000 + b"}", SECRET, 400),
        (b'{"update_id": "\\ud83d"}', SECRET, 400),
        (b"[" * 100_000, SECRET, 400),
        (b'{"message":' * 20_000 + b"1" + b"}" * 20_000, SECRET, 400),
        (b"\x00\xff\xfe", SECRET, 400),
        (b"{}", SECRET, 200),
        (b'{"update_id": 99999999999999999999}', SECRET, 200),
        (b'{"update_id": 10, "hologram": {"message": 5}}', SECRET, 200),
        (b'{"update_id": 10, "message": 5}', SECRET, 200),
    ],
)
async def test_what_is_answered(
    telegram: TelegramEmulator, content: Any, secret: str | None, status: int
) -> None:
    """The secret first, then the size, then the JSON; what is JSON and no update of ours is passed over."""
    inbox = Inbox()
    async with served(telegram) as (channel, url), listening(channel, inbox, telegram):
        assert await post(url, content, secret) == status
    assert [inbound.text for inbound in inbox.all] == (["Well"] if (content, status) == (UPDATE, 200) else [])


@pytest.mark.parametrize(
    "secret",
    [
        b"\xff\xfe",
        SECRET.encode() + b"\xff",
        "Schl\xfcssel".encode(),
        b"\xe2\x82\xac" * 50,
        b"x" * 8000,
    ],
)
async def test_a_secret_of_nonsense_is_wrong(telegram: TelegramEmulator, secret: bytes) -> None:
    """Whatever bytes it is made of: it is refused, and nothing falls over."""
    inbox = Inbox()
    async with served(telegram) as (channel, url), listening(channel, inbox, telegram):
        async with httpx.AsyncClient(trust_env=False) as client:
            headers = [(SECRET_HEADER.encode(), secret), (b"Content-Type", b"\xff")]
            answer = await client.post(url, content=json.dumps(UPDATE).encode(), headers=headers)
        assert answer.status_code == 403
        assert await post(url) == 200
    assert len(inbox.all) == 1


async def test_a_body_that_breaks_off_is_no_update(telegram: TelegramEmulator) -> None:
    """Whoever hangs up in the middle of it has said nothing, and the next one is heard."""
    inbox = Inbox()
    async with served(telegram) as (channel, url), listening(channel, inbox, telegram):
        port = int(url.rpartition(":")[2].partition("/")[0])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (
            f"POST /telegram HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\nContent-Length: 99\r\n\r\n"
        )
        writer.write(head.encode() + b'{"update_id"')
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert await post(url) == 200
    assert len(inbox.all) == 1


async def test_nothing_is_taken_before_the_channel_runs_or_after(telegram: TelegramEmulator) -> None:
    """Telegram tries again later; an update that nobody stores is not acknowledged."""
    async with served(telegram) as (channel, url):
        assert await post(url) == 503
        async with listening(channel, Inbox(), telegram):
            assert await post(url) == 200
        assert await post(url) == 503


async def test_200_means_stored(telegram: TelegramEmulator) -> None:
    """The answer waits for the store, and a store that fails is a 500."""
    inbox = Inbox()
    inbox.gate.clear()
    async with served(telegram) as (channel, url), listening(channel, inbox, telegram):
        posting = asyncio.create_task(post(url))
        await inbox.wait_until(lambda: inbox.asked == 1)
        assert not posting.done()
        inbox.failures = 1
        inbox.gate.set()
        assert await posting == 500
        assert await post(url) == 200


async def test_one_update_posted_three_times_keeps_its_name(telegram: TelegramEmulator) -> None:
    """Each time it is handed on, under the same external id: the inbox keeps one."""
    inbox = Inbox()
    async with served(telegram) as (channel, url), listening(channel, inbox, telegram):
        assert [await post(url) for _ in range(3)] == [200, 200, 200]
    assert [inbound.external_id for inbound in inbox.all] == ["7000000001:10"] * 3


async def test_telegram_posts_what_people_say_until_it_is_taken(telegram: TelegramEmulator) -> None:
    """Set at the start with the secret and the kinds by name; what was not stored comes again, in order."""
    inbox = Inbox()
    inbox.failures = 2
    await telegram.person(1).type("said before the start")
    async with served(telegram) as (channel, _), listening(channel, inbox, telegram):
        await telegram.person(1).type("one")
        await telegram.person(1).type("two")
        received = await inbox.wait_for(3)
        assert [inbound.text for inbound in received] == ["said before the start", "one", "two"]
        assert inbox.asked == 5
        (call,) = [call for call in telegram.calls if call.method == "setWebhook"]
        assert call.params["secret_token"] == SECRET
        assert set(json.loads(call.params["allowed_updates"])) == {
            "message",
            "edited_message",
            "callback_query",
            "my_chat_member",
            "message_reaction",
        }
        assert channel.last_success is not None


async def test_setting_the_webhook_is_tried_until_it_is_set(telegram: TelegramEmulator) -> None:
    """Trouble at the start is waited out."""
    inbox = Inbox()
    telegram.faults.add("setWebhook", Fault.GATEWAY, times=2)
    async with served(telegram) as (channel, url), listening(channel, inbox, telegram):
        assert await post(url) == 200


@pytest.mark.parametrize(
    "change", [{"webhook_url": "https://elsewhere.example/x"}, {"webhook_secret": "a b"}]
)
async def test_a_webhook_that_telegram_refuses_is_said_aloud(telegram: TelegramEmulator, change: Any) -> None:
    """Trying again would not help: the operator hears which settings to look at."""
    given = {"webhook_url": "http://127.0.0.1:9/telegram", "webhook_secret": SECRET}
    channel = channel_to(telegram, **(given | change))
    with pytest.raises(ChannelRefused, match=r"telegram\.webhook_url"):
        await channel.run(Inbox().receive)
    await channel.close()


def test_a_webhook_without_a_secret_is_not_made() -> None:
    """Anybody who guesses the address could speak for anybody."""
    with pytest.raises(ValueError, match="secret"):
        TelegramChannel(TelegramOptions(token="1:abcdef", webhook_url="https://example.org/telegram"))


def test_polling_has_no_route() -> None:
    """Nothing listens where nothing is expected."""
    assert TelegramChannel(TelegramOptions(token="1:abcdef")).routes() == []
