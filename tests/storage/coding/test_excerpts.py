"""Promises of storage/coding/excerpts.py: whole texts and passages, and what waits for a coder."""

from datetime import timedelta

import pytest

from storage.coding import excerpts
from storage.coding.errors import CodingError
from storage.coding.texts import ExcerptKind, ExcerptSource
from tests.support.coding_rows import words_to_code
from tests.support.export_rows import NOW

FIRST = ExcerptSource(ExcerptKind.ANSWER, 1)


@pytest.fixture
def rows():
    with words_to_code() as made:
        yield made


def waiting(rows, coder):
    return [str(one.text.source) for one in excerpts.waiting(rows.connection, 1, rows.coder(coder))]


def test_an_excerpt_waits_for_two(rows):
    """Not for whoever coded it, and for nobody once two have."""
    assert waiting(rows, "ANNA") == ["1", "2", "3", "4", "k1"]
    rows.code("ANNA", "1", "body")
    assert (waiting(rows, "ANNA")[0], waiting(rows, "BERT")[0]) == ("2", "1")
    rows.code("BERT", "1", "")
    assert waiting(rows, "CLEO") == ["2", "3", "4", "k1"]


def test_a_passage_is_an_excerpt(rows):
    """By its place in the words; the same passage is the same excerpt, and both coders get it."""
    first = rows.code("ANNA", "2", "wait", passage="Two hours in the corridor")
    assert rows.code("BERT", "2", "wait", passage="Two hours in the corridor") == first
    second = rows.code("ANNA", "2", "body", passage="numb hands.")
    [one, other] = excerpts.find(rows.connection, 1, ExcerptSource(ExcerptKind.ANSWER, 2))
    assert (one.words, other.words, other.is_whole) == ("Two hours in the corridor", "numb hands.", False)
    assert (one.id, other.id, one.is_double, other.is_double) == (first, second, True, False)


@pytest.mark.parametrize("passage", ["", "Three hours", "ring [phone]", "020 7946 0958"])
def test_what_is_no_passage(rows, passage):
    """What does not stand in the words, and what would show or hide who said it."""
    with pytest.raises(CodingError, match="just so"):
        rows.code("ANNA", "1", "body", passage=passage)
    assert rows.count("excerpt") == 0


def test_a_passage_is_never_shown_unredacted(rows):
    """Where rules find more by now, all of the redacted words stand in its place."""
    rows.connection.exec_driver_sql('INSERT INTO excerpt (answer_id, start, "end") VALUES (1, 19, 40)')
    [one] = excerpts.find(rows.connection, 1, FIRST)
    assert one.words == "My feet were numb; ring [phone] and ask for me."


def test_a_commitment_that_is_worded_anew_is_coded_anew(rows):
    """Its earlier codes are of other words."""
    rows.both("k1", "body", "body")
    rows.add("commitmentrevision", commitment_id=1, statement="Old", replaced_at=NOW + timedelta(days=1))
    [one] = excerpts.find(rows.connection, 1, ExcerptSource(ExcerptKind.COMMITMENT, 1))
    assert (one.id, one.codings) == (None, ())


def test_showing_is_audited(rows):
    """Who saw whose words is in the trail, and no word is."""
    [one] = excerpts.find(rows.connection, 1, FIRST)
    excerpts.show(rows.connection, one, by=rows.coder("ANNA"), now=NOW)
    query = "SELECT participant_id, details FROM audit_event WHERE kind = 'view'"
    [(participant, details)] = rows.connection.exec_driver_sql(query).all()
    assert (participant, "numb" in details, '"of":"1"' in details) == (1, False, True)


def test_words_that_are_not_there(rows):
    """A source without words is named."""
    with pytest.raises(CodingError, match="no words r9"):
        excerpts.find(rows.connection, 1, ExcerptSource(ExcerptKind.REMARK, 9))
