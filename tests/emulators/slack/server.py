"""Slack on loopback: the Web API, Socket Mode and signed HTTP requests, as strict about its limits as
Slack is.

The real slack_sdk and Bolt talk to it. Faults come from `faults` (tests/emulators/faults.py), by the name
of the method.

    async with SlackEmulator() as slack:
        ana = slack.person("Ana")
        await ana.command("/said start CODE")
        await ana.wait_for_message("Welcome")

`python -m tests.emulators.slack.server --port 9100` runs it as a process with a small control API (see
`tests.emulators.control`).
"""

import asyncio
import json
from typing import Any, Self

from aiohttp import web

from tests.emulators.faults import CARRIED_OUT, Fault, FaultPlan, Planned
from tests.emulators.slack.delivery import ACK_SECONDS, Delivery, Dispatcher, Kind
from tests.emulators.slack.emoji import unescape
from tests.emulators.slack.messages import Message
from tests.emulators.slack.methods import METHODS, WebMethods
from tests.emulators.slack.person import Person
from tests.emulators.slack.responses import METHOD, SECONDS, ResponseUrl, read_body
from tests.emulators.slack.workspace import BOT, SCOPES, Call, Refusal, TooMany

Json = dict[str, Any]

EVENT_NEEDS = {"reaction_added": "reactions:read", "reaction_removed": "reactions:read"}
"""The scope without which Slack tells an app nothing of an event."""


class SlackEmulator(WebMethods):
    """A workspace with one app installed."""

    def __init__(
        self,
        *,
        port: int = 0,
        ack_seconds: float = ACK_SECONDS,
        time_scale: float = 0.01,
        paced: bool = False,
        scopes: tuple[str, ...] = SCOPES,
        team: str = "T0001",
    ) -> None:
        """
        Args:
            port: 0 takes a free one.
            ack_seconds: How long Slack waits for an acknowledgement.
            time_scale: What Slack's retry delays (a minute, five minutes) are multiplied by.
            paced: Whether a second message to a room within a second is answered with 429.
            scopes: What the bot token may do.
            team: The workspace's id.
        """
        super().__init__(port=port, team=team, paced=paced, scopes=scopes)
        self.signing_secret = "emulated-signing-secret"
        self.faults = FaultPlan()
        self.dispatcher = Dispatcher(
            self.faults, signing_secret=self.signing_secret, ack_seconds=ack_seconds, time_scale=time_scale
        )
        self.more_event_ids = 0
        """How many more times each event is handed over, each time under an `event_id` of its own."""
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, extra_routes: list[web.RouteDef] | None = None) -> None:
        app = web.Application(client_max_size=4 * 2**20)
        app.add_routes([web.route("*", "/api/{method}", self._api), web.get("/link", self._link)])
        app.add_routes(
            [web.post("/upload/{file}", self._upload), web.post("/response/{name}", self._respond)]
        )
        app.add_routes(extra_routes or [])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def stop(self) -> None:
        self._stopping.set()
        await self.dispatcher.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """For `base_url` of a web client."""
        return f"{self.url}/api/"

    # What a test arranges

    def person(self, name: str, **details: Any) -> Person:
        """Somebody new in the workspace; `details` are fields of `Person` such as timezone and locale."""
        number = self.next_number()
        person = Person(self, id=details.pop("id", f"U{number:04}"), name=name, **details)
        self.people[person.id] = person
        return person

    def revoke(self) -> Delivery:
        """The workspace takes the bot token back, and says so."""
        self.revoked = True
        return self.send_event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT]}})

    def uninstall(self) -> Delivery:
        """The workspace removes the app, and says so."""
        self.revoked = True
        return self.send_event({"type": "app_uninstalled"})

    def said(self, method: str) -> list[Json]:
        """The arguments of every call of a method that was carried out."""
        return [call.arguments for call in self.calls if call.method == method and call.answer["ok"]]

    # What happens inside

    def response_url(self, person: Person, message: Message | None = None) -> str:
        """Where one tap or command may be answered."""
        response = ResponseUrl(person, message, self.now() + SECONDS)
        return self.url + self.responses.give(f"{self._born}-{self.next_number()}", response)

    def send_event(self, event: Json, ts: str = "") -> Delivery:
        """Tell the app of an event, or do not, where it may not hear of it: then the delivery is over at once."""
        payload = {
            "type": "event_callback",
            "event_id": self._event_id(),
            "event_time": int(self.clock()),
            "team_id": self.team,
            "api_app_id": "A0001",
            "authorizations": [
                {
                    "team_id": self.team,
                    "enterprise_id": None,
                    "user_id": BOT,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "event": {"event_ts": ts or self.next_ts(), **event},
        }
        delivery = Delivery(Kind.EVENT, payload, ts)
        needed = EVENT_NEEDS.get(event["type"])
        if needed and needed not in self.scopes:
            delivery.finish(acknowledged=False)
            return delivery
        self.dispatcher.hand_over(delivery)
        for _ in range(self.more_event_ids):
            self.send_again(delivery)
        return delivery

    def send_again(self, delivery: Delivery, *, new_id: bool = True) -> Delivery:
        """Hand an event over once more, under another `event_id` (Slack does now and then) or under the same."""
        name = {"event_id": self._event_id()} if new_id else {}
        return self.dispatcher.hand_over(Delivery(delivery.kind, delivery.payload | name, delivery.ts))

    def _event_id(self) -> str:
        return f"Ev{self._born}{self.next_number():06}"

    def hand_over(self, kind: Kind, payload: Json, person: Person) -> Delivery:
        delivery = self.dispatcher.hand_over(Delivery(kind, payload))
        self.dispatcher._spawn(self._finish(delivery, person))
        return delivery

    async def _finish(self, delivery: Delivery, person: Person) -> None:
        """What the person sees when Slack has the answer: words after a command, a form that closes."""
        await delivery.settled()
        answer = delivery.answer or {}
        if not delivery.acknowledged:
            person.ephemerals.append("operation_timeout")
        elif delivery.kind is Kind.COMMAND and answer.get("text"):
            person.ephemerals.append(unescape(answer["text"]))
        elif delivery.payload["type"] == "view_submission" and not answer.get("response_action"):
            person.modals = [view for view in person.modals if view["id"] != delivery.payload["view"]["id"]]
        await person.notice()

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=401)
        self._tickets.discard(ticket)
        return await self.dispatcher.serve_socket(request)

    # The Web API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        planned = self.faults.take(method)
        if planned is not None and planned.fault is Fault.DROP_BEFORE:
            return self._drop(request)
        answer = self._fault_answer(planned) if planned and planned.fault not in CARRIED_OUT else None
        if answer is not None:
            return answer
        answer = await self._carry_out(request, method)
        if planned is None:
            return answer
        if planned.fault is Fault.TIMEOUT_AFTER:
            await self._stopping.wait()
        return self._drop(request)

    def _drop(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    def _fault_answer(self, planned: Planned) -> web.Response:
        match planned.fault:
            case Fault.RATE_LIMIT:
                return _refused(TooMany(planned.retry_after))
            case Fault.SERVER_ERROR:
                return web.json_response(
                    {"ok": False, "error": planned.error or "internal_error"}, status=planned.status or 500
                )
            case Fault.GATEWAY:
                page = "<html><body><h1>Bad gateway</h1></body></html>"
                return web.Response(text=page, content_type="text/html", status=planned.status or 502)
            case Fault.REVOKED:
                return _refused(Refusal(planned.error or "token_revoked"))
            case _:
                return _refused(Refusal(planned.error or "user_disabled"))

    async def _carry_out(self, request: web.Request, method: str) -> web.Response:
        arguments = await _arguments(request)
        try:
            token = self._authorised(request, arguments, method)
            handler = METHODS.get(method)
            if handler is None:
                raise Refusal("unknown_method", req_method=method)  # noqa: TRY301 - all refusals end alike
            answer = {"ok": True, **await handler(self, arguments)}
        except Refusal as refusal:
            self.calls.append(Call(method, arguments, refusal.body))
            return _refused(refusal)
        self.calls.append(Call(method, arguments, answer))
        scopes = ",".join(self.scopes) if token == self.bot_token else "connections:write"
        return web.json_response(answer, headers={"x-oauth-scopes": scopes})

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        """An answer to a tap or command by its `response_url`; no token is asked for there."""
        planned = self.faults.take(METHOD)
        if planned is not None and planned.fault is Fault.DROP_BEFORE:
            return self._drop(request)
        if planned is not None and planned.fault not in CARRIED_OUT:
            return self._fault_answer(planned)
        arguments = await read_body(request)
        try:
            answer = await self._answered(request.match_info["name"], arguments)
        except Refusal as refusal:
            self.calls.append(Call(METHOD, arguments or {}, refusal.body))
            return _refused(refusal)
        self.calls.append(Call(METHOD, arguments or {}, {"ok": True}))
        if planned is None:
            return answer
        if planned.fault is Fault.TIMEOUT_AFTER:
            await self._stopping.wait()
        return self._drop(request)

    async def _upload(self, request: web.Request) -> web.Response:
        """Where a file's bytes are posted; no token is asked for there."""
        file = request.match_info["file"]
        if file not in self.files:
            return web.Response(status=404)
        self.files[file] = await request.read()
        return web.Response(text="OK")


def _refused(refusal: Refusal) -> web.Response:
    return web.json_response(refusal.body, status=refusal.status, headers=refusal.headers)


async def _arguments(request: web.Request) -> Json:
    """Query, form or JSON; a form carries blocks and views as JSON text."""
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        arguments |= await request.json()
    elif request.can_read_body:
        arguments |= dict(await request.post())
    for name in ("blocks", "view"):
        if isinstance(arguments.get(name), str):
            arguments[name] = json.loads(arguments[name])
    return arguments


if __name__ == "__main__":
    from tests.emulators.slack.control import main

    main()
