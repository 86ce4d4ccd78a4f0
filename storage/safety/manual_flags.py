"""Open cases that a coordinator finds by hand, where the rules found nothing.

The clock runs from when the words were stored, as for every other case: we had them from then on, whoever read them
when (docs/why/safety-by-hand.md). So such a case may be overdue at once, and says so.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.program.model import ProgramFile
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import ReportElement, SafetyFinding, elements, scan
from flows.schedule.business_days import report_due
from storage.database import audit
from storage.errors import StorageError
from storage.people.coordinators import CoordinatorRecord
from storage.programs import programs
from storage.safety import cases, reading
from storage.safety.cases import Case
from storage.safety.text_signals import TextKind, TextSource
from storage.schema import ANSWER, CONVERSATION, PARTICIPANT, REMARK, SAFETY_LOOK, AuditKind, SafetyKind


class NoSuchWords(StorageError):
    """There is no answer, or no remark, of that number with words of that participant."""

    def __init__(self, flag: "ManualFlag") -> None:
        """Name the participant's code, and the answer or the remark."""
        super().__init__(
            f"there is no {flag.source} with words of {flag.participant};"
            " `said safety sample` and exports have the numbers"
        )


@dataclass(frozen=True, slots=True)
class ManualFlag:
    """Words that a coordinator flags: the participant's code, the number of the answer, and what was found.

    With `is_remark` the number is that of a remark.
    """

    participant: str
    number: int
    kind: SafetyKind = SafetyKind.ADVERSE_EVENT
    is_remark: bool = False

    @property
    def source(self) -> str:
        """Return "answer" or "remark" with the number."""
        return f"{'remark' if self.is_remark else 'answer'} {self.number}"


@dataclass(frozen=True, slots=True)
class FlaggedCase:
    """The safety case of flagged words, and whether it is new; else the words were added to an open one."""

    case: Case
    is_new: bool


def flag_words(
    connection: Connection, flag: ManualFlag, *, by: CoordinatorRecord, now: datetime
) -> FlaggedCase:
    """Open a safety case for an answer or a remark, or add it to the open one that it belongs to, and audit it.

    Where the words were drawn for a sample, they count as looked at; where they were shown to `by`, as read.

    Raises:
        NoSuchWords: no such answer or remark of this participant, or its words are gone.
    """
    row = _words(connection, flag)
    if row is None:
        raise NoSuchWords(flag)
    program = programs.program_file(connection, row.program_id)
    finding = scan(row.raw, products=program.known_products, languages=SHIPPED)
    case_id, is_new = cases.open_or_extend(
        connection,
        cases.CaseFinding(
            participant_id=row.participant_id,
            program_id=row.program_id,
            conversation_id=row.conversation_id,
            kind=flag.kind,
            kinds=[flag.kind.value],
            elements=() if flag.kind is SafetyKind.DISTRESS else _known(finding),
            products={mention.product for mention in finding.products},
            slot=None,
            due_at=report_due_at(program, row.stored_at),
            answer_id=None if flag.is_remark else flag.number,
            remark_id=flag.number if flag.is_remark else None,
            flagged_by=by.id,
            flagged_at=now,
        ),
        row.stored_at,
    )
    drawn = SAFETY_LOOK.c.remark_id if flag.is_remark else SAFETY_LOOK.c.answer_id
    connection.execute(
        SAFETY_LOOK.update()
        .where(drawn == flag.number, SAFETY_LOOK.c.looked_at.is_(None))
        .values(looked_at=now, looked_by=by.id, found=True)
    )
    flagged = TextSource(TextKind.REMARK if flag.is_remark else TextKind.ANSWER, flag.number)
    reading.mark_shown(connection, [flagged], by=by, now=now)
    audit.record(
        connection,
        AuditKind.FLAG,
        participant_id=row.participant_id,
        now=now,
        case=case_id,
        by=by.code,
        **{"remark" if flag.is_remark else "answer": flag.number},
        kinds=[flag.kind.value],
    )
    case = cases.find(connection, case_id)
    assert case is not None
    return FlaggedCase(case, is_new)


def report_due_at(program: ProgramFile, stored_at: datetime) -> datetime:
    """Return when a safety report is due on words that were stored then, by the program's calendar and time zone."""
    calendar = program.business_calendar
    country, part = (calendar.country, calendar.subdivision) if calendar is not None else (None, None)
    return report_due(stored_at, program.timezone, country, part)


def _words(connection: Connection, flag: ManualFlag) -> Any:
    """Return the answer or remark with its conversation; None if the participant has none such with words."""
    table, moment = (REMARK, "said_at") if flag.is_remark else (ANSWER, "answered_at")
    query = (
        sa.select(
            table.c.raw,
            table.c[moment].label("stored_at"),
            table.c.conversation_id,
            CONVERSATION.c.participant_id,
            CONVERSATION.c.program_id,
        )
        .join(CONVERSATION, CONVERSATION.c.id == table.c.conversation_id)
        .join(PARTICIPANT, PARTICIPANT.c.id == CONVERSATION.c.participant_id)
        .where(table.c.id == flag.number, table.c.raw != "")
        .where(sa.func.upper(PARTICIPANT.c.code) == flag.participant.strip().upper())
    )
    return connection.execute(query).first()


def _known(finding: SafetyFinding) -> set[str]:
    """Return the elements of a report that the rules see, and that something happened: a coordinator says so."""
    return {element.value for element in elements(finding)} | {ReportElement.REACTION.value}
