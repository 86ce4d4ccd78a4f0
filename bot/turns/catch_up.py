"""Say up to where people were heard on a channel, for the channels that can ask for what they missed.

Where another account of ours is heard from now on, the names of messages of before mean nothing any more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection

from bot.channels.base import CatchUpPoint, CatchUpPoints, InboundKind
from bot.clock import Clock
from bot.conversations.messages import from_payload
from storage.conversations.catch_up import CatchUpRow, catch_up_rows
from storage.conversations.message_names import forget_names, newest_delivery
from storage.database.connection import Database

LOOK_BACK = timedelta(days=7)
"""Whoever wrote later than this may have more to say, also outside a conversation."""

_WRITTEN = frozenset({InboundKind.TEXT, InboundKind.MEDIA})
"""Where a message's name is that of what the person wrote, and not of what they tapped on or edited."""


def catch_up_points(database: Database, clock: Clock, channel: str) -> CatchUpPoints:
    """Return what finds the catch-up points of a channel, by its name, in the database."""

    async def points(ago: timedelta) -> Sequence[CatchUpPoint]:
        before = clock.now() - ago
        return await database.read(lambda connection: _points(connection, database, channel, before))

    return points


def forget_other_account(connection: Connection, channel: str, account: str) -> int | None:
    """Forget the names of a channel's messages, where what it heard last came to another account than this one.

    Return of how many messages of ours they were; None where it is the same account, or nobody was heard.
    """
    before, _, rest = (newest_delivery(connection, channel) or "").partition(":")
    if not rest or not before.isdecimal() or before == account or not account:
        return None
    return forget_names(connection, channel)


def _points(connection: Connection, database: Database, channel: str, before: datetime) -> list[CatchUpPoint]:
    rows = catch_up_rows(connection, channel, database.identity, before=before, since=before - LOOK_BACK)
    return [CatchUpPoint(row.address, _written(row), row.received_at, row.asked) for row in rows]


def _written(row: CatchUpRow) -> str | None:
    """Return the platform's name of the message, where the row holds one that the person wrote."""
    try:
        message = from_payload(row.payload)
    except msgspec.MsgspecError:  # its time is over, and its words are gone
        return None
    return message.message_id if message.kind in _WRITTEN else None
