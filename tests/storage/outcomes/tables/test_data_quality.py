"""Answers that were skipped, could not be read, or were corrected."""

from flows.engine.effects import AnswerStatus, PromptKind
from storage.export.measures.measure import Figure
from storage.outcomes.tables.data_quality import QUALITY
from tests.support.export_rows import NOW
from tests.support.report_rows import small_report


def test_answers_that_stand_are_the_whole() -> None:
    """A correction is counted apart, and consents are no answers to a question."""
    with small_report() as rows:
        talk = rows.talk(rows.person())
        rows.said(talk, "c0", True, kind=PromptKind.CONSENT)
        rows.said(talk, "c1", "nurse", superseded_at=NOW)
        rows.said(talk, "c1", "physician")
        rows.said(talk, "c5", None, status=AnswerStatus.SKIPPED)
        rows.said(talk, "c6", None, status=AnswerStatus.UNPARSED)
        rows.said(talk, "c7", None, status=AnswerStatus.UNPARSED)
        found = rows.rows(QUALITY)
    assert found == {
        ("hcp_commitment",): {
            "conversations": 1,
            "answers": 4,
            "corrected": 1,
            "skipped": Figure(1, 4, 1),
            "not_understood": Figure(2, 4, 1),
        }
    }
