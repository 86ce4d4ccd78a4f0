"""Read the words behind a safety case, redacted, for whoever writes the report. That they were shown is audited."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from storage.conversations import kept_redactions
from storage.conversations.kept_redactions import WordsTable
from storage.database import audit
from storage.people import coordinators
from storage.programs import whereabouts
from storage.redaction import redacted
from storage.safety import reading
from storage.safety.cases import SAID, Case
from storage.safety.text_signals import texts_of
from storage.schema import AuditKind, ReadingWay


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
    said = [
        shown[number]["raw"]
        for table, key in ((WordsTable.ANSWER, "answer_id"), (WordsTable.REMARK, "remark_id"))
        for shown in (kept_redactions.shown_words(connection, table, sources[key]),)
        for number in sources[key]
        if number in shown
    ]
    audit.record(connection, AuditKind.VIEW, participant_id=case.participant_id, now=now, case=case.id, by=by)
    who = None if by is None else coordinators.find_by_code(connection, by)
    if who is not None:
        reading.keep_shown(connection, texts_of(case), ReadingWay.CASE, by=who, now=now)
    answers = dict(case.details.get("answers", {}))
    # What a case alone holds, words outside of all talks and answers to its questions, has no kept form: these are
    # a few words of few people, read when a case is, and go through the rules here.
    regions = whereabouts.of_participant(connection, case.participant_id)
    own = {name: redacted(words, regions) for name, words in answers.items()}
    text = "\n".join(filter(None, (*said, own.pop(SAID, None))))
    return CaseText(text or None, own)
