"""Read what a participant picked at a question when it was answered last, and the themes that it raises."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.conversations.conversations import ConversationRecord
from storage.programs import choice_marks
from storage.schema import ANSWER, CONVERSATION


@dataclass(frozen=True, slots=True)
class PickedThemes:
    """The themes that a participant raised. A theme that has become part of another one is the same as that."""

    codes: frozenset[str]
    merged: Mapping[str, str]

    def has(self, theme: str | None) -> bool:
        """Return whether a theme was raised; False for None."""
        return theme is not None and self.merged.get(theme, theme) in self.codes


def picked(connection: Connection, conversation: ConversationRecord, question: str | None) -> Sequence[str]:
    """Return the codes that the participant picked at a question when it was answered last in this program.

    Empty where it never was, or for no question (None).
    """
    found = _answer(connection, conversation, question) if question is not None else None
    codes = json.loads(found.value) if found is not None and found.value is not None else None
    return [str(code) for code in codes] if isinstance(codes, list) else []


def themes(connection: Connection, conversation: ConversationRecord, question: str | None) -> PickedThemes:
    """Return what the participant picked at a question when it was answered last in this program, as themes.

    None raised where it never was, or for no question (None).
    """
    found = _answer(connection, conversation, question) if question is not None else None
    if found is None or question is None:
        return PickedThemes(frozenset(), {})
    merged = choice_marks.merged(connection, found.flow, question)
    codes = picked(connection, conversation, question)
    return PickedThemes(frozenset(merged.get(code, code) for code in codes), merged)


def asked_in(connection: Connection, conversation: ConversationRecord, question: str) -> str | None:
    """Return the hash of the flow version in which the participant answered a question last; None if never."""
    found = _answer(connection, conversation, question)
    return None if found is None else str(found.flow_hash)


def seen_in(connection: Connection, conversation: ConversationRecord, question: str) -> str | None:
    """Return the language in which the participant was shown a question that they answered; None if never."""
    found = _answer(connection, conversation, question)
    return None if found is None else str(found.language)


def _answer(connection: Connection, conversation: ConversationRecord, question: str) -> sa.Row[Any] | None:
    values = {
        "participant": conversation.participant_id,
        "program": conversation.program_id,
        "question": question,
    }
    return connection.execute(_ANSWER, values).first()


_ANSWER: sa.Select[Any] = (
    sa.select(ANSWER.c.value, ANSWER.c.language, CONVERSATION.c.flow, CONVERSATION.c.flow_hash)
    .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
    .where(
        CONVERSATION.c.participant_id == sa.bindparam("participant"),
        CONVERSATION.c.program_id == sa.bindparam("program"),
        ANSWER.c.question_key == sa.bindparam("question"),
        ANSWER.c.superseded_at.is_(None),
    )
    .order_by(ANSWER.c.id.desc())
    .limit(1)
)
