"""Programs of an export: a row each, and one for each theme, activity and objective."""

from flows.program.loader import PROGRAMS, load_program
from storage.export.tables.codebooks.programs import COLUMNS, programs
from storage.export.tables.table import ExportSelection
from storage.programs import programs as kept
from tests.support.export_rows import INTERVIEW, NOW, known_flow


def test_a_row_for_each_part_of_a_program():
    """As many rows of each level as the program file has, with the theme that an objective answers."""
    myeloma = load_program(PROGRAMS / "myeloma.yaml")
    with known_flow(INTERVIEW) as rows:
        kept.load(rows.connection, myeloma, kept.program_hash(myeloma), NOW)
        table = programs(rows.connection, ExportSelection(program="myeloma"))
        found = [dict(zip(COLUMNS, row, strict=True)) for row in table.rows]
    levels = [one["level"] for one in found]
    assert levels.count("program") == 1
    assert levels.count("theme") == len(myeloma.themes)
    assert levels.count("activity") == len(myeloma.activities)
    assert levels.count("objective") == sum(len(one.objectives) for one in myeloma.activities)
    assert {one["theme"] for one in found if one["level"] == "objective"} <= {
        one.code for one in myeloma.themes
    }
