"""The draft of the structured abstract: its parts, their words, and what is not told."""

import pytest

from storage.outcomes.abstract import NOTICE, AbstractDraft, AbstractPart, count_words, draft_abstracts
from storage.schema import ImplementationStatus
from tests.support.planned_changes import PROGRAM, Changes, changes

LIMITS = {
    "gap": 100,
    "knowledge": 50,
    "competence": 50,
    "performance": 50,
    "change": 50,
    "format": 25,
    "competencies": None,
}


def drafts(rows: Changes) -> dict[str, AbstractDraft]:
    return {one.activity: one for one in draft_abstracts(rows.connection, PROGRAM)}


def texts(draft: AbstractDraft) -> dict[str, str]:
    return {part.key: part.text for part in draft.parts}


def test_parts_and_limits_are_those_of_the_form() -> None:
    """Gap 100 words, each need 50, designed to change 50, format 25; the notice says that it is a draft of a form."""
    with changes() as rows:
        found = drafts(rows)
    assert list(found) == ["spring", "autumn"]
    for one in found.values():
        assert {part.key: part.limit for part in one.parts} == LIMITS
        assert all(part.hint for part in one.parts)
        assert one.notice == NOTICE
    assert "draft" in NOTICE
    assert "2014" in NOTICE
    assert "check" in NOTICE


def test_nothing_known_is_left_to_write() -> None:
    """A part of which nothing was counted is empty, and so are competencies always."""
    with changes() as rows:
        told = texts(drafts(rows)["autumn"])
    assert told == {**dict.fromkeys(LIMITS, ""), "format": "Autumn day."}


def test_the_draft_tells_what_was_counted() -> None:
    """Themes by people, the barrier of knowledge, commitments after this activity, barriers met, objectives, waves."""
    with changes() as rows:
        for _ in range(5):
            rows.interview(["body"])
        for _ in range(6):
            rows.told(
                rows.person(),
                ImplementationStatus.PARTIAL,
                "skill",
                theme="body",
                foreseen_barriers=["skill"],
            )
        told = texts(drafts(rows)["spring"])
    assert "Of 5 patients and carers" in told["gap"]
    assert "Symptoms (raised by 5)" in told["gap"]
    assert "in this program who began the interview" in told["gap"]
    assert "6 foresaw it" in told["knowledge"]
    assert "in this program" in told["knowledge"]
    assert told["performance"].startswith("In this program,")
    assert "6 clinicians" in told["competence"]
    assert "Symptoms (6)" in told["competence"]
    assert told["performance"].endswith("I need more knowledge or practice (6).")
    assert told["change"].endswith("Ask about side effects early.")
    assert told["format"] == (
        "Spring day (2026-03-19), with commitments to change and follow-up after 30 and 60 days."
    )


def test_few_people_are_not_counted_out() -> None:
    """Fewer than five are told as that: an abstract leaves the house."""
    with changes() as rows:
        rows.interview(["body"])
        rows.told(rows.person(), ImplementationStatus.FULL, theme="body")
        told = texts(drafts(rows)["spring"])
    assert "Of fewer than 5 patients" in told["gap"]
    assert "raised by fewer than 5" in told["gap"]
    assert "fewer than 5 clinicians" in told["competence"]


def test_what_the_activity_answers_comes_first() -> None:
    """Whatever most people raised: the themes of the activity's objectives go before the others."""
    with changes() as rows:
        for _ in range(7):
            rows.interview(["cost"])
        rows.interview(["body"])
        told = drafts(rows)
    assert texts(told["spring"])["gap"].index("Symptoms") < texts(told["spring"])["gap"].index("Cost")
    assert "Symptoms" in texts(told["autumn"])["gap"]
    assert texts(told["autumn"])["gap"].index("Cost") < texts(told["autumn"])["gap"].index("Symptoms")


def test_no_part_is_too_long() -> None:
    """With many themes, objectives and barriers of many words, what does not fit is left out whole."""
    with changes() as rows:
        words = " ".join(["word"] * 12)
        for number in range(30):
            rows.add("theme", program_id=1, code=f"t{number}", label=words)
            rows.add("objective", activity_id=1, code=f"o{number}", text=words, theme=f"t{number}")
            rows.interview([f"t{number}"])
            rows.told(rows.person(), ImplementationStatus.PARTIAL, f"b{number}", theme=f"t{number}")
        spring = drafts(rows)["spring"]
    assert all(not part.is_too_long for part in spring.parts)
    assert all(part.text.endswith(".") for part in spring.parts if part.text)
    assert {part.key for part in spring.parts if part.words} >= {"gap", "competence", "change"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("  \n ", 0),
        ("one", 1),
        ("one, two\nthree", 3),
        ("50 %", 2),
        ("a-b/c", 1),
        ("a\u00a0b\ufeffc\x1cd", 3),
    ],
)
def test_words_stand_between_blanks(text: str, words: int) -> None:
    """As `text.trim().split(/\\s+/)` counts on the page."""
    assert count_words(text) == words
    assert AbstractPart("k", "t", words or None, text, "h").is_too_long is False
    assert AbstractPart("k", "t", words, f"{text} more", "h").is_too_long is True
