"""Tell which answers count: those to a question, of people who did not have everything deleted.

What is kept beside an answer, the number under a band and the place of rotated choices, stands in the table of answers
under a key of its own, which the script names (`keeps_number`, `rotates`). Nobody was asked for it, and nobody can skip
it. What a safety report that was passed on quotes of an erased participant is kept for that report alone.
"""

from typing import Any, Final

import sqlalchemy as sa

from storage.schema import ANSWER, CONVERSATION, FLOW_VERSION, PARTICIPANT, ParticipantStatus

_NAMES_A_KEY: Final = ("keeps_number", "rotates")
"""The fields of a question that name the key of what is kept beside its answer."""


def is_counted(conversation: sa.FromClause = CONVERSATION) -> sa.ColumnElement[bool]:
    """Return the condition that an answer of a conversation is to a question, and its author was not erased."""
    part = sa.func.json_tree(FLOW_VERSION.c.source).table_valued("key", "atom", name="part")
    beside: sa.Select[Any] = (
        sa.select(FLOW_VERSION.c.flow, part.c.atom)
        .select_from(FLOW_VERSION.join(part, sa.true()))
        .where(part.c.key.in_(_NAMES_A_KEY), part.c.atom.is_not(None))
    )
    is_asked = sa.tuple_(conversation.c.flow, ANSWER.c.question_key).not_in(beside)
    return sa.and_(is_asked, is_of_somebody(conversation))


def is_of_somebody(conversation: sa.FromClause = CONVERSATION) -> sa.ColumnElement[bool]:
    """Return the condition that the participant of a conversation did not have everything deleted."""
    erased = PARTICIPANT.alias("erased")
    theirs = sa.select(erased.c.id).where(erased.c.status == ParticipantStatus.DELETED)
    return conversation.c.participant_id.not_in(theirs)
