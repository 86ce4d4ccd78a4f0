"""What steering the emulated Slack adds to `tests.emulators.control`, and Slack as a process of its own.

POST /_control/act      also takes "wait": true, which answers only when Slack has the acknowledgement, or has given up
POST /_control/set      also takes "paced": true, "revoked": true, "request_url": "http://127.0.0.1:8080/slack/events",
                        "more_event_ids": 1 (each event comes once more, under another name), "waits_for_socket": false
GET  /_control/thread   ?person=U1&under=1.000001     what stands in the thread under a message, by its `ts` or words
POST /_control/sockets  {"do": "disconnect"} or {"do": "drop"}
"""

import argparse
import asyncio
import json
from collections import Counter
from datetime import date
from typing import Any

from aiohttp import web

from tests.emulators import control
from tests.emulators.control import Json, Steering
from tests.emulators.slack.delivery import Delivery
from tests.emulators.slack.person import Person
from tests.emulators.slack.server import SlackEmulator

_POINTS = frozenset({"tap", "double_tap", "pick", "pick_date", "reply", "react", "unreact"})
"""The acts that may name a message, by its `ts` or by what it says."""


class SlackSteering(Steering):
    """Slack as another process steers it: deliveries with their acknowledgements, sockets that close."""

    acts = frozenset(
        {"start", "command", "type", "tap", "pick", "pick_date", "send_file", "open_home", "start_from_home"}
        | {"edit", "submit_modal", "delete", "reply", "react", "unreact", "double_tap", "burst", "forward"}
        | {"unfold_link", "change_client"}
    )

    def __init__(self, slack: SlackEmulator) -> None:
        super().__init__(slack.faults)
        self._slack = slack

    def person(self, person_id: str, order: Json) -> Person:
        return self._slack.people.get(person_id) or self._slack.person(person_id, id=person_id)

    async def act(self, person: Any, order: Json) -> Json:
        details = order.get("with", {})
        if "day" in details:
            details["day"] = date.fromisoformat(details["day"])
        for name in ("message", "under", "to") if order["do"] in _POINTS else ():
            if name in details:
                details[name] = person.find(details[name])
        done = await getattr(person, order["do"])(*details.pop("texts", ()), **details)
        deliveries = [done] if isinstance(done, Delivery) else list(done or ())
        if order.get("wait"):
            for delivery in deliveries:
                await delivery.settled()
        return _as_json(deliveries[-1]) if deliveries else {}

    def log(self) -> Json:
        deliveries = [_as_json(delivery) for delivery in self._slack.dispatcher.deliveries]
        return {"deliveries": deliveries, "calls": Counter(call.method for call in self._slack.calls)}

    def change(self, wanted: Json) -> None:
        slack = self._slack
        slack.paced = wanted.get("paced", slack.paced)
        slack.revoked = wanted.get("revoked", slack.revoked)
        slack.more_event_ids = wanted.get("more_event_ids", slack.more_event_ids)
        slack.dispatcher.request_url = wanted.get("request_url", slack.dispatcher.request_url)
        slack.dispatcher.waits_for_socket = wanted.get("waits_for_socket", slack.dispatcher.waits_for_socket)
        super().change(wanted)

    def routes(self) -> list[web.RouteDef]:
        return [
            *super().routes(),
            web.post("/_control/sockets", self._answer_sockets),
            web.get("/_control/thread", self._answer_thread),
        ]

    async def _answer_thread(self, request: web.Request) -> web.Response:
        person = self.person(request.query["person"], {})
        try:
            found = person.thread(request.query["under"])
        except AssertionError as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response([message.as_json() for message in found])

    async def _answer_sockets(self, request: web.Request) -> web.Response:
        if (await request.json())["do"] == "drop":
            self._slack.dispatcher.drop_sockets()
        else:
            await self._slack.dispatcher.disconnect()
        return web.json_response({"done": True})


def _as_json(delivery: Delivery) -> Json:
    return {
        "id": delivery.payload.get("event_id") or delivery.payload.get("trigger_id"),
        "kind": str(delivery.kind),
        "message_id": delivery.ts,
        "acknowledged": delivery.acknowledged,
        "attempts": delivery.attempts,
        "over": delivery.done.is_set(),
    }


class Control(control.Control):
    """A client that can also wait for an acknowledgement, and close sockets."""

    async def act(self, person: int | str, do: str, *, wait: bool = False, **details: Any) -> Any:
        """Act as a person, for example `act("U1", "type", text="hello")`."""
        return await self.post("act", {"person": person, "do": do, "with": details, "wait": wait})

    async def thread(self, person: str, under: str) -> list[Json]:
        """Return what stands in the thread under a message."""
        query = {"person": person, "under": under}
        async with self._session.get(f"{self._url}/thread", params=query) as answer:
            return list(await answer.json())

    async def sockets(self, do: str) -> None:
        """`disconnect` politely, or `drop`."""
        await self.post("sockets", {"do": do})


async def serve(port: int, *, ack_seconds: float, time_scale: float) -> None:
    """Run until killed. The first line of output is JSON: the URLs, tokens and the signing secret."""
    slack = SlackEmulator(port=port, ack_seconds=ack_seconds, time_scale=time_scale)
    await slack.start(SlackSteering(slack).routes())
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
