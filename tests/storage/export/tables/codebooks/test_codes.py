"""Every code of an export has its label, in every language that there is."""

from flows.i18n.catalogs import SHIPPED, languages_in
from flows.program.loader import PROGRAMS, load_program
from flows.script.code_lists import code_lists, codes_of
from flows.script.loader import library
from storage.export.tables.codebooks.codes import COLUMNS, codes
from storage.export.tables.table import ExportSelection
from storage.programs import programs
from tests.support.export_rows import NOW, conversation, known_flow

FLOW = library()["hcp_commitment"]


def test_every_list_in_every_language():
    """Shipped lists, those of the program, what `choices_from` names, and the choices of questions."""
    myeloma = load_program(PROGRAMS / "myeloma.yaml")
    with known_flow(FLOW) as rows:
        conversation(rows, FLOW, NOW)
        programs.load(rows.connection, myeloma, programs.program_hash(myeloma), NOW)
        found = [
            dict(zip(COLUMNS, row, strict=True)) for row in codes(rows.connection, ExportSelection()).rows
        ]
    languages = {"en", *languages_in(SHIPPED)}
    for name in code_lists():
        mine = [one for one in found if one["code_list"] == name]
        assert {one["language"] for one in mine} == languages
        assert {one["code"] for one in mine} == {one.code for one in codes_of(code_lists()[name])}
        assert all(one["label"] for one in mine)
    time = {one["label"] for one in found if one["code_list"] == "barriers" and one["code"] == "time"}
    assert len(time) == len(languages)
    named = {one["code_list"] for one in found}
    assert {"themes", "activity.objectives", "activity.suggestions", "behaviours", "implementation"} <= named
    asked = {
        one["language"] for one in found if one["code_list"] == "choices" and one["question_key"] == "c1"
    }
    assert asked == languages


def test_a_selection_holds_one_program():
    """Of other programs nothing is there but the shipped lists."""
    myeloma = load_program(PROGRAMS / "myeloma.yaml")
    with known_flow(FLOW) as rows:
        programs.load(rows.connection, myeloma, programs.program_hash(myeloma), NOW)
        found = codes(rows.connection, ExportSelection(program="mm")).rows
    assert {dict(zip(COLUMNS, row, strict=True))["program"] for row in found} == {None, "mm"}
