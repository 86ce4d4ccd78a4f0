"""Read the words that may be coded: what patients and carers told, and what clinicians promised in words of their own.

Left out is what nobody may show or count: personal answers, labels of choices, words that were replaced or taken back,
words of distress, and all of whoever stopped, took their consent back or never gave it. Words come redacted.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any, Final, Self

import sqlalchemy as sa
from msgspec import DecodeError, json
from sqlalchemy import Connection

from flows.engine.compiled import read_slot
from flows.engine.effects import AnswerStatus, PromptKind
from flows.script.roles import Purpose, Role
from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import StoredRedaction
from storage.programs import case_words, consents
from storage.programs.case_words import DistressWords
from storage.schema import ANSWER, COMMITMENT, CONVERSATION, PARTICIPANT, REMARK, ParticipantStatus

_PATIENTS: Final = (Role.PATIENT, Role.CARER)
_CODE: Final = re.compile(r"[a-z0-9_.:+-]*", re.ASCII)
_NAME: Final = re.compile(r"([rk]?)(\d{1,18})", re.IGNORECASE)


class ExcerptKind(StrEnum):
    """What an excerpt is of."""

    ANSWER = "answer"
    REMARK = "remark"
    COMMITMENT = "commitment"

    @property
    def column(self) -> str:
        """The name of the column that holds its number."""
        return f"{self.value}_id"


_LETTERS: Final = {ExcerptKind.ANSWER: "", ExcerptKind.REMARK: "r", ExcerptKind.COMMITMENT: "k"}


@dataclass(frozen=True, slots=True)
class ExcerptSource:
    """Which words: an answer, a remark or a commitment by its number."""

    kind: ExcerptKind
    number: int

    def __str__(self) -> str:
        """Return the source as a person types it: `4711`, `r12` for a remark, `k7` for a commitment."""
        return f"{_LETTERS[self.kind]}{self.number}"

    @classmethod
    def read(cls, name: str) -> Self | None:
        """Return the source that a name means; None if it is none."""
        found = _NAME.fullmatch(name.strip())
        if found is None:
            return None
        [kind] = [kind for kind, letter in _LETTERS.items() if letter == found[1].lower()]
        return cls(kind, int(found[2]))


@dataclass(frozen=True, slots=True)
class CodableText:
    """Words that may be coded, and where they are from. `words` and `asked` are redacted.

    `question` is the key of the question that was answered, or was open; None where none was. `asked` is the text that
    was shown above the words; '' where none was. `raw` is nobody's to show.
    """

    source: ExcerptSource
    conversation_id: int
    participant_id: int
    role: Role
    flow: str
    question: str | None
    asked: str
    words: str
    language: str
    said_at: datetime
    raw: str = field(repr=False)


def codable_texts(
    connection: Connection, program_id: int, sources: Collection[ExcerptSource] | None = None
) -> tuple[CodableText, ...]:
    """Return the words of a program that may be coded, the earliest conversation first; of some sources, or (None) all.

    Within a conversation answers come first, then remarks, then commitments.
    """
    rows = sorted(
        chain.from_iterable(_rows(connection, program_id, kind, sources) for kind in ExcerptKind),
        key=lambda row: (row.conversation, list(ExcerptKind).index(row.kind), row.number),
    )
    taking_part = consents.consented_participants(connection, Purpose.TAKE_PART)
    rows = [row for row in rows if (row.participant, program_id) in taking_part]
    distress = case_words.of_distress(connection, {row.conversation for row in rows})
    return tuple(_text(connection, row) for row in rows if not _is_of_distress(distress, row))


def _is_of_distress(distress: DistressWords, row: sa.Row[Any]) -> bool:
    """Return whether words are of distress; those of a commitment, whether any in its conversation are."""
    if row.kind == ExcerptKind.COMMITMENT:
        return row.conversation in distress.conversations
    return distress.holds(row.number, is_remark=row.kind == ExcerptKind.REMARK)


def _text(connection: Connection, row: sa.Row[Any]) -> CodableText:
    is_promise = row.kind == ExcerptKind.COMMITMENT  # its slot names a step, and no question
    said_in = "statement" if is_promise else "raw"
    kept = StoredRedaction(row.conversation, row.redaction, row.redaction_rules)
    words = {"shown_text": row.asked, said_in: row.raw}
    shown, _ = kept_redactions.redacted_fields(connection, words, kept)
    return CodableText(
        source=ExcerptSource(ExcerptKind(row.kind), row.number),
        conversation_id=row.conversation,
        participant_id=row.participant,
        role=row.role,
        flow=row.flow,
        question=None if is_promise else read_slot(row.slot)[0] or None,
        asked=shown["shown_text"],
        words=shown[said_in],
        language=row.language or "",
        said_at=row.said_at,
        raw=row.raw,
    )


def _rows(
    connection: Connection, program_id: int, kind: ExcerptKind, sources: Collection[ExcerptSource] | None
) -> Iterator[sa.Row[Any]]:
    """Yield the rows of one kind with words that stand, of a program's active participants."""
    table = _TABLES[kind]
    query = _QUERIES[kind].where(CONVERSATION.c.program_id == program_id)
    if sources is not None:
        numbers = [one.number for one in sources if one.kind is kind]
        if not numbers:
            return
        each = sa.func.json_each(sa.literal(json.encode(numbers).decode())).table_valued("value")
        query = query.where(table.c.id.in_(sa.select(each.c.value)))
    for row in connection.execute(query):
        if kind is not ExcerptKind.ANSWER or _in_own_words(row):
            yield row


def _in_own_words(row: sa.Row[Any]) -> bool:
    """Return whether an answer was typed, and is not the label of a choice."""
    try:
        value = json.decode(row.value) if row.value else None
    except DecodeError:
        value = None
    return value == row.raw or not (isinstance(value, str) and _CODE.fullmatch(value))


def _query(kind: ExcerptKind, columns: Sequence[Any], *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    table = _TABLES[kind]
    return (
        sa.select(
            sa.literal(kind.value).label("kind"),
            table.c.id.label("number"),
            CONVERSATION.c.id.label("conversation"),
            CONVERSATION.c.participant_id.label("participant"),
            CONVERSATION.c.flow,
            PARTICIPANT.c.role,
            table.c.slot,
            table.c.redaction,
            table.c.redaction_rules,
            *columns,
        )
        .select_from(table)
        .join(CONVERSATION, CONVERSATION.c.id == table.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .where(PARTICIPANT.c.status == ParticipantStatus.ACTIVE, *conditions)
    )


def _stand(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a patient's or carer's words are there, and were neither replaced nor taken back."""
    return (
        PARTICIPANT.c.role.in_(_PATIENTS),
        table.c.raw != "",
        table.c.personal.is_(sa.false()),
        table.c.superseded_at.is_(None),
        table.c.message_deleted_at.is_(None),
    )


_TABLES: Final = {
    ExcerptKind.ANSWER: ANSWER,
    ExcerptKind.REMARK: REMARK,
    ExcerptKind.COMMITMENT: COMMITMENT,
}
_QUERIES: Final = {
    ExcerptKind.ANSWER: _query(
        ExcerptKind.ANSWER,
        (
            ANSWER.c.raw,
            ANSWER.c.value,
            ANSWER.c.shown_text.label("asked"),
            sa.func.coalesce(ANSWER.c.detected_language, ANSWER.c.language).label("language"),
            ANSWER.c.answered_at.label("said_at"),
        ),
        ANSWER.c.kind == PromptKind.TEXT,
        ANSWER.c.status == AnswerStatus.ANSWERED,
        *_stand(ANSWER),
    ),
    ExcerptKind.REMARK: _query(
        ExcerptKind.REMARK,
        (
            REMARK.c.raw,
            REMARK.c.shown_text.label("asked"),
            sa.func.coalesce(REMARK.c.detected_language, REMARK.c.language).label("language"),
            REMARK.c.said_at,
        ),
        *_stand(REMARK),
    ),
    ExcerptKind.COMMITMENT: _query(
        ExcerptKind.COMMITMENT,
        (
            COMMITMENT.c.statement.label("raw"),
            sa.literal("").label("asked"),
            PARTICIPANT.c.language,
            COMMITMENT.c.made_at.label("said_at"),
        ),
        COMMITMENT.c.suggestion.is_(None),
        COMMITMENT.c.statement != "",
    ),
}
