"""Promises of storage/export/tables/safety.py: the reconciliation of safety cases, zeros among them."""

import csv

import pytest

from storage.export.export import ExportDestination, export
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from tests.support.safety_world import ADVERSE, RISK, at_words
from tests.support.turn_world import make_world


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


def read(world, folder):
    world.database.read_now(
        lambda c: export(c, ExportDestination(folder, ExportFormat.CSV), ExportSelection())
    )
    with (folder / "safety.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_program_without_cases_says_so(world, tmp_path):
    """A zero for each kind: that there was none is said, not left out."""
    rows = read(world, tmp_path / "out")
    assert [(row["kind"], row["cases"], row["case"]) for row in rows] == [
        ("adverse_event", "0", ""),
        ("product_complaint", "0", ""),
        ("distress", "0", ""),
    ]


async def test_every_case_is_there_without_words(world, tmp_path):
    """Code, clock, state, elements and product; no word that anybody said."""
    person = await at_words(world)
    await person.say(ADVERSE)
    await person.say("yes")
    await person.say(RISK)
    adverse, none, distress = read(world, tmp_path / "out")
    assert (adverse["products"], adverse["may_be_contacted"]) == ("lenalidomide", "yes")
    assert [adverse[name] for name in ("reporter", "patient", "reaction", "product")] == ["1", "1", "1", "1"]
    assert adverse["due_at"] == "2026-03-03T09:00:00Z"
    assert none["cases"] == "0"
    assert (distress["state"], distress["reaction"]) == ("new", "")
    text = (tmp_path / "out" / "safety.csv").read_text(encoding="utf-8-sig")
    assert "nausea" not in text
    assert "live" not in text
