"""The order of reading, which sentences are the same, and which words stand in others."""

import pytest

from flows.safety.reading import sentence_key, stands_whole

WEEPS = "\N{LOUDLY CRYING FACE}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("All  good.", "all good"),
        ("It's fine, thanks", "its fine thanks"),
        ("¿Todo bien?", "todo bien??"),
        ("\u0628\u062e\u064a\u0631\u061f", "\u0628\u062e\u064a\u0631?"),
        ("fine...", "fine \u2026"),
        (f"fine{WEEPS}", f"Fine {WEEPS}{WEEPS}"),
        ("\N{HEAVY BLACK HEART}\ufe0f", "\N{HEAVY BLACK HEART}"),
    ],
)
def test_the_same_sentence(one, other):
    """Case, accents, spaces, full stops and commas are no matter, nor how often a sign stands in a row."""
    assert sentence_key(one) == sentence_key(other) != ""


@pytest.mark.parametrize(
    "other", [f"fine {WEEPS}", "fine?", "fine!", "fine...", "fine :(", "fine :)", "- fine", "FINE*", "fin"]
)
def test_another_sentence(other):
    """A face, a question mark or three dots say something else."""
    assert sentence_key("fine") != sentence_key(other)


@pytest.mark.parametrize("other", ["took \u00bc tablet", "took tablet", "took 1\u00bd tablet"])
def test_a_fraction_is_a_word(other):
    """Folding drops fractions, and another dose is another sentence."""
    assert sentence_key("took \u00bd tablet") != sentence_key(other)


def test_signs_count_where_they_stand():
    """The same words and signs in another order are not the same."""
    assert sentence_key("no? yes") != sentence_key("no yes?")


@pytest.mark.parametrize(
    ("part", "text", "stands"),
    [
        ("ill", "I was ill.", True),
        (" ill ", "ill", True),
        ("ill", "I will", False),
        ("ill", "will you say that I am ill", True),
        ("no", "no-one", False),
        ("5", "5.5 mg", False),
        ("5", "I took 5.", True),
        ("first part", "first part\nsecond part", True),
        ("fine", f"fine {WEEPS}", True),
        ("\u0915\u092e", "\u0915\u092e\u0940", False),
        ("don", "don't", False),
        ("", "anything", True),
    ],
)
def test_words_stand_whole_in_others(part, text, stands):
    """Between others, and never as a piece of a word, a number or an address."""
    assert stands_whole(part, text) is stands
