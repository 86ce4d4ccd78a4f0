"""Strangers at the door: slow, silent, many or malformed, they end by themselves and write nothing into the log."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.webhook_request import read_request
from bot.doors import DoorLimits, DoorReason, Doors
from bot.webhooks import serving

LONG = 600.0
"""Seconds that no test takes, on however busy a machine."""
PATIENCE = 60.0
SOON = DoorLimits(header_seconds=0.4, body_seconds=0.8, connections=5, tell_every_seconds=LONG)
POST = b"POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n"


@dataclass
class Served:
    """A server under test: its port, and what it counted."""

    port: int
    doors: Doors

    async def connect(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        await writer.drain()
        return reader, writer

    async def ask(self, request: bytes) -> bytes:
        """The status line that a request gets."""
        reader, writer = await self.connect(request)
        async with asyncio.timeout(PATIENCE):
            line = await reader.readline()
        writer.close()
        return line


@asynccontextmanager
async def served(limits: DoorLimits = SOON) -> AsyncIterator[Served]:
    async def take(request: Request) -> Response:
        if "early" in request.query_params:
            return PlainTextResponse("no", 401)
        try:
            return PlainTextResponse(str(len(await read_request(request, 1000) or b"")))
        except ClientDisconnect:
            return PlainTextResponse("incomplete", 400)

    doors = Doors(limits)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with serving([Route("/in", take, methods=["POST"])], listener, doors):
            yield Served(listener.getsockname()[1], doors)


async def until_closed(reader: asyncio.StreamReader) -> None:
    """Read until the other end has closed the connection."""
    async with asyncio.timeout(PATIENCE):
        try:
            while await reader.read(1000):
                pass
        except ConnectionError:
            pass


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(0.01)


async def trickle(writer: asyncio.StreamWriter, letter: bytes) -> None:
    """Write a letter now and then, as long as somebody listens."""
    try:
        while True:
            writer.write(letter)
            await writer.drain()
            await asyncio.sleep(0.05)
    except ConnectionError:
        return


@pytest.mark.parametrize(
    ("sent", "letter", "reason"),
    [
        (b"", b"", DoorReason.SLOW_HEADER),
        (b"GET /health HT", b"", DoorReason.SLOW_HEADER),
        (b"GET /health HTTP/1.1\r\nX: ", b"x", DoorReason.SLOW_HEADER),
        (POST + b"\r\n", b"", DoorReason.SLOW_BODY),
        (POST.replace(b"100", b"100000") + b"\r\n", b"x", DoorReason.SLOW_BODY),
        (
            POST.replace(b"/in", b"/in?early=1").replace(b"100", b"100000") + b"\r\n",
            b"x",
            DoorReason.SLOW_BODY,
        ),
        (b"GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /hea", b"", None),
    ],
    ids=[
        "silent",
        "half a line",
        "a letter a time",
        "no body",
        "a body by letters",
        "refused before",
        "pipelined",
    ],
)
async def test_who_takes_too_long_is_let_go(sent: bytes, letter: bytes, reason: DoorReason | None):
    """Nobody holds a connection by saying little: the clock goes on from the first byte of a part to its last."""
    async with served() as server:
        reader, writer = await server.connect(sent)
        trickling = asyncio.create_task(trickle(writer, letter)) if letter else None
        await until_closed(reader)
        if trickling is not None:
            trickling.cancel()
        assert server.doors.closed == {one: int(one is reason) for one in DoorReason}
        assert b" 200 " in await server.ask(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")


async def test_a_request_in_time_is_answered():
    """Also one whose body comes later than the time of a header, and a second one on the same connection."""
    async with served(replace(SOON, body_seconds=LONG)) as server:
        reader, writer = await server.connect()
        for _ in range(2):
            writer.write(POST + b"\r\n")
            await asyncio.sleep(SOON.header_seconds + 0.1)
            writer.write(b"x" * 100)
            async with asyncio.timeout(PATIENCE):
                assert b" 200 " in await reader.readline()
                await reader.readuntil(b"\r\n\r\n100")
        writer.close()
        assert sum(server.doors.closed.values()) == 0


async def test_many_that_say_nothing_keep_nobody_out():
    """Beyond the limit the oldest silent connection makes way; who is in the middle of a request stays."""
    async with served(DoorLimits(header_seconds=LONG, body_seconds=LONG, connections=5)) as server:
        busy_reader, busy = await server.connect(POST + b"\r\n")
        await until(lambda: any(not one.is_waited_for for one in server.doors._open))
        silent = [await server.connect() for _ in range(40)]
        assert b" 200 " in await server.ask(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        await until_closed(silent[0][0])
        assert server.doors.closed[DoorReason.CROWDED] >= 36
        busy.write(b"x" * 100)
        async with asyncio.timeout(PATIENCE):
            assert b" 200 " in await busy_reader.readline()
        for _, writer in [*silent, (busy_reader, busy)]:
            writer.close()


async def test_strangers_write_nothing_into_the_log(caplog, monkeypatch):
    """Hundreds of malformed, slow and silent connections: a line, with their number, and no trace of an error."""
    told = []
    monkeypatch.setattr("bot.doors.log.warning", lambda event, **fields: told.append((event, fields)))
    caplog.set_level(logging.DEBUG)
    bad = (
        b"\x00\xff garbage\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        POST.replace(b"/in", b"/in?early=1").replace(b"Content-Length: 100", b"Transfer-Encoding: chunked")
        + b"\r\n",
        b"GET /" + b"a" * 100_000,
    )
    async with served() as server:
        for _ in range(20):
            for sent in bad:
                reader, writer = await server.connect(sent)
                await reader.readline()
                writer.write(b"not a chunk\r\n")  # after the answer: nothing is due any more
                writer.close()
        await until(lambda: server.doors.closed[DoorReason.MALFORMED] >= 60)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert len(told) == 1
    assert told[0][0] == "connections_closed"
