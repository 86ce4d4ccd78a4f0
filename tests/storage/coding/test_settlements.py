"""Promises of storage/coding/settlements.py: a disagreement is settled by a third act, with who, when and why."""

import pytest

from storage.coding import excerpts, settlements
from storage.coding.errors import CodingError
from tests.support.coding_rows import words_to_code
from tests.support.export_rows import NOW


@pytest.fixture
def rows():
    with words_to_code() as made:
        yield made


def settle(rows, excerpt, codes, reason="Feet are meant, and not waiting"):
    by = (rows.coder("CLEO"), NOW)
    settlements.settle(rows.connection, 1, excerpt, (codes.split(), reason), by=by)


def test_a_disagreement_is_settled(rows):
    """What was settled holds, with who, when and why; what each gave stays as it was."""
    number = rows.both("1", "body wait", "feet")
    assert [one.id for one in settlements.open_disagreements(rows.connection, 1)] == [number]
    settle(rows, number, "feet body")
    assert settlements.open_disagreements(rows.connection, 1) == ()
    one = excerpts.coded_texts(rows.connection, 1)[0]
    assert one.final == {"body", "feet"}
    assert one.settled is not None
    assert (one.settled.by, one.settled.settled_at, one.settled.reason) == (
        "CLEO",
        NOW,
        "Feet are meant, and not waiting",
    )
    assert [set(each.codes) for each in one.codings] == [{"body", "wait"}, {"feet"}]


def test_that_no_code_fits_may_be_settled(rows):
    """The empty set is a decision, too."""
    settle(rows, rows.both("1", "body", ""), "")
    assert excerpts.coded_texts(rows.connection, 1)[0].final == frozenset()


def test_what_cannot_be_settled(rows):
    """One coder alone, two who agree, what was settled, an unknown code or excerpt, and no reason."""
    one = rows.code("ANNA", "1", "body")
    with pytest.raises(CodingError, match="two have to code it first"):
        settle(rows, one, "body")
    same = rows.both("2", "wait", "wait")
    with pytest.raises(CodingError, match="both gave the same"):
        settle(rows, same, "wait")
    differs = rows.both("3", "wait", "body")
    for codes, reason, told in (("wait", "  ", "say why"), ("cost", "x", "no code 'cost'")):
        with pytest.raises(CodingError, match=told):
            settle(rows, differs, codes, reason)
    settle(rows, differs, "wait")
    with pytest.raises(CodingError, match="settled by CLEO"):
        settle(rows, differs, "body")
    with pytest.raises(CodingError, match="no excerpt 99"):
        settle(rows, 99, "body")
