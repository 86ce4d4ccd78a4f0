"""Mark words whose message its writer took back on the platform: they stay, and nobody may quote them any more.

A restored backup is told of it. So that no words are in the journal, a row is known there by the time at which it was
written, with its slot or its number.
"""

from collections.abc import Callable, Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database.commit_notes import JournalNote, note
from storage.schema import ANSWER, REMARK, JournalKind

_ANSWERS = (ANSWER.c.superseded_at.is_(None), ANSWER.c.message_deleted_at.is_(None))
_REMARKS = (REMARK.c.superseded_at.is_(None), REMARK.c.message_deleted_at.is_(None))
"""Which of them stand and are not marked."""


def mark_answers(connection: Connection, conversation_id: int, slots: Collection[str], now: datetime) -> None:
    """Mark the standing answers of some slots of a conversation."""
    found = connection.execute(
        ANSWER.update()
        .where(ANSWER.c.conversation_id == conversation_id, ANSWER.c.slot.in_(slots), *_ANSWERS)
        .values(message_deleted_at=now)
        .returning(ANSWER.c.slot, ANSWER.c.answered_at)
    )
    for row in found.all():
        _note(connection, conversation_id, _row_name(row.slot, row.answered_at), now)


def mark_remark(connection: Connection, conversation_id: int, number: int, now: datetime) -> None:
    """Mark the remark of a conversation with a number, as it stands."""
    found = connection.execute(
        REMARK.update()
        .where(REMARK.c.conversation_id == conversation_id, REMARK.c.number == number, *_REMARKS)
        .values(message_deleted_at=now)
        .returning(REMARK.c.number, REMARK.c.said_at)
    )
    for row in found.all():
        _note(connection, conversation_id, _row_name(row.number, row.said_at), now)


def mark_again(
    connection: Connection, conversations: Collection[int], is_it: Callable[[str], bool], now: datetime
) -> bool:
    """Mark the row of some conversations whose name `is_it` knows; return whether there was one."""
    here = ANSWER.c.conversation_id.in_(conversations)
    answers = connection.execute(sa.select(ANSWER).where(here, *_ANSWERS))
    for row in answers.all():
        if is_it(_row_name(row.slot, row.answered_at)):
            mark_answers(connection, row.conversation_id, {row.slot}, now)
            return True
    remarks = connection.execute(
        sa.select(REMARK).where(REMARK.c.conversation_id.in_(conversations), *_REMARKS)
    )
    for row in remarks.all():
        if is_it(_row_name(row.number, row.said_at)):
            mark_remark(connection, row.conversation_id, row.number, now)
            return True
    return False


def _note(connection: Connection, conversation_id: int, name: str, now: datetime) -> None:
    note(connection, JournalNote(JournalKind.MESSAGE, now, conversation_id=conversation_id, words=name))


def _row_name(where: str | int, at: datetime) -> str:
    """Return what tells a row from every other of its conversation, without a word of it."""
    return f"{where} {at.isoformat()}"
