"""Have what was put off go on once its program is no longer paused: some thousand timers a transaction, by number.

What is left over, also by a crash, is decided on again at the time to which it was put off.
"""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.schedule.contact_policy import ContactReason
from storage.follow_up.openers import AS_PLANNED
from storage.schema import CONVERSATION, FOLLOW_UP, TIMER

AT_ONCE: Final = 2_000
"""Timers that are looked at in one transaction: it takes some milliseconds."""


def places(connection: Connection) -> range:
    """Return the numbers after each of which `go_on` is called, so that it reaches every timer."""
    return range(0, connection.scalar(sa.select(sa.func.max(TIMER.c.id))) or 0, AT_ONCE)


def go_on(connection: Connection, program_id: int, after: int, now: datetime) -> int:
    """Make due what was put off since a program was paused, of the next timers after a number; return how many."""
    waves = sa.select(FOLLOW_UP.c.id).where(
        FOLLOW_UP.c.id == TIMER.c.follow_up_id, FOLLOW_UP.c.program_id == program_id
    )
    conversations = sa.select(CONVERSATION.c.id).where(
        CONVERSATION.c.id == TIMER.c.conversation_id, CONVERSATION.c.program_id == program_id
    )
    return connection.execute(
        TIMER.update()
        .where(TIMER.c.id.between(after + 1, after + AT_ONCE))
        .where(TIMER.c.done_at.is_(None), TIMER.c.reason == ContactReason.PROGRAM_PAUSED)
        .where(sa.exists(waves) | sa.exists(conversations))
        .values(due_at=AS_PLANNED, reason=None),
        {"now": now},
    ).rowcount
