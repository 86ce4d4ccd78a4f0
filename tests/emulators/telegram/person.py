"""A person on Telegram: what they do, and what they see."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.emulators.telegram.contents import PEOPLE_SEND, SERVICE, cut_by_app

if TYPE_CHECKING:
    from tests.emulators.telegram.state import TelegramState

PATIENCE_SECONDS = 60.0
"""How long a person waits for a message before the test is told that none came."""
MARKS = ("[x] ", "[ ] ")


@dataclass(slots=True)
class Shown:
    """A message in a person's chat, as it stands now."""

    message_id: int
    text: str
    from_bot: bool
    rows: list[list[dict[str, str]]] = field(default_factory=list)
    date: int = 0
    edits: int = 0
    document: str | None = None
    previews: bool = True
    """Whether links are shown with a preview."""
    former_rows: list[list[list[dict[str, str]]]] = field(default_factory=list)
    """The keyboards that it had before, oldest first: what an app that has not looked since still shows."""
    content: dict[str, Any] = field(default_factory=dict)
    """What it holds besides its words, as the Bot API names it."""
    reactions: list[str] = field(default_factory=list)
    """The emoji that the person has put on it."""
    paid: bool = False
    """Whether the bot was ready to pay for it."""
    gone: bool = False
    """Whether the person has deleted it, which nobody tells the bot."""

    @property
    def buttons(self) -> list[dict[str, str]]:
        """All buttons, in reading order."""
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        """What the buttons say."""
        return [button["text"] for button in self.buttons]

    def button(self, label: str | int) -> dict[str, str] | None:
        """The button of that label (marks, numbers and cut ends do not matter), or at that place from 0."""
        if isinstance(label, int):
            return self.buttons[label] if label < len(self.buttons) else None
        return _labelled(self.buttons, label)

    def former_button(self, label: str) -> dict[str, str] | None:
        """The button of that label on the newest keyboard of before that has one."""
        for rows in reversed(self.former_rows):
            if (button := _labelled([button for row in rows for button in row], label)) is not None:
                return button
        return None

    def set_rows(self, rows: list[list[dict[str, str]]]) -> None:
        """Another keyboard takes the place of this one, which old apps still show."""
        if self.rows and rows != self.rows:
            self.former_rows.append(self.rows)
        self.rows = rows

    def as_json(self) -> dict[str, Any]:
        """For the control interface."""
        return {
            "message_id": self.message_id,
            "text": self.text,
            "from_bot": self.from_bot,
            "rows": self.rows,
            "edits": self.edits,
            "reactions": self.reactions,
        }


@dataclass(frozen=True, slots=True)
class Toast:
    """What the bot said to a tap: words over the chat for a moment, or with `alert` in a box to be closed."""

    query_id: str
    text: str
    alert: bool


def _labelled(buttons: list[dict[str, str]], label: str) -> dict[str, str] | None:
    exact = [button for button in buttons if button["text"] == label]
    return next(iter(exact + [button for button in buttons if _says(button["text"], label)]), None)


def _says(shown: str, label: str) -> bool:
    """Whether a button's words stand for a label: mark and number aside, whole or as the label's start."""
    for mark in MARKS:
        shown = shown.removeprefix(mark)
    number, dot, rest = shown.partition(". ")
    if dot and number.isdigit():
        shown = rest
    return shown == label or (shown.endswith("…") and label.startswith(shown[:-1]))


class Bell:
    """Wakes everybody who waits for something to hold."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait_until(self, holds: Callable[[], object], seconds: float) -> None:
        """Look at every ring; TimeoutError after so many seconds."""
        async with asyncio.timeout(seconds):
            while not holds():
                await self._rung.wait()


class NothingCame(AssertionError):
    """The person waited in vain."""


class Person:
    """Somebody with a private chat with the bot. What they do becomes updates at once, without a network."""

    def __init__(self, state: "TelegramState", person_id: int, language_code: str | None) -> None:
        self.id = person_id
        self.language_code = language_code
        self.messages: list[Shown] = []
        """The whole chat, oldest first, edits applied."""
        self.blocked = False
        self.deactivated = False
        self.started = False
        self.typing_shown = 0
        """How often the bot was shown as typing."""
        self.toasts: list[Toast] = []
        """What the bot said to taps, oldest first."""
        self._state = state
        self._seen = 0
        self._bell = Bell()

    # What they do

    async def start(self, token: str = "") -> Shown:
        """Open the deep link, or press Start."""
        return await self.type(f"/start {token}".strip())

    async def type(self, text: str) -> Shown:
        """Send words; the last message, where they are too long for one."""
        return (await self.type_long(text))[-1]

    async def type_long(self, text: str) -> list[Shown]:
        """Send words, which the app cuts into several messages where they are too long for one."""
        return [self._send({"text": part}, part) for part in cut_by_app(text)]

    async def burst(self, *texts: str) -> list[Shown]:
        """Send several messages at once: the bot can hear none of them before all are sent."""
        return [self._send({"text": text}, text) for text in texts]

    async def reply(self, text: str, to: Shown, quote: str | None = None) -> Shown:
        """Send words that quote a message, or with `quote` some words of it."""
        quoted = {"text": quote, "position": max(to.text.find(quote), 0)} if quote else None
        return self._send({"text": text} | ({"quote": quoted} if quoted else {}), text, to=to)

    async def reply_elsewhere(self, text: str) -> Shown:
        """Send words that quote a message of another chat."""
        origin = {"type": "hidden_user", "sender_user_name": "Someone", "date": self._state.now()}
        return self._send({"text": text, "external_reply": {"origin": origin, "message_id": 1}}, text)

    async def forward(self, text: str = "", message: Shown | None = None, **content: Any) -> Shown:
        """Forward words from somebody else, a message of this chat, or things as `send_other` takes them."""
        if message is not None:
            text, content = message.text, message.content
        sender = {"type": "hidden_user", "sender_user_name": "Someone"}
        if message is not None:
            whose = self._state.bot_payload() if message.from_bot else self._state.user_payload(self)
            sender = {"type": "user", "sender_user": whose}
        date = message.date if message is not None else self._state.now() - 3600
        body = content or {"text": text}
        return self._send(body | {"forward_origin": sender | {"date": date}}, text or body.get("caption", ""))

    async def react(self, message: Shown, *emoji: str) -> int | None:
        """Put these reactions on a message in place of those before; none takes all away.

        None comes back where the bot has not asked to be told.
        """
        before, message.reactions = message.reactions, list(emoji)
        return self._state.reaction(self, message, before)

    async def tap(self, label: str | int, message: Shown | None = None) -> str:
        """Tap a button on the message, or on the newest that has it; returns the number of the tap.

        A button that the message had before and has no more can be tapped too: the app has not looked since.
        """
        under, button = self._find(label, [message] if message else list(reversed(self.from_bot)))
        return self._state.tap(self, under, button["callback_data"])

    async def double_tap(self, label: str | int, message: Shown | None = None, times: int = 2) -> list[str]:
        """Tap a button several times before the bot can do anything about it."""
        under, button = self._find(label, [message] if message else list(reversed(self.from_bot)))
        return [self._state.tap(self, under, button["callback_data"]) for _ in range(times)]

    def _find(self, label: str | int, where: list[Shown]) -> tuple[Shown, dict[str, str]]:
        for under in where:
            if (button := under.button(label)) is not None:
                return under, button
        for under in where:
            if isinstance(label, str) and (button := under.former_button(label)) is not None:
                return under, button
        offered = [shown.labels for shown in self.from_bot if shown.rows][-3:]
        raise AssertionError(f"there is no button {label!r}; the last ones are {offered}")

    async def tap_payload(self, payload: str, message: Shown) -> str:
        """Tap a button as an old or forged client would, whatever the message shows by now."""
        return self._state.tap(self, message, payload)

    async def edit(self, message: Shown, text: str) -> None:
        """Edit the words of a message of one's own, or those under its picture."""
        message.text = text
        message.edits += 1
        key = "text" if "text" in message.content else "caption"
        message.content = message.content | {key: text}
        body = self._state.message_payload(self, message, message.content) | {"edit_date": self._state.now()}
        self._state.push("edited_message", body)

    async def delete(self, message: Shown) -> None:
        """Delete a message for both sides. The bot is told nothing."""
        message.gone = True

    async def send_voice(self) -> Shown:
        return await self.send("voice")

    async def send_photo(self, caption: str | None = None, album: str | None = None) -> Shown:
        return await self.send("photo", caption, album)

    async def send_sticker(self) -> Shown:
        return await self.send("sticker")

    async def send(self, kind: str, caption: str | None = None, album: str | None = None) -> Shown:
        """Send something other than words of a kind in `PEOPLE_SEND`, with words under it or none."""
        extra = {"caption": caption} if caption else {}
        extra |= {"media_group_id": album} if album else {}
        return await self.send_other(kind, PEOPLE_SEND[kind], **extra)

    async def send_album(self, *captions: str | None, kind: str = "photo") -> list[Shown]:
        """Send several things together: one for each caption, None for one without words."""
        album = self._state.next_album()
        return [await self.send(kind, caption, album) for caption in captions]

    async def send_other(self, kind: str, value: Any, **extra: Any) -> Shown:
        """Send something of any kind, as Telegram names it."""
        return self._send({kind: value, **extra}, extra.get("caption", ""))

    async def cause(self, kind: str, value: Any = None) -> Shown:
        """Do what makes Telegram write a service message of a kind in `SERVICE`; with a value, of any kind."""
        return self._send({kind: SERVICE[kind] if value is None else value}, "")

    async def block(self) -> None:
        """Stop the bot in Telegram's own menu."""
        self.blocked = True
        self._state.membership(self, "member", "kicked")

    async def unblock(self) -> None:
        self.blocked = False
        self._state.membership(self, "kicked", "member")

    def _send(self, content: dict[str, Any], text: str, *, to: Shown | None = None) -> Shown:
        self.started = True
        message = Shown(self._state.next_message_id(), text, from_bot=False, date=self._state.now())
        message.content = content
        self.messages.append(message)
        body = self._state.message_payload(self, message, content)
        if to is not None and not to.gone:
            body["reply_to_message"] = self._state.message_payload(self, to, to.content or {"text": to.text})
        self._state.push("message", body)
        return message

    def message(self, message_id: int) -> Shown:
        """The message of that number, of either side."""
        found = next((shown for shown in self.messages if shown.message_id == message_id), None)
        if found is None:
            raise AssertionError(f"there is no message {message_id}")
        return found

    # What they see

    @property
    def from_bot(self) -> list[Shown]:
        """The bot's messages, oldest first."""
        return [message for message in self.messages if message.from_bot]

    @property
    def last(self) -> Shown:
        """The bot's newest message."""
        return self.from_bot[-1]

    def show(self, message: Shown | None = None) -> None:
        """The emulator's side: a message has come, or something has changed."""
        if message is not None:
            self.messages.append(message)
        self._bell.ring()

    async def wait_for_message(self, contains: str = "", *, seconds: float = PATIENCE_SECONDS) -> Shown:
        """The next message of the bot that has not been waited for yet and holds these words."""
        found: list[tuple[int, Shown]] = []

        def has_come() -> bool:
            unseen = list(enumerate(self.from_bot))[self._seen :]
            found[:] = [(place, shown) for place, shown in unseen if contains in shown.text][:1]
            return bool(found)

        await self.wait_until(has_come, seconds=seconds, what=f"a message with {contains!r}")
        place, message = found[0]
        self._seen = place + 1
        return message

    async def wait_until(
        self, holds: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS, what: str = "a change"
    ) -> None:
        """Until something holds of what is seen; looked at whenever something changes."""
        try:
            await self._bell.wait_until(holds, seconds)
        except TimeoutError:
            texts = [message.text for message in self.from_bot[-3:]]
            raise NothingCame(f"person {self.id} waited for {what}; the last messages are {texts}") from None
