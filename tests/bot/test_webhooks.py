"""The server of webhooks and pages: what it tells of whoever asks."""

import socket

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.webhooks import serving

LOOPBACK = "127.0.0.1"


async def _who(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.client.host if request.client is not None else "")


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
async def test_nobody_says_themselves_where_they_come_from(header):
    """The client is whoever connected: what a request tells of it is read where a setting says so, nowhere else."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        async with serving([Route("/who", _who)], listener), httpx.AsyncClient() as client:
            url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
            told = await client.get(f"{url}/who", headers={header: "203.0.113.7"})
            assert told.text == LOOPBACK
            assert (await client.get(f"{url}/health")).text == "ok\n"
