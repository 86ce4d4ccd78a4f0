"""The table of consents: every decision, the text it was about, what it counts for, and whether it still stands."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flows.engine.effects import PromptKind
from storage.export.tables.consents import consents
from storage.export.tables.table import ExportSelection
from tests.support.export_rows import INTERVIEW as FLOW
from tests.support.export_rows import NOW, conversation, known_flow, use_of_words

DAY = timedelta(days=1)


@pytest.fixture
def connection():
    """A yes that was asked for, a no outside of any question a day later, and a yes again a day after that."""
    with known_flow(FLOW) as rows:
        conversation(rows, FLOW, NOW)
        asked = {"shown_text": "May we?", "asked_at": NOW - timedelta(minutes=2), "answered_at": NOW}
        rows.answer(1, "a02", PromptKind.CONSENT, True, "yes", **asked)
        kept = {"text_hash": "abc", "flow": "patient_interview", "source_hash": "def"}
        for day, (where, granted) in enumerate(((1, True), (None, False), (1, True))):
            use_of_words(rows, granted=granted, conversation=where, decided_at=NOW + day * DAY, **kept)
        yield rows.connection


def read(connection: sa.Connection, **selection: Any) -> list[dict[str, Any]]:
    table = consents(connection, ExportSelection(**selection))
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert len(rows) == table.total
    return rows


def test_each_decision_is_a_row(connection: sa.Connection) -> None:
    """With what it is about, where and when; one outside of any question counts for all flows and has no channel."""
    yes, no, again = read(connection)
    assert [(one["granted"], one["stands"]) for one in (yes, no, again)] == [(1, 0), (0, 1), (1, 1)]
    assert (yes["participant"], yes["role"], yes["program"], yes["activity"]) == (
        "P-7K3",
        "patient",
        "mm",
        "spring",
    )
    assert (yes["purpose"], yes["flow"], yes["language"], yes["channel"]) == (
        "use_words",
        "patient_interview",
        "en",
        "telegram",
    )
    assert yes["flow_family"] == "patient_follow_up; patient_interview; what_we_changed"
    assert (yes["text_hash"], yes["source_hash"], yes["flow_version"]) == ("abc", "def", FLOW.hash[:12])
    assert (yes["asked_at"], yes["decided_at"]) == ("2026-03-02T08:58:00Z", "2026-03-02T09:00:00Z")
    assert (no["flow_family"], no["conversation"], no["channel"], no["asked_at"]) == (
        "(all)",
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("selection", "days"),
    [
        ({"since": NOW + DAY}, [1, 2]),
        ({"until": NOW + DAY}, [0]),
        ({"since": NOW + DAY, "until": NOW + 2 * DAY}, [1]),
        ({"program": "mm"}, [0, 1, 2]),
        ({"program": "other"}, []),
    ],
)
def test_a_decision_counts_by_when_it_was_made(
    connection: sa.Connection, selection: dict[str, Any], days: list[int]
) -> None:
    """`stands` is the same in every cut: a later decision ends an earlier one also where it is not in the cut."""
    found = read(connection, **selection)
    assert [one["decision"] - 1 for one in found] == days
    assert [one["stands"] for one in found] == [[0, 1, 1][day] for day in days]
