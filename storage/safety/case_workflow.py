"""Carry out what a coordinator decides about a safety case, each step with its rules and in the audit trail.

new -> reviewing -> sent -> acknowledged          a report: passed on, and its receipt confirmed
                 -> not an event                  with a reason, and a second coordinator's
                 -> cleared                       distress: somebody saw to the participant
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from sqlalchemy import Connection

from storage.database import audit
from storage.errors import StorageError
from storage.people.coordinators import CoordinatorRecord
from storage.safety import cases, reading
from storage.safety.cases import NO_EVENT_SAYS, Case, CaseSettlement
from storage.safety.text_signals import texts_of
from storage.schema import AuditKind, SafetyKind, SafetyStatus


class CaseAction(StrEnum):
    """What a coordinator can do about a safety case."""

    REVIEW = "review"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    NOT_EVENT = "not_event"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class CaseDecision:
    """What a coordinator decided to do about a safety case, and when. A `reason` of blanks is none."""

    action: CaseAction
    by: CoordinatorRecord
    at: datetime
    reason: str = ""


class CaseRefusal(StrEnum):
    """Why an action on a safety case is refused, in words that go on from 'safety case 7'."""

    SETTLED = "is settled already"
    NOT_SENT = "has not been sent, so there is no receipt to confirm"
    WRONG_KIND = "is of another kind: distress is cleared; a report is sent, or is no event"
    NO_REASON = "needs a reason for that"


class CaseRefused(StorageError):
    """An action on a safety case was refused. Nothing has changed."""

    def __init__(self, case: Case, refusal: CaseRefusal) -> None:
        """Say which case, and why."""
        super().__init__(f"safety case {case.id} {refusal.value} (it is {case.status.value})")
        self.case, self.refusal = case, refusal


@dataclass(frozen=True, slots=True)
class CaseActionResult:
    """The status of a safety case after an action.

    `first` is the code of the coordinator who said before this one that it is no event; None where nobody has.
    """

    status: SafetyStatus
    first: str | None = None


def act_on_case(connection: Connection, case: Case, decision: CaseDecision) -> CaseActionResult:
    """
    Carry out what a coordinator decided about a case, in the caller's transaction, and audit it.

    Whoever acts on a case that has no owner becomes its owner. Its words that were shown to them before are read now.

    Raises:
        CaseRefused: it cannot be done with this case, or wants a reason.
    """
    decision = replace(decision, reason=decision.reason.strip())
    refusal = _refusal(case, decision)
    if refusal is not None:
        raise CaseRefused(case, refusal)
    result = _carry_out(connection, case, decision)
    reading.mark_shown(connection, texts_of(case), by=decision.by, now=decision.at)
    if decision.action is CaseAction.REVIEW or case.owner is None:
        cases.change(connection, case.id, owner_id=decision.by.id)
    audit.record(
        connection,
        AuditKind.SAFETY,
        participant_id=case.participant_id,
        now=decision.at,
        case=case.id,
        act=decision.action.value,
        by=decision.by.code,
        before=case.status.value,
        after=result.status.value,
    )
    return result


def _refusal(case: Case, decision: CaseDecision) -> CaseRefusal | None:
    """Return why a decision cannot be carried out; None if it can."""
    what = decision.action
    distress = case.kind is SafetyKind.DISTRESS
    if what is not CaseAction.REVIEW and distress != (what is CaseAction.CLEAR):
        return CaseRefusal.WRONG_KIND
    if what is CaseAction.ACKNOWLEDGED and case.is_open:
        return CaseRefusal.NOT_SENT
    if case.status is not SafetyStatus.SENT if what is CaseAction.ACKNOWLEDGED else not case.is_open:
        return CaseRefusal.SETTLED
    if what in (CaseAction.CLEAR, CaseAction.NOT_EVENT) and not decision.reason:
        return CaseRefusal.NO_REASON
    return None


def _carry_out(connection: Connection, case: Case, decision: CaseDecision) -> CaseActionResult:
    """Change the case as decided, and return what it is now."""
    match decision.action:
        case CaseAction.REVIEW:
            return _set_status(connection, case, SafetyStatus.REVIEWING)
        case CaseAction.SENT:
            return _settle(connection, case, SafetyStatus.SENT, decision, None)
        case CaseAction.ACKNOWLEDGED:
            return _set_status(connection, case, SafetyStatus.ACKNOWLEDGED)
        case CaseAction.CLEAR:
            return _settle(connection, case, SafetyStatus.CLEARED, decision, decision.reason)
        case CaseAction.NOT_EVENT:
            return _not_an_event(connection, case, decision)
        case _:
            assert_never(decision.action)


def _set_status(connection: Connection, case: Case, status: SafetyStatus) -> CaseActionResult:
    """Change nothing but the status of a case."""
    cases.change(connection, case.id, status=status)
    return CaseActionResult(status)


def _settle(
    connection: Connection, case: Case, status: SafetyStatus, decision: CaseDecision, reason: str | None
) -> CaseActionResult:
    """Settle a case."""
    cases.settle(connection, case.id, CaseSettlement(status, decision.by.id, decision.at, reason))
    return CaseActionResult(status)


def _not_an_event(connection: Connection, case: Case, decision: CaseDecision) -> CaseActionResult:
    """Record that a coordinator finds that a case is no event; settle it once a second one has said so.

    The first one's code and reason stay with the case until another's come.
    """
    by = decision.by
    said = f"{by.code}: {decision.reason}"
    first = case.first_word
    if first is None or first == by.code:
        values: dict[str, Any] = {"status": SafetyStatus.REVIEWING, "reason": said}
        cases.change(connection, case.id, details={**case.details, NO_EVENT_SAYS: by.code}, **values)
        return CaseActionResult(SafetyStatus.REVIEWING)
    _settle(connection, case, SafetyStatus.NOT_AN_EVENT, decision, f"{case.reason}; {said}")
    return CaseActionResult(SafetyStatus.NOT_AN_EVENT, first)
