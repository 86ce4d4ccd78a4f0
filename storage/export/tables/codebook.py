"""The codebook: what each question of the flows in use asked, with its codes."""

from sqlalchemy import Connection

from storage.export.tables.codebooks.columns import asked_when
from storage.export.tables.question_columns import PlacedQuestion, choices, questions
from storage.export.tables.table import VERSION_LENGTH, ExportSelection, ExportTable, Row, cell
from storage.export.tables.used_versions import FlowVersionInUse, versions_in_use

_CODEBOOK = (
    "flow", "flow_version", "first_used_at", "question_key", "block", "kind", "text", "choices",
    "choices_from", "required", "personal", "takes_remarks", "asked_when",
)  # fmt: skip


def codebook(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per question key of every version in use: its wording, its kind and its codes."""
    used = versions_in_use(connection, selection)
    rows = [_codebook_row(version, asked) for version in used for asked in questions(version.flow)]
    return ExportTable("codebook", _CODEBOOK, rows, len(rows))


def _codebook_row(version: FlowVersionInUse, asked: PlacedQuestion) -> Row:
    step = asked.step
    return (
        version.flow.flow,
        version.hash[:VERSION_LENGTH],
        cell(version.first_used_at),
        step.key,
        asked.blocks[-1].key if asked.blocks else None,
        asked.kind.value,
        step.text,
        "; ".join(f"{code} = {label}" for code, label in choices(version.flow, step)),
        getattr(step, "choices_from", None),
        int(step.required),
        int(step.personal),
        int(getattr(step, "takes_remarks", False)),
        asked_when(asked),
    )
