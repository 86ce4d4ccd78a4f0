"""Promises of storage/coding/codings.py: coders are blind to each other, and what is proposed is never kept."""

import pytest

from storage.coding import codings
from storage.coding.errors import CodingError
from tests.support.coding_rows import words_to_code


@pytest.fixture
def rows():
    with words_to_code() as made:
        yield made


def seen(rows, coder):
    """What a coder sees: own codes, those of others, and what holds."""
    return [
        (
            one.source,
            one.own and set(one.own.codes),
            {each.coder: set(each.codes) for each in one.others},
            one.final,
        )
        for one in codings.visible(rows.connection, 1, rows.coder(coder))
    ]


def test_nobody_sees_the_others_codes_before_giving_their_own(rows):
    """Not the coder to come, and nobody else; both see both as soon as both have coded."""
    rows.code("ANNA", "1", "body wait")
    assert seen(rows, "ANNA") == [("1", {"body", "wait"}, {}, None)]
    assert seen(rows, "BERT") == seen(rows, "CLEO") == [("1", None, {}, None)]
    shown = codings.visible(rows.connection, 1, rows.coder("BERT"))
    assert not {"body", "wait", "ANNA"} & set(str(shown).replace("'", " ").split())
    rows.code("BERT", "1", "body")
    assert seen(rows, "BERT") == [("1", {"body"}, {"ANNA": {"body", "wait"}}, {"body"})]
    assert seen(rows, "ANNA") == [("1", {"body", "wait"}, {"BERT": {"body"}}, {"body"})]
    assert [one.is_open for one in codings.visible(rows.connection, 1, rows.coder("CLEO"))] == [True]


def test_own_codes_change_until_the_other_has_coded(rows):
    """After that whoever sees the other's codes cannot follow them; a third is not needed."""
    rows.code("ANNA", "1", "body")
    rows.code("ANNA", "1", "wait")
    assert seen(rows, "ANNA")[0][1] == {"wait"}
    rows.code("BERT", "1", "body")
    with pytest.raises(CodingError, match="settle it"):
        rows.code("ANNA", "1", "body")
    with pytest.raises(CodingError, match="two have coded it"):
        rows.code("CLEO", "1", "body")
    assert rows.count("coding") == 2


def test_that_no_code_fits_is_a_coding(rows):
    """Both say so: nothing holds, and nothing is open."""
    rows.both("1", "", "")
    assert seen(rows, "ANNA") == [("1", set(), {"BERT": set()}, frozenset())]
    assert rows.count("coding") == 0
    assert rows.count("coded_excerpt") == 2


def test_unknown_codes_and_words(rows):
    """A code that the codebook has not, and words that are not there."""
    with pytest.raises(CodingError, match="no code 'cost'; it has: body, feet"):
        rows.code("ANNA", "1", "cost")
    with pytest.raises(CodingError, match="no words 99"):
        rows.code("ANNA", "99", "body")


def test_examples_tell_nothing_of_another_coder(rows):
    """Likeness learns from one's own codes and from what two coded; not from what another alone gave."""
    rows.code("ANNA", "1", "body")
    rows.both("2", "wait", "wait body")

    def learnt(coder, **more):
        found = codings.examples(rows.connection, 1, rows.coder(coder), **more)
        return {one.name: set(one.codes) for one in found}

    assert learnt("ANNA") == {"1": {"body"}, "2": {"wait"}}
    assert learnt("BERT") == learnt("CLEO") == {"2": {"wait"}}
    assert learnt("ANNA", besides=1) == {"2": {"wait"}}
    assert "7946" not in str(codings.examples(rows.connection, 1, rows.coder("ANNA")))


def test_the_trail_has_no_codes(rows):
    """Who coded what is audited; which codes would tell the other coder."""
    rows.code("ANNA", "1", "worry")
    details = rows.connection.exec_driver_sql("SELECT details FROM audit_event").scalars().all()
    assert "coded" in details[-1]
    assert "worry" not in str(details)
