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
import itertools
import json
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.emulators.faults import CARRIED_OUT, Fault, FaultPlan, Planned
from tests.emulators.slack.blockkit import TEXT_TOGETHER, problems, text_together, texts, view_problems
from tests.emulators.slack.delivery import ACK_SECONDS, Delivery, Dispatcher, Kind
from tests.emulators.slack.emoji import escape, unescape
from tests.emulators.slack.history import Pages
from tests.emulators.slack.messages import Message
from tests.emulators.slack.person import Person
from tests.emulators.slack.responses import METHOD, SECONDS, ResponseUrl, ResponseUrls, asks, read_body

Json = dict[str, Any]

BOT = "U0BOT"
BOT_ID = "B0001"
SCOPES = (
    "chat:write",
    "commands",
    "files:write",
    "im:history",
    "im:write",
    "reactions:read",
    "users:read",
)
NEEDS = {
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "im:history",
    "conversations.open": "im:write",
    "conversations.replies": "im:history",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "users.info": "users:read",
    "apps.connections.open": "connections:write",
}
"""The scope of each method; the others need none."""
EVENT_NEEDS = {"reaction_added": "reactions:read", "reaction_removed": "reactions:read"}
"""The scope without which Slack tells an app nothing of an event."""
TEXT_LENGTH = 40_000
TRIGGER_SECONDS = 3.0


class Refusal(Exception):
    """An `ok: false`, with Slack's word for it."""

    def __init__(self, error: str, *, status: int = 200, **details: Any) -> None:
        super().__init__(error)
        self.body = {"ok": False, "error": error, **details}
        self.headers: dict[str, str] = {}
        self.status = status


class TooMany(Refusal):
    """429."""

    def __init__(self, seconds: float) -> None:
        super().__init__("ratelimited")
        self.status = 429
        self.headers = {"Retry-After": str(math.ceil(seconds))}


@dataclass(frozen=True)
class Call:
    """One call of the Web API, for assertions."""

    method: str
    arguments: Json
    answer: Json


@dataclass
class _Trigger:
    person: Person
    expires: float
    used: bool = False


class SlackEmulator:
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
        self.bot_token, self.app_token = "xoxb-emulated-bot", "xapp-emulated-app"
        self.signing_secret = "emulated-signing-secret"
        self.team, self.paced, self.scopes = team, paced, scopes
        self.faults = FaultPlan()
        self.dispatcher = Dispatcher(
            self.faults, signing_secret=self.signing_secret, ack_seconds=ack_seconds, time_scale=time_scale
        )
        self.people: dict[str, Person] = {}
        self.calls: list[Call] = []
        self.files: dict[str, bytes | None] = {}
        """What was uploaded, by the file's id; None until its bytes have come."""
        self.messages_tab = True
        self.edit_window_closed = False
        self.revoked = False
        self.now: Callable[[], float] = time.monotonic
        self.clock: Callable[[], float] = time.time
        """What time messages are given, in seconds since 1970; every message gets a later one than those before it."""
        self.more_event_ids = 0
        """How many more times each event is handed over, each time under an `event_id` of its own."""
        self.responses = ResponseUrls()
        self.pages = Pages()
        self._port = port
        self._numbers = itertools.count(1)
        self._born = int(time.time())  # names are not given twice, even to a database that outlives us
        self._newest_ts = 0
        self._triggers: dict[str, _Trigger] = {}
        self._tickets: set[str] = set()
        self._last_post: dict[str, float] = {}
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
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

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

    def next_number(self) -> int:
        return next(self._numbers)

    def next_ts(self) -> str:
        """A message's name: its time, later than that of every other message of either side."""
        self._newest_ts = max(self._newest_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._newest_ts // 1_000_000}.{self._newest_ts % 1_000_000:06}"

    def room_of(self, person: Person) -> str:
        person.room = person.room or f"D{self.next_number():04}"
        return person.room

    def trigger(self, person: Person) -> str:
        name = f"{self._born}.trigger.{self.next_number()}"
        self._triggers[name] = _Trigger(person, self.now() + TRIGGER_SECONDS)
        return name

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

    def user_object(self, person: Person, *, locale: bool = True) -> Json:
        user = {
            "id": person.id,
            "team_id": self.team,
            "name": person.name,
            "deleted": person.deleted,
            "tz": person.timezone,
            "tz_label": person.timezone,
            "tz_offset": 0,
            "is_bot": False,
            "updated": person.updated,
        }
        return user | ({"locale": person.locale} if locale else {})

    def message_object(self, message: Message) -> Json:
        """A message as the Web API and the payloads of taps show it."""
        thread = {"thread_ts": message.thread} if message.thread else {}
        if not message.from_bot:
            return message.event | thread
        return thread | {
            "type": "message",
            "user": message.author,
            "bot_id": BOT_ID,
            "ts": message.ts,
            "text": escape(message.text),
            "team": self.team,
            "blocks": message.blocks,
        }

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
            handler = _METHODS.get(method)
            if handler is None:
                raise Refusal("unknown_method", req_method=method)  # noqa: TRY301 - all refusals end alike
            answer = {"ok": True, **await handler(self, arguments)}
        except Refusal as refusal:
            self.calls.append(Call(method, arguments, refusal.body))
            return _refused(refusal)
        self.calls.append(Call(method, arguments, answer))
        scopes = ",".join(self.scopes) if token == self.bot_token else "connections:write"
        return web.json_response(answer, headers={"x-oauth-scopes": scopes})

    def _authorised(self, request: web.Request, arguments: Json, method: str) -> str:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or arguments.pop("token", "")
        arguments.pop("token", None)
        if not token:
            raise Refusal("not_authed")
        if token not in (self.bot_token, self.app_token):
            raise Refusal("invalid_auth")
        if self.revoked:
            raise Refusal("token_revoked")
        wants_app = method == "apps.connections.open"
        if wants_app != (token == self.app_token):
            raise Refusal("not_allowed_token_type")
        needed = NEEDS.get(method)
        if needed and not wants_app and needed not in self.scopes:
            raise Refusal("missing_scope", needed=needed, provided=",".join(self.scopes))
        return str(token)

    async def auth_test(self, _: Json) -> Json:
        return {
            "url": "https://emulated.slack.com/",
            "team": "Emulated",
            "user": "said",
            "team_id": self.team,
            "user_id": BOT,
            "bot_id": BOT_ID,
            "is_enterprise_install": False,
        }

    async def connections_open(self, _: Json) -> Json:
        ticket = f"ticket-{self.next_number()}"
        self._tickets.add(ticket)
        return {"url": f"ws://127.0.0.1:{self._port}/link?ticket={ticket}"}

    async def conversations_open(self, arguments: Json) -> Json:
        users = str(arguments.get("users") or "").split(",")
        if len(users) != 1 or not users[0]:
            raise Refusal(
                "users_list_not_supplied" if not users[0] else "method_not_supported_for_channel_type"
            )
        if users[0] == BOT:
            raise Refusal("cannot_dm_bot")
        person = self.people.get(users[0])
        if person is None:
            raise Refusal("user_not_found")
        if person.deleted:
            raise Refusal("user_disabled")
        return {"channel": {"id": self.room_of(person)}}

    def _person_in(self, room: object) -> Person:
        for person in self.people.values():
            if room and room in (person.room, person.id):
                self.room_of(person)
                return person
        raise Refusal("channel_not_found")

    def _checked(self, arguments: Json) -> tuple[str, list[Json]]:
        text, blocks = str(arguments.get("text") or ""), arguments.get("blocks") or []
        if not text and not blocks:
            raise Refusal("no_text")
        if len(text) > TEXT_LENGTH:
            raise Refusal("msg_too_long")
        found = problems(blocks)
        if found:
            raise Refusal("invalid_blocks", errors=found, response_metadata={"messages": found})
        if text_together(blocks) > TEXT_TOGETHER:
            raise Refusal("msg_blocks_too_long")
        return text, [self._named(block) for block in blocks]

    def _named(self, block: Json) -> Json:
        """With the ids that Slack gives to what has none."""
        named = {"block_id": f"b{self.next_number()}", **block}
        if block["type"] == "actions":
            named["elements"] = [{"action_id": f"a{self.next_number()}", **one} for one in block["elements"]]
        return named

    async def post_message(self, arguments: Json) -> Json:
        person = self._person_in(arguments.get("channel"))
        if person.deleted:
            raise Refusal("is_archived")
        if not self.messages_tab:
            raise Refusal("messages_tab_disabled")
        text, blocks = self._checked(arguments)
        thread = self._thread(person, arguments)
        self._pace(person.room)
        message = await self._show(person, text, blocks, thread)
        message.broadcast = asks(arguments, "reply_broadcast")
        return {"channel": person.room, "ts": message.ts, "message": self.message_object(message)}

    def _thread(self, person: Person, arguments: Json) -> str:
        """The `ts` of the thread that a call names; '' where it names none."""
        under = str(arguments.get("thread_ts") or "")
        if not under or under in person.stones:
            return under
        parent = next((one for one in person.messages if one.ts == under), None)
        if parent is None:
            raise Refusal("thread_not_found")
        return parent.thread or parent.ts

    async def _show(self, person: Person, text: str, blocks: list[Json], thread: str = "") -> Message:
        message = Message(self.next_ts(), BOT, unescape(text), blocks, from_bot=True, thread=thread)
        person.messages.append(message)
        await person.notice()
        return message

    async def post_ephemeral(self, arguments: Json) -> Json:
        person = self._person_in(arguments.get("channel"))
        if arguments.get("user") != person.id:
            raise Refusal("user_not_in_channel")
        text, blocks = self._checked(arguments)
        self._thread(person, arguments)
        await self._whisper(person, text, blocks)
        return {"message_ts": self.next_ts()}

    async def _whisper(self, person: Person, text: str, blocks: list[Json]) -> None:
        """Show what only this person sees: the text itself where there are no blocks."""
        shown = "".join(texts([block for block in blocks if block["type"] in ("section", "header")]))
        person.ephemerals.append(shown or unescape(text))
        await person.notice()

    async def history(self, arguments: Json) -> Json:
        person = self._person_in(arguments.get("channel"))
        found = [self._told(one, person) for one in reversed(person.messages) if one.in_room]
        return self._page(found, arguments)

    async def replies(self, arguments: Json) -> Json:
        person, root = self._person_in(arguments.get("channel")), arguments.get("ts")
        found = [self._told(one, person) for one in person.messages if root in (one.ts, one.thread)]
        if not found:
            raise Refusal("thread_not_found")
        return self._page(found, arguments)

    def _told(self, message: Message, person: Person) -> Json:
        """A message as the history shows it: one with a thread under it says so."""
        replies = [one for one in person.messages if one.thread == message.ts]
        thread = {"thread_ts": message.ts, "reply_count": len(replies)} if replies else {}
        signs: dict[str, list[str]] = {}
        for user, name in sorted(message.reactions):
            signs.setdefault(name, []).append(user)
        told = [{"name": name, "users": users, "count": len(users)} for name, users in signs.items()]
        return self.message_object(message) | thread | ({"reactions": told} if told else {})

    def _page(self, found: list[Json], arguments: Json) -> Json:
        page = self.pages.read(found, arguments)
        if page is None:
            raise Refusal("invalid_cursor")
        return page

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

    async def _answered(self, name: str, body: Json | None) -> web.Response:
        if body is None:
            raise Refusal("invalid_payload", status=400)
        response = self.responses.take(name, self.now())
        if isinstance(response, str):
            raise Refusal(response, status=404)
        person, original = response.person, response.message
        if asks(body, "delete_original"):
            if original in person.messages:
                person.messages.remove(original)
            await person.notice()
            return web.Response(text="ok")
        text, blocks = self._checked(body)
        if asks(body, "replace_original") and original is not None:
            original.replace(unescape(text), blocks)
            await person.notice()
        elif body.get("response_type") == "in_channel":
            await self._show(person, text, blocks, self._thread(person, body))
        else:
            await self._whisper(person, text, blocks)
        return web.Response(text="ok")

    async def upload_url(self, arguments: Json) -> Json:
        if not arguments.get("filename") or not int(arguments.get("length") or 0):
            raise Refusal("invalid_arguments")
        file = f"F{self.next_number()}"
        self.files[file] = None
        return {"file_id": file, "upload_url": f"http://127.0.0.1:{self._port}/upload/{file}"}

    async def _upload(self, request: web.Request) -> web.Response:
        """Where a file's bytes are posted; no token is asked for there."""
        file = request.match_info["file"]
        if file not in self.files:
            return web.Response(status=404)
        self.files[file] = await request.read()
        return web.Response(text="OK")

    async def complete_upload(self, arguments: Json) -> Json:
        files = arguments.get("files")
        given = json.loads(files) if isinstance(files, str) else files or []
        if not given or any(self.files.get(one["id"]) is None for one in given):
            raise Refusal("file_not_found")
        person = self._person_in(arguments.get("channel_id"))
        shown = Message(
            self.next_ts(), BOT, unescape(str(arguments.get("initial_comment") or "")), from_bot=True
        )
        shown.files = [one["id"] for one in given]
        person.messages.append(shown)
        await person.notice()
        return {"files": [{"id": one["id"], "title": one.get("title")} for one in given]}

    def _pace(self, room: str) -> None:
        if not self.paced:
            return
        wait = self._last_post.get(room, -math.inf) + 1 - self.now()
        if wait > 0:
            raise TooMany(wait)
        self._last_post[room] = self.now()

    async def update(self, arguments: Json) -> Json:
        person = self._person_in(arguments.get("channel"))
        message = next((one for one in person.messages if one.ts == arguments.get("ts")), None)
        if message is None:
            raise Refusal("message_not_found")
        if not message.from_bot:
            raise Refusal("cant_update_message")
        if self.edit_window_closed:
            raise Refusal("edit_window_closed")
        text, blocks = self._checked(arguments)
        message.replace(unescape(text), blocks)
        await person.notice()
        return {"channel": person.room, "ts": message.ts, "text": message.text}

    async def views_open(self, arguments: Json) -> Json:
        trigger = self._triggers.get(str(arguments.get("trigger_id")))
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self.now() > trigger.expires:
            raise Refusal("expired_trigger_id")
        view = self._view(arguments, "modal")
        trigger.used = True
        trigger.person.modals.append(view)
        await trigger.person.notice()
        return {"view": view}

    async def views_update(self, arguments: Json) -> Json:
        for person in self.people.values():
            for place, old in enumerate(person.modals):
                if old["id"] == arguments.get("view_id"):
                    person.modals[place] = self._view(arguments, "modal") | {"id": old["id"]}
                    await person.notice()
                    return {"view": person.modals[place]}
        raise Refusal("not_found")

    async def views_publish(self, arguments: Json) -> Json:
        person = self.people.get(str(arguments.get("user_id")))
        if person is None:
            raise Refusal("user_not_found")
        person.home = self._view(arguments, "home")
        await person.notice()
        return {"view": person.home}

    def _view(self, arguments: Json, kind: str) -> Json:
        view = arguments.get("view")
        found = view_problems(view) or ([] if view["type"] == kind else ["[ERROR] wrong type"])
        if found:
            raise Refusal("invalid_arguments", response_metadata={"messages": found})
        number = self.next_number()
        blocks = [self._named(block) for block in view["blocks"]]
        return view | {
            "id": f"V{self._born}{number:04}",
            "hash": f"{number}.hash",
            "team_id": self.team,
            "blocks": blocks,
        }

    async def users_info(self, arguments: Json) -> Json:
        person = self.people.get(str(arguments.get("user")))
        if person is None:
            raise Refusal("user_not_found")
        locale = str(arguments.get("include_locale", "")).lower() in ("1", "true")
        return {"user": self.user_object(person, locale=locale)}


_METHODS: dict[str, Callable[[SlackEmulator, Json], Awaitable[Json]]] = {
    "auth.test": SlackEmulator.auth_test,
    "apps.connections.open": SlackEmulator.connections_open,
    "conversations.open": SlackEmulator.conversations_open,
    "chat.postEphemeral": SlackEmulator.post_ephemeral,
    "chat.postMessage": SlackEmulator.post_message,
    "conversations.history": SlackEmulator.history,
    "conversations.replies": SlackEmulator.replies,
    "chat.update": SlackEmulator.update,
    "views.open": SlackEmulator.views_open,
    "views.update": SlackEmulator.views_update,
    "views.publish": SlackEmulator.views_publish,
    "users.info": SlackEmulator.users_info,
    "files.getUploadURLExternal": SlackEmulator.upload_url,
    "files.completeUploadExternal": SlackEmulator.complete_upload,
}


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
