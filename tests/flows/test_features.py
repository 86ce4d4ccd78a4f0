import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.features import count_words, features, has_reason, specificity


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("😀 ... !", 0),
        ("No", 1),
        ("I don't know", 3),
        ("3.5 mg ✅", 2),
        ("well-being matters", 3),
        ("नमस्ते दुनिया", 2),
        ("a\nb\tc", 3),
        ("Größere Schmerzen", 2),
    ],
)
def test_words_are_counted_by_unicode_boundaries(text, words):
    """Words of every script are counted; signs and emoji are none."""
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("because I was afraid", True),
        ("They never told me, so I stopped", True),
        ("So that I can plan my week", True),
        ("Since nobody called I was lost", True),
        ("to avoid another infection", True),
        ("that\u2019s why I left", True),
        ("I was afraid", False),
        ("since 2020", False),
        ("since March", False),
        ("so good", False),
    ],
)
def test_a_reason(text, reason):
    """Words that say why are seen; 'since' with a time is none."""
    assert has_reason(text, "en") is reason


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Be better at listening", 0),
        ("Communicate more", 0),
        ("I will do more", 0),
        ("be more aware of it", 0),
        ("Refer earlier", 1),
        ("I will screen for depression", 1),
        ("Involve patients in choices", 1),
        ("Discuss side effects with my patients", 2),
        ("ask about fatigue at least 8 out of 10 visits", 2),
        ("When I see a patient with neuropathy, I will reduce the dose", 3),
        ("Use the frailty score for patients over 75 before starting treatment", 3),
        ("Check vitamin D in all new patients at diagnosis", 3),
        ("I'll hand out the plan to carers on Mondays; target 80%", 4),
        (
            "I will ask every patient with myeloma about pain at each visit and audit 20 charts in June.",
            4,
        ),
    ],
)
def test_specificity_of_commitments(text, points):
    """One point each for who, what, when and how it will be known."""
    assert specificity(text, "en") == points


def test_no_rules_no_probe():
    """In a language without rules nobody is asked for what cannot be seen."""
    assert features("Hallo", "de") == {"answer": "Hallo", "words": 1, "has_reason": True, "specificity": 4}


@given(st.text())
def test_any_text(text):
    """No text raises; every figure stays in its range."""
    seen = features(text, "en")
    assert seen["answer"] == text
    assert seen["words"] >= 0
    assert 0 <= seen["specificity"] <= 4
