"""Steering the emulator from another process: act as a person, read what was delivered, plan faults.

POST /_control/act       {"person": "U1", "do": "type", "with": {"text": "hello"}, "wait": true}
                         `wait` answers only when Slack has the acknowledgement, and says whether it came
GET  /_control/messages  ?person=U1&after=0&wait=20    the bot's messages after that many; waits for one
GET  /_control/log       deliveries (id, acknowledged, attempts) and calls by method
POST /_control/fault     {"method": "chat.postMessage", "fault": "timeout_after", "times": 2}
POST /_control/set       {"paced": true, "duplicate": 3, "reorder": 1, "request_url":
"http://127.0.0.1:8080/slack/events"} POST /_control/sockets   {"do": "disconnect"} or {"do": "drop"}
"""

import argparse
import asyncio
import json
from collections import Counter
from datetime import date
from typing import Any

import aiohttp
from aiohttp import web

from tests.emulators.faults import Fault
from tests.emulators.slack.delivery import Delivery
from tests.emulators.slack.person import NotOnScreen, Person
from tests.emulators.slack.server import SlackEmulator

ACTS = frozenset(
    {"start", "command", "type", "tap", "pick", "pick_date", "send_file", "open_home", "start_from_home"}
    | {"edit", "submit_modal"}
)


def control_routes(slack: SlackEmulator) -> list[web.RouteDef]:
    """The routes under /_control."""

    async def act(request: web.Request) -> web.Response:
        order = await request.json()
        if order["do"] not in ACTS:
            return web.json_response({"error": f"one of {sorted(ACTS)}"}, status=400)
        details = order.get("with", {})
        if "day" in details:
            details["day"] = date.fromisoformat(details["day"])
        try:
            delivery = await getattr(_person(slack, order["person"]), order["do"])(**details)
        except NotOnScreen as error:
            return web.json_response({"error": str(error)}, status=409)
        if order.get("wait"):
            await delivery.settled()
        return web.json_response(_as_json(delivery))

    async def messages(request: web.Request) -> web.Response:
        person = _person(slack, request.query["person"])
        after, wait = int(request.query.get("after", 0)), float(request.query.get("wait", 0))
        try:
            if wait:
                await person.wait_until(lambda: len(person.from_bot) > after, seconds=wait)
        except NotOnScreen:
            pass
        return web.json_response([message.as_json() for message in person.from_bot[after:]])

    async def log(_request: web.Request) -> web.Response:
        deliveries = [_as_json(delivery) for delivery in slack.dispatcher.deliveries]
        return web.json_response(
            {"deliveries": deliveries, "calls": Counter(call.method for call in slack.calls)}
        )

    return [
        web.post("/_control/act", act),
        web.get("/_control/messages", messages),
        web.get("/_control/log", log),
        *_arranging(slack),
    ]


def _arranging(slack: SlackEmulator) -> list[web.RouteDef]:
    async def fault(request: web.Request) -> web.Response:
        plan = await request.json()
        slack.faults.add(plan.pop("method"), Fault(plan.pop("fault")), **plan)
        return web.json_response({"done": True})

    async def change(request: web.Request) -> web.Response:
        wanted = await request.json()
        slack.paced = wanted.get("paced", slack.paced)
        slack.revoked = wanted.get("revoked", slack.revoked)
        slack.dispatcher.request_url = wanted.get("request_url", slack.dispatcher.request_url)
        slack.faults.duplicate_deliveries(wanted.get("duplicate", 0))
        slack.faults.reorder_deliveries(wanted.get("reorder", 0))
        return web.json_response({"done": True})

    async def sockets(request: web.Request) -> web.Response:
        if (await request.json())["do"] == "drop":
            slack.dispatcher.drop_sockets()
        else:
            await slack.dispatcher.disconnect()
        return web.json_response({"done": True})

    return [
        web.post("/_control/fault", fault),
        web.post("/_control/set", change),
        web.post("/_control/sockets", sockets),
    ]


def _person(slack: SlackEmulator, person_id: str) -> Person:
    return slack.people.get(person_id) or slack.person(person_id, id=person_id)


def _as_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.payload.get("event_id") or delivery.payload.get("trigger_id"),
        "kind": str(delivery.kind),
        "message_id": delivery.ts,
        "acknowledged": delivery.acknowledged,
        "attempts": delivery.attempts,
        "over": delivery.done.is_set(),
    }


class Control:
    """The other side of it: a client for the process that steers."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_control"
        self._session = aiohttp.ClientSession(trust_env=False)

    async def act(self, person: str, do: str, *, wait: bool = False, **details: Any) -> Any:
        """Act as a person, for example `act("U1", "type", text="hello")`."""
        return await self._post("act", {"person": person, "do": do, "with": details, "wait": wait})

    async def messages(self, person: str, after: int = 0, wait: float = 0) -> list[dict[str, Any]]:
        """The bot's messages to a person after the first `after`; waits up to `wait` seconds for one."""
        query = {"person": person, "after": after, "wait": wait}
        async with self._session.get(f"{self._url}/messages", params=query) as answer:
            return list(await answer.json())

    async def log(self) -> dict[str, Any]:
        """What was handed over, and what was called."""
        async with self._session.get(f"{self._url}/log") as answer:
            return dict(await answer.json())

    async def plan_fault(self, method: str, fault: Fault, **details: Any) -> None:
        await self._post("fault", {"method": method, "fault": fault.value, **details})

    async def set(self, **wanted: Any) -> None:
        """Switch `paced` or `revoked`, set `request_url`, or plan `duplicate` or `reorder` deliveries."""
        await self._post("set", wanted)

    async def sockets(self, do: str) -> None:
        """`disconnect` politely, or `drop`."""
        await self._post("sockets", {"do": do})

    async def close(self) -> None:
        await self._session.close()

    async def _post(self, name: str, body: dict[str, Any]) -> Any:
        async with self._session.post(f"{self._url}/{name}", json=body) as answer:
            done = await answer.json()
            assert answer.ok, done
            return done


async def serve(port: int, *, ack_seconds: float, time_scale: float) -> None:
    """Run until killed. The first line of output is JSON: the URLs, tokens and the signing secret."""
    slack = SlackEmulator(port=port, ack_seconds=ack_seconds, time_scale=time_scale)
    await slack.start(control_routes(slack))
    about = {
        "url": slack.url,
        "api_url": slack.api_url,
        "bot_token": slack.bot_token,
        "app_token": slack.app_token,
        "signing_secret": slack.signing_secret,
    }
    print(json.dumps(about), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="An emulated Slack on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ack-seconds", type=float, default=3.0)
    parser.add_argument("--time-scale", type=float, default=0.01)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, ack_seconds=arguments.ack_seconds, time_scale=arguments.time_scale))
