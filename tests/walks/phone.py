"""What a person can do in an app, whatever platform is behind it: in memory, or an emulator."""

from abc import ABC, abstractmethod
from collections import deque
from typing import Protocol

from bot.channels.base import Channel, InboundKind, Receive, message_order
from flows.engine.events import MediaKind
from tests.walks.evidence import Done, Evidence, Fate, Shown
from tests.walks.kinds import Noise
from tests.walks.people import Act, Fill, Pick, PickDay, Tap, Type


class Playground(Protocol):
    """A platform on which people of a walk meet the bot. `round` is the round of the walk, set by it."""

    name: str
    round: int

    @property
    def channel(self) -> Channel:
        """The bot's channel to it."""

    def phone(self, person: int) -> "Phone":
        """The chat of a person, by their number; made when first asked for."""

    async def hand_over(self, receive: Receive) -> None:
        """Give the bot what people did, as far as it is not held back; it is stored on return."""


class Phone(ABC):
    """One chat with the bot, seen from the person's side. What is done is kept in the evidence."""

    is_slack = False
    """Threads, forms and deletions; else quotes and ticks that are told."""

    def __init__(self, address: str, evidence: Evidence) -> None:
        self.address = address
        self.evidence = evidence
        self.written: list[Done] = []
        """Their own messages, oldest first."""
        self.fates: deque[Fate] = deque()
        """What becomes of the next messages of ours; those after these are shown."""

    @property
    def screen(self) -> list[Shown]:
        """What was shown here, oldest first; a message that changed stands there twice."""
        return self.evidence.screens[self.address]

    @property
    def keyboards(self) -> list[Shown]:
        """The messages with buttons as they stand now, oldest first."""
        latest = {shown.message_id: shown for shown in self.screen if shown.prompt.options}
        return [shown for shown in latest.values() if shown.key is not None]

    @property
    def question(self) -> Shown | None:
        """The last message here that asks something, as it stood last before it bore a trace or lost its buttons."""
        asking = next((shown for shown in reversed(self.screen) if shown.key and not shown.edit), None)
        if asking is None:
            return None
        looks = (shown for shown in reversed(self.screen) if shown.message_id == asking.message_id)
        return next(
            shown for shown in looks if not shown.edit or (shown.prompt.options and not shown.is_answered)
        )

    async def act(self, act: Act, under: Shown, noise: Noise | None = None) -> None:
        """Answer a message in one of the ways that people have."""
        match act:
            case Type(text):
                await self.write(text, noise=noise)
            case Tap(option):
                await self.tap(under, option, noise=noise)
            case Pick(options):
                await self.pick(under, options, noise=noise)
            case PickDay(days):
                await self.pick_day(under, days, noise=noise)
            case Fill(text):
                await self.fill(under, text)

    @abstractmethod
    async def start(self, token: str) -> None:
        """Open the link."""

    @abstractmethod
    async def write(self, text: str, *, under: Shown | None = None, noise: Noise | None = None) -> Done:
        """Send words; with `under` as a reply that quotes a message, or in the thread under it."""

    @abstractmethod
    async def tap(self, under: Shown, option: int, *, noise: Noise | None = None) -> None:
        """Tap the button at this place."""

    @abstractmethod
    async def forge(self, under: Shown, option: int, *, noise: Noise) -> bool:
        """Tap a button that stands on somebody else's screen, as a forged client would; False where none can be."""

    @abstractmethod
    async def pick(self, under: Shown, options: tuple[int, ...], *, noise: Noise | None = None) -> None:
        """Tick these and tap Done."""

    @abstractmethod
    async def pick_day(self, under: Shown, days: int, *, noise: Noise | None = None) -> None:
        """Choose a day so many days from today, or type it where there is no picker."""

    async def fill(self, under: Shown, text: str) -> None:
        """Fill in the form under a question; write, where there is none."""
        await self.write(text)

    @abstractmethod
    async def edit(self, written: Done, text: str, *, noise: Noise) -> None:
        """Change the words of a message of their own."""

    @abstractmethod
    async def delete(self, written: Done, *, noise: Noise) -> None:
        """Take a message of their own back."""

    @abstractmethod
    async def react(self, shown: Shown, emoji: str, *, noise: Noise) -> None:
        """Put an emoji on a message of ours."""

    @abstractmethod
    async def media(self, kind: MediaKind, *, noise: Noise, caption: str = "", album: int = 1) -> None:
        """Send a picture, a sticker and the like, or `album` of them together."""

    @abstractmethod
    async def again(self, written: Done, *, renamed: bool, noise: Noise) -> None:
        """Have the platform deliver a message once more; with `renamed` under another name of the delivery."""

    @abstractmethod
    def hold(self, rounds: int) -> None:
        """Keep what is done here from the bot for so many rounds: it is off."""

    @abstractmethod
    def lag(self) -> None:
        """Hand what was done here to the bot one by one, a round apart."""

    def _note(self, kind: InboundKind, message_id: str, **more: object) -> Done:
        """Keep what was done."""
        done = Done(
            place=self.evidence.place(),
            address=self.address,
            message_id=message_id,
            order=message_order(message_id) or 0,
            at=self.evidence.now(),
            kind=kind,
            **more,  # type: ignore[arg-type]
        )
        self.evidence.done.append(done)
        if kind is InboundKind.TEXT:
            self.written.append(done)
        return done
