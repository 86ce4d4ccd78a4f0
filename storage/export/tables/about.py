"""Whom a conversation is about: the participant, or somebody they care for, by what they picked themselves."""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.tables.table import ExportSelection, read_value, stream
from storage.export.tables.used_versions import versions_in_use
from storage.programs.choice_marks import AboutByCode, about_by_code
from storage.schema import ANSWER, CONVERSATION, PROGRAM

_READS_EARLIER = "earlier.about"
"""What a script names that asks about whom the earlier conversation was about."""


def about_by_conversation(connection: Connection, selection: ExportSelection) -> dict[int, str]:
    """Return `self` or `other` for each conversation that says whom it is about, by its id.

    A conversation that follows on an earlier one, and words its questions by that, is about the same. The others are
    left out: they were asked in the same words whoever answered.
    """
    of_program = ExportSelection(selection.program)
    versions = versions_in_use(connection, of_program)
    marked = {one.hash: about_by_code(one.flow) for one in versions}
    marked = {version: by_code for version, by_code in marked.items() if by_code}
    if not marked:
        return {}
    follow = frozenset(one.hash for one in versions if _READS_EARLIER in one.flow.model_dump_json())
    found: dict[int, str] = {}
    latest: dict[tuple[int, int], str] = {}
    for row in stream(connection, _query(of_program, marked, follow)):
        values: tuple[Any, ...] = tuple(row)
        number, participant, program, version, question, value = values
        person = (participant, program)
        picked = marked.get(version, {}).get(question or "", {})
        about = picked.get(_code(value)) if picked else None
        if about is not None:
            found[number] = latest[person] = about
        elif picked:
            latest.pop(person, None)
        elif version in follow and person in latest:
            found[number] = latest[person]
    return found


@lru_cache(maxsize=256)
def _code(text: str | None) -> str:
    """Return the code that was picked from its JSON; there are few, and each is read once."""
    return str(read_value(text))


def _query(
    selection: ExportSelection, marked: dict[str, AboutByCode], follow: frozenset[str]
) -> sa.Select[tuple[int, int, int, str, str | None, str | None]]:
    """Select the conversations of these versions, oldest first, each with what was picked at its marked questions."""
    keys = {key for by_code in marked.values() for key in by_code}
    return (
        sa.select(
            CONVERSATION.c.id,
            CONVERSATION.c.participant_id,
            CONVERSATION.c.program_id,
            CONVERSATION.c.flow_hash,
            ANSWER.c.question_key,
            ANSWER.c.value,
        )
        .select_from(CONVERSATION)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .outerjoin(
            ANSWER,
            sa.and_(
                ANSWER.c.conversation_id == CONVERSATION.c.id,
                ANSWER.c.question_key.in_(keys),
                ANSWER.c.superseded_at.is_(None),
            ),
        )
        .where(
            CONVERSATION.c.flow_hash.in_([*marked, *follow]),
            *selection.conditions(CONVERSATION.c.started_at),
        )
        .order_by(CONVERSATION.c.id, ANSWER.c.id)
    )
