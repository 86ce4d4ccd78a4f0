"""Act on the timers that are due, each checked again, in short transactions.

What is due comes in rounds: of what a participant waits for, of what goes on in a conversation, and of what we begin,
each round takes a batch, so that nothing waits behind a wave of many thousands. Of each the one due first is first.

`ticker` only ticks, from memory. It is never the system of record: see docs/why/own-due-rows.md.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, assert_never

import structlog
from sqlalchemy import Connection

from bot.channel_policy import EVERYWHERE, ChannelPolicy
from bot.clock import Clock, ClockWatch
from bot.errors import describe, is_of_environment
from bot.schedule.digests import send_digests, tell_of_environment, tell_of_late_waves
from bot.schedule.farewells import fire_farewell
from bot.schedule.follow_ons import fire_follow_on
from bot.schedule.redactions import BackgroundRedaction
from bot.schedule.retention import purge_if_due
from bot.schedule.timers import (
    ConversationRunner,
    FiringTimer,
    fire_erase,
    fire_expire,
    fire_interview_reminder,
    fire_resume,
    take_back_reminder,
)
from bot.schedule.wave_ends import fire_wave_close, fire_wave_reminder
from bot.schedule.waves import LateWave, fire_waves, found_closed, take_back_late
from flows.heavy_packages import load
from flows.i18n.localized_flow import Localizations
from flows.schedule.contact_policy import ContactReason
from storage.conversations import contact_log, outbox_lines
from storage.database import audit, periodic_jobs
from storage.database.connection import Database
from storage.errors import StorageError
from storage.follow_up import missed_contacts, openers, timers
from storage.follow_up.timers import FIRST_PLACE, DueTimer, TimerPlace
from storage.privacy import closing
from storage.programs import programs
from storage.schema import ContactAction, TimerKind

if TYPE_CHECKING:
    from bot.schedule.ticker import Ticker

TICK_SECONDS = 20.0
"""How late a contact may be. A tick with nothing to do is one look-up in a small index."""

CHORES_EVERY = timedelta(seconds=TICK_SECONDS)
"""A tick that takes longer than this sees to purge and digests in between."""
STATISTICS_EVERY = timedelta(hours=6)

FAR_AHEAD = missed_contacts.FAR_AHEAD
"""A clock that was set ahead by so much may be wrong: nothing is done by it at once that cannot be undone."""
LONG_ABSENCE = timedelta(days=2)
"""Where the last daily purge was so long ago, the bot was off, or a machine started with a wrong clock."""
TIME_TO_CORRECT = timedelta(minutes=10)
"""How long a clock far ahead is not acted on: time servers and people put a wrong one right within that."""

TRY_AGAIN = timedelta(minutes=10)
"""What fails for want of something on this machine is tried again so often: nobody tells us that it was mended."""

BATCH = 25
"""Timers in one transaction: few enough that nobody's turn waits long behind them."""

OPENERS = openers.OPENERS
"""What we begin, in a line of its own."""
LOOK_PAST = 5_000
"""So many timers are looked at in a tick for one whose channel has room, where the first ones find none."""

ROUNDS = (
    (TimerKind.RESUME, TimerKind.ERASE, TimerKind.FAREWELL),
    (TimerKind.WAVE_CLOSE, TimerKind.EXPIRE, TimerKind.INTERVIEW_REMINDER, TimerKind.WAVE_REMINDER),
    OPENERS,
)
"""The kinds that stand in one line; each line moves on by a batch a round."""

log = structlog.get_logger(__name__)
HasRoom = Callable[[Connection, str], bool]
"""Tells of a channel, by its name, whether more may be queued there that we begin."""


def _always(_connection: Connection, _channel: str) -> bool:
    """Have room for everything."""
    return True


class Scheduler:
    """Looks again and again for what is due (timers, the daily purge, digests) and acts on it.

    Safe to stop at any moment: what was not committed is due still. What we begin waits while `has_room` says that its
    channel has no room for it. `runtime` begins and moves conversations,
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
        self._ticker: Ticker | None = None
        self._watch = ClockWatch(clock)
        self._doubted_until = clock.passed()
        """By the time that passes: until then nothing is done by the clock, which was set far ahead."""
        self._was_ahead = False
        """Whether the clock was set back while it was in doubt, and what was done meanwhile is not put right yet."""
        self._asks_for_absence = False
        self._stopping = False
        self._late: frozenset[LateWave] = frozenset()
        """What did not fit into the window, and is not told yet: more of it may have to be put off still."""
        self.has_room: HasRoom = _always
        self._looked_past = FIRST_PLACE
        """Up to where nothing that is due finds room: the next look goes on from there, and begins anew at the end."""
        self._statistics_due = datetime.min.replace(tzinfo=UTC)
        self._redaction = BackgroundRedaction(database)
        self._planned: set[int] = set()
        """Closed programs of which it is planned who hears so; after a restart they are looked through once more."""

    async def tick(self, limit: int = BATCH) -> int:
        """Act once on all that is due, `limit` timers a transaction; return how many timers were looked at.

        A timer that cannot be acted on is put aside with its error, and holds up no other. The clock is read anew for
        each transaction. A tick that takes long also sees to purge and digests meanwhile, and one that is stopped ends
        after the transaction that is under way. Nothing is done while the clock is in doubt.
        """
        async with self._ticking:
            if self._asks_for_absence:
                self._asks_for_absence = False
                await self._doubt_long_absence()
            await self._database.empty_due_log()
            if self._clock_in_doubt():
                return 0
            await self._database.read(programs.warm)
            await self._put_right()
            await self._take_back_late()
            await self._plan_farewells()
            total, chores_at, before = 0, self._clock.now(), self._late
            self._late = frozenset()
            while count := await self._round(limit):
                total += count
                if self._clock.now() - chores_at >= CHORES_EVERY:
                    chores_at = self._clock.now()
                    await self._chores()
            await self._chores()
            await self._tell_of_late_waves(before)
            return total

    def _clock_in_doubt(self) -> bool:
        """Return whether the clock was set far ahead a short time ago, and not back since; log each time it was set.

        A wrong year would send what is due in months, end every conversation and delete what is kept for so long.
        """
        jump, passed = self._watch.jump(), self._clock.passed()
        if jump:
            event = "clock_set_back" if jump < timedelta(0) else "clock_set_ahead"
            log.warning(event, duration_ms=int(abs(jump).total_seconds() * 1000))
            self._was_ahead |= jump <= -FAR_AHEAD and passed < self._doubted_until
            self._doubted_until = passed + TIME_TO_CORRECT if jump >= FAR_AHEAD else passed
        return passed < self._doubted_until

    def ask_for_absence(self) -> None:
        """Have the first tick look for how long the bot was off: after a long time its clock is doubted at first.

        Within a process `ClockWatch` sees each jump. One that a restart hides looks like a time in which it was off.
        """
        self._asks_for_absence = True

    async def _doubt_long_absence(self) -> None:
        last = await self._database.read(_last_seen)
        absence = timedelta(0) if last is None else self._clock.now() - last
        if absence >= LONG_ABSENCE:
            log.warning("clock_far_ahead_at_start", duration_ms=int(absence.total_seconds() * 1000))
            self._doubted_until = self._clock.passed() + TIME_TO_CORRECT

    async def _put_right(self) -> None:
        """Have what was put off by a clock far ahead come at its right time: else it waits until that time has come."""
        now = self._clock.now()
        if self._was_ahead or await self._database.read(partial(missed_contacts.clock_was_ahead, now=now)):
            count = await self._database.write(partial(missed_contacts.take_up_put_off, now=now))
            self._was_ahead = False
            log.warning("clock_was_ahead", count=count)

    async def _take_back_late(self) -> None:
        """Take back the first words of waves that are queued though the window has closed, to put them off in order."""
        now = self._clock.now()
        late = await self._database.read(partial(found_closed, now=now))
        for first in range(0, len(late), BATCH):
            some = late[first : first + BATCH]
            await self._database.write(partial(take_back_late, conversation_ids=some, now=now))

    async def _plan_farewells(self) -> None:
        """Have the people of programs that were closed hear so, some hundred a transaction."""
        for program in await self._database.read(closing.ended):
            place: int | None = 0
            while place is not None and program not in self._planned:
                if self._stopping or self._clock_in_doubt():
                    return
                step = partial(closing.plan_farewells, program_id=program, after=place, now=self._clock.now())
                place = await self._database.write(step)
            self._planned.add(program)

    async def _tell_of_late_waves(self, before: frozenset[LateWave]) -> None:
        """Tell coordinators of what did not fit into the window, once all of it is put off.

        That is so where nothing more is due, or where this tick added nothing to what ticks `before` found.
        """
        found, now = before | self._late, self._clock.now()
        if not found:
            return
        more = await self._database.read(partial(timers.due, now=now, limit=1, kinds=OPENERS))
        whole = before - self._late if more else found
        self._late = found - whole
        await tell_of_late_waves(self._database, self._localizations, whole, now)

    async def _round(self, limit: int) -> int:
        """Act on a batch of each line of timers; return how many timers were looked at."""
        first, count = await self._database.read(timers.next_due), 0
        if self._clock_in_doubt() or first is None or first > self._clock.now():
            return 0
        for kinds in ROUNDS:
            if self._stopping:
                return 0
            now = self._clock.now()
            due = await self._database.read(partial(self._due, now=now, limit=limit, kinds=kinds))
            batch = _one_each(due)
            if batch:
                await self._batch(batch, now)
                count += len(batch)
        return count

    def _due(
        self, connection: Connection, *, now: datetime, limit: int, kinds: Collection[TimerKind]
    ) -> Sequence[DueTimer]:
        """Return the timers of a line that are due, at most `limit`; of what we begin only what a channel has room for.

        What finds no room is due still, and is looked at again with the next tick.
        """
        if kinds != OPENERS:
            return timers.due(connection, now, limit, kinds)
        due = timers.due_in_order(connection, now, limit, kinds)
        fit = self._with_room(connection, due)
        if len(fit) == len(due):
            self._looked_past = FIRST_PLACE
            return due
        more = timers.due(connection, now, LOOK_PAST, kinds, after=self._looked_past)
        fit = self._with_room(connection, sorted(more, key=attrgetter("order")))[:limit]
        if not fit:
            reached = len(more) < LOOK_PAST
            self._looked_past = FIRST_PLACE if reached else TimerPlace(more[-1].due_at, more[-1].id)
        return fit

    def _with_room(self, connection: Connection, due: Sequence[DueTimer]) -> list[DueTimer]:
        """Return the timers for which one of their participant's lines has room."""
        lines = outbox_lines.lines_of(connection, [one.participant_id for one in due])
        room = {line: self.has_room(connection, line) for line in set().union(*lines.values())}
        return [
            one for one in due if any(room.get(line, True) for line in lines.get(one.participant_id, ("",)))
        ]

    async def _chores(self) -> None:
        """See to the purge and to the digests, where it is time for them."""
        if not self._stopping and not self._clock_in_doubt():
            now = self._clock.now()
            await self._keep_statistics(now)
            await purge_if_due(self._database, now)
            await send_digests(self._database, self._localizations, now)
            await self._redaction.step(now)

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
            if error is not None and is_of_environment(error):
                log.error("timer_waits", timer=timer_id, error=describe(error))
                await self._database.write(partial(_try_again, timer_id=timer_id, now=now))
                await tell_of_environment(self._database, self._localizations, now)
            elif error is not None:
                what = describe(error)
                log.error("timer_put_aside", timer=timer_id, error=what)
                await self._database.write(partial(_put_aside, timer_id=timer_id, what=what, now=now))

    async def _attempt(self, ids: Sequence[int], now: datetime) -> BaseException | None:
        """Act on timers in one transaction; return what went wrong, or None. Nothing of a batch that failed is kept.

        Raises:
            StorageError: the database's trouble, which is no timer's fault; all of it is due still.
        """
        work = partial(_fire_all, conversations=self._conversations, ids=ids, now=now, policy=self._policy)
        [done] = await asyncio.gather(self._database.write(work), return_exceptions=True)
        if isinstance(done, StorageError):
            raise done
        if isinstance(done, BaseException):
            return done
        self._late |= frozenset(done)
        return None

    def start(self, every_seconds: float = TICK_SECONDS) -> None:
        """Tick at once and then every so many seconds, in the running event loop, until `stop`."""
        self._stopping = False
        self.ask_for_absence()
        # Who moves the clock by hand ticks by hand: a try in the terminal needs no APScheduler.
        self._ticker = load("bot.schedule.ticker").Ticker(self.tick, every_seconds)

    async def stop(self) -> None:
        """Begin no more ticks, and wait for the end of the transaction that is under way; what is left is due still."""
        self._stopping = True
        if self._ticker is not None:
            await self._ticker.stop()
            self._ticker = None
        async with self._ticking:
            return


def _one_each(due: Sequence[DueTimer]) -> list[int]:
    """Return the numbers of timers, the first of each participant: the next must see what that one changed."""
    first: dict[int, int] = {}
    for timer in due:
        first.setdefault(timer.participant_id, timer.id)
    return list(first.values())


def _fire_all(
    connection: Connection,
    *,
    conversations: ConversationRunner,
    ids: Sequence[int],
    now: datetime,
    policy: ChannelPolicy,
) -> list[LateWave]:
    """Act on the timers that are still due: waves all together, then the others one by one.

    Return the waves that did not fit into the window any more.
    """
    due = timers.still_due(connection, ids, now)
    firings = [FiringTimer(connection, conversations, timer, now, policy) for timer in due]
    waves = [firing for firing in firings if firing.timer.kind is TimerKind.WAVE]
    late = fire_waves(waves) if waves else []
    for firing in firings:
        if firing.timer.kind is not TimerKind.WAVE:
            act(firing)
    return late


def act(firing: FiringTimer) -> None:
    """Act on one due timer by its kind (wave, reminder, expiry); afterwards the timer is ended or put off."""
    if firing.timer.queued and firing.timer.kind not in openers.OPENERS:
        take_back_reminder(firing)
    match firing.timer.kind:
        case TimerKind.WAVE:
            fire_waves([firing])
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
        case TimerKind.FAREWELL:
            fire_farewell(firing)
        case _:
            assert_never(firing.timer.kind)


def _try_again(connection: Connection, *, timer_id: int, now: datetime) -> None:
    """Put off a timer that cannot be acted on for want of something on this machine; log it once in the story."""
    for timer in timers.still_due(connection, [timer_id], now):
        until = now + TRY_AGAIN
        timers.put_off(connection, timer_id, until, ContactReason.ENVIRONMENT)
        if timer.reason != ContactReason.ENVIRONMENT:
            action, reason = ContactAction.DEFERRED, ContactReason.ENVIRONMENT
            contact_log.record(connection, contact_log.of_timer(timer, action, reason, now, new_due_at=until))


def _put_aside(connection: Connection, *, timer_id: int, what: str, now: datetime) -> None:
    """End a timer that cannot be acted on with its error, and log it in the participant's story."""
    due = timers.still_due(connection, [timer_id], now)
    if not due:
        return
    [timer] = due
    timers.finish(connection, timer_id, f"{ContactReason.FAILED}: {what}", now=now)
    entry = contact_log.of_timer(timer, ContactAction.NOT_SENT, ContactReason.FAILED, now)
    contact_log.record(connection, entry)


def _last_seen(connection: Connection) -> datetime | None:
    """Return when the bot was last at work: at its daily purge or, before the first one, when something happened."""
    return periodic_jobs.last_done(connection, periodic_jobs.PURGE) or audit.newest_at(connection)
