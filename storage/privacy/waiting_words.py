"""Find, and forget, what waits in the state of a conversation for the consent to take part."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import ProgramFile
from flows.script.roles import Purpose
from storage.database.statements import TupleQuery
from storage.privacy.word_erasure import empty_conversations
from storage.schema import CONSENT, CONVERSATION, SAFETY_CASE, ConversationStatus, SafetyStatus

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
_AGREED: Final = (
    sa.select(CONSENT.c.conversation_id)
    .where(CONSENT.c.conversation_id.in_(sa.bindparam("ids", expanding=True)))
    .where(CONSENT.c.purpose == Purpose.TAKE_PART, CONSENT.c.granted)
    .distinct()
)
_FORGET: Final = (
    CONVERSATION.update()
    .where(CONVERSATION.c.id.in_(sa.bindparam("ids", expanding=True)))
    .where(CONVERSATION.c.status == ConversationStatus.ENDED)
    .values(state=sa.func.json_remove(CONVERSATION.c.state, "$.held", "$.held_remarks"))
)


def ended_with_waiting_words(
    connection: Connection, program_id: int, program: ProgramFile, now: datetime
) -> Sequence[int]:
    """Return the ended conversations of a program that hold words still, and can not be resumed: no consent will come.

    Conversations with a safety case that is open are not among them.
    """
    cutoff = now - timedelta(days=program.schedule.expire_after)
    return [number for (number,) in _ENDED.run(connection, program=program_id, cutoff=cutoff)]


def forget_waiting_words(connection: Connection, ids: Sequence[int]) -> int:
    """Forget what waits for consent in ended conversations, by number; return how many there were.

    A conversation that was never agreed to holds nothing else, and is emptied. In one to which the consent was taken
    back what was said under it stays, and only what was said since goes.
    """
    agreed = set(connection.scalars(_AGREED, {"ids": list(ids)}))
    connection.execute(_FORGET, {"ids": list(agreed)})
    return len(agreed) + empty_conversations(connection, [one for one in ids if one not in agreed])
