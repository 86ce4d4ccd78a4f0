"""Count the messages that were paid for, month by month, so that a ceiling holds over restarts.

A count of its own, and not one of outbox rows: those are deleted with the people that they went to, and a message whose
outcome is unknown may have been paid for more than once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from storage.conversations.outbox import Head
from storage.schema import PAID_MONTH, Lane


@dataclass(frozen=True, slots=True)
class PaidUse:
    """How many messages were paid for in a month (such as `2026-03`, in UTC): openers, and all others."""

    month: str
    openers: int = 0
    others: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.openers + self.others

    def plus(self, lane: Lane, month: str) -> "PaidUse":
        """Return the use with one message more, in its lane; a new month begins with nothing used."""
        use = self if self.month == month else PaidUse(month)
        if lane is Lane.BULK:
            return replace(use, openers=use.openers + 1)
        return replace(use, others=use.others + 1)


def month_of(moment: datetime) -> str:
    """Return the month of an aware moment, in UTC, such as `2026-03`."""
    return moment.astimezone(UTC).strftime("%Y-%m")


def used_in(connection: Connection, channel: str, month: str) -> PaidUse:
    """Return what was paid for on a channel in a month."""
    here = (PAID_MONTH.c.channel == channel) & (PAID_MONTH.c.month == month)
    row = connection.execute(sa.select(PAID_MONTH.c.openers, PAID_MONTH.c.others).where(here)).first()
    return PaidUse(month) if row is None else PaidUse(month, row.openers, row.others)


def count(connection: Connection, heads: Sequence[Head], now: datetime) -> None:
    """Count those of some messages that are paid for.

    To be committed with their marks, before the platform is called.
    """
    for channel in {head.channel for head in heads if head.paid}:
        theirs = [head for head in heads if head.paid and head.channel == channel]
        openers = sum(head.lane is Lane.BULK for head in theirs)
        made = insert(PAID_MONTH).values(
            channel=channel, month=month_of(now), openers=openers, others=len(theirs) - openers
        )
        connection.execute(
            made.on_conflict_do_update(
                index_elements=["channel", "month"],
                set_={
                    "openers": PAID_MONTH.c.openers + made.excluded.openers,
                    "others": PAID_MONTH.c.others + made.excluded.others,
                },
            )
        )
