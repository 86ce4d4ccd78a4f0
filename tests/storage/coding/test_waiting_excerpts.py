"""Promises of storage/coding/waiting_excerpts.py: the next excerpt and open disagreements, read some at a time."""

import pytest

from storage.coding import excerpts, settlements, waiting_excerpts
from storage.coding.texts import ExcerptSource
from tests.support.coding_rows import words_to_code
from tests.support.export_rows import NOW


@pytest.fixture
def rows():
    with words_to_code() as made:
        yield made


def next_of(rows, coder, *later, program=1):
    named = [one for one in map(ExcerptSource.read, later) if one is not None]
    found = waiting_excerpts.next_waiting(rows.connection, program, rows.coder(coder), named)
    return None if found is None else str(found.text.source)


def test_what_another_coded_comes_first(rows):
    """Then words of nobody, the earliest first, besides what is put off; nothing of another program."""
    assert next_of(rows, "ANNA") == "1"
    rows.code("ANNA", "3", "worry")
    assert next_of(rows, "BERT") == "3"
    assert next_of(rows, "BERT", "3") == "1"
    assert next_of(rows, "ANNA", "1", "2", "4") == "k1"
    assert next_of(rows, "ANNA", "1", "2", "4", "k1") is None
    assert next_of(rows, "BERT", program=2) is None


@pytest.mark.parametrize("at_a_time", [1, 2, 50])
def test_each_excerpt_that_waits_comes_once(rows, monkeypatch, at_a_time):
    """As `excerpts.waiting` has them, however many are read at once: passages, and words that may not be coded, too."""
    monkeypatch.setattr(waiting_excerpts, "AT_A_TIME", at_a_time)
    rows.code("ANNA", "2", "wait", passage="Two hours in the corridor")
    rows.code("ANNA", "2", "body", passage="numb hands.")
    rows.both("1", "body", "feet")
    rows.connection.exec_driver_sql("UPDATE participant SET status = 'withdrawn' WHERE id = 3")
    for coder in ("BERT", "ANNA", "CLEO"):
        expected = len(excerpts.waiting(rows.connection, 1, rows.coder(coder)))
        seen = []
        while (
            one := waiting_excerpts.next_waiting(rows.connection, 1, rows.coder(coder))
        ) is not None and len(seen) < 9:
            rows.code(coder, str(one.text.source), "body", excerpt=one.id)
            seen.append((str(one.text.source), one.words))
        assert len(seen) == len(set(seen)) == expected, coder


def test_own_codes_may_be_changed_until_the_other_has_coded(rows):
    """Neither before they were given, nor by another, nor after both have."""
    number = rows.code("ANNA", "1", "body")
    found = waiting_excerpts.own(rows.connection, 1, rows.coder("ANNA"), number)
    assert found is not None
    assert waiting_excerpts.own(rows.connection, 1, rows.coder("BERT"), number) is None
    assert waiting_excerpts.own(rows.connection, 2, rows.coder("ANNA"), number) is None
    rows.code("BERT", "1", "body")
    assert waiting_excerpts.own(rows.connection, 1, rows.coder("ANNA"), number) is None


@pytest.mark.parametrize("at_a_time", [1, 50])
def test_open_disagreements_are_those_of_settlements(rows, monkeypatch, at_a_time):
    """Two who differ, none against some too; not those who agree, one alone, or what was settled."""
    monkeypatch.setattr(waiting_excerpts, "AT_A_TIME", at_a_time)
    rows.both("2", "wait", "wait")
    rows.both("3", "", "")
    rows.code("ANNA", "k1", "body")
    numbers = {rows.both("4", "worry body", "worry"), rows.both("1", "", "feet")}
    found = {one.id for one in waiting_excerpts.open_disagreements(rows.connection, 1)}
    assert found == numbers == {one.id for one in settlements.open_disagreements(rows.connection, 1)}
    assert list(waiting_excerpts.open_disagreements(rows.connection, 2)) == []
    by = (rows.coder("CLEO"), NOW)
    for number in numbers:
        settlements.settle(rows.connection, 1, number, ({"body"}, "So it is."), by=by)
    assert list(waiting_excerpts.open_disagreements(rows.connection, 1)) == []
