"""An export: what was answered and committed, as files for a spreadsheet or a statistics program."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from storage.errors import StorageError
from storage.export.formats.files import Advance, whole_files, write_csv, write_jsonl, write_xlsx
from storage.export.options import ExportFormat
from storage.export.tables.base import (
    ExportSelection,
    ExportTable,
    answers_as_objects,
    answers_long,
    commitments,
)
from storage.export.tables.best_practice import exemplars
from storage.export.tables.care_change import care
from storage.export.tables.safety import safety
from storage.export.tables.waves import supporters, waves
from storage.export.tables.wide import codebook, flows_in_use, wide
from storage.programs import programs

RAW = "answers.jsonl"
WORKBOOK = "said-export.xlsx"
SUPPORTERS_WORKBOOK = "said-supporters.xlsx"

FileProgress = Callable[[str, int], Advance]
"""Told the name of a file and how many rows it will have; answers with what to tell as rows are written."""


class ExportError(StorageError):
    """An export cannot be made as asked. Nothing was written."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was written. `tables` maps the name of each table in it to its number of rows."""

    path: Path
    tables: dict[str, int]


def export(
    connection: Connection,
    target: Path,
    *,
    form: ExportFormat,
    selection: ExportSelection,
    force: bool = False,
    raw: bool = False,
    progress: FileProgress | None = None,
) -> tuple[WrittenFile, ...]:
    """
    Write an export into the folder `target`, which is made if it is not there.

    Everywhere words stand as they may be shown (`storage.redaction`); only with `raw`, and only in the JSON Lines,
    byte for byte as they came. Memory does not grow with the number of answers. The connection's one snapshot
    makes all files agree.

    Raises:
        ExportError: the programme is unknown, or a file is there already and `force` is not given.
    """
    _refuse_unknown(connection, selection.program)
    tables = _tables(connection, selection)
    names = [f"{table.name}.csv" for table in tables] if form is ExportFormat.CSV else [WORKBOOK]
    paths = [target / name for name in (*names, RAW)]
    _refuse_existing(paths, force=force)
    target.mkdir(parents=True, exist_ok=True)
    report = progress or _silent
    with whole_files(paths) as drafts:
        written = _write(form, tables, [drafts[path] for path in paths[:-1]], report)
        answers = answers_as_objects(connection, selection, raw=raw)
        lines = write_jsonl(drafts[paths[-1]], answers, report(RAW, tables[0].total))
    counts = [*written, {"answers": lines}]
    return tuple(WrittenFile(path, rows) for path, rows in zip(paths, counts, strict=True))


def export_for_supporters(
    connection: Connection,
    target: Path,
    *,
    form: ExportFormat,
    program: str | None = None,
    force: bool = False,
    progress: FileProgress | None = None,
) -> tuple[WrittenFile, ...]:
    """
    Write into the folder `target` what may be handed to a supporter: figures, with small cells hidden.

    It is of all that there is and never of a span of days: two cuts that overlap tell their difference.

    Raises:
        ExportError: the programme is unknown, or the file is there already and `force` is not given.
    """
    _refuse_unknown(connection, program)
    table = supporters(connection, ExportSelection(program))
    path = target / (f"{table.name}.csv" if form is ExportFormat.CSV else SUPPORTERS_WORKBOOK)
    _refuse_existing([path], force=force)
    target.mkdir(parents=True, exist_ok=True)
    with whole_files([path]) as drafts:
        [rows] = _write(form, [table], [drafts[path]], progress or _silent)
    return (WrittenFile(path, rows),)


def _tables(connection: Connection, selection: ExportSelection) -> list[ExportTable]:
    return [
        answers_long(connection, selection),
        *(wide(connection, selection, flow) for flow in flows_in_use(connection, selection)),
        commitments(connection, selection),
        waves(connection, selection),
        care(connection, selection),
        safety(connection, selection),
        exemplars(connection, selection),
        codebook(connection, selection),
    ]


def _write(
    form: ExportFormat, tables: list[ExportTable], drafts: list[Path], report: FileProgress
) -> list[dict[str, int]]:
    if form is ExportFormat.XLSX:
        return [write_xlsx(drafts[0], tables, report(WORKBOOK, sum(table.total for table in tables)))]
    return [
        {table.name: write_csv(draft, table, report(f"{table.name}.csv", table.total))}
        for table, draft in zip(tables, drafts, strict=True)
    ]


def _refuse_unknown(connection: Connection, program: str | None) -> None:
    if program is not None and programs.find(connection, program) is None:
        raise ExportError(f"there is no programme {program!r}; see `said program list`")


def _refuse_existing(paths: list[Path], *, force: bool) -> None:
    there = [path for path in paths if path.exists()]
    if there and not force:
        raise ExportError(f"{there[0]} is there already; name another folder, or add --force to replace it")


def _silent(_name: str, _total: int) -> Advance:
    return partial(_ignore)


def _ignore(_rows: int) -> None:
    """Nobody watches."""
