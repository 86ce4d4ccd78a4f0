"""Act on the timers that are due, each checked again, in due order, in short transactions.

APScheduler only ticks, from memory. It is never the system of record: see docs/why/own-due-rows.md.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import assert_never

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.clock import Clock
from bot.errors import describe
from bot.schedule.digests import send_digests
from bot.schedule.follow_ons import fire_follow_on
from bot.schedule.retention import purge_if_due
from bot.schedule.timers import (
    ConversationRunner,
    FiringTimer,
    fire_erase,
    fire_expire,
    fire_interview_reminder,
    fire_resume,
)
from bot.schedule.waves import fire_wave, fire_wave_close, fire_wave_reminder
from flows.i18n.localized_flow import Localizations
from flows.schedule.contact_policy import ContactReason
from storage.conversations import contact_log
from storage.database.connection import Database
from storage.errors import StorageError
from storage.follow_up import timers
from storage.schema import ContactAction, TimerKind

TICK_SECONDS = 20.0
"""How late a contact may be. A tick with nothing to do is one look-up in a small index."""

STATISTICS_EVERY = timedelta(hours=6)

BATCH = 25
"""Timers in one transaction: few enough that nobody's turn waits long behind them."""

log = structlog.get_logger(__name__)


class Scheduler:
    """Looks again and again for what is due (timers, the daily purge, digests) and acts on it.

    Safe to stop at any moment: what was not committed is due still. `runtime` begins and moves conversations,
    `policy` says which roles may be written to on which channel.
    """

    def __init__(
        self,
        database: Database,
        runtime: ConversationRunner,
        clock: Clock,
        *,
        policy: ChannelPolicy = EVERYWHERE,
        localizations: Localizations | None = None,
    ) -> None:
        self._database = database
        self._conversations = runtime
        self._clock = clock
        self._policy = policy
        self._localizations = localizations or Localizations()
        self._ticking = asyncio.Lock()
        self._ticker: AsyncIOScheduler | None = None
        self._statistics_due = datetime.min.replace(tzinfo=UTC)

    async def tick(self, limit: int = BATCH) -> int:
        """Act once on all that is due now, `limit` timers a transaction; return how many timers were looked at.

        A timer that cannot be acted on is put aside with its error, and holds up no other.
        """
        async with self._ticking:
            now = self._clock.now()
            await self._keep_statistics(now)
            total = 0
            while ids := await self._database.read(partial(_due_ids, now=now, limit=limit)):
                await self._batch(ids, now)
                total += len(ids)
            await purge_if_due(self._database, now)
            await send_digests(self._database, self._localizations, now)
            return total

    async def _keep_statistics(self, now: datetime) -> None:
        """Keep what the database knows of its tables, at the first tick and some times a day."""
        if self._statistics_due <= now:
            self._statistics_due = now + STATISTICS_EVERY
            await self._database.keep_statistics()

    async def _batch(self, ids: Sequence[int], now: datetime) -> None:
        """Act on timers in one transaction; if that fails, one by one, so that the one that fails is found."""
        error = await self._attempt(ids, now)
        if error is None:
            return
        for timer_id in ids:
            error = await self._attempt([timer_id], now)
            if error is not None:
                what = describe(error)
                log.error("timer_put_aside", timer=timer_id, error=what)
                await self._database.write(partial(_put_aside, timer_id=timer_id, what=what, now=now))

    async def _attempt(self, ids: Sequence[int], now: datetime) -> BaseException | None:
        """Act on timers in one transaction; return what went wrong, or None. Nothing of a batch that failed is kept.

        Raises:
            StorageError: the database's trouble, which is no timer's fault; all of it is due still.
        """
        work = partial(_fire_all, conversations=self._conversations, ids=ids, now=now, policy=self._policy)
        [error] = await asyncio.gather(self._database.write(work), return_exceptions=True)
        if isinstance(error, StorageError):
            raise error
        return error

    def start(self, every_seconds: float = TICK_SECONDS) -> None:
        """Tick at once and then every so many seconds, in the running event loop, until `stop`."""
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._ticker = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        self._ticker.add_job(self.tick, "interval", seconds=every_seconds, next_run_time=datetime.now(UTC))
        self._ticker.start()

    async def stop(self) -> None:
        """Begin no more ticks, and wait until one that is under way has ended."""
        if self._ticker is not None:
            self._ticker.shutdown(wait=False)
            self._ticker = None
        async with self._ticking:
            return


def _due_ids(connection: Connection, *, now: datetime, limit: int) -> list[int]:
    return [timer.id for timer in timers.due(connection, now, limit)]


def _fire_all(
    connection: Connection,
    *,
    conversations: ConversationRunner,
    ids: Sequence[int],
    now: datetime,
    policy: ChannelPolicy,
) -> None:
    """Act on the timers that are still due: one before them may have ended them or put them off."""
    for timer_id in ids:
        timer = timers.still_due(connection, timer_id, now)
        if timer is not None:
            act(FiringTimer(connection, conversations, timer, now, policy))


def act(firing: FiringTimer) -> None:
    """Act on one due timer by its kind (wave, reminder, expiry); afterwards the timer is ended or put off."""
    match firing.timer.kind:
        case TimerKind.WAVE:
            fire_wave(firing)
        case TimerKind.WAVE_REMINDER:
            fire_wave_reminder(firing)
        case TimerKind.WAVE_CLOSE:
            fire_wave_close(firing)
        case TimerKind.INTERVIEW_REMINDER:
            fire_interview_reminder(firing)
        case TimerKind.RESUME:
            fire_resume(firing)
        case TimerKind.EXPIRE:
            fire_expire(firing)
        case TimerKind.FOLLOW_ON:
            fire_follow_on(firing)
        case TimerKind.ERASE:
            fire_erase(firing)
        case _:
            assert_never(firing.timer.kind)


def _put_aside(connection: Connection, *, timer_id: int, what: str, now: datetime) -> None:
    """End a timer that cannot be acted on with its error, and log it in the participant's story."""
    timer = timers.still_due(connection, timer_id, now)
    if timer is None:
        return
    timers.finish(connection, timer_id, f"{ContactReason.FAILED}: {what}", now=now)
    contact_log.record(
        connection,
        contact_log.ContactEntry(
            participant_id=timer.participant_id,
            timer_kind=timer.kind,
            follow_up_id=timer.follow_up_id,
            conversation_id=timer.conversation_id,
            action=ContactAction.NOT_SENT,
            reason=ContactReason.FAILED,
            at=now,
        ),
    )
