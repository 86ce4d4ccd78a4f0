"""Promises of storage/coding/figures.py: people and not mentions, by what two coded, as reckoned by hand."""

import pytest

from storage.coding import figures, settlements
from storage.coding.figures import CodingProgress
from tests.support.coding_rows import words_to_code
from tests.support.export_rows import NOW


@pytest.fixture
def rows():
    """Both coded the first patient twice and the second once, alike; the carer's words they coded differently."""
    with words_to_code() as made:
        made.both("1", "feet", "feet")
        made.both("2", "body wait", "body wait")
        made.both("3", "wait", "wait worry")
        made.both("k1", "feet", "feet")
        made.code("ANNA", "4", "worry")
        yield made


def people(rows):
    return {
        one.code: (one.people, one.clinicians, one.excerpts)
        for one in figures.people_by_code(rows.connection, 1)
    }


def test_people_are_counted_and_not_mentions(rows):
    """A wider code counts those of its parts, each person once; what one coder gave alone does not count."""
    assert people(rows) == {"body": (1, 1, 3), "feet": (1, 1, 2), "wait": (2, 0, 2), "worry": (0, 0, 0)}


def test_what_is_settled_counts(rows):
    """From then on, in place of what both gave."""
    by = (rows.coder("CLEO"), NOW)
    [one] = settlements.open_disagreements(rows.connection, 1)
    settlements.settle(rows.connection, 1, one.id, (["worry"], "no waiting"), by=by)
    assert people(rows)["wait"] == (1, 0, 1)
    assert people(rows)["worry"] == (1, 0, 1)


def test_who_leaves_is_no_longer_counted(rows):
    """Their consent is looked at whenever figures are made."""
    rows.agrees(1, 1, granted=False)
    assert people(rows)["body"] == (0, 1, 1)


def test_progress(rows):
    """By nobody, by one, by two, and open."""
    assert figures.progress(rows.connection, 1) == CodingProgress(0, 1, 4, 1)


def test_agreement_of_two(rows):
    """By what each gave alone, whatever was settled since; ordered by their codes."""
    pytest.importorskip("sklearn", reason="scikit-learn is optional")
    [pair] = figures.agreement_of_pairs(rows.connection, 1)
    assert (pair.first, pair.second, pair.open, pair.table.texts) == ("ANNA", "BERT", 1, 4)
    by_code = {one.code: (one.both, one.first_only, one.second_only, one.kappa) for one in pair.table.codes}
    assert by_code["worry"] == (0, 0, 1, 0)
    assert by_code["wait"] == (2, 0, 0, 1)
    # All together: 4 texts times 4 codes, both 5, one alone 1, neither 10; one says yes 5 times, the other 6.
    chance = (5 * 6 + 11 * 10) / 256
    assert pair.table.overall.kappa == pytest.approx((15 / 16 - chance) / (1 - chance))


def test_saturation_of_interviews(rows):
    """In the order in which they began; a commitment is no interview, nor is what one alone coded."""
    told = figures.saturation_of(rows.connection, 1)
    assert [(one.interview, one.new, one.known) for one in told.curve] == [
        (1, ("body", "feet", "wait"), 3),
        (2, (), 3),
    ]
    assert (told.last_new, told.since) == (1, 1)
    rows.code("BERT", "4", "worry")
    assert figures.saturation_of(rows.connection, 1).last_new == 3
