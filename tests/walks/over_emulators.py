"""The same walks through the emulated platforms, with the bot's real channels and the platforms' client libraries."""

import asyncio
from abc import abstractmethod
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.channels.base import Channel, InboundKind, Outbound, Receive, button_payload, message_order
from bot.channels.slack.channel import SlackChannel
from bot.channels.telegram.channel import TelegramChannel
from bot.clock import MovableClock
from flows.engine.effects import Prompt
from flows.engine.events import MediaKind
from tests.emulators.faults import Fault, FaultPlan
from tests.emulators.slack import person as slack_person
from tests.emulators.slack.delivery import Delivery
from tests.emulators.slack.server import SlackEmulator
from tests.emulators.telegram import person as telegram_person
from tests.emulators.telegram.server import TelegramEmulator
from tests.support import slack_channel, telegram_channel
from tests.support.platforms.slack import SHORTLY
from tests.walks.evidence import Attempt, Done, Evidence, Fate, Shown
from tests.walks.kinds import Noise
from tests.walks.phone import Phone, Playground
from tests.walks.town import Town, TownPlan, town

_PHOTO = "image/png"


class Emulated(Playground):
    """An emulated platform: what the bot sends goes through here, so that it is known what the screen came to show."""

    name: str
    sends_by: str
    """The method of the platform that sends a message."""

    def __init__(self, channel: Channel, evidence: Evidence, clock: MovableClock) -> None:
        self.real = channel
        self.evidence = evidence
        self.clock = clock
        self.round = 0
        self.phones: dict[str, EmulatedPhone] = {}
        self.held_until = 0
        self._one = asyncio.Lock()
        self._unseen: dict[str, list[Outbound]] = defaultdict(list)

    @property
    def channel(self) -> Channel:
        """It stands before the real channel."""
        return self

    @property
    @abstractmethod
    def faults(self) -> FaultPlan:
        """What goes wrong between the platform and the bot."""

    async def run(self, receive: Receive) -> None:
        """As the real channel."""
        await self.real.run(receive)

    async def close(self) -> None:
        """As the real channel."""
        await self.real.close()

    async def send(self, message: Outbound) -> str | None:
        """Send through the real channel, one message after the other, and look at the screen."""
        async with self._one:
            phone = self.phones[message.address]
            fate = self._meet(phone, message)
            try:
                return await self.real.send(message)
            finally:
                if fate is not Fate.SHOWN:
                    self.faults.clear()
                self.look(phone)

    async def send_document(self, address: str, name: str, content: str, caption: str, /) -> str | None:
        """Send through the real channel."""
        async with self._one:
            phone = self.phones[address]
            self._unseen[address].append(Outbound(address=address, prompt=Prompt(caption)))
            try:
                return await self.real.send_document(address, name, content, caption)
            finally:
                self.look(phone)

    def _meet(self, phone: "EmulatedPhone", message: Outbound) -> Fate:
        """Plan what becomes of a message."""
        fate = phone.fates.popleft() if phone.fates and not message.refresh else Fate.SHOWN
        key = None if message.prompt.ask is None else (message.conversation or 0, message.prompt.ask)
        text = message.prompt.text
        self._unseen[phone.address].append(message)
        self.evidence.attempts.append(
            Attempt(self.evidence.place(), phone.address, self.clock.now(), key, fate, text)
        )
        match fate:
            case Fate.REFUSED:
                self._refuse()
            case Fate.LIMITED:
                self.faults.add(self.sends_by, Fault.RATE_LIMIT, retry_after=9)
            case Fate.ARRIVED:
                self.faults.add(self.sends_by, Fault.DROP_AFTER)
            case Fate.LOST:
                self.faults.add(self.sends_by, Fault.DROP_BEFORE)
            case Fate.SHOWN:
                pass
        if fate in (Fate.ARRIVED, Fate.LOST):
            self.evidence.doubt(key, text)
        return fate

    @abstractmethod
    def _refuse(self) -> None:
        """Plan that the next message is refused for good."""

    def look(self, phone: "EmulatedPhone") -> None:
        """Keep what is new on a screen, with the prompt that it shows."""
        sent = self._unseen[phone.address]
        for message_id, text, is_edit in phone.news():
            prompts = [one for one in sent if one.prompt.text[:30] in text] or sent[-1:]
            shown = prompts[0] if prompts else Outbound(address=phone.address, prompt=Prompt(text))
            phone.screen.append(
                Shown(
                    place=self.evidence.place(),
                    address=phone.address,
                    message_id=message_id,
                    order=message_order(message_id) or 0,
                    at=self.clock.now(),
                    conversation=shown.conversation,
                    prompt=shown.prompt,
                    edit=is_edit,
                    thread=shown.thread,
                )
            )
        del sent[:-3]


class EmulatedPhone(Phone):
    """A chat in an emulated app."""

    def __init__(self, address: str, platform: Emulated) -> None:
        super().__init__(address, platform.evidence)
        self.platform = platform
        self._texts: dict[str, str] = {}
        platform.phones[address] = self

    def news(self) -> list[tuple[str, str, bool]]:
        """The bot's messages that are new or have changed: names, what they show, and whether they stood there."""
        found = []
        for message_id, looks in self.looks():
            if self._texts.get(message_id) != looks:
                found.append((message_id, looks, message_id in self._texts))
                self._texts[message_id] = looks
        return found

    @abstractmethod
    def looks(self) -> list[tuple[str, str]]:
        """The bot's messages by name, with all that is seen of them."""

    def hold(self, rounds: int) -> None:
        """The bot is off for everybody."""
        self.platform.held_until = max(self.platform.held_until, self.platform.round + rounds)

    def lag(self) -> None:
        """Nothing: an emulator hands over as its platform does."""


class EmulatedTelegram(Emulated):
    """Telegram, and the bot polling it."""

    name = "telegram"
    sends_by = "sendMessage"

    def __init__(self, telegram: TelegramEmulator, evidence: Evidence, clock: MovableClock) -> None:
        options = telegram_channel.options(telegram)
        channel = TelegramChannel(options, sleep=telegram_channel.Waits(), now=clock.now)
        super().__init__(channel, evidence, clock)
        self.telegram = telegram
        telegram.state.seconds = lambda: clock.now().timestamp()
        self._give = telegram.state.queue
        self._kept: list[dict[str, Any]] = []
        telegram.state.queue = self._kept.append  # type: ignore[method-assign]

    @property
    def faults(self) -> FaultPlan:
        """See `Emulated`."""
        return self.telegram.faults

    def _refuse(self) -> None:
        self.faults.add(self.sends_by, Fault.SERVER_ERROR, status=400, error="Bad Request: text is refused")

    def phone(self, person: int) -> "TelegramPhone":
        """See `Playground`."""
        return TelegramPhone(self, self.telegram.person(1000 + person))

    async def hand_over(self, receive: Receive) -> None:
        """See `Playground`: until the bot has confirmed every update, which it does once they are stored."""
        if self.round < self.held_until:
            return
        kept, self._kept[:] = list(self._kept), []
        for update in kept:
            self._give(update)
        state = self.telegram.state
        await self.telegram.wait_until(lambda: not state.pending and not state.again)

    def again(self, message_id: str) -> None:
        """Deliver the update with a message once more."""
        state = self.telegram.state
        for update in [*state.confirmed, *state.pending, *self._kept]:
            if str(update.get("message", {}).get("message_id")) == message_id:
                if update in state.confirmed:
                    state.deliver_again(update["update_id"])
                return


class TelegramPhone(EmulatedPhone):
    """A person's private chat on Telegram."""

    platform: EmulatedTelegram

    def __init__(self, platform: EmulatedTelegram, person: telegram_person.Person) -> None:
        super().__init__(f"telegram:{person.id}", platform)
        self.person = person

    def looks(self) -> list[tuple[str, str]]:
        """See `EmulatedPhone`."""
        return [(str(one.message_id), f"{one.text}\n{one.labels}") for one in self.person.from_bot]

    def _message(self, name: str) -> telegram_person.Shown:
        return self.person.message(int(name))

    async def start(self, token: str) -> None:
        """See `Phone`."""
        sent = await self.person.start(token)
        self._note(InboundKind.START, str(sent.message_id), text=token)

    async def write(self, text: str, *, under: Shown | None = None, noise: Noise | None = None) -> Done:
        """See `Phone`."""
        if under is None:
            parts = await self.person.type_long(text)
        else:
            parts = [await self.person.reply(text, self._message(under.message_id))]
        about = None if under is None else under.message_id
        for part in parts:
            done = self._note(
                InboundKind.TEXT, str(part.message_id), text=part.text, under=about, noise=noise
            )
        return done

    async def tap(self, under: Shown, option: int, *, noise: Noise | None = None) -> None:
        """See `Phone`. What a button carries is what stood on the screen, also where it has changed since."""
        payload = button_payload(*(under.key or (0, 0)), option)
        self._note(InboundKind.TAP, under.message_id, under=payload, noise=noise)
        await self.person.tap_payload(payload, self._message(under.message_id))

    async def forge(self, under: Shown, option: int, *, noise: Noise) -> bool:
        """See `Phone`: the payload of somebody else's button, under a message of one's own."""
        payload = button_payload(*(under.key or (0, 0)), option)
        mine = self.person.from_bot
        if not mine:
            return False
        self._note(InboundKind.TAP, str(mine[-1].message_id), under=payload, noise=noise)
        await self.person.tap_payload(payload, mine[-1])
        return True

    async def pick(self, under: Shown, options: tuple[int, ...], *, noise: Noise | None = None) -> None:
        """See `Phone`."""
        for option in (*options, len(under.prompt.options) - 1):
            await self.tap(under, option, noise=noise)

    async def pick_day(self, under: Shown, days: int, *, noise: Noise | None = None) -> None:
        """See `Phone`."""
        await self.write((self.evidence.now() + timedelta(days=days)).date().isoformat(), noise=noise)

    async def edit(self, written: Done, text: str, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.EDIT, written.message_id, text=text, under=written.message_id, noise=noise)
        await self.person.edit(self._message(written.message_id), text)

    async def delete(self, written: Done, *, noise: Noise) -> None:
        """See `Phone`. Bots are not told."""
        await self.person.delete(self._message(written.message_id))

    async def react(self, shown: Shown, emoji: str, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.REACTION, shown.message_id, text=emoji, under=shown.message_id, noise=noise)
        await self.person.react(self._message(shown.message_id), emoji)

    async def media(self, kind: MediaKind, *, noise: Noise, caption: str = "", album: int = 1) -> None:
        """See `Phone`."""
        if album > 1:
            sent = (await self.person.send_album(caption or None, *[None] * (album - 1)))[0]
        elif kind is MediaKind.STICKER:
            sent = await self.person.send_sticker()
        else:
            sent = await self.person.send_photo(caption or None)
        said = InboundKind.TEXT if caption else InboundKind.MEDIA
        self._note(said, str(sent.message_id), text=caption or kind.value, noise=noise)

    async def again(self, written: Done, *, renamed: bool, noise: Noise) -> None:
        """See `Phone`. An update has one name."""
        self.evidence.remark(self.address, f"delivered again: {written.text[:60]!r}")
        self.platform.again(written.message_id)


class EmulatedSlack(Emulated):
    """Slack, and the bot connected by a socket."""

    name = "slack"
    sends_by = "chat.postMessage"

    def __init__(self, slack: SlackEmulator, evidence: Evidence, clock: MovableClock) -> None:
        channel = SlackChannel(slack_channel.config(slack, gather=SHORTLY))
        super().__init__(channel, evidence, clock)
        self.slack = slack
        self.deliveries: list[Delivery] = []
        slack.clock = lambda: clock.now().timestamp()
        slack.dispatcher.hold()

    @property
    def faults(self) -> FaultPlan:
        """See `Emulated`."""
        return self.slack.faults

    def _refuse(self) -> None:
        self.faults.add(self.sends_by, Fault.BLOCKED, error="invalid_blocks")

    def phone(self, person: int) -> "SlackPhone":
        """See `Playground`."""
        return SlackPhone(self, self.slack.person(f"Person {person}", id=f"U{1000 + person}"))

    async def hand_over(self, receive: Receive) -> None:
        """See `Playground`: until everything is acknowledged, which it is once it is stored."""
        if self.round < self.held_until:
            return
        self.slack.dispatcher.release()
        deliveries, self.deliveries = self.deliveries, []
        for delivery in deliveries:
            await delivery.settled()
        self.slack.dispatcher.hold()


class SlackPhone(EmulatedPhone):
    """A person's direct messages with the bot on Slack."""

    is_slack = True
    platform: EmulatedSlack

    def __init__(self, platform: EmulatedSlack, person: slack_person.Person) -> None:
        super().__init__(f"slack:{platform.slack.team}/{person.id}", platform)
        self.person = person

    def looks(self) -> list[tuple[str, str]]:
        """See `EmulatedPhone`."""
        return [(one.ts, one.all_shown) for one in self.person.messages if one.from_bot]

    def _sent(self, delivery: Delivery) -> None:
        self.platform.deliveries.append(delivery)

    async def start(self, token: str) -> None:
        """See `Phone`."""
        self._note(InboundKind.START, self.platform.slack.next_ts(), text=token)
        self._sent(await self.person.start(token))

    async def write(self, text: str, *, under: Shown | None = None, noise: Noise | None = None) -> Done:
        """See `Phone`."""
        if under is None:
            self._sent(await self.person.type(text))
        else:
            self._sent(await self.person.reply(text, under.message_id))
        ts, about = self.person.messages[-1].ts, None if under is None else under.message_id
        return self._note(InboundKind.TEXT, ts, text=text, under=about, noise=noise)

    async def tap(self, under: Shown, option: int, *, noise: Noise | None = None) -> None:
        """See `Phone`. A choice of a list of checkboxes is ticked, which Slack keeps to itself until Done."""
        label = under.prompt.options[option].label
        self._note(InboundKind.TAP, under.message_id, text=label, noise=noise)
        self._sent(await self.person.tap(label, self.person.find(under.message_id)))

    async def forge(self, under: Shown, option: int, *, noise: Noise) -> bool:
        """See `Phone`."""
        theirs = self.platform.phones.get(under.address)
        if not isinstance(theirs, SlackPhone):
            return False
        label, message = under.prompt.options[option].label, theirs.person.find(under.message_id)
        self._note(InboundKind.TAP, under.message_id, text=label, noise=noise)
        self._sent(await self.person.tap(label, message))
        return True

    async def pick(self, under: Shown, options: tuple[int, ...], *, noise: Noise | None = None) -> None:
        """See `Phone`."""
        labels = [under.prompt.options[option].label for option in options]
        self._note(InboundKind.PICKS, under.message_id, text=", ".join(labels), noise=noise)
        message = self.person.find(under.message_id)
        for label in (*labels, under.prompt.options[-1].label):
            self._sent(await self.person.tap(label, message))

    async def pick_day(self, under: Shown, days: int, *, noise: Noise | None = None) -> None:
        """See `Phone`."""
        day = (self.evidence.now() + timedelta(days=days)).date()
        self._note(InboundKind.DATE, under.message_id, text=day.isoformat(), noise=noise)
        self._sent(await self.person.pick_date(day, self.person.find(under.message_id)))

    async def edit(self, written: Done, text: str, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.EDIT, written.message_id, text=text, under=written.message_id, noise=noise)
        self._sent(await self.person.edit(self.person.find(written.message_id), text))

    async def delete(self, written: Done, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.DELETED, written.message_id, under=written.message_id, noise=noise)
        self.written.remove(written)
        self._sent(await self.person.delete(self.person.find(written.message_id)))

    async def react(self, shown: Shown, emoji: str, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.REACTION, shown.message_id, text=emoji, under=shown.message_id, noise=noise)
        self._sent(await self.person.react(emoji, shown.message_id))

    async def media(self, kind: MediaKind, *, noise: Noise, caption: str = "", album: int = 1) -> None:
        """See `Phone`. Slack has no stickers."""
        self._sent(await self.person.send_file(_PHOTO, caption, [_PHOTO] * (album - 1)))
        said = InboundKind.TEXT if caption else InboundKind.MEDIA
        self._note(said, self.person.messages[-1].ts, text=caption or kind.value, noise=noise)

    async def again(self, written: Done, *, renamed: bool, noise: Noise) -> None:
        """See `Phone`. Slack's retries bear the first name, and some deliveries of one message another."""
        self.evidence.remark(self.address, f"delivered again: {written.text[:60]!r}")
        message = self.person.find(written.message_id)
        event = self.person._message_event(message)
        again = self.platform.slack.send_event(event, ts=message.ts)
        if not renamed:
            first = next(
                (one for one in self.platform.slack.dispatcher.deliveries if one.ts == message.ts), None
            )
            if first is not None and "event_id" in first.payload:
                again.payload["event_id"] = first.payload["event_id"]
        self._sent(again)


@asynccontextmanager
async def emulated_town(plan: TownPlan) -> AsyncIterator[Town]:
    """A town whose people are on one of the emulated platforms each, or on both, and the bot connected to them."""
    async with TelegramEmulator() as telegram, SlackEmulator() as slack, AsyncExitStack() as stack:

        def make(evidence: Evidence, clock: MovableClock) -> Mapping[str, Playground]:
            return {
                "telegram": EmulatedTelegram(telegram, evidence, clock),
                "slack": EmulatedSlack(slack, evidence, clock),
            }

        made = stack.enter_context(town(plan, make))
        for playground in made.platforms.values():
            await stack.enter_async_context(_connected(playground, made))
        await asyncio.wait_for(slack.dispatcher.wait_connected(), 10)
        yield made


@asynccontextmanager
async def _connected(playground: Playground, made: Town) -> AsyncIterator[None]:
    """The bot's channel hears while this lasts; what it hears is stored by the bot that is awake."""
    channel = playground.channel

    async def receive(inbounds: list[Any]) -> None:
        await made.runtime.receive(inbounds)

    task = asyncio.create_task(channel.run(receive))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()
