"""Describe an export in a file beside it: what made it, what was asked for, what it holds, and what is gone since."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.export.options import ExportAudience
from storage.export.tables.table import ExportSelection, cell
from storage.redaction import RULES
from storage.schema import AUDIT_EVENT, CONVERSATION, PARTICIPANT, PROGRAM, TOMBSTONE, AuditKind

PRODUCT: Final = "said-and-done"
FORMAT: Final = 1
"""The version of the manifest itself."""


@dataclass(frozen=True, slots=True)
class ExportFilters:
    """What was asked for. `made_at` is None where nobody told the time."""

    audience: ExportAudience
    form: str
    selection: ExportSelection
    raw: bool = False
    quotes_only: bool = False
    made_at: datetime | None = None


def manifest(
    connection: Connection, filters: ExportFilters, files: Sequence[tuple[str, Path, dict[str, int]]]
) -> str:
    """
    Return the manifest of an export as a JSON document; `files` are names, where each lies, and its tables' rows.

    `deleted` is there where only what came since a day was asked for: who had all deleted since then, and whose words
    were kept long enough, so that it can be taken out of earlier exports too.
    """
    selection = filters.selection
    asked = {
        "for": filters.audience.value,
        "format": filters.form,
        "program": selection.program,
        "since": cell(selection.since),
        "until": cell(selection.until),
        "raw": filters.raw,
        "quotes_only": filters.quotes_only,
    }
    found = {
        "manifest": FORMAT,
        "product": PRODUCT,
        "version": product_version(),
        "schema": schema_version(connection),
        "redaction_rules": RULES,
        "made_at": cell(filters.made_at),
        "filters": asked,
        "files": [
            {"file": name, "bytes": path.stat().st_size, "sha256": _sha256(path), "rows": rows}
            for name, path, rows in files
        ],
    }
    if selection.since is not None:
        found["deleted"] = _deleted(connection, selection.program, selection.since)
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def product_version() -> str | None:
    """Return the version of the installed package; None where it runs from its files alone."""
    try:
        return version(PRODUCT)
    except PackageNotFoundError:
        return None


def schema_version(connection: Connection) -> str | None:
    """Return the number of the database's newest migration; None where it was made without any."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _deleted(connection: Connection, program: str | None, since: datetime) -> dict[str, Any]:
    """Return who had everything deleted since a moment, and what was purged; of one program, or of all."""
    took_part = (
        sa.exists()
        .where(CONVERSATION.c.participant_id == TOMBSTONE.c.participant_id)
        .where(CONVERSATION.c.program_id == PROGRAM.c.id, PROGRAM.c.slug == program)
    )
    erased = (
        sa.select(PARTICIPANT.c.code, TOMBSTONE.c.erased_at, TOMBSTONE.c.counts)
        .join(PARTICIPANT, PARTICIPANT.c.id == TOMBSTONE.c.participant_id)
        .where(TOMBSTONE.c.erased_at >= since, sa.true() if program is None else took_part)
        .order_by(TOMBSTONE.c.erased_at, PARTICIPANT.c.code)
    )
    purges = (
        sa.select(AUDIT_EVENT.c.at, AUDIT_EVENT.c.details)
        .where(AUDIT_EVENT.c.kind == AuditKind.PURGE, AUDIT_EVENT.c.at >= since)
        .order_by(AUDIT_EVENT.c.id)
    )
    purged = [{"at": cell(at), **json.loads(details)} for at, details in connection.execute(purges)]
    return {
        "participants": [
            {"participant": code, "erased_at": cell(at), "rows": counts}
            for code, at, counts in connection.execute(erased)
        ],
        "purged": [one for one in purged if program is None or one.get("program") == program],
    }
