"""The manifest of an export: what made it, what was asked for, what each file holds, and what is gone since."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from storage.database import audit
from storage.export.export import ExportDestination, export, export_for_supporters, export_quotes
from storage.export.options import ExportFormat
from storage.export.tables.table import ExportSelection
from storage.redaction import RULES
from storage.schema import AuditKind
from tests.support.export_rows import INTERVIEW, NOW, Rows, conversation, known_flow


def made(rows: Rows, folder: Path, **selection: Any) -> dict[str, Any]:
    """Export, and read the manifest."""
    target = ExportDestination(folder, ExportFormat.CSV, made_at=NOW)
    export(rows.connection, target, ExportSelection(**selection))
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return found


def test_every_file_is_named_with_its_hash(tmp_path: Path):
    """Each file of the folder but the manifest is in it, with its length, its SHA-256 and its rows."""
    with known_flow(INTERVIEW) as rows:
        conversation(rows, INTERVIEW, NOW)
        found = made(rows, tmp_path, program="mm")
    files = {one["file"]: one for one in found["files"]}
    assert set(files) == {path.name for path in tmp_path.iterdir()} - {"manifest.json"}
    for name, one in files.items():
        content = (tmp_path / name).read_bytes()
        assert (one["bytes"], one["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert files["wide_patient_interview.csv"]["rows"] == {"wide_patient_interview": 1}
    assert (found["made_at"], found["redaction_rules"]) == ("2026-03-02T09:00:00Z", RULES)
    assert found["filters"] == {
        "for": "team", "format": "csv", "program": "mm", "since": None, "until": None, "raw": False,
        "quotes_only": False,
    }  # fmt: skip
    assert "deleted" not in found
    assert oct((tmp_path / "manifest.json").stat().st_mode)[-3:] == "600"


def test_an_incremental_export_says_what_was_deleted_since(tmp_path: Path):
    """Who had everything deleted since, and what was purged; nobody of before, and nothing of another program."""
    with known_flow(INTERVIEW) as rows:
        conversation(rows, INTERVIEW, NOW)
        rows.add("tombstone", participant_id=1, erased_at=NOW, counts={"answers": 3}, kept={})
        for program in ("mm", "other"):
            audit.record(
                rows.connection, AuditKind.PURGE, participant_id=None, now=NOW, program=program, what="texts",
                rows=2,
            )  # fmt: skip
        deleted = made(rows, tmp_path / "a", program="mm", since=NOW)["deleted"]
        later = made(rows, tmp_path / "b", since=NOW + timedelta(days=1))["deleted"]
    assert deleted == {
        "participants": [
            {"participant": "P-7K3", "erased_at": "2026-03-02T09:00:00Z", "rows": {"answers": 3}}
        ],
        "purged": [{"at": "2026-03-02T09:00:00Z", "program": "mm", "what": "texts", "rows": 2}],
    }
    assert later == {"participants": [], "purged": []}


def test_each_kind_of_export_has_a_manifest_of_its_own(tmp_path: Path):
    """Quotes and figures for supporters may be written into the same folder, and nothing of it is replaced."""
    with known_flow(INTERVIEW) as rows:
        target = ExportDestination(tmp_path, ExportFormat.CSV)
        export(rows.connection, target, ExportSelection())
        export_quotes(rows.connection, target, ExportSelection())
        export_for_supporters(rows.connection, target)
    names = ("manifest.json", "manifest-quotes-csv.json", "manifest-supporters-csv.json")
    asked = [json.loads((tmp_path / name).read_text("utf-8"))["filters"] for name in names]
    assert [(one["for"], one["quotes_only"]) for one in asked] == [
        ("team", False),
        ("team", True),
        ("supporters", False),
    ]
