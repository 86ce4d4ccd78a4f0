"""Draw samples of words that the safety rules found nothing in, for a coordinator to look at.

The rules miss some. How many can only be known from texts that they passed over; so some are drawn, with a seed that
is kept, and each is marked once somebody has looked at it. What was drawn once is not drawn again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from random import Random
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, PromptKind
from storage.conversations import kept_redactions
from storage.database import audit
from storage.database.statements import among, numbers
from storage.errors import StorageError
from storage.people.coordinators import CoordinatorRecord
from storage.programs import programs
from storage.programs.case_words import quoted
from storage.safety import reading
from storage.safety.text_signals import TextKind, TextSource
from storage.schema import (
    ANSWER,
    AUDIT_EVENT,
    CONVERSATION,
    COORDINATOR,
    PARTICIPANT,
    PROGRAM,
    READING,
    REMARK,
    SAFETY_LOOK,
    SAFETY_SAMPLE,
    AuditKind,
    ReadingWay,
)

SHARE: Final = 10
"""Per cent that is drawn where nothing else is said."""
_LETTERS: Final = 3
"""Fewer are a number or a yes, which are not scanned either."""
_ANSWERED: Final = "answer_id"
_REMARKED: Final = "remark_id"
"""The columns that say what a look, or a case, is about."""


_ALL: Final = slice(None)


class SampleError(StorageError):
    """A sample cannot be drawn or marked as asked. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """A sample to be drawn: `share` per cent of the texts of a program (None: of all), chosen by `seed`."""

    seed: int
    share: int = SHARE
    program: str | None = None


@dataclass(frozen=True, slots=True)
class SampleSources:
    """A sample that is drawn and not kept yet: columns with numbers of rows, out of a `population` of texts."""

    plan: SamplePlan
    program_id: int | None
    population: int
    chosen: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SampledText:
    """A text that was drawn for a sample, with its question, identifiers redacted, and whether somebody looked at it.

    It is the answer or the remark of that number; the other one is None. `looked_at` and `looked_by` (a coordinator's
    code) are None until then; `found` says that there was something.
    """

    answer: int | None
    remark: int | None
    participant: str
    flow: str
    question: str
    language: str
    stored_at: datetime
    text: str
    looked_at: datetime | None
    looked_by: str | None
    found: bool


@dataclass(frozen=True, slots=True)
class SampleFigures:
    """A sample and how far it has been looked at. `share` is per cent of `population`, the texts to draw from.

    Of the `drawn` texts, `looked` were looked at, in `found` there was something, and `gone` were deleted before.
    """

    id: int
    drawn_at: datetime
    drawn_by: str
    program: str | None
    seed: int
    share: int
    population: int
    drawn: int
    looked: int
    found: int
    gone: int


def draw(connection: Connection, plan: SamplePlan, *, by: CoordinatorRecord, now: datetime) -> int:
    """Draw a sample and keep it, in one go: see `choose` and `keep`."""
    return keep(connection, choose(connection, plan), by=by, now=now)


def choose(connection: Connection, plan: SamplePlan) -> SampleSources:
    """Draw from the words that no safety rule found anything in. For a reader: all words are looked through.

    It has at least one text. The same seed and texts give the same sample.

    Raises:
        SampleError: the program is unknown, or there is nothing left to draw from.
    """
    found = None if plan.program is None else programs.find(connection, plan.program)
    if plan.program is not None and found is None:
        raise SampleError(f"there is no programme {plan.program!r}; see `said program list`")
    number_of = None if found is None else found.id
    sources = [(_ANSWERED, one) for one in sorted(_unflagged_answers(connection, number_of))]
    sources += [(_REMARKED, one) for one in sorted(_unflagged_remarks(connection, number_of))]
    if not sources:
        raise SampleError("there are no words to draw from that were neither flagged nor drawn before")
    chosen = Random(plan.seed).sample(sources, ceil(len(sources) * plan.share / 100))  # noqa: S311 - no secret: it is to be repeated
    return SampleSources(plan, number_of, len(sources), tuple(sorted(chosen)))


def keep(connection: Connection, drawn: SampleSources, *, by: CoordinatorRecord, now: datetime) -> int:
    """Keep which words were drawn, and return the number of the sample. The audit trail says who drew it.

    Raises:
        SampleError: somebody else has drawn some of them at the same time.
    """
    chosen, plan = drawn.chosen, drawn.plan
    for name in (_ANSWERED, _REMARKED):
        wanted = {"wanted": numbers(number for key, number in chosen if key == name)}
        again = sa.select(SAFETY_LOOK.c.id).where(among(SAFETY_LOOK.c[name], "wanted"))
        if connection.execute(again, wanted).first() is not None:
            raise SampleError("somebody else has drawn a sample at the same time; draw again")
    values = {
        "seed": plan.seed,
        "share": plan.share,
        "population": drawn.population,
        "drawn_by": by.id,
        "drawn_at": now,
    }
    key = connection.execute(
        SAFETY_SAMPLE.insert().values(program_id=drawn.program_id, **values)
    ).inserted_primary_key
    assert key is not None
    number = int(key[0])
    empty = {"sample_id": number, _ANSWERED: None, _REMARKED: None}
    rows = [{**empty, name: one} for name, one in chosen]
    connection.execute(SAFETY_LOOK.insert(), rows)
    told = {"seed": plan.seed, "share": plan.share, "drawn": len(rows), "of": drawn.population}
    _audit(connection, number, by, now, {"what": "drawn", **told})
    return number


def show_texts(
    connection: Connection, sample: int, *, by: CoordinatorRecord, now: datetime, part: slice = _ALL
) -> tuple[SampledText, ...]:
    """Return the texts of a sample that are not deleted, the oldest first, and audit that they were shown to `by`.

    With `part` so many of them alone: the others were not shown.

    Raises:
        SampleError: there is no such sample.
    """
    _must_be(connection, sample)
    every = [
        *_drawn(connection, sample, ANSWER, _ANSWERED, ANSWER.c.answered_at),
        *_drawn(connection, sample, REMARK, _REMARKED, REMARK.c.said_at),
    ]
    texts = sorted(every, key=lambda text: text.stored_at)[part]
    _audit(connection, sample, by, now, {"what": "shown", "texts": len(texts)})
    reading.keep_shown(connection, map(_source_of, texts), ReadingWay.SAMPLE, by=by, now=now)
    return tuple(texts)


def _source_of(text: SampledText) -> TextSource:
    """Return the text that was drawn."""
    if text.remark is not None:
        return TextSource(TextKind.REMARK, text.remark)
    assert text.answer is not None
    return TextSource(TextKind.ANSWER, text.answer)


def _drawn(
    connection: Connection, sample: int, table: sa.Table, key: str, moment: sa.ColumnElement[Any]
) -> Iterator[SampledText]:
    """Yield the texts of a sample that stand in one table, the oldest first."""
    query = (
        sa.select(
            SAFETY_LOOK,
            PARTICIPANT.c.code,
            CONVERSATION.c.id.label("conversation"),
            CONVERSATION.c.flow,
            COORDINATOR.c.code.label("by"),
            table.c.shown_text,
            table.c.language,
            table.c.raw,
            table.c.redaction,
            table.c.redaction_rules,
            moment.label("stored_at"),
        )
        .select_from(SAFETY_LOOK)
        .join(table, table.c.id == SAFETY_LOOK.c[key])
        .join(CONVERSATION, CONVERSATION.c.id == table.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .outerjoin(COORDINATOR, COORDINATOR.c.id == SAFETY_LOOK.c.looked_by)
        .where(SAFETY_LOOK.c.sample_id == sample, table.c.raw != "")
        .order_by(table.c.id)
    )
    for row in connection.execute(query).all():
        words = {"shown_text": row.shown_text, "raw": row.raw}
        shown, _ = kept_redactions.redacted_fields(connection, words, row)
        yield SampledText(
            answer=row.answer_id,
            remark=row.remark_id,
            participant=row.code,
            flow=row.flow,
            question=shown["shown_text"],
            language=row.language,
            stored_at=row.stored_at,
            text=shown["raw"],
            looked_at=row.looked_at,
            looked_by=row.by,
            found=row.found,
        )


def mark_looked_at(
    connection: Connection, sample: int, *, by: CoordinatorRecord, now: datetime, only_shown: bool = False
) -> int:
    """Mark all texts of a sample that are not marked yet: somebody looked and found nothing. Return how many.

    With `only_shown` those alone that were shown to `by`. Those of them that were are read now.

    Raises:
        SampleError: there is no such sample.
    """
    _must_be(connection, sample)
    marked = connection.execute(
        SAFETY_LOOK.update()
        .where(
            SAFETY_LOOK.c.sample_id == sample,
            SAFETY_LOOK.c.looked_at.is_(None),
            _still_there(),
            _was_shown_to(by) if only_shown else sa.true(),
        )
        .values(looked_at=now, looked_by=by.id)
    ).rowcount
    drawn = connection.execute(
        sa.select(SAFETY_LOOK.c.answer_id, SAFETY_LOOK.c.remark_id).where(SAFETY_LOOK.c.sample_id == sample)
    )
    sources = [
        TextSource(TextKind.ANSWER, row.answer_id)
        if row.remark_id is None
        else TextSource(TextKind.REMARK, row.remark_id)
        for row in drawn
    ]
    reading.mark_shown(connection, sources, by=by, now=now)
    _audit(connection, sample, by, now, {"what": "looked_at", "texts": marked})
    return marked


def list_samples(connection: Connection) -> tuple[SampleFigures, ...]:
    """Return all samples with their figures, the latest first."""
    unseen = SAFETY_LOOK.c.looked_at.is_(None)
    query = (
        sa.select(
            SAFETY_SAMPLE,
            COORDINATOR.c.code,
            PROGRAM.c.slug,
            sa.func.count(SAFETY_LOOK.c.id).label("drawn"),
            sa.func.count(SAFETY_LOOK.c.looked_at).label("looked"),
            sa.func.count(sa.case((SAFETY_LOOK.c.found, 1))).label("found"),
            sa.func.count(sa.case((unseen & ~_still_there(), 1))).label("gone"),
        )
        .join(COORDINATOR, COORDINATOR.c.id == SAFETY_SAMPLE.c.drawn_by)
        .join(SAFETY_LOOK, SAFETY_LOOK.c.sample_id == SAFETY_SAMPLE.c.id)
        .outerjoin(PROGRAM, PROGRAM.c.id == SAFETY_SAMPLE.c.program_id)
        .group_by(SAFETY_SAMPLE.c.id, COORDINATOR.c.code, PROGRAM.c.slug)
        .order_by(SAFETY_SAMPLE.c.id.desc())
    )
    return tuple(
        SampleFigures(
            id=row.id,
            drawn_at=row.drawn_at,
            drawn_by=row.code,
            program=row.slug,
            seed=row.seed,
            share=row.share,
            population=row.population,
            drawn=row.drawn,
            looked=row.looked,
            found=row.found,
            gone=row.gone,
        )
        for row in connection.execute(query)
    )


def _still_there() -> sa.ColumnElement[bool]:
    """Return the condition that the words of a look are not deleted."""
    return sa.or_(
        sa.exists().where(ANSWER.c.id == SAFETY_LOOK.c.answer_id, ANSWER.c.raw != ""),
        sa.exists().where(REMARK.c.id == SAFETY_LOOK.c.remark_id, REMARK.c.raw != ""),
    )


def _was_shown_to(by: CoordinatorRecord) -> sa.ColumnElement[bool]:
    """Return the condition that the words of a look were shown to a coordinator."""
    same = (READING.c.answer_id == SAFETY_LOOK.c.answer_id) | (READING.c.remark_id == SAFETY_LOOK.c.remark_id)
    return sa.exists().where(READING.c.coordinator_id == by.id, same)


def _unflagged_answers(connection: Connection, program_id: int | None) -> Iterator[int]:
    """Yield the answers in words that stand, that no case and no flag is about, and that were not drawn before."""
    query = (
        sa.select(ANSWER.c.id, ANSWER.c.raw, ANSWER.c.conversation_id, ANSWER.c.slot)
        .join(CONVERSATION, CONVERSATION.c.id == ANSWER.c.conversation_id)
        .where(ANSWER.c.status != AnswerStatus.SKIPPED, ANSWER.c.superseded_at.is_(None))
        .where(sa.or_(ANSWER.c.kind == PromptKind.TEXT, ANSWER.c.status == AnswerStatus.UNPARSED))
        .where(ANSWER.c.personal.is_(sa.false()), ANSWER.c.raw != "")
        .where(*_new(ANSWER, _ANSWERED))
    )
    flagged = _flagged(connection, "slot")
    for row in connection.execute(_of_program(query, program_id)):
        if _is_worded(row.raw) and (row.conversation_id, row.slot) not in flagged:
            yield row.id


def _unflagged_remarks(connection: Connection, program_id: int | None) -> Iterator[int]:
    """Yield the remarks that stand, that no case and no flag is about, and that were not drawn before."""
    query = (
        sa.select(REMARK.c.id, REMARK.c.raw, REMARK.c.conversation_id, REMARK.c.number)
        .join(CONVERSATION, CONVERSATION.c.id == REMARK.c.conversation_id)
        .where(REMARK.c.superseded_at.is_(None), REMARK.c.personal.is_(sa.false()), REMARK.c.raw != "")
        .where(*_new(REMARK, _REMARKED))
    )
    flagged = _flagged(connection, "remark")
    for row in connection.execute(_of_program(query, program_id)):
        if _is_worded(row.raw) and (row.conversation_id, row.number) not in flagged:
            yield row.id


def _new(table: sa.Table, key: str) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions that no safety case is about the words of a table's row, and that they were not drawn."""
    yield table.c.id.not_in(quoted(key, sa.true()))
    yield table.c.id.not_in(sa.select(SAFETY_LOOK.c[key]).where(SAFETY_LOOK.c[key].is_not(None)))


def _of_program(query: sa.Select[Any], program_id: int | None) -> sa.Select[Any]:
    """Return a query of words, of one program alone or (None) of all."""
    return query if program_id is None else query.where(CONVERSATION.c.program_id == program_id)


def _is_worded(text: str) -> bool:
    """Return whether a text is more than a number or a yes."""
    return sum(map(str.isalpha, text)) >= _LETTERS


def _flagged(connection: Connection, source: str) -> set[tuple[Any, Any]]:
    """Return what the safety rules flagged: the conversation with the slot of an answer, or the number of a remark.

    `source` is "slot" or "remark". A case keeps only the first words that it was opened for, so they are read from the
    audit trail; entries from before there were remarks name none.
    """
    rows = connection.scalars(sa.select(AUDIT_EVENT.c.details).where(AUDIT_EVENT.c.kind == AuditKind.FLAG))
    flags = (flag for flag in map(json.loads, rows) if "tier" in flag)  # others tell of identifiers
    return {(flag["conversation"], flag.get(source)) for flag in flags}


def _must_be(connection: Connection, sample: int) -> None:
    """Raise SampleError if there is no such sample."""
    if connection.scalar(sa.select(SAFETY_SAMPLE.c.id).where(SAFETY_SAMPLE.c.id == sample)) is None:
        raise SampleError(f"there is no sample {sample}; see `said safety samples`")


def _audit(
    connection: Connection, sample: int, by: CoordinatorRecord, now: datetime, details: Mapping[str, Any]
) -> None:
    """Audit what a coordinator did with a sample."""
    told = {**details, "sample": sample, "by": by.code}
    audit.record(connection, AuditKind.VIEW, participant_id=None, now=now, **told)
