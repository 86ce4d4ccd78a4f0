"""What a coordinator does about a safety case, from new to the end, each step with its rules and in the audit trail.

new -> reviewing -> sent -> acknowledged          a report: passed on, and its receipt confirmed
                 -> not an event                  with a reason, and a second coordinator's
                 -> cleared                       distress: somebody saw to the person
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from sqlalchemy import Connection

from storage.database import audit
from storage.errors import StorageError
from storage.people.coordinators import CoordinatorRecord
from storage.safety import cases
from storage.safety.cases import NO_EVENT_SAYS, Case
from storage.schema import AuditKind, SafetyKind, SafetyStatus


class CaseAction(StrEnum):
    """What can be done about a case."""

    REVIEW = "review"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    NOT_EVENT = "not_event"
    CLEAR = "clear"


class CaseRefusal(StrEnum):
    """Why it can not be done."""

    SETTLED = "is settled already"
    NOT_SENT = "has not been sent, so there is no receipt to confirm"
    WRONG_KIND = "is of another kind: distress is cleared; a report is sent, or is no event"
    NO_REASON = "needs a reason for that"


class CaseRefused(StorageError):
    """A case cannot be treated so. Nothing has changed."""

    def __init__(self, case: Case, refusal: CaseRefusal) -> None:
        super().__init__(f"safety case {case.id} {refusal.value} (it is {case.status.value})")
        self.case, self.refusal = case, refusal


@dataclass(frozen=True, slots=True)
class CaseActionResult:
    """What a case is now. `first` is who said before that it is no event; None where nobody has."""

    status: SafetyStatus
    first: str | None = None


def act_on_case(
    connection: Connection,
    case: Case,
    what: CaseAction,
    *,
    by: CoordinatorRecord,
    reason: str = "",
    now: datetime,
) -> CaseActionResult:
    """
    Do it, in the caller's transaction. Whoever does something about a case that nobody looks after is its owner.

    Raises:
        CaseRefused: it cannot be done with this case, or wants a reason.
    """
    refusal = _refusal(case, what, reason)
    if refusal is not None:
        raise CaseRefused(case, refusal)
    done = _act(connection, case, what, by, reason.strip(), now)
    if what is CaseAction.REVIEW or case.owner is None:
        cases.change(connection, case.id, owner_id=by.id)
    audit.record(
        connection,
        AuditKind.SAFETY,
        participant_id=case.participant_id,
        now=now,
        case=case.id,
        act=what.value,
        by=by.code,
        before=case.status.value,
        after=done.status.value,
    )
    return done


def _refusal(case: Case, what: CaseAction, reason: str) -> CaseRefusal | None:
    distress = case.kind is SafetyKind.DISTRESS
    if what is not CaseAction.REVIEW and distress != (what is CaseAction.CLEAR):
        return CaseRefusal.WRONG_KIND
    if what is CaseAction.ACKNOWLEDGED and case.is_open:
        return CaseRefusal.NOT_SENT
    if case.status is not SafetyStatus.SENT if what is CaseAction.ACKNOWLEDGED else not case.is_open:
        return CaseRefusal.SETTLED
    if what in (CaseAction.CLEAR, CaseAction.NOT_EVENT) and not reason.strip():
        return CaseRefusal.NO_REASON
    return None


def _act(
    connection: Connection, case: Case, what: CaseAction, by: CoordinatorRecord, reason: str, now: datetime
) -> CaseActionResult:
    match what:
        case CaseAction.REVIEW:
            cases.change(connection, case.id, status=SafetyStatus.REVIEWING)
            return CaseActionResult(SafetyStatus.REVIEWING)
        case CaseAction.SENT:
            return _settle(connection, case, SafetyStatus.SENT, by, None, now)
        case CaseAction.ACKNOWLEDGED:
            cases.change(connection, case.id, status=SafetyStatus.ACKNOWLEDGED)
            return CaseActionResult(SafetyStatus.ACKNOWLEDGED)
        case CaseAction.CLEAR:
            return _settle(connection, case, SafetyStatus.CLEARED, by, reason, now)
        case CaseAction.NOT_EVENT:
            return _not_an_event(connection, case, by, reason, now)
        case _:
            assert_never(what)


def _settle(
    connection: Connection,
    case: Case,
    status: SafetyStatus,
    by: CoordinatorRecord,
    reason: str | None,
    now: datetime,
) -> CaseActionResult:
    cases.settle(connection, case.id, status, by=by.id, reason=reason, now=now)
    return CaseActionResult(status)


def _not_an_event(
    connection: Connection, case: Case, by: CoordinatorRecord, reason: str, now: datetime
) -> CaseActionResult:
    """Two coordinators must say so: the first one's word and reason stay with the case until another's come."""
    said = f"{by.code}: {reason}"
    first = case.first_word
    if first is None or first == by.code:
        values: dict[str, Any] = {"status": SafetyStatus.REVIEWING, "reason": said}
        cases.change(connection, case.id, details={**case.details, NO_EVENT_SAYS: by.code}, **values)
        return CaseActionResult(SafetyStatus.REVIEWING)
    both = f"{case.reason}; {said}"
    cases.settle(connection, case.id, SafetyStatus.NOT_AN_EVENT, by=by.id, reason=both, now=now)
    return CaseActionResult(SafetyStatus.NOT_AN_EVENT, first)
