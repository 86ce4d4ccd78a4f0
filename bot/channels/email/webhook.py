"""Take the bounces and complaints that a mail service posts, from whoever knows the secret."""

import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.email.bounces import MailBounce, read_posted
from bot.channels.webhook_request import read_request

PATH: Final = "/mail/bounces"
MAX_BODY: Final = 1_000_000
log = structlog.get_logger(__name__)


def bounce_route(secret: str, domain: str, take: Callable[[Sequence[MailBounce]], Awaitable[int]]) -> Route:
    """Return the route: a POST of JSON with `Authorization: Bearer SECRET`, answered once what it tells was kept.

    `domain` is the one that our mails are from, `take` keeps what was told.
    """
    wanted = f"Bearer {secret}".encode()

    async def endpoint(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, wanted):
            return PlainTextResponse("unknown", HTTPStatus.UNAUTHORIZED)
        body = await read_request(request, MAX_BODY)
        if body is None:
            return PlainTextResponse("too large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            events = json.loads(body)
        except (ValueError, RecursionError):
            return PlainTextResponse("no JSON", HTTPStatus.BAD_REQUEST)
        try:
            await take(read_posted(events, domain))
        except Exception as error:  # noqa: BLE001 - whatever it is, the service is to post again
            log.error("bounces_not_kept", channel="email", error=type(error).__name__)  # noqa: TRY400 - no words
            return PlainTextResponse("later", HTTPStatus.SERVICE_UNAVAILABLE)
        return PlainTextResponse("ok")

    return Route(PATH, endpoint, methods=["POST"])
