"""Send again what may have arrived: messages of which a crash or a time-out leaves unknown what became of them.

Each attempt may be a copy on somebody's screen, and giving up may leave them without a question. So few attempts span
a long time: the pauses grow fast, and a message has failed only when it was tried often *and* an hour has passed.
Attempts alone would not do: a process that ends again and again, or an outage, takes five of them in a minute.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations.outbox_order import UNSENT, mark_all_heads
from storage.schema import OUTBOX, OutboxStatus

MOST_IN_DOUBT = 5
"""Attempts after which a message whose outcome stays unknown has failed, once `IN_DOUBT_FOR` has passed, too."""
IN_DOUBT_FOR = timedelta(hours=1)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)
_AT_ONCE = 2
"""So many attempts are no reason to wait after a crash."""


def pause_in_doubt(attempts: int) -> timedelta:
    """Compute how long a message waits that may have arrived in its last attempt."""
    return min(FIRST_PAUSE * int(4 ** min(attempts - 1, 9)), LONGEST_PAUSE)


def recover(connection: Connection, now: datetime) -> int:
    """Queue the messages that a crash left in `sending` again, as possibly duplicate; return how many.

    To be called at start. What was in doubt already and has been tried `MOST_IN_DOUBT` times fails now, if the last
    attempt came `IN_DOUBT_FOR` after it was queued: an hour of downtime, or of a clock that was set, is no attempt.
    """
    left = sa.and_(UNSENT, OUTBOX.c.status == OutboxStatus.SENDING)
    waited = sa.func.julianday(OUTBOX.c.not_before) - sa.func.julianday(OUTBOX.c.created_at)
    tried = (OUTBOX.c.attempts >= MOST_IN_DOUBT) & (waited >= IN_DOUBT_FOR / timedelta(days=1))
    connection.execute(
        OUTBOX.update()
        .where(left, OUTBOX.c.possibly_duplicate, tried)
        .values(status=OutboxStatus.FAILED, reason="outcome_unknown")
    )
    connection.execute(
        OUTBOX.update().where(left, OUTBOX.c.reason.is_not(None)).values(status=OutboxStatus.DROPPED)
    )
    count = connection.execute(
        OUTBOX.update()
        .where(left)
        .values(status=OutboxStatus.QUEUED, possibly_duplicate=True, not_before=_not_before(now))
    ).rowcount
    mark_all_heads(connection)
    return count


def _not_before(now: datetime) -> sa.Case[datetime]:
    """Build the moment at which a message is tried again, by its attempts."""
    at = {attempts: now + pause_in_doubt(attempts) for attempts in range(_AT_ONCE + 1, MOST_IN_DOUBT + 1)}
    column = OUTBOX.c.not_before
    return sa.case(
        (OUTBOX.c.attempts <= _AT_ONCE, column),
        *((OUTBOX.c.attempts == attempts, sa.literal(when, column.type)) for attempts, when in at.items()),
        else_=sa.literal(now + LONGEST_PAUSE, column.type),
    )
