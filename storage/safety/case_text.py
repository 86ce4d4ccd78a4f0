"""Read the words behind a safety case, redacted, for whoever writes the report. That they were shown is audited."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from storage.database import audit
from storage.people import coordinators
from storage.programs import whereabouts
from storage.redaction import redacted
from storage.safety import reading
from storage.safety.cases import SAID, Case
from storage.safety.text_signals import texts_of
from storage.schema import ANSWER, REMARK, AuditKind, ReadingWay


@dataclass(frozen=True, slots=True)
class CaseText:
    """The words behind a safety case, redacted: what was said, and the answers to the questions for a report.

    `answers` are by the names of the questions. `text` is None, and `answers` {}, where nothing is left.
    """

    text: str | None
    answers: dict[str, str]


def read_case_text(connection: Connection, case: Case, *, by: str | None, now: datetime) -> CaseText:
    """Return the redacted words of a case, and audit that they were shown to `by`.

    `by` is a coordinator's code, None where whoever reads gave none. What was shown to a coordinator counts as read
    once they take a step with the case (`storage.safety.reading`).
    """
    sources = case.sources
    said = (
        connection.scalar(sa.select(table.c.raw).where(table.c.id == number))
        for table, key in ((ANSWER, "answer_id"), (REMARK, "remark_id"))
        for number in sources[key]
    )
    audit.record(connection, AuditKind.VIEW, participant_id=case.participant_id, now=now, case=case.id, by=by)
    who = None if by is None else coordinators.find_by_code(connection, by)
    if who is not None:
        reading.keep_shown(connection, texts_of(case), ReadingWay.CASE, by=who, now=now)
    answers = dict(case.details.get("answers", {}))
    text = "\n".join(filter(None, (*said, answers.pop(SAID, None))))
    regions = whereabouts.of_participant(connection, case.participant_id)
    shown = {name: redacted(words, regions) for name, words in answers.items()}
    return CaseText(redacted(text, regions) or None, shown)
