"""What is kept beside an answer is no answer, nor is what a safety report keeps of somebody who was erased."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from flows.engine.effects import AnswerStatus, PromptKind
from flows.script.model import Flow, Role
from storage.export.measures.asked_answers import is_counted
from storage.export.measures.links import LENGTHS
from storage.export.measures.measure import MeasureTable
from storage.export.measures.questions import MINUTES, QUESTIONS, UNREAD
from storage.outcomes.tables.data_quality import QUALITY
from storage.outcomes.tables.involvement import REVIEW_POINTS
from storage.schema import ANSWER, CONVERSATION, ParticipantStatus
from tests.support.export_rows import NOW
from tests.support.report_rows import ReportRows, small_report

FLOW = Flow.model_validate(
    {
        "flow": "hcp_commitment",
        "title": "T",
        "language": "en",
        "audience": ["hcp"],
        "steps": [
            {
                "key": "a2",
                "kind": "number",
                "text": "How long?",
                "keeps_number": "a2_years",
                "bands": [{"code": "under_1", "label": "Less than 1 year", "low": 0, "high": 0}],
            },
            {
                "key": "a6",
                "kind": "select_many",
                "text": "Which?",
                "rotates": "a6_order",
                "choices": [{"code": "cost", "label": "Cost"}, {"code": "worry", "label": "Worry"}],
            },
            {"key": "a9", "kind": "text", "text": "What else?"},
        ],
    }
)


@pytest.fixture
def answered() -> Iterator[ReportRows]:
    """Three answers: a number that was typed and then replaced by a tap, picks, and one that was skipped."""
    with small_report() as rows:
        source = FLOW.model_dump_json(by_alias=True)
        rows.add("flowversion", hash="h", flow=FLOW.flow, source=source, first_used_at=NOW)
        talk = rows.talk(rows.person())
        rows.said(talk, "a2", "from_1_to_5", kind=PromptKind.NUMBER, superseded_at=NOW)
        rows.said(talk, "a2_years", 4, kind=PromptKind.NUMBER, superseded_at=NOW)
        rows.said(talk, "a2", "under_1", kind=PromptKind.NUMBER)
        rows.said(talk, "a2_years", None, kind=PromptKind.NUMBER, status=AnswerStatus.SKIPPED)
        rows.said(talk, "a6", ["cost"], kind=PromptKind.SELECT_MANY)
        rows.said(talk, "a6_order", 2, kind=PromptKind.NUMBER)
        rows.said(talk, "a9", None, status=AnswerStatus.SKIPPED)
        yield rows


def test_what_is_kept_beside_was_not_asked(answered: ReportRows):
    """Neither the number under a band nor the place of rotated choices, whose keys the flow's versions name."""
    found = sa.select(ANSWER.c.question_key).join(CONVERSATION).where(is_counted()).order_by(ANSWER.c.id)
    assert list(answered.connection.scalars(found)) == ["a2", "a2", "a6", "a9"]


def test_quality_counts_what_was_asked(answered: ReportRows):
    """Three answers stand, of which one was skipped, and one was replaced."""
    row = answered.rows(QUALITY)[FLOW.flow,]
    skipped = row["skipped"]
    assert (row["answers"], skipped.n, skipped.of, row["corrected"]) == (3, 1, 3, 1)


def test_response_counts_what_was_asked(answered: ReportRows):
    """No question of response is called after what is kept beside one, and no conversation is longer by it."""
    unread = answered.connection.execute(UNREAD, {"program": "p"}).all()
    assert [row.question_key for row in unread] == ["a9"]
    assert [row.answers for row in answered.connection.execute(LENGTHS, {"program": "p"})] == [3]


def put_in_what_a_report_keeps(rows: ReportRows, status: ParticipantStatus) -> None:
    """A finished review whose words, and a remark, a safety report that was passed on quotes."""
    talk = rows.talk(rows.person(Role.PATIENT, status=status), "content_review")
    rows.said(talk, "b3", "It made me ill", asked_at=NOW)
    words = {"raw": "It hurts", "shown_text": "", "language": "en", "channel": "telegram", "said_at": NOW}
    rows.add("remark", conversation_id=talk, number=1, slot="b3", **words)


@pytest.mark.parametrize("table", [QUALITY, MINUTES, QUESTIONS, REVIEW_POINTS], ids=lambda table: table.name)
def test_what_a_report_keeps_of_erased_people_is_not_counted(table: MeasureTable):
    """Words that are kept for a safety report alone are no answer, no remark and no point in any table."""
    with small_report() as rows:
        nobody = rows.rows(table)
        put_in_what_a_report_keeps(rows, ParticipantStatus.DELETED)
        assert rows.rows(table) == nobody
        put_in_what_a_report_keeps(rows, ParticipantStatus.ACTIVE)
        assert rows.rows(table) != nobody
