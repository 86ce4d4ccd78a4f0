"""Keep answers in step with consents: once a consent is taken back, no answer goes on saying yes to it.

A decision stands in its own rows, which are only added. The answer to the question that asked for it is what exports
show: so whoever takes a consent back, in whatever way, has the yes superseded by a no, and the conversation knows it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy import Connection
from sqlalchemy.pool import NullPool

from flows.engine.effects import AnswerStatus, PromptKind
from flows.engine.state import GivenAnswer, decode_state, encode_state
from flows.script.model import AskConsent, Block, Purpose, Step
from flows.script.reconsent import origin_of
from storage.conversations import kept_changes
from storage.database import audit
from storage.database import migrate as schema
from storage.database.reading import connect_to_read
from storage.database.statements import TupleQuery, after_finding, among, numbers
from storage.programs import consents, flow_versions
from storage.schema import ANSWER, CONSENT, CONVERSATION, AuditKind

_NOT_COPIED = frozenset(
    {
        "id",
        "superseded_at",
        "detected_language",
        "detected_probability",
        "message_deleted_at",
        "redaction",
        "redaction_rules",
    }
)
_SHOWN = 5
_YES = (
    sa.select(
        ANSWER.c.id,
        ANSWER.c.question_key,
        CONVERSATION.c.participant_id,
        CONVERSATION.c.program_id,
        CONVERSATION.c.flow_hash,
    )
    .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
    .where(ANSWER.c.kind == PromptKind.CONSENT, ANSWER.c.value == "true", ANSWER.c.superseded_at.is_(None))
    .order_by(after_finding(ANSWER.c.id))
)
_YES_OF = TupleQuery(_YES.where(CONVERSATION.c.participant_id == sa.bindparam("participant")))
_OF_WHO_SAID_NO = TupleQuery(
    _YES.where(
        CONVERSATION.c.participant_id.in_(
            sa.select(CONSENT.c.participant_id).where(CONSENT.c.granted.is_(sa.false()))
        )
    )
)
"""Nobody else has taken anything back: of a large program these are few."""


@dataclass(frozen=True, slots=True)
class ContradictedAnswer:
    """An answer that says yes to a consent that was taken back; `row` is its row in the database."""

    participant_id: int
    purpose: Purpose
    row: sa.RowMapping


def contradicted_answers(
    connection: Connection, participant_id: int | None = None
) -> tuple[ContradictedAnswer, ...]:
    """Return the answers that still say yes though the newest decision on what they are about is a no.

    Of one participant, or of all.
    """
    if participant_id is None:
        said_yes = _OF_WHO_SAID_NO.run(connection)
    else:
        said_yes = _YES_OF.run(connection, participant=participant_id)
    asked: dict[str, dict[str, tuple[str, Purpose]]] = {}
    found: dict[int, Purpose] = {}
    for number, key, participant, program, flow_hash in said_yes:
        questions = asked.get(flow_hash)
        if questions is None:
            questions = asked[flow_hash] = _questions(connection, flow_hash)
        flow, purpose = questions.get(key, (None, None))
        if flow is None or purpose is None:
            continue
        if consents.is_taken_back(connection, participant, program, purpose, flow):
            found[number] = purpose
    return _with_their_rows(connection, found) if found else ()


def _with_their_rows(connection: Connection, found: Mapping[int, Purpose]) -> tuple[ContradictedAnswer, ...]:
    """Return the answers of these numbers, each with its purpose, as they stand in the database."""
    query = (
        sa.select(ANSWER, CONVERSATION.c.participant_id, CONVERSATION.c.program_id)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .where(among(ANSWER.c.id, "numbers"))
        .order_by(ANSWER.c.id)
    )
    rows = connection.execute(query, {"numbers": numbers(found)}).mappings()
    return tuple(ContradictedAnswer(row["participant_id"], found[row["id"]], row) for row in rows)


def answers_against_consents(path: Path) -> list[str]:
    """Return what is wrong with the answers in a database file, a sentence; empty where none says yes against a no.

    Nothing is written. A file of an earlier schema is not looked at: its migration sets the answers right.
    """
    if schema.examine(path) != schema.head():
        return []
    engine = sa.create_engine("sqlite://", creator=partial(connect_to_read, path), poolclass=NullPool)
    with engine.connect() as connection:
        found = contradicted_answers(connection)
    if not found:
        return []
    shown = ", ".join(str(one.row["id"]) for one in found[:_SHOWN])
    return [f"an answer says yes to a consent that was taken back: {len(found)} found, rows {shown}"]


def supersede_contradicted(
    connection: Connection, participant_id: int, *, words: str | None, now: datetime
) -> int:
    """Put a no in place of each answer of a participant that a newer decision contradicts; return how many.

    `words` are those with which the consent was taken back; None where nobody said any, since it ended when they
    stopped. The states of their conversations say no too, so that a yes that is given again under the same question is
    a change; they keep no words for changes that these consents covered.
    """
    contradicted = contradicted_answers(connection, participant_id)
    for answer in contradicted:
        _supersede(connection, answer, words, now)
        if answer.purpose is not Purpose.CONTACT_AGAIN:
            kept_changes.forget_words(connection, participant_id, answer.row["program_id"])
    return len(contradicted)


def _supersede(connection: Connection, answer: ContradictedAnswer, words: str | None, now: datetime) -> None:
    """Put a no in place of one answer, with its audit entry, and in the state of its conversation."""
    old, status = answer.row, AnswerStatus.ENDED if words is None else AnswerStatus.ANSWERED
    connection.execute(ANSWER.update().where(ANSWER.c.id == old["id"]).values(superseded_at=now))
    copied = {column.name: old[column.name] for column in ANSWER.c if column.name not in _NOT_COPIED}
    new = {
        **copied,
        "value": "false",
        "raw": words or "",
        "status": status,
        "answered_at": now,
        "identifiers": False,
        "unheard": False,
        "uncertain": False,
    }
    connection.execute(ANSWER.insert().values(**new))
    audit.record(
        connection,
        AuditKind.CORRECTION,
        participant_id=answer.participant_id,
        now=now,
        conversation=old["conversation_id"],
        slot=old["slot"],
        status=status.value,
        language=old["language"],
        text=audit.text_hash(old["shown_text"]),
    )
    _say_no_in_state(connection, old["conversation_id"], old["slot"])


def _say_no_in_state(connection: Connection, conversation_id: int, slot: str) -> None:
    """Have the state of a conversation say no in a slot; nothing where the state was erased or has no yes there."""
    here = CONVERSATION.c.id == conversation_id
    text = connection.scalar(sa.select(CONVERSATION.c.state).where(here))
    if not text:
        return
    state = decode_state(text)
    given = state.answers.get(slot)
    if given is None or given.value is not True:
        return
    no = GivenAnswer(False, AnswerStatus.ANSWERED)
    changed = encode_state(replace(state, answers={**state.answers, slot: no}, counted=None))
    connection.execute(CONVERSATION.update().where(here).values(state=changed))


def _questions(connection: Connection, flow_hash: str) -> dict[str, tuple[str, Purpose]]:
    """Return the consents that a version of a flow asks for: by key, the flow whose text it is, and the purpose."""
    flow = flow_versions.load(connection, flow_hash)
    if flow is None:
        return {}
    return {step.key: (origin_of(step, flow.flow)[0], step.purpose) for step in _consents(flow.steps)}


def _consents(steps: Sequence[Step]) -> Iterator[AskConsent]:
    """Yield the steps that ask for a consent, those in blocks too."""
    for step in steps:
        if isinstance(step, Block):
            yield from _consents(step.steps)
        elif isinstance(step, AskConsent):
            yield step
