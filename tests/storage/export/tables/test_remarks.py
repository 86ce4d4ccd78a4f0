"""The table of remarks: one row each, with the question that was open, and nothing that an export may not hold."""

import csv
import json
from datetime import timedelta

import openpyxl
import pytest

from flows.script.loader import load_flow_text
from storage.export.export import ExportDestination, export, export_for_supporters
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from tests.support.export_rows import NOW, Rows, conversation, known_flow

FLOW = load_flow_text("""
flow: talk
title: T
language: en
audience: [patient]
steps:
  - {key: a1, kind: text, text: Who?}
  - {key: bye, kind: end}
""")
STORY = '=HYPERLINK("A1") my ward, ring 020 7946 0958'
REDACTED = '=HYPERLINK("A1") my ward, ring [phone]'


def add(rows: Rows, number: int, slot: str, raw: str, **more: object) -> None:
    """Put a remark in."""
    plain = {
        "shown_text": f"{slot}?",
        "language": "en",
        "channel": "telegram",
        "said_at": NOW,
        "personal": False,
        "identifiers": False,
        "unheard": False,
        "conversation_id": 1,
    }
    rows.add("remark", **{**plain, "number": number, "slot": slot, "raw": raw, **more})


@pytest.fixture
def connection():
    with known_flow(FLOW, "talk") as rows:
        conversation(rows, FLOW, NOW)
        conversation(rows, FLOW, NOW + timedelta(days=3))
        add(rows, 0, "a7[pain]", "first words", superseded_at=NOW)
        add(rows, 0, "a7[pain]", STORY, identifiers=True, detected_language="en", detected_probability=0.99)
        add(rows, 1, "a1", "became an answer", superseded_at=NOW, taken_as="a5")
        add(rows, 2, "", "after the end", message_deleted_at=NOW)
        add(rows, 3, "name", "Ada Secret lives here", personal=True)
        add(rows, 0, "a1", "in the later talk", conversation_id=2)
        yield rows.connection


def written(connection, folder, form=ExportFormat.CSV, *, raw=False, **selection):
    export(connection, ExportDestination(folder, form), ExportSelection(**selection), raw=raw)


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def objects(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_each_remark_is_a_row(connection, tmp_path):
    """With the question that was open, whoever said it and where, and what became of it; words are redacted."""
    written(connection, tmp_path)
    first, edited, taken, ended, _ = read(tmp_path / "remarks.csv")
    assert {name: edited[name] for name in list(edited)[:7]} == {
        "participant": "P-7K3",
        "role": "patient",
        "program": "mm",
        "activity": "spring",
        "flow": "talk",
        "flow_version": FLOW.hash[:12],
        "conversation": "1",
    }
    assert (first["number"], first["superseded"]) == ("0", "1")
    assert (edited["number"], edited["question_key"], edited["item"], edited["superseded"]) == (
        "0", "a7", "pain", "0",
    )  # fmt: skip
    assert (edited["raw"], edited["redacted"], edited["detected_language"]) == (f"'{REDACTED}", "1", "en")
    assert (taken["taken_as"], taken["superseded"]) == ("a5", "1")
    assert (ended["question_key"], ended["item"]) == ("", "")
    assert ended["message_deleted_at"] == "2026-03-02T09:00:00Z"


def test_a_workbook_has_a_sheet_of_them(connection, tmp_path):
    """The same rows, and text stays text."""
    written(connection, tmp_path, ExportFormat.XLSX)
    sheet = openpyxl.load_workbook(tmp_path / "said-export.xlsx")["remarks"]
    rows = [dict(zip(next(iter(sheet.values)), row, strict=True)) for row in list(sheet.values)[1:]]
    assert [row["remark"] for row in rows] == [1, 2, 3, 4, 6]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


@pytest.mark.parametrize(("raw", "words", "redacted"), [(False, REDACTED, True), (True, STORY, False)])
def test_json_lines_hold_what_was_written(connection, tmp_path, raw, words, redacted):
    """Redacted, or with `--raw` byte for byte."""
    written(connection, tmp_path, raw=raw)
    one = objects(tmp_path / "remarks.jsonl")[1]
    assert (one["raw"], one["redacted"], one["superseded"], one["question_key"]) == (
        words,
        redacted,
        False,
        "a7",
    )


@pytest.mark.parametrize("raw", [False, True])
def test_what_was_written_under_a_personal_question_is_nowhere(connection, tmp_path, raw):
    """No file of any kind has a word of it."""
    written(connection, tmp_path, raw=raw)
    assert "Ada Secret" not in "".join(file.read_text("utf-8") for file in tmp_path.iterdir())


def test_a_span_of_time_and_a_programme_select_them(connection, tmp_path):
    """By when the conversation began, as answers."""
    written(connection, tmp_path / "a", since=NOW + timedelta(days=1))
    assert [row["raw"] for row in read(tmp_path / "a" / "remarks.csv")] == ["in the later talk"]
    written(connection, tmp_path / "b", program="mm", until=NOW)
    assert read(tmp_path / "b" / "remarks.csv") == []


def test_supporters_get_none(connection, tmp_path):
    """Figures alone."""
    export_for_supporters(connection, ExportDestination(tmp_path, ExportFormat.CSV))
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["manifest-supporters-csv.json", "supporters.csv"]


def test_the_table_of_cases_names_the_remark(connection, tmp_path):
    """In a column of its own, beside that of the answer."""
    Rows(connection).add(
        "safety_case",
        participant_id=1,
        program_id=1,
        remark_id=2,
        kind="adverse_event",
        status="new",
        opened_at=NOW,
        due_at=NOW,
        elements=[],
        products=[],
        details={},
    )
    written(connection, tmp_path)
    [case] = [row for row in read(tmp_path / "safety.csv") if row["case"]]
    assert (case["answer"], case["remark"]) == ("", "2")
