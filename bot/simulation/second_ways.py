"""Count the waves of a rehearsal that went by a second way, since nobody answered at the first, and were answered."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.schema import ADDRESS, ANSWER, FOLLOW_UP, OUTBOX, OutboxStatus


class SecondWay(NamedTuple):
    """Two channels, by which the waves of some people went one after the other."""

    first: str
    second: str


@dataclass(slots=True)
class WayCount:
    """How many waves went by both, and how many of them were answered at the second; a wave is one contact."""

    waves: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class SecondWays:
    """The waves that were asked in a rehearsal, each once however many ways it went, and those of two ways."""

    asked: int
    by_way: dict[SecondWay, WayCount]

    @property
    def waves(self) -> int:
        """How many waves went by a second way."""
        return sum(count.waves for count in self.by_way.values())

    @property
    def answered(self) -> int:
        """How many of them were answered there."""
        return sum(count.answered for count in self.by_way.values())

    def figures(self) -> dict[str, Any]:
        """Return all of it for a program to read."""
        return {
            "waves_asked": self.asked,
            "by_second_way": [
                {"first": way.first, "second": way.second, "waves": count.waves, "answered": count.answered}
                for way, count in self.by_way.items()
            ],
        }


def count_second_ways(connection: Connection) -> SecondWays:
    """Count the waves of a simulation by the channels at which they were asked; those of two in order of their names.

    A wave is what is asked about in one conversation. It was answered where its first answer was given.
    """
    ways, answered = _asked_at(connection), _answered_on(connection)
    found: defaultdict[SecondWay, WayCount] = defaultdict(WayCount)
    for conversation, channels in ways.items():
        if len(channels) > 1:
            count = found[SecondWay(channels[0], channels[1])]
            count.waves += 1
            count.answered += answered.get(conversation) == channels[1]
    return SecondWays(len(ways), dict(sorted(found.items())))


_OF_WAVES = sa.select(FOLLOW_UP.c.conversation_id).where(FOLLOW_UP.c.conversation_id.is_not(None))


def _asked_at(connection: Connection) -> dict[int, list[str]]:
    """Return the channels of the addresses at which each conversation over waves was asked, the first one first."""
    first = sa.func.min(OUTBOX.c.id)
    query = (
        sa.select(OUTBOX.c.conversation_id, ADDRESS.c.channel)
        .join(ADDRESS, ADDRESS.c.id == OUTBOX.c.address_id)
        .where(
            OUTBOX.c.conversation_id.in_(_OF_WAVES),
            OUTBOX.c.ask.is_not(None),
            OUTBOX.c.status == OutboxStatus.SENT,
        )
        .group_by(OUTBOX.c.conversation_id, OUTBOX.c.address_id, ADDRESS.c.channel)
        .order_by(OUTBOX.c.conversation_id, first)
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for conversation, channel in connection.execute(query):
        found[conversation].append(channel)
    return found


def _answered_on(connection: Connection) -> dict[int, str]:
    """Return the channel of the first answer in each conversation over waves that has one."""
    query = (
        sa.select(ANSWER.c.conversation_id, ANSWER.c.channel)
        .where(ANSWER.c.conversation_id.in_(_OF_WAVES))
        .order_by(ANSWER.c.conversation_id, ANSWER.c.id.desc())
    )
    return {row.conversation_id: row.channel for row in connection.execute(query)}
