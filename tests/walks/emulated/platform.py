"""What both emulated platforms share: what the bot sends goes through here, so that it is known what was shown."""

import asyncio
from abc import abstractmethod
from collections import defaultdict

from bot.channels.base import Channel, Outbound, Receive, message_order
from bot.clock import MovableClock
from flows.engine.effects import Prompt
from tests.emulators.faults import Fault, FaultPlan
from tests.walks.evidence import Attempt, Evidence, Fate, Shown, with_trace
from tests.walks.phone import Phone, Playground


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

    @property
    def edits(self) -> bool:
        """As the real channel."""
        return self.real.edits

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """As the real channel."""
        self.real.turn_taken(external_id, toast)

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
            self.evidence.doubt(key, message.prompt.whole_text)
        return fate

    @abstractmethod
    def _refuse(self) -> None:
        """Plan that the next message is refused for good."""

    def look(self, phone: "EmulatedPhone") -> None:
        """Keep what is new on a screen, with the prompt that it shows."""
        sent = self._unseen[phone.address]
        for message_id, text, is_edit in phone.news():
            prompts = [one for one in sent if one.prompt.text[:30] in text] or sent[-1:]
            shown = prompts[-1] if prompts else Outbound(address=phone.address, prompt=Prompt(text))
            prompt, places = shown.prompt, ()
            if shown.trace is not None:
                prompt, places = with_trace(prompt, shown.trace)
            phone.screen.append(
                Shown(
                    place=self.evidence.place(),
                    address=phone.address,
                    message_id=message_id,
                    order=message_order(message_id) or 0,
                    at=self.clock.now(),
                    conversation=shown.conversation,
                    prompt=prompt,
                    places=places,
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
