"""The person's side of the emulated Slack: what they see, and what they do with it.

A person reads labels and never sees an id. Every action returns its `Delivery`, already on its way.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.emulators.slack.blockkit import texts
from tests.emulators.slack.delivery import Delivery, Kind

if TYPE_CHECKING:
    from tests.emulators.slack.server import SlackEmulator

Json = dict[str, Any]
PATIENCE_SECONDS = 10.0


@dataclass(eq=False)
class Message:
    """A message in the room, ours or theirs. `state` is what the person has ticked in it."""

    ts: str
    author: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    from_bot: bool = False
    edited: bool = False
    state: dict[str, dict[str, Json]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    """The ids of what is attached."""

    @property
    def shown(self) -> str:
        """What the person reads above the controls; the text itself where there are no blocks."""
        parts = [block for block in self.blocks if block["type"] in ("section", "header")]
        return "".join(texts(parts)) if self.blocks else self.text

    @property
    def all_shown(self) -> str:
        """Everything that is shown, a line each, labels included."""
        return "\n".join(texts(self.blocks)) if self.blocks else self.text

    def controls(self) -> Iterator[tuple[Json, Json]]:
        """Every interactive element with its block."""
        yield from controls(self.blocks)

    def ticked(self, block: Json, element: Json) -> list[Json]:
        """What is ticked in it now."""
        state = self.state.get(block["block_id"], {}).get(element["action_id"])
        return list(state["selected_options"] if state else element.get("initial_options") or ())

    def element(self, label: str) -> tuple[Json, Json] | None:
        """The control that shows a label: exactly, else cut off or numbered."""
        number = next((n for n, line in _numbered_lines(self.all_shown) if line == label), "")
        for same in (str.__eq__, says):
            for wanted in filter(None, (label, number)):
                for block, element in self.controls():
                    if any(same(shown, wanted) for shown in element_labels(element)):
                        return block, element
        return None

    def as_json(self) -> Json:
        """For the control interface."""
        return {
            "message_id": self.ts,
            "text": self.text,
            "from_bot": self.from_bot,
            "labels": self.labels,
            "edited": self.edited,
        }

    @property
    def labels(self) -> list[str]:
        """Labels of buttons and options, in the order shown."""
        return [label for _, element in self.controls() for label in element_labels(element)]


def controls(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with its block."""
    for block in blocks:
        if block["type"] == "actions":
            yield from ((block, element) for element in block["elements"])
        elif block["type"] == "input":
            yield block, block["element"]


def _numbered_lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        number, dot, rest = line.partition(". ")
        if dot and number.isdigit():
            yield number, rest


def says(shown: str, label: str) -> bool:
    """Whether a control's words stand for a label: without its number, whole or as the label's start."""
    number, dot, rest = shown.partition(". ")
    words = rest if dot and number.isdigit() else shown
    return words == label or (words.endswith("…") and label.startswith(words[:-1]))


def element_labels(element: Json) -> list[str]:
    if element["type"] == "button":
        return [element["text"]["text"]]
    return [option["text"]["text"] for option in element.get("options") or ()]


class NotOnScreen(AssertionError):
    """The person looked for something that is not shown."""


@dataclass(eq=False)
class Person:
    """Somebody in the workspace."""

    slack: "SlackEmulator"
    id: str
    name: str
    timezone: str = "Europe/Amsterdam"
    locale: str = "en-GB"
    deleted: bool = False
    updated: int = 1_700_000_000
    room: str = ""
    messages: list[Message] = field(default_factory=list)
    home: Json | None = None
    home_code: str = ""
    modals: list[Json] = field(default_factory=list)
    ephemerals: list[str] = field(default_factory=list)
    """Answers to slash commands, which only this person sees."""
    read: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    # What they see

    @property
    def from_bot(self) -> list[Message]:
        """The bot's messages, oldest first."""
        return [message for message in self.messages if message.from_bot]

    @property
    def last(self) -> Message:
        """The bot's newest message."""
        if not self.from_bot:
            raise NotOnScreen(f"{self.name} has no message yet")
        return self.from_bot[-1]

    @property
    def modal(self) -> Json | None:
        return self.modals[-1] if self.modals else None

    async def wait_for_message(self, contains: str = "", *, seconds: float = PATIENCE_SECONDS) -> Message:
        """The next message that was not waited for yet; those without `contains` are passed over."""

        def found() -> Message | None:
            while self.read < len(self.from_bot):
                message = self.from_bot[self.read]
                self.read += 1
                if contains in message.all_shown or contains in message.text:
                    return message
            return None

        return await self._wait(found, seconds, f"a message with {contains!r}")

    async def wait_for_home(self, *, seconds: float = PATIENCE_SECONDS) -> Json:
        return await self._wait(lambda: self.home, seconds, "the Home tab")

    async def wait_for_modal(self, *, seconds: float = PATIENCE_SECONDS) -> Json:
        return await self._wait(lambda: self.modal, seconds, "a form")

    async def wait_for_change(
        self, message: Message, contains: str, *, seconds: float = PATIENCE_SECONDS
    ) -> Message:
        """Until a message shows what it did not show before."""
        return await self._wait(lambda: message if contains in message.all_shown else None, seconds, contains)

    async def wait_until(
        self, holds: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS, what: str = "a change"
    ) -> None:
        """Until something holds of what is seen; looked at whenever something changes."""
        await self._wait(holds, seconds, what)

    async def _wait(self, found: Callable[[], Any], seconds: float, what: str) -> Any:
        async def watch() -> Any:
            async with self.changed:
                while not (result := found()):
                    await self.changed.wait()
                return result

        try:
            return await asyncio.wait_for(watch(), seconds)
        except TimeoutError:
            seen = [message.text for message in self.from_bot[-3:]]
            raise NotOnScreen(f"{self.name} waited for {what}; last seen: {seen}") from None

    async def notice(self) -> None:
        """Tell whoever waits that something is new on this person's screen."""
        async with self.changed:
            self.changed.notify_all()

    # What they do

    async def type(self, text: str, **extra: Any) -> Delivery:
        """Write a message to the bot. `extra` goes into the event, for example `files`."""
        message = Message(self.slack.next_ts(), self.id, text)
        self.slack.room_of(self)
        self.messages.append(message)
        event = self._message_event(message) | extra
        return self.slack.send_event(event, ts=message.ts)

    async def send_file(self, mimetype: str, text: str = "") -> Delivery:
        """A voice note, a photo or another file."""
        files = [{"id": f"F{self.slack.next_number()}", "mimetype": mimetype, "name": "file"}]
        return await self.type(text, subtype="file_share", files=files)

    def _message_event(self, message: Message) -> Json:
        return {
            "type": "message",
            "channel": self.room,
            "channel_type": "im",
            "user": self.id,
            "text": escape(message.text),
            "ts": message.ts,
            "event_ts": message.ts,
            "team": self.slack.team,
            "client_msg_id": f"client-{message.ts}",
        }

    async def edit(self, which: str | Message, new: str) -> Delivery:
        """Change what they wrote before: a message, or its text (the newest one with it)."""
        message = which if isinstance(which, Message) else self._own(which)
        before = self._message_event(message)
        message.text, message.edited = new, True
        ts = self.slack.next_ts()
        after = self._message_event(message) | {"edited": {"user": self.id, "ts": ts}}
        return self.slack.send_event(self._changed_event(before, after, ts), ts=message.ts)

    async def unfold_link(self, which: str) -> Delivery:
        """Slack shows a preview of a link: the same event as an edit, with the same words."""
        message, ts = self._own(which), self.slack.next_ts()
        event = self._message_event(message)
        return self.slack.send_event(self._changed_event(event, event | {"attachments": [{}]}, ts))

    def _changed_event(self, before: Json, after: Json, ts: str) -> Json:
        drop = ("channel", "channel_type", "event_ts")
        inner = [
            {name: value for name, value in event.items() if name not in drop} for event in (after, before)
        ]
        return {
            "type": "message",
            "subtype": "message_changed",
            "channel": self.room,
            "channel_type": "im",
            "message": inner[0],
            "previous_message": inner[1],
            "ts": ts,
            "event_ts": ts,
            "hidden": True,
        }

    async def delete(self, which: str) -> Delivery:
        """Take back what they wrote."""
        message, ts = self._own(which), self.slack.next_ts()
        self.messages.remove(message)
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "channel": self.room,
            "channel_type": "im",
            "deleted_ts": message.ts,
            "previous_message": self._message_event(message),
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
            "response_url": f"{self.slack.url}/response/{self.id}",
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
        its number is named by its words all the same.
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
        for message in reversed(self.from_bot):
            if message.element(label):
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
        }
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
    found = message.element(label)
    if found is None:
        raise NotOnScreen(f"no {label!r} here, only {message.labels}")
    return found


def _option(element: Json, label: str) -> Json:
    return next(option for option in element["options"] if says(option["text"]["text"], label))


def escape(text: str) -> str:
    """As Slack escapes what people type."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
