"""Keep a queue for each line of the channels: a channel, or one workspace of it (`storage.conversations.outbox_lines`).

So each workspace has its own pace and its own pauses, and what waits in one holds up no other.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from bot.channels.base import Channel
from bot.delivery.admission import OpenerAdmission
from bot.delivery.channel_queue import ChannelQueue
from bot.delivery.paid_pace import PaidPace
from bot.delivery.rate_limits import NO_LIMIT, ChannelRates, RateLimiter
from storage.conversations import outbox_lines
from storage.conversations.outbox_lines import channel_of
from storage.database.address_keys import WITH_WORKSPACES


class ChannelQueues:
    """The queues of the channels, by their lines: one for each channel, and one for each workspace that it has."""

    def __init__(self, channels: Mapping[str, Channel], rates: Mapping[str, ChannelRates]) -> None:
        self._channels = channels
        self._rates = rates
        self._queues = {name: self._made(name) for name in channels}

    def of(self, line: str) -> ChannelQueue:
        """Return the queue of a line."""
        if line not in self._queues:
            self._queues[line] = self._made(channel_of(line))
        return self._queues[line]

    def of_channel(self, name: str) -> list[ChannelQueue]:
        """Return all queues of a channel, its own first; none for one that is not served."""
        return [queue for line, queue in self._queues.items() if channel_of(line) == name]

    def lines(self, connection: Connection) -> list[str]:
        """Return the lines on which something may wait."""
        found: list[str] = []
        for name in self._channels:
            found += outbox_lines.lines(connection, name) if name in WITH_WORKSPACES else [name]
        return found

    @property
    def may_split(self) -> bool:
        """Whether a channel here has workspaces, so that its lines must be asked for."""
        return not WITH_WORKSPACES.isdisjoint(self._channels)

    def _made(self, name: str) -> ChannelQueue:
        rates = self._rates.get(name, NO_LIMIT)
        paid = None if rates.paid is None else PaidPace(rates.paid, rates.channel)
        return ChannelQueue(
            self._channels[name], RateLimiter(rates), OpenerAdmission(rates.channel, paid), paid
        )
