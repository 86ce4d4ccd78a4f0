"""Send traces: what was chosen, under questions that have been answered. Cosmetic, and so the lowest class of sending.

A trace goes out only while nothing else waits at its address and the channel has nothing else to send. Its row is
deleted before the platform is called: it is never sent twice, and whatever fails ends it. One that is older than a
minute, or that a later one of the same question supersedes, is dropped. Where a question was sent more than once, its
newest message shows the trace, and the others lose their buttons.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog

from bot.channels.base import Channel, Outbound, SendError
from bot.clock import Clock
from bot.delivery.rate_limits import RateLimiter
from flows.engine.effects import Prompt, PromptKind, Trace
from storage.conversations import outbox_edits
from storage.conversations.outbox_edits import Edit, QuestionMessage
from storage.database.address_keys import AddressKeys
from storage.database.connection import Database

TRACES_AT_ONCE = 8
"""Traces on their way at the same time on one channel."""
NEWER_THAN = timedelta(minutes=1)
TRACE_TIMEOUT_SECONDS = 10.0

_decode_prompt = msgspec.json.Decoder(Prompt).decode
_decode_trace = msgspec.json.Decoder(Trace).decode

log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class TraceDelivery:
    """Sends the traces of one channel, at a pace of their own (`limiter`), so that no message waits for one."""

    database: Database
    clock: Clock
    identity: AddressKeys
    channel: Channel
    limiter: RateLimiter
    on_their_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def launch(self) -> datetime | None:
        """Send the traces that may go now on their way; return when to look again, None where none is left waiting.

        To be called while the channel has nothing else to send.
        """
        now = self.clock.now()
        room = TRACES_AT_ONCE - len(self.on_their_way)
        if room <= 0:
            return now + timedelta(seconds=TRACE_TIMEOUT_SECONDS)
        since = now - NEWER_THAN
        found = await self.database.read(partial(outbox_edits.edits, channel=self.channel.name, since=since))
        chosen, later = self._choose(found.ready, room, now)
        if chosen or found.needless:
            ids = [*(edit.id for edit in chosen), *found.needless]
            taken = await self.database.write(partial(outbox_edits.take_edits, ids=ids))
            for edit in chosen:
                if edit.id in taken:
                    task = asyncio.create_task(self._send(edit))
                    self.on_their_way.add(task)
                    task.add_done_callback(self._ended)
        return later

    def _choose(
        self, ready: tuple[Edit, ...], room: int, now: datetime
    ) -> tuple[list[Edit], datetime | None]:
        """Return the edits that the pace lets through now, at most `room`, and when the next one may go."""
        chosen: list[Edit] = []
        waits: list[datetime] = []
        for edit in ready:
            free = max(self.limiter.channel_free(), self.limiter.address_free(edit.address_id))
            if free > now:
                waits.append(free)
            elif len(chosen) == room:
                waits.append(now)
            else:
                self.limiter.take(edit.address_id, now)
                chosen.append(edit)
        return chosen, min(waits, default=None)

    async def _send(self, edit: Edit) -> None:
        """Show a question with its trace, and without buttons where it stood before.

        What fails is left as it is: nothing hangs on it. The earlier messages count towards the pace, too.
        """
        newest, *earlier = edit.copies
        try:
            await self._show(edit, newest, _decode_trace(edit.payload))
            for copy in earlier:
                if _has_buttons(_decode_prompt(copy.shown)):
                    self.limiter.take(edit.address_id, self.clock.now())
                    await self._show(edit, copy, Trace())
        except (SendError, TimeoutError, msgspec.MsgspecError) as error:
            log.info("trace_not_left", channel=self.channel.name, error=type(error).__name__)

    async def _show(self, edit: Edit, copy: QuestionMessage, trace: Trace) -> None:
        """Show one message of a question with a trace."""
        message = Outbound(
            address=self.identity.open(edit.sealed),
            prompt=_decode_prompt(copy.shown),
            conversation=edit.conversation_id,
            message_id=copy.message_id,
            refresh=True,
            trace=trace,
        )
        async with asyncio.timeout(TRACE_TIMEOUT_SECONDS):
            await self.channel.send(message)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Forget a trace that has been sent; a mistake of ours is logged, and stops nothing."""
        self.on_their_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("trace_failed", channel=self.channel.name, error=type(error).__name__)


def _has_buttons(prompt: Prompt) -> bool:
    """Return whether a question has something to tap, or may have on some platform."""
    return bool(prompt.options) or prompt.long_text or prompt.kind is PromptKind.DATE
