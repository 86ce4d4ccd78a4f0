"""Find what was said before the consent to take part, and waits for it in the state of a conversation."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import ProgramFile
from storage.database.statements import TupleQuery
from storage.schema import CONVERSATION, SAFETY_CASE, ConversationStatus, SafetyStatus

HOLDS_WORDS: Final = sa.or_(
    *(CONVERSATION.c.state.contains(f'"{name}":') for name in ("held", "held_remarks"))
)
"""The condition that the state of a conversation holds what was said before the consent to take part."""
_UNSETTLED = sa.exists().where(
    SAFETY_CASE.c.conversation_id == CONVERSATION.c.id,
    SAFETY_CASE.c.status.in_([SafetyStatus.NEW, SafetyStatus.REVIEWING]),
)

_ENDED: Final = TupleQuery(
    sa.select(CONVERSATION.c.id)
    .where(
        CONVERSATION.c.program_id == sa.bindparam("program"),
        CONVERSATION.c.status == ConversationStatus.ENDED,
        CONVERSATION.c.ended_at < sa.bindparam("cutoff"),
        HOLDS_WORDS,
        ~_UNSETTLED,
    )
    .order_by(CONVERSATION.c.id)
)


def ended_with_waiting_words(
    connection: Connection, program_id: int, program: ProgramFile, now: datetime
) -> Sequence[int]:
    """Return the ended conversations of a program that hold words still, and can not be resumed: no consent will come.

    Conversations with a safety case that is open are not among them.
    """
    cutoff = now - timedelta(days=program.schedule.expire_after)
    return [number for (number,) in _ENDED.run(connection, program=program_id, cutoff=cutoff)]
