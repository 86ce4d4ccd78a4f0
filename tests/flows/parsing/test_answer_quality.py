from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.formats.yaml_source import read_source
from flows.parsing.answer_quality import (
    FOLDER,
    QualityRuleFile,
    count_words,
    has_reason,
    plain,
    qualities,
    ruled_languages,
    specificity,
)
from flows.parsing.vocabulary import languages


@given(st.text("aB1 .,;!?", max_size=20))
def test_plain_letters_are_counted_as_by_the_boundaries(text):
    """What is counted without Unicode's rules is counted as by them: a letter of another script asks for these."""
    assert count_words(text) == count_words(f"{text} \u00e4") - 1


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


THIN = read_source(Path(__file__).parents[2] / "data" / "thin_answers.yaml").value


@pytest.mark.parametrize("language", THIN)
def test_a_reason_in_every_language(language):
    """What says why is seen in each language, and what only looks like it is not."""
    table = THIN[language]
    assert {text for text in table["reasons"] if not has_reason(text, language)} == set()
    assert {text for text in table["no_reasons"] if has_reason(text, language)} == set()


@pytest.mark.parametrize("language", THIN)
def test_specificity_in_every_language(language):
    """Who, what, when and how it will be known are seen in each language."""
    table = THIN[language]["commitments"]
    assert {text: specificity(text, language) for text in table} == table


@pytest.mark.parametrize("language", THIN)
def test_accents_and_capitals_do_not_matter(language):
    """What is typed in haste is seen as well."""
    table = THIN[language]
    for text in table["reasons"]:
        assert has_reason(plain(text).upper(), language)
    for text, points in table["commitments"].items():
        assert specificity(plain(text), language) == points


def test_every_language_has_rules():
    """A language in which people write has rules, with every key filled in, and a table that tries them."""
    assert ruled_languages() == set(languages()) == {"en", *THIN}
    for path in sorted(FOLDER.glob("*.yaml")):
        file = QualityRuleFile.model_validate(read_source(path).value)
        assert all((file.reason, file.who, file.what, file.when, file.measure))
        assert set(file.parts) == {"month", "day", "count"}


def test_no_rules_no_probe():
    """In a language without rules nobody is asked for what cannot be seen."""
    points = dict.fromkeys(("says_who", "says_what", "says_when", "says_measure"), True)
    assert qualities("Hei", "fi") == {
        "answer": "Hei",
        "words": 1,
        "has_reason": True,
        "specificity": 4,
        **points,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("my older patients", "who"),
        ("ask more", "what"),
        ("every Monday", "when"),
        ("Ask every patient at each visit", "who what when"),
        ("20%", "measure"),
        ("", ""),
    ],
)
def test_what_an_answer_says(text, said):
    """Each point of specificity can be looked at alone, so that only what is missing is asked for."""
    seen = qualities(text, "en")
    points = [name for name in ("who", "what", "when", "measure") if seen[f"says_{name}"]]
    assert points == said.split()
    assert len(points) == seen["specificity"]


@given(st.text(), st.sampled_from(["en", *THIN]))
def test_any_text(text, language):
    """No text raises; every figure stays in its range."""
    seen = qualities(text, language)
    assert seen["answer"] == text
    assert seen["words"] >= 0
    assert 0 <= seen["specificity"] <= 4
