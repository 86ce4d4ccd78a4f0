"""Tell whether anything is old enough for an address to be past its time: on most days nothing is."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.statements import TupleQuery
from storage.schema import ADDRESS, CONVERSATION, FOLLOW_UP, REMARK

_TIMES: Final = (
    sa.func.coalesce(CONVERSATION.c.ended_at, CONVERSATION.c.last_turn_at),
    sa.func.coalesce(FOLLOW_UP.c.closed_at, FOLLOW_UP.c.answered_at, FOLLOW_UP.c.due_at),
    REMARK.c.said_at,
    ADDRESS.c.created_at,
)
"""All times that an address is kept from."""
_EARLIEST: Final = tuple(TupleQuery(sa.select(sa.func.min(time))) for time in _TIMES)


def has_time_before(connection: Connection, moment: datetime) -> bool:
    """Return whether somebody last talked, was asked, remarked something or was first heard of before a moment."""
    earliest = (query.run(connection)[0][0] for query in _EARLIEST)
    return any(time is not None and time < moment for time in earliest)
