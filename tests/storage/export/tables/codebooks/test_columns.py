"""The codebook of wide tables: every column by its name, in its order, with its question and its condition."""

from flows.engine.effects import PromptKind
from flows.script.loader import library
from storage.export.tables.codebooks.columns import COLUMNS, columns
from storage.export.tables.table import ExportSelection
from storage.export.tables.wide import wide
from tests.support.export_rows import NOW, conversation, known_flow

FLOW = library()["patient_follow_up"]
SELECTION = ExportSelection()


def test_every_column_of_a_wide_table_is_there():
    """Name by name and in order; a pick of before has its columns by its code, and the numbered ones say so."""
    with known_flow(FLOW) as rows:
        conversation(rows, FLOW, NOW)
        rows.answer(1, "e1", PromptKind.SELECT_ONE, "yes")
        rows.answer(1, "e2[pain]", PromptKind.SCALE, 4)
        table = wide(rows.connection, SELECTION, FLOW.flow)
        [row] = [dict(zip(table.columns, cells, strict=True)) for cells in table.rows]
        found = [dict(zip(COLUMNS, cells, strict=True)) for cells in columns(rows.connection, SELECTION).rows]
    assert [one["column"] for one in found] == list(table.columns)
    assert {one["table"] for one in found} == {"wide_patient_follow_up"}
    assert (row["e2__1"], row["pick__1"], row["e2__pain"], row["e2__pain__status"]) == (
        4,
        "pain",
        4,
        "answered",
    )
    by_name = {one["column"]: one for one in found}
    assert by_name["e2__1"]["instead"] == "e2__pain"
    assert by_name["e2__pain"]["instead"] is None
    assert by_name["e2__pain"]["asked_when"] == "pick.code != 'other' && pick.code != 'none'"
    assert by_name["pick__1"]["holds"] == "thing"
    assert by_name["e2__pain__status"]["holds"] == "status"
    assert by_name["e2__pain"]["text"] == by_name["e2__pain__status"]["text"]


def test_who_never_answered_has_no_conversation():
    """Where nothing was answered at all, every status says so."""
    with known_flow(FLOW) as rows:
        conversation(rows, FLOW, NOW)
        table = wide(rows.connection, SELECTION, FLOW.flow)
        [row] = [dict(zip(table.columns, cells, strict=True)) for cells in table.rows]
    assert {cell for name, cell in row.items() if name.endswith("__status")} == {"no_conversation"}


def test_a_question_that_was_put_and_left_is_not_answered():
    """The question at which a talk broke off is told from those that never came, by what the conversation keeps."""
    with known_flow(FLOW) as rows:
        conversation(rows, FLOW, NOW)
        rows.answer(1, "e1", PromptKind.SELECT_ONE, "yes")
        state = '{"language":"en","sealed_facts":{},"asks":[["e1",1,null],["e2[pain]",2,null]]}'
        rows.connection.exec_driver_sql("UPDATE conversation SET state = ?", (state,))
        conversation(rows, FLOW, NOW)
        rows.answer(2, "e2[pain]", PromptKind.SCALE, 2)
        table = wide(rows.connection, SELECTION, FLOW.flow)
        broke_off, _ = [dict(zip(table.columns, cells, strict=True)) for cells in table.rows]
    assert broke_off["e2__pain__status"] == "not_answered"
    assert broke_off["e6__status"] == "not_asked"
