"""Promises of flows/coding/agreement.py: kappa is what another library and a sum by hand say."""

import random
from itertools import chain

import pytest

from flows.coding.agreement import Agreement, CodedPair, agreement

pytest.importorskip("sklearn", reason="scikit-learn is optional")
CODES = ("body", "cost", "worry")


def pairs(*given: tuple[str, str]) -> list[CodedPair]:
    return [CodedPair(frozenset(first.split()), frozenset(second.split())) for first, second in given]


def test_a_case_reckoned_by_hand():
    """Of 10 texts both gave the code to 4, each alone to 1, nobody to 4: 0.8 observed, 0.5 by chance, kappa 0.6."""
    told = agreement(pairs(*[("body", "body")] * 4, ("body", ""), ("", "body"), *[("", "")] * 4), CODES)
    [one] = told.codes
    assert (one.both, one.first_only, one.second_only, one.neither) == (4, 1, 1, 4)
    assert (one.share, one.decisions) == (0.8, 10)
    assert one.kappa == pytest.approx(0.6)
    assert told.overall.kappa == pytest.approx(0.6)
    assert told.texts == 10


@pytest.mark.parametrize("seed", range(8))
def test_kappa_is_that_of_another_library(seed: int):
    """NLTK, which reckons it from triples of coder, item and label, comes to the same for each code and overall."""
    nltk = pytest.importorskip("nltk.metrics.agreement")
    dice = random.Random(seed)

    def nearly(codes: frozenset[str]) -> frozenset[str]:
        return frozenset(code for code in CODES if (code in codes) != (dice.random() < 0.2))

    made = []
    for _ in range(60):
        first = frozenset(code for code in CODES if dice.random() < 0.35)
        made.append(CodedPair(first, nearly(first)))
    told = agreement(made, CODES)
    by_code = {
        code: list(
            chain.from_iterable(
                [
                    ("first", f"{code}{place}", code in pair.first),
                    ("second", f"{code}{place}", code in pair.second),
                ]
                for place, pair in enumerate(made)
            )
        )
        for code in CODES
    }
    for one in told.codes:
        assert one.kappa == pytest.approx(nltk.AnnotationTask(data=by_code[one.code]).kappa())
    every = list(chain.from_iterable(by_code.values()))
    assert told.overall.kappa == pytest.approx(nltk.AnnotationTask(data=every).kappa())


def test_kappa_that_is_not_defined():
    """Where both always say the same thing there is no chance to go beyond; without texts there is nothing."""
    assert agreement(pairs(("body", "body"), ("body", "body")), CODES).codes == (
        Agreement("body", 2, 0, 0, 0, None),
    )
    told = agreement([], CODES)
    assert (told.codes, told.overall, told.overall.share) == ((), Agreement(None, 0, 0, 0, 0, None), None)


def test_only_codes_that_were_given_count():
    """They come in the codebook's order, and those that it has no longer come last."""
    told = agreement(pairs(("worry old", "body"), ("", "body")), CODES)
    assert [one.code for one in told.codes] == ["body", "worry", "old"]
    assert told.overall.decisions == 6
