"""Keep a Socket Mode connection open and useful.

slack_sdk reconnects by itself, yet there are states that it does not leave: a URL that has expired is
tried for ever, a refused app token too, and a connection can be up without ever having been greeted, so
that no event comes. Each look asks whether the connection was greeted and answers pings; after two looks
that say no it is built anew.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from datetime import timedelta
from typing import Any, Never, cast

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.base import ChannelDown, ChannelRefused, SendError
from bot.channels.slack.catch_up import Outage
from bot.channels.slack.errors import FAILURES, UNREADABLE, about_the_app

log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]

INTERVAL = timedelta(seconds=30)
"""Between two looks. Operators report that a keepalive once a minute prevents silent connections; half of
it is cheap.
"""
RETRY = timedelta(seconds=5)
"""Between two looks while nothing is open, or the connection seems ill."""
PATIENCE = timedelta(seconds=10)
"""For opening, and for closing a connection that may hang."""
STRIKES = 2
"""Looks that must find the connection ill: slack_sdk may just be replacing it."""


PING_SECONDS = 10.0
"""Between slack_sdk's pings."""


class _ForgivingHandler(AsyncSocketModeHandler):
    """Acknowledges also what Bolt cannot read: it would be sent three times more, and be read no better."""

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Hand an envelope to Bolt; what was not stored is not acknowledged."""
        try:
            await super().handle(client, req)
        except UNREADABLE as error:
            reason = type(error).__name__
            log.error("slack_delivery_not_read", channel="slack", kind=req.type, reason=reason)  # noqa: TRY400 - no words
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))


class SocketKeeper:
    """Keeps one Socket Mode connection, and builds it anew when no more events would come by it."""

    def __init__(
        self,
        app: AsyncApp,
        client: AsyncWebClient,
        *,
        probe: Callable[[], Awaitable[None]],
        outage: Outage,
        sleep: Sleep,
    ) -> None:
        """Keep what is needed to connect; nothing is opened yet.

        Args:
            app: Where envelopes go.
            client: A web client with the app-level token.
            probe: Raises ChannelRefused when the bot token is no longer good.
            outage: Is told at each look that finds the connection well.
            sleep: Waits some seconds; tests hand in their own.
        """
        self._app, self._client, self._probe, self._sleep = app, client, probe, sleep
        self._outage = outage
        self._handler: AsyncSocketModeHandler | None = None
        self._greeted: object = None
        self._strikes = 0
        self.opened = 0
        """How many connections this keeper has built, the first included."""

    async def run(self) -> Never:
        """Look after the connection every 30 seconds, every 5 while it is not well, until cancelled.

        Raises:
            ChannelRefused: a token is no longer good.
        """
        try:
            while True:
                await self.look()
                well = self._handler is not None and not self._strikes
                await self._sleep((INTERVAL if well else RETRY).total_seconds())
        finally:
            await self._close()

    async def look(self) -> None:
        """Check the token and the connection once: open it if there is none, build it anew if two looks found it ill.

        An outage is logged and left to the next look.

        Raises:
            ChannelRefused: a token is no longer good.
        """
        with _unless_refused("auth.test"):
            await self._probe()
        if self._handler is not None:
            if await self._serves(self._handler):
                self._strikes = 0
                self._outage.well()
            else:
                self._strikes += 1
        if self._handler is None or self._strikes >= STRIKES:
            with _unless_refused("apps.connections.open"):
                await self._reopen()

    async def _serves(self, handler: AsyncSocketModeHandler) -> bool:
        client = handler.client
        receiver = client.message_receiver
        alive = receiver is not None and not receiver.done() and await client.is_connected()
        return alive and self._greeted is client.current_session

    async def _reopen(self) -> None:
        url = await self._url()
        await self._close()
        handler = _ForgivingHandler(
            self._app,
            self._client.token,
            logger=self._app.logger,
            web_client=self._client,
            ping_interval=PING_SECONDS,
        )
        handler.client.wss_uri = url
        handler.client.message_listeners.append(self._heard)
        self._handler, self._strikes = handler, 0
        self.opened += 1
        log.info("slack_socket_opening", channel="slack", count=self.opened)
        # Not wait_for: in Python 3.11 it may swallow a cancellation that arrives as the call ends.
        with contextlib.suppress(TimeoutError):  # slack_sdk goes on trying; the next looks judge it
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await _typed(handler.connect_async)()

    async def _url(self) -> str:
        """Ask for the connection's URL ourselves: slack_sdk would try a refused token for ever without saying so."""
        try:
            answer = await self._client.apps_connections_open(app_token=self._client.token or "")
        except FAILURES as error:
            raise about_the_app(error) from error
        url = answer.get("url")
        if not isinstance(url, str):
            raise ChannelDown("an answer without the connection's URL")
        return url

    async def _heard(
        self, client: AsyncBaseSocketModeClient, message: Mapping[str, Any], _raw: str | None = None
    ) -> None:
        if message.get("type") == "hello":
            self._greeted = client.current_session  # type: ignore[attr-defined]  # the aiohttp client has it

    async def _close(self) -> None:
        handler, self._handler = self._handler, None
        if handler is None:
            return
        # A broken connection may never finish closing, or fail in doing so; it is let go either way.
        with contextlib.suppress(TimeoutError, OSError, RuntimeError):
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await _typed(handler.close_async)()


def _typed(call: Any) -> Callable[[], Coroutine[Any, Any, None]]:
    """Give a type to a method that Bolt leaves without one."""
    return cast("Callable[[], Coroutine[Any, Any, None]]", call)


@contextlib.contextmanager
def _unless_refused(what: str) -> Iterator[None]:
    """Let through what the operator must settle; log an outage, which is tried again at the next look."""
    try:
        yield
    except ChannelRefused:
        raise
    except SendError as error:
        log.warning("slack_is_out_of_reach", channel="slack", where=what, reason=error.reason)
