"""Tell answers to questions from what is kept beside one: the number under a band, the place of rotated choices.

Both stand in the table of answers under a key of their own, which the script names (`keeps_number`, `rotates`). Nobody
was asked for them, and nobody can skip them.
"""

from typing import Any, Final

import sqlalchemy as sa

from storage.schema import ANSWER, CONVERSATION, FLOW_VERSION

_NAMES_A_KEY: Final = ("keeps_number", "rotates")
"""The fields of a question that name the key of what is kept beside its answer."""


def is_asked(conversation: sa.FromClause = CONVERSATION) -> sa.ColumnElement[bool]:
    """Return the condition that an answer of a conversation is to a question, and not kept beside another answer."""
    part = sa.func.json_tree(FLOW_VERSION.c.source).table_valued("key", "atom", name="part")
    beside: sa.Select[Any] = (
        sa.select(FLOW_VERSION.c.flow, part.c.atom)
        .select_from(FLOW_VERSION.join(part, sa.true()))
        .where(part.c.key.in_(_NAMES_A_KEY), part.c.atom.is_not(None))
    )
    return sa.tuple_(conversation.c.flow, ANSWER.c.question_key).not_in(beside)
