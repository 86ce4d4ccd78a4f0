"""A person on Telegram: what they do, and what they see."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.emulators.telegram.state import TelegramState

PATIENCE_SECONDS = 20.0
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
        exact = [button for button in self.buttons if button["text"] == label]
        return next(iter(exact + [button for button in self.buttons if _says(button["text"], label)]), None)

    def as_json(self) -> dict[str, Any]:
        """For the control interface."""
        return {
            "message_id": self.message_id,
            "text": self.text,
            "from_bot": self.from_bot,
            "rows": self.rows,
            "edits": self.edits,
        }


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
        self._state = state
        self._seen = 0
        self._bell = Bell()

    # What they do

    async def start(self, token: str = "") -> Shown:
        """Open the deep link, or press Start."""
        return await self.type(f"/start {token}".strip())

    async def type(self, text: str) -> Shown:
        """Send words."""
        return self._send({"text": text}, text)

    async def tap(self, label: str | int, message: Shown | None = None) -> str:
        """Tap a button on the message, or on the newest that has it; returns the number of the tap."""
        under = message or next((shown for shown in reversed(self.from_bot) if shown.button(label)), None)
        button = under.button(label) if under else None
        if under is None or button is None:
            offered = [shown.labels for shown in self.from_bot if shown.rows][-3:]
            raise AssertionError(f"there is no button {label!r}; the last ones are {offered}")
        return self._state.tap(self, under, button["callback_data"])

    async def tap_payload(self, payload: str, message: Shown) -> str:
        """Tap a button as an old or forged client would, whatever the message shows by now."""
        return self._state.tap(self, message, payload)

    async def edit(self, message: Shown, text: str) -> None:
        """Edit a message of one's own."""
        message.text = text
        message.edits += 1
        body = self._state.message_payload(self, message, {"text": text}) | {"edit_date": int(time.time())}
        self._state.push("edited_message", body)

    async def send_voice(self) -> Shown:
        return await self.send_other(
            "voice", {"duration": 3, "file_id": "V1", "file_unique_id": "v1", "file_size": 9}
        )

    async def send_photo(self, caption: str | None = None, album: str | None = None) -> Shown:
        extra = {"caption": caption} if caption else {}
        extra |= {"media_group_id": album} if album else {}
        size = {"file_id": "P1", "file_unique_id": "p1", "width": 90, "height": 90, "file_size": 9}
        return await self.send_other("photo", [size], **extra)

    async def send_sticker(self) -> Shown:
        sticker = {"file_id": "S1", "file_unique_id": "s1", "type": "regular", "width": 512, "height": 512}
        return await self.send_other("sticker", sticker | {"is_animated": False, "is_video": False})

    async def send_other(self, kind: str, value: Any, **extra: Any) -> Shown:
        """Send something of any kind, as Telegram names it."""
        return self._send({kind: value, **extra}, extra.get("caption", ""))

    async def block(self) -> None:
        """Stop the bot in Telegram's own menu."""
        self.blocked = True
        self._state.membership(self, "member", "kicked")

    async def unblock(self) -> None:
        self.blocked = False
        self._state.membership(self, "kicked", "member")

    def _send(self, content: dict[str, Any], text: str) -> Shown:
        self.started = True
        message = Shown(self._state.next_message_id(), text, from_bot=False, date=int(time.time()))
        self.messages.append(message)
        self._state.push("message", self._state.message_payload(self, message, content))
        return message

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
