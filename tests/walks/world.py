"""A platform in memory, with the real bot behind it: runtime, delivery, scheduler, database, on a clock moved by hand.

The names of messages rise over both sides of a chat, as on Telegram and Slack. Nothing is concurrent: the same seed is
the same walk.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random

from bot.channels.base import (
    Channel,
    Inbound,
    InboundKind,
    MessageRejected,
    Outbound,
    OutcomeUnknown,
    RateLimited,
    Receive,
    button_payload,
    message_order,
)
from bot.clock import MovableClock
from flows.engine.effects import Prompt
from flows.engine.events import MediaKind
from tests.walks.evidence import Attempt, Done, Evidence, Fate, Shown, with_trace
from tests.walks.kinds import Noise
from tests.walks.phone import Phone

LONGEST = 4_096
"""Units of UTF-16 in one message: the apps cut longer texts."""
SECONDS_OF_LIMIT = 9


@dataclass(slots=True)
class Waiting:
    """What was done and is not handed to the bot yet: from which round on it may be."""

    round: int
    inbound: Inbound


@dataclass
class Platform:
    """A channel in memory. `name` is 'telegram' or 'slack', whose names of messages it gives."""

    name: str
    evidence: Evidence
    clock: MovableClock
    round: int = 0
    edits: bool = True
    chats: dict[str, "Chat"] = field(default_factory=dict)
    _taps: dict[str, str] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _deliveries: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def channel(self) -> Channel:
        """It is its own channel."""
        return self

    def phone(self, person: int) -> "Chat":
        """See `Playground`."""
        return Chat(self, person, self.evidence)

    async def run(self, receive: Receive) -> None:
        """Receive nothing: `hand_over` gives what was done."""
        await asyncio.Event().wait()

    async def send(self, message: Outbound) -> str | None:
        """Show a message to its person, unless it meets another fate."""
        chat = self.chats[message.address]
        fate = chat.fates.popleft() if chat.fates and not message.refresh else Fate.SHOWN
        key = None if message.prompt.ask is None else (message.conversation or 0, message.prompt.ask)
        evidence = self.evidence
        attempt = Attempt(evidence.place(), message.address, self.clock.now(), key, fate, message.prompt.text)
        evidence.attempts.append(attempt)
        if fate in (Fate.LOST, Fate.ARRIVED):
            evidence.doubt(key, message.prompt.whole_text)
        match fate:
            case Fate.REFUSED:
                raise MessageRejected("the platform says no")
            case Fate.LIMITED:
                raise RateLimited("slowly", retry_after=timedelta(seconds=SECONDS_OF_LIMIT))
            case Fate.LOST:
                raise OutcomeUnknown("no answer")
            case Fate.ARRIVED:
                chat.show(message)
                raise OutcomeUnknown("no answer")
            case Fate.SHOWN:
                return chat.show(message)

    async def send_document(self, address: str, _name: str, _content: str, caption: str, /) -> str | None:
        """Show the words beside the file."""
        return await self.send(Outbound(address=address, prompt=Prompt(caption)))

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Show what a tap is answered by."""
        if toast is not None:
            self.evidence.remark(self._taps.get(external_id, "?"), f"a toast: {toast}")

    async def close(self) -> None:
        """Nothing to close."""

    def name_of_message(self) -> str:
        """The name of the next message of either side."""
        number = next(self._numbers)
        return str(number) if self.name == "telegram" else f"{1_772_442_000 + number}.{number % 1000:06d}"

    def name_of_delivery(self) -> str:
        """The name of the next thing that is handed over."""
        return f"{self.name}-{next(self._deliveries)}"

    async def hand_over(self, receive: Receive) -> None:
        """See `Playground`. In order at each chat."""
        ready: list[Inbound] = []
        for chat in self.chats.values():
            while chat.waiting and chat.waiting[0].round <= self.round:
                ready.append(chat.waiting.popleft().inbound)
        await receive(ready)


class Chat(Phone):
    """A person's chat on a platform in memory."""

    def __init__(self, platform: Platform, person: int, evidence: Evidence) -> None:
        super().__init__(f"{platform.name}:{person}", evidence)
        self.platform = platform
        self.is_slack = platform.name == "slack"
        self.waiting: deque[Waiting] = deque()
        self._held = 0
        self._lags = False
        self._inbounds: dict[str, Inbound] = {}
        platform.chats[self.address] = self

    def show(self, message: Outbound) -> str:
        """The bot's message comes onto the screen, or changes there."""
        anew = message.message_id if message.refresh else None
        prompt, places = message.prompt, ()
        if message.trace is not None:
            prompt, places = with_trace(prompt, message.trace)
        name = anew or self.platform.name_of_message()
        shown = Shown(
            place=self.evidence.place(),
            address=self.address,
            message_id=name,
            order=message_order(name) or 0,
            at=self.evidence.now(),
            conversation=message.conversation,
            prompt=prompt,
            places=places,
            edit=anew is not None,
            thread=message.thread,
        )
        self.screen.append(shown)
        return name

    def hold(self, rounds: int) -> None:
        """See `Phone`."""
        self._held = self.platform.round + rounds
        for waiting in self.waiting:
            waiting.round = max(waiting.round, self._held)

    def lag(self) -> None:
        """See `Phone`."""
        self._lags = True

    async def start(self, token: str) -> None:
        """See `Phone`."""
        name = self.platform.name_of_message()
        self._note(InboundKind.START, name, text=token)
        self._hand(self._inbound(InboundKind.START, name, text=token, locale="en"))

    async def write(self, text: str, *, under: Shown | None = None, noise: Noise | None = None) -> Done:
        """See `Phone`. A text that is too long for one message is cut, and the last part is returned."""
        parts = [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)] or [""]
        about = None if under is None else under.message_id
        for part in parts:
            name = self.platform.name_of_message()
            done = self._note(InboundKind.TEXT, name, text=part, under=about, noise=noise)
            threaded = about is not None and self.is_slack
            inbound = self._inbound(InboundKind.TEXT, name, text=part, about=about, threaded=threaded)
            self._hand(inbound)
        return done

    async def tap(self, under: Shown, option: int, *, noise: Noise | None = None) -> None:
        """See `Phone`."""
        place = under.places[option] if option < len(under.places) else option
        payload = button_payload(*(under.key or (0, 0)), place)
        label = under.prompt.options[option].label if option < len(under.prompt.options) else "?"
        self._note(InboundKind.TAP, under.message_id, text=label, under=payload, noise=noise)
        self._hand(self._inbound(InboundKind.TAP, under.message_id, button=payload))

    async def forge(self, under: Shown, option: int, *, noise: Noise) -> bool:
        """See `Phone`."""
        await self.tap(under, option, noise=noise)
        return True

    async def pick(self, under: Shown, options: tuple[int, ...], *, noise: Noise | None = None) -> None:
        """See `Phone`. Slack tells all ticks at once, Telegram each one."""
        if not self.is_slack:
            for option in (*options, len(under.prompt.options) - 1):
                await self.tap(under, option, noise=noise)
            return
        payload = button_payload(*(under.key or (0, 0)))
        self._note(InboundKind.PICKS, under.message_id, text=str(list(options)), under=payload, noise=noise)
        self._hand(self._inbound(InboundKind.PICKS, under.message_id, button=payload, options=options))

    async def pick_day(self, under: Shown, days: int, *, noise: Noise | None = None) -> None:
        """See `Phone`."""
        day = (self.evidence.now() + timedelta(days=days)).date()
        if not self.is_slack:
            await self.write(day.isoformat(), noise=noise)
            return
        payload = button_payload(*(under.key or (0, 0)))
        self._note(InboundKind.DATE, under.message_id, text=day.isoformat(), under=payload, noise=noise)
        self._hand(self._inbound(InboundKind.DATE, under.message_id, button=payload, day=day))

    async def fill(self, under: Shown, text: str) -> None:
        """See `Phone`."""
        if not self.is_slack:
            await self.write(text)
            return
        payload = button_payload(*(under.key or (0, 0)))
        self._note(InboundKind.FORM, under.message_id, text=text, under=payload)
        self._hand(self._inbound(InboundKind.FORM, under.message_id, button=payload, text=text))

    async def edit(self, written: Done, text: str, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.EDIT, written.message_id, text=text, under=written.message_id, noise=noise)
        self._hand(self._inbound(InboundKind.EDIT, written.message_id, text=text))

    async def delete(self, written: Done, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.DELETED, written.message_id, under=written.message_id, noise=noise)
        self._hand(self._inbound(InboundKind.DELETED, written.message_id))

    async def react(self, shown: Shown, emoji: str, *, noise: Noise) -> None:
        """See `Phone`."""
        self._note(InboundKind.REACTION, shown.message_id, text=emoji, under=shown.message_id, noise=noise)
        self._hand(self._inbound(InboundKind.REACTION, shown.message_id, text=emoji))

    async def media(self, kind: MediaKind, *, noise: Noise, caption: str = "", album: int = 1) -> None:
        """See `Phone`. The channels hand an album over as one message, and a caption as words."""
        name = self.platform.name_of_message()
        for _ in range(album - 1):
            self.platform.name_of_message()
        if caption:
            self._note(InboundKind.TEXT, name, text=caption, noise=noise)
            self._hand(self._inbound(InboundKind.TEXT, name, text=caption))
        else:
            self._note(InboundKind.MEDIA, name, text=kind.value, noise=noise)
            self._hand(self._inbound(InboundKind.MEDIA, name, media=kind))

    async def again(self, written: Done, *, renamed: bool, noise: Noise) -> None:
        """See `Phone`. Under another name it is as after an update of the program: `Inbound.former_id`.

        From then on that is its name: no program goes back to the one before.
        """
        first = self._inbounds[written.message_id]
        values = {name: getattr(first, name) for name in first.__slots__}
        if renamed and first.former_id is None:
            values |= {"external_id": f"new-{first.external_id}", "former_id": first.external_id}
        again = self._inbounds[written.message_id] = Inbound(**values)
        self.evidence.remark(self.address, f"delivered again: {written.text[:60]!r}")
        self._hand(again)

    def _inbound(self, kind: InboundKind, name: str, **what: object) -> Inbound:
        """Make what the channel would: words are named by their message, all else by its delivery."""
        made = Inbound(
            address=self.address,
            external_id=self.platform.name_of_delivery(),
            kind=kind,
            message_id=name,
            order=message_order(name),
            written_at=self.evidence.now(),
            timezone="Europe/London" if self.platform.name == "slack" else None,
            **what,  # type: ignore[arg-type]
        )
        if kind is InboundKind.TEXT:
            self._inbounds[name] = made
        elif made.button:
            self.platform._taps[made.external_id] = self.address
        return made

    def _hand(self, inbound: Inbound) -> None:
        """Queue it for the bot, behind what was done before."""
        at = max(self.platform.round, self._held)
        if self.waiting:
            at = max(at, self.waiting[-1].round + (1 if self._lags else 0))
        else:
            self._lags = False
        self.waiting.append(Waiting(at, inbound))


def chance_of(*what: object) -> Random:
    """Chance that is the same for the same names."""
    return Random("/".join(map(str, what)))
