"""A private chat as a platform keeps it: every message of either side has a number, and they rise."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.channels.base import InboundKind
from storage.conversations import inbox, outbox
from storage.schema import ADDRESS, OUTBOX, OutboxStatus
from tests.support.turn_world import IDENTITY, Shown, Someone, World


@dataclass
class OrderedChat:
    """One person's chat. What they write has its number at once; what the bot says gets one when it is shown."""

    world: World
    address: str = "telegram:1"
    ids: Any = field(default_factory=lambda: count(1))
    person: Someone = field(init=False)

    def __post_init__(self) -> None:
        self.person = Someone(self.world, self.address)

    async def write(self, text: str, *, number: int | None = None, **more: Any) -> int:
        """Write words; they are stored and not yet answered. Returns their number in the chat."""
        number = number or next(self.ids)
        kind = more.pop("kind", InboundKind.TEXT)
        words = {"text": text, "message_id": str(number), "order": number, **more}
        await self.world.runtime.receive(
            [self.person.inbound(kind, f"{kind}-{self.address}-{number}", **words)]
        )
        return number

    async def say(self, text: str, **more: Any) -> list[Shown]:
        """Write words after all that is shown, have them answered, and have the answers shown."""
        await self.write(text, **more)
        return await self.go_on()

    async def react(self, kind: InboundKind, **what: Any) -> list[Shown]:
        """Do something that is no message: put an emoji on one, or take one back."""
        await self.world.runtime.receive([self.person.inbound(kind, **what)])
        return await self.go_on()

    async def go_on(self) -> list[Shown]:
        """Have everything answered, and the answers shown; they are returned."""
        await self.world.runtime.drain()
        shown = self.person.look()
        self.show()
        return shown

    async def start(self, token: str) -> list[Shown]:
        await self.world.runtime.receive([self.person.inbound(InboundKind.START, text=token)])
        return await self.go_on()

    def unsent(self) -> list[int]:
        """The messages that are queued here, oldest first."""
        return [row[0] for row in self.world.rows(_UNSENT, lookup=IDENTITY.lookup(self.address))]

    def show(self, at: datetime | None = None) -> None:
        """Deliver what is queued: each message gets the next number of the chat."""
        for row in self.unsent():
            self.mark(row, at=at)

    def mark(self, row: int, *, number: int | None = None, at: datetime | None = None) -> int:
        """Deliver one message, under a number that was set aside for it or the next one; returns the number."""
        number, now = number or next(self.ids), at or self.world.clock.now()

        def write(connection: Connection) -> None:
            outbox.mark_sent(connection, row, message_id=str(number), now=now)
            address_id = connection.scalar(sa.select(OUTBOX.c.address_id).where(OUTBOX.c.id == row))
            inbox.take_up(connection, [address_id])

        self.world.database.write_now(write)
        return number

    def set_status(self, row: int, status: OutboxStatus, *, in_doubt: bool = False) -> None:
        """Have a message on its way, failed, or (`in_doubt`) queued again after a call without an answer."""
        change = OUTBOX.update().where(OUTBOX.c.id == row).values(status=status, possibly_duplicate=in_doubt)
        self.world.database.write_now(lambda connection: connection.execute(change))

    def number_of(self, row: int) -> str:
        """The platform's name of a message."""
        query = sa.select(OUTBOX.c.message_id).where(OUTBOX.c.id == row)
        return str(self.world.database.read_now(lambda connection: connection.scalar(query)))

    def rows_of(self, text: str) -> list[int]:
        """The messages here whose words hold this text, oldest first."""
        query = (
            sa.select(OUTBOX.c.id)
            .join(ADDRESS, ADDRESS.c.id == OUTBOX.c.address_id)
            .where(ADDRESS.c.lookup == IDENTITY.lookup(self.address), OUTBOX.c.payload.contains(text))
            .order_by(OUTBOX.c.id)
        )
        return self.world.database.read_now(lambda connection: list(connection.execute(query).scalars()))

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.world.clock.move(timedelta(**span))


_UNSENT = (
    "SELECT outbox.id FROM outbox JOIN address ON address.id = address_id"
    " WHERE lookup = :lookup AND outbox.status IN ('queued', 'sending') ORDER BY outbox.id"
)
