"""The methods of the emulated Slack's Web API, and answers by `response_url`, as strict about limits as Slack is."""

import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.emulators.slack.blockkit import TEXT_TOGETHER, problems, text_together, texts, view_problems
from tests.emulators.slack.emoji import unescape
from tests.emulators.slack.messages import Message
from tests.emulators.slack.person import Person
from tests.emulators.slack.responses import asks
from tests.emulators.slack.workspace import BOT, BOT_ID, Refusal, TooMany, Workspace

Json = dict[str, Any]

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
TEXT_LENGTH = 40_000


class WebMethods(Workspace):
    """What each method does; a call that Slack would refuse raises `Refusal`."""

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


METHODS: dict[str, Callable[[WebMethods, Json], Awaitable[Json]]] = {
    "auth.test": WebMethods.auth_test,
    "apps.connections.open": WebMethods.connections_open,
    "conversations.open": WebMethods.conversations_open,
    "chat.postEphemeral": WebMethods.post_ephemeral,
    "chat.postMessage": WebMethods.post_message,
    "conversations.history": WebMethods.history,
    "conversations.replies": WebMethods.replies,
    "chat.update": WebMethods.update,
    "views.open": WebMethods.views_open,
    "views.update": WebMethods.views_update,
    "views.publish": WebMethods.views_publish,
    "users.info": WebMethods.users_info,
    "files.getUploadURLExternal": WebMethods.upload_url,
    "files.completeUploadExternal": WebMethods.complete_upload,
}
