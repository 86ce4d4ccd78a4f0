"""One person on an emulated Telegram, and the bot polling or taking webhooks."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from bot.channels.base import Channel, InboundKind
from bot.channels.telegram.channel import ALBUM_PATIENCE, TelegramChannel
from flows.engine.events import MediaKind
from tests.emulators.faults import FaultPlan
from tests.emulators.telegram import person as telegram_person
from tests.emulators.telegram.server import TelegramEmulator
from tests.support.dialogue import Seen, begins, ends
from tests.support.platforms.drivers import PlatformDriver, receiving
from tests.support.platforms.screen import is_traced, on_telegram
from tests.support.platforms.wired import House, house
from tests.support.telegram_channel import TapPatience, Waits, options

PERSON = 11


class _Waits(Waits):
    """Instead of sleeping: an album has come whole once nothing more waits at Telegram; else no time passes."""

    def __init__(self, telegram: TelegramEmulator) -> None:
        super().__init__()
        self._telegram = telegram

    async def __call__(self, seconds: float) -> None:
        if seconds == ALBUM_PATIENCE:
            await self._telegram.wait_until(lambda: not self._telegram.state.waiting)
        await super().__call__(seconds)


class TelegramDriver(PlatformDriver):
    """A person with a private chat."""

    sends_by = "sendMessage"

    def __init__(
        self,
        house: House,
        receiving: asyncio.Task[None],
        telegram: TelegramEmulator,
        channel: TelegramChannel | None = None,
        person: int = PERSON,
    ) -> None:
        super().__init__(house, receiving)
        self.telegram = telegram
        self.channel = channel
        self.person = telegram.person(person)
        self._shown = self._toasts = 0
        self._edits: dict[int, int] = {}
        self._sent: dict[str, telegram_person.Shown] = {}

    async def received(self) -> None:
        """Until the bot has confirmed every update, which it does once they are stored, albums included."""
        await self.telegram.wait_until(lambda: not self.telegram.state.waiting)
        if self.channel is not None:
            await asyncio.gather(*self.channel._gathering.values())

    async def enter(self, token: str) -> None:
        await self.person.start(token)
        await self.received()

    async def write(self, text: str) -> None:
        self._sent[text] = await self.person.type(text)
        await self.received()

    async def touch(self, label: str, under: str) -> None:
        await self.person.tap(label, self._message(label, under) if under else None)
        await self.received()

    def _message(self, label: str, under: str) -> telegram_person.Shown:
        under_it = [
            shown for shown in reversed(self.person.from_bot) if begins(on_telegram(shown).text, under)
        ]
        for shown in under_it:
            if shown.button(label):
                return shown
        for shown in under_it:
            if shown.former_button(label):
                return shown
        raise AssertionError(f"no button {label!r} under {under!r}")

    async def after(self) -> list[Seen]:
        """What is seen once every tap is answered: by its turn, or plainly where none came."""
        await self.house.settle()
        patience = None if self.channel is None else self.channel.taps.patience
        if isinstance(patience, TapPatience):
            patience.end()
            await self.channel.taps.settle()
            patience.begin()
        return self.look()

    @property
    def faults(self) -> FaultPlan:
        return self.telegram.faults

    def revoke(self) -> None:
        self.telegram.state.revoke()

    def times_handed_over(self) -> int:
        state = self.telegram.state
        return state.handed_over[state.confirmed[-1]["update_id"]]

    async def write_out_of_order(self, first: str, second: str) -> None:
        self.faults.reorder_deliveries()
        await self.person.type(first)
        await self.write(second)

    async def picture(self, caption: str) -> list[Seen]:
        await self.person.send_photo(caption)
        await self.received()
        return await self.after()

    def another(self) -> PlatformDriver:
        others = len(self.telegram.state.people)
        return TelegramDriver(self.house, self.receiving, self.telegram, self.channel, PERSON + others)

    async def forge(self, kind: InboundKind, payload: str) -> list[Seen]:
        """Telegram has one kind of button; lists, dates and forms are taps and words there."""
        await self.person.tap_payload(payload, self.person.last)
        await self.received()
        return await self.after()

    async def pick_day(self, day: date) -> list[Seen]:
        """Telegram has no date picker: a date is typed."""
        return await self.type(day.isoformat())

    async def form(self, text: str) -> list[Seen]:
        """Telegram has no forms: words are typed."""
        return await self.type(text)

    async def edit(self, old: str, new: str) -> list[Seen]:
        await self.person.edit(self._sent[old], new)
        await self.received()
        return await self.after()

    async def media(self, kind: MediaKind) -> list[Seen]:
        video = {"file_id": "D1", "file_unique_id": "d1", "width": 9, "height": 9, "duration": 1}
        send: dict[MediaKind, Callable[[], Awaitable[object]]] = {
            MediaKind.VOICE: self.person.send_voice,
            MediaKind.PHOTO: self.person.send_photo,
            MediaKind.STICKER: self.person.send_sticker,
            MediaKind.OTHER: partial(self.person.send_other, "video", video),
        }
        await send[kind]()
        await self.received()
        return await self.after()

    def stands_under(self, text: str) -> list[str]:
        newest = list(reversed(self.person.from_bot))
        exact = [shown for shown in newest if ends(on_telegram(shown).text, text)]
        begun = [shown for shown in newest if begins(on_telegram(shown).text, text)]
        return (exact or begun)[0].labels

    def under_each(self, text: str) -> list[list[str]]:
        return [list(one.labels) for one in self.person.from_bot if begins(on_telegram(one).text, text)]

    def on_screen(self) -> int:
        return len(self.person.from_bot)

    def look(self) -> list[Seen]:
        messages = self.person.from_bot
        old, new = messages[: self._shown], messages[self._shown :]
        changed = [
            shown for shown in old if shown.edits != self._edits[shown.message_id] and not is_traced(shown)
        ]
        self._shown = len(messages)
        self._edits = {shown.message_id: shown.edits for shown in messages}
        again = [replace(on_telegram(shown, again=True), text="", progress="") for shown in changed]
        said = [Seen(toast.text, toast=True) for toast in self.person.toasts[self._toasts :]]
        self._toasts = len(self.person.toasts)
        return [*again, *said, *(on_telegram(shown) for shown in new)]


@contextlib.asynccontextmanager
async def telegram_driver(
    folder: Path, at: datetime, *, webhook: bool = False, beside: Sequence[Channel] = ()
) -> AsyncIterator[TelegramDriver]:
    """Somebody on Telegram, and the bot polling or taking webhooks; `beside` are its other channels."""
    async with TelegramEmulator() as telegram, contextlib.AsyncExitStack() as stack:
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/telegram"
        posted = {"webhook_url": url, "webhook_secret": "a-long_Secret1"} if webhook else {}
        channel = TelegramChannel(options(telegram, **posted), sleep=_Waits(telegram), patience=TapPatience())
        await stack.enter_async_context(_listening(channel, listener))
        home = await stack.enter_async_context(house(folder, channel, at, *beside))
        telegram.state.seconds = lambda: home.clock.now().timestamp()
        task = await stack.enter_async_context(receiving(channel, home))
        yield TelegramDriver(home, task, telegram, channel)


@contextlib.asynccontextmanager
async def _listening(channel: TelegramChannel, listener: socket.socket) -> AsyncIterator[None]:
    """The channel's route, where it has one, served at the listening socket."""
    with listener:
        if not channel.routes():
            yield
            return
        app = Starlette(routes=channel.routes())
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await task
