"""Hand on what browsers post, and wait for its turn: so the page that answers a post holds what was said to it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bot.channels.base import Inbound, InboundKind, Receive
from bot.channels.message_numbers import MessageNumbers
from bot.channels.web.device import delivery_of
from bot.channels.web.mail_door import MailDoor
from bot.channels.web.source import PageSource, TryDoor

FIRST_LOOK = 0.005
LONGEST_PAUSE = 0.1
"""Seconds between two looks whether a turn is over: after a message was sent the first comes at once."""


class WebTurns:
    """What was posted, on its way to the turns, and what was sent, on its way to the pages.

    `receive` is None while nobody takes messages, `pages` until the composition root has given them, `mail` where no
    mails go out, `trying` where nobody tries the program.
    """

    def __init__(self, patience_seconds: float) -> None:
        self.receive: Receive | None = None
        self.pages: PageSource | None = None
        self.mail: MailDoor | None = None
        self.trying: TryDoor | None = None
        self.numbers = MessageNumbers()
        self._patience = patience_seconds
        self._waiting: defaultdict[str, list[asyncio.Event]] = defaultdict(list)

    async def take(self, inbound: Inbound) -> bool:
        """Store what was posted, and wait until it is answered; return whether it was, in time.

        Raises:
            ConnectionError: nobody takes messages now.
        """
        if self.receive is None:
            raise ConnectionError("nobody receives")
        with self._news_of(inbound.address) as news:
            await self.receive([inbound])
            return await self._settled(inbound.address, news)

    async def leave(self, address: str, key: str) -> None:
        """Tell the bot that nobody is reached at an address any more, by a form with this key."""
        await self.take(Inbound(address=address, external_id=delivery_of(key), kind=InboundKind.BLOCKED))

    def sent(self, address: str) -> None:
        """Tell whoever waits at an address that a message was sent there."""
        for news in self._waiting.get(address, ()):
            news.set()

    async def _settled(self, address: str, news: asyncio.Event) -> bool:
        pages, pause = self.pages, FIRST_LOOK
        assert pages is not None  # a page was shown
        try:
            async with asyncio.timeout(self._patience):
                while not await pages.is_settled(address):
                    pause = min(LONGEST_PAUSE, await self._paused(news, pause))
        except TimeoutError:
            return False
        return True

    async def _paused(self, news: asyncio.Event, pause: float) -> float:
        """Pause until a message is sent, or for so long; return how long the next pause is to be."""
        try:
            async with asyncio.timeout(pause):
                await news.wait()
        except TimeoutError:
            return 2 * pause
        news.clear()
        return FIRST_LOOK

    @contextmanager
    def _news_of(self, address: str) -> Iterator[asyncio.Event]:
        """Yield an event that is set when a message is sent to an address."""
        news = asyncio.Event()
        self._waiting[address].append(news)
        try:
            yield news
        finally:
            self._waiting[address].remove(news)
            if not self._waiting[address]:
                del self._waiting[address]
