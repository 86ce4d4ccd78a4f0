"""Take what Slack posts over HTTP: who knocks is checked first, then what they bring; Bolt gets the rest.

Bolt alone answers 500 to headers and bodies that are not Slack's (a timestamp of letters, bytes that are no UTF-8), and
404 to a GET.
"""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.request.internals import extract_content_type, parse_body
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.slack.errors import UNREADABLE
from bot.channels.webhook_request import read_request

log = structlog.get_logger(__name__)

MAX_BODY = 1_000_000
"""Bytes. A message has 40,000 letters at most, and an edit tells of it twice."""
MAX_AGE = 300
"""Seconds that a signature is good for, as Slack advises."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


def webhook_route(path: str, secret: str, app: AsyncApp) -> Route:
    """Make the POST route that hands to Bolt what Slack signed with `secret`; Starlette answers 405 to anything else.

    It answers 401 to what Slack did not sign, or more than five minutes ago, 413 to a body of more than a million
    bytes, and 400 to a signed body that is nothing that Slack posts.
    """

    async def receive_request(request: Request) -> Response:
        stamp, signature = (
            request.headers.get("x-slack-request-timestamp", ""),
            request.headers.get("x-slack-signature", ""),
        )
        if not _fresh(stamp) or not _SIGNATURE.fullmatch(signature):
            return PlainTextResponse("not signed by Slack", 401)
        try:
            body = await read_request(request, MAX_BODY)
        except ClientDisconnect:
            return PlainTextResponse("incomplete", 400)
        if body is None:
            return PlainTextResponse("too large", 413)
        if not hmac.compare_digest(signature, sign(secret, stamp, body)):
            return PlainTextResponse("not signed by Slack", 401)
        read = _read(body, request.headers)
        if read is None:
            return PlainTextResponse("nothing that Slack posts", 400)
        return await _dispatched(app, read)

    return Route(path, receive_request, methods=["POST"])


async def _dispatched(app: AsyncApp, read: AsyncBoltRequest) -> Response:
    """Hand a request to Bolt; acknowledge also what it cannot read, which would be sent again and read no better."""
    try:
        return to_starlette_response(await app.async_dispatch(read))
    except UNREADABLE as error:
        kind, reason = str(read.body.get("type")), type(error).__name__
        log.error("slack_delivery_not_read", channel="slack", kind=kind, reason=reason)  # noqa: TRY400 - no words
        return Response()


def sign(secret: str, stamp: str, body: bytes) -> str:
    """Return Slack's signature (version 0) over a timestamp in seconds and a raw body."""
    return (
        f"v0={hmac.new(secret.encode(), b'v0:' + stamp.encode() + b':' + body, hashlib.sha256).hexdigest()}"
    )


def _fresh(stamp: str) -> bool:
    return bool(_TIMESTAMP.fullmatch(stamp)) and abs(time.time() - int(stamp)) <= MAX_AGE


def _read(body: bytes, headers: Mapping[str, str]) -> AsyncBoltRequest | None:
    """Return a body as Bolt takes it; None if it is none of what Slack posts: an event, an interaction, a command."""
    try:
        text = body.decode()
        content_type = extract_content_type({"content-type": [headers.get("content-type", "")]})
        if not _is_slacks(parse_body(text, content_type)):
            return None
        return AsyncBoltRequest(body=text, headers=dict(headers))
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
    ):  # of a shape that Bolt cannot read
        return None


def _is_slacks(payload: Any) -> bool:
    match payload:
        case {"type": "event_callback", **rest}:
            event = rest.get("event")
            return isinstance(event, dict) and isinstance(event.get("type"), str)
        case {"type": str()} | {"command": str()} | {"ssl_check": "1"}:
            return True
        case _:
            return False
