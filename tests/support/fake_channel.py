"""A channel in memory: records what is sent, and fails as it is told to. For tests and simulations."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.channels.base import Outbound, Receive
from flows.engine.effects import Prompt
from tests.support.said_in_a_row import steps_of


@dataclass(frozen=True)
class Call:
    """One request, as it came, whatever became of it."""

    at: datetime
    message: Outbound

    @property
    def text(self) -> str:
        return self.message.prompt.text

    @property
    def texts(self) -> list[str]:
        """Each thing that it says."""
        return [step.text for step in steps_of(self.message.prompt)]


class FakeChannel:
    """Delivers to lists. `fail` scripts errors for an address, first come first served; None is a success."""

    def __init__(self, now: Callable[[], datetime], name: str = "fake") -> None:
        self.name = name
        self.edits = False
        self.taken: list[tuple[str, str | None]] = []
        self.calls: list[Call] = []
        self.delivered: list[Call] = []
        self.documents: list[tuple[str, str, str]] = []
        self.on_the_way = 0
        self.most_at_once = 0
        self._now = now
        self._errors: dict[str, deque[BaseException | None]] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._news = asyncio.Event()

    def fail(self, address: str, *errors: BaseException | None) -> None:
        """The next requests for the address ('*' for any) end so."""
        self._errors.setdefault(address, deque()).extend(errors)

    def hold(self, address: str) -> asyncio.Event:
        """Requests for the address take until the event is set."""
        return self._held.setdefault(address, asyncio.Event())

    async def run(self, receive: Receive) -> None:
        """Receives nothing, until cancelled."""
        await asyncio.Event().wait()

    async def send(self, message: Outbound) -> str | None:
        call = Call(self._now(), message)
        self.calls.append(call)
        self._news.set()
        self.on_the_way += 1
        self.most_at_once = max(self.most_at_once, self.on_the_way)
        try:
            if message.address in self._held:
                await self._held[message.address].wait()
            else:
                await asyncio.sleep(0)
            self._maybe_fail(message.address)
        finally:
            self.on_the_way -= 1
        self.delivered.append(call)
        self._news.set()
        return message.message_id or f"m{len(self.delivered)}"

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Keeps what a tap was answered by."""
        self.taken.append((external_id, toast))

    async def send_document(self, address: str, name: str, content: str, caption: str, /) -> str | None:
        sent = await self.send(Outbound(address=address, prompt=Prompt(caption)))
        self.documents.append((address, name, content))
        return sent

    async def close(self) -> None:
        """Nothing to let go of."""

    def texts(self, address: str | None = None) -> list[str]:
        """What arrived, in order, at one address or at all."""
        return [call.text for call in self.delivered if address in (None, call.message.address)]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; looked at after every call and every delivery."""
        while not holds():
            self._news.clear()
            await self._news.wait()

    def _maybe_fail(self, address: str) -> None:
        for scripted in (self._errors.get(address), self._errors.get("*")):
            if scripted:
                error = scripted.popleft()
                if error is not None:
                    raise error
                return
