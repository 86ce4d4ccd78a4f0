"""How the emulated Slack hands things over: envelopes on a socket, or signed requests, each until
acknowledged.

The delays of Slack's retries are scaled (`time_scale`), so that five minutes take a test no time.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.emulators.faults import FaultPlan

Json = dict[str, Any]

ACK_SECONDS = 3.0
RETRY_SECONDS = (0.0, 60.0, 300.0)
"""Before each retry of an event; after the last one Slack gives up."""
CONNECTIONS = 10


class Kind(StrEnum):
    """What is handed over, in Socket Mode's words."""

    EVENT = "events_api"
    INTERACTION = "interactive"
    COMMAND = "slash_commands"


@dataclass(eq=False)
class Delivery:
    """One thing to hand over. `answer` is what came with the acknowledgement."""

    kind: Kind
    payload: Json
    ts: str = ""
    attempts: int = 0
    acknowledged: bool = False
    answer: Json | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def settled(self) -> "Delivery":
        """Wait until it was acknowledged or given up."""
        await self.done.wait()
        return self

    def finish(self, *, acknowledged: bool, answer: Json | None = None) -> None:
        self.acknowledged, self.answer = acknowledged, answer
        self.done.set()


class Dispatcher:
    """Hands deliveries over to whoever listens: open sockets, or a URL."""

    def __init__(
        self, faults: FaultPlan, *, signing_secret: str, ack_seconds: float, time_scale: float
    ) -> None:
        self.faults = faults
        self.signing_secret = signing_secret
        self.ack_seconds = ack_seconds
        self.time_scale = time_scale
        self.request_url: str | None = None
        self.deliveries: list[Delivery] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.greets = True
        """False makes new sockets useless: no hello, and no envelope."""
        self.waits_for_socket = True
        """Whether an event waits until a socket is open; else it is lost after the retries, as with Slack."""
        self.seconds_ahead = 0.0
        """Moves the timestamp that requests are signed with."""
        self._useful: list[web.WebSocketResponse] = []
        self._connected = asyncio.Event()
        self._waiting: dict[str, asyncio.Future[Json | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: list[Delivery] | None = None
        self._numbers = itertools.count(1)
        self._turn = itertools.count()

    def hand_over(self, delivery: Delivery) -> Delivery:
        """Start handing over; `settled` tells when it is over."""
        if self._held is not None:
            self._held.append(delivery)
        else:
            self._start([delivery])
        return delivery

    def hold(self) -> None:
        """Gather deliveries, so that they can be released as one batch (and so in a wrong order)."""
        self._held = self._held or []

    def release(self) -> None:
        """Hand over what was gathered."""
        held, self._held = self._held or [], None
        self._start(held)

    def _start(self, batch: list[Delivery]) -> None:
        seen: set[int] = set()
        for one in self.faults.deliveries(batch):
            delivery = Delivery(one.kind, one.payload, one.ts) if id(one) in seen else one
            seen.add(id(one))
            self.deliveries.append(delivery)
            self._spawn(self._deliver(delivery))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        """Events are retried; an interaction or a command fails before the person's eyes instead."""
        delays = RETRY_SECONDS if delivery.kind is Kind.EVENT else ()
        reason: str | None = None
        for delay in (None, *delays):
            if delay:
                await asyncio.sleep(delay * self.time_scale)
            attempt = self._post if self.request_url else self._envelope
            reason = await attempt(delivery, reason)
            if reason is None:
                return
        delivery.finish(acknowledged=False)

    async def _envelope(self, delivery: Delivery, reason: str | None) -> str | None:
        """Send one envelope and wait for its acknowledgement. Returns why it failed, None when it did not."""
        if not self._useful and not self.waits_for_socket:
            delivery.attempts += 1
            return "timeout"
        await self._connected.wait()
        socket = self._useful[next(self._turn) % len(self._useful)]
        name = f"envelope-{next(self._numbers)}"
        envelope: Json = {
            "envelope_id": name,
            "type": str(delivery.kind),
            "payload": delivery.payload,
            "accepts_response_payload": delivery.kind is not Kind.EVENT,
        }
        if delivery.kind is Kind.EVENT:
            envelope |= {"retry_attempt": delivery.attempts, "retry_reason": reason or ""}
        delivery.attempts += 1
        waiting = self._waiting[name] = asyncio.get_running_loop().create_future()
        try:
            await socket.send_json(envelope)
            answer = await asyncio.wait_for(waiting, self.ack_seconds)
        except (TimeoutError, ConnectionError, RuntimeError):
            return "timeout"
        finally:
            del self._waiting[name]
        delivery.finish(acknowledged=True, answer=answer)
        return None

    async def _post(self, delivery: Delivery, reason: str | None) -> str | None:
        """Post one signed request. Returns why it failed, None when it did not."""
        body, headers = encode(delivery)
        headers |= signature(self.signing_secret, body, at=int(time.time() + self.seconds_ahead))
        if delivery.attempts:
            headers |= {"x-slack-retry-num": str(delivery.attempts), "x-slack-retry-reason": reason or ""}
        delivery.attempts += 1
        timeout = aiohttp.ClientTimeout(total=self.ack_seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
                session.post(str(self.request_url), data=body, headers=headers) as response,
            ):
                text = await response.text()
        except TimeoutError:
            return "http_timeout"
        except aiohttp.ClientError:
            return "connection_failed"
        if not 200 <= response.status < 300:
            delivery.answer = {"status": response.status}
            return "http_error"
        delivery.finish(acknowledged=True, answer=read_answer(text))
        return None

    # Sockets

    async def serve_socket(self, request: web.Request) -> web.WebSocketResponse:
        """One Socket Mode connection, from its greeting to its end."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self.sockets) >= CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            return socket
        self.sockets.append(socket)
        try:
            if self.greets:
                await self._greet(socket)
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._acknowledged(json.loads(message.data))
        finally:
            self.sockets.remove(socket)
            self._retire(socket)
        return socket

    async def _greet(self, socket: web.WebSocketResponse) -> None:
        hello = {
            "type": "hello",
            "num_connections": len(self.sockets),
            "connection_info": {"app_id": "A0001"},
            "debug_info": {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
        }
        await socket.send_json(hello)
        self._useful.append(socket)
        self._connected.set()

    def _retire(self, socket: web.WebSocketResponse) -> None:
        if socket in self._useful:
            self._useful.remove(socket)
        if not self._useful:
            self._connected.clear()

    def _acknowledged(self, message: Json) -> None:
        waiting = self._waiting.get(str(message.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload"))

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Say goodbye on every socket, as Slack does every few hours, and close them."""
        for socket in list(self.sockets):
            self._retire(socket)
            await socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}
            )
            self._spawn(_close(socket))

    def drop_sockets(self) -> None:
        """Break every connection without a word."""
        for socket in list(self.sockets):
            self._retire(socket)
            request = socket._req
            if request is not None and request.transport is not None:
                request.transport.abort()

    async def wait_connected(self) -> None:
        """Wait until a socket is open and greeted."""
        await self._connected.wait()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in list(self.sockets):
            await socket.close()


async def _close(socket: web.WebSocketResponse) -> None:
    await socket.close()


def encode(delivery: Delivery) -> tuple[bytes, dict[str, str]]:
    """The body and its content type: JSON for events, a form for the others."""
    if delivery.kind is Kind.EVENT:
        return json.dumps(delivery.payload).encode(), {"content-type": "application/json"}
    form = (
        {"payload": json.dumps(delivery.payload)} if delivery.kind is Kind.INTERACTION else delivery.payload
    )
    return urlencode(form).encode(), {"content-type": "application/x-www-form-urlencoded"}


def signature(secret: str, body: bytes, *, at: int) -> dict[str, str]:
    """Slack's v0 signature over the raw body."""
    digest = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": str(at), "x-slack-signature": f"v0={digest}"}


def read_answer(text: str) -> Json | None:
    """What came with an acknowledgement over HTTP: nothing, JSON, or words."""
    if not text:
        return None
    return json.loads(text) if text.startswith("{") else {"text": text}
