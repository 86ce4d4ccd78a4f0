"""The list of commitments: what may be shown of them, and nothing else."""

from datetime import timedelta

from flows.parsing.answer_quality import known_specificity
from storage.outcomes.tables.commitments import COMMITMENT_LIST
from storage.schema import SafetyKind, SafetyStatus
from tests.support.export_rows import NOW
from tests.support.report_rows import put_in_everything, small_report


def test_where_each_commitment_stands() -> None:
    """Wave by wave and at last; a late report beside the wave that closed without it. Erased people's are not there."""
    with small_report() as rows:
        put_in_everything(rows)
        found = {key: (row["waves"], row["latest"]) for (key,), row in rows.rows(COMMITMENT_LIST).items()}
    assert found == {
        "k1": ("30 partial; 60 full", "full"),
        "k2": ("30 no_response, late planned; 60 not_due", "planned"),
        "k3": ("30 opted_out; 60 opted_out", "opted_out"),
    }


def test_what_was_said_of_it() -> None:
    """Everything beside the words, with specificity read from them."""
    with small_report() as rows:
        put_in_everything(rows)
        one = rows.rows(COMMITMENT_LIST)["k2",]
    told = ("activity", "type", "objective", "words", "if_then", "start_on", "confidence", "sure", "foreseen")
    expected = ("autumn", None, None, "Ask each patient", "When I see one", "2026-04-01", 4, 5, None)
    assert tuple(one[name] for name in told) == expected
    assert one["specificity"] == known_specificity("Ask each patient", "en")


def test_identifiers_are_replaced() -> None:
    """Whoever reads the list learns no address."""
    with small_report() as rows:
        rows.commit(
            rows.talk(rows.person()), statement="Write to ann@example.org", if_then="Ask ben@example.org"
        )
        [one] = rows.rows(COMMITMENT_LIST).values()
    assert (one["words"], one["if_then"]) == ("Write to [email]", "Ask [email]")


def test_words_of_distress_and_words_taken_back_are_not_shown() -> None:
    """The commitment is listed, without them."""
    with small_report() as rows:
        first, second = (rows.talk(rows.person()) for _ in range(2))
        for talk in (first, second):
            rows.commit(talk, if_then="At the next visit")
        answer = rows.said(first, "c5", "I cannot go on")
        rows.case(SafetyKind.DISTRESS, SafetyStatus.NEW, NOW, answer_id=answer, conversation_id=first)
        rows.said(second, "c4", "Ask each patient", message_deleted_at=NOW + timedelta(days=1))
        found = rows.rows(COMMITMENT_LIST)
    assert [(row["words"], row["if_then"]) for row in found.values()] == [(None, None)] * 2
