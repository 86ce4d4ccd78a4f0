"""Answer Telegram's taps: each once, by its turn, or plainly when that takes too long.

Until a tap is answered its button shows an hourglass, and only the answer can carry a toast.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.errors import is_stale_tap
from bot.channels.telegram.inbound import SCHEME

PATIENCE_SECONDS = 1.5
CLOSING_SECONDS = 2.0

log = structlog.get_logger(__name__)


async def tap_patience() -> None:
    """Return when a tap is to be answered whatever has become of its turn."""
    await asyncio.sleep(PATIENCE_SECONDS)


class TapAnswers:
    """Answers taps in the background. Nothing comes of a failure: the tap is stored.

    `bot` returns the bot and is called for each answer, since the channel may make it anew. `patience` returns when a
    tap is to be answered plainly, though its turn is still to come.
    """

    def __init__(self, bot: Callable[[], Bot], *, patience: Callable[[], Awaitable[None]]) -> None:
        self._bot = bot
        self.patience = patience
        self._waiting: dict[str, asyncio.Future[str | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def came(self, callback_id: str, external_id: str | None) -> None:
        """Note a tap, by Telegram's id of it, that waits for the turn of `external_id`; None: no turn will come."""
        turn: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        if external_id is None:
            turn.set_result(None)
        else:
            self._waiting[external_id] = turn
        task = asyncio.create_task(self._see_through(callback_id, external_id, turn))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def answer(self, external_id: str, toast: str | None) -> None:
        """Answer a tap whose turn has come, by a toast or plainly; do nothing where it is answered already."""
        turn = self._waiting.get(external_id)
        if turn is not None and not turn.done():
            turn.set_result(toast)

    async def settle(self) -> None:
        """Wait until every tap that came has been answered, or its answer given up."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        """Answer what waits plainly, and wait for the last answers, at most two seconds."""
        for turn in self._waiting.values():
            if not turn.done():
                turn.set_result(None)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=CLOSING_SECONDS)
            for task in late:
                task.cancel()

    async def _see_through(
        self, callback_id: str, external_id: str | None, turn: "asyncio.Future[str | None]"
    ) -> None:
        """Wait for the turn of a tap as long as patience lasts, and answer the tap."""
        if not turn.done():
            patience = asyncio.ensure_future(self.patience())
            either: set[asyncio.Future[Any]] = {turn, patience}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            patience.cancel()
        if external_id is not None and self._waiting.get(external_id) is turn:
            del self._waiting[external_id]
        toast = turn.result() if turn.done() else None
        if not await self._answer(callback_id, toast) and toast is not None:
            await self._answer(callback_id, toast)  # words that are not seen would be no answer at all

    async def _answer(self, callback_id: str, toast: str | None) -> bool:
        """Answer a tap; return False where it may be tried again."""
        try:
            await self._bot().answer_callback_query(callback_id, text=toast)
        except TelegramError as error:
            if is_stale_tap(error):
                return True
            log.info("tap_not_answered", channel=SCHEME, error=type(error).__name__)
            return False
        return True
