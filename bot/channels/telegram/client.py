"""Make the HTTP clients that speak with Telegram, and python-telegram-bot's `Bot` over them."""

import os
from urllib.parse import urlsplit

import structlog
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.channels.telegram.options import TelegramOptions

log = structlog.get_logger(__name__)

# Without it the library warns at every 429; `wait_of` reads both forms all the same.
os.environ.setdefault("PTB_TIMEDELTA", "1")

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def make_requests(options: TelegramOptions, *, connections: int) -> HTTPXRequest:
    """Make an HTTP client to Telegram with every time-out named, for so many connections at once.

    A server on this machine is never asked for through a proxy, and no certificates are read for plain HTTP.
    """
    seconds = options.request_timeout.total_seconds()
    server = urlsplit(options.api_url)
    local = {"trust_env": False, "verify": server.scheme != "http"}
    return HTTPXRequest(
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
    try:
        return (await Bot(token, base_url=f"{api_url}/bot").get_me()).username
    except TelegramError as error:
        log.warning("telegram_name_unknown", error=type(error).__name__)
        return None
