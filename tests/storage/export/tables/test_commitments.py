"""Earlier wordings of commitments: each leaves redacted, with when it was replaced."""

from datetime import timedelta

from storage.export.tables.commitments import revisions
from storage.export.tables.table import ExportSelection
from tests.support.export_rows import INTERVIEW, NOW, conversation, known_flow


def test_earlier_wordings_are_there():
    """A row for each, the oldest first, identifiers taken out; what stands now is in the other table."""
    with known_flow(INTERVIEW) as rows:
        conversation(rows, INTERVIEW, NOW)
        mine = {"participant_id": 1, "program_id": 1, "conversation_id": 1, "slot": "c4", "made_at": NOW}
        rows.add("commitment", **mine, statement="now", foreseen_barriers=[])
        for statement in ("first", "ask ann@example.org"):
            rows.add("commitmentrevision", commitment_id=1, statement=statement, replaced_at=NOW)
        table = revisions(rows.connection, ExportSelection())
        found = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert [(one["statement"], one["redacted"]) for one in found] == [("first", 0), ("ask [email]", 1)]
    assert {one["commitment"] for one in found} == {1}
    assert table.total == len(found)


def test_a_wording_counts_by_when_it_was_replaced():
    """A commitment of before, changed within the span, is there; the same one changed before is not."""
    with known_flow(INTERVIEW) as rows:
        conversation(rows, INTERVIEW, NOW)
        mine = {"participant_id": 1, "program_id": 1, "conversation_id": 1, "slot": "c4", "made_at": NOW}
        rows.add("commitment", **mine, statement="now", foreseen_barriers=[])
        for days, statement in ((1, "first"), (9, "second")):
            at = NOW + timedelta(days=days)
            rows.add("commitmentrevision", commitment_id=1, statement=statement, replaced_at=at)
        table = revisions(rows.connection, ExportSelection(since=NOW + timedelta(days=5)))
        found = [dict(zip(table.columns, row, strict=True))["statement"] for row in table.rows]
    assert found == ["second"]
