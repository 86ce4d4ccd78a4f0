"""Promises of storage/coding/coded_excerpts.py: what stands under a code, what was settled, and coders stay blind."""

import pytest

from storage.coding import settlements
from storage.coding.coded_excerpts import (
    SettledFigures,
    codes_under,
    count_of_codes,
    of_codes,
    settled_figures,
    settled_places,
)
from tests.support.coding_rows import BOOK, words_to_code
from tests.support.export_rows import NOW


@pytest.fixture
def rows():
    with words_to_code() as made:
        yield made


def under(rows, coder, *codes, part=(9, 0)):
    """What of these codes is listed for a coder, by source; the count is of the same."""
    found = of_codes(rows.connection, 1, rows.coder(coder), codes, part)
    if part == (9, 0):
        assert count_of_codes(rows.connection, 1, rows.coder(coder), codes) == len(found)
    return [one.seen.source for one in found]


def test_parts_stand_under_their_code():
    """A code comes with its parts; a part with itself alone."""
    assert codes_under(BOOK, "body") == {"body", "feet"}
    assert codes_under(BOOK, "feet") == {"feet"}


def test_what_another_alone_has_coded_is_not_listed(rows):
    """Neither shown nor counted, until two have coded it; one's own is from the first."""
    rows.code("ANNA", "1", "body")
    assert under(rows, "ANNA", "body") == ["1"]
    assert under(rows, "BERT", "body") == under(rows, "CLEO", "body") == []
    rows.code("BERT", "1", "wait")
    for coder in ("ANNA", "BERT", "CLEO"):
        assert under(rows, coder, "body") == under(rows, coder, "wait") == ["1"]
    [one] = of_codes(rows.connection, 1, rows.coder("CLEO"), ["body"], (9, 0))
    assert [(each.coder, set(each.codes)) for each in one.seen.others] == [
        ("ANNA", {"body"}),
        ("BERT", {"wait"}),
    ]
    assert "020 7946 0958" not in one.text.words


def test_the_latest_comes_first_in_parts(rows):
    """A part of the list at a time, each excerpt once however many of its codes are asked for."""
    rows.both("1", "body feet", "body")
    rows.both("2", "body", "body")
    assert under(rows, "CLEO", "body", "feet") == ["2", "1"]
    assert under(rows, "CLEO", "body", part=(1, 1)) == ["1"]


def test_a_settled_place_has_both_opinions_and_the_decision(rows):
    """It stands under the codes that were decided, too; what is open, and how much two have coded, is counted."""
    number = rows.both("1", "body", "wait")
    rows.both("2", "body", "wait")
    rows.both("3", "worry", "worry")
    assert settled_figures(rows.connection, 1) == SettledFigures(double=3, settled=0, open=2)
    assert settled_places(rows.connection, 1, rows.coder("CLEO"), (9, 0)) == ()
    by = (rows.coder("CLEO"), NOW)
    settlements.settle(rows.connection, 1, number, (["worry"], "They fear it."), by=by)
    [one] = settled_places(rows.connection, 1, rows.coder("ANNA"), (9, 0))
    assert one.seen.own is not None
    assert (set(one.seen.own.codes), set(one.seen.others[0].codes)) == ({"body"}, {"wait"})
    assert one.seen.settled is not None
    assert (one.seen.settled.by, one.seen.settled.reason) == ("CLEO", "They fear it.")
    assert settled_figures(rows.connection, 1) == SettledFigures(double=3, settled=1, open=1)
    assert under(rows, "ANNA", "worry") == ["3", "1"]
    assert settled_figures(rows.connection, 2) == SettledFigures(double=0, settled=0, open=0)
