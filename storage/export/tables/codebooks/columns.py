"""Columns: every column of the wide tables by its name, with its question and when that is asked."""

from collections.abc import Iterator

from sqlalchemy import Connection

from storage.export.tables.codebooks.question_status import STATUS
from storage.export.tables.question_columns import PlacedQuestion, QuestionColumn, choices
from storage.export.tables.table import ExportSelection, ExportTable, Row
from storage.export.tables.used_versions import flows_in_use
from storage.export.tables.wide import WideLayout, layout_of, wide_columns

COLUMNS = (
    "table", "column", "holds", "question_key", "item", "code", "label", "block", "kind", "text", "asked_when",
    "instead",
)  # fmt: skip


def columns(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per column of each wide table, in the order in which they stand.

    `holds` is `value`, `status`, `thing` (which thing from outside the columns of that number are about) or
    `conversation`. Words are those of the newest version in use.
    """
    rows = [row for flow in flows_in_use(connection, selection) for row in _rows(connection, selection, flow)]
    return ExportTable("columns", COLUMNS, rows, len(rows))


def _rows(connection: Connection, selection: ExportSelection, flow: str) -> Iterator[Row]:
    """Yield the rows of one wide table."""
    layout = layout_of(connection, selection, flow)
    values = {one.name: one for one in (*layout.columns(), *layout.added_columns())}
    statuses = {f"{one.name}__{STATUS}": one for one in layout.status_columns()}
    for name in wide_columns(layout):
        table = (f"wide_{flow}", name)
        if name in values and values[name].key in layout.known:
            yield (*table, "value", *_about(layout, values[name]))
        elif name in values:
            thing = values[name]
            yield (*table, "thing", thing.key, "; ".join(thing.path), *[None] * 7)
        elif name in statuses:
            yield (*table, "status", *_about(layout, statuses[name]))
        else:
            yield (*table, "conversation", *[None] * 9)


def _about(layout: WideLayout, column: QuestionColumn) -> Row:
    """Return what a column is about, from `question_key` on."""
    asked = layout.known[column.key]
    labels = dict(choices(layout.flows[column.key], asked.step))
    return (
        column.key,
        "; ".join(column.path) or None,
        column.code or None,
        labels.get(column.code) if column.code else None,
        asked.blocks[-1].key if asked.blocks else None,
        asked.kind.value,
        asked.step.text,
        asked_when(asked),
        _instead(layout, column, asked),
    )


def asked_when(asked: PlacedQuestion) -> str | None:
    """Return the condition under which a question is asked, those of the blocks round it before it; None for always."""
    own = (asked.step.when,)
    conditions = [one for one in (*(block.when for block in asked.blocks), *own, asked.probed_when) if one]
    return (
        " && ".join(f"({one})" for one in conditions) if len(conditions) > 1 else next(iter(conditions), None)
    )


def _instead(layout: WideLayout, column: QuestionColumn, asked: PlacedQuestion) -> str | None:
    """Return what to read instead of a column that goes in the next version: those of the same question by code."""
    if not any(block.coded for block in asked.blocks) or column.path not in layout.paths.get(column.key, ()):
        return None
    names = (one.name for one in layout.added_columns() if (one.key, one.code) == (column.key, column.code))
    return "; ".join(names) or None
