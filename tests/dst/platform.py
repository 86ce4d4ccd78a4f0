"""A platform in memory that fails as platforms do: on the way to people, and on the way from them."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from bot.channels.base import (
    ChannelDown,
    ChannelRefused,
    Inbound,
    InboundKind,
    Outbound,
    OutcomeUnknown,
    ParticipantBlocked,
    RateLimited,
    Receive,
)
from flows.engine.effects import Prompt
from tests.dst.faults import End, Fault
from tests.dst.mortal import Life
from tests.walks.evidence import Attempt, Done, Fate
from tests.walks.kinds import Noise
from tests.walks.world import Chat, Platform, Waiting

ZONES = (
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Pacific/Chatham",
)
"""Where people are whose app tells it: clocks change by an hour or half an hour, at midnight or at two, or never."""
MOST_BACK = 40
"""An acknowledged update that is delivered again is one of the last so many."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An update that the bot has acknowledged: it is never delivered again, but for a fault."""

    place: int
    address: str
    inbound: Inbound


@dataclass(frozen=True, slots=True)
class Rates:
    """How often what goes wrong does, from 0 to 1."""

    call: float = 0.012
    """That a call meets a fault, of each kind."""
    batch: float = 0.02
    """That a batch of updates does."""
    revoked: float = 0.004
    """That the token is revoked when a message is sent."""
    block: float = 0.004
    """That somebody has blocked the bot when it writes to them."""


QUIET = Rates(0, 0, 0, 0)
HARD = Rates(0.03, 0.06, 0.012, 0.012)


@dataclass
class FaultyPlatform(Platform):
    """A platform in memory. `life` is that of the process which calls it."""

    chance: Random = field(default_factory=Random)
    rates: Rates = QUIET
    life: Life | None = None
    acknowledged: list[Acknowledged] = field(default_factory=list)
    revoked_until: int = 0
    """The round in which the token is good again."""

    def phone(self, person: int) -> "FaultyChat":
        """See `Playground`."""
        return FaultyChat(self, person, self.evidence)

    async def send(self, message: Outbound) -> str | None:
        """Show a message, unless the call meets a fault or the process dies."""
        life, chat = self._alive(), self._chat(message.address)
        life.dies(End.BEFORE_SEND, 0.25)
        if chat.fates and not message.refresh:
            self._count_fate(chat.fates[0])
            name = await super().send(message)
        else:
            self._refuse(message, chat)
            name = await super().send(message)
        life.dies(End.AFTER_SEND, 0.9)
        return name

    def _count_fate(self, fate: Fate) -> None:
        """Count what a person's own noise has decided on."""
        counted = {Fate.LIMITED: Fault.LIMITED, Fate.ARRIVED: Fault.ARRIVED, Fate.LOST: Fault.LOST}
        if fate in counted:
            self._alive().counts.faults[counted[fate]] += 1

    def _refuse(self, message: Outbound, chat: "FaultyChat") -> None:
        """Raise what a call meets, if it meets anything."""
        if self.round >= self.revoked_until and self.chance.random() < self.rates.revoked:
            self.revoked_until = self.round + self.chance.randint(1, 5)
        if self.round < self.revoked_until:
            self._meets(message, Fault.REVOKED, Fate.LIMITED)
            raise ChannelRefused("the token was revoked")
        if self.chance.random() < self.rates.block and not message.refresh:
            chat.block()
        if chat.blocked:
            self._meets(message, Fault.BLOCKED, Fate.REFUSED)
            raise ParticipantBlocked("blocked by the person")
        drawn, rate = self.chance.random(), self.rates.call
        if drawn < rate:
            self._meets(message, Fault.LIMITED, Fate.LIMITED)
            raise RateLimited("slowly", retry_after=timedelta(seconds=self.chance.choice((1, 9, 40, 700))))
        if drawn < 2 * rate:
            self._meets(message, Fault.DOWN, Fate.LIMITED)
            raise ChannelDown("bad gateway")
        if drawn < 3 * rate:
            self._meets(message, Fault.LOST, Fate.LOST)
            raise OutcomeUnknown("no answer")
        if drawn < 4 * rate:
            self._meets(message, Fault.ARRIVED, Fate.ARRIVED)
            chat.show(message)
            raise OutcomeUnknown("no answer")

    def _meets(self, message: Outbound, fault: Fault, fate: Fate) -> None:
        """Count a fault, and leave it in the evidence."""
        self._alive().counts.faults[fault] += 1
        key = None if message.prompt.ask is None else (message.conversation or 0, message.prompt.ask)
        evidence = self.evidence
        evidence.attempts.append(
            Attempt(evidence.place(), message.address, evidence.now(), key, fate, message.prompt.text)
        )
        if fate in (Fate.LOST, Fate.ARRIVED):
            evidence.doubt(key, message.prompt.whole_text)

    async def send_document(self, address: str, _name: str, _content: str, caption: str, /) -> str | None:
        """Show the words beside the file."""
        return await self.send(Outbound(address=address, prompt=Prompt(caption)))

    def has_news(self) -> bool:
        """Whether there is something to hand over."""
        return any(chat.waiting and chat.waiting[0].round <= self.round for chat in self.chats.values())

    async def hand_over(self, receive: Receive) -> None:
        """Give the bot what people did, in batches, each acknowledged once it was received.

        Raises:
            StorageError: a batch could not be stored; it comes again.
        """
        life, chance = self._alive(), self.chance
        if self.round < self.revoked_until:
            return
        ready = [
            (chat, waiting)
            for chat in self.chats.values()
            for waiting in chat.waiting
            if waiting.round <= self.round
        ]
        if chance.random() < self.rates.batch * 4 and len(ready) > 1:
            self._reorder(ready)
        while ready:
            size = max(1, len(ready) if chance.random() < 0.5 else chance.randint(1, len(ready)))
            batch, ready = ready[:size], ready[size:]
            again = self._again()
            life.receiving = True
            try:
                await receive([*(waiting.inbound for _, waiting in batch), *again])
            finally:
                life.receiving = False
            if chance.random() < self.rates.batch:
                life.counts.faults[Fault.DROPPED] += 1
                return
            for chat, waiting in batch:
                chat.waiting.remove(waiting)
                self.acknowledged.append(Acknowledged(self.evidence.place(), chat.address, waiting.inbound))

    def _reorder(self, ready: list[tuple["FaultyChat", Waiting]]) -> None:
        """Let the updates of different chats come in another order, and on Slack two of one chat.

        Telegram promises the order of a chat's updates; Slack, which tries again what was not acknowledged, does not.
        """
        self._alive().counts.faults[Fault.REORDERED] += 1
        if self.name == "slack" and self.chance.random() < 0.3:
            place = self.chance.randrange(len(ready) - 1)
            ready[place], ready[place + 1] = ready[place + 1], ready[place]
            return
        order = sorted(self.chats, key=lambda _: self.chance.random())
        places = {name: place for place, name in enumerate(order)}
        ready.sort(key=lambda one: places[one[0].address])

    def _again(self) -> Sequence[Inbound]:
        """Deliver what was acknowledged once more, now and then: under its new name, once it has one."""
        if not self.acknowledged or self.chance.random() >= self.rates.batch * 2:
            return ()
        self._alive().counts.faults[Fault.TWICE] += 1
        first = self.chance.choice(self.acknowledged[-MOST_BACK:])
        return [self._chat(first.address).renamed(first.inbound)]

    def _alive(self) -> Life:
        assert self.life is not None
        return self.life

    def _chat(self, address: str) -> "FaultyChat":
        chat = self.chats[address]
        assert isinstance(chat, FaultyChat)
        return chat


class FaultyChat(Chat):
    """A person's chat there. Some of their apps tell the time zone; some people block the bot for a time."""

    def __init__(self, platform: FaultyPlatform, person: int, *more: Any) -> None:
        super().__init__(platform, person, *more)
        self.zone = Random(f"zone {person}").choice(ZONES)
        self.blocked = False
        self.waiting: deque[Waiting] = deque()

    def block(self) -> None:
        """Block the bot. The platform tells it only where it writes to them."""
        self.blocked = True
        self.evidence.remark(self.address, "the person blocks the bot")

    def unblock(self) -> None:
        """Let it write again, which the platform tells it."""
        self.blocked = False
        self.evidence.remark(self.address, "the person unblocks the bot")
        self._hand(self._inbound(InboundKind.UNBLOCKED, self.platform.name_of_message()))

    async def again(self, written: Done, *, renamed: bool, noise: Noise) -> None:
        """See `Phone`. Only what an earlier program has acknowledged comes under another name."""
        waits = any(one.inbound.message_id == written.message_id for one in self.waiting)
        await super().again(written, renamed=renamed and not waits, noise=noise)

    def renamed(self, inbound: Inbound) -> Inbound:
        """An update as the platform's programs call it by now."""
        newest = self._inbounds.get(inbound.message_id or "")
        return inbound if newest is None or newest.former_id != inbound.external_id else newest

    def _hand(self, inbound: Inbound) -> None:
        """Queue it for the bot; whoever writes has unblocked it before."""
        if self.blocked and inbound.kind is not InboundKind.UNBLOCKED:
            self.unblock()
        super()._hand(inbound)

    def _inbound(self, kind: InboundKind, name: str, **what: Any) -> Inbound:
        made = super()._inbound(kind, name, **what)
        if self.is_slack and made.timezone != self.zone:
            made = Inbound(**{one: getattr(made, one) for one in made.__slots__} | {"timezone": self.zone})
            if kind is InboundKind.TEXT:
                self._inbounds[name] = made
        return made
