"""Steer an emulator from another process: act as a person, read what was delivered, plan faults.

POST /_control/act       {"person": 1, "do": "type", "with": {"text": "hello"}}, and what a platform adds
GET  /_control/messages  ?person=1&after=0&wait=20    the bot's messages after that many; waits for one
GET  /_control/log       what was handed over, and calls by method
POST /_control/fault     {"method": "sendMessage", "fault": "timeout_after", "times": 2}
POST /_control/set       {"duplicate": 3, "reorder": 1}, and what a platform adds

An act that nobody can do is answered by 400, one that fits nothing on the screen by 409.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import aiohttp
from aiohttp import web

from tests.emulators.faults import Fault, FaultPlan

Json = dict[str, Any]


class Message(Protocol):
    """A message on a screen."""

    def as_json(self) -> Json: ...


class Person(Protocol):
    """Somebody on a platform."""

    @property
    def from_bot(self) -> Sequence[Message]: ...

    async def wait_until(self, holds: Callable[[], bool], *, seconds: float) -> None:
        """Wait until something holds; raises AssertionError where it does not come true in time."""


class Steering(ABC):
    """What another process may do with an emulator."""

    acts: frozenset[str]
    """What a person can be made to do: names of their methods."""

    def __init__(self, faults: FaultPlan) -> None:
        self._faults = faults

    @abstractmethod
    def person(self, person_id: str, order: Json) -> Person:
        """Return the person with this id, made if need be; `order` may say more about them."""

    @abstractmethod
    async def act(self, person: Any, order: Json) -> Json:
        """Carry an act out, and say what came of it. Raises AssertionError for what is not on the screen."""

    @abstractmethod
    def log(self) -> Json:
        """Say what was handed over and what was called."""

    def change(self, wanted: Json) -> None:
        """Switch what the platform can switch, and plan so many deliveries to be doubled or out of order."""
        self._faults.duplicate_deliveries(wanted.get("duplicate", 0))
        self._faults.reorder_deliveries(wanted.get("reorder", 0))

    def routes(self) -> list[web.RouteDef]:
        """Return the routes under /_control."""
        return [
            web.post("/_control/act", self._answer_act),
            web.get("/_control/messages", self._answer_messages),
            web.get("/_control/log", self._answer_log),
            web.post("/_control/fault", self._answer_fault),
            web.post("/_control/set", self._answer_set),
        ]

    async def _answer_act(self, request: web.Request) -> web.Response:
        order = await request.json()
        if order["do"] not in self.acts:
            return web.json_response({"error": f"one of {sorted(self.acts)}"}, status=400)
        person = self.person(order["person"], order)
        try:
            return web.json_response(await self.act(person, order))
        except AssertionError as error:
            return web.json_response({"error": str(error)}, status=409)

    async def _answer_messages(self, request: web.Request) -> web.Response:
        person = self.person(request.query["person"], {})
        after, wait = int(request.query.get("after", 0)), float(request.query.get("wait", 0))
        try:
            if wait:
                await person.wait_until(lambda: len(person.from_bot) > after, seconds=wait)
        except AssertionError:
            pass  # nothing came: the list says so
        return web.json_response([message.as_json() for message in person.from_bot[after:]])

    async def _answer_log(self, _request: web.Request) -> web.Response:
        return web.json_response(self.log())

    async def _answer_fault(self, request: web.Request) -> web.Response:
        plan = await request.json()
        self._faults.add(plan.pop("method"), Fault(plan.pop("fault")), **plan)
        return web.json_response({"done": True})

    async def _answer_set(self, request: web.Request) -> web.Response:
        self.change(await request.json())
        return web.json_response({"done": True})


class Control:
    """The other side of it: a client for the process that steers."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_control"
        self._session = aiohttp.ClientSession(trust_env=False)

    async def act(self, person: int | str, do: str, **details: Any) -> Any:
        """Act as a person, for example `act(1, "type", text="hello")`."""
        return await self.post("act", {"person": person, "do": do, "with": details})

    async def messages(self, person: int | str, after: int = 0, wait: float = 0) -> list[Json]:
        """Return the bot's messages to a person after the first `after`; waits up to `wait` seconds for one."""
        query = {"person": person, "after": after, "wait": wait}
        async with self._session.get(f"{self._url}/messages", params=query) as answer:
            return list(await answer.json())

    async def log(self) -> Json:
        """Return what was handed over, and what was called."""
        async with self._session.get(f"{self._url}/log") as answer:
            return dict(await answer.json())

    async def plan_fault(self, method: str, fault: Fault, **details: Any) -> None:
        """Plan a fault; `details` are the other fields of `Planned`."""
        await self.post("fault", {"method": method, "fault": fault.value, **details})

    async def set(self, **wanted: Any) -> None:
        """Switch what the platform can switch, or plan so many `duplicate` or `reorder` deliveries."""
        await self.post("set", wanted)

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()

    async def post(self, name: str, body: Json) -> Any:
        """Send an order; raises AssertionError with the answer where it is refused."""
        async with self._session.post(f"{self._url}/{name}", json=body) as answer:
            done = await answer.json()
            assert answer.ok, done
            return done
