"""Serve webhooks. Loaded by name where a channel has routes: its libraries take a tenth of a second to import."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

from bot.doors import FOR_PAGES, DoorLimits, Doors


@asynccontextmanager
async def serving(
    routes: Sequence[BaseRoute], listener: socket.socket, doors: Doors | None = None, *, pages: bool = False
) -> AsyncIterator[None]:
    """Serve these routes, and `/health` where none of them is that, at a listening socket while the block runs.

    Strangers are held to the limits of `doors`; None is those of `DoorLimits` as they are, or, where the routes are
    `pages` that people post to, `FOR_PAGES`.
    """
    doors = doors or Doors(FOR_PAGES if pages else DoorLimits())
    server = _Server(
        uvicorn.Config(
            Starlette(routes=[*routes, Route("/health", _healthy)]),
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


async def _healthy(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok\n")


class _Server(uvicorn.Server):
    """A uvicorn server without signal handlers of its own: the app decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
