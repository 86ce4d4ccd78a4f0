"""Telegram on loopback: a Bot API server that the real client talks to.

    async with TelegramEmulator() as telegram:
        channel = TelegramChannel(TelegramOptions(token=telegram.token, api_url=telegram.url))
        ...
        ada = telegram.person(1, language_code="en")
        await ada.start("TOKEN")
        question = await ada.wait_for_message("How are you")
        await ada.tap("Well")

`python -m tests.emulators.telegram.server --port 8081` runs it alone, steered over HTTP
(tests/emulators/control.py).
"""

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.emulators.faults import CARRIED_OUT, Fault, FaultPlan, Planned
from tests.emulators.telegram.control import TelegramSteering
from tests.emulators.telegram.methods import perform
from tests.emulators.telegram.person import PATIENCE_SECONDS, NothingCame, Person, Shown
from tests.emulators.telegram.state import ApiError, Call, TelegramState

TOKEN = "7000000001:EMULATOR-token_0123456789abcdefghijk"
FOR_EVER = 1e9
RETRY_SECONDS = 0.05
"""Between two tries of a webhook; Telegram's own are longer."""
GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"

__all__ = ["TOKEN", "NothingCame", "Person", "Shown", "TelegramEmulator"]


class TelegramEmulator:
    """The server. State, people and faults are open to tests; see `TelegramState`."""

    def __init__(self, token: str = TOKEN, *, limits: bool = False, port: int = 0) -> None:
        self.state = TelegramState(token, limits=limits)
        self._port = port
        self._runner: web.AppRunner | None = None
        self._delivery: asyncio.Task[None] | None = None

    @property
    def token(self) -> str:
        return self.state.token

    @property
    def faults(self) -> FaultPlan:
        return self.state.faults

    @property
    def calls(self) -> list[Call]:
        return self.state.calls

    @property
    def url(self) -> str:
        """The base address, to be given to the channel as `api_url`."""
        return f"http://127.0.0.1:{self._port}"

    def person(self, person_id: int, language_code: str | None = "en") -> Person:
        """A person; the same number is the same person."""
        return self.state.person(person_id, language_code)

    def methods_called(self) -> list[str]:
        """The names of the methods that were called, in order."""
        return [call.method for call in self.calls]

    async def wait_until(self, holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
        """Until something holds of the calls, the webhook, the taps answered; looked at after every call."""
        await self.state.bell.wait_until(holds, seconds)

    async def start(self) -> None:
        app = web.Application(client_max_size=50 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/documents/{file_id}", self._download)
        app.add_routes(TelegramSteering(self.state).routes())
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        self._delivery = asyncio.create_task(self._deliver())

    async def stop(self) -> None:
        """Stop listening; what is known is kept, and `start` goes on at the same port."""
        if self._delivery is not None:
            self._delivery.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._delivery
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # Answering

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        if (refused := self._refuse_token(request.match_info["token"])) is not None:
            return refused
        params = await _read_params(request)
        self.calls.append(Call(name, params, time.monotonic()))
        planned = self.faults.take(name)
        if planned is not None and planned.fault not in CARRIED_OUT:
            return self._meet(planned, request)
        answer = await self._answer(name, params)
        if planned is None:
            return answer
        if planned.fault is Fault.TIMEOUT_AFTER:
            await asyncio.Event().wait()  # until the client gives up
        return _drop(request)

    def _refuse_token(self, token: str) -> web.Response | None:
        if ":" not in token or not token.partition(":")[0].isdigit():
            return _no(ApiError(404, "Not Found"))
        if token != self.token or self.state.revoked:
            return _no(ApiError(401, "Unauthorized"))
        return None

    async def _answer(self, name: str, params: dict[str, Any]) -> web.Response:
        try:
            result = await perform(self.state, name, params)
            self.state.wake()
            return web.json_response({"ok": True, "result": result})
        except ApiError as error:
            return _no(error)

    def _meet(self, planned: Planned, request: web.Request) -> web.StreamResponse:
        match planned.fault:
            case Fault.RATE_LIMIT:
                wait = planned.retry_after
                return _no(ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait))
            case Fault.SERVER_ERROR:
                return _no(ApiError(planned.status or 500, planned.error or "Internal Server Error"))
            case Fault.GATEWAY:
                return web.Response(
                    status=planned.status or 502, text=planned.error or GATEWAY_PAGE, content_type="text/html"
                )
            case Fault.BLOCKED:
                return _no(ApiError(403, planned.error or "Forbidden: bot was blocked by the user"))
            case Fault.REVOKED:
                return _no(ApiError(planned.status or 401, planned.error or "Unauthorized"))
            case _:
                return _drop(request)

    async def _download(self, request: web.Request) -> web.Response:
        content = self.state.documents.get(request.match_info["file_id"])
        if self._refuse_token(request.match_info["token"]) or content is None:
            return _no(ApiError(404, "Not Found"))
        return web.Response(body=content)

    # Posting to the webhook

    async def _deliver(self) -> None:
        """One update after another, each until it is taken; like Telegram, and with its secret."""
        async with aiohttp.ClientSession(trust_env=False) as session:
            while True:
                await self.state.bell.wait_until(lambda: self.state.webhook and self.state.waiting, FOR_EVER)
                for update in self.faults.deliveries(self.state.waiting):
                    if not await self._post_until_taken(session, update):
                        break
                    self.state.confirm(update)

    async def _post_until_taken(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> bool:
        """False if the webhook was taken away first."""
        while (webhook := self.state.webhook) is not None:
            headers = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
            webhook.attempts += 1
            try:
                async with session.post(webhook.url, json=update, headers=headers) as answer:
                    if answer.ok:
                        return True
                    webhook.last_error = f"Wrong response from the webhook: {answer.status} {answer.reason}"
            except aiohttp.ClientError as error:
                webhook.last_error = f"Connection refused ({type(error).__name__})"
            webhook.last_error_date = self.state.now()
            self.state.wake()
            await asyncio.sleep(RETRY_SECONDS)
        return False


async def _read_params(request: web.Request) -> dict[str, Any]:
    """Parameters from the address, a form or JSON, as Telegram takes them; files as (name, content)."""
    params: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        params |= json.loads(await request.text() or "{}")
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            params[name] = (value.filename, value.file.read()) if isinstance(value, web.FileField) else value
    return params


def _no(error: ApiError) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.code)


def _drop(request: web.Request) -> web.Response:
    """Close the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _main() -> None:
    parser = argparse.ArgumentParser(description="A Telegram Bot API server on loopback, for tests.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; it is printed")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--limits", action="store_true", help="switch Telegram's rate limits on")
    args = parser.parse_args()
    async with TelegramEmulator(args.token, limits=args.limits, port=args.port) as emulator:
        print(json.dumps({"url": emulator.url, "token": emulator.token}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
