"""What a person sees of the emulated Slack: a room, a Home tab, forms; and waiting for what is to come."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.emulators.slack.messages import Message

if TYPE_CHECKING:
    from tests.emulators.slack.server import SlackEmulator

Json = dict[str, Any]
PATIENCE_SECONDS = 60.0


class NotOnScreen(AssertionError):
    """The person looked for something that is not shown."""


@dataclass(eq=False)
class Screen:
    """What somebody in the workspace sees, and how they wait for it."""

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
    """What only this person sees, until they look away: answers to commands and to taps, what Slack says itself."""
    rich_text: bool = True
    """Whether their client sends blocks beside the words of a message; older ones do not."""
    stones: set[str] = field(default_factory=set)
    """The `ts` of deleted messages that have a thread under them still."""
    read: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def from_bot(self) -> list[Message]:
        """The bot's messages in the room, oldest first; those in threads only where they were sent to all."""
        return [message for message in self.messages if message.from_bot and message.in_room]

    def thread(self, under: str | Message) -> list[Message]:
        """What stands in the thread under a message, of both sides, oldest first."""
        root = self._root(self.find(under))
        return [message for message in self.messages if message.thread == root]

    def find(self, which: str | Message) -> Message:
        """A message by its `ts` or by what it says, the newest that does; raises NotOnScreen."""
        if isinstance(which, Message):
            return which
        found = [one for one in self.messages if one.ts == which]
        found += [one for one in reversed(self.messages) if which in (one.text, one.shown)]
        found += [one for one in reversed(self.messages) if which in one.text or which in one.all_shown]
        if not found:
            raise NotOnScreen(f"{self.name} sees no message {which!r}")
        return found[0]

    def _root(self, message: Message) -> str:
        """The `ts` of the thread that a message is in, or begins."""
        return message.thread or message.ts

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

    async def wait_for_reply(
        self, under: str | Message, contains: str = "", *, seconds: float = PATIENCE_SECONDS
    ) -> Message:
        """The bot's newest message in the thread under a message that has `contains`."""

        def found() -> Message | None:
            said = [one for one in self.thread(under) if one.from_bot]
            return next((one for one in reversed(said) if contains in one.all_shown), None)

        return await self._wait(found, seconds, f"a reply in the thread with {contains!r}")

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
