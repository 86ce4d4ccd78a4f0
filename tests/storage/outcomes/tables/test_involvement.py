"""How patients were involved: what submissions tell, who took part, and what came of their points."""

from storage.export.measures.measure import Figure
from storage.outcomes.tables.involvement import (
    GRIPP2_FORM,
    GRIPP2_WORDS,
    INVOLVEMENT,
    PATIENT_PARTS,
    REVIEW_POINTS,
)
from storage.schema import SafetyKind, SafetyStatus
from tests.support.export_rows import NOW
from tests.support.report_rows import put_in_everything, put_in_submissions, small_report


def test_the_short_form_says_what_no_question_asks() -> None:
    """Five rows in the form's order; nothing to tell is nothing told, and erased authors' submissions are gone."""
    with small_report() as rows:
        put_in_submissions(rows)
        found = rows.rows(GRIPP2_FORM)
    told = {heading: row["told"] for (heading,), row in found.items()}
    assert list(told) == ["aim", "methods", "results", "discussion", "reflections"]
    assert found["aim",]["asked"] == "no question asks for it"
    one, none = Figure(1, 1, 1), Figure(0, 1, 1)
    assert list(told.values()) == [None, one, one, none, none]


def test_the_words_of_a_submission() -> None:
    """As they came where they could not be read, identifiers replaced."""
    with small_report() as rows:
        put_in_submissions(rows)
        words = [row["words"] for row in rows.rows(GRIPP2_WORDS).values()]
    assert words == ["Through a group", "A new case"]


def test_words_that_nobody_may_quote() -> None:
    """None that are personal or were taken back, and none from a conversation with words of distress."""
    with small_report() as rows:
        first, second = (rows.talk(rows.person(), "best_practice") for _ in range(2))
        rows.said(first, "f4", "Ask ann@example.org")
        rows.said(first, "f5", "Gone", message_deleted_at=NOW)
        rows.said(first, "f7", "Mine", personal=True)
        answer = rows.said(second, "f4", "I cannot go on")
        rows.case(SafetyKind.DISTRESS, SafetyStatus.CLEARED, NOW, answer_id=answer, conversation_id=second)
        words = [row["words"] for row in rows.rows(GRIPP2_WORDS).values()]
    assert words == ["Ask [email]"]


def test_what_patients_did_and_who_took_part() -> None:
    """Submissions by what was picked; people by what they finished; points by what was decided."""
    with small_report() as rows:
        put_in_everything(rows)
        did, parts, points = map(rows.rows, (INVOLVEMENT, PATIENT_PARTS, REVIEW_POINTS))
    assert did == {(code,): {"submissions": Figure(1, 1, 1)} for code in ("planned", "taught")}
    people = {part: (row["patients"], row["carers"]) for (part,), row in parts.items()}
    assert people == {"interviewed": (1, 0), "asked_again": (0, 0), "reviewed": (0, 1), "cosigned": (0, 0)}
    counts = {decision: row["points"] for (decision,), row in points.items()}
    assert counts == {"used": 1, "partly": 0, "not_used": 0, "open": 0}, "that there is no point is none"
    assert all(
        "finished" in measure.definition or "did" in measure.definition for measure in PATIENT_PARTS.measures
    )
    assert "only began" in PATIENT_PARTS.note
