"""Store one user's deliveries one after another: Socket Mode hands every envelope to a task of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from weakref import WeakValueDictionary

from bot.channels.base import Inbound


class NotStored(Exception):
    """What came in was not stored, so it must not be acknowledged; Slack will send it again."""


@dataclass(eq=False, slots=True)
class _SlackDelivery:
    """What one envelope brought, with Slack's timestamp of it."""

    at: str
    inbounds: Sequence[Inbound]
    tried: bool = False
    stored: bool = False


@dataclass(eq=False)
class _AddressQueue:
    """The deliveries of one address that wait, and the lock of whoever stores them."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[_SlackDelivery] = field(default_factory=list)


class OrderedDelivery:
    """Stores the deliveries of one address in the order of their Slack timestamps; `receive` stores a list of them.

    The first one waits for `gather`, since Slack may hand over two quick messages the wrong way round; and
    while one is being stored the next ones gather. They go in together, sorted. A delivery that Slack
    resends long after its successor was stored cannot be put back in its place; its message id still tells
    where it belongs.
    """

    def __init__(
        self,
        receive: Callable[[list[Inbound]], Awaitable[None]],
        *,
        gather: timedelta = timedelta(0),
    ) -> None:
        self._receive = receive
        self._gather = gather.total_seconds()
        self._mailboxes: WeakValueDictionary[str, _AddressQueue] = WeakValueDictionary()

    async def put(self, inbounds: Sequence[Inbound], *, at: str) -> None:
        """Store all of one delivery, and return when it is committed.

        `inbounds` are of one address, at least one; `at` is Slack's timestamp, '' where it has none.

        Raises:
            NotStored: it was not committed; the cause is what `receive` raised, None where another call took this
                delivery along with its own.
        """
        mailbox = self._mailboxes.setdefault(inbounds[0].address, _AddressQueue())
        delivery = _SlackDelivery(at or (mailbox.waiting[-1].at if mailbox.waiting else ""), inbounds)
        mailbox.waiting.append(delivery)
        async with mailbox.lock:
            if not delivery.tried:
                if self._gather:
                    await asyncio.sleep(self._gather)
                await self._store(mailbox)
        if not delivery.stored:
            raise NotStored

    async def _store(self, mailbox: _AddressQueue) -> None:
        batch, mailbox.waiting = sorted(mailbox.waiting, key=lambda delivery: delivery.at), []
        for delivery in batch:
            delivery.tried = True
        try:
            await self._receive([inbound for delivery in batch for inbound in delivery.inbounds])
        # Any error, also of what is called in between: what was not stored must not be acknowledged. It is logged where
        # the delivery is answered, in `app`.
        except Exception as error:
            raise NotStored("the inbox failed") from error
        for delivery in batch:
            delivery.stored = True
