"""The server of webhooks and pages: what it tells of whoever asks."""

import socket

import httpx
import pytest
from starlette.exceptions import HTTPException
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


async def _unknown(request: Request, error: Exception) -> PlainTextResponse:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(f"{request.method} is nothing", error.status_code)


async def test_what_is_at_no_route_is_answered_by_whoever_has_pages():
    """Nothing is redirected to an address that the server only guesses; health stays a plain line for machines."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        async with (
            serving([Route("/who", _who)], listener, pages=True, unknown=_unknown),
            httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{listener.getsockname()[1]}") as client,
        ):
            for method, path, status in (("GET", "/x", 404), ("PUT", "/who", 405), ("GET", "/who/", 404)):
                answer = await client.request(method, path)
                assert (answer.status_code, answer.text) == (status, f"{method} is nothing")
            answer = await client.get("/health")
            assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_where_nobody_has_pages_machines_get_a_line():
    """Neither the path nor anything of the server stands in it."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        async with (
            serving([Route("/who", _who)], listener),
            httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{listener.getsockname()[1]}") as client,
        ):
            answer = await client.get("/<b>x</b>")
            assert (answer.status_code, answer.text) == (404, "Not Found")
            assert answer.headers["content-type"].startswith("text/plain")
