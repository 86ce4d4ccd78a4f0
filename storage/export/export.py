"""Write what was answered and committed as files for a spreadsheet or a statistics program.

`storage.export.tables.registry` says which tables there are, `storage.export.formats.registry` how they are written.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Connection

from storage.errors import StorageError
from storage.export.formats.format_writer import Advance, FormatWriter
from storage.export.formats.registry import FORMATS, RAW_FORMAT
from storage.export.formats.whole_files import whole_files
from storage.export.manifest import ExportFilters, manifest
from storage.export.options import ExportAudience, ExportFormat
from storage.export.tables.answers import answers_as_json
from storage.export.tables.registry import QUOTES_TABLES, SUPPORTER_TABLES, TEAM_TABLES, read_tables
from storage.export.tables.remarks import remarks_as_json
from storage.export.tables.table import ExportSelection, ExportTable
from storage.private_files import make_private_folder
from storage.programs import programs

TEAM_WORKBOOK = "said-export"
QUOTES_WORKBOOK = "said-quotes"
SUPPORTERS_WORKBOOK = "said-supporters"
TEAM_MANIFEST = "manifest.json"
QUOTES_MANIFEST = "manifest-quotes-{form}.json"
SUPPORTERS_MANIFEST = "manifest-supporters-{form}.json"

FileProgress = Callable[[str, int], Advance]
"""Told the name of a file and how many rows it will have; returns what to tell as rows are written."""


class ExportError(StorageError):
    """An export cannot be made as asked: an unknown program, or a file that is there. Nothing was written."""


@dataclass(frozen=True, slots=True)
class ExportDestination:
    """Where an export goes: the folder, the format of its tables, and whether files that are there are replaced.

    The folder is made if it is not there. `made_at` is the time that the manifest tells; None tells none. `approve` is
    called once all is written and before any file stands under its name: where it raises, none of them does. With
    `archive` one more file is written that holds all others, to be handed on as one.
    """

    folder: Path
    form: ExportFormat
    force: bool = False
    made_at: datetime | None = None
    approve: Callable[[], None] | None = None
    archive: bool = False

    def archive_of(self, whole: str) -> Path | None:
        """Return where the archive of an export goes that is called so as a whole; None where none is asked for."""
        return self.folder / f"{whole}-{self.form.value}.zip" if self.archive else None


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was written. `tables` maps the name of each table in it to its number of rows; none in an archive."""

    path: Path
    tables: dict[str, int]


@dataclass(frozen=True, slots=True)
class _PlannedFile:
    """A file to write, what it will hold, and who writes it."""

    path: Path
    tables: Sequence[ExportTable]
    writer: FormatWriter

    @property
    def total(self) -> int:
        """Return how many rows the file will have."""
        return sum(table.total for table in self.tables)


@dataclass(frozen=True, slots=True)
class _Described:
    """The manifest of an export: its name, and what was asked for. `whole` is what the export is called as a whole."""

    name: str
    filters: ExportFilters
    whole: str


def export(
    connection: Connection,
    destination: ExportDestination,
    selection: ExportSelection,
    *,
    raw: bool = False,
    progress: FileProgress | None = None,
) -> tuple[WrittenFile, ...]:
    """
    Write the team's tables, and answers and remarks as JSON Lines beside them; return the files that were written.

    Identifiers in words are redacted everywhere (`storage.redaction`); `raw` leaves those in the JSON Lines byte for
    byte as they came. Memory does not grow with the number of answers. The connection's one snapshot makes all files
    agree.

    Raises:
        ExportError: the program is unknown, or a file is there already and is not to be replaced.
    """
    _refuse_unknown_program(connection, selection.program)
    tables = read_tables(TEAM_TABLES, connection, selection)
    words = [read(connection, selection, raw=raw) for read in (answers_as_json, remarks_as_json)]
    planned = [
        *_plan(destination.folder, FORMATS[destination.form], tables, TEAM_WORKBOOK),
        *_plan(destination.folder, RAW_FORMAT, words, TEAM_WORKBOOK),
    ]
    filters = ExportFilters(
        ExportAudience.TEAM, destination.form, selection, raw=raw, made_at=destination.made_at
    )
    return _write(
        connection, destination, planned, _Described(TEAM_MANIFEST, filters, TEAM_WORKBOOK), progress
    )


def export_quotes(
    connection: Connection,
    destination: ExportDestination,
    selection: ExportSelection,
    *,
    progress: FileProgress | None = None,
) -> tuple[WrittenFile, ...]:
    """
    Write the words that may be quoted now, redacted, and nothing else; return the files that were written.

    Raises:
        ExportError: the program is unknown, or the file is there already and is not to be replaced.
    """
    _refuse_unknown_program(connection, selection.program)
    tables = read_tables(QUOTES_TABLES, connection, selection)
    planned = list(_plan(destination.folder, FORMATS[destination.form], tables, QUOTES_WORKBOOK))
    filters = ExportFilters(
        ExportAudience.TEAM, destination.form, selection, quotes_only=True, made_at=destination.made_at
    )
    return _write(
        connection,
        destination,
        planned,
        _Described(QUOTES_MANIFEST.format(form=destination.form), filters, QUOTES_WORKBOOK),
        progress,
    )


def export_for_supporters(
    connection: Connection,
    destination: ExportDestination,
    *,
    program: str | None = None,
    progress: FileProgress | None = None,
) -> tuple[WrittenFile, ...]:
    """
    Write what may be handed to a supporter, figures with small cells hidden; return the files that were written.

    It covers all time and never a span of days: the difference of two spans that overlap would tell what each hides.

    Raises:
        ExportError: the program is unknown, or the file is there already and is not to be replaced.
    """
    _refuse_unknown_program(connection, program)
    tables = read_tables(SUPPORTER_TABLES, connection, ExportSelection(program))
    planned = list(_plan(destination.folder, FORMATS[destination.form], tables, SUPPORTERS_WORKBOOK))
    filters = ExportFilters(
        ExportAudience.SUPPORTERS,
        destination.form,
        ExportSelection(program),
        made_at=destination.made_at,
    )
    return _write(
        connection,
        destination,
        planned,
        _Described(SUPPORTERS_MANIFEST.format(form=destination.form), filters, SUPPORTERS_WORKBOOK),
        progress,
    )


def check_supporters_export(
    connection: Connection, destination: ExportDestination, program: str | None = None
) -> None:
    """Check that a supporters' export can be written as asked, before anything is kept of it.

    Raises:
        ExportError: the program is unknown, or a file is there already and is not to be replaced.
    """
    _refuse_unknown_program(connection, program)
    tables = read_tables(SUPPORTER_TABLES, connection, ExportSelection(program))
    planned = _plan(destination.folder, FORMATS[destination.form], tables, SUPPORTERS_WORKBOOK)
    beside = destination.folder / SUPPORTERS_MANIFEST.format(form=destination.form)
    archive = destination.archive_of(SUPPORTERS_WORKBOOK)
    there = [*(file.path for file in planned), beside, *filter(None, [archive])]
    _refuse_existing(there, force=destination.force)


def _plan(
    folder: Path, writer: FormatWriter, tables: Sequence[ExportTable], book_name: str
) -> Iterator[_PlannedFile]:
    for name, held in writer.files(tables, book_name):
        yield _PlannedFile(folder / name, held, writer)


def _write(
    connection: Connection,
    destination: ExportDestination,
    planned: Sequence[_PlannedFile],
    described: _Described,
    progress: FileProgress | None,
) -> tuple[WrittenFile, ...]:
    """Write all files, and the manifest that describes them: each whole, or none at all."""
    beside = destination.folder / described.name
    archive = destination.archive_of(described.whole)
    paths = [*(file.path for file in planned), beside]
    every = paths if archive is None else [*paths, archive]
    _refuse_existing(every, force=destination.force)
    make_private_folder(destination.folder)
    report = progress or _report_to_nobody
    with whole_files(every) as drafts:
        written = tuple(
            WrittenFile(
                file.path,
                file.writer.write(drafts[file.path], file.tables, report(file.path.name, file.total)),
            )
            for file in planned
        )
        files = [(file.path.name, drafts[file.path], file.tables) for file in written]
        with drafts[beside].open("w", encoding="utf-8", newline="\n") as described_by:
            described_by.write(manifest(connection, described.filters, files))
        if archive is not None:
            _pack(drafts[archive], {path.name: drafts[path] for path in paths})
            written = (*written, WrittenFile(archive, {}))
        if destination.approve is not None:
            destination.approve()
        return written


def _pack(archive: Path, files: Mapping[str, Path]) -> None:
    """Write an archive of files under these names: read a part at a time, however large they are."""
    with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
        for name, file in files.items():
            packed.write(file, name)


def _refuse_unknown_program(connection: Connection, program: str | None) -> None:
    if program is not None and programs.find(connection, program) is None:
        raise ExportError(f"there is no programme {program!r}; see `said program list`")


def _refuse_existing(paths: Sequence[Path], *, force: bool) -> None:
    there = [path for path in paths if path.exists()]
    if there and not force:
        raise ExportError(f"{there[0]} is there already; name another folder, or add --force to replace it")


def _report_to_nobody(_name: str, _total: int) -> Advance:
    return lambda _rows: None
