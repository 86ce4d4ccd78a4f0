"""One wide table per flow: a row per conversation, a column per question.

The columns are those of every version in use, the newest version's order first.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.engine.effects import AnswerStatus, PromptKind
from flows.script.model import Flow
from storage.conversations import kept_redactions
from storage.conversations.detected_languages import SURE
from storage.export.tables.about import about_by_conversation
from storage.export.tables.codebooks.question_status import STATUS, QuestionStatus, put_slots, status_of
from storage.export.tables.permission import (
    PERMISSION_COLUMNS,
    conversation_of,
    permission_cells,
    with_permission,
)
from storage.export.tables.question_columns import (
    ColumnPaths,
    ItemPath,
    PlacedQuestion,
    QuestionColumn,
    choices,
    column_paths,
    natural_order,
    questions,
    read_slot,
)
from storage.export.tables.table import (
    CHUNK,
    Cell,
    ExportSelection,
    ExportTable,
    Row,
    cell,
    count,
    read_value,
    stream,
)
from storage.export.tables.used_versions import conversations_query, flows_in_use, versions_in_use
from storage.programs.word_permission import WordPermission
from storage.schema import ANSWER, CONVERSATION

_HEAD = (
    "participant", "role", "program", "activity", "flow_version", "conversation", "channel", "status",
    "outcome", "turns", "started_at", "ended_at",
)  # fmt: skip

_WITH_A_VALUE = (AnswerStatus.ANSWERED, AnswerStatus.ENDED)


@dataclass(slots=True)
class WideLayout:
    """The columns of a flow's wide table, gathered from the flow's versions and then from what was answered."""

    known: dict[str, PlacedQuestion] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    """For each question, the newest version that has it."""
    codes: dict[str, list[str]] = field(default_factory=dict)
    """For each select_many, its codes in order."""
    paths: dict[str, set[ItemPath]] = field(default_factory=dict)
    """For each question in a block, where it was answered."""
    things: set[QuestionColumn] = field(default_factory=set)
    coded: dict[str, set[ItemPath]] = field(default_factory=dict)
    """For each question about things that have codes, where it was answered by these codes."""

    def columns(self) -> tuple[QuestionColumn, ...]:
        """Return all columns in order: first those that say which commitments are asked about, then the questions."""
        return (
            *sorted(
                self.things, key=lambda column: (column.key, [natural_order(part) for part in column.path])
            ),
            *(
                QuestionColumn(key, path, code)
                for key, asked in self.known.items()
                for path in self._paths(key, asked)
                for code in self.codes.get(key, [""])
            ),
        )

    def added_columns(self) -> tuple[QuestionColumn, ...]:
        """Return the columns that things with codes have by their codes."""
        return tuple(
            QuestionColumn(key, path, code)
            for key in self.known
            for path in _sorted_paths(self.coded.get(key, ()))
            for code in self.codes.get(key, [""])
        )

    def status_columns(self) -> tuple[QuestionColumn, ...]:
        """Return a column for each question that is put, at each item; things with codes by these."""
        return tuple(
            QuestionColumn(key, path)
            for key, asked in self.known.items()
            if asked.put
            for path in (_sorted_paths(self.coded[key]) if key in self.coded else self._paths(key, asked))
        )

    def _paths(self, key: str, asked: PlacedQuestion) -> list[ItemPath]:
        """Return where a question was answered, in order; once outside of blocks."""
        if not asked.blocks:
            return [()]
        return _sorted_paths(self.paths.get(key, ()))


def _sorted_paths(paths: Iterable[ItemPath]) -> list[ItemPath]:
    return sorted(paths, key=lambda path: [natural_order(part) for part in path])


def wide_per_flow(connection: Connection, selection: ExportSelection) -> Iterator[ExportTable]:
    """Yield a wide table for each flow that has conversations in the selection."""
    for flow in flows_in_use(connection, selection):
        yield wide(connection, selection, flow)


def wide(connection: Connection, selection: ExportSelection, flow: str) -> ExportTable:
    """Return the table with one row per conversation of a flow.

    A select_many is 0 or 1 per code, empty where it was not answered. `written_in` names the languages that the
    participant's own words were surely found to be in, `about` whom the answers are about.
    """
    layout = _layout(connection, selection, flow)
    return ExportTable(
        f"wide_{flow}",
        wide_columns(layout),
        _about_last(
            _wide_rows(connection, _answered(selection, flow), layout),
            about_by_conversation(connection, selection),
        ),
        count(connection, conversations_query(selection, flow)),
    )


def wide_columns(layout: WideLayout) -> tuple[str, ...]:
    """Return the names of all columns of a wide table."""
    return (
        *_HEAD,
        "written_in",
        *(column.name for column in layout.columns()),
        "redacted",
        *PERMISSION_COLUMNS,
        "about",
        *(column.name for column in layout.added_columns()),
        *(f"{column.name}__{STATUS}" for column in layout.status_columns()),
    )


def _about_last(rows: Iterator[tuple[Row, Row]], about: Mapping[int, str]) -> Iterator[Row]:
    """Yield the rows, which come in two parts, with whom each is about between them."""
    place = _HEAD.index("conversation")
    yield from ((*row, about.get(row[place]), *added) for row, added in rows)


def layout_of(connection: Connection, selection: ExportSelection, flow: str) -> WideLayout:
    """Gather the columns of a flow, for the codebook."""
    return _layout(connection, selection, flow)


def _layout(connection: Connection, selection: ExportSelection, flow: str) -> WideLayout:
    """Gather the columns of a flow."""
    layout = WideLayout()
    for version in versions_in_use(connection, selection, flow):
        for asked in questions(version.flow):
            if not asked.step.personal:
                _add_question(layout, version.flow, asked)
    many = sa.case((ANSWER.c.kind == PromptKind.SELECT_MANY, ANSWER.c.value))
    seen = _answered(selection, flow).with_only_columns(
        CONVERSATION.c.id.label("conversation"), ANSWER.c.slot, many.label("value")
    )
    for _, rows in groupby(stream(connection, seen), key=lambda row: row.conversation):
        answered = {row.slot: row.value for row in rows if row.slot is not None}
        found = column_paths(answered, layout.known)
        layout.things.update(found.things)
        for slot, value in answered.items():
            _add_answer(layout, slot, found.paths[slot], read_value(value))
        for slot, path in found.coded.items():
            layout.coded.setdefault(read_slot(slot)[0], set()).add(path)
    return layout


def _add_question(layout: WideLayout, flow: Flow, asked: PlacedQuestion) -> None:
    """Add a question of one version; codes of a further version come after those that are known."""
    key = asked.step.key
    layout.known.setdefault(key, asked)
    layout.flows.setdefault(key, flow)
    if asked.kind is PromptKind.SELECT_MANY:
        codes = layout.codes.setdefault(key, [])
        codes.extend(code for code, _ in choices(flow, asked.step) if code not in codes)


def _add_answer(layout: WideLayout, slot: str, path: ItemPath, value: Any) -> None:
    """Add where an answer stands, and codes that only a fact offered."""
    key, _ = read_slot(slot)
    layout.paths.setdefault(key, set()).add(path)
    if isinstance(value, list) and key in layout.codes:
        layout.codes[key].extend(code for code in value if code not in layout.codes[key])


def _wide_rows(
    connection: Connection, query: sa.Select[Any], layout: WideLayout
) -> Iterator[tuple[Row, Row]]:
    """Yield the rows in two parts.

    The head, the languages, the columns' cells, whether anything was redacted, what is permitted; and what was added:
    columns by code, and what became of each question.
    """
    columns, added, statuses = layout.columns(), layout.added_columns(), layout.status_columns()
    places = {column: place for place, column in enumerate((*columns, *added))}
    answered = groupby(stream(connection, query), key=lambda row: row.conversation)
    groups = (list(group) for _, group in answered)
    permitted_groups = with_permission(connection, groups, lambda rows: conversation_of(rows[0]))
    while chunk := list(islice(permitted_groups, CHUNK)):
        put = put_slots(connection, [rows[0].conversation for rows, _ in chunk])
        for rows, permitted in chunk:
            cells: list[Cell] = [None] * len(places)
            found = column_paths((row.slot for row in rows if row.slot is not None), layout.known)
            changed = _fill(connection, layout, rows, found, (places, cells))
            head = (cell(value) for value in rows[0][: len(_HEAD)])
            asked = _statuses(layout, rows, found, put[rows[0].conversation], statuses)
            first = (*head, _written_in(rows), *cells[: len(columns)], int(changed))
            yield (*first, *_permission(rows, permitted)), (*cells[len(columns) :], *asked)


def _fill(
    connection: Connection,
    layout: WideLayout,
    rows: list[sa.Row[Any]],
    found: ColumnPaths,
    target: tuple[Mapping[QuestionColumn, int], list[Cell]],
) -> bool:
    """Fill the cells of one conversation (`target`: the place of each column, and the cells).

    Return whether any of its words were redacted.
    """
    places, cells = target
    changed = False
    for column, item in found.things.items():
        cells[places[column]] = int(item) if item.isdecimal() else item
    for row in rows:
        if row.slot is None or row.answer_status not in _WITH_A_VALUE:
            continue
        key, _ = read_slot(row.slot)
        shown: dict[str, Any] = {"value": read_value(row.value)}
        if _in_own_words(layout, key):
            shown, redacted = kept_redactions.redacted_fields(connection, shown, row, row.kind)
            changed = changed or redacted
        for path in {found.paths[row.slot], found.coded.get(row.slot, found.paths[row.slot])}:
            for column, value in _cells(layout, key, path, shown["value"]):
                cells[places[column]] = value
    return changed


def _statuses(
    layout: WideLayout,
    rows: list[sa.Row[Any]],
    found: ColumnPaths,
    put: frozenset[str],
    columns: Iterable[QuestionColumn],
) -> Iterator[str]:
    """Yield what became of the question of each status column in a conversation; `put` are the slots of those put."""
    if rows[0].slot is None:
        yield from (QuestionStatus.NO_CONVERSATION.value for _ in columns)
        return
    given: dict[tuple[str, ItemPath], AnswerStatus] = {
        (read_slot(row.slot)[0], found.coded.get(row.slot, found.paths[row.slot])): row.answer_status
        for row in rows
    }
    asked = {(read_slot(slot)[0], found.path_by_code(slot, layout.known)) for slot in put}
    for column in columns:
        at = (column.key, column.path)
        yield status_of(given.get(at), was_put=at in asked).value


def _permission(rows: list[sa.Row[Any]], permitted: WordPermission) -> Iterator[int]:
    """Return what is permitted of a conversation's words; nothing where any of them was taken back on the platform."""
    stand = all(row.message_deleted_at is None for row in rows)
    return map(int, permission_cells(permitted, stand=stand))


def _written_in(rows: list[sa.Row[Any]]) -> Cell:
    """Return the languages that were surely found in the answers of a conversation; None for none."""
    sure = {row.detected_language for row in rows if (row.detected_probability or 0) >= SURE}
    return "; ".join(sorted(sure)) or None


def _in_own_words(layout: WideLayout, key: str) -> bool:
    """Return whether a question is answered in words."""
    return key in layout.known and layout.known[key].kind is PromptKind.TEXT


def _cells(layout: WideLayout, key: str, path: ItemPath, value: Any) -> Iterator[tuple[QuestionColumn, Cell]]:
    """Yield the columns that an answer fills, with their cells."""
    if key in layout.codes:
        picked = value if isinstance(value, list) else [value]
        yield from ((QuestionColumn(key, path, code), int(code in picked)) for code in layout.codes[key])
    elif key in layout.known:
        yield QuestionColumn(key, path), cell(value)


def _answered(selection: ExportSelection, flow: str) -> sa.Select[Any]:
    """Select each conversation with each of its standing answers that is not personal; once, if it has none."""
    return (
        conversations_query(selection, flow)
        .add_columns(
            ANSWER.c.slot,
            ANSWER.c.value,
            ANSWER.c.status.label("answer_status"),
            ANSWER.c.detected_language,
            ANSWER.c.detected_probability,
            ANSWER.c.message_deleted_at,
            ANSWER.c.kind,
            ANSWER.c.redaction,
            ANSWER.c.redaction_rules,
        )
        .outerjoin(
            ANSWER,
            sa.and_(
                ANSWER.c.conversation_id == CONVERSATION.c.id,
                ANSWER.c.superseded_at.is_(None),
                ANSWER.c.personal.is_(sa.false()),
            ),
        )
        .order_by(ANSWER.c.id)
    )
