"""Make the HTTP clients that speak with Telegram, and python-telegram-bot's `Bot` over them."""

import json
import os
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.channels.telegram.errors import UNREADABLE
from bot.channels.telegram.options import TelegramOptions

log = structlog.get_logger(__name__)

# Without it the library warns at every 429; `wait_of` reads both forms all the same.
os.environ.setdefault("PTB_TIMEDELTA", "1")

_NAME_WITHIN = timedelta(seconds=10)
"""How long the start waits for the bot's name at most."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class _Request(HTTPXRequest):
    """An HTTP client for which an answer that is none of Telegram's is an error like any.

    The library takes each answer for an object with a `result`, and falls over others: what a proxy, a login page or a
    server of another kind says.
    """

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, payload = await super().do_request(*args, **kwargs)
        answer = _decoded(payload)
        if HTTPStatus.OK <= code < HTTPStatus.MULTIPLE_CHOICES:
            if "result" not in answer:
                raise TelegramError("Invalid server response")
            return code, payload
        return code, json.dumps(_refusal(answer)).encode() if answer else b"no JSON object"


def _decoded(payload: bytes) -> dict[str, Any]:
    """Read an object of JSON; an empty one where it is something else."""
    try:
        answer = json.loads(payload.decode(errors="replace"))
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(answer: dict[str, Any]) -> dict[str, Any]:
    """Return of a refusal what the library reads, where it has the shape that the library takes for granted."""
    parameters = answer.get("parameters")
    known = {
        name: value
        for name, value in (parameters.items() if isinstance(parameters, dict) else ())
        if name in ("retry_after", "migrate_to_chat_id") and isinstance(value, int | float)
    }
    description = answer.get("description")
    return {"description": description if isinstance(description, str) else "", "parameters": known}


def make_requests(options: TelegramOptions, *, connections: int) -> HTTPXRequest:
    """Make an HTTP client to Telegram with every time-out named, for so many connections at once.

    A server on this machine is never asked for through a proxy, and no certificates are read for plain HTTP.
    """
    seconds = options.request_timeout.total_seconds()
    server = urlsplit(options.api_url)
    local = {"trust_env": False, "verify": server.scheme != "http"}
    return _Request(
        connection_pool_size=connections,
        read_timeout=seconds,
        write_timeout=seconds,
        connect_timeout=seconds / 2,
        pool_timeout=seconds / 2,
        httpx_kwargs=local if server.hostname in LOOPBACK else None,
    )


def make_bot(options: TelegramOptions, sending: HTTPXRequest, polling: HTTPXRequest) -> Bot:
    """Make a bot that sends by one client and polls by another, so that a stuck poll holds up no message."""
    server = options.api_url.rstrip("/")
    return Bot(
        options.token,
        base_url=f"{server}/bot",
        base_file_url=f"{server}/file/bot",
        request=sending,
        get_updates_request=polling,
    )


async def ask_user_name(token: str, api_url: str) -> str | None:
    """Ask Telegram for the bot's user name, without the `@`; None where it cannot be asked, which is logged."""
    options = TelegramOptions(token=token, api_url=api_url, request_timeout=_NAME_WITHIN)
    client = make_requests(options, connections=1)
    try:
        return (await make_bot(options, client, client).get_me()).username
    except (TelegramError, *UNREADABLE) as error:
        log.warning("telegram_name_unknown", error=type(error).__name__)
        return None
    finally:
        await client.shutdown()
