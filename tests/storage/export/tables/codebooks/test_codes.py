"""Every code of an export has its label, in every language that there is."""

import pytest

from flows.coding.loader import load_codebook_text
from flows.i18n.catalogs import SHIPPED, languages_in
from flows.program.loader import PROGRAMS, load_program
from flows.script.code_lists import code_lists, codes_of, shipped_lists
from flows.script.loader import library
from storage.coding import codebooks
from storage.export.tables.codebooks.codes import COLUMNS, GIVEN_CODE, LISTS_OF_COLUMNS, codes
from storage.export.tables.table import ExportSelection
from storage.programs import programs
from tests.support.coding_rows import words_to_code
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
        assert {one["code"] for one in mine} >= {one.code for one in codes_of(code_lists()[name])}
        assert all(one["label"] for one in mine)
    time = {one["label"] for one in found if one["code_list"] == "barriers" and one["code"] == "time"}
    assert len(time) == len(languages)
    named = {one["code_list"] for one in found}
    assert {"themes", "activity.objectives", "activity.suggestions", "behaviours", "implementation"} <= named
    asked = {
        one["language"] for one in found if one["code_list"] == "choices" and one["question_key"] == "c1"
    }
    assert asked == languages


@pytest.mark.parametrize("name", LISTS_OF_COLUMNS)
def test_each_code_that_the_bot_writes_has_its_label(name: str):
    """In each language one of its own, but for words that two languages share; no script offers such a list."""
    with known_flow(FLOW) as rows:
        found = [
            dict(zip(COLUMNS, row, strict=True)) for row in codes(rows.connection, ExportSelection()).rows
        ]
    languages = {"en", *languages_in(SHIPPED)}
    for one in LISTS_OF_COLUMNS[name]:
        labels = {
            row["language"]: row["label"]
            for row in found
            if (row["code_list"], row["code"]) == (name, one.value)
        }
        assert set(labels) == languages
        english = labels.pop("en")
        assert english not in labels.values()
    assert not code_lists()[name].offered
    assert name not in shipped_lists()


CODEBOOK = """
codebook: mm
version: "{version}"
language: en
codes:
  - {{code: body, label: {body}, labels: {{de: Beschwerden}}}}
  - {{code: {other}, label: Waiting}}
"""


def test_the_codes_of_a_team_are_explained():
    """In each language of its codebook; codes that a newer version dropped are there, as they were last called."""
    with words_to_code() as rows:
        for version, body, other in (("7", "Old words", "slow"), ("8", "Symptoms", "queue")):
            text = CODEBOOK.format(version=version, body=body, other=other)
            codebooks.load(rows.connection, load_codebook_text(text), by=rows.coder("ANNA"), now=NOW)
        found = [
            dict(zip(COLUMNS, row, strict=True)) for row in codes(rows.connection, ExportSelection()).rows
        ]
    mine = {
        (one["code"], one["language"]): one["label"]
        for one in found
        if one["code_list"] == GIVEN_CODE and one["program"] == "mm"
    }
    assert mine["body", "en"] == "Symptoms"
    assert mine["body", "de"] == "Beschwerden"
    assert (mine["queue", "en"], mine["queue", "de"]) == ("Waiting", "Waiting")
    assert (mine["slow", "en"], mine["slow", "de"]) == ("Waiting", "Waiting")


def test_a_selection_holds_one_program():
    """Of other programs nothing is there but the shipped lists."""
    myeloma = load_program(PROGRAMS / "myeloma.yaml")
    with known_flow(FLOW) as rows:
        programs.load(rows.connection, myeloma, programs.program_hash(myeloma), NOW)
        found = codes(rows.connection, ExportSelection(program="mm")).rows
    assert {dict(zip(COLUMNS, row, strict=True))["program"] for row in found} == {None, "mm"}
