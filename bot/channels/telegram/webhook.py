"""Take the updates that Telegram posts: nothing is acknowledged before it is stored."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.webhook_request import read_request

MAX_BODY = 1_000_000
"""Bytes. A real update has some ten thousand at most."""
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name

Take = Callable[[Any], Awaitable[bool]]
"""Stores one update; False while nobody is there to take it, and then Telegram tries again."""


def webhook_route(path: str, secret: str, take: Take) -> Route:
    """Make a POST route that checks the secret, then the size, then the JSON, and hands the update to `take`.

    It answers 200 once `take` has returned True, and 503 where it returned False: nobody takes updates now. Whatever it
    raises becomes a 500. After either Telegram sends the update again.
    """

    async def receive_update(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER)
        if given is None:
            return PlainTextResponse("the secret is missing", 401)
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return PlainTextResponse("the secret is wrong", 403)
        try:
            body = await read_request(request, MAX_BODY)
        except ClientDisconnect:
            return PlainTextResponse("incomplete", 400)
        if body is None:
            return PlainTextResponse("too large", 413)
        payload = _update(body)
        if payload is None:
            return PlainTextResponse("no JSON object", 400)
        return PlainTextResponse("ok") if await take(payload) else PlainTextResponse("starting", 503)

    return Route(path, receive_update, methods=["POST"])


def _update(body: bytes) -> dict[str, Any] | None:
    """Read an object of JSON; None where it is something else, also what is nested deeper than anybody can read."""
    try:
        payload = msgspec.json.decode(body)
    except (ValueError, RecursionError):  # no JSON, no UTF-8, a number out of range
        return None
    return payload if isinstance(payload, dict) else None
