"""Steering the emulator from another process: act as a person, read what was delivered, plan faults.

POST /_control/act       {"person": 1, "do": "type", "with": {"text": "hello"}, "language_code": "en"}
GET  /_control/messages  ?person=1&after=0&wait=20     the bot's messages after that many; waits for one
GET  /_control/log                                     updates confirmed and pending, calls by method, taps
answered POST /_control/fault     {"method": "sendMessage", "fault": "timeout_after", "times": 2} POST
/_control/set       {"limits": true, "duplicate": 3, "reorder": 1, "revoked": false}
"""

from collections import Counter
from typing import Any

import aiohttp
from aiohttp import web

from tests.emulators.faults import Fault
from tests.emulators.telegram.person import NothingCame, Shown
from tests.emulators.telegram.state import TelegramState

ACTS = frozenset({"start", "type", "tap", "send_voice", "send_photo", "send_sticker", "block", "unblock"})


def control_routes(state: TelegramState) -> list[web.RouteDef]:
    """The routes under /_control."""

    async def act(request: web.Request) -> web.Response:
        order = await request.json()
        if order["do"] not in ACTS:
            return web.json_response({"error": f"one of {sorted(ACTS)}"}, status=400)
        person = state.person(order["person"], order.get("language_code", "en"))
        try:
            done = await getattr(person, order["do"])(**order.get("with", {}))
        except AssertionError as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response(done.as_json() if isinstance(done, Shown) else {"done": done})

    async def messages(request: web.Request) -> web.Response:
        person = state.person(int(request.query["person"]))
        after = int(request.query.get("after", 0))
        try:
            wait = float(request.query.get("wait", 0))
            if wait:
                await person.wait_until(lambda: len(person.from_bot) > after, seconds=wait)
        except NothingCame:
            pass
        return web.json_response([message.as_json() for message in person.from_bot[after:]])

    async def log(_request: web.Request) -> web.Response:
        return web.json_response(
            {
                "confirmed": state.confirmed,
                "pending": list(state.pending),
                "calls": Counter(call.method for call in state.calls),
                "answered": state.answered,
            }
        )

    async def fault(request: web.Request) -> web.Response:
        plan = await request.json()
        state.faults.add(plan.pop("method"), Fault(plan.pop("fault")), **plan)
        return web.json_response({"done": True})

    async def change(request: web.Request) -> web.Response:
        wanted = await request.json()
        state.limits = wanted.get("limits", state.limits)
        state.revoked = wanted.get("revoked", state.revoked)
        state.faults.duplicate_deliveries(wanted.get("duplicate", 0))
        state.faults.reorder_deliveries(wanted.get("reorder", 0))
        state.wake()
        return web.json_response({"done": True})

    return [
        web.post("/_control/act", act),
        web.get("/_control/messages", messages),
        web.get("/_control/log", log),
        web.post("/_control/fault", fault),
        web.post("/_control/set", change),
    ]


class Control:
    """The other side of it: a client for the process that steers."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_control"
        self._session = aiohttp.ClientSession(trust_env=False)

    async def act(self, person: int, do: str, **details: Any) -> Any:
        """Act as a person, for example `act(1, "type", text="hello")`."""
        return await self._post("act", {"person": person, "do": do, "with": details})

    async def messages(self, person: int, after: int = 0, wait: float = 0) -> list[dict[str, Any]]:
        """The bot's messages to a person after the first `after`; waits up to `wait` seconds for one."""
        query = {"person": person, "after": after, "wait": wait}
        async with self._session.get(f"{self._url}/messages", params=query) as answer:
            return list(await answer.json())

    async def log(self) -> dict[str, Any]:
        """What was confirmed, what waits, what was called."""
        async with self._session.get(f"{self._url}/log") as answer:
            return dict(await answer.json())

    async def plan_fault(self, method: str, fault: Fault, **details: Any) -> None:
        await self._post("fault", {"method": method, "fault": fault.value, **details})

    async def set(self, **wanted: Any) -> None:
        """Switch `limits` or `revoked`, or plan so many `duplicate` or `reorder` deliveries."""
        await self._post("set", wanted)

    async def close(self) -> None:
        await self._session.close()

    async def _post(self, name: str, body: dict[str, Any]) -> Any:
        async with self._session.post(f"{self._url}/{name}", json=body) as answer:
            done = await answer.json()
            assert answer.ok, done
            return done
