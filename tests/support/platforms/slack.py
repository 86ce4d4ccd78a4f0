"""One person on an emulated Slack, and the bot connected by a socket or taking signed requests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from bot.channels.base import Channel, InboundKind
from bot.channels.slack.channel import EVENTS_PATH, SlackChannel
from bot.channels.slack.labels import words
from flows.engine.events import MediaKind
from flows.i18n.say import Sentence, say
from tests.emulators.faults import FaultPlan
from tests.emulators.slack import person as slack_person
from tests.emulators.slack.delivery import Delivery
from tests.emulators.slack.forging import forge
from tests.emulators.slack.server import SlackEmulator
from tests.support.dialogue import Seen, begins, ends
from tests.support.platforms.drivers import PlatformDriver, receiving
from tests.support.platforms.screen import on_slack
from tests.support.platforms.wired import House, house
from tests.support.slack_channel import config, serving

SHORTLY = timedelta(milliseconds=2)
"""How long a message on Slack waits for an earlier one, where a test sends one at a time."""
_OF_COMMANDS = frozenset({words(None).command_help, words(None).command_started})
"""What only the person sees that answers a command, and no tap."""
_MIME_TYPES = {"voice": "audio/mp4", "photo": "image/png"}


class SlackDriver(PlatformDriver):
    """A person in a workspace, in their direct messages with the bot. Slack keeps ticks to itself until Done."""

    ticks_are_told = False
    media_kinds = frozenset(MediaKind) - {MediaKind.STICKER}
    sends_by = "chat.postMessage"

    def __init__(
        self, house: House, receiving: asyncio.Task[None], slack: SlackEmulator, channel: SlackChannel
    ) -> None:
        super().__init__(house, receiving)
        self.slack = slack
        self.channel = channel
        self.person = slack.person("Ana", timezone="Europe/Lisbon")
        self._shown = self._whispered = 0
        self._sent: dict[str, slack_person.Message] = {}

    async def received(self, delivery: Delivery) -> None:
        """Until the bot has acknowledged it, which it does once it is stored."""
        await delivery.settled()
        assert delivery.acknowledged

    async def enter(self, token: str) -> None:
        await self.received(await self.person.start(token))

    async def write(self, text: str) -> None:
        delivery = await self.person.type(text)
        self._sent[text] = self.person.messages[-1]
        await self.received(delivery)

    async def touch(self, label: str, under: str) -> None:
        await self.received(await self.person.tap(label, self._message(label, under)))

    async def set_picks(self, labels: list[str], under: str) -> list[Seen]:
        """Tick and untick until these are ticked, and tap Done."""
        message = self._message(labels[0], under)
        block, element = message.element(labels[0]) or message.former_element(labels[0]) or ({}, {})
        ticked = [option["text"]["text"] for option in message.ticked(block, element)]
        for label in set(labels) ^ set(ticked):
            await self.received(await self.person.tap(label, message))
        await self.received(await self.person.tap(self.done, message))
        return await self.after()

    def _message(self, label: str, under: str) -> slack_person.Message:
        under_it = [one for one in reversed(self.person.from_bot) if begins(one.shown, under)]
        for message in under_it:
            if message.element(label):
                return message
        for message in under_it:
            if message.former_element(label):
                return message
        raise AssertionError(f"no control {label!r} under {under!r}")

    @property
    def faults(self) -> FaultPlan:
        return self.slack.faults

    def revoke(self) -> None:
        self.slack.revoke()

    def times_handed_over(self) -> int:
        return self.slack.dispatcher.deliveries[-1].attempts

    async def write_out_of_order(self, first: str, second: str) -> None:
        dispatcher = self.slack.dispatcher
        dispatcher.hold()
        deliveries = [await self.person.type(text) for text in (first, second)]
        self.faults.reorder_deliveries()
        dispatcher.release()
        for delivery in deliveries:
            await self.received(delivery)

    async def picture(self, caption: str) -> list[Seen]:
        await self.received(await self.person.send_file("image/png", caption))
        return await self.after()

    def another(self) -> PlatformDriver:
        return SlackDriver(self.house, self.receiving, self.slack, self.channel)

    async def forge(self, kind: InboundKind, payload: str) -> list[Seen]:
        await self.received(forge(self.person, kind.value, payload))
        return await self.after()

    async def pick_day(self, day: date) -> list[Seen]:
        await self.received(await self.person.pick_date(day))
        return await self.after()

    async def form(self, text: str) -> list[Seen]:
        await self.received(await self.person.tap(say(Sentence.BUTTON_WRITE, self.language)))
        await self.person.wait_for_modal()
        await self.received(await self.person.submit_modal(text))
        return await self.after()

    async def edit(self, old: str, new: str) -> list[Seen]:
        await self.received(await self.person.edit(self._sent[old], new))
        return await self.after()

    async def reply(self, text: str, under: str) -> list[str]:
        """Write in the thread under the message that begins so; what the bot says in that thread, as it stands now."""
        root = self.message(under)
        await self.received(await self.person.reply(text, root))
        await self.house.settle()
        return [one.shown for one in self.person.thread(root) if one.from_bot]

    def message(self, beginning: str) -> slack_person.Message:
        """The bot's newest message in the room that begins so."""
        found = [one for one in reversed(self.person.from_bot) if begins(one.shown, beginning)]
        assert found, f"nothing begins with {beginning!r}"
        return found[0]

    async def media(self, kind: MediaKind) -> list[Seen]:
        """Slack has no stickers; whatever is no sound and no picture is a file."""
        mime_type = _MIME_TYPES.get(kind.value, "application/pdf")
        await self.received(await self.person.send_file(mime_type))
        return await self.after()

    def stands_under(self, text: str) -> list[str]:
        newest = list(reversed(self.person.from_bot))
        exact = [one for one in newest if ends(one.shown, text)]
        message = (exact or [one for one in newest if begins(one.shown, text)])[0]
        chosen = [line for line in message.all_shown.splitlines() if line.startswith("\u2713")]
        return [*chosen, *message.labels]

    def under_each(self, text: str) -> list[list[str]]:
        return [list(one.labels) for one in self.person.from_bot if begins(one.shown, text)]

    def on_screen(self) -> int:
        return len(self.person.from_bot)

    def look(self) -> list[Seen]:
        new = self.person.from_bot[self._shown :]
        self._shown = len(self.person.from_bot)
        whispers = [text for text in self.person.ephemerals if text not in _OF_COMMANDS]
        said = [Seen(text, toast=True) for text in whispers[self._whispered :]]
        self._whispered = len(whispers)
        return [*said, *(on_slack(message) for message in new)]

    async def after(self) -> list[Seen]:
        """What is seen once every tap is answered."""
        await self.house.settle()
        while self.channel.responses.whispering:
            await asyncio.wait(self.channel.responses.whispering)
        return self.look()


@contextlib.asynccontextmanager
async def slack_driver(
    folder: Path,
    at: datetime,
    *,
    http: bool = False,
    gather: timedelta = SHORTLY,
    beside: Sequence[Channel] = (),
) -> AsyncIterator[SlackDriver]:
    """Somebody on Slack, and the bot connected by a socket or taking signed requests; `beside` are other channels."""
    async with SlackEmulator() as slack:
        channel = SlackChannel(config(slack, socket=not http, gather=gather))
        async with (
            house(folder, channel, at, *beside) as home,
            _connected(slack, channel, home, http=http) as task,
        ):
            channel.home_tab.query = home.runtime.home
            slack.clock = lambda: home.clock.now().timestamp()
            yield SlackDriver(home, task, slack, channel)


@contextlib.asynccontextmanager
async def _connected(
    slack: SlackEmulator, channel: SlackChannel, home: House, *, http: bool
) -> AsyncIterator[asyncio.Task[None]]:
    async with contextlib.AsyncExitStack() as stack:
        task = await stack.enter_async_context(receiving(channel, home))
        if http:
            slack.dispatcher.request_url = await stack.enter_async_context(serving(channel)) + EVENTS_PATH
        else:
            await asyncio.wait_for(slack.dispatcher.wait_connected(), 10)
        yield task
