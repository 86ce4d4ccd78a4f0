"""Look up what the team asks in chat: what is due, and what is stuck. Codes only. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations import contact_log
from storage.schema import CONVERSATION, PARTICIPANT, TIMER, ConversationStatus

SILENT_FOR: Final = timedelta(days=3)
"""A conversation in which nothing was said for so long is stuck: a program's usual reminders are over by then."""


@dataclass(frozen=True, slots=True)
class TeamListLine:
    """A line of a list for the team: a participant's code, what is due or stuck, and when.

    `what` is the kind of a timer, or the name of a flow; `at` when it is due, or when something was last said.
    """

    code: str
    what: str
    at: datetime


def due_contacts(connection: Connection, until: datetime) -> tuple[TeamListLine, ...]:
    """Return what is to be sent to participants of our own accord before `until`, soonest first."""
    query = (
        sa.select(PARTICIPANT.c.code, TIMER.c.kind, TIMER.c.due_at)
        .join(PARTICIPANT, PARTICIPANT.c.id == TIMER.c.participant_id)
        .where(TIMER.c.done_at.is_(None), TIMER.c.due_at < until)
        .where(TIMER.c.kind.in_(contact_log.OF_OUR_OWN_ACCORD))
        .order_by(TIMER.c.due_at, TIMER.c.id)
    )
    return tuple(TeamListLine(code, kind.value, at) for code, kind, at in connection.execute(query))


def stuck_conversations(connection: Connection, now: datetime) -> tuple[TeamListLine, ...]:
    """Return the open and paused conversations without a turn in the last three days, the longest silence first."""
    query = (
        sa.select(PARTICIPANT.c.code, CONVERSATION.c.flow, CONVERSATION.c.last_turn_at)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .where(CONVERSATION.c.status.in_([ConversationStatus.OPEN, ConversationStatus.PAUSED]))
        .where(CONVERSATION.c.last_turn_at < now - SILENT_FOR)
        .order_by(CONVERSATION.c.last_turn_at, CONVERSATION.c.id)
    )
    return tuple(TeamListLine(*row) for row in connection.execute(query))
