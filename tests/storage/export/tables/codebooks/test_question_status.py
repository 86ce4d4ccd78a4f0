"""What became of a question: a closed set, in which each status of an answer has its place."""

import pytest

from flows.engine.effects import AnswerStatus
from storage.export.tables.codebooks.question_status import QuestionStatus, status_of


@pytest.mark.parametrize("status", list(AnswerStatus))
def test_every_status_of_an_answer_has_its_own(status: AnswerStatus):
    """No two statuses of answers fall together, and none stands for a question without an answer."""
    found = {one: status_of(one, was_put=True) for one in AnswerStatus}
    assert len(set(found.values())) == len(found)
    assert found[status] not in {
        QuestionStatus.NOT_ASKED,
        QuestionStatus.NOT_ANSWERED,
        QuestionStatus.NO_CONVERSATION,
    }


def test_what_was_put_is_told_from_what_was_not():
    """A talk that broke off at a question says so; what came after it was not asked."""
    assert status_of(None, was_put=True) is QuestionStatus.NOT_ANSWERED
    assert status_of(None, was_put=False) is QuestionStatus.NOT_ASKED
