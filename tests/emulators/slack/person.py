"""The person's side of the emulated Slack: what they do with what they see.

A person reads labels and never sees an id. Every action returns its `Delivery`, already on its way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.emulators.slack import emoji
from tests.emulators.slack.delivery import Delivery, Kind
from tests.emulators.slack.messages import Message, controls, element_labels, says
from tests.emulators.slack.screen import NotOnScreen, Screen

__all__ = ["Message", "NotOnScreen", "Person", "element_labels"]

Json = dict[str, Any]


@dataclass(eq=False)
class Person(Screen):
    """Somebody in the workspace."""

    # What they do

    async def type(self, text: str, **extra: Any) -> Delivery:
        """Write a message to the bot. `extra` goes into the event, for example `files`."""
        return await self._write(Message(self.slack.next_ts(), self.id, text), extra)

    async def burst(self, *texts: str) -> list[Delivery]:
        """Write several messages in one go, none waiting for an answer to another."""
        return [await self.type(text) for text in texts]

    async def reply(self, text: str, under: str | Message, *, broadcast: bool = False) -> Delivery:
        """
        Write in the thread under a message, whichever side it is of: a message, its `ts`, or what it says.

        With `broadcast` it is sent to the room as well.
        """
        root = self._root(self.find(under))
        message = Message(self.slack.next_ts(), self.id, text, thread=root, broadcast=broadcast)
        begun_by = next((one.author for one in self.messages if one.ts == root), "USLACKBOT")
        extra: Json = {"thread_ts": root, "parent_user_id": begun_by}
        if broadcast:
            parent = next((one for one in self.messages if one.ts == root), None)
            extra |= {"subtype": "thread_broadcast", "root": parent and self.slack.message_object(parent)}
            extra.pop("parent_user_id")
        return await self._write(message, extra)

    async def forward(self, words: str, own: str = "") -> Delivery:
        """Forward somebody's message to the bot, with words of their own or without."""
        ts = self.slack.next_ts()
        shared = {
            "ts": ts,
            "author_id": "U9999",
            "author_name": "Somebody Else",
            "channel_id": "C0001",
            "channel_team": self.slack.team,
            "is_msg_unfurl": True,
            "is_share": True,
            "message_blocks": [
                {
                    "team": self.slack.team,
                    "channel": "C0001",
                    "ts": ts,
                    "message": {"blocks": emoji.rich_text(words)},
                }
            ],
            "id": 1,
            "original_url": f"https://emulated.slack.com/archives/C0001/p{ts.replace('.', '')}",
            "from_url": f"https://emulated.slack.com/archives/C0001/p{ts.replace('.', '')}",
            "fallback": f"[today] somebody: {words}",
            "text": emoji.delivered(words),
            "mrkdwn_in": ["text"],
            "footer": "Posted in #general",
        }
        return await self.type(own, attachments=[shared])

    async def send_file(self, mimetype: str, text: str = "", more: Iterable[str] = ()) -> Delivery:
        """A voice note, a photo or another file, and `more` in the same message by their types."""
        files = [
            {"id": f"F{self.slack.next_number()}", "mimetype": one, "name": "file"}
            for one in (mimetype, *more)
        ]
        return await self.type(text, subtype="file_share", files=files)

    async def _write(self, message: Message, extra: Json) -> Delivery:
        self.slack.room_of(self)
        self.messages.append(message)
        message.event = self._words(message) | extra
        return self.slack.send_event(self._message_event(message), ts=message.ts)

    def _words(self, message: Message) -> Json:
        """What Slack keeps of a message: its words as they are delivered, with rich text where the client sends it."""
        words = {
            "type": "message",
            "user": self.id,
            "text": emoji.delivered(message.text),
            "ts": message.ts,
            "team": self.slack.team,
            "client_msg_id": f"client-{message.ts}",
        }
        return words | ({"blocks": emoji.rich_text(message.text)} if self.rich_text and message.text else {})

    def _message_event(self, message: Message) -> Json:
        place = {"channel": self.room, "channel_type": "im", "event_ts": message.ts}
        return place | message.event

    async def react(self, sign: str, to: str | Message) -> Delivery:
        """Put an emoji on a message of either side: a message, its `ts`, or what it says."""
        message, name = self.find(to), emoji.reaction(sign)
        message.reactions.add((self.id, name))
        return self.slack.send_event(self._reaction_event("reaction_added", message, name))

    async def unreact(self, sign: str, to: str | Message) -> Delivery:
        """Take an emoji away again."""
        message, name = self.find(to), emoji.reaction(sign)
        message.reactions.discard((self.id, name))
        return self.slack.send_event(self._reaction_event("reaction_removed", message, name))

    def _reaction_event(self, kind: str, message: Message, name: str) -> Json:
        return {
            "type": kind,
            "user": self.id,
            "reaction": name,
            "item_user": message.author,
            "item": {"type": "message", "channel": self.room, "ts": message.ts},
        }

    async def edit(self, which: str | Message, new: str) -> Delivery:
        """Change what they wrote before: a message, or its text (the newest one with it)."""
        message = which if isinstance(which, Message) else self._own(which)
        before, ts = message.event, self.slack.next_ts()
        message.text, message.edited = new, True
        kept = {name: value for name, value in before.items() if name not in ("text", "blocks")}
        message.event = kept | self._words(message) | {"edited": {"user": self.id, "ts": ts}}
        return self.slack.send_event(self._changed_event(before, message.event, ts), ts=message.ts)

    async def unfold_link(self, which: str) -> Delivery:
        """Slack shows a preview of a link: the same event as an edit, with the same words."""
        message, ts = self._own(which), self.slack.next_ts()
        event = message.event
        return self.slack.send_event(self._changed_event(event, event | {"attachments": [{}]}, ts))

    def _changed_event(self, before: Json, after: Json, ts: str) -> Json:
        return {
            "type": "message",
            "subtype": "message_changed",
            "channel": self.room,
            "channel_type": "im",
            "message": after,
            "previous_message": before,
            "ts": ts,
            "event_ts": ts,
            "hidden": True,
        }

    async def delete(self, which: str | Message) -> Delivery:
        """Take back what they wrote. Where there are replies under it Slack leaves a stone in its place."""
        message = which if isinstance(which, Message) else self._own(which)
        ts = self.slack.next_ts()
        self.messages.remove(message)
        if any(one.thread == message.ts for one in self.messages):
            stone = {
                "type": "message",
                "subtype": "tombstone",
                "user": "USLACKBOT",
                "text": "This message was deleted.",
                "hidden": True,
                "ts": message.ts,
                "thread_ts": message.ts,
            }
            self.stones.add(message.ts)
            return self.slack.send_event(self._changed_event(message.event, stone, ts))
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "channel": self.room,
            "channel_type": "im",
            "deleted_ts": message.ts,
            "previous_message": message.event,
            "ts": ts,
            "event_ts": ts,
            "hidden": True,
        }
        return self.slack.send_event(event)

    def _own(self, text: str) -> Message:
        for message in reversed(self.messages):
            if not message.from_bot and message.text == text:
                return message
        raise NotOnScreen(f"{self.name} never wrote {text!r}")

    async def command(self, line: str) -> Delivery:
        """A slash command, for example `/said start CODE`. Its answer is among `ephemerals`."""
        command, _, text = line.partition(" ")
        payload = {
            "command": command,
            "text": text,
            "user_id": self.id,
            "user_name": self.name,
            "team_id": self.slack.team,
            "team_domain": "emulated",
            "channel_id": "C0001",
            "channel_name": "general",
            "api_app_id": "A0001",
            "trigger_id": self.slack.trigger(self),
            "response_url": self.slack.response_url(self),
            "is_enterprise_install": "false",
        }
        return self.slack.hand_over(Kind.COMMAND, payload, self)

    async def open_home(self, tab: str = "home") -> Delivery:
        """Open the app."""
        ts = self.slack.next_ts()
        self.slack.room_of(self)
        event = {"type": "app_home_opened", "user": self.id, "channel": self.room, "tab": tab, "event_ts": ts}
        return self.slack.send_event(event)

    async def start_from_home(self, code: str = "", label: str = "Start") -> Delivery:
        """Paste the code into the Home tab, if there is one, and choose Start."""
        if self.home is None:
            raise NotOnScreen(f"{self.name} has not opened the Home tab")
        state = {}
        for block, element in controls(self.home["blocks"]):
            if element["type"] == "plain_text_input":
                state = {
                    block["block_id"]: {
                        element["action_id"]: {"type": element["type"], "value": code or None}
                    }
                }
        block, element = _find(Message("", "", "", self.home["blocks"]), label)
        view = self.home | {"state": {"values": state}}
        extra = {"view": view, "container": {"type": "view", "view_id": view["id"]}}
        return self._act(block, element, {"value": element.get("value")}, extra)

    async def start(self, token: str = "") -> Delivery:
        """Type the command that begins a conversation."""
        return await self.command(f"/said start {token}".strip())

    async def tap(self, label: str, message: Message | None = None) -> Delivery:
        """
        Tap a button, choose in a list, or tick (and untick) a box.

        In the newest message that shows the label, unless one is given. A choice whose button carries only
        its number is named by its words all the same. What no message shows any more is tapped where it was shown
        last: the person's screen has not caught up.
        """
        message = message or self._showing(label)
        block, element = _find(message, label)
        if element["type"] == "button":
            return self._act_in(message, block, element, {"value": element.get("value")})
        option = _option(element, label)
        if element["type"] == "static_select":
            return self._act_in(message, block, element, {"selected_option": option}, remember=True)
        ticked = message.ticked(block, element)
        after = [one for one in ticked if one != option] if option in ticked else [*ticked, option]
        return self._act_in(message, block, element, {"selected_options": after}, remember=True)

    async def double_tap(self, label: str, message: Message | None = None) -> tuple[Delivery, Delivery]:
        """Tap a button twice before anything can come of it: two taps, each with a name of its own."""
        message = message or self._showing(label)
        return await self.tap(label, message), await self.tap(label, message)

    async def pick(
        self, labels: list[str], done: str | None = "Done", message: Message | None = None
    ) -> Delivery:
        """Tick these, then tap `done` (None leaves it). Returns the last delivery."""
        message = message or self._showing(labels[0])
        for label in labels:
            delivery = await self.tap(label, message)
        return delivery if done is None else await self.tap(done, message)

    async def pick_date(self, day: date, message: Message | None = None) -> Delivery:
        """Use the date picker."""
        for candidate in [message] if message else reversed(self.from_bot):
            for block, element in candidate.controls():
                if element["type"] == "datepicker":
                    change = {"selected_date": day.isoformat()}
                    return self._act_in(candidate, block, element, change, remember=True)
        raise NotOnScreen(f"{self.name} sees no date picker")

    async def submit_modal(self, text: str) -> Delivery:
        """Fill in the form's first field and send it. It closes when Slack has the acknowledgement."""
        if self.modal is None:
            raise NotOnScreen(f"{self.name} has no form open")
        view = self.modal
        fields = [(block, element) for block, element in controls(view["blocks"])]
        block, element = fields[0]
        if len(text) > element.get("max_length", 3000):
            raise NotOnScreen("the field takes no more characters")
        values = {block["block_id"]: {element["action_id"]: {"type": element["type"], "value": text}}}
        payload = self._interaction("view_submission") | {"view": view | {"state": {"values": values}}}
        return self.slack.hand_over(Kind.INTERACTION, payload, self)

    async def change_client(self, *, rich_text: bool) -> None:
        """Go on in a client that sends blocks beside the words, or in one that does not."""
        self.rich_text = rich_text

    async def change_profile(self, *, timezone: str | None = None, locale: str | None = None) -> Delivery:
        """Move to another time zone, or change the language."""
        self.timezone, self.locale = timezone or self.timezone, locale or self.locale
        self.updated += 1
        event = {
            "type": "user_change",
            "user": self.slack.user_object(self),
            "event_ts": self.slack.next_ts(),
        }
        return self.slack.send_event(event)

    def _showing(self, label: str) -> Message:
        messages = [message for message in reversed(self.messages) if message.from_bot]
        for message in messages:
            if message.element(label):
                return message
        for message in messages:
            if message.former_element(label):
                return message
        raise NotOnScreen(f"{self.name} sees no {label!r}; the last message shows {self.last.labels}")

    def _act_in(
        self, message: Message, block: Json, element: Json, change: Json, *, remember: bool = False
    ) -> Delivery:
        if remember:
            state = message.state.setdefault(block["block_id"], {})
            state[element["action_id"]] = {"type": element["type"], **change}
        extra = {
            "message": self.slack.message_object(message),
            "channel": {"id": self.room, "name": "directmessage"},
            "container": {"type": "message", "message_ts": message.ts, "channel_id": self.room},
            "state": {"values": message.state},
            "response_url": self.slack.response_url(self, message),
        }
        if message.thread:
            extra["container"]["thread_ts"] = message.thread
        return self._act(block, element, change, extra)

    def _act(self, block: Json, element: Json, change: Json, extra: Json) -> Delivery:
        action = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self.slack.next_ts(),
            **change,
        }
        payload = self._interaction("block_actions") | {"actions": [action]} | extra
        return self.slack.hand_over(Kind.INTERACTION, payload, self)

    def _interaction(self, kind: str) -> Json:
        return {
            "type": kind,
            "user": {"id": self.id, "username": self.name, "name": self.name, "team_id": self.slack.team},
            "team": {"id": self.slack.team, "domain": "emulated"},
            "enterprise": None,
            "is_enterprise_install": False,
            "api_app_id": "A0001",
            "trigger_id": self.slack.trigger(self),
        }


def _find(message: Message, label: str) -> tuple[Json, Json]:
    found = message.element(label) or message.former_element(label)
    if found is None:
        raise NotOnScreen(f"no {label!r} here, only {message.labels}")
    return found


def _option(element: Json, label: str) -> Json:
    return next(option for option in element["options"] if says(option["text"]["text"], label))
