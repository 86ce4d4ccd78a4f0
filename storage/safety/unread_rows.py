"""Find the rows of free text of patients and carers that nobody has read.

The theory. Nothing is written in the turn for a plain text: a text is unread because there is no reading of it, and
only a reading (`storage.safety.reading`) or the erasure of its words takes it out of here. What counts as free text is
told by the rows themselves:

- an answer to a question for own words, and a reply to any question that could not be read;
- a remark: words that answered no question, or told more than the choice that was read out of them;
- the words that a safety case alone holds: answers to the questions for a report, and what was said outside all talks;
- and whatever the rules or the second reader noticed something in, whoever wrote it.

Left out are texts without a letter or a sign (a number, dots), an own-words question's answer that was read as one of
its choices, and what was written under a question that its script marks as personal: reading that would tell who wrote
it. What somebody changed afterwards stays, with what it said before, unless the words stand in what it is now. Texts of
before readings were kept are known by their numbers, and are no part of this.

To find what is unread among a million read texts, a search begins at the number below which nothing is
(`TextPlaceName.READ`), which moves up as texts are read.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, PromptKind
from flows.script.roles import Role
from flows.text.folding import fold
from storage.database.statements import among, numbers
from storage.programs.case_words import quoted
from storage.safety.text_signals import TextKind, TextNumbers, TextSource, how_far
from storage.schema import (
    ANSWER,
    CONVERSATION,
    PARTICIPANT,
    READING,
    REMARK,
    SAFETY_CASE,
    TEXT_SIGNAL,
    TextPlaceName,
)

REPORT: Final = "report"
"""The question of the words that a case alone holds: what was asked for a report, and words outside all talks."""
_SOMETHING: Final = re.compile(r"[^\W\d_]|[^\x00-\u2fff]")
"""A letter of any script, or a sign such as an emoji."""
_CODE: Final = re.compile(r"[a-z0-9_]+", re.ASCII)
_AT_ONCE: Final = 2_000
_STREAMED: Final = {"stream_results": True, "yield_per": _AT_ONCE}
_TABLES: Final = {TextKind.ANSWER: ANSWER, TextKind.REMARK: REMARK}
_WHO: Final = (Role.PATIENT, Role.CARER)


class Found(NamedTuple):
    """Hold an unread text as it is found, with its words: what is looked at before it is shown to anybody."""

    source: TextSource
    conversation_id: int | None
    place: str
    """The slot of an answer, the number of a remark: the same for all wordings of one text."""
    taken_as: str | None
    question: str
    raw: str
    stored_at: datetime
    superseded_at: datetime | None
    language: str
    participant_id: int
    participant: str
    program_id: int
    flow: str


def find(connection: Connection, *, program: int | None = None) -> Iterator[Found]:
    """Yield the unread texts in no order that means anything; of one program, or (None) of all."""
    after, before = how_far(connection, TextPlaceName.READ), how_far(connection, TextPlaceName.UPDATE)
    changed: list[Found] = []
    for kind, table in _TABLES.items():
        floor, oldest = (getattr(numbers_of, kind.value) for numbers_of in (after, before))
        noticed = _noticed(connection, kind, oldest)
        query = _query(kind).where(table.c.id > floor, *_in_scope(table))
        beside = _query(kind).where(among(table.c.id, "noticed"))
        for rows in (
            (row for row in _rows(connection, query, program) if row.id not in noticed and _is_text(row)),
            _rows(connection, beside, program, noticed=numbers(noticed)),
        ):
            for row in rows:
                one = _found(kind, row)
                if one.superseded_at is None:
                    yield one
                else:
                    changed.append(one)
    yield from _not_covered(connection, changed)
    yield from _of_cases(connection, program)


def everything_read_below(connection: Connection) -> TextNumbers:
    """Return the numbers up to which no text is unread, as they are by now."""
    lowest: dict[TextKind, int] = {}
    here = how_far(connection, TextPlaceName.READ)
    for kind, table in _TABLES.items():
        newest = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
        floor = getattr(here, kind.value)
        query = _query(kind).where(table.c.id > floor, *_in_scope(table)).order_by(table.c.id)
        first = next((row.id for row in _rows(connection, query, None) if _is_text(row)), None)
        lowest[kind] = newest if first is None else first - 1
    return TextNumbers(lowest[TextKind.ANSWER], lowest[TextKind.REMARK])


def wordings(connection: Connection, source: TextSource) -> tuple[Found, ...]:
    """Return all unread wordings of the text that a row holds, the row itself too, the earliest first.

    They are the rows of the same answer or remark, and the remarks that became the answer. Empty where the row holds
    no free text, is of before readings were kept, or is not there.
    """
    if source.kind is TextKind.CASE:
        return tuple(one for one in _of_cases(connection, None) if one.source == source)
    table = _TABLES[source.kind]
    mine = connection.execute(_query(source.kind, read_too=True).where(table.c.id == source.number)).first()
    if mine is None:
        return ()
    here = (table.c.conversation_id == mine.conversation_id) & (_place_of(source.kind) == mine.place)
    found = list(_unread_where(connection, source.kind, here))
    if source.kind is TextKind.ANSWER:
        became = (REMARK.c.conversation_id == mine.conversation_id) & (REMARK.c.taken_as == mine.place)
        found = [*_unread_where(connection, TextKind.REMARK, became), *found]
    return tuple(found)


def _unread_where(connection: Connection, kind: TextKind, here: sa.ColumnElement[bool]) -> Iterator[Found]:
    """Yield the unread texts among the rows that meet a condition, the earliest first."""
    oldest = getattr(how_far(connection, TextPlaceName.UPDATE), kind.value)
    noticed, table = _noticed(connection, kind, oldest), _TABLES[kind]
    for row in connection.execute(_query(kind).where(here, table.c.id > oldest).order_by(table.c.id)):
        if row.id in noticed or (row.in_scope and _is_text(row)):
            yield _found(kind, row)


def words_key(one: Found) -> bytes:
    """Return a hash of a text's folded words and of its question: the same for what one decision is about."""
    told = f"{one.flow}\0{one.question}\0{fold(one.raw) or one.raw.strip()}"
    return hashlib.blake2b(told.encode(errors="replace"), digest_size=12).digest()


# What stands in the rows.


def _query(kind: TextKind, *, read_too: bool = False) -> sa.Select[Any]:
    """Select the answers or remarks with words that nobody has read, or also those that somebody has."""
    table = _TABLES[kind]
    own = (
        (ANSWER.c.question_key, ANSWER.c.value, ANSWER.c.kind, ANSWER.c.status, sa.null().label("taken_as"))
        if kind is TextKind.ANSWER
        else (REMARK.c.slot.label("question_key"), *_NOTHING, REMARK.c.taken_as)
    )
    moment = ANSWER.c.answered_at if kind is TextKind.ANSWER else REMARK.c.said_at
    query = (
        sa.select(
            table.c.id,
            table.c.conversation_id,
            _place_of(kind).label("place"),
            *own,
            table.c.raw,
            moment.label("stored_at"),
            table.c.superseded_at,
            table.c.language,
            CONVERSATION.c.participant_id,
            PARTICIPANT.c.code,
            CONVERSATION.c.program_id,
            CONVERSATION.c.flow,
            sa.and_(*_in_scope(table)).label("in_scope"),
        )
        .select_from(table)
        .join(CONVERSATION, CONVERSATION.c.id == table.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .where(table.c.raw != "")
    )
    read = sa.exists().where(READING.c[f"{kind.value}_id"] == table.c.id, READING.c.read_at.is_not(None))
    return query if read_too else query.where(~read)


_NOTHING: Final = tuple(sa.null().label(name) for name in ("value", "kind", "status"))


def _place_of(kind: TextKind) -> sa.ColumnElement[Any]:
    return ANSWER.c.slot if kind is TextKind.ANSWER else REMARK.c.number


def _in_scope(table: sa.Table) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions of free text of a patient or a carer that is not personal."""
    yield table.c.personal.is_(sa.false())
    yield PARTICIPANT.c.role.in_(_WHO)
    if table is ANSWER:
        yield sa.or_(ANSWER.c.kind == PromptKind.TEXT, ANSWER.c.status == AnswerStatus.UNPARSED)


def _rows(
    connection: Connection, query: sa.Select[Any], program: int | None, **given: Any
) -> Iterator[sa.Row[Any]]:
    """Yield the rows of a query, some at a time; of one program, or (None) of all."""
    if program is not None:
        query = query.where(CONVERSATION.c.program_id == program)
    yield from connection.execute(query.execution_options(**_STREAMED), given)


def _is_text(row: sa.Row[Any]) -> bool:
    """Return whether a row holds more than a number, and no choice of its question."""
    if _SOMETHING.search(row.raw) is None:
        return False
    if row.kind is not PromptKind.TEXT or row.status is not AnswerStatus.ANSWERED:
        return True
    value = json.loads(row.value or "null")
    return value == row.raw or not isinstance(value, str) or _CODE.fullmatch(value) is None


def _found(kind: TextKind, row: sa.Row[Any]) -> Found:
    return Found(
        source=TextSource(kind, row.id),
        conversation_id=row.conversation_id,
        place=str(row.place),
        taken_as=row.taken_as,
        question=row.question_key.partition("[")[0],
        raw=row.raw,
        stored_at=row.stored_at,
        superseded_at=row.superseded_at,
        language=row.language,
        participant_id=row.participant_id,
        participant=row.code,
        program_id=row.program_id,
        flow=row.flow,
    )


def _not_covered(connection: Connection, changed: Sequence[Found]) -> Iterator[Found]:
    """Yield those of the changed texts whose words do not stand whole in what they are now."""
    if not changed:
        return
    theirs = numbers({one.conversation_id for one in changed if one.conversation_id is not None})
    standing: dict[tuple[int, TextKind, str], list[str]] = defaultdict(list)
    for kind, table in _TABLES.items():
        scope = table.c.superseded_at.is_(None) & among(table.c.conversation_id, "theirs")
        query = _query(kind, read_too=True).where(scope, *_in_scope(table))
        for row in _rows(connection, query, None, theirs=theirs):
            if _is_text(row):
                standing[row.conversation_id, kind, str(row.place)].append(row.raw)
    for one in changed:
        kind, place = (
            (TextKind.ANSWER, one.taken_as) if one.taken_as is not None else (one.source.kind, one.place)
        )
        now = standing[one.conversation_id or 0, kind, place]
        if not any(one.raw.strip() in words for words in now):
            yield one


def _of_cases(connection: Connection, program: int | None) -> Iterator[Found]:
    """Yield the words that cases alone hold, and that nobody has read since the last of them came."""
    query = (
        sa.select(
            SAFETY_CASE.c.id,
            SAFETY_CASE.c.details,
            SAFETY_CASE.c.words_at,
            SAFETY_CASE.c.program_id,
            SAFETY_CASE.c.participant_id,
            PARTICIPANT.c.code,
            PARTICIPANT.c.language,
            CONVERSATION.c.flow,
        )
        .join(PARTICIPANT, PARTICIPANT.c.id == SAFETY_CASE.c.participant_id)
        .outerjoin(CONVERSATION, CONVERSATION.c.id == SAFETY_CASE.c.conversation_id)
        .where(
            SAFETY_CASE.c.words_at.is_not(None),
            ~sa.exists().where(
                READING.c.case_id == SAFETY_CASE.c.id,
                READING.c.read_at.is_not(None),
                READING.c.shown_at >= SAFETY_CASE.c.words_at,
            ),
        )
        .order_by(SAFETY_CASE.c.id)
    )
    if program is not None:
        query = query.where(SAFETY_CASE.c.program_id == program)
    for row in connection.execute(query):
        told = row.details.get("answers", {})
        yield Found(
            source=TextSource(TextKind.CASE, row.id),
            conversation_id=None,
            place=str(row.id),
            taken_as=None,
            question=REPORT,
            raw="\n".join(f"{name}: {told[name]}" for name in sorted(told)),
            stored_at=row.words_at,
            superseded_at=None,
            language=row.language or "",
            participant_id=row.participant_id,
            participant=row.code,
            program_id=row.program_id,
            flow=row.flow or "",
        )


def _noticed(connection: Connection, kind: TextKind, after: int) -> frozenset[int]:
    """Return the numbers of the unread texts after a number that a signal or a case is about, whoever wrote them."""
    column = f"{kind.value}_id"
    read = sa.exists().where(READING.c[column] == TEXT_SIGNAL.c[column], READING.c.read_at.is_not(None))
    signals = sa.select(TEXT_SIGNAL.c[column]).where(TEXT_SIGNAL.c[column] > after, ~read)
    of_cases = [row.number for row in connection.execute(quoted(column, sa.true()))]
    return frozenset((*connection.scalars(signals), *(number for number in of_cases if number > after)))
