"""Read what kept versions of flows say of their choices: what each has become part of, and whom it is about."""

import json
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import PromptKind
from flows.script.model import Block, Choice, Flow, SelectMany, SelectOne, Step
from storage.database.statements import TupleQuery
from storage.programs import flow_versions
from storage.schema import ANSWER, CONVERSATION, FLOW_VERSION

AboutByCode = Mapping[str, Mapping[str, str]]
"""Whom a conversation is about (`self`, `other`), by the key of a question and the code picked there."""


def merged(connection: Connection, flow: str, question: str) -> dict[str, str]:
    """Return what each code of a question that is no longer offered has become part of, in the newest version.

    Empty where the flow was never kept, or has no such question.
    """
    rows = _NEWEST.run(connection, flow=flow)
    version = flow_versions.load(connection, str(rows[0][0])) if rows else None
    choices = () if version is None else _choices(version).get(question, ())
    return {choice.code: choice.into for choice in choices if choice.into is not None}


def about_by_code(flow: Flow) -> AboutByCode:
    """Return whom a conversation of this version is about, by question and code; only what its choices mark."""
    found = {
        key: {choice.code: str(choice.about) for choice in choices if choice.about is not None}
        for key, choices in _choices(flow).items()
    }
    return {key: marked for key, marked in found.items() if marked}


def about(connection: Connection, participant_id: int, program_id: int) -> str | None:
    """Return whom a participant's answers in a program are about, by what they picked last; None where unknown."""
    for flow_hash, key, value in _PICKED.run(connection, participant=participant_id, program=program_id):
        version = flow_versions.load(connection, str(flow_hash))
        marked = {} if version is None else about_by_code(version).get(str(key), {})
        if marked:
            return marked.get(str(json.loads(value)))
    return None


def _choices(flow: Flow) -> dict[str, tuple[Choice, ...]]:
    """Return the choices of every question of a flow that has some, by its key."""
    return {
        step.key: step.choices
        for step in _steps(flow.steps)
        if isinstance(step, SelectOne | SelectMany) and isinstance(step.choices, tuple)
    }


def _steps(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Block):
            yield from _steps(step.steps)


_NEWEST = TupleQuery(
    sa.select(FLOW_VERSION.c.hash)
    .where(FLOW_VERSION.c.flow == sa.bindparam("flow"))
    .order_by(FLOW_VERSION.c.first_used_at.desc())
    .limit(1)
)
_PICKED = TupleQuery(
    sa.select(CONVERSATION.c.flow_hash, ANSWER.c.question_key, ANSWER.c.value)
    .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
    .where(
        CONVERSATION.c.participant_id == sa.bindparam("participant"),
        CONVERSATION.c.program_id == sa.bindparam("program"),
        ANSWER.c.kind == PromptKind.SELECT_ONE,
        ANSWER.c.value.is_not(None),
        ANSWER.c.superseded_at.is_(None),
    )
    .order_by(ANSWER.c.id.desc())
)
