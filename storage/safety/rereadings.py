"""Put right what was read out of somebody's words: which answers and remarks wait for that, and what a person said.

The bot reads typed words as a choice or a number, and marks an answer as uncertain where they did not name it
(`flows.engine.remarks.is_uncertain`), also where it could read nothing in them. And there are remarks: words beside an
answer to a question with choices, which may say another one. A person of the team who was shown the words sets what
they mean, or leaves it as it is. That is a row of its own: the words, and what was read out of them, are never changed,
and no conversation and no figure goes by it. Exports have it beside the answer.

Only the newest are looked through, so that it takes no longer the more there are.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.compiled import CompiledStep, compile_flow, read_slot
from flows.engine.effects import READ_AS_CHOICES, PromptKind
from flows.script.model import Band, Number, SelectMany
from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import WordsTable
from storage.database import audit
from storage.errors import StorageError
from storage.people.coordinators import CoordinatorRecord
from storage.programs import flow_versions
from storage.safety import reading
from storage.safety.text_signals import TextKind, TextSource
from storage.schema import (
    ANSWER,
    CONVERSATION,
    COORDINATOR,
    PARTICIPANT,
    PROGRAM,
    REMARK,
    REREADING,
    AuditKind,
    ReadingWay,
)

LOOKED_THROUGH: Final = 20_000
"""The newest uncertain answers, and the newest remarks, among which it is looked for what waits."""
MOST_COUNTED: Final = 1_000
"""More are not counted."""
_TABLES: Final = {TextKind.ANSWER: ANSWER, TextKind.REMARK: REMARK}
_WORDS: Final = {TextKind.ANSWER: WordsTable.ANSWER, TextKind.REMARK: WordsTable.REMARK}
_ASKED: Final = ANSWER.alias("asked")
"""The answer that stands beside a remark, under the question that was open."""


class NoUncertainText(StorageError):
    """A text that was named is not there, has no words, or is of no question with choices. Nothing has changed."""

    def __init__(self, source: TextSource) -> None:
        """Name the text."""
        super().__init__(f"nothing can be put right in {source.name}; see `said read uncertain`")


class NoSuchReading(StorageError):
    """What words are said to mean is no answer to their question. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class UncertainText:
    """A text that waits for somebody to say what it means, without its words.

    `participant` is a code, `program` a short name, `question` the key of the question that was open.
    """

    source: TextSource
    participant: str
    program: str
    flow: str
    question: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class KeptRereading:
    """What somebody of the team said that a text means: labels, or a number; none where they left it as it is.

    `by` is a coordinator's code.
    """

    source: TextSource
    participant: str
    program: str
    meaning: tuple[str, ...]
    by: str
    decided_at: datetime

    @property
    def was_left(self) -> bool:
        """Return whether it was left as it is."""
        return not self.meaning


@dataclass(frozen=True, slots=True)
class UncertainReading:
    """A text as it was shown: its words and their question, redacted, and how it was read.

    `read_as` are the labels, or the number, that the bot read in the words, or in the answer beside a remark; none
    where it could read nothing. `choices` are codes with their labels, as the script has them, where the question has
    some; `several` says that more than one may be set.
    """

    source: TextSource
    participant: str
    program: str
    flow: str
    question_key: str
    language: str
    said_at: datetime
    question: str
    text: str
    kind: PromptKind
    read_as: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    several: bool
    decided: tuple[KeptRereading, ...]


def waiting(
    connection: Connection, kind: TextKind, *, program: int | None = None, limit: int | None = None
) -> tuple[UncertainText, ...]:
    """Return the answers, or the remarks, that wait to be put right, the oldest first; of one program, or all.

    For a reader of the database.
    """
    query = _waiting(kind, program).limit(limit)
    return tuple(
        UncertainText(
            TextSource(kind, row.id), row.code, row.slug, row.flow, read_slot(row.slot)[0], row.said_at
        )
        for row in connection.execute(query)
    )


def count_waiting(connection: Connection, kind: TextKind, *, program: int | None = None) -> int:
    """Return how many answers, or remarks, wait to be put right: `MOST_COUNTED` at most."""
    some = _waiting(kind, program).order_by(None).limit(MOST_COUNTED).subquery()
    return connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def show(
    connection: Connection, source: TextSource, *, by: CoordinatorRecord, now: datetime
) -> UncertainReading:
    """Return a text with how it was read, and keep that it was shown to `by`. It is audited.

    Raises:
        NoUncertainText: it is not there, or there is nothing that could be set.
    """
    row, node = _found(connection, source)
    reading.keep_shown(connection, [source], ReadingWay.TEXT, by=by, now=now)
    details = {"what": "uncertain", source.kind.value: source.number, "by": by.code}
    audit.record(connection, AuditKind.VIEW, participant_id=row.participant_id, now=now, **details)
    words = kept_redactions.shown_words(connection, _WORDS[source.kind], [source.number])[source.number]
    return UncertainReading(
        source=source,
        participant=row.code,
        program=row.slug,
        flow=row.flow,
        question_key=node.key,
        language=row.language,
        said_at=row.said_at,
        question=words["shown_text"] or "",
        text=words["raw"] or "",
        kind=node.kind,
        read_as=_meaning(node, row.value),
        choices=tuple((button.code, button.label) for button in node.written),
        several=isinstance(node.question, SelectMany),
        decided=_kept(connection, _of(source), None),
    )


def decide(
    connection: Connection,
    source: TextSource,
    codes: Sequence[str],
    *,
    by: CoordinatorRecord,
    now: datetime,
) -> None:
    """Keep what a text means: codes of choices, or a number as digits; none to leave it as it is. It is audited.

    Whoever says so has read it. It can be said again, differently: the newest counts.

    Raises:
        NoUncertainText: it is not there, or there is nothing that could be set.
        NoSuchReading: the codes are no answer to its question.
        reading.NotShown: it was not shown to `by`.
    """
    row, node = _found(connection, source)
    if not reading.was_shown(connection, source, by):
        raise reading.NotShown(source, by)
    value = None if not codes else json.dumps(value_of(node, codes))
    empty = {"answer_id": None, "remark_id": None}
    said = {**empty, source.column: source.number, "value": value}
    connection.execute(REREADING.insert().values(**said, coordinator_id=by.id, decided_at=now))
    reading.mark_shown(connection, [source], by=by, now=now)
    details = {source.kind.value: source.number, "by": by.code, "left": not codes}
    audit.record(connection, AuditKind.REREADING, participant_id=row.participant_id, now=now, **details)


def decided(connection: Connection, *, program: int | None = None, limit: int) -> tuple[KeptRereading, ...]:
    """Return what was said last, the newest first, of one program or all; also what was said differently since."""
    return _kept(connection, None if program is None else CONVERSATION.c.program_id == program, limit)


def forget(connection: Connection, column: str, gone: sa.Select[tuple[int]]) -> None:
    """Erase what texts were said to mean. `gone` selects answers (`column` is `answer_id`) or remarks (`remark_id`)."""
    connection.execute(REREADING.delete().where(REREADING.c[column].in_(gone)))


def newest(column: str) -> sa.Subquery:
    """Return the rereadings that count, one a text, as a table with the `column` that names it, to join with."""
    last = sa.select(sa.func.max(REREADING.c.id)).where(REREADING.c[column].is_not(None))
    query = sa.select(
        REREADING.c[column].label("number"),
        REREADING.c.value.label("reread_value"),
        REREADING.c.decided_at.label("reread_at"),
    )
    return query.where(REREADING.c.id.in_(last.group_by(REREADING.c[column]))).subquery("newest_rereading")


def value_of(node: CompiledStep, codes: Sequence[str]) -> Any:
    """Return the value that an answer to a question keeps for some codes, or for a number as digits.

    Raises:
        NoSuchReading: they are no answer to it.
    """
    known = [button.code for button in node.written]
    wanted = list(dict.fromkeys(code.strip() for code in codes))
    if isinstance(node.question, SelectMany):
        return _several(node, node.question, wanted)
    if len(wanted) != 1:
        raise NoSuchReading("one choice alone is an answer to this question")
    [code] = wanted
    question = node.question
    if isinstance(question, Number) and (code not in known or code.isdecimal()):
        return _number(question, code) if question.taps or not question.bands else _band(question, code)
    if code not in known:
        raise NoSuchReading(f"there is no choice {code!r}; there are: {', '.join(known)}")
    return int(code) if node.kind is PromptKind.SCALE else code


def _several(node: CompiledStep, question: SelectMany, wanted: Sequence[str]) -> list[str]:
    known = [button.code for button in node.written]
    unknown = [code for code in wanted if code not in known]
    if unknown:
        raise NoSuchReading(f"there is no choice {unknown[0]!r}; there are: {', '.join(known)}")
    alone = [button.code for button in node.written if button.exclusive and button.code in wanted]
    if alone and len(wanted) > 1:
        raise NoSuchReading(f"{alone[0]!r} goes with no other choice")
    fewest, most = 1 if alone else question.min, len(known) if question.max is None else question.max
    if not fewest <= len(wanted) <= most:
        raise NoSuchReading(f"{fewest} to {most} choices are an answer to this question")
    return [code for code in known if code in wanted]


def _number(question: Number, text: str) -> int | float:
    """Return a number that a question takes. Raise NoSuchReading for any other text."""
    number, low, high = _as_number(text), question.min, question.max
    too_small = low is not None and number < float(low)
    too_great = high is not None and number > float(high)
    if too_small or too_great or (question.whole and not number.is_integer()):
        raise NoSuchReading(f"{text!r} is no number that this question takes")
    return int(number) if number.is_integer() else number


def _band(question: Number, text: str) -> str:
    """Return the code of the one band that a number falls in. Raise NoSuchReading where it falls in none."""
    number = _as_number(text)
    holding = [band.code for band in question.bands if _is_within(number, band)]
    if len(holding) != 1:
        known = ", ".join(band.code for band in question.bands)
        raise NoSuchReading(f"{text!r} falls in no one choice; there are: {known}")
    return holding[0]


def _is_within(number: float, band: Band) -> bool:
    """Return whether a number lies in a band; never in one without ends, such as 'I do not know'."""
    has_end = band.low is not None or band.high is not None
    above = band.low is None or number >= band.low
    return has_end and above and (band.high is None or number <= band.high)


def _as_number(text: str) -> float:
    """Read a number in digits. Raise NoSuchReading where it is none, or has no end."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        raise NoSuchReading(f"{text!r} is no number") from None
    if not isfinite(number):
        raise NoSuchReading(f"{text!r} is no number")
    return number


def _meaning(node: CompiledStep | None, value: str | None) -> tuple[str, ...]:
    """Return what a value says, as labels or as it stands; nothing for None."""
    said = None if value is None else json.loads(value)
    labels = {} if node is None else {button.code: button.label for button in node.written}
    each = said if isinstance(said, list) else [] if said is None else [said]
    return tuple(labels.get(str(one), str(one)) for one in each)


def _found(connection: Connection, source: TextSource) -> tuple[sa.Row[Any], CompiledStep]:
    """Return the row of a text with the question under which it was written."""
    if source.kind is TextKind.CASE:
        raise NoUncertainText(source)
    query = _texts(source.kind).where(_TABLES[source.kind].c.id == source.number)
    row = connection.execute(query).first()
    node = None if row is None else _node(connection, row.flow_hash, read_slot(row.slot)[0])
    if row is None or node is None or node.kind not in READ_AS_CHOICES:
        raise NoUncertainText(source)
    return row, node


def _node(connection: Connection, flow_hash: str, key: str) -> CompiledStep | None:
    flow = flow_versions.load(connection, flow_hash)
    return None if flow is None else compile_flow(flow).questions.get(key)


def _texts(kind: TextKind) -> sa.Select[Any]:
    """Select the answers to questions with choices, or the remarks beside one, that have words and stand."""
    table = _TABLES[kind]
    answer = ANSWER if kind is TextKind.ANSWER else _ASKED
    moment = ANSWER.c.answered_at if kind is TextKind.ANSWER else REMARK.c.said_at
    query = sa.select(
        table.c.id,
        table.c.slot,
        table.c.language,
        moment.label("said_at"),
        answer.c.value,
        CONVERSATION.c.flow,
        CONVERSATION.c.flow_hash,
        CONVERSATION.c.participant_id,
        PARTICIPANT.c.code,
        PROGRAM.c.slug,
    ).select_from(table)
    if kind is TextKind.REMARK:
        beside = (_ASKED.c.conversation_id == REMARK.c.conversation_id) & (_ASKED.c.slot == REMARK.c.slot)
        query = query.join(_ASKED, beside & _ASKED.c.superseded_at.is_(None))
    return (
        query.join(CONVERSATION, CONVERSATION.c.id == table.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .where(table.c.superseded_at.is_(None), table.c.personal.is_(sa.false()), table.c.raw != "")
        .where(answer.c.kind.in_(READ_AS_CHOICES))
    )


def _waiting(kind: TextKind, program: int | None) -> sa.Select[Any]:
    """Select what waits, among the newest, the oldest of them first."""
    table = _TABLES[kind]
    newest_of = sa.select(table.c.id).order_by(table.c.id.desc()).limit(LOOKED_THROUGH)
    if kind is TextKind.ANSWER:  # word for word the condition of the partial index
        newest_of = newest_of.where(sa.text("answer.uncertain AND answer.superseded_at IS NULL"))
    said = sa.exists().where(REREADING.c[f"{kind.value}_id"] == table.c.id)
    query = _texts(kind).where(table.c.id.in_(newest_of.correlate(None)), ~said)
    if (
        kind is TextKind.REMARK
    ):  # words that tell more than the choice that was read in them wait as the answer
        query = query.where(_ASKED.c.raw != REMARK.c.raw)
    if program is not None:
        query = query.where(CONVERSATION.c.program_id == program)
    return query.order_by(table.c.id)


def _of(source: TextSource) -> sa.ColumnElement[bool]:
    return REREADING.c[source.column] == source.number


def _kept(
    connection: Connection, which: sa.ColumnElement[bool] | None, limit: int | None
) -> tuple[KeptRereading, ...]:
    """Return the rereadings that meet a condition, the newest first."""
    conversation = sa.func.coalesce(ANSWER.c.conversation_id, REMARK.c.conversation_id)
    query = (
        sa.select(
            REREADING,
            COORDINATOR.c.code.label("by"),
            PARTICIPANT.c.code,
            PROGRAM.c.slug,
            CONVERSATION.c.flow_hash,
            sa.func.coalesce(ANSWER.c.slot, REMARK.c.slot).label("slot"),
        )
        .join(COORDINATOR, COORDINATOR.c.id == REREADING.c.coordinator_id)
        .outerjoin(ANSWER, ANSWER.c.id == REREADING.c.answer_id)
        .outerjoin(REMARK, REMARK.c.id == REREADING.c.remark_id)
        .join(CONVERSATION, CONVERSATION.c.id == conversation)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .order_by(REREADING.c.id.desc())
        .limit(limit)
    )
    if which is not None:
        query = query.where(which)
    return tuple(_records(connection, connection.execute(query).all()))


def _records(connection: Connection, rows: Sequence[sa.Row[Any]]) -> Iterator[KeptRereading]:
    for row in rows:
        node = _node(connection, row.flow_hash, read_slot(row.slot)[0])
        kind = TextKind.ANSWER if row.remark_id is None else TextKind.REMARK
        number = row.answer_id if row.remark_id is None else row.remark_id
        source = TextSource(kind, number)
        yield KeptRereading(source, row.code, row.slug, _meaning(node, row.value), row.by, row.decided_at)
