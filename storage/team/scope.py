"""Tell which program something belongs to: who may do what is decided by that."""

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.safety.text_signals import TextKind, TextSource
from storage.schema import ANSWER, CONVERSATION, ENROLLMENT, PROGRAM, REMARK, SAFETY_CASE


def program_of_text(connection: Connection, source: TextSource) -> str | None:
    """Return the short name of the program in which a text was written; None where there is no such text."""
    program_id: sa.Select[tuple[int]]
    match source.kind:
        case TextKind.CASE:
            program_id = sa.select(SAFETY_CASE.c.program_id).where(SAFETY_CASE.c.id == source.number)
        case TextKind.ANSWER:
            program_id = _of_words(ANSWER, source.number)
        case TextKind.REMARK:
            program_id = _of_words(REMARK, source.number)
    return connection.scalar(sa.select(PROGRAM.c.slug).where(PROGRAM.c.id == program_id.scalar_subquery()))


def programs_of_person(connection: Connection, participant_id: int) -> tuple[str, ...]:
    """Return the short names of the programs in which a participant came in, or talks; empty for none."""
    came = sa.select(ENROLLMENT.c.program_id).where(ENROLLMENT.c.participant_id == participant_id)
    talked = sa.select(CONVERSATION.c.program_id).where(CONVERSATION.c.participant_id == participant_id)
    query = sa.select(PROGRAM.c.slug).where(PROGRAM.c.id.in_(came.union(talked))).order_by(PROGRAM.c.slug)
    return tuple(connection.scalars(query))


def _of_words(table: sa.Table, number: int) -> sa.Select[tuple[int]]:
    conversation = table.c.conversation_id == CONVERSATION.c.id
    return sa.select(CONVERSATION.c.program_id).join(table, conversation).where(table.c.id == number)
