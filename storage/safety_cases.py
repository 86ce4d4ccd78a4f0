"""Safety cases: opened in the turn that stores the words, added to, seen to. No words of a person but in `details`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import SQLModel

import storage.models  # noqa: F401 - registers the tables that are looked up by name below
from storage.models import SafetyKind, SafetyStatus

_TABLES = SQLModel.metadata.tables
CASE, PARTICIPANT, ANSWER, PROGRAM = (
    _TABLES[name] for name in ("safety_case", "participant", "answer", "program")
)

OPEN: Final = frozenset({SafetyStatus.NEW, SafetyStatus.REVIEWING})
_UNSETTLED = sa.text("safety_case.status IN ('new', 'reviewing')")
"""Word for word the condition of the partial index, which bound parameters would not use."""

_ON_HOLD = (
    sa.select(CASE.c.id)
    .where(
        CASE.c.participant_id == sa.bindparam("participant"), _UNSETTLED, CASE.c.kind == SafetyKind.DISTRESS
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found in one text, as it is kept. `slot` is the answer's, None for words that are no answer."""

    participant_id: int
    program_id: int
    conversation_id: int | None
    kind: SafetyKind
    kinds: Sequence[str]
    elements: Iterable[str]
    products: Iterable[str]
    slot: str | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A case as a coordinator sees it: codes and times, nobody's words."""

    id: int
    participant_id: int
    participant: str
    program: str
    kind: SafetyKind
    status: SafetyStatus
    opened_at: datetime
    due_at: datetime
    elements: tuple[str, ...]
    products: tuple[str, ...]
    details: dict[str, Any]

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


def on_hold(connection: Connection, participant_id: int) -> bool:
    """Whether the person was at risk and nobody of the team has seen to it: nothing of our own accord till then."""
    return connection.scalar(_ON_HOLD, {"participant": participant_id}) is not None


def keep(connection: Connection, finding: Finding, now: datetime) -> tuple[int, bool]:
    """
    Open a case, or add to the one of this kind that is open for this talk.

    Returns:
        Its number, and whether it is new.
    """
    elements, products = sorted(finding.elements), sorted(finding.products)
    row = _open_one(connection, finding)
    if row is not None:
        details = {**row.details, "hits": row.details.get("hits", 1) + 1}
        details["kinds"] = sorted({*row.details.get("kinds", ()), *finding.kinds})
        values = {
            "elements": sorted({*row.elements, *elements}),
            "products": sorted({*row.products, *products}),
            "details": details,
        }
        connection.execute(CASE.update().where(CASE.c.id == row.id).values(**values))
        return int(row.id), False
    key = connection.execute(
        CASE.insert().values(
            participant_id=finding.participant_id,
            program_id=finding.program_id,
            conversation_id=finding.conversation_id,
            answer_id=_answer_id(connection, finding),
            kind=finding.kind,
            status=SafetyStatus.NEW,
            opened_at=now,
            due_at=finding.due_at,
            elements=elements,
            products=products,
            details={"hits": 1, "kinds": sorted(finding.kinds)},
        )
    ).inserted_primary_key
    assert key is not None
    return int(key[0]), True


def _open_one(connection: Connection, finding: Finding) -> sa.Row[Any] | None:
    """The open case of a talk; distress is one case of a person, in whatever talk."""
    distress = finding.kind is SafetyKind.DISTRESS
    same_kind = CASE.c.kind == SafetyKind.DISTRESS if distress else CASE.c.kind != SafetyKind.DISTRESS
    query = sa.select(CASE).where(CASE.c.participant_id == finding.participant_id, _UNSETTLED, same_kind)
    if not distress:
        query = query.where(CASE.c.conversation_id.is_not_distinct_from(finding.conversation_id))
    return connection.execute(query.order_by(CASE.c.id.desc()).limit(1)).first()


def _answer_id(connection: Connection, finding: Finding) -> int | None:
    if finding.slot is None or finding.conversation_id is None:
        return None
    mine = (ANSWER.c.conversation_id == finding.conversation_id) & (ANSWER.c.slot == finding.slot)
    found: int | None = connection.scalar(sa.select(sa.func.max(ANSWER.c.id)).where(mine))
    return found


def note(
    connection: Connection,
    conversation_id: int,
    name: str,
    words: str,
    *,
    elements: Iterable[str] = (),
    products: Iterable[str] = (),
) -> None:
    """Keep what was answered to one of our questions with the talk's open case; the latest answer counts."""
    mine = (CASE.c.conversation_id == conversation_id) & (CASE.c.kind != SafetyKind.DISTRESS)
    row = connection.execute(sa.select(CASE).where(mine).order_by(CASE.c.id.desc()).limit(1)).first()
    if row is None:
        return
    details = {**row.details, "answers": {**row.details.get("answers", {}), name: words}}
    values = {
        "details": details,
        "elements": sorted({*row.elements, *elements}),
        "products": sorted({*row.products, *products}),
    }
    connection.execute(CASE.update().where(CASE.c.id == row.id).values(**values))


def listed(connection: Connection, *, only_open: bool = True, case_id: int | None = None) -> tuple[Case, ...]:
    """Cases, the one that is due first before the others."""
    query = (
        sa.select(CASE, PARTICIPANT.c.code, PROGRAM.c.slug)
        .join(PARTICIPANT, PARTICIPANT.c.id == CASE.c.participant_id)
        .join(PROGRAM, PROGRAM.c.id == CASE.c.program_id)
        .order_by(CASE.c.due_at, CASE.c.id)
    )
    if case_id is not None:
        query = query.where(CASE.c.id == case_id)
    elif only_open:
        query = query.where(_UNSETTLED)
    return tuple(_case(row) for row in connection.execute(query))


def _case(row: sa.Row[Any]) -> Case:
    return Case(
        id=row.id,
        participant_id=row.participant_id,
        participant=row.code,
        program=row.slug,
        kind=row.kind,
        status=row.status,
        opened_at=row.opened_at,
        due_at=row.due_at,
        elements=tuple(row.elements),
        products=tuple(row.products),
        details=row.details,
    )


def settle(
    connection: Connection,
    case_id: int,
    status: SafetyStatus,
    *,
    by: int | None,
    reason: str | None = None,
    details: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Say what became of a case, and which coordinator said so."""
    values: dict[str, Any] = {"status": status, "settled_by": by, "settled_at": now}
    if reason is not None:
        values["reason"] = reason
    if details is not None:
        values["details"] = details
    connection.execute(CASE.update().where(CASE.c.id == case_id).values(**values))
