"""Fetch what people wrote while nobody listened, from the history of their direct messages.

Slack delivers an event again after none, one and five minutes, and then never. What was written during a longer outage
stands in `conversations.history` alone. An app that its own workspace made may ask 50 times a minute, one that is
distributed outside Slack's marketplace once, for 15 messages (since May 2025). So 15 are asked for at a time, and once
Slack has said how long to wait, we ask no faster than that.
https://docs.slack.dev/reference/methods/conversations.history
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Never

import msgspec
import structlog

from bot.channels.base import CatchUpPoint, CatchUpPoints, Inbound, RateLimited, SendError
from bot.channels.hearing import PlatformHearing
from bot.channels.slack.ordering import NotStored
from bot.channels.slack.payloads.fields import CHANNEL, Payload, items, user_of, word
from bot.channels.slack.payloads.messages import from_message

log = structlog.get_logger(__name__)

RETRIES_LAST = timedelta(minutes=5)
"""Slack gives a delivery up after this; what was written in a shorter outage comes by itself."""
HEARD_WITHIN = timedelta(minutes=2)
"""Four looks at the connection or the token: Slack answers one of them where all is well."""
PAGE = 15
"""Messages in one answer: the most that every kind of app is given."""
PAGES = 20
"""Answers that are read for one person, at most."""
PACE = timedelta(seconds=1.2)
"""Between two questions: 50 a minute, Slack's tier 3."""
PATIENCE = timedelta(minutes=1)
"""After a 429 that does not say how long to wait, and after a failure."""
TRIES = 10
"""How often one person's history is asked for in vain before it is given up."""

Sleep = Callable[[float], Awaitable[None]]
Store = Callable[[Sequence[Inbound], str], Awaitable[None]]
"""Takes one person's messages, oldest first, with the timestamp of the first; returns when they are committed."""


def running_clock() -> float:
    """Return seconds that never go back, and that also pass while the machine sleeps, where it can tell."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class Outage(PlatformHearing):
    """Tells of every outage that outlasted Slack's retries: how long ago all was last known to be well."""

    def __init__(self, missed: Callable[[timedelta], None], now: Callable[[], float] = running_clock) -> None:
        """Begin with all well. `missed` is told of an outage when it is over; `now` tells seconds."""
        self._missed, self._now = missed, now
        self._well_at = now()
        super().__init__(HEARD_WITHIN, now)

    def well(self) -> None:
        """Note that all is well now."""
        before, self._well_at = self._well_at, self._now()
        self.heard()
        if (gap := timedelta(seconds=self._well_at - before)) > RETRIES_LAST:
            self._missed(gap)


@dataclass(frozen=True, slots=True)
class HistoryReader:
    """The questions to Slack. Each answers with what Slack tells, or raises `SendError`.

    `room` finds the room of a user's direct messages; `history` reads a page of a room, `replies` a page of one of its
    threads, both by the arguments of their methods.
    """

    room: Callable[[str], Awaitable[str]]
    history: Callable[..., Awaitable[Payload]]
    replies: Callable[..., Awaitable[Payload]]


class CatchUp:
    """Fetches the missed messages of one person after another, in the background, and hands them on to be stored."""

    def __init__(
        self, points: CatchUpPoints, reader: HistoryReader, store: Store, *, sleep: Sleep, pace: timedelta
    ) -> None:
        """Keep what is needed; nothing is asked for until `run`. `pace` is the time between two questions to Slack."""
        self._points, self._reader, self._store = points, reader, store
        self._sleep, self._pace = sleep, pace.total_seconds()
        self._outages: list[float] = []
        self._work = asyncio.Event()
        self._pending: dict[str, CatchUpPoint] = {}
        self._failed: Counter[str] = Counter()
        self._fetched = 0

    def missed(self, ago: timedelta) -> None:
        """Have histories fetched from where everybody had been heard so long ago."""
        self._outages.append(running_clock() - ago.total_seconds())
        self._work.set()

    async def run(self) -> Never:
        """Fetch what was missed, whenever something was, until cancelled; no error ends it."""
        while True:
            await self._work.wait()
            self._work.clear()
            try:
                await self._catch_up()
            # Any error, a mistake of ours too: nobody awaits this task, so one that ended it would leave everybody
            # unheard until the next start, and say nothing.
            except Exception as error:  # noqa: BLE001
                log.error("slack_catch_up_waits", channel="slack", error=type(error).__name__)  # noqa: TRY400
                await self._sleep(PATIENCE.total_seconds())
                self._work.set()

    async def _catch_up(self) -> None:
        await self._gather()
        self._fetched, people = 0, len(self._pending)
        if people:
            log.info("slack_catch_up_begins", channel="slack", count=people)
        while self._pending:
            await self._next()
            await self._gather()
        self._failed.clear()
        if people:
            log.info("slack_catch_up_ends", channel="slack", count=self._fetched)

    async def _gather(self) -> None:
        """Find whose history is to be fetched after the outages that are new.

        Whoever is still to come of an earlier one keeps the earlier place.
        """
        if not self._outages:
            return
        outages, self._outages = self._outages, []
        try:
            points = await self._points(timedelta(seconds=running_clock() - min(outages)))
        except BaseException:
            self._outages += outages
            raise
        for point in points:
            self._pending.setdefault(point.address, point)

    async def _next(self) -> None:
        """Fetch and store what one person wrote: those who were asked something come first."""
        point = max(self._pending.values(), key=lambda one: one.asked)  # the first of them
        del self._pending[point.address]
        try:
            found = await self._find(point)
            if found:
                await self._store(found, found[0].message_id or "")
            self._fetched += len(found)
        except (SendError, NotStored) as error:
            await self._endure(point, error)
        # Any error: a message of a shape that we do not read raises whatever it likes, each time anew, and keeps
        # nobody else's history waiting.
        except Exception as error:  # noqa: BLE001
            log.error("slack_history_not_read", channel="slack", error=type(error).__name__)  # noqa: TRY400

    async def _endure(self, point: CatchUpPoint, error: SendError | NotStored) -> None:
        """Try again later where that may help; end it all where nobody's history may be read."""
        if isinstance(error, SendError) and error.stops_channel:
            self._pending.clear()
            log.warning("slack_history_refused", channel="slack", reason=error.reason)
            return
        self._failed[point.address] += 1
        passing = isinstance(error, NotStored) or error.retryable
        if not passing or self._failed[point.address] >= TRIES:
            reason = error.reason if isinstance(error, SendError) else "not stored"
            log.warning("slack_history_not_read", channel="slack", reason=reason)
            return
        self._pending[point.address] = point
        await self._sleep(PATIENCE.total_seconds())

    async def _find(self, point: CatchUpPoint) -> list[Inbound]:
        """Return what one person wrote since the point, oldest first, in the room and in threads that began since."""
        room = await self._ask(self._reader.room, user_of(point.address))
        oldest = point.message_id or f"{point.at.timestamp():.6f}"
        told = await self._pages(self._reader.history, channel=room, oldest=oldest)
        for parent in [one for one in told if one.get("reply_count")]:
            told += await self._pages(
                self._reader.replies, channel=room, ts=word(parent, "ts"), oldest=oldest
            )
        by_name = {word(one, "ts"): one for one in told}
        return [one for ts in sorted(by_name) for one in read_history(point.address, room, by_name[ts])]

    async def _pages(self, question: Callable[..., Awaitable[Payload]], **arguments: str) -> list[Payload]:
        found: list[Payload] = []
        cursor = ""
        for _ in range(PAGES):
            answer = await self._ask(question, limit=PAGE, cursor=cursor or None, **arguments)
            found += [one for one in items(answer, "messages") if word(one, "ts")]
            cursor = word(answer, "response_metadata", "next_cursor")
            if not cursor:
                return found
        log.warning("slack_history_too_long", channel="slack", count=len(found))
        return found

    async def _ask(self, question: Callable[..., Awaitable[Any]], *values: str, **arguments: object) -> Any:
        """Ask at the pace that Slack bears, and wait where it says so."""
        while True:
            try:
                answer = await question(*values, **arguments)
            except RateLimited as limited:
                told = PATIENCE if limited.retry_after is None else limited.retry_after
                self._pace = max(self._pace, told.total_seconds())
                log.info("slack_history_slowed", channel="slack", retry_seconds=self._pace)
                await self._sleep(self._pace)
            else:
                await self._sleep(self._pace)
                return answer


def read_history(address: str, room: str, message: Payload) -> tuple[Inbound, ...]:
    """Turn a message of the history into the `Inbound`s that its event would have become.

    Nothing comes of what somebody else wrote, the bot above all. `address` is the person's, `room` that of their direct
    messages.
    """
    team, _, user = address.removeprefix(f"{CHANNEL}:").rpartition("/")
    if word(message, "user") != user or message.get("bot_id"):
        return ()
    ts = word(message, "ts")
    event = {**message, "type": "message", "channel": room, "channel_type": "im", "event_ts": ts}
    if (
        event.get("thread_ts") == ts
    ):  # it has become the first of a thread; when it was written it was in none
        del event["thread_ts"]
    found = from_message({"type": "event_callback", "team_id": team, "event": event})
    return tuple(msgspec.structs.replace(one, address=address) for one in found)
