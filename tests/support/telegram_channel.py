"""A Telegram channel at work against the emulator, for the tests beside this file."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.base import Inbound, Outbound
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.options import TelegramOptions
from flows.engine.effects import Option, Prompt, PromptKind
from tests.emulators.telegram.server import TelegramEmulator

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Inbox:
    """Stores what comes in, and can be made to fail or to be slow."""

    def __init__(self) -> None:
        self.batches: list[list[Inbound]] = []
        self.failures = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = 0
        self._changed = asyncio.Event()

    @property
    def all(self) -> list[Inbound]:
        return [inbound for batch in self.batches for inbound in batch]

    async def receive(self, batch: list[Inbound]) -> None:
        self.asked += 1
        self._change()
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        self.batches.append(batch)
        self._change()

    def _change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_until(self, holds: Callable[[], bool], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await self._changed.wait()

    async def wait_for(self, count: int) -> list[Inbound]:
        """The first `count` things that came in, once there are as many."""
        await self.wait_until(lambda: len(self.all) >= count)
        return self.all[:count]


class Waits:
    """Instead of sleeping: notes how long it would have been, and lets others go on."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


class TapPatience:
    """Instead of a second and a half: taps wait for their turns until a test says that they have waited enough.

    `end` has them answered plainly, those that come later too, until `begin`.
    """

    def __init__(self) -> None:
        self._over = asyncio.Event()

    async def __call__(self) -> None:
        await self._over.wait()

    def end(self) -> None:
        self._over.set()

    def begin(self) -> None:
        self._over.clear()


def options(emulator: TelegramEmulator, **changes: Any) -> TelegramOptions:
    """For loopback: short polls, short patience; `languages` are a tuple here."""
    languages: tuple[str, ...] = changes.pop("languages", ())
    given: dict[str, Any] = {
        "token": emulator.token,
        "api_url": emulator.url,
        "poll_timeout": timedelta(seconds=1),
        "request_timeout": timedelta(seconds=2),
        "languages": lambda: languages,
    }
    return TelegramOptions(**(given | changes))


def channel_to(
    emulator: TelegramEmulator, patience: TapPatience | None = None, **changes: Any
) -> TelegramChannel:
    """A channel whose taps wait for their turns until `patience` ends; without one they are answered at once."""
    return TelegramChannel(
        options(emulator, **changes), now=lambda: NOW, sleep=Waits(), patience=patience or at_once
    )


async def at_once() -> None:
    """Have no patience."""


@contextlib.asynccontextmanager
async def running(channel: TelegramChannel, inbox: Inbox) -> AsyncIterator[asyncio.Task[None]]:
    """The channel receives while this lasts."""
    task = asyncio.create_task(channel.run(inbox.receive))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()


def outbound(text: str = "How are you?", *labels: str, person: int = 1, **prompt: Any) -> Outbound:
    """A message with the labels as its buttons."""
    fields: dict[str, Any] = {
        "kind": PromptKind.SELECT_ONE if labels else PromptKind.SAY,
        "ask": 4,
        "options": tuple(Option(label) for label in labels),
    }
    return Outbound(address=f"telegram:{person}", prompt=Prompt(text, **(fields | prompt)), conversation=26)
