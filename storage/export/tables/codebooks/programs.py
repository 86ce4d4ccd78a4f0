"""Programs: a row for each program of an export, for its themes, its activities and their objectives."""

from collections.abc import Iterator

from sqlalchemy import Connection

from flows.program.model import ProgramFile
from storage.export.tables.table import ExportSelection, ExportTable, Row, cell
from storage.programs import programs as kept_programs

COLUMNS = ("level", "program", "activity", "code", "text", "theme", "held_on", "language")


def programs(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per program, theme, activity and objective; `level` says which it is."""
    rows = [
        row
        for one in kept_programs.list_all(connection)
        if selection.program in {None, one.slug}
        for row in _rows(kept_programs.program_file(connection, one.id))
    ]
    return ExportTable("programs", COLUMNS, rows, len(rows))


def _rows(program: ProgramFile) -> Iterator[Row]:
    """Yield the rows of one program."""
    slug, language = program.program, program.language
    yield ("program", slug, None, slug, program.title, None, None, language)
    for theme in program.themes:
        yield ("theme", slug, None, theme.code, theme.label, None, None, language)
    for activity in program.activities:
        held = cell(activity.held_on)
        yield ("activity", slug, activity.slug, activity.slug, activity.title, None, held, language)
        for one in activity.objectives:
            yield ("objective", slug, activity.slug, one.code, one.text, one.theme, held, language)
