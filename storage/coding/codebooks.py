"""Keep the codebooks of programs: each version as it was loaded, for good. The newest that was loaded is in use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.coding.codebook import Codebook
from storage.coding.errors import CodingError
from storage.database import audit
from storage.people.coordinators import CoordinatorRecord
from storage.programs import programs
from storage.schema import CODEBOOK, COORDINATOR, PROGRAM, THEME, AuditKind


@dataclass(frozen=True, slots=True)
class KeptCodebook:
    """A version of a codebook. `loaded_by` is a coordinator's code."""

    id: int
    program_id: int
    codebook: Codebook
    loaded_by: str
    loaded_at: datetime


def load(connection: Connection, codebook: Codebook, *, by: CoordinatorRecord, now: datetime) -> bool:
    """Keep a version of a codebook, and use it from now on; return False where it is the one in use already.

    Each code becomes a theme of the program, unless it is one.

    Raises:
        CodingError: there is no such program, or this version was loaded with other content, or replaced since.
    """
    program = programs.find(connection, codebook.codebook)
    if program is None:
        raise CodingError(f"there is no programme {codebook.codebook!r}; see `said program list`")
    before = [one.codebook for one in versions(connection, program.id)]
    if before and before[0] == codebook:
        return False
    if codebook in before:
        raise CodingError(
            f"version {codebook.version!r} was replaced by version {before[0].version!r}; give it a new version to use"
            " it again"
        )
    if any(one.version == codebook.version for one in before):
        raise CodingError(
            f"version {codebook.version!r} of the codebook of {codebook.codebook!r} was loaded with other content:"
            " what was coded by it must stay readable; give the changed one a version of its own"
        )
    connection.execute(
        CODEBOOK.insert().values(
            program_id=program.id,
            version=codebook.version,
            content=codebook.model_dump(mode="json"),
            loaded_by=by.id,
            loaded_at=now,
        )
    )
    known = theme_ids(connection, program.id)
    new = [one for one in codebook.codes if one.code not in known]
    if new:
        rows = [{"program_id": program.id, "code": one.code, "label": one.label} for one in new]
        connection.execute(THEME.insert(), rows)
    what = {"what": "codebook", "program": program.slug, "version": codebook.version, "by": by.code}
    audit.record(connection, AuditKind.CODING, participant_id=None, now=now, **what)
    return True


def in_use(connection: Connection, program_id: int) -> KeptCodebook | None:
    """Return the codebook that a program is coded by now; None if none was loaded."""
    row = connection.execute(_rows(program_id).limit(1)).first()
    return None if row is None else _kept(row)


def required(connection: Connection, program_id: int) -> KeptCodebook:
    """Return the codebook that a program is coded by now.

    Raises:
        CodingError: none was loaded.
    """
    found = in_use(connection, program_id)
    if found is None:
        raise CodingError("the programme has no codebook; load one with `said codebook load FILE --by CODE`")
    return found


def versions(connection: Connection, program_id: int) -> tuple[KeptCodebook, ...]:
    """Return all versions of a program's codebook, the one in use first."""
    return tuple(_kept(row) for row in connection.execute(_rows(program_id)))


def theme_ids(connection: Connection, program_id: int) -> dict[str, int]:
    """Return the numbers of a program's themes by code; each code of its codebooks is among them."""
    rows = connection.execute(sa.select(THEME.c.code, THEME.c.id).where(THEME.c.program_id == program_id))
    return {str(code): int(number) for code, number in rows}


def program_number(connection: Connection, slug: str) -> int:
    """Return the number of the program of a short name.

    Raises:
        CodingError: there is none.
    """
    found: int | None = connection.scalar(sa.select(PROGRAM.c.id).where(PROGRAM.c.slug == slug))
    if found is None:
        raise CodingError(f"there is no programme {slug!r}; see `said program list`")
    return found


def _rows(program_id: int) -> sa.Select[Any]:
    """Select the versions of a program's codebook, the newest first."""
    return (
        sa.select(CODEBOOK, COORDINATOR.c.code.label("loader"))
        .join(COORDINATOR, COORDINATOR.c.id == CODEBOOK.c.loaded_by)
        .where(CODEBOOK.c.program_id == program_id)
        .order_by(CODEBOOK.c.id.desc())
    )


def _kept(row: sa.Row[Any]) -> KeptCodebook:
    codebook = Codebook.model_validate(row.content)
    return KeptCodebook(row.id, row.program_id, codebook, row.loader, row.loaded_at)
