"""Find the rows of free text of patients and carers that nobody has read.

The theory. Nothing is written in the turn for a plain text: a text is unread because there is no reading of it, and
only a reading (`storage.safety.reading`) or the erasure of its words takes it out of here. What counts as free text is
told by the rows themselves:

- an answer to a question for own words, and a reply to any question that could not be read;
- a remark: words that answered no question, or told more than the choice that was read out of them;
- the words that a safety case alone holds: answers to the questions for a report, and what was said outside all talks;
- and whatever the rules or the second reader noticed something in, whoever wrote it.

Left out are texts of digits and marks alone (a number, dots), an own-words question's answer that was read as one of
its choices, and what was written under a question that its script marks as personal: reading that would tell who wrote
it. What somebody changed afterwards stays, with what it said before, unless the words stand in what it is now. Texts of
before readings were kept are known by their numbers, and are no part of this.

To find what is unread among a million read texts, a search begins at the number below which nothing is
(`TextPlaceName.READ`), which moves up as texts are read.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, PromptKind
from flows.safety.reading import ReadingClass, riskiest, sentence_key, stands_whole
from flows.script.roles import Role
from storage.database.statements import among, numbers
from storage.programs.case_words import ALSO
from storage.safety.text_signals import TextKind, TextNumbers, TextSource, how_far
from storage.schema import (
    ANSWER,
    CONVERSATION,
    PARTICIPANT,
    READING,
    REMARK,
    SAFETY_CASE,
    TEXT_SIGNAL,
    SafetyKind,
    TextPlaceName,
)

REPORT: Final = "report"
"""The question of the words that a case alone holds: what was asked for a report, and words outside all talks."""
_AT_ONCE: Final = 2_000
_STREAMED: Final = {"stream_results": True, "yield_per": _AT_ONCE}
_TABLES: Final = {TextKind.ANSWER: ANSWER, TextKind.REMARK: REMARK}
_MOMENTS: Final = {TextKind.ANSWER: ANSWER.c.answered_at, TextKind.REMARK: REMARK.c.said_at}
_WHO: Final = (Role.PATIENT, Role.CARER)


class WaitingText(NamedTuple):
    """Hold that a text waits to be read: what holds it, its program, when it was stored, and whether it was changed."""

    source: TextSource
    program_id: int
    stored_at: datetime
    was_changed: bool = False


class UnreadWords(NamedTuple):
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


def waiting(
    connection: Connection, noticed: Mapping[TextSource, ReadingClass], *, program: int | None = None
) -> Iterator[WaitingText]:
    """Yield the unread texts in no order that means anything; of one program, or (None) of all.

    `noticed` is what `noticed_texts` found. Words are looked at by the database alone, but for what was changed.
    """
    changed: list[TextSource] = []
    for kind, query in _unread(connection, noticed):
        table = _TABLES[kind]
        is_changed = table.c.superseded_at.is_not(None)
        light = query.with_only_columns(table.c.id, CONVERSATION.c.program_id, _MOMENTS[kind], is_changed)
        for number, program_id, stored_at, was_changed in map(tuple, _rows(connection, light, program)):
            source = TextSource(kind, number)
            if was_changed:
                changed.append(source)
            else:
                yield WaitingText(source, program_id, stored_at)
    beside = (*_not_covered(connection, load(connection, changed).values()), *_of_cases(connection, program))
    for one in beside:
        yield WaitingText(one.source, one.program_id, one.stored_at, one.superseded_at is not None)


def find(
    connection: Connection, *, program: int | None = None, under: tuple[str, str] | None = None
) -> Iterator[UnreadWords]:
    """Yield the unread texts with their words, of one program and under one question (`under`: flow, key), or all."""
    changed: list[UnreadWords] = []
    for kind, query in _unread(connection, noticed_texts(connection)):
        if under is not None:
            flow, question = under
            asked = ANSWER.c.question_key if kind is TextKind.ANSWER else REMARK.c.slot
            same = sa.or_(asked == question, asked.startswith(f"{question}[", autoescape=True))
            query = query.where(CONVERSATION.c.flow == flow, same)  # noqa: PLW2901 - the same, of one question
        for row in _rows(connection, query, program):
            one = _found(kind, row)
            if one.superseded_at is None:
                yield one
            else:
                changed.append(one)
    yield from _not_covered(connection, changed)
    yield from _of_cases(connection, program)


def load(
    connection: Connection, sources: Iterable[TextSource], *, read_too: bool = True
) -> dict[TextSource, UnreadWords]:
    """Return texts with their words, whoever has read them, or those alone that nobody has.

    Those that are not there any more are left out, and so are the words of a case that were read.
    """
    wanted = list(sources)
    of_cases = [one.number for one in wanted if one.kind is TextKind.CASE]
    found = {one.source: one for one in _of_cases(connection, None, of_cases)} if of_cases else {}
    for kind, table in _TABLES.items():
        rows = numbers(source.number for source in wanted if source.kind is kind)
        query = _query(kind, read_too=read_too).where(among(table.c.id, "wanted"))
        found |= {
            one.source: one
            for row in connection.execute(query, {"wanted": rows})
            for one in [_found(kind, row)]
        }
    return found


def everything_read_below(connection: Connection) -> TextNumbers:
    """Return the numbers up to which no text is unread, as they are by now."""
    lowest: dict[TextKind, int] = {}
    here = how_far(connection, TextPlaceName.READ)
    for kind, table in _TABLES.items():
        newest = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
        after = table.c.id > getattr(here, kind.value)
        query = _query(kind).where(after, *_in_scope(table)).with_only_columns(table.c.id)
        first = connection.scalar(query.order_by(table.c.id).limit(1))
        lowest[kind] = newest if first is None else first - 1
    return TextNumbers(lowest[TextKind.ANSWER], lowest[TextKind.REMARK])


def wordings(connection: Connection, source: TextSource) -> tuple[UnreadWords, ...]:
    """Return all unread wordings of the text that a row holds, the row itself too, the earliest first.

    They are the rows of the same answer or remark, and the remarks that became the answer. Empty where the row holds
    no free text, is of before readings were kept, or is not there.
    """
    mine = load(connection, [source]).get(source)
    if mine is None:
        return ()
    if source.kind is TextKind.CASE:
        return (mine,)
    noticed = noticed_texts(connection, participant=mine.participant_id)
    table = _TABLES[source.kind]
    here = (table.c.conversation_id == mine.conversation_id) & (_place_of(source.kind) == mine.place)
    found = list(_unread_where(connection, source.kind, here, noticed))
    if source.kind is TextKind.ANSWER:
        became = (REMARK.c.conversation_id == mine.conversation_id) & (REMARK.c.taken_as == mine.place)
        found = [*_unread_where(connection, TextKind.REMARK, became, noticed), *found]
    return tuple(found)


def of_conversation(
    connection: Connection, conversation_id: int, participant_id: int
) -> frozenset[TextSource]:
    """Return the answers and remarks of a conversation, which a participant held, that are to be read still."""
    noticed = noticed_texts(connection, participant=participant_id)
    found: list[UnreadWords] = []
    for kind, table in _TABLES.items():
        found += _unread_where(connection, kind, table.c.conversation_id == conversation_id, noticed)
    changed = [one for one in found if one.superseded_at is not None]
    covered = set(changed).difference(_not_covered(connection, changed))
    return frozenset(one.source for one in found if one not in covered)


def _unread_where(
    connection: Connection,
    kind: TextKind,
    here: sa.ColumnElement[bool],
    noticed: Mapping[TextSource, ReadingClass],
) -> Iterator[UnreadWords]:
    """Yield the unread texts among the rows that meet a condition, the earliest first."""
    table = _TABLES[kind]
    oldest = getattr(how_far(connection, TextPlaceName.UPDATE), kind.value)
    query = _query(kind).where(here, table.c.id > oldest).order_by(table.c.id)
    for row in connection.execute(query):
        one = _found(kind, row)
        if row.in_scope or one.source in noticed:
            yield one


def words_key(one: UnreadWords) -> bytes:
    """Return a hash of a text and of its question: the same for what one decision is about, see `sentence_key`."""
    told = f"{one.flow}\0{one.question}\0{sentence_key(one.raw) or one.raw.strip()}"
    return hashlib.blake2b(told.encode(errors="replace"), digest_size=12).digest()


def noticed_texts(
    connection: Connection, *, participant: int | None = None
) -> dict[TextSource, ReadingClass]:
    """Return the unread texts in which something was noticed, by a signal or a case, with what is gravest in each.

    Of one participant, or (None) of all. The database passes over what somebody has read, and what is of before
    readings were kept, so that what comes back does not grow with all that was ever noticed.
    """
    found: dict[TextSource, ReadingClass] = {}
    of_case = SAFETY_CASE.c.id, SAFETY_CASE.c.kind
    waits = sa.select(*of_case).where(SAFETY_CASE.c.words_at.is_not(None), ~_case_was_read())
    named = [(TextKind.CASE, waits, SAFETY_CASE.c.participant_id)]
    oldest = how_far(connection, TextPlaceName.UPDATE)
    for kind in _TABLES:
        column = f"{kind.value}_id"
        also = sa.func.json_each(SAFETY_CASE.c.details, f"$.{ALSO}.{column}").table_valued("value")
        for table, number, noticed_class in (
            (SAFETY_CASE, SAFETY_CASE.c[column], SAFETY_CASE.c.kind),
            (SAFETY_CASE.join(also, sa.true()), also.c.value, SAFETY_CASE.c.kind),
            (TEXT_SIGNAL, TEXT_SIGNAL.c[column], TEXT_SIGNAL.c.reading_class),
        ):
            query = sa.select(number, noticed_class).select_from(table)
            query = query.where(number > getattr(oldest, kind.value), ~_was_read(kind, number))
            of = TEXT_SIGNAL if table is TEXT_SIGNAL else SAFETY_CASE
            named.append((kind, query, of.c.participant_id))
    for kind, query, whose in named:
        rows = connection.execute(query if participant is None else query.where(whose == participant))
        for number, noticed_class in rows:
            source = TextSource(kind, number)
            found[source] = riskiest((class_of(noticed_class), found.get(source, ReadingClass.PLAIN)))
    return found


def class_of(noticed: SafetyKind | ReadingClass) -> ReadingClass:
    """Return the class of the words of a case of a kind, or of what a signal noticed."""
    if isinstance(noticed, ReadingClass):
        return noticed
    return ReadingClass.RISK if noticed is SafetyKind.DISTRESS else ReadingClass.EVENT


def _was_read(kind: TextKind, number: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that somebody has read the answer or remark of a number."""
    return sa.exists().where(READING.c[f"{kind.value}_id"] == number, READING.c.read_at.is_not(None))


def _case_was_read() -> sa.ColumnElement[bool]:
    """Return the condition that somebody has read the words of a case, the last of them too."""
    return sa.exists().where(
        READING.c.case_id == SAFETY_CASE.c.id,
        READING.c.read_at.is_not(None),
        READING.c.shown_at >= SAFETY_CASE.c.words_at,
    )


# What stands in the rows.


def _unread(
    connection: Connection, noticed: Mapping[TextSource, ReadingClass]
) -> Iterator[tuple[TextKind, sa.Select[Any]]]:
    """Yield queries of the unread texts, changed ones too: free text, and what was noticed, whoever wrote it."""
    after, before = how_far(connection, TextPlaceName.READ), how_far(connection, TextPlaceName.UPDATE)
    for kind, table in _TABLES.items():
        oldest = getattr(before, kind.value)
        named = [one.number for one in noticed if one.kind is kind and one.number > oldest]
        special = _among(table.c.id, named)
        yield kind, _query(kind).where(table.c.id > getattr(after, kind.value), *_in_scope(table), ~special)
        yield kind, _query(kind).where(special)


def _among(column: sa.ColumnElement[int], some: Iterable[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a number is one of some: one parameter, however many there are."""
    each = sa.func.json_each(sa.literal(numbers(some), sa.Text)).table_valued("value")
    return column.in_(sa.select(each.c.value))


def _query(kind: TextKind, *, read_too: bool = False) -> sa.Select[Any]:
    """Select the answers or remarks with words that nobody has read, or also those that somebody has."""
    table = _TABLES[kind]
    own = (
        (ANSWER.c.question_key, sa.null().label("taken_as"))
        if kind is TextKind.ANSWER
        else (REMARK.c.slot.label("question_key"), REMARK.c.taken_as)
    )
    query = (
        sa.select(
            table.c.id,
            table.c.conversation_id,
            _place_of(kind).label("place"),
            *own,
            table.c.raw,
            _MOMENTS[kind].label("stored_at"),
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
    return query if read_too else query.where(~_was_read(kind, table.c.id))


def _place_of(kind: TextKind) -> sa.ColumnElement[Any]:
    return ANSWER.c.slot if kind is TextKind.ANSWER else REMARK.c.number


def _in_scope(table: sa.Table) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions of free text of a patient or a carer that is not personal.

    It has a letter, or a sign beyond ASCII; those of other scripts are not looked at more closely.
    """
    if table is ANSWER:
        yield sa.or_(ANSWER.c.kind == PromptKind.TEXT, ANSWER.c.status == AnswerStatus.UNPARSED)
        yield sa.not_(_is_a_choice())
    yield table.c.personal.is_(sa.false())
    raw = table.c.raw
    in_bytes = sa.func.length(sa.cast(raw, sa.LargeBinary))
    yield sa.or_(sa.func.lower(raw) != sa.func.upper(raw), in_bytes != sa.func.length(raw))
    yield PARTICIPANT.c.role.in_(_WHO)


def _is_a_choice() -> sa.ColumnElement[bool]:
    """Return the condition that an answer to a question for own words was read as one of its choices.

    Its value is a code then, and not the words: these stand in it as JSON has them, a backslash before some signs.
    """
    value = sa.func.coalesce(ANSWER.c.value, "")
    as_json = sa.literal('"') + ANSWER.c.raw + sa.literal('"')
    is_code = sa.and_(
        value != "",
        value == sa.func.lower(value),
        value == sa.func.replace(sa.func.replace(value, "\\", ""), " ", ""),
    )
    answered = (ANSWER.c.kind == PromptKind.TEXT) & (ANSWER.c.status == AnswerStatus.ANSWERED)
    return sa.and_(answered, is_code, value != as_json)


def _rows(connection: Connection, query: sa.Select[Any], program: int | None) -> Iterator[sa.Row[Any]]:
    """Yield the rows of a query, some at a time; of one program, or (None) of all."""
    if program is not None:
        query = query.where(CONVERSATION.c.program_id == program)
    yield from connection.execute(query.execution_options(**_STREAMED))


def _found(kind: TextKind, row: sa.Row[Any]) -> UnreadWords:
    return UnreadWords(
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


def _not_covered(connection: Connection, changed: Collection[UnreadWords]) -> Iterator[UnreadWords]:
    """Yield those of the changed texts whose words do not stand whole in what they are now."""
    if not changed:
        return
    theirs = [one.conversation_id for one in changed if one.conversation_id is not None]
    standing: dict[tuple[int, TextKind, str], list[str]] = defaultdict(list)
    for kind, table in _TABLES.items():
        stands = table.c.superseded_at.is_(None) & _among(table.c.conversation_id, theirs)
        for row in _rows(connection, _query(kind, read_too=True).where(stands, *_in_scope(table)), None):
            standing[row.conversation_id, kind, str(row.place)].append(row.raw)
    for one in changed:
        kind, place = (
            (TextKind.ANSWER, one.taken_as) if one.taken_as is not None else (one.source.kind, one.place)
        )
        now = standing[one.conversation_id or 0, kind, place]
        if not any(stands_whole(one.raw, words) for words in now):
            yield one


def _of_cases(
    connection: Connection, program: int | None, some: Collection[int] | None = None
) -> Iterator[UnreadWords]:
    """Yield the words that cases alone hold, and that nobody has read since the last of them came.

    Of one program, or (None) of all; of the cases of some numbers, or (None) of all.
    """
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
        .where(SAFETY_CASE.c.words_at.is_not(None), ~_case_was_read())
        .order_by(SAFETY_CASE.c.id)
    )
    if program is not None:
        query = query.where(SAFETY_CASE.c.program_id == program)
    if some is not None:
        query = query.where(_among(SAFETY_CASE.c.id, some))
    for row in connection.execute(query):
        told = row.details.get("answers", {})
        yield UnreadWords(
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
