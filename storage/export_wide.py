"""One wide table per flow, and the codebook: both follow the flow's own versions.

A column keeps its meaning for ever, since a question key does. The columns are those of every version in
use, the newest version's order first, and then whatever else was answered.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import SQLModel

from flows.effects import AnswerStatus, PromptKind
from flows.script import (
    AskConsent,
    AskDate,
    AskText,
    Block,
    Choice,
    Confirm,
    Flow,
    Number,
    Question,
    Scale,
    SelectMany,
    SelectOne,
    Step,
)
from storage.export_tables import (
    ACTIVITY,
    ANSWER,
    CONVERSATION,
    PARTICIPANT,
    PROGRAM,
    VERSION_LENGTH,
    Cell,
    Row,
    Selection,
    Table,
    cell,
    count,
    read_value,
    stream,
)

FLOW_VERSION = SQLModel.metadata.tables["flowversion"]
_HEAD = (
    "participant", "role", "program", "activity", "flow_version", "conversation", "channel",
    "status", "outcome", "turns", "started_at", "ended_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a flow that some conversation uses."""

    flow: Flow
    hash: str
    first_used_at: Any


@dataclass(frozen=True, slots=True)
class Asked:
    """A question where it stands in a flow; `block` is the key of the block that repeats it, if one does."""

    step: Question
    kind: PromptKind
    block: str | None


def flows_in_use(connection: Connection, selection: Selection) -> tuple[str, ...]:
    """Names of the flows that have conversations in the selection."""
    query = _conversations(selection, None).with_only_columns(CONVERSATION.c.flow).order_by(None).distinct()
    return tuple(sorted(row.flow for row in connection.execute(query)))


def versions(connection: Connection, selection: Selection, flow: str | None = None) -> tuple[Version, ...]:
    """The versions in use, by flow, the newest first."""
    used = _conversations(selection, flow).with_only_columns(CONVERSATION.c.flow_hash).order_by(None)
    query = (
        sa.select(FLOW_VERSION)
        .where(FLOW_VERSION.c.hash.in_(used))
        .order_by(FLOW_VERSION.c.flow, FLOW_VERSION.c.first_used_at.desc(), FLOW_VERSION.c.hash)
    )
    return tuple(
        Version(Flow.model_validate_json(row.source), row.hash, row.first_used_at)
        for row in connection.execute(query)
    )


def questions(flow: Flow) -> Iterator[Asked]:
    """Every question of a flow in its order, those inside blocks too."""
    return _questions(flow.steps, None)


def _questions(steps: Iterable[Step], block: str | None) -> Iterator[Asked]:
    for step in steps:
        match step:
            case Block():
                yield from _questions(step.steps, step.key)
            case AskText():
                yield Asked(step, PromptKind.TEXT, block)
                if step.probe is not None and step.probe.joins == "separate":
                    probe = step.model_copy(
                        update={"key": f"{step.key}_more", "text": step.probe.text, "probe": None}
                    )
                    yield Asked(probe, PromptKind.TEXT, block)
            case AskConsent() | SelectOne() | SelectMany() | Scale() | Number() | AskDate() | Confirm():
                yield Asked(step, PromptKind(step.kind), block)
            case _:
                pass  # says, effects and ends ask nothing


def choices(flow: Flow, step: Question) -> tuple[tuple[str, str], ...]:  # noqa: PLR0911 - one a kind
    """The codes of a question and their labels, without those that come from a fact."""
    match step:
        case SelectOne() | SelectMany():
            listed = flow.lists.get(step.choices, ()) if isinstance(step.choices, str) else step.choices
            return _pairs(listed)
        case AskText():
            return _pairs(step.choices)
        case Number():
            return tuple((band.code, band.label) for band in step.bands)
        case Scale():
            return ((str(step.low), step.low_label), (str(step.high), step.high_label))
        case AskConsent():
            return (("1", step.agree), ("0", step.decline))
        case Confirm():
            return (("1", step.agree), ("0", step.change))
        case _:
            return ()


def _pairs(listed: tuple[Choice, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((choice.code, choice.label) for choice in listed)


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """A question at an item, and for a select_many one of its codes."""

    key: str
    item: str = ""
    code: str = ""

    @property
    def name(self) -> str:
        """`a6`, `a6___pain`, `c4__1` (the first round of a block), `a7__pain` (a block over picks)."""
        item = f"__{int(self.item) + 1 if self.item.isdecimal() else self.item}" if self.item else ""
        return f"{self.key}{item}{f'___{self.code}' if self.code else ''}"


def wide(connection: Connection, selection: Selection, flow: str) -> Table:
    """One row per conversation. A select_many is 0 or 1 per code, empty where it was not answered."""
    columns = _columns(connection, selection, flow)
    places = {column: place for place, column in enumerate(columns)}
    query = _conversations(selection, flow)
    return Table(
        f"wide_{flow}",
        (*_HEAD, *(column.name for column in columns)),
        _wide_rows(connection, query, places),
        count(connection, query),
    )


def _wide_rows(connection: Connection, query: sa.Select[Any], places: dict[Column, int]) -> Iterator[Row]:
    by_key: dict[tuple[str, str], list[Column]] = {}
    for column in places:
        by_key.setdefault((column.key, column.item), []).append(column)
    answered = query.add_columns(
        ANSWER.c.question_key,
        ANSWER.c.item,
        ANSWER.c.kind,
        ANSWER.c.value,
        ANSWER.c.status.label("answer_status"),
    ).outerjoin(
        ANSWER,
        sa.and_(
            ANSWER.c.conversation_id == CONVERSATION.c.id,
            ANSWER.c.superseded_at.is_(None),
            ANSWER.c.personal.is_(sa.false()),
        ),
    )
    for _, rows in groupby(
        stream(connection, answered.order_by(ANSWER.c.id)), key=lambda row: row.conversation
    ):
        cells: list[Cell] = [None] * len(places)
        head: Row = ()
        for row in rows:
            head = head or tuple(cell(value) for value in row[: len(_HEAD)])
            if row.question_key is not None and row.answer_status is AnswerStatus.ANSWERED:
                _fill(cells, by_key[row.question_key, row.item], places, read_value(row.value))
        yield (*head, *cells)


def _fill(cells: list[Cell], columns: list[Column], places: dict[Column, int], value: Any) -> None:
    for column in columns:
        if column.code:
            picked = value if isinstance(value, list) else [value]
            cells[places[column]] = int(column.code in picked)
        else:
            cells[places[column]] = cell(value)


def _columns(connection: Connection, selection: Selection, flow: str) -> tuple[Column, ...]:
    """The columns of a flow: every question in its order, at every item that occurs, with every code."""
    order: dict[str, list[str]] = {}
    blocks: set[str] = set()
    many: set[str] = set()
    for version in versions(connection, selection, flow):
        for asked in questions(version.flow):
            if asked.step.personal:
                continue
            codes = order.setdefault(asked.step.key, [])
            if asked.block:
                blocks.add(asked.step.key)
            if asked.kind is PromptKind.SELECT_MANY:
                many.add(asked.step.key)
                codes.extend(code for code, _ in choices(version.flow, asked.step) if code not in codes)
    items: dict[str, set[str]] = {}
    for key, item, kind, values in _seen(connection, selection, flow):
        codes = order.setdefault(key, [])
        items.setdefault(key, set()).add(item)
        if kind is PromptKind.SELECT_MANY:
            many.add(key)
            codes.extend(code for code in values if code not in codes)
    return tuple(
        Column(key, item, code)
        for key, codes in order.items()
        for item in _in_order(items.get(key, set()) or (set() if key in blocks else {""}))
        for code in (codes if key in many else [""])
    )


def _in_order(items: set[str]) -> list[str]:
    return sorted(items, key=lambda item: (not item.isdecimal(), int(item) if item.isdecimal() else 0, item))


def _seen(
    connection: Connection, selection: Selection, flow: str
) -> Iterator[tuple[str, str, PromptKind, tuple[str, ...]]]:
    """Which questions were answered at which items, and for select_many with which codes."""
    many = sa.case((ANSWER.c.kind == PromptKind.SELECT_MANY, ANSWER.c.value))
    query = (
        _conversations(selection, flow)
        .with_only_columns(ANSWER.c.question_key, ANSWER.c.item, ANSWER.c.kind, many.label("picked"))
        .join(ANSWER, ANSWER.c.conversation_id == CONVERSATION.c.id)
        .where(ANSWER.c.personal.is_(sa.false()))
        .order_by(None)
        .distinct()
    )
    for row in stream(connection, query):
        value = read_value(row.picked)
        codes = tuple(str(code) for code in value) if isinstance(value, list) else ()
        yield row.question_key, row.item, row.kind, codes


def _conversations(selection: Selection, flow: str | None) -> sa.Select[Any]:
    query = (
        sa.select(
            PARTICIPANT.c.code.label("participant"),
            PARTICIPANT.c.role,
            PROGRAM.c.slug.label("program"),
            ACTIVITY.c.slug.label("activity"),
            sa.func.substr(CONVERSATION.c.flow_hash, 1, VERSION_LENGTH).label("flow_version"),
            CONVERSATION.c.id.label("conversation"),
            CONVERSATION.c.channel,
            CONVERSATION.c.status,
            CONVERSATION.c.outcome,
            CONVERSATION.c.turns,
            CONVERSATION.c.started_at,
            CONVERSATION.c.ended_at,
        )
        .select_from(CONVERSATION)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CONVERSATION.c.program_id)
        .outerjoin(ACTIVITY, ACTIVITY.c.id == CONVERSATION.c.activity_id)
        .where(*selection.conditions(CONVERSATION.c.started_at))
        .order_by(CONVERSATION.c.id)
    )
    return query if flow is None else query.where(CONVERSATION.c.flow == flow)


_CODEBOOK = (
    "flow", "flow_version", "first_used_at", "question_key", "block", "kind", "text", "choices",
    "choices_from", "required", "personal",
)  # fmt: skip


def codebook(connection: Connection, selection: Selection) -> Table:
    """Every question key of every version in use: its wording, its kind and its codes."""
    used = versions(connection, selection)
    rows = [_codebook_row(version, asked) for version in used for asked in questions(version.flow)]
    return Table("codebook", _CODEBOOK, rows, len(rows))


def _codebook_row(version: Version, asked: Asked) -> Row:
    step = asked.step
    return (
        version.flow.flow,
        version.hash[:VERSION_LENGTH],
        cell(version.first_used_at),
        step.key,
        asked.block,
        asked.kind.value,
        step.text,
        "; ".join(f"{code} = {label}" for code, label in choices(version.flow, step)),
        getattr(step, "choices_from", None),
        int(step.required),
        int(step.personal),
    )
