"""Promises of flows/coding/proposals.py: what is proposed, by which words or texts, and what is not."""

import pytest

from flows import heavy_packages
from flows.coding.codebook import Codebook, CodebookCode
from flows.coding.proposals import (
    CodedExample,
    CodeProposal,
    ProposalSource,
    by_code,
    pattern_words,
    proposals,
    proposed_by_likeness,
    proposed_by_rules,
)
from flows.heavy_packages import PackageMissing

BOOK = Codebook(
    codebook="mm",
    version="1",
    codes=(
        CodebookCode(
            code="body", label="B", include=("numb*", "side effect*", "müde"), exclude=("no side effects",)
        ),
        CodebookCode(code="wait", label="W", include=("two hours",)),
    ),
)
CASES = [
    ("My feet were NUMB.", {"body": "numb*"}),
    ("numbness at night", {"body": "numb*"}),
    ("It benumbed me", {}),
    ("side-effects, and two hours of waiting", {"body": "side effect*", "wait": "two hours"}),
    ("No side effects at all", {}),
    ("Numb, but no side effects", {}),
    ("two long hours", {}),
    ("Immer mude", {"body": "müde"}),
    ("", {}),
]
HEARD = [
    CodedExample("1", "I waited three hours in the corridor for the doctor", frozenset({"wait"})),
    CodedExample("2", "My feet are numb and tingling at night", frozenset({"body"})),
    CodedExample("3", "My hands are numb, and nobody asked", frozenset({"body", "old"})),
    CodedExample("4", "The parking costs a fortune", frozenset()),
    CodedExample("5", "They explained it in plain words", frozenset({"wait"})),
]


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_rules(text: str, wanted: dict[str, str]):
    """A word or phrase stands in the text as the codebook has it, whatever its case, and none speaks against it."""
    found = proposed_by_rules(BOOK, text)
    assert {one.code: one.reason for one in found} == wanted
    assert {one.source for one in found} <= {ProposalSource.RULE}


def test_words_of_a_pattern():
    """A star stands for any ending of its word; what has no letter is nothing."""
    assert pattern_words("Side-effect*") == ("side", "effect*")
    assert pattern_words("--") == ()


def test_likeness():
    """The text that is most like it is named; a code that the codebook no longer has is not proposed."""
    pytest.importorskip("sklearn", reason="scikit-learn is optional")
    first, *others = proposed_by_likeness("numb feet again, and tingling", HEARD, BOOK.names)
    assert (first.code, first.source, first.reason) == ("body", ProposalSource.LIKENESS, "2")
    assert first.likeness is not None
    assert first.likeness > 0.25
    assert "old" not in {one.code for one in others}
    assert proposed_by_likeness("Zzz qqq", HEARD, BOOK.names) == ()


def test_few_examples_say_nothing():
    """With fewer than five coded texts nothing is like anything, and scikit-learn is not asked."""
    assert proposed_by_likeness("numb feet", HEARD[:4], BOOK.names) == ()
    assert proposed_by_likeness("...", HEARD, BOOK.names) == ()


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch):
    """One clear line says what to install."""

    def missing(module: str) -> object:
        raise ModuleNotFoundError(f"No module named {module!r}", name="sklearn")

    heavy_packages.load.cache_clear()
    monkeypatch.setattr(heavy_packages, "import_module", missing)
    with pytest.raises(PackageMissing, match="pip install scikit-learn"):
        proposed_by_likeness("numb feet", HEARD, BOOK.names)
    heavy_packages.load.cache_clear()


def test_rules_come_before_likeness():
    """A code that both propose stands once, with both reasons."""
    pytest.importorskip("sklearn", reason="scikit-learn is optional")
    found = by_code(proposals(BOOK, "numb feet again, and tingling", HEARD))
    assert [one.source for one in found["body"]] == [ProposalSource.RULE, ProposalSource.LIKENESS]
    assert all(isinstance(one, CodeProposal) for every in found.values() for one in every)
