"""Serve webhooks. Loaded by name where a channel has routes: its libraries take a tenth of a second to import."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.doors import FOR_PAGES, DoorLimits, Doors

UnknownPath = Callable[[Request, Exception], Awaitable[Response]]
"""Answers a request that no route does: the exception has the status, 404 or 405, and headers that belong to it."""
_UNKNOWN = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)


@asynccontextmanager
async def serving(
    routes: Sequence[BaseRoute],
    listener: socket.socket,
    doors: Doors | None = None,
    *,
    pages: bool = False,
    unknown: UnknownPath | None = None,
) -> AsyncIterator[None]:
    """Serve these routes, and `/health` where none of them is that, at a listening socket while the block runs.

    Strangers are held to the limits of `doors`; None is those of `DoorLimits` as they are, or, where the routes are
    `pages` that people post to, `FOR_PAGES`. `unknown` answers whoever asks for what none of them is, or in another
    way than it takes; None is a line of plain text.
    """
    doors = doors or Doors(FOR_PAGES if pages else DoorLimits())
    server = _Server(
        uvicorn.Config(
            routed([*routes, Route("/health", _healthy)], unknown),
            http=doors.protocol(),
            ws="none",
            log_config=None,
            proxy_headers=False,  # else anybody at loopback, a proxy too, would be whoever they say
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def routed(routes: Sequence[BaseRoute], unknown: UnknownPath | None = None) -> Starlette:
    """Return the app of some routes; `unknown` is as for `serving`.

    It redirects by itself only where nothing else answers what is unknown: behind a proxy with TLS it would lead to the
    address without.
    """
    if unknown is None:
        return Starlette(routes=routes)
    app = Starlette(routes=routes, exception_handlers=dict.fromkeys(_UNKNOWN, unknown))
    app.router.redirect_slashes = False
    return app


async def _healthy(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok\n")


class _Server(uvicorn.Server):
    """A uvicorn server without signal handlers of its own: the app decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
