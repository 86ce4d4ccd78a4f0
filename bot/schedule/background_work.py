"""Do stored work in the background whenever there may be some, and wait out the database's trouble."""

import asyncio
from abc import ABC, abstractmethod
from typing import Final

import structlog

from bot.errors import RETRY_SECONDS
from storage.errors import StorageError

GATHER_SECONDS: Final = 0.5
"""How long more work is waited for, so that that of a busy minute shares a commit."""

log = structlog.get_logger(__name__)


class BackgroundWork(ABC):
    """Work that is found in the rows, not in memory: it may be stopped at any moment, and nothing of it is lost."""

    waits: str
    """The log's event for when the database is in trouble."""

    def __init__(self) -> None:
        self.gather_seconds = GATHER_SECONDS
        self._work = asyncio.Event()

    def wake(self) -> None:
        """Have the work looked for now: there may be some. Returns at once."""
        self._work.set()

    @abstractmethod
    async def drain(self) -> int:
        """Do all work that there is now; return how much it was."""

    async def drain_when_woken(self) -> None:
        """Drain now, and each time that `wake` was called, until cancelled."""
        while True:
            self._work.clear()
            await self._drain_patiently()
            await self._work.wait()  # set at least every half minute, see `storage.database.wakeups`
            await asyncio.sleep(self.gather_seconds)

    async def _drain_patiently(self) -> None:
        """Wait out the database's trouble: what was not committed is found again."""
        try:
            await self.drain()
        except StorageError as error:
            log.warning(self.waits, error=type(error).__name__, retry_seconds=RETRY_SECONDS)
            await asyncio.sleep(RETRY_SECONDS)
            self._work.set()
