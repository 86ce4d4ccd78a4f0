"""Links by source: how many were made, and how many came in by them; never a link itself."""

from flows.script.model import Role
from storage.export.links import links
from storage.export.tables.table import ExportSelection
from storage.schema import InvitationKind
from tests.support.export_rows import INTERVIEW, NOW, conversation, known_flow


def test_links_are_counted_by_source():
    """Two sources, one of which somebody came in by and began to talk."""
    with known_flow(INTERVIEW) as rows:
        same = {"program_id": 1, "activity_id": 1, "role": Role.PATIENT, "flow": "patient_interview"}
        for number, (source, kind) in enumerate(
            (
                ("clinic", InvitationKind.SINGLE),
                ("clinic", InvitationKind.GROUP),
                ("web", InvitationKind.GROUP),
            )
        ):
            rows.add(
                "invitation", **same, token_hash=bytes([number]), source=source, kind=kind, uses=number,
                created_at=NOW,
            )  # fmt: skip
        rows.add("enrollment", program_id=1, participant_id=1, invitation_id=2, enrolled_at=NOW)
        conversation(rows, INTERVIEW, NOW)
        table = links(rows.connection, ExportSelection())
        clinic, web = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    assert (clinic["source"], clinic["links"], clinic["for_one"], clinic["for_groups"]) == ("clinic", 2, 1, 1)
    assert (clinic["uses"], clinic["opened"], clinic["people"], clinic["began"]) == (1, 1, 1, 1)
    assert (web["links"], web["opened"], web["people"], web["began"]) == (1, 0, 0, 0)
    assert web["first_made_at"] == "2026-03-02T09:00:00Z"
